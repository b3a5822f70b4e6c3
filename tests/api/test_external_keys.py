"""A key of another system stands with the name of that system, wherever it is written."""

from typing import Any

import pytest

from domain.clock import today
from tests.areas import town_in
from tests.world import World

DAY = today().isoformat()
AREAS: dict[str, dict[str, Any]] = {
    "office_visits": {"held_on": DAY},
    "supervision_sessions": {"session_type": "group", "held_on": DAY},
    "training_events": {"category": "statutory", "theme": "研修", "held_on": DAY},
    "activities": {"kind": "meeting", "title": "会議", "held_on": DAY},
    "offices": {"name": "新しい相談室", "name_kana": "あたらしい"},
}


@pytest.mark.parametrize("area", AREAS)
@pytest.mark.parametrize("half", [{"external_id": "2026-0142"}, {"external_source": "shinchoku_kanri"}])
async def test_half_a_key_is_refused_by_name(world: World, area: str, half: dict[str, str]) -> None:
    town = await town_in(world)
    body = AREAS[area] | {
        "office_visits": {"office_id": town.office},
        "offices": {"municipality_id": town.municipality},
    }.get(area, {})
    made = await world.client.post(f"/v1/{area}", headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    pointer = "/external_source" if area == "offices" else "/external_id"
    tagged = {**town.staff, "If-Match": made.headers["etag"]}
    for answer in (
        await world.client.post(f"/v1/{area}", headers=town.staff, json=body | half),
        await world.client.patch(f"/v1/{area}/{made.json()['id']}", headers=tagged, json=half),
    ):
        assert answer.status_code == 422, answer.text
        (fault,) = answer.json()["errors"]
        assert (answer.json()["code"], fault["pointer"]) == ("external_id_needs_source", pointer)
    batch = await world.client.post(f"/v1/{area}/batch", headers=town.staff, json={"rows": [body, body | half]})
    faults = [(fault["pointer"], fault["code"]) for fault in batch.json()["errors"]]
    assert (batch.status_code, faults) == (422, [(f"/rows/1{pointer}", "external_id_needs_source")])
    if area == "offices":
        return
    # An upsert takes the whole key from its path.
    put = await world.client.put(f"/v1/{area}/by_external_id/elsewhere/7", headers=town.staff, json=body | half)
    assert put.status_code == 201, put.text
    assert (put.json()["external_source"], put.json()["external_id"]) == ("elsewhere", "7")
