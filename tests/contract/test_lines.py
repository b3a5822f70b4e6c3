"""Pages whose rows the database writes as JSON say what pages say whose rows are read and written here.

Choosing every member with ``fields`` takes the long way, so the two ways are compared list by list and role by role.
"""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
import time_machine

from api.contract import operations_of
from domain import clock
from domain.access import Role
from domain.statements import lines
from tests.proofs.estates import filled_estate
from tests.world import World

ROLES = ("ward_staff", "centre_manager", "office_user", "integration", "operator")


async def both_ways(world: World, path: str, members: str, headers: dict[str, str]) -> tuple[Any, Any] | None:
    """Ask for a page both ways; None where the caller may not, or may not see every member."""
    short = await world.client.get(path, headers=headers)
    chosen = await world.client.get(path, headers=headers, params={"fields": members})
    if short.status_code != 200 or chosen.status_code != 200:
        return None
    return short.json()["results"], chosen.json()["results"]


async def test_every_list_says_the_same_both_ways(world: World) -> None:
    estate = await filled_estate(world)
    compared = rows = 0
    for route in operations_of(world.app):
        if route.listed is None or route.forced_format or "{" in route.path:
            continue
        for role in ROLES:
            first = await world.client.get(route.path, headers=estate.callers[role], params={"limit": "1"})
            if first.status_code != 200 or not first.json()["results"]:
                continue
            members = ",".join(first.json()["results"][0])
            pair = await both_ways(world, route.path, members, estate.callers[role])
            if pair is not None:
                assert pair[0] == pair[1], (route.path, role)
                assert [list(row) for row in pair[0]] == [list(row) for row in pair[1]], (route.path, role)
                compared, rows = compared + 1, rows + len(pair[0])
    assert compared >= 20
    assert rows >= 30


AWKWARD = 'a"b\\c\n\t</script>"},{"id":"x𠮷神 %s %(x)s {} \'; --'


async def awkward_activity(world: World) -> dict[str, str]:
    """Record an activity with text that would break a line, on a whole second."""
    municipality = await world.municipality()
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=await world.centre(municipality))
    body = {
        "kind": "publicity", "title": AWKWARD, "internal_note": AWKWARD, "location": AWKWARD,
        "held_on": clock.today().isoformat(), "themes": ["a", "b"], "participant_count": 0,
    }  # fmt: skip
    whole = datetime.now(clock.TOKYO).replace(microsecond=0) + timedelta(seconds=1)
    with time_machine.travel(whole, tick=False):
        made = await world.client.post("/v1/activities", headers=manager, json=body)
    assert made.status_code == 201, made.text
    return manager


async def test_text_cannot_break_out_of_its_line_and_instants_are_written_alike(world: World) -> None:
    manager = await awkward_activity(world)
    listed = (await world.client.get("/v1/activities", headers=manager)).json()["results"]
    assert len(listed) == 1
    single = (await world.client.get(f"/v1/activities/{listed[0]['id']}", headers=manager)).json()
    assert listed[0]["title"] == AWKWARD
    assert "." not in listed[0]["created_at"]
    assert {name: single[name] for name in listed[0]} == listed[0]


async def test_a_value_put_in_as_it_is_breaks_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with every text taken for a code, awkward text does break out."""
    manager = await awkward_activity(world)
    monkeypatch.setattr(lines, "_is_code", lambda _column: True)
    monkeypatch.setattr(lines, "_sqlite_value", lambda sql, _kind: f"json('\"' || {sql} || '\"')")
    asked = {"sort": "held_on,id", "kind": "publicity,meeting,practicum"}
    answer = await world.client.get("/v1/activities", headers=manager, params=asked)
    assert answer.status_code != 200 or not is_json(answer.content)


def is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
