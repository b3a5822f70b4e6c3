"""What ``If-Match`` may say: one version, several, or any; what is no tag is told from what is an old one."""

from datetime import timedelta
from typing import Any

import pytest

from domain.clock import today
from tests.towns import Town
from tests.world import World

Change = dict[str, str]


async def things(world: World, town: Town) -> list[tuple[str, str, dict[str, Any]]]:
    """Give something of every way of changing, each at version 2: method, path, body."""
    meeting = {"kind": "meeting", "title": "会議", "held_on": today().isoformat()}
    activity = (await world.client.post("/v1/activities", headers=town.manager, json=meeting)).json()["id"]
    user = {
        "login": f"w-{town.code}",
        "name": "新規",
        "assignment": {"role": "ward_staff", "municipality_id": town.code},
    }
    account = (await world.client.post("/v1/users", headers=town.ward, json=user)).json()["id"]
    paths = {
        f"/v1/offices/{town.office}": (town.ward, {"internal_note": "1"}, {"internal_note": "2"}),
        f"/v1/centres/{town.centre}": (town.manager, {"internal_note": "1"}, {"internal_note": "2"}),
        f"/v1/activities/{activity}": (town.manager, {"title": "一"}, {"title": "二"}),
        f"/v1/users/{account}": (town.ward, {"name": "一"}, {"name": "二"}),
    }
    found = []
    for path, (headers, first, second) in paths.items():
        at = (await world.client.get(path, headers=headers)).headers["etag"]
        changed = await world.client.patch(path, headers={**headers, "If-Match": at}, json=first)
        assert changed.status_code == 200, (path, changed.text)
        found.append((path, changed.headers["etag"], {"headers": headers, "json": second}))
    return found


@pytest.mark.parametrize("named", ["*", '"99", {}', '{}, "99"', 'W/{}, "x" ,{}', " {}  ", "{},{}"])
async def test_any_version_or_one_of_several_is_taken(world: World, town: Town, named: str) -> None:
    for path, tag, asked in await things(world, town):
        headers = {**asked["headers"], "If-Match": named.replace("{}", tag)}
        changed = await world.client.patch(path, headers=headers, json=asked["json"])
        assert changed.status_code == 200, (path, changed.text)
        assert int(changed.headers["etag"].strip('"')) == int(tag.strip('"')) + 1


@pytest.mark.parametrize("named", ['"1", "99"', "W/{}", '"x"', '"99999999999999999999"', '"-1", W/{}', '"0"', '""'])
async def test_versions_of_which_none_is_the_current_one_are_old(world: World, town: Town, named: str) -> None:
    for path, tag, asked in await things(world, town):
        headers = {**asked["headers"], "If-Match": named.replace("{}", tag)}
        refused = await world.client.patch(path, headers=headers, json=asked["json"])
        assert (refused.status_code, refused.json()["code"]) == (412, "stale_version"), path
        assert (await world.client.get(path, headers=asked["headers"])).headers["etag"] == tag


@pytest.mark.parametrize(
    "named", ["1", "", "x", '"1', '1"', "'1'", '"1" "2"', '"1",', '*, "1"', "**", 'w/"1"', '"a b"']
)
async def test_what_is_no_tag_is_told(world: World, town: Town, named: str) -> None:
    path = f"/v1/offices/{town.office}"
    refused = await world.client.patch(path, headers={**town.ward, "If-Match": named}, json={"internal_note": "1"})
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["parameter"], fault["code"]) == (422, "If-Match", "if_match_invalid")


async def test_any_version_of_nothing_is_nothing(world: World, town: Town) -> None:
    for other in (await world.office(await world.municipality()), "00000000-0000-0000-0000-000000000000"):
        headers = {**town.ward, "If-Match": "*"}
        for method in ("PATCH", "DELETE"):
            body = {"internal_note": "1"} if method == "PATCH" else None
            answer = await world.client.request(method, f"/v1/offices/{other}", headers=headers, json=body)
            assert answer.status_code == 404


async def test_parts_and_deletions_and_upserts_take_any_version_too(world: World, town: Town) -> None:
    anyhow = {**town.manager, "If-Match": "*"}
    path, day = f"/v1/centres/{town.centre}", (today() + timedelta(days=3)).isoformat()
    closing = f"{path}/closures/{day}"
    for reason in ("休業", "変更"):
        put = await world.client.put(closing, headers=anyhow, json={"kind": "closed", "reason": reason})
        assert put.status_code in (200, 201), put.text
    key = "/v1/activities/by_external_id/kintone/k1"
    for title in ("一", "二"):
        body = {"kind": "meeting", "title": title, "held_on": today().isoformat()}
        upserted = await world.client.put(key, headers=anyhow, json=body)
        assert upserted.status_code in (200, 201), upserted.text
    gone = await world.client.delete(f"/v1/offices/{town.office}", headers={**town.ward, "If-Match": '"7", "1"'})
    assert gone.status_code == 204, gone.text
