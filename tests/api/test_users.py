"""Users and their assignments through HTTP: who sees and creates whom."""

from datetime import date
from typing import Any

import pytest

from domain.access import CREATED_BY, Role
from domain.accounts import assignments, users
from domain.database import Session
from tests.accounts import Accounts, Person
from tests.towns import Town, body, listed, own_id
from tests.world import World


async def test_a_ward_sees_its_staff_its_offices_users_and_the_managers_of_covering_centres(
    world: World, town: Town, other_town: Town
) -> None:
    found = await listed(world, town.ward)
    people = {role: person.id for role, person in town.people.items()}
    assert {people[Role.WARD_STAFF], people[Role.CENTRE_MANAGER], people[Role.OFFICE_USER]} <= found.keys()
    assert people[Role.CENTRE_STAFF] not in found
    assert not {person.id for person in other_town.people.values()} & found.keys()
    assert found[people[Role.OFFICE_USER]]["assignments"][0]["place_label_ja"] == "試験相談室"
    assert "password_hash" not in found[people[Role.WARD_STAFF]]


async def test_a_ward_no_longer_sees_the_managers_of_a_centre_that_ceased_to_cover_it(
    world: World, accounts: Accounts, town: Town
) -> None:
    former = await world.centre()
    await world.put(
        world.operator,
        assignments.CentreCoverage,
        centre_id=former,
        municipality_id=town.code,
        valid_from=date(2024, 4, 1),
        valid_to=date(2025, 3, 31),
    )
    manager = await accounts.person((Role.CENTRE_MANAGER, {"centre_id": former}))
    assert manager.id not in await listed(world, town.ward)


async def test_a_centre_manager_sees_the_people_of_the_centre(world: World, town: Town, other_town: Town) -> None:
    found = await listed(world, town.manager)
    people = {role: person.id for role, person in town.people.items()}
    assert found.keys() == {
        people[Role.CENTRE_MANAGER],
        people[Role.CENTRE_STAFF],
        await own_id(world, town.manager),
    }


async def test_the_operator_sees_ward_staff_and_operators_only(world: World, accounts: Accounts, town: Town) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    ward = town.people[Role.WARD_STAFF]
    assert (await world.client.get(f"/v1/users/{ward.id}", headers=operator)).status_code == 200
    for role in (Role.CENTRE_MANAGER, Role.CENTRE_STAFF, Role.OFFICE_USER):
        path = f"/v1/users/{town.people[role].id}"
        assert (await world.client.get(path, headers=operator)).status_code == 404


@pytest.mark.parametrize("role", [Role.CENTRE_STAFF, Role.OFFICE_USER])
async def test_who_administers_nobody_is_refused(world: World, town: Town, role: Role) -> None:
    place = town.place(role) | ({"municipality_id": town.code} if role is Role.OFFICE_USER else {})
    headers = await world.sign_in(role, **place)
    assert (await world.client.get("/v1/users", headers=headers)).status_code == 403
    refused = await world.client.post(
        "/v1/users", headers=headers, json=body("office_user", "x-1", office_id=town.office)
    )
    assert refused.status_code == 403


async def leaks(world: World, headers: dict[str, str], stranger: Person) -> list[str]:
    """Try every route on a user of another place; give those that told it from nobody."""
    found = []
    missing = "0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"
    tries: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", "/v1/users/{id}", None),
        ("PATCH", "/v1/users/{id}", {"name": "別の名前"}),
        ("PATCH", "/v1/users/{id}", {"is_active": False}),
        ("POST", "/v1/users/{id}/assignments", {"role": "ward_staff", "municipality_id": "000000"}),
        ("DELETE", f"/v1/users/{{id}}/assignments/{stranger.assignments[0]}", None),
        ("POST", "/v1/users/{id}/invitations", None),
    ]
    for method, path, sent in tries:
        answers = []
        for user_id in (stranger.id, missing):
            answer = await world.client.request(
                method,
                path.replace("{id}", user_id),
                headers={**headers, "If-Match": '"1"', "X-Request-Id": "same-request-id"},
                json=sent,
            )
            answers.append((answer.status_code, answer.text.replace(user_id, "…")))
        if answers[0] != answers[1] or answers[0][0] != 404:
            found.append(f"{method} {path}: {answers[0][0]}")
    if stranger.id in (await listed(world, headers)):
        found.append("GET /v1/users")
    if stranger.id in (await listed(world, headers, q=stranger.login)):
        found.append("GET /v1/users?q=")
    return found


async def test_no_route_tells_another_places_user_from_nobody(world: World, town: Town, other_town: Town) -> None:
    for headers in (town.ward, town.manager):
        for role, stranger in other_town.people.items():
            assert await leaks(world, headers, stranger) == [], role
    assert await leaks(world, town.ward, town.people[Role.CENTRE_STAFF]) == []
    assert await leaks(world, town.manager, town.people[Role.WARD_STAFF]) == []
    assert await leaks(world, town.manager, town.people[Role.OFFICE_USER]) == []


async def test_the_proof_sees_a_predicate_that_has_lost_its_place(
    world: World, town: Town, other_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = assignments.sight_of

    def blind(session: Session) -> dict[str, Any]:
        return {**kept(session), "admin_municipality": other_town.code}

    monkeypatch.setattr(assignments, "sight_of", blind)
    monkeypatch.setattr(users, "sight_of", blind)
    found = await leaks(world, town.ward, other_town.people[Role.WARD_STAFF])
    assert {line.partition(":")[0] for line in found} >= {"GET /v1/users/{id}", "GET /v1/users", "GET /v1/users?q="}


async def test_a_ward_sees_of_a_shared_person_its_own_assignment_only(
    world: World, accounts: Accounts, town: Town, other_town: Town
) -> None:
    shared = await accounts.person(
        (Role.WARD_STAFF, {"municipality_id": town.code}), (Role.WARD_STAFF, {"municipality_id": other_town.code})
    )
    row = (await listed(world, town.ward))[shared.id]
    assert [a["place"] for a in row["assignments"]] == [f"municipality:{town.code}"]
    # A link to reset the password would open the other municipality too.
    for method, path, sent in (
        ("POST", f"/v1/users/{shared.id}/invitations", None),
        ("PATCH", f"/v1/users/{shared.id}", {"is_active": False}),
    ):
        answer = await world.client.request(method, path, headers={**town.ward, "If-Match": '"1"'}, json=sent)
        assert (answer.status_code, answer.json()["code"]) == (403, "assigned_elsewhere")
        assert other_town.code not in answer.text
    foreign = f"/v1/users/{shared.id}/assignments/{shared.assignments[1]}"
    assert (await world.client.delete(foreign, headers={**town.ward, "If-Match": '"1"'})).status_code == 404
    own = f"/v1/users/{shared.id}/assignments/{shared.assignments[0]}"
    assert (await world.client.delete(own, headers={**town.ward, "If-Match": '"1"'})).status_code == 204
    # Having been there is enough: the account stays what another place trusts.
    again = await world.client.post(f"/v1/users/{shared.id}/invitations", headers=town.ward)
    assert again.status_code == 403


async def test_a_ward_cannot_become_an_operator_through_a_reset_link(
    world: World, accounts: Accounts, town: Town
) -> None:
    mighty = await accounts.person((Role.WARD_STAFF, {"municipality_id": town.code}), (Role.OPERATOR, {}))
    answer = await world.client.post(f"/v1/users/{mighty.id}/invitations", headers=town.ward)
    assert answer.status_code == 403
    peer = town.people[Role.CENTRE_MANAGER]
    answer = await world.client.post(f"/v1/users/{peer.id}/invitations", headers=town.manager)
    assert answer.status_code == 403, "a manager does not administer another manager"


async def test_a_ward_resets_a_manager_who_also_works_in_the_centre(
    world: World, accounts: Accounts, town: Town
) -> None:
    both = await accounts.person(
        (Role.CENTRE_MANAGER, {"centre_id": town.centre}), (Role.CENTRE_STAFF, {"centre_id": town.centre})
    )
    answer = await world.client.post(f"/v1/users/{both.id}/invitations", headers=town.ward)
    assert answer.status_code == 201


@pytest.mark.parametrize("giver", [Role.OPERATOR, Role.WARD_STAFF, Role.CENTRE_MANAGER])
async def test_each_role_gives_the_roles_below_it_in_its_own_place(
    world: World, town: Town, other_town: Town, giver: Role
) -> None:
    headers = {
        Role.OPERATOR: await world.sign_in(Role.OPERATOR),
        Role.WARD_STAFF: town.ward,
        Role.CENTRE_MANAGER: town.manager,
    }[giver]
    for role in (Role.WARD_STAFF, Role.CENTRE_MANAGER, Role.CENTRE_STAFF, Role.OFFICE_USER, Role.OPERATOR):
        login = f"new-{town.code}-{giver[:4]}-{role}"
        may = role in CREATED_BY[giver]
        answer = await world.client.post("/v1/users", headers=headers, json=body(role, login, **town.place(role)))
        assert answer.status_code == (201 if may else 403), (role, answer.text)
        if may:
            made = answer.json()
            assert answer.headers["location"] == f"/v1/users/{made['id']}"
            assert made["assignments"][0]["role"] == role.value
            assert (made["has_password"], made["is_active"]) == (False, True)
            read = await world.client.get(f"/v1/users/{made['id']}", headers=headers)
            assert read.json() == made
        if may and giver is not Role.OPERATOR:
            elsewhere = body(role, f"{login}-2", **other_town.place(role))
            assert (await world.client.post("/v1/users", headers=headers, json=elsewhere)).status_code == 404


@pytest.mark.parametrize(
    ("assignment", "pointer"),
    [
        ({"role": "ward_staff"}, "/assignment/municipality_id"),
        ({"role": "operator", "municipality_id": "131105"}, "/assignment/municipality_id"),
        (
            {"role": "ward_staff", "municipality_id": "131105", "centre_id": None, "office_id": 5},
            "/assignment/office_id",
        ),
        ({"role": "integration", "municipality_id": "131105"}, "/assignment/role"),
        ({"role": "ward_staff", "municipality_id": "13110"}, "/assignment/municipality_id"),
    ],
)
async def test_a_role_takes_its_kind_of_place(world: World, assignment: dict[str, Any], pointer: str) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    sent = {"login": "someone-new", "name": "新規", "assignment": assignment}
    answer = await world.client.post("/v1/users", headers=operator, json=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text


@pytest.mark.parametrize("login", ["Suzuki", "s", "鈴木", "a b c", "-abc", "x" * 101])
async def test_a_login_is_lower_case_ascii(world: World, town: Town, login: str) -> None:
    sent = body("ward_staff", login, municipality_id=town.code)
    answer = await world.client.post("/v1/users", headers=town.ward, json=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/login")


async def test_a_login_is_taken_once_and_a_repeated_request_creates_once(world: World, town: Town) -> None:
    sent = body("ward_staff", f"once-{town.code}", municipality_id=town.code)
    headers = {**town.ward, "Idempotency-Key": f"k-{town.code}"}
    first = await world.client.post("/v1/users", headers=headers, json=sent)
    again = await world.client.post("/v1/users", headers=headers, json=sent)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    taken = await world.client.post("/v1/users", headers=town.ward, json=sent)
    assert (taken.status_code, taken.json()["code"]) == (409, "login_taken")


async def test_users_are_listed_by_login_page_by_page(world: World, accounts: Accounts, town: Town) -> None:
    for number in range(5):
        sent = body("ward_staff", f"page-{town.code}-{number}", municipality_id=town.code)
        assert (await world.client.post("/v1/users", headers=town.ward, json=sent)).status_code == 201
    query = {"q": f"PAGE-{town.code}", "limit": "2", "count": "true"}
    seen, cursor = [], None
    while True:
        params = query if cursor is None else {**query, "cursor": cursor}
        page = (await world.client.get("/v1/users", headers=town.ward, params=params)).json()
        assert page["resultset"]["count"] == 5
        seen += [row["login"] for row in page["results"]]
        cursor = page["resultset"]["next_cursor"]
        if cursor is None:
            break
    assert seen == [f"page-{town.code}-{n}" for n in range(5)]
    managers = await listed(world, town.ward, role="centre_manager", is_active="true")
    assert all(row["assignments"][0]["role"] == "centre_manager" for row in managers.values())
    assert await listed(world, town.ward, is_active="false") == {}
    assert await listed(world, town.ward, q="%") == {}
    for parameter, value in (("rol", "x"), ("role", "integration"), ("limit", "0"), ("cursor", "!!")):
        answer = await world.client.get("/v1/users", headers=town.ward, params={parameter: value})
        assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (422, parameter)
