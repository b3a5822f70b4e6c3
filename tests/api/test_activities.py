"""Activities of kinds without an area of their own."""

from domain.access import Role
from domain.activities.activities import record_activity
from domain.clock import today
from domain.demo.acting import as_actor, manager_of
from tests.world import World


async def test_a_change_keeps_where_the_row_came_from_and_answers_what_is_read_afterwards(world: World) -> None:
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    fields = {"kind": "meeting", "title": "基幹運営会議", "held_on": today(), "origin": "imported"}
    row, _ = await as_actor(
        world.database, manager_of(centre, (municipality,)), lambda session: record_activity(session, fields)
    )
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/activities/{row['id']}"
    read = await world.client.get(path, headers=manager)
    assert read.json()["origin"] == "imported"
    headers = {**manager, "If-Match": read.headers["etag"]}
    answer = await world.client.patch(path, headers=headers, json={"location": "会館"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.pop("warnings") == []
    assert told == (await world.client.get(path, headers=manager)).json()
    assert told["origin"] == "imported"
