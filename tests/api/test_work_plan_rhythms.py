"""Rhythms (2月に1回) and windows of a plan through HTTP: over the turn of the year, and what is moved."""

from datetime import date
from typing import Any

from tests.meguro import Meguro
from tests.world import World

GATHERING = "6-(2)"


async def gathering(m: Meguro, plan_id: str, on: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return (await m.progress(plan_id, on, headers))[GATHERING]


async def test_a_rhythm_goes_on_over_the_turn_of_the_year(world: World) -> None:
    m = await Meguro.opened(world, texts={GATHERING: "2月に1回", "4-(1)": "6月に1回以上"})
    await m.plan(2025)
    plan_id = await m.plan(2026)
    start = await gathering(m, plan_id, "2026-04-01")
    assert (start["next_due_on"], start["pace"]) == ("2026-06-01", "on_track"), "none was held: from the start"
    for held_on in ("2025-11-20", "2026-01-19", "2026-03-18"):
        await m.record("peer_gathering", held_on)
    await m.record("meeting", "2026-03-20", body="transition_liaison", centre_role="participate")
    for on, pace in (("2026-04-01", "on_track"), ("2026-04-18", "due_soon"), ("2026-05-18", "due_soon")):
        line = await gathering(m, plan_id, on)
        assert (line["next_due_on"], line["pace"], line["done"], line["evidence"]) == ("2026-05-18", pace, 0, []), on
    late = await gathering(m, plan_id, "2026-05-19")
    assert (late["pace"], late["next_due_on"], late["due_so_far"]) == ("behind", "2026-05-18", 1)
    liaison = (await m.progress(plan_id, "2026-04-01"))["4-(1)"]
    assert (liaison["next_due_on"], liaison["required_in_year"]) == ("2026-09-20", 2)


async def test_a_ward_goes_on_from_what_it_may_see(world: World) -> None:
    m = await Meguro.opened(world, texts={GATHERING: "2月に1回"})
    await m.plan(2025)
    plan_id = await m.plan(2026)
    await m.record("peer_gathering", "2026-02-10")
    await m.record("peer_gathering", "2026-03-18", visibility="centre")
    seen = [(await gathering(m, plan_id, "2026-04-01", headers))["next_due_on"] for headers in (m.manager, m.ward)]
    assert seen == ["2026-05-18", "2026-04-10"]
    other = await Meguro.opened(world, texts={GATHERING: "2月に1回"})
    await other.plan(2025)
    own = await gathering(other, await other.plan(2026), "2026-04-01")
    assert own["next_due_on"] == "2026-06-01"


async def test_what_a_rhythm_lacks_is_due_by_the_end_of_the_year(world: World) -> None:
    m = await Meguro.opened(world, texts={GATHERING: "6月に1回以上"})
    plan_id = await m.plan(2026)
    await m.record("peer_gathering", "2026-10-01")
    for on, pace in (("2026-10-02", "on_track"), ("2027-03-01", "due_soon"), ("2027-03-31", "due_soon")):
        line = await gathering(m, plan_id, on)
        told = (line["pace"], line["remaining"], line["next_due_on"], line["last_possible_month"])
        assert told == (pace, 1, "2027-03-31", "2027-03"), on
    assert (await gathering(m, plan_id, "2027-04-01"))["pace"] == "behind"


async def test_the_opening_year_requires_of_a_rhythm_what_fits_into_it(world: World) -> None:
    m = await Meguro.opened(world, date(2025, 10, 1), texts={GATHERING: "2月に1回"})
    plan_id = await m.plan(2025)
    for held_on in ("2025-11-20", "2026-01-19", "2026-03-18"):
        await m.record("peer_gathering", held_on)
    for on in ("2025-12-31", "2026-03-17", "2026-03-31"):
        assert (await gathering(m, plan_id, on))["pace"] != "behind", on
    line = await gathering(m, plan_id, "2026-04-01")
    assert (line["pace"], line["required_in_year"], line["due_so_far"]) == ("achieved", 3, 3)


async def test_an_interval_is_no_maximum_and_a_stated_one_is(world: World) -> None:
    texts = {GATHERING: "3月に1回", "4-(1)": "週1回", "5-(2)": "年1回"}
    m = await Meguro.opened(world, texts=texts)
    plan_id = await m.plan(2026)
    for month in range(4, 9):
        await m.record("peer_gathering", f"2026-{month:02}-10")
    line = await gathering(m, plan_id, "2026-08-20")
    assert (line["done"], line["required_in_year"], line["maximum"], line["pace"]) == (5, 4, None, "on_track")
    items = await m.items(plan_id)
    assert [items[code]["maximum_in_year"] for code in texts] == [None, None, 1]


async def test_a_moved_sitting_is_not_missed_and_held_once_too_often(world: World) -> None:
    m = await Meguro.opened(world, texts={GATHERING: "月2回"})
    plan_id = await m.plan(2026)
    for month in range(4, 10):
        for number in (10, 20):
            await m.record("peer_gathering", f"2026-{month:02}-{number}")
    await m.record("peer_gathering", "2026-10-15")
    moved = await m.record("peer_gathering", planned_on="2026-10-30")
    answer = await world.client.patch(
        f"/v1/activities/{moved}",
        headers={**m.manager, "If-Match": '"1"'},
        json={"status": "held", "held_on": "2026-11-02"},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["planned_on"] == "2026-10-30"
    for held_on in ("2026-11-10", "2026-11-20"):
        await m.record("peer_gathering", held_on)
    line = await gathering(m, plan_id, "2026-11-30")
    assert (line["missed_windows"], line["pace"], line["next_due_on"]) == ([], "on_track", "2026-12-31")
