"""Assignments (所属): who holds which role where, who may give it, and whose accounts a caller may see.

The rule of sight stands here once (``seen``): a ward its own staff, its offices' users and the managers of centres
that cover it today; a manager the people of the own centre; the operator ward staff, operators and the managers of
joint centres, whom no ward may invite. Every statement about users and their assignments goes through it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, distinct, exists, func, or_, select
from sqlmodel import col

from domain.access import PlaceKind, Role
from domain.accounts.principals import NO_CENTRE, place_of
from domain.credentials import Assignment, UserAccount
from domain.database import Row, Session
from domain.places.centres import Centre, CentreCoverage
from domain.places.municipalities import Municipality
from domain.places.offices import Office
from domain.statements import within_credentials, within_reach
from domain.statements.columns import Big, Day, Id
from domain.statements.reach import Among

ROLE_LABELS_JA: dict[Role, str] = {
    Role.WARD_STAFF: "区市町村職員",
    Role.CENTRE_MANAGER: "センター管理者",
    Role.CENTRE_STAFF: "センター職員",
    Role.OFFICE_USER: "事業所職員",
    Role.INTEGRATION: "連携プログラム",
    Role.OPERATOR: "運用担当者",
}
DEPLOYMENT_LABEL_JA = "システム全体"


def covers(centre_id: Any) -> Any:
    """Build the clause that a centre covers the caller's municipality today."""
    today = bindparam("admin_today", type_=Day(), required=True)
    return exists(
        select(col(CentreCoverage.id)).where(
            col(CentreCoverage.centre_id) == centre_id,
            col(CentreCoverage.municipality_id) == bindparam("admin_municipality", required=True),
            col(CentreCoverage.valid_from) <= today,
            or_(col(CentreCoverage.valid_to).is_(None), col(CentreCoverage.valid_to) >= today),
        )
    )


def is_joint(centre_id: Any) -> Any:
    """Build the clause that a centre covers, has covered or will cover more than one municipality."""
    covered = select(func.count(distinct(col(CentreCoverage.municipality_id)))).where(
        col(CentreCoverage.centre_id) == centre_id
    )
    return covered.scalar_subquery() > 1


def seen() -> Any:
    """Build the predicate on ``Assignment`` that every statement about other people's accounts carries."""
    role = col(Assignment.role)
    return or_(
        and_(
            bindparam("admin_everywhere", type_=Big(), required=True) == 1,
            or_(
                role == Role.WARD_STAFF.value,
                role == Role.OPERATOR.value,
                and_(role == Role.CENTRE_MANAGER.value, is_joint(col(Assignment.centre_id))),
            ),
        ),
        and_(
            col(Assignment.municipality_id) == bindparam("admin_municipality", required=True),
            or_(role == Role.WARD_STAFF.value, role == Role.OFFICE_USER.value),
        ),
        and_(role == Role.CENTRE_MANAGER.value, covers(col(Assignment.centre_id))),
        and_(
            col(Assignment.centre_id) == bindparam("admin_centre", type_=Id(), required=True),
            or_(role == Role.CENTRE_STAFF.value, role == Role.CENTRE_MANAGER.value),
        ),
    )


def sight_of(session: Session) -> dict[str, Any]:
    """Give the parameters of ``seen`` for the caller. Roles that administer nobody see nobody."""
    actor = session.actor
    return {
        "admin_everywhere": 1 if actor.role is Role.OPERATOR else 0,
        "admin_municipality": actor.place.id if actor.role is Role.WARD_STAFF else "",
        "admin_centre": actor.place.id if actor.role is Role.CENTRE_MANAGER else NO_CENTRE,
        "admin_today": session.today,
    }


def seen_user() -> Any:
    """Build the predicate on ``UserAccount``: one assignment at least is seen."""
    return exists(select(col(Assignment.id)).where(col(Assignment.user_id) == col(UserAccount.id), seen()))


def _described() -> Any:
    return (
        select(
            col(Assignment.id),
            col(Assignment.user_id),
            col(Assignment.role),
            col(Assignment.municipality_id),
            col(Assignment.centre_id),
            col(Assignment.office_id),
            col(Assignment.is_active),
            col(Assignment.version),
            col(Municipality.name).label("municipality_name"),
            col(Centre.name).label("centre_name"),
        )
        .select_from(Assignment)
        .outerjoin(Municipality, col(Municipality.id) == col(Assignment.municipality_id))
        .outerjoin(Centre, col(Centre.id) == col(Assignment.centre_id))
        .order_by(col(Assignment.id))
    )


USER = bindparam("user_id", type_=Id(), required=True)
_OF_USER = within_credentials(_described().where(col(Assignment.user_id) == USER))
_SEEN_OF_USERS = within_credentials(_described().where(Among(col(Assignment.user_id), "user_ids"), seen()))
_SEEN = within_credentials(
    _described().where(
        col(Assignment.id) == bindparam("id", type_=Id(), required=True), col(Assignment.user_id) == USER, seen()
    )
)
OFFICE_NAMES = within_reach(
    select(col(Office.id), col(Office.name), col(Office.municipality_id)).where(Among(col(Office.id), "office_ids"))
)


async def assignments_of(session: Session, user_id: str) -> list[Row]:
    """Give all assignments of a user, also those a caller may not see: for the own account and for rules."""
    return await session.rows(_OF_USER, user_id=user_id)


async def seen_of(session: Session, user_ids: Sequence[str]) -> list[Row]:
    """Give the assignments of users that the caller may see."""
    return await session.rows(_SEEN_OF_USERS, user_ids=list(user_ids), **sight_of(session))


async def seen_assignment_for(session: Session, user_id: str, assignment_id: str) -> Row:
    """Give one assignment that the caller may see.

    Raises:
        NotFoundError: there is none.
    """
    return await session.one(_SEEN, id=assignment_id, user_id=user_id, **sight_of(session))


async def office_names(session: Session, assignments: Iterable[Row]) -> dict[str, str]:
    """Give the names of the offices of assignments, as far as they lie within the reach of the session."""
    ids = sorted({a["office_id"] for a in assignments if a["office_id"]})
    if not ids:
        return {}
    return {row["id"]: row["name"] for row in await session.rows(OFFICE_NAMES, office_ids=ids)}


def described(assignment: Row, offices: Mapping[str, str]) -> Row:
    """Give an assignment as callers read it, with labels for people."""
    role = Role(assignment["role"])
    place = place_of(role, assignment)
    labels = {
        PlaceKind.DEPLOYMENT: DEPLOYMENT_LABEL_JA,
        PlaceKind.MUNICIPALITY: assignment["municipality_name"],
        PlaceKind.CENTRE: assignment["centre_name"],
        PlaceKind.OFFICE: offices.get(assignment["office_id"] or ""),
    }
    return {
        "id": assignment["id"],
        "role": role.value,
        "role_label_ja": ROLE_LABELS_JA[role],
        "place": str(place),
        "place_label_ja": labels[place.kind],
        "municipality_id": assignment["municipality_id"],
        "centre_id": assignment["centre_id"],
        "office_id": assignment["office_id"],
        "is_active": assignment["is_active"],
        "version": assignment["version"],
    }


def cover_of(session: Session) -> dict[str, Any]:
    """Give the parameters of ``covers`` for the caller."""
    sight = sight_of(session)
    return {name: sight[name] for name in ("admin_municipality", "admin_today")}
