"""Acting for the demo: transactions of made-up managers and operators, through both walls like everybody's."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from domain.access import Actor, Place, PlaceKind, Reach, Role, permissions_of
from domain.database import Database, Session, scope_of
from domain.statements.columns import new_id

Given = TypeVar("Given")

OPERATOR = Reach(everywhere=True)


def acting(role: Role, reach: Reach) -> Actor:
    """Make an actor for loading. Its rows say in ``created_by`` that nobody real made them."""
    return Actor(
        role=role,
        place=Place(PlaceKind.DEPLOYMENT),
        reach=reach,
        permissions=permissions_of(role, None),
        subject_id=new_id(),
        session_id="demo",
        assignment_id="demo",
    )


def manager_of(centre_id: str, municipalities: tuple[str, ...]) -> Actor:
    """Make the manager of a centre that covers the municipalities."""
    return acting(
        Role.CENTRE_MANAGER,
        Reach(
            centres=(centre_id,),
            own_centres=(centre_id,),
            municipalities=municipalities,
            open_municipalities=municipalities,
        ),
    )


def ward_of(centre_id: str, municipalities: tuple[str, ...]) -> Reach:
    """Give the reach of a ward that one centre has covered since it opened."""
    centres = (centre_id,)
    return Reach(
        centres=centres,
        ward_centres=centres,
        free_centres=centres,
        municipalities=municipalities,
        open_municipalities=municipalities,
    )


async def as_actor(
    database: Database, actor: Actor, work: Callable[[Session], Awaitable[Given]], *, door: bool = False
) -> Given:
    """Run ``work`` in one transaction of ``actor``: all of it is stored, or nothing."""
    session, transaction = await database.begin(
        scope_of(actor, database.dialect), write=True, door=door, request_id="demo"
    )
    try:
        given = await work(session)
        await transaction.commit()
    finally:
        transaction.release()
    return given


def facts_of(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    """Give the named members of an entry, None where it has none."""
    return {name: entry.get(name) for name in names}
