"""What `may` promises of sheets, users and programs is what the operations then do, for each caller and state."""

from typing import Any

import pytest

from domain.access import Role
from domain.clock import today
from tests.accounts import Accounts
from tests.areas import town_in
from tests.towns import Town, listed, own_id
from tests.world import World

Headers = dict[str, str]
SHEET: dict[str, Any] = {"lines": []}


async def read(world: World, path: str, headers: Headers) -> tuple[dict[str, Any], Headers]:
    """Read a thing; give it, and the caller's headers for a change of what was read."""
    answer = await world.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json(), {**headers, "If-Match": answer.headers["etag"]}


async def test_a_sheet_is_written_by_its_centre_and_shared_by_its_office(world: World) -> None:
    town = await town_in(world)
    body = {"office_id": town.office, "held_on": today().isoformat()}
    visit = (await world.client.post("/v1/office_visits", headers=town.staff, json=body)).json()["id"]
    path = f"/v1/office_visits/{visit}/reflection_sheet"
    writes = {"write": True, "share": False, "unshare": False}
    made = await world.client.put(path, headers=town.staff, json=SHEET)
    assert made.json()["may"] == writes
    assert (await read(world, path, town.manager))[0]["may"] == writes
    seen, tagged = await read(world, path, town.office_user)
    assert seen["may"] == {"write": False, "share": True, "unshare": False}
    assert (await world.client.put(path, headers=tagged, json=SHEET)).status_code == 403
    shared = await world.client.put(f"{path}/consent", headers=tagged, json={"shared_with_ward": True})
    assert shared.json()["may"] == {"write": False, "share": False, "unshare": True}
    assert set((await read(world, path, town.ward))[0]["may"].values()) == {False}
    _, tagged = await read(world, path, town.staff)
    assert (await world.client.put(f"{path}/consent", headers=tagged, json={})).status_code == 403
    anew = await world.client.put(path, headers=tagged, json=SHEET)
    assert anew.json()["may"] == writes
    assert (await read(world, path, town.office_user))[0]["may"]["share"] is True


async def test_a_program_reads_no_sheet_and_so_is_promised_nothing(world: World) -> None:
    town = await town_in(world)
    program = await world.program("reflection_sheets:read", centre_id=town.centre)
    path = f"/v1/office_visits/{town.office}/reflection_sheet"
    assert (await world.client.get(path, headers=program)).status_code == 403


async def kept_promises(world: World, caller: Headers, user_id: str, role: dict[str, str]) -> dict[str, bool]:
    """Try what may be done with a user and hold it against what was promised; give the promise."""
    path = f"/v1/users/{user_id}"
    before, tagged = await read(world, path, caller)
    may: dict[str, bool] = before["may"]
    assert (await listed(world, caller))[user_id]["may"] == may
    given = await world.client.post(f"{path}/assignments", headers=caller, json=role)
    assert (given.status_code != 403) is may["add_assignment"], given.text
    invited = await world.client.post(f"{path}/invitations", headers=caller)
    assert (invited.status_code == 201) is may["invite"], invited.text
    _, tagged = await read(world, path, caller)
    renamed = await world.client.patch(path, headers=tagged, json={"name": "新しい 名前"})
    assert (renamed.status_code == 200) is may["change"], renamed.text
    assert (may["disable"], may["enable"]) == (
        may["change"] and before["is_active"],
        may["change"] and not before["is_active"],
    )
    if may["change"]:
        assert renamed.json()["may"] == may
        _, tagged = await read(world, path, caller)
        turned = await world.client.patch(path, headers=tagged, json={"is_active": not before["is_active"]})
        assert turned.status_code == 200, turned.text
        assert (turned.json()["may"]["disable"], turned.json()["may"]["enable"]) == (may["enable"], may["disable"])
        assert turned.json()["may"] == (await read(world, path, caller))[0]["may"]
    return may


WHOLE = {"change": True, "disable": True, "enable": False, "invite": True, "add_assignment": True}


async def test_a_ward_administers_whom_it_could_have_appointed_and_not_itself(
    world: World, accounts: Accounts, town: Town, other_town: Town
) -> None:
    role = {"role": "ward_staff", "municipality_id": town.code}
    for each in (Role.WARD_STAFF, Role.CENTRE_MANAGER, Role.OFFICE_USER):
        assert await kept_promises(world, town.ward, town.people[each].id, role) == WHOLE, each
    own = await kept_promises(world, town.ward, await own_id(world, town.ward), role)
    assert set(own.values()) == {False}
    here = (Role.WARD_STAFF, {"municipality_id": town.code})
    both = await accounts.person(here, (Role.WARD_STAFF, {"municipality_id": other_town.code}))
    may = await kept_promises(world, town.ward, both.id, role)
    assert may == dict.fromkeys(WHOLE, False) | {"add_assignment": True}
    disabled = await accounts.person(here, is_active=False)
    may = await kept_promises(world, town.ward, disabled.id, role)
    assert may == WHOLE | {"disable": False, "enable": True, "invite": False}


async def test_a_manager_of_a_covered_centre_who_also_works_in_another_is_the_wards_to_administer(
    world: World, accounts: Accounts, town: Town
) -> None:
    second = await world.centre(town.code)
    held = (Role.CENTRE_MANAGER, {"centre_id": town.centre}), (Role.CENTRE_STAFF, {"centre_id": second})
    person = await accounts.person(*held)
    role = {"role": "ward_staff", "municipality_id": town.code}
    assert await kept_promises(world, town.ward, person.id, role) == WHOLE
    elsewhere = await world.centre(await world.municipality())
    strayed = await accounts.person(held[0], (Role.CENTRE_STAFF, {"centre_id": elsewhere}))
    assert (await kept_promises(world, town.ward, strayed.id, role))["change"] is False


async def test_a_centre_manager_administers_the_staff_and_not_the_other_managers(world: World, town: Town) -> None:
    role = {"role": "centre_staff", "centre_id": town.centre}
    assert await kept_promises(world, town.manager, town.people[Role.CENTRE_STAFF].id, role) == WHOLE
    may = await kept_promises(world, town.manager, town.people[Role.CENTRE_MANAGER].id, role)
    assert may == dict.fromkeys(WHOLE, False) | {"add_assignment": True}


async def test_the_operator_administers_ward_staff_whatever_else_they_do(
    world: World, accounts: Accounts, town: Town
) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    held = (Role.WARD_STAFF, {"municipality_id": town.code}), (Role.CENTRE_STAFF, {"centre_id": town.centre})
    person = await accounts.person(*held)
    path = f"/v1/users/{person.id}"
    assert (await read(world, path, operator))[0]["may"] == WHOLE
    assert (await world.client.post(f"{path}/invitations", headers=operator)).status_code == 201


async def test_the_second_secret_is_promised_once_and_the_last_may_go(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {"name": "統計連携", "scopes": ["offices:read"], "municipality_id": own}
    made = (await world.client.post("/v1/clients", headers=ward, json=sent)).json()
    path = f"/v1/clients/{made['id']}"
    first = {"change": True, "disable": True, "enable": False, "add_secret": True, "revoke_secret": True}
    assert made["may"] == first
    assert (await world.client.post(f"{path}/secrets", headers=ward)).status_code == 201
    shown, tagged = await read(world, path, ward)
    assert shown["may"] == first | {"add_secret": False}
    assert (await world.client.get("/v1/clients", headers=ward)).json()["results"] == [shown]
    assert (await world.client.post(f"{path}/secrets", headers=ward)).status_code == 409
    stopped = await world.client.patch(path, headers=tagged, json={"is_active": False})
    assert stopped.json()["may"] == first | {"add_secret": False, "disable": False, "enable": True}
    for secret in shown["secrets"]:
        assert (await world.client.delete(f"{path}/secrets/{secret['id']}", headers=ward)).status_code == 204
    assert (await read(world, path, ward))[0]["may"]["revoke_secret"] is False


async def test_a_program_that_may_more_than_reading_is_promised_to_the_operator_only(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    operator = await world.sign_in(Role.OPERATOR)
    sent = {"name": "書込み", "scopes": ["office_visits:write"], "municipality_id": own}
    made = (await world.client.post("/v1/clients", headers=operator, json=sent)).json()
    assert made["may"]["change"] is made["may"]["add_secret"] is True
    path = f"/v1/clients/{made['id']}"
    seen, tagged = await read(world, path, ward)
    assert set(seen["may"].values()) == {False}
    secret = f"{path}/secrets/{seen['secrets'][0]['id']}"
    for answer in (
        await world.client.patch(path, headers=tagged, json={"name": "別名"}),
        await world.client.post(f"{path}/secrets", headers=ward),
        await world.client.delete(secret, headers=ward),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "client_not_yours")


@pytest.mark.parametrize("path", ["/v1/users", "/v1/clients"])
async def test_the_files_of_a_list_hold_the_promises_too(world: World, path: str) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {"name": "統計連携", "scopes": ["offices:read"], "municipality_id": own}
    assert (await world.client.post("/v1/clients", headers=ward, json=sent)).status_code == 201
    rows = (await world.client.get(path, headers=ward)).json()["results"]
    lines = (await world.client.get(f"{path}.ndjson?fields=id,may", headers=ward)).text.splitlines()
    assert len(lines) == len(rows) == 1
    assert '"change":' in lines[0]
