"""Disabling users, ending assignments, and the operators that must remain."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from domain.access import Role
from domain.accounts import users
from domain.accounts.users import COMMAND_LINE, create_first_operator
from domain.credentials import Assignment
from domain.database import scope_of
from domain.statements import change
from tests.accounts import Accounts, Person, bearer
from tests.towns import Town, own_id
from tests.world import World

NEW = "totemo-nagai-aikotoba"


async def test_a_disabled_user_is_out_within_a_second_and_comes_back_only_by_signing_in(
    world: World, accounts: Accounts, town: Town
) -> None:
    person = town.people[Role.WARD_STAFF]
    signed_in = await accounts.signed_in(person)
    path = f"/v1/users/{person.id}"
    assert (await world.client.get("/v1/me", headers=bearer(signed_in))).status_code == 200
    assert (await world.client.patch(path, headers=town.ward, json={"is_active": False})).status_code == 428
    disabled = await world.client.patch(path, headers={**town.ward, "If-Match": '"1"'}, json={"is_active": False})
    assert disabled.status_code == 200, disabled.text
    assert disabled.json() == (await world.client.get(path, headers=town.ward)).json()
    stale = await world.client.patch(path, headers={**town.ward, "If-Match": '"1"'}, json={"name": "x"})
    assert stale.status_code == 412
    await asyncio.sleep(1.02)
    assert (await world.client.get("/v1/me", headers=bearer(signed_in))).status_code == 401
    refused = await world.client.post(f"{path}/invitations", headers=town.ward)
    assert (refused.status_code, refused.json()["code"]) == (409, "user_disabled")
    etag = disabled.headers["etag"]
    enabled = await world.client.patch(path, headers={**town.ward, "If-Match": etag}, json={"is_active": True})
    assert enabled.status_code == 200
    assert (await world.client.get("/v1/me", headers=bearer(signed_in))).status_code == 401
    token = {"refresh_token": signed_in["refresh_token"]}
    assert (await world.client.post("/v1/sessions/refresh", json=token)).status_code == 401
    await accounts.signed_in(person)
    assert accounts.trail(person.id) == ["users.change", "users.change"]


async def test_an_ended_assignment_is_out_within_a_second_and_others_go_on(
    world: World, accounts: Accounts, town: Town
) -> None:
    person = town.people[Role.WARD_STAFF]
    added = await world.client.post(
        f"/v1/users/{person.id}/assignments",
        headers=town.ward,
        json={"role": "centre_manager", "centre_id": town.centre},
    )
    assert added.status_code == 201, added.text
    second = next(a for a in added.json()["assignments"] if a["role"] == "centre_manager")
    twice = await world.client.post(
        f"/v1/users/{person.id}/assignments",
        headers=town.ward,
        json={"role": "centre_manager", "centre_id": town.centre},
    )
    assert (twice.status_code, twice.json()["code"]) == (409, "assignment_exists")
    as_ward = await accounts.signed_in(person, assignment_id=person.assignments[0])
    as_manager = await accounts.signed_in(person, assignment_id=second["id"])
    path = f"/v1/users/{person.id}/assignments/{person.assignments[0]}"
    assert (await world.client.delete(path, headers=town.ward)).status_code == 428
    assert (await world.client.delete(path, headers={**town.ward, "If-Match": '"9"'})).status_code == 412
    assert (await world.client.delete(path, headers={**town.ward, "If-Match": '"1"'})).status_code == 204
    await asyncio.sleep(1.02)
    assert (await world.client.get("/v1/me", headers=bearer(as_ward))).status_code == 401
    assert (await world.client.get("/v1/me", headers=bearer(as_manager))).status_code == 200
    token = {"refresh_token": as_ward["refresh_token"]}
    assert (await world.client.post("/v1/sessions/refresh", json=token)).status_code == 401
    row = (await world.client.get(f"/v1/users/{person.id}", headers=town.ward)).json()
    assert {a["role"]: a["is_active"] for a in row["assignments"]} == {"ward_staff": False, "centre_manager": True}
    assert accounts.trail(person.id) == ["users.give_assignment", "users.end_assignment"]


async def test_the_etag_of_a_user_tells_its_assignments_too(world: World, town: Town) -> None:
    path = f"/v1/users/{town.people[Role.WARD_STAFF].id}"

    async def is_kept(etag: str) -> bool:
        answer = await world.client.get(path, headers={**town.ward, "If-None-Match": etag})
        return answer.status_code == 304

    read = await world.client.get(path, headers=town.ward)
    assert read.headers["vary"] == "Authorization"
    assert await is_kept(read.headers["etag"])
    more = {"role": "centre_manager", "centre_id": town.centre}
    given = await world.client.post(f"{path}/assignments", headers=town.ward, json=more)
    assert not await is_kept(read.headers["etag"])
    assert await is_kept(given.headers["etag"])
    held = next(a for a in given.json()["assignments"] if a["role"] == "centre_manager")
    tagged = {**town.ward, "If-Match": f'"{held["version"]}"'}
    assert (await world.client.delete(f"{path}/assignments/{held['id']}", headers=tagged)).status_code == 204
    assert not await is_kept(given.headers["etag"])
    # Nothing was raised by what was refused.
    before = (await world.client.get(path, headers=town.ward)).headers["etag"]
    assert (await world.client.delete(f"{path}/assignments/{held['id']}", headers=tagged)).status_code == 412
    assert await is_kept(before)


async def test_nobody_changes_the_own_roles(world: World, town: Town) -> None:
    me = (await world.client.get("/v1/me", headers=town.ward)).json()
    path = f"/v1/users/{me['user']['id']}"
    held = f"{path}/assignments/{me['assignment']['id']}"
    more = {"role": "centre_manager", "centre_id": town.centre}
    tagged = {**town.ward, "If-Match": '"1"'}
    for answer in (
        await world.client.post(f"{path}/assignments", headers=town.ward, json=more),
        await world.client.delete(held, headers=tagged),
        await world.client.patch(path, headers=tagged, json={"is_active": False}),
        await world.client.post(f"{path}/invitations", headers=town.ward),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "own_account")


_NO_OPERATORS = change(update(Assignment).where(col(Assignment.role) == Role.OPERATOR.value).values(is_active=False))


async def without_operators(world: World) -> None:
    scope = scope_of(world.operator, world.database.dialect)
    session, transaction = await world.database.begin(scope, write=True, door=True)
    try:
        await session.run(_NO_OPERATORS)
        await transaction.commit()
    finally:
        transaction.release()


async def test_two_operators_cannot_disable_each_other(world: World, accounts: Accounts) -> None:
    await without_operators(world)
    one, two = await world.sign_in(Role.OPERATOR), await world.sign_in(Role.OPERATOR)
    ids = [await own_id(world, one), await own_id(world, two)]
    answers = await asyncio.gather(
        *(
            world.client.patch(f"/v1/users/{user_id}", headers={**by, "If-Match": '"1"'}, json={"is_active": False})
            for by, user_id in ((one, ids[1]), (two, ids[0]))
        )
    )
    assert sorted(a.status_code for a in answers) == [200, 409]
    assert next(a for a in answers if a.status_code == 409).json()["code"] == "last_operator"
    active = accounts.select(
        "SELECT count(*) FROM assignment JOIN user_account u ON u.id = user_id"
        " WHERE role = 'operator' AND assignment.is_active = "
        + ("true AND u.is_active" if world.database.dialect == "postgresql" else "1 AND u.is_active = 1")
    )
    assert active == [(1,)]


async def test_the_first_operator_comes_from_the_command_line_once(world: World, accounts: Accounts) -> None:
    await without_operators(world)
    scope = scope_of(COMMAND_LINE, world.database.dialect)

    async def first(login: str) -> dict[str, Any]:
        session, transaction = await world.database.begin(scope, write=True, door=True)
        try:
            made = await create_first_operator(session, login=login, name="運用 一郎")
            await transaction.commit()
            return made
        finally:
            transaction.release()

    made = await first(f"first-{await world.municipality()}")
    accepted = await accounts.desk().post(
        "/v1/invitations:accept", json={"token": made["invitation"]["token"], "password": NEW}
    )
    assert accepted.status_code == 204, accepted.text
    person = Person(made["user"]["id"], made["user"]["login"], [])
    assert (await accounts.signed_in(person, password=NEW))["assignment"]["place"] == "deployment"
    with pytest.raises(users.ConflictError) as refused:
        await first("second-first")
    assert refused.value.code == "operator_exists"
