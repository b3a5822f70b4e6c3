"""The change feed through HTTP."""

from domain.access import Role
from domain.clock import today
from tests.world import World


async def test_the_feed_tells_every_change_once_and_a_deletion_too(world: World) -> None:
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    office = await world.office(municipality)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    first = (await world.client.get("/v1/changes", headers=staff)).json()
    assert {(row["area"], row["id"]) for row in first["results"]} == {
        ("municipalities", municipality),
        ("centres", centre),
        ("offices", office),
    }
    cursor = first["resultset"]["next_cursor"]
    path = f"/v1/changes?after={cursor}"
    quiet = (await world.client.get(path, headers=staff)).json()
    assert quiet == {"resultset": {"limit": 200, "next_cursor": cursor, "count": None}, "results": []}
    body = {"office_id": office, "held_on": today().isoformat()}
    visit = await world.client.post("/v1/office_visits", headers=staff, json=body)
    (told,) = (await world.client.get(path, headers=staff)).json()["results"]
    assert (told["area"], told["id"], told["kind"]) == ("activities", visit.json()["id"], "office_visit")
    await world.client.delete(visit.headers["location"], headers={**staff, "If-Match": '"1"'})
    (told,) = (await world.client.get(path, headers=staff)).json()["results"]
    assert told["is_deleted"] is True


async def test_the_feed_keeps_to_the_reach_of_its_reader(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    await world.centre(other)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    told = (await world.client.get("/v1/changes", headers=ward)).json()["results"]
    assert [(row["area"], row["id"]) for row in told] == [("municipalities", own)]


async def test_pages_of_the_feed_join_without_a_gap(world: World) -> None:
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    for number in range(3):
        await world.office(municipality, f"相談室{number}")
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    whole = (await world.client.get("/v1/changes", headers=staff)).json()["results"]
    seen, cursor = [], "start"
    for _ in range(len(whole)):
        answer = (await world.client.get(f"/v1/changes?limit=1&after={cursor}", headers=staff)).json()
        seen += answer["results"]
        cursor = answer["resultset"]["next_cursor"]
    assert seen == whole


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    municipality = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=municipality)
    for cursor in ("x", "W10", "WyJhIl0", "WzEsMl0"):
        answer = await world.client.get(f"/v1/changes?after={cursor}", headers=ward)
        assert answer.status_code == 422, cursor
        assert answer.json()["errors"][0]["parameter"] == "after"
