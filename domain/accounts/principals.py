"""Principals: from the claims of a verified token to the actor it stands for now, with its reach.

Asked on every request (an answer may be kept for one second): a revoked session, a disabled user, client or
assignment ends at once, whatever the token says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, bindparam, or_, select
from sqlmodel import col

from domain.access import Actor, Place, PlaceKind, Reach, Role, Window, permissions_of
from domain.credentials import Assignment, MachineClient, MachineGrant, SignInSession, UserAccount
from domain.database import Row, Session
from domain.errors import UnauthenticatedError
from domain.places.centres import Centre, CentreCoverage
from domain.statements import within_credentials
from domain.statements.columns import Id, Instant

FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token claims: the session or machine grant it hangs on and the assignment it was made for."""

    session_id: str
    subject_id: str
    assignment_id: str
    role: str
    place: str
    scopes: frozenset[str] | None
    version: int


PERSON_OF = within_credentials(
    select(
        col(Assignment.role),
        col(Assignment.municipality_id),
        col(Assignment.centre_id),
        col(Assignment.office_id),
        col(Assignment.version),
    )
    .select_from(SignInSession)
    .join(UserAccount, col(UserAccount.id) == col(SignInSession.user_id))
    .join(Assignment, col(Assignment.id) == col(SignInSession.assignment_id))
    .where(
        col(SignInSession.id) == bindparam("session_id", type_=Id(), required=True),
        col(UserAccount.id) == bindparam("user_id", type_=Id(), required=True),
        col(Assignment.id) == bindparam("assignment_id", type_=Id(), required=True),
        col(SignInSession.revoked_at).is_(None),
        col(SignInSession.expires_at) > bindparam("now", type_=Instant(), required=True),
        col(UserAccount.is_active),
        col(Assignment.is_active),
    )
)

MACHINE_OF = within_credentials(
    select(col(MachineClient.municipality_id), col(MachineClient.centre_id), col(MachineClient.version))
    .select_from(MachineGrant)
    .join(MachineClient, col(MachineClient.id) == col(MachineGrant.machine_client_id))
    .where(
        col(MachineGrant.id) == bindparam("session_id", type_=Id(), required=True),
        col(MachineClient.id) == bindparam("client_id", type_=Id(), required=True),
        col(MachineGrant.revoked_at).is_(None),
        col(MachineGrant.expires_at) > bindparam("now", type_=Instant(), required=True),
        col(MachineClient.is_active),
    )
)

COVERAGE_TOUCHING = within_credentials(
    select(
        col(CentreCoverage.centre_id),
        col(CentreCoverage.municipality_id),
        col(CentreCoverage.valid_from),
        col(CentreCoverage.valid_to),
        col(Centre.opened_on),
    )
    .select_from(CentreCoverage)
    .join(Centre, col(Centre.id) == col(CentreCoverage.centre_id))
    .where(
        or_(
            and_(
                col(CentreCoverage.municipality_id) == bindparam("municipality_id", required=True),
                bindparam("by_municipality", required=True) == 1,
            ),
            and_(
                col(CentreCoverage.centre_id) == bindparam("centre_id", type_=Id(), required=True),
                bindparam("by_municipality", required=True) == 0,
            ),
        ),
        col(Centre.deleted_at).is_(None),
    )
    .order_by(col(CentreCoverage.centre_id), col(CentreCoverage.valid_from))
)

NO_CENTRE = "00000000-0000-0000-0000-000000000000"


async def actor_for(session: Session, grant: Grant) -> Actor:
    """Give the actor of a grant as of now.

    Raises:
        UnauthenticatedError: session, user, client or assignment has ended, or no longer is what the token says.
    """
    if grant.scopes is None:
        found = await session.maybe(
            PERSON_OF,
            session_id=grant.session_id,
            user_id=grant.subject_id,
            assignment_id=grant.assignment_id,
            now=session.now,
        )
        role = Role(found["role"]) if found else None
    else:
        found = await session.maybe(
            MACHINE_OF, session_id=grant.session_id, client_id=grant.subject_id, now=session.now
        )
        role = Role.INTEGRATION if found else None
    if found is None or role is None or found["version"] != grant.version:
        raise UnauthenticatedError
    place = place_of(role, found)
    if role != grant.role or str(place) != grant.place:
        raise UnauthenticatedError
    return Actor(
        role=role,
        place=place,
        reach=await reach_for(session, place, found.get("municipality_id")),
        permissions=permissions_of(role, grant.scopes),
        subject_id=grant.subject_id,
        session_id=grant.session_id,
        assignment_id=grant.assignment_id,
        is_machine=grant.scopes is not None,
    )


def place_of(role: Role, row: Row) -> Place:
    """Give the place an assignment or a machine client stands in, from its columns."""
    if role is Role.OPERATOR:
        return Place(PlaceKind.DEPLOYMENT)
    if row.get("office_id"):
        return Place(PlaceKind.OFFICE, row["office_id"])
    if row.get("centre_id"):
        return Place(PlaceKind.CENTRE, row["centre_id"])
    return Place(PlaceKind.MUNICIPALITY, row["municipality_id"])


async def reach_for(session: Session, place: Place, municipality_id: str | None) -> Reach:
    """Give what may be reached from a place today.

    ``municipality_id`` is the municipality of the place: for an office the one it belongs to, for a centre None.
    """
    if place.kind is PlaceKind.DEPLOYMENT:
        return Reach(everywhere=True)
    by_municipality = place.kind is not PlaceKind.CENTRE
    coverage = await session.rows(
        COVERAGE_TOUCHING,
        by_municipality=1 if by_municipality else 0,
        municipality_id=municipality_id or "",
        centre_id=NO_CENTRE if by_municipality else place.id,
    )
    if place.kind is PlaceKind.CENTRE:
        return _reach_of_centre(place.id, coverage, session.today)
    assert municipality_id is not None  # noqa: S101 - a CHECK of the table holds it
    started = [row for row in coverage if row["valid_from"] <= session.today]
    centres = _distinct(row["centre_id"] for row in started)
    if place.kind is PlaceKind.OFFICE:
        return Reach(centres=centres, near_centres=centres, municipalities=(municipality_id,), offices=(place.id,))
    free, windows = _windows(started)
    return Reach(
        centres=centres,
        ward_centres=centres,
        free_centres=free,
        windows=windows,
        municipalities=(municipality_id,),
        open_municipalities=(municipality_id,),
    )


def _reach_of_centre(centre_id: str, coverage: Sequence[Row], today: date) -> Reach:
    now = [r for r in coverage if r["valid_from"] <= today and (r["valid_to"] is None or r["valid_to"] >= today)]
    return Reach(
        centres=(centre_id,),
        own_centres=(centre_id,),
        municipalities=_distinct(row["municipality_id"] for row in coverage),
        open_municipalities=_distinct(row["municipality_id"] for row in now),
    )


def _windows(coverage: Sequence[Row]) -> tuple[tuple[str, ...], tuple[Window, ...]]:
    """Split coverage into centres that need no window (covered since they opened, without end) and the windows."""
    free = _distinct(r["centre_id"] for r in coverage if r["valid_to"] is None and r["valid_from"] <= r["opened_on"])
    windows = tuple(
        Window(r["centre_id"], r["valid_from"], r["valid_to"] or FOREVER)
        for r in coverage
        if r["centre_id"] not in free
    )
    return free, windows


def _distinct(items: object) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))  # type: ignore[call-overload]
