"""Giving roles (役割の割当): which role a caller may give where, whose accounts it may administer, whom it may invite.

Who makes the link of an account may become it, so nobody but the operator makes one for an account that reaches further
than his own: docs/decisions/0009.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import col

from domain.access import CREATED_BY, Actor, Place, PlaceKind, Role
from domain.accounts.assignments import OFFICE_NAMES, cover_of, covers, is_joint, seen, sight_of
from domain.credentials import Assignment
from domain.database import Row, Session
from domain.errors import NotFoundError, NotPermittedError, missing_at, rule_broken
from domain.places.centres import Centre
from domain.places.municipalities import Municipality
from domain.statements import within_credentials
from domain.statements.columns import Id
from domain.statements.reach import Among


def _roles_below(role: Role) -> frozenset[Role]:
    """Give the roles that a role may give, and those that these may give in turn."""
    found: frozenset[Role] = CREATED_BY.get(role, frozenset())
    while True:
        more = found.union(*(CREATED_BY.get(given, frozenset()) for given in found))
        if more == found:
            return found
        found = more


ROLES_BELOW: dict[Role, frozenset[Role]] = {role: _roles_below(role) for role in Role}
"""Whose accounts a role may administer: who appoints those who appoint them could do it anyway."""


_UNSEEN_COVERED = and_(col(Assignment.role) == Role.CENTRE_STAFF.value, covers(col(Assignment.centre_id)))
_HELD = within_credentials(
    select(
        col(Assignment.user_id),
        col(Assignment.role),
        or_(seen(), _UNSEEN_COVERED).label("is_within_place"),
        is_joint(col(Assignment.centre_id)).label("is_joint"),
    ).where(Among(col(Assignment.user_id), "user_ids"))
)
"""All assignments of users, past ones and those the caller does not see included."""
_COVERING = within_credentials(
    select(col(Centre.id)).where(
        col(Centre.id) == bindparam("centre_id", type_=Id(), required=True),
        col(Centre.deleted_at).is_(None),
        covers(col(Centre.id)),
    )
)
_JOINT = within_credentials(
    select(col(Centre.id)).where(
        col(Centre.id) == bindparam("centre_id", type_=Id(), required=True), is_joint(col(Centre.id))
    )
)
_MUNICIPALITY = within_credentials(
    select(col(Municipality.id)).where(
        col(Municipality.id) == bindparam("municipality_id", required=True), col(Municipality.deleted_at).is_(None)
    )
)


async def refuse_ungrantable(session: Session, role: Role, place: Place, *, under: str | None = None) -> Row:
    """Refuse a role that the caller may not give, or not there; give the place as columns of an assignment.

    ``under`` is where in the body role and place stand (``assignment/``); None where they stand in none.
    Source: docs/access.md, who creates whom.

    Raises:
        NotPermittedError: the caller's role never gives this role.
        NotFoundError: the place is missing or not the caller's.
    """
    actor = session.actor
    if role not in CREATED_BY.get(actor.role, frozenset()):
        raise NotPermittedError(
            "この役割を割り当てる権限がありません。",
            "Your role may not give this role.",
            code="role_not_yours_to_give",
            field=None if under is None else f"{under}role",
        )
    with missing_at(*([] if under is None else [f"{under}{place.kind.value}_id"])):
        return await _columns_of(session, place)


async def _columns_of(session: Session, place: Place) -> Row:
    actor = session.actor
    columns = {"municipality_id": None, "centre_id": None, "office_id": None}
    if place.kind is PlaceKind.DEPLOYMENT:
        return columns
    if place.kind is PlaceKind.CENTRE:
        if actor.role is Role.CENTRE_MANAGER:
            _refuse_other_place(actor, place.id)
        else:
            await session.one(_COVERING, centre_id=place.id, **cover_of(session))
        return {**columns, "centre_id": place.id}
    if place.kind is PlaceKind.OFFICE:
        found = await session.rows(OFFICE_NAMES, office_ids=[place.id])
        if not found:
            raise NotFoundError
        _refuse_other_place(actor, found[0]["municipality_id"])
        return {**columns, "municipality_id": found[0]["municipality_id"], "office_id": place.id}
    if actor.role is Role.WARD_STAFF:
        _refuse_other_place(actor, place.id)
    await session.one(_MUNICIPALITY, municipality_id=place.id)
    return {**columns, "municipality_id": place.id}


def _refuse_other_place(actor: Actor, place_id: str) -> None:
    if place_id != actor.place.id:
        raise NotFoundError


@dataclass(frozen=True, slots=True)
class Beyond:
    """Users that hold an assignment, past ones included, for which the caller may not touch the whole account.

    ``administering`` is about the name and being active, ``inviting`` about links that set a password.
    """

    administering: frozenset[str]
    inviting: frozenset[str]


async def refuse_unadministered(session: Session, user_id: str) -> None:
    """Refuse to change the name or the being active of an account that reaches beyond the caller's place.

    Raises:
        NotPermittedError: it is the caller's own, or holds a role or place that is not the caller's to give.
    """
    _refuse_own(session, user_id)
    if user_id in (await beyond_of(session, [user_id])).administering:
        raise NotPermittedError(
            "この利用者は、あなたの管理する範囲の外の所属も持っています。",
            "This user also holds an assignment that is not yours to administer.",
            code="assigned_elsewhere",
        )


async def refuse_uninvited(session: Session, user_id: str) -> None:
    """Refuse to make a link for an account that reaches further than the caller.

    Raises:
        NotPermittedError: ``own_account``, ``assigned_elsewhere`` or ``reaches_further``.
    """
    _refuse_own(session, user_id)
    beyond = await beyond_of(session, [user_id])
    if user_id not in beyond.inviting:
        return
    if user_id in beyond.administering:
        await refuse_unadministered(session, user_id)
    raise NotPermittedError(
        "ほかの市区町村も担当するセンターの利用者です。招待・再設定は、運用担当者かそのセンターの管理者に依頼してください。",
        "This user's centre covers other municipalities too. Ask the operator or a manager of that centre for a link.",
        code="reaches_further",
    )


def _refuse_own(session: Session, user_id: str) -> None:
    if user_id == session.actor.subject_id:
        raise NotPermittedError(
            "自分自身のアカウントは、ここでは変更できません。",
            "You cannot administer your own account.",
            code="own_account",
        )


async def beyond_of(session: Session, user_ids: Sequence[str]) -> Beyond:
    """Tell which of these users are not the caller's to administer, and which not the caller's to invite."""
    role = session.actor.role
    administering, inviting = set(), set()
    for row in await session.rows(_HELD, user_ids=list(user_ids), **sight_of(session)):
        held, is_within = Role(row["role"]), bool(row["is_within_place"]) or role is Role.OPERATOR
        is_administered = is_within and held in ROLES_BELOW[role]
        # Where no ward may, the managers of a joint centre, who reach the same, do it for one another.
        is_peer = is_within and role is held is Role.CENTRE_MANAGER and row["is_joint"]
        is_wider = role is Role.WARD_STAFF and row["is_joint"]
        if not is_administered:
            administering.add(row["user_id"])
        if not (is_administered or is_peer) or is_wider:
            inviting.add(row["user_id"])
    return Beyond(frozenset(administering), frozenset(inviting))


async def is_joint_centre(session: Session, centre_id: str | None) -> bool:
    """Tell whether a centre ever covers more than one municipality; no centre does not."""
    return centre_id is not None and await session.maybe(_JOINT, centre_id=centre_id) is not None


def place_from(
    role: Role, municipality_id: str | None, centre_id: str | None, office_id: str | None, *, under: str = ""
) -> Place:
    """Give the place of a role from what a caller sent; ``under`` is where in the body it stood (``assignment/``).

    Raises:
        RuleError: a place is missing or too many; names the field.
    """
    needed = {
        Role.WARD_STAFF: (PlaceKind.MUNICIPALITY, "municipality_id"),
        Role.CENTRE_MANAGER: (PlaceKind.CENTRE, "centre_id"),
        Role.CENTRE_STAFF: (PlaceKind.CENTRE, "centre_id"),
        Role.OFFICE_USER: (PlaceKind.OFFICE, "office_id"),
    }.get(role)
    given = {"municipality_id": municipality_id, "centre_id": centre_id, "office_id": office_id}
    for name, value in given.items():
        if value is not None and (needed is None or name != needed[1]):
            raise rule_broken(
                "place_not_of_role",
                "この役割の場所ではありません。",
                "This is not a place of this role.",
                field=under + name,
            )
    if needed is None:
        return Place(PlaceKind.DEPLOYMENT)
    kind, name = needed
    value = given[name]
    if value is None:
        raise rule_broken("required", "必ず入れてください。", "This is required.", field=under + name)
    return Place(kind, value)
