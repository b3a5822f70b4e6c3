"""A change that changes nothing: answered with what is there, and neither counted nor noted in the audit trail."""

from typing import Any

import pytest

from tests.accounts import Accounts
from tests.towns import Town
from tests.world import World

PLACES = ("office", "centre", "municipality", "person", "user", "client")


async def thing(world: World, town: Town, kind: str) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Give the path of something, who may change it, and a change."""
    if kind == "office":
        return f"/v1/offices/{town.office}", town.ward, {"internal_note": "新しいメモ"}
    if kind == "centre":
        return f"/v1/centres/{town.centre}", town.manager, {"internal_note": "新しいメモ"}
    if kind == "municipality":
        return f"/v1/municipalities/{town.code}", town.ward, {"population": 1000}
    bodies: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
        "person": (
            "people",
            {"name": "見本", "name_kana": "みほん", "office_id": town.office, "employment": "full_time"},
            {"employment": "part_time"},
        ),
        "user": (
            "users",
            {
                "login": f"n-{town.code}",
                "name": "新規",
                "assignment": {"role": "ward_staff", "municipality_id": town.code},
            },
            {"name": "変更後"},
        ),
        "client": (
            "clients",
            {"name": "集計", "scopes": ["activity_counts:read"], "municipality_id": town.code},
            {"name": "変更後"},
        ),
    }
    area, body, change = bodies[kind]
    made = await world.client.post(f"/v1/{area}", headers=town.ward, json=body)
    assert made.status_code == 201, made.text
    return f"/v1/{area}/{made.json()['id']}", town.ward, change


@pytest.mark.parametrize("kind", PLACES)
async def test_a_change_that_changes_nothing_is_answered_and_not_stored(
    world: World, town: Town, accounts: Accounts, kind: str
) -> None:
    path, headers, change = await thing(world, town, kind)
    tag = (await world.client.get(path, headers=headers)).headers["etag"]
    first = await world.client.patch(path, headers={**headers, "If-Match": tag}, json=change)
    assert first.status_code == 200, first.text
    tag, read = first.headers["etag"], (await world.client.get(path, headers=headers)).json()
    trail = accounts.trail(path.rpartition("/")[2])
    for content in ("{}", "", None):
        for match in (tag, "*", f'"99", {tag}'):
            asked: dict[str, Any] = {"json": change} if content is None else {"content": content}
            told = {**headers, "If-Match": match, "Content-Type": "application/json"}
            again = await world.client.patch(path, headers=told, **asked)
            assert (again.status_code, again.headers["etag"]) == (200, tag), again.text
            assert {name: again.json()[name] for name in read if name in again.json()} == read
    assert (await world.client.get(path, headers=headers)).json() == read
    assert accounts.trail(path.rpartition("/")[2]) == trail
    for match, status in (('"99"', 412), (None, 428)):
        told = headers if match is None else {**headers, "If-Match": match}
        for body in ({}, change):
            assert (await world.client.patch(path, headers=told, json=body)).status_code == status
    other = await world.client.patch(
        path, headers={**headers, "If-Match": tag}, json={**change, next(iter(change)): None}
    )
    assert other.status_code in (200, 422), "a change of anything is no longer nothing"


async def test_parts_of_a_centre_that_do_not_change_leave_its_version(world: World, town: Town) -> None:
    path = f"/v1/centres/{town.centre}"
    staffing = {"employment": "full_time", "is_dedicated": True, "person_count": 2, "valid_from": "2026-04-01"}
    made = await world.client.post(f"{path}/staffing", headers=town.manager, json=staffing)
    assert made.status_code == 201, made.text
    tag = (await world.client.get(path, headers=town.manager)).headers["etag"]
    at = {**town.manager, "If-Match": tag}
    for body in ({}, {"person_count": 2}):
        same = await world.client.patch(f"{path}/staffing/{made.json()['id']}", headers=at, json=body)
        assert (same.status_code, same.headers["etag"]) == (200, tag), same.text
    more = await world.client.patch(f"{path}/staffing/{made.json()['id']}", headers=at, json={"person_count": 3})
    assert (more.status_code, more.headers["etag"] != tag) == (200, True)
