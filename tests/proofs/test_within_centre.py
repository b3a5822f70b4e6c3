"""Promise 2 (reliability): what a ward brings about in a centre's own records stays within that centre, and ends there.

Each wall is asked alone, as in ``test_two_walls``: open statements behind row-level security, narrowed ones without it.
"""

import pytest
from sqlmodel import col, select

from domain.database import Session
from domain.drivers import DriverError
from domain.errors import NotFoundError
from domain.ledger.tables import Activity
from domain.statements import Query, as_it_is, within_reach
from tests.proofs.conftest import Standing
from tests.proofs.reach_land import Land

ALL = select(col(Activity.id), col(Activity.centre_id))


async def seen(session: Session, query: Query) -> set[str]:
    return {row["id"] for row in await session.rows(query)}


@pytest.mark.parametrize("wall", ["one", "two"])
async def test_a_ward_goes_into_one_of_its_centres_and_comes_back_as_a_ward(
    wall: str, on_postgres: Standing, on_postgres_without_fences: Standing, on_sqlite: Standing, land: Land
) -> None:
    query = Query(ALL, as_it_is) if wall == "two" else within_reach(ALL)
    gained = 0
    for standing in [on_postgres] if wall == "two" else [on_postgres_without_fences, on_sqlite]:
        for caller in land.callers:
            scope = standing.scopes[caller.name]
            for centre_id in scope.actor.reach.ward_centres:
                session, transaction = await standing.database.begin(scope, write=True)
                try:
                    before = await seen(session, query)
                    async with session.within_centre(centre_id) as there:
                        inside = await seen(there, query)
                    assert await seen(session, query) == before
                finally:
                    transaction.release()
                assert inside == {row["id"] for row in land.rows["activity"] if row["centre_id"] == centre_id}
                gained += len(inside - before)
    assert gained > 0


async def test_nobody_goes_into_a_centre_that_is_not_its_wards(
    on_postgres: Standing, on_sqlite: Standing, land: Land
) -> None:
    refused = 0
    for standing in (on_postgres, on_sqlite):
        for caller in land.callers:
            scope = standing.scopes[caller.name]
            foreign = [row["id"] for row in land.rows["centre"] if row["id"] not in scope.actor.reach.ward_centres]
            session, transaction = await standing.database.begin(scope, write=True)
            try:
                for centre_id in foreign:
                    with pytest.raises(NotFoundError):
                        async with session.within_centre(centre_id):
                            pytest.fail("it went in")
                    refused += 1
            finally:
                transaction.release()
    assert refused > len(land.callers)


async def test_what_fails_within_a_centre_leaves_no_transaction_to_go_on_in(on_postgres: Standing, land: Land) -> None:
    caller = next(caller for caller in land.callers if caller.is_ward)
    scope = on_postgres.scopes[caller.name]
    own = await on_postgres.database.begin(scope, write=True)
    try:
        before = await seen(own[0], Query(ALL, as_it_is))
    finally:
        own[1].release()
    session, transaction = await on_postgres.database.begin(scope, write=True)
    try:
        with pytest.raises(NotFoundError):
            async with session.within_centre(scope.actor.reach.ward_centres[0]):
                raise NotFoundError
        with pytest.raises(DriverError):
            await seen(session, Query(ALL, as_it_is))
    finally:
        transaction.release()
    for _ in range(30):
        session, transaction = await on_postgres.database.begin(scope, write=False)
        try:
            assert await seen(session, Query(ALL, as_it_is)) == before
        finally:
            transaction.release()
