"""How many times a request talks to the database: asserted, so that a loop around a query is seen.

Counted are the messages on the request's own transaction: its begin, every statement, its commit. Who the caller is
is asked before and kept for a second; it is not counted here.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from api import access
from domain.access import Role
from domain.clock import today
from domain.drivers.postgres import PostgresTransaction
from domain.drivers.sqlite import ReadTransaction, WriteTransaction
from tests.meguro import Meguro
from tests.world import World


class Trips:
    """Counts statements and commits."""

    def __init__(self) -> None:
        self.statements = 0
        self.commits = 0

    def reset(self) -> None:
        self.statements = self.commits = 0


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trips]:
    counted = Trips()
    monkeypatch.setattr(access, "PRINCIPAL_SECONDS", 600.0)
    for kind in (PostgresTransaction, ReadTransaction, WriteTransaction):
        for name, member in (("rows", "statements"), ("execute", "statements"), ("commit", "commits")):
            honest = getattr(kind, name)

            async def counting(self: Any, *args: Any, _honest: Any = honest, _member: str = member) -> Any:
                setattr(counted, _member, getattr(counted, _member) + 1)
                return await _honest(self, *args)

            monkeypatch.setattr(kind, name, counting)
    return counted


class Place:
    """A centre with its staff and three of everything."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.office = self.visit = ""
        self.staff: dict[str, str] = {}

    async def make(self) -> None:
        municipality = await self.world.municipality()
        centre = await self.world.centre(municipality)
        self.staff = await self.world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
        for number in range(3):
            self.office = await self.world.office(municipality, f"相談室{number}")
            person = {"office_id": self.office, "name": "名", "name_kana": "な", "employment": "full_time"}
            assert (await self.world.client.post("/v1/people", headers=self.staff, json=person)).status_code == 201
            made = await self.world.client.post("/v1/office_visits", headers=self.staff, json=self.body())
            self.visit = made.headers["location"]

    def body(self, **more: Any) -> dict[str, Any]:
        return {"office_id": self.office, "held_on": today().isoformat(), **more}


LISTS = {
    "/v1/municipalities": 1,
    "/v1/centres": 1,
    "/v1/offices": 1,
    "/v1/people": 1,
    "/v1/office_visits": 1,
    "/v1/activities": 1,
    "/v1/supervision_sessions": 1,
    "/v1/training_events": 1,
    "/v1/work_programmes": 1,
    "/v1/work_plans": 1,
}


async def test_a_list_costs_the_same_whatever_it_holds(world: World, trips: Trips) -> None:
    place = Place(world)
    await place.make()
    for query, more in (("limit=1", 0), ("limit=200", 0), ("count=true", 1)):
        found = {}
        for path in LISTS:
            trips.reset()
            answer = await world.client.get(f"{path}?{query}", headers=place.staff)
            assert answer.status_code == 200, answer.text
            assert trips.commits == 0
            found[path] = trips.statements
        assert found == {path: statements + more for path, statements in LISTS.items()}, query


async def test_one_visit_is_one_statement(world: World, trips: Trips) -> None:
    place = Place(world)
    await place.make()
    trips.reset()
    assert (await world.client.get(place.visit, headers=place.staff)).status_code == 200
    assert (trips.statements, trips.commits) == (1, 0)


async def test_a_plans_items_and_progress_are_two_statements_each(world: World, trips: Trips) -> None:
    m = await Meguro.opened(world)
    await m.plan(2025)
    plan_id = await m.plan(2026)
    for path in ("items", "progress", "progress?on=2026-06-15"):
        trips.reset()
        assert (await world.client.get(f"/v1/work_plans/{plan_id}/{path}", headers=m.manager)).status_code == 200
        assert (trips.statements, trips.commits) == (2, 0), path


async def test_writing_a_visit_costs_few_trips_and_one_commit(world: World, trips: Trips) -> None:
    place = Place(world)
    await place.make()
    is_postgres = world.database.dialect == "postgresql"
    trips.reset()
    made = await world.client.post("/v1/office_visits", headers=place.staff, json=place.body(findings="よい"))
    assert made.status_code == 201
    recorded = trips.statements
    assert trips.commits == 1
    trips.reset()
    tag = {"If-Match": made.headers["etag"]}
    path = made.headers["location"]
    assert (await world.client.patch(path, headers=place.staff | tag, json={"findings": "とても"})).status_code == 200
    changed = trips.statements
    assert trips.commits == 1
    trips.reset()
    removed = await world.client.delete(path, headers=place.staff | {"If-Match": '"2"'})
    assert removed.status_code == 204
    assert trips.commits == 1
    assert (recorded, changed, trips.statements) == (WRITES_ON_POSTGRESQL if is_postgres else WRITES_ON_SQLITE)


WRITES_ON_POSTGRESQL = (2, 6, 4)
WRITES_ON_SQLITE = (7, 12, 8)


async def test_a_refused_write_commits_nothing(world: World, trips: Trips) -> None:
    place = Place(world)
    await place.make()
    trips.reset()
    refused = await world.client.post("/v1/office_visits", headers=place.staff, json=place.body(title="あ" * 201))
    assert refused.status_code == 422
    assert (trips.statements, trips.commits) == (0, 0)
