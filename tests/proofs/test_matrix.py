"""Promise 1 (reliability): the full matrix operation × role × whose row it is, on both databases, without deviation.

A status follows from ``ROLE_PERMISSIONS`` and the reach of ``asks.REACHED`` alone: 401 without a caller, 403 without
the permission, 404 outside reach with the same bytes as for what does not exist, and never any of these within.
"""

import os
from collections import defaultdict
from dataclasses import dataclass, field

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from api import operations
from api.access import allow
from api.answers import Stream
from api.contract import operations_of
from api.operations import Operation, UndeclaredOperationError, area
from api.streaming import streamed
from domain.access import ROLE_PERMISSIONS, Permission, Role, permissions_of
from domain.database import Database
from domain.database import Scope as Caller
from tests.contract.declared import answered_shape, fault_in, undeclared
from tests.proofs.asks import ASKS, CALENDARS, FED, LISTED, PUBLIC, REACHED, RELATIONS, SHARED_LISTS, Ask
from tests.proofs.estates import YEAR, Estate, Filling, four_estates, masked, second_session
from tests.world import World

ROLES = ("ward_staff", "centre_manager", "centre_staff", "office_user", "integration", "operator", "without scope",
         "nobody")  # fmt: skip
TWINS = (".csv", ".ndjson", ".ics")
IS_FULL = os.environ.get("KIKAN_PROVE") == "1"
DENIED = (401, 403, 404)


def named(app: FastAPI) -> dict[str, Operation]:
    """Give the operations by name, the twins of lists left out."""
    return {r.name: r for r in operations_of(app) if not (r.listed and r.path.endswith(TWINS))}


def permitted(role: str) -> frozenset[Permission]:
    if role == "nobody":
        return frozenset()
    if role == "without scope":
        return permissions_of(Role.INTEGRATION, frozenset())
    return ROLE_PERMISSIONS[Role(role)]


@dataclass
class Matrix:
    """The estates, how they are asked, and what was answered."""

    world: World
    estates: dict[str, Estate]
    statuses: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    shape_faults: set[str] = field(default_factory=set)

    def heard(self, route: Operation, role: str, answer: httpx.Response) -> None:
        """Keep the status, and where the members of an answer are not the declared ones."""
        self.statuses[route.name].add(answer.status_code)
        shape = answered_shape(route, answer.status_code)
        if answer.is_success and answer.headers.get("content-type") == "application/json" and shape is not None:
            fault = fault_in(shape, answer.json())
            if fault is not None:
                self.shape_faults.add(f"{route.name} as {role}: {fault}")

    async def answer(self, route: Operation, ask: Ask, role: str, relation: str) -> httpx.Response:
        estate, own = self.estates[relation], self.estates["own"]
        path = route.path
        fills = [*(estate.ids[name] for name in ask.ids), *(ask.fills or {}).values()]
        for found in fills:
            start, end = path.index("{"), path.index("}") + 1
            path = path[:start] + found + path[end:]
        assert "{" not in path, f"{route.name}: say in asks.py what fills {path}"
        if ask.query is not None:
            path += ask.query(estate)
        headers = dict(await self.again(role) if route.name == "sign_out" else own.callers[role])
        if ask.match is not None:
            headers["If-Match"] = ask.match
        method = next(iter(route.methods))
        if ask.raw is not None:
            headers["Content-Type"] = "text/csv"
            return await self.world.client.request(method, path, headers=headers, content=ask.raw.encode())
        body = {"json": ask.body(estate)} if ask.body is not None else {}
        return await self.world.client.request(method, path, headers=headers, **body)

    async def prepare(self, name: str, role: str, relation: str) -> None:
        """Renew what an ask would use up."""
        if name == "end_session":
            await self.renew_sessions(role)
        if name in ("revoke_client_secret", "add_client_secret") and relation != "missing":
            await Filling(self.world, self.estates[relation]).fresh_secret()

    async def again(self, role: str) -> dict[str, str]:
        own = self.estates["own"]
        place = {
            "ward_staff": {"municipality_id": own.municipality},
            "centre_manager": {"centre_id": own.centre},
            "centre_staff": {"centre_id": own.centre},
            "office_user": {"municipality_id": own.municipality, "office_id": own.office},
            "operator": {},
        }
        if role not in place:
            return own.callers[role]
        return await self.world.sign_in(Role(role), **place[role])

    async def renew_sessions(self, role: str) -> None:
        for relation, estate in self.estates.items():
            holder = role if role in estate.users and role not in ("integration", "without scope") else "ward_staff"
            if relation != "missing":
                user, headers = estate.users[holder], estate.callers[holder]
                estate.ids["session"] = await second_session(self.world, user, headers)
            else:
                estate.ids["session"] = "00000000-0000-7000-8000-000000000000"


def asked_relations(role: str) -> tuple[str, ...]:
    """Give the relations to ask for, what is missing first. Without KIKAN_PROVE only those that tell roles apart."""
    if IS_FULL:
        return RELATIONS[::-1]
    telling = {"centre_staff": ("centre", "office"), "office_user": ("office",), "ward_staff": ("centre",)}
    return ("missing", "municipality", *telling.get(role, ()), "own")


def expected_denial(route: Operation, ask: Ask, role: str, relation: str) -> int | None:
    """Give the status that permission and reach demand, None where the caller is let in."""
    assert route.access is not None
    if role == "nobody":
        return 401
    if route.access.permission not in permitted(role):
        return 403
    if role in ask.no_give:
        return 403
    if ask.about is not None and relation not in REACHED[ask.about].get(role, set()):
        return ask.outside
    return 403 if role in ask.not_theirs else None


async def deviations(matrix: Matrix, routes: dict[str, Operation]) -> tuple[list[str], int, set[str]]:
    """Ask everything; give what was not as it must be, how much was asked, and which operations let nobody in."""
    found: list[str] = []
    asked = 0
    never_done = set()
    for name, route in routes.items():
        ask, done = ASKS[name], False
        for role in ROLES:
            missing: httpx.Response | None = None
            # Without the permission nothing is looked up, so that one relation tells as much as five.
            about = ask.about if route.access and route.access.permission in permitted(role) else None
            for relation in asked_relations(role) if about else ("own",):
                await matrix.prepare(name, role, relation)
                answer = await matrix.answer(route, ask, role, relation)
                matrix.heard(route, role, answer)
                asked += 1
                wanted = expected_denial(route, ask, role, relation)
                where = f"{name} as {role} on {relation}: {answer.status_code}"
                is_let_in = answer.status_code < 500 and answer.status_code not in DENIED
                if not is_let_in if wanted is None else answer.status_code != wanted:
                    found.append(f"{where}, expected {wanted}: {answer.text[:300]}")
                missing = answer if relation == "missing" else missing
                if wanted == ask.outside and missing is not None:
                    told, nothing = (masked(a, *matrix.estates.values()) for a in (answer, missing))
                    if told != nothing:
                        found.append(f"{where}: other bytes than for what is missing: {told} / {nothing}")
                done = done or answer.status_code < 400 or answer.status_code in (409, 412, 422)
        if not done:
            never_done.add(name)
    return found, asked, never_done


async def test_no_deviation_in_the_whole_matrix(world: World) -> None:
    routes = {name: route for name, route in named(world.app).items() if name not in PUBLIC}
    matrix = Matrix(world, await four_estates(world))
    found, asked, never_done = await deviations(matrix, routes)
    assert found == [], "\n".join(found)
    assert never_done == set()
    assert matrix.shape_faults == set()
    assert undeclared(matrix.statuses) == []
    assert asked > 8 * len(routes)


async def wrong_lists(matrix: Matrix) -> list[str]:
    """Name the lists, in every format, that tell of a row out of reach or keep one in reach to themselves."""
    world = matrix.world
    routes = {route.path: route for route in operations_of(world.app) if route.name in LISTED}
    found = []
    for path, route in routes.items():
        about, thing = LISTED[route.name]
        for role in ROLES:
            if route.access is None or route.access.permission not in permitted(role):
                continue
            limit = "" if path.endswith(TWINS) else "?limit=200"
            answer = await world.client.get(path + limit, headers=matrix.estates["own"].callers[role])
            assert answer.status_code == 200, (path, role, answer.text)
            for relation in ("own", "office", "centre", "municipality"):
                is_told = matrix.estates[relation].ids[thing] in answer.text
                is_reached = relation in REACHED[about].get(role, set())
                paged = route.name == "list_users" or (role == "operator" and not is_told)
                if is_told != is_reached and not (paged and is_reached):
                    found.append(f"{path} as {role}: {relation} told={is_told}")
    return found


async def test_lists_hold_no_foreign_row_in_any_format(world: World) -> None:
    found = await wrong_lists(Matrix(world, await four_estates(world)))
    assert found == [], "\n".join(found)


async def test_a_file_read_with_anothers_reach_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: files are read in a transaction of their own, here in one of somebody else's."""
    matrix = Matrix(world, await four_estates(world))
    others: list[Caller] = []

    async def kept(database: Database, caller: Caller, stream: Stream, request: Request) -> Response:
        others.append(caller)
        return await streamed(database, others[0], stream, request)

    monkeypatch.setattr(operations, "streamed", kept)
    elsewhere = matrix.estates["municipality"].callers["ward_staff"]
    assert (await world.client.get("/v1/office_visits.csv", headers=elsewhere)).status_code == 200
    told = {line.split(" as ")[0] for line in await wrong_lists(matrix)}
    for noun in ("office_visits", "supervision_sessions", "training_events", "activities"):
        assert {f"/v1/{noun}{suffix}" for suffix in TWINS} <= told
    assert all(path.endswith(TWINS) for path in told)


async def test_the_change_feed_and_the_counts_tell_of_nothing_foreign(world: World) -> None:
    matrix = Matrix(world, await four_estates(world))
    estates = {relation: matrix.estates[relation] for relation in RELATIONS if relation != "missing"}
    for role in ("ward_staff", "centre_manager", "centre_staff", "integration"):
        headers = matrix.estates["own"].callers[role]
        feed = await world.client.get("/v1/changes", headers=headers)
        assert feed.status_code == 200, feed.text
        told = {row["id"] for row in feed.json()["results"]}
        for about, things in FED.items():
            for relation, estate in estates.items():
                reached = relation in REACHED[about][role]
                assert {thing: estate.ids[thing] in told for thing in things} == dict.fromkeys(things, reached), (
                    role, about, relation
                )  # fmt: skip
        counts = await world.client.get(f"/v1/activity_counts?fiscal_year={YEAR}&group_by=centre", headers=headers)
        assert counts.status_code == 200, counts.text
        for relation, estate in estates.items():
            assert (estate.centre in counts.text) == (relation in REACHED["ledger"][role]), (role, relation)


def test_every_operation_is_in_the_matrix_and_every_list_among_the_lists(world: World) -> None:
    routes = named(world.app)
    public = {name for name, route in routes.items() if route.access and route.access.permission is None}
    assert public == PUBLIC
    assert set(ASKS) == set(routes) - PUBLIC
    assert {n for n, r in routes.items() if r.listed} <= set(LISTED) | SHARED_LISTS
    twins = {route.path for route in operations_of(world.app) if route.path.endswith(TWINS)}
    for name, route in routes.items():
        if route.listed:
            offered = (".csv", ".ndjson", ".ics") if name in CALENDARS else (".csv", ".ndjson")
            assert {suffix for suffix in TWINS if route.path + suffix in twins} == set(offered), name


async def test_public_operations_let_everybody_in_and_break_for_nobody(world: World) -> None:
    routes = named(world.app)
    for name in PUBLIC:
        route = routes[name]
        answer = await world.client.request(next(iter(route.methods)), route.path.replace("{code}", "not_found"))
        assert answer.status_code not in (401, 403, 404) or name == "introspect_token", (name, answer.text)
        assert answer.status_code < 500, (name, answer.text)


def test_an_operation_that_names_no_permission_stops_the_start() -> None:
    router = area("secrets")

    async def read_secrets() -> None:
        """Read what nobody declared."""

    with pytest.raises(UndeclaredOperationError):
        router.get("")(read_secrets)


async def test_a_permission_too_wide_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: an operation that asks for a weaker permission than the table says shows as deviations."""
    routes = named(world.app)
    matrix = Matrix(world, await four_estates(world))
    route = routes["change_office_visit"]
    assert route.access is not None
    weaker = allow(Permission.OFFICE_VISITS_READ).dependency
    expected = {"change_office_visit": route}
    assert (await deviations(matrix, expected))[0] == []
    monkeypatch.setattr(route, "access", weaker)
    lets_in = [
        role
        for role in ("ward_staff", "office_user")
        if (await matrix.answer(route, ASKS["change_office_visit"], role, "own")).status_code != 403
    ]
    assert lets_in == ["ward_staff", "office_user"]
