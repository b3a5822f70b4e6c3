"""Who gives the managers of a centre for several municipalities their logins: nobody whose reach is narrower."""

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest
import pytest_asyncio

from domain.access import Role
from domain.accounts import user_assignments
from domain.places.centres import CentreCoverage
from tests.accounts import PASSWORD, Accounts, Person, bearer
from tests.towns import body, listed
from tests.world import World

Headers = dict[str, str]
NEW = "totemo-nagai-aikotoba"


@dataclass
class Area:
    """Two municipalities with one centre, and a ward officer of each."""

    own: str
    other: str
    centre: str
    ward: Headers
    other_ward: Headers
    operator: Headers
    manager: Headers


@pytest_asyncio.fixture(loop_scope="session")
async def area(world: World) -> Area:
    own, other = await world.municipality("宇城市"), await world.municipality("宇土市")
    centre = await world.centre(own, other)
    return Area(
        own,
        other,
        centre,
        await world.sign_in(Role.WARD_STAFF, municipality_id=own),
        await world.sign_in(Role.WARD_STAFF, municipality_id=other),
        await world.sign_in(Role.OPERATOR),
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre),
    )


async def made(world: World, area: Area) -> dict[str, Any]:
    """Let a ward make the manager's account."""
    sent = body("centre_manager", f"joint-{area.centre}", centre_id=area.centre)
    answer = await world.client.post("/v1/users", headers=area.ward, json=sent)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def link(world: World, headers: Headers, user_id: str) -> httpx.Response:
    return await world.client.post(f"/v1/users/{user_id}/invitations", headers=headers)


async def may_invite(world: World, headers: Headers, user_id: str) -> bool:
    read = await world.client.get(f"/v1/users/{user_id}", headers=headers)
    assert read.status_code == 200, read.text
    assert (await listed(world, headers))[user_id]["may"] == read.json()["may"]
    return bool(read.json()["may"]["invite"])


async def test_a_ward_makes_the_manager_of_a_joint_centre_and_gets_no_link(world: World, area: Area) -> None:
    user = await made(world, area)
    assert user["may"] == {"change": True, "disable": True, "enable": False, "invite": False, "add_assignment": True}
    for ward in (area.ward, area.other_ward):
        assert not await may_invite(world, ward, user["id"])
        refused = await link(world, ward, user["id"])
        assert (refused.status_code, refused.json()["code"]) == (403, "reaches_further")
    renamed = await world.client.patch(
        f"/v1/users/{user['id']}", headers={**area.ward, "If-Match": '"1"'}, json={"name": "新しい 名前"}
    )
    assert renamed.json()["may"] == user["may"]


@pytest.mark.parametrize("who", ["operator", "manager"])
async def test_the_operator_or_a_manager_of_the_centre_gives_the_link(
    world: World, accounts: Accounts, area: Area, who: str
) -> None:
    user = await made(world, area)
    by: Headers = getattr(area, who)
    assert await may_invite(world, by, user["id"])
    given = await link(world, by, user["id"])
    assert given.status_code == 201, given.text
    sent = {"token": given.json()["token"], "password": NEW}
    assert (await accounts.desk().post("/v1/invitations:accept", json=sent)).status_code == 204
    person = Person(user["id"], user["login"], [])
    assert (await accounts.signed_in(person, password=NEW))["assignment"]["place"] == f"centre:{area.centre}"
    # Once it is in use, a reset is no more the ward's than the first link was.
    assert (await link(world, area.ward, user["id"])).status_code == 403


async def test_a_coverage_that_ended_keeps_the_centre_joint(world: World, accounts: Accounts) -> None:
    own, former = await world.municipality(), await world.municipality()
    centre = await world.centre(own)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    manager = await accounts.person((Role.CENTRE_MANAGER, {"centre_id": centre}))
    assert await may_invite(world, ward, manager.id)
    days = {"valid_from": date(2024, 4, 1), "valid_to": date(2025, 3, 31)}
    await world.put(world.operator, CentreCoverage, centre_id=centre, municipality_id=former, **days)
    assert not await may_invite(world, ward, manager.id)
    assert (await link(world, ward, manager.id)).status_code == 403


async def test_a_ward_sees_the_link_of_no_account_that_once_managed_or_works_there(
    world: World, accounts: Accounts, area: Area
) -> None:
    here = (Role.WARD_STAFF, {"municipality_id": area.own})
    both = await accounts.person(here, (Role.CENTRE_MANAGER, {"centre_id": area.centre}))
    staff = await accounts.person(here, (Role.CENTRE_STAFF, {"centre_id": area.centre}))
    path = f"/v1/users/{both.id}/assignments/{both.assignments[1]}"
    assert (await world.client.delete(path, headers={**area.ward, "If-Match": '"1"'})).status_code == 204
    for person in (both, staff):
        assert not await may_invite(world, area.ward, person.id)
        assert (await link(world, area.ward, person.id)).status_code == 403


async def test_a_password_the_ward_may_know_never_opens_a_joint_centre(
    world: World, accounts: Accounts, area: Area
) -> None:
    known = await accounts.ward_officer(area.own)
    more = {"role": "centre_manager", "centre_id": area.centre}
    refused = await world.client.post(f"/v1/users/{known.id}/assignments", headers=area.ward, json=more)
    assert (refused.status_code, refused.json()["code"]) == (409, "account_in_use")
    held = await accounts.signed_in(known)
    assert held["assignment"]["role"] == "ward_staff"
    seen = await world.client.get("/v1/activities", headers={**bearer(held)})
    assert seen.status_code == 200


async def opened_by_an_older_link(world: World, accounts: Accounts, area: Area) -> bool:
    """Make a link, give the joint assignment, then accept; tell whether the password opened the centre."""
    person = await accounts.person((Role.WARD_STAFF, {"municipality_id": area.own}), has_password=False)
    token = (await link(world, area.ward, person.id)).json()["token"]
    more = {"role": "centre_manager", "centre_id": area.centre}
    given = await world.client.post(f"/v1/users/{person.id}/assignments", headers=area.ward, json=more)
    assert given.status_code == 201, given.text
    assert given.json()["may"]["invite"] is False
    accepted = await accounts.desk().post("/v1/invitations:accept", json={"token": token, "password": NEW})
    signed_in = await accounts.desk().post("/v1/sessions", json=person.body(password=NEW))
    assert (accepted.status_code, signed_in.status_code) in ((422, 401), (204, 409))
    return accepted.status_code == 204


async def test_a_link_made_before_does_not_open_a_joint_centre(
    world: World, accounts: Accounts, area: Area, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not await opened_by_an_older_link(world, accounts, area)

    async def kept(_session: Any, _user_id: str) -> None:
        return

    monkeypatch.setattr(user_assignments, "void_links", kept)
    assert await opened_by_an_older_link(world, accounts, area), "the proof sees an open link that is kept"


async def raced(world: World, accounts: Accounts, area: Area) -> bool:
    """Make a link, accept it and give the joint assignment at once; tell whether the password opened the centre."""
    person = await accounts.person((Role.WARD_STAFF, {"municipality_id": area.own}), has_password=False)
    path = f"/v1/users/{person.id}"
    more = {"role": "centre_manager", "centre_id": area.centre}

    async def linked_and_accepted() -> None:
        answer = await link(world, area.ward, person.id)
        if answer.status_code == 201:
            sent = {"token": answer.json()["token"], "password": PASSWORD}
            await accounts.desk().post("/v1/invitations:accept", json=sent)

    await asyncio.gather(linked_and_accepted(), world.client.post(f"{path}/assignments", headers=area.ward, json=more))
    signed_in = await accounts.desk().post("/v1/sessions", json=person.body())
    held = (await world.client.get(path, headers=area.ward)).json()["assignments"]
    return signed_in.status_code != 401 and "centre_manager" in {a["role"] for a in held}


async def test_neither_order_of_link_and_assignment_opens_a_joint_centre(
    world: World, accounts: Accounts, area: Area
) -> None:
    assert [await raced(world, accounts, area) for _ in range(3)] == [False] * 3


async def test_the_operator_sees_of_managers_those_of_joint_centres_only(
    world: World, accounts: Accounts, area: Area
) -> None:
    single = await world.centre(area.own)
    joint_manager = await accounts.person((Role.CENTRE_MANAGER, {"centre_id": area.centre}))
    own_manager = await accounts.person((Role.CENTRE_MANAGER, {"centre_id": single}))
    statuses = [
        (await world.client.get(f"/v1/users/{person.id}", headers=area.operator)).status_code
        for person in (joint_manager, own_manager)
    ]
    assert statuses == [200, 404]
    assert (await link(world, area.ward, own_manager.id)).status_code == 201
