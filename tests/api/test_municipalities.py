"""Municipalities through HTTP."""

from domain.access import Role
from tests.world import World


async def test_a_ward_officer_sees_its_own_municipality_and_no_other(world: World) -> None:
    own, other = await world.municipality("甲市"), await world.municipality("乙市")
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    listed = await world.client.get("/v1/municipalities", headers=ward)
    assert listed.status_code == 200, listed.text
    assert [row["id"] for row in listed.json()["results"]] == [own]
    foreign = await world.client.get(f"/v1/municipalities/{other}", headers=ward)
    missing = await world.client.get("/v1/municipalities/000000", headers=ward)
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["detail"] == missing.json()["detail"]


async def test_nobody_sees_anything_without_a_token(world: World) -> None:
    answer = await world.client.get("/v1/municipalities")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["code"] == "unauthenticated"


async def test_a_mistyped_filter_is_refused_and_named(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    answer = await world.client.get("/v1/municipalities?kinds=city", headers=ward)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "kinds"


async def test_a_list_comes_as_csv_with_a_byte_order_mark(world: World) -> None:
    own = await world.municipality("=1+1")
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    answer = await world.client.get("/v1/municipalities.csv", headers=ward)
    assert answer.status_code == 200
    assert answer.content.startswith(b"\xef\xbb\xbfid,")
    assert "'=1+1" in answer.text


async def test_a_change_needs_the_version_that_was_read(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    path = f"/v1/municipalities/{own}"
    read = await world.client.get(path, headers=ward)
    assert read.headers["etag"] == '"1"'
    assert (await world.client.patch(path, headers=ward, json={"population": 5})).status_code == 428
    changed = await world.client.patch(path, headers={**ward, "If-Match": '"1"'}, json={"population": 5})
    assert changed.status_code == 200, changed.text
    assert changed.json()["population"] == 5
    assert changed.json() == (await world.client.get(path, headers=ward)).json()
    stale = await world.client.patch(path, headers={**ward, "If-Match": '"1"'}, json={"population": 6})
    assert stale.status_code == 412
    nulled = await world.client.patch(path, headers={**ward, "If-Match": '"2"'}, json={"name": None})
    assert nulled.status_code == 422
    assert nulled.json()["errors"][0]["pointer"] == "/name"


async def test_sync_gives_each_change_once_and_in_order(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    first = (await world.client.get("/v1/municipalities?changed_after=start", headers=ward)).json()
    assert [row["id"] for row in first["results"]] == [own]
    cursor = first["resultset"]["next_cursor"]
    path = f"/v1/municipalities?changed_after={cursor}"
    assert (await world.client.get(path, headers=ward)).json()["results"] == []
    await world.client.patch(f"/v1/municipalities/{own}", headers={**ward, "If-Match": '"1"'}, json={"population": 7})
    again = (await world.client.get(path, headers=ward)).json()
    assert [row["population"] for row in again["results"]] == [7]
