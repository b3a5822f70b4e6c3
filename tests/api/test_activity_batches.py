"""Many activities or people in one request: all or none, with a rehearsal that stores nothing."""

from datetime import timedelta
from typing import Any

import pytest

from domain.access import Role
from domain.clock import today
from tests.world import World


async def place(world: World) -> tuple[str, str, dict[str, str]]:
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    office = await world.office(municipality)
    return municipality, office, await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)


def row_of(area: str, municipality: str, office: str) -> dict[str, Any]:
    """Make a row that the area takes."""
    held = {"held_on": today().isoformat(), "municipality_id": municipality}
    return {
        "activities": {**held, "kind": "meeting", "title": "運営会議"},
        "office_visits": {"office_id": office, "held_on": today().isoformat()},
        "supervision_sessions": {**held, "session_type": "group"},
        "training_events": {**held, "category": "workforce_development", "theme": "初任者研修"},
        "people": {
            "office_id": office, "name": "相談 一郎", "name_kana": "そうだん いちろう", "employment": "part_time",
        },
    }[area]  # fmt: skip


AREAS = ("activities", "office_visits", "supervision_sessions", "training_events", "people")


@pytest.mark.parametrize("area", AREAS)
async def test_rows_are_stored_together_and_read_back(world: World, area: str) -> None:
    municipality, office, staff = await place(world)
    rows = [row_of(area, municipality, office) for _ in range(3)]
    answer = await world.client.post(f"/v1/{area}/batch", headers=staff, json={"rows": rows})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["dry_run"], told["stored_count"], [one["row"] for one in told["results"]]) == (False, 3, [0, 1, 2])
    for one in told["results"]:
        assert (await world.client.get(f"/v1/{area}/{one['id']}", headers=staff)).status_code == 200


@pytest.mark.parametrize("area", AREAS)
async def test_a_rehearsal_stores_nothing(world: World, area: str) -> None:
    municipality, office, staff = await place(world)
    rows = [row_of(area, municipality, office)]
    answer = await world.client.post(f"/v1/{area}/batch?dry_run=true", headers=staff, json={"rows": rows})
    assert (answer.status_code, answer.json()["stored_count"]) == (200, 0)
    gone = answer.json()["results"][0]["id"]
    assert (await world.client.get(f"/v1/{area}/{gone}", headers=staff)).status_code == 404


async def test_one_bad_row_keeps_all_out_and_is_named_with_its_number(world: World) -> None:
    municipality, office, staff = await place(world)
    good = row_of("office_visits", municipality, office)
    late = {**good, "held_on": (today() + timedelta(days=1)).isoformat()}
    foreign = {**good, "office_id": await world.office(await world.municipality())}
    answer = await world.client.post("/v1/office_visits/batch", headers=staff, json={"rows": [good, late, foreign]})
    assert (answer.status_code, answer.json()["code"]) == (422, "rows_refused")
    told = [(error["pointer"], error["code"]) for error in answer.json()["errors"]]
    assert told == [("/rows/1/held_on", "in_the_future"), ("/rows/2/office_id", "not_found")]
    listed = await world.client.get("/v1/office_visits?count=true", headers=staff)
    assert listed.json()["resultset"]["count"] == 0


async def test_faults_of_shape_and_of_the_domain_are_told_in_one_go(world: World) -> None:
    municipality, office, staff = await place(world)
    good = row_of("office_visits", municipality, office)
    rows = [
        {**good, "menus": ["tea"], "held_on": "soon"},
        good,
        {**good, "held_on": (today() + timedelta(days=1)).isoformat()},
        "no object",
        {**good, "office_id": await world.office(await world.municipality())},
        {**good, "unknown": 1},
    ]
    for query in ("", "?dry_run=true"):
        answer = await world.client.post(f"/v1/office_visits/batch{query}", headers=staff, json={"rows": rows})
        assert (answer.status_code, answer.json()["code"]) == (422, "rows_refused")
        assert [(error["row"], error["pointer"], error["code"]) for error in answer.json()["errors"]] == [
            (1, "/rows/0/held_on", "wrong_form"),
            (1, "/rows/0/menus/0", "not_in_list"),
            (3, "/rows/2/held_on", "in_the_future"),
            (4, "/rows/3", "wrong_type"),
            (5, "/rows/4/office_id", "not_found"),
            (6, "/rows/5/unknown", "unknown_member"),
        ]
    listed = await world.client.get("/v1/office_visits?count=true", headers=staff)
    assert listed.json()["resultset"]["count"] == 0
    only_shapes = await world.client.post("/v1/office_visits/batch", headers=staff, json={"rows": [good, rows[0]]})
    assert (only_shapes.json()["code"], only_shapes.json()["errors"][0]["row"]) == ("invalid_content", 2)


async def test_a_batch_moves_the_counts_and_warns_about_personal_data(world: World) -> None:
    municipality, office, staff = await place(world)
    row = {**row_of("activities", municipality, office), "internal_note": "03-1234-5678 に連絡"}
    plain = row_of("activities", municipality, office)
    answer = await world.client.post("/v1/activities/batch", headers=staff, json={"rows": [row, plain]})
    warned = [[warning["code"] for warning in one["warnings"]] for one in answer.json()["results"]]
    assert warned == [["phone_number_found"], []]
    month = today().isoformat()[:7]
    counts = await world.client.get(f"/v1/activity_counts?from={month}&to={month}", headers=staff)
    assert counts.json()["totals"] == {"held_count": 2}
