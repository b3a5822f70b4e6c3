"""What a target revision does to progress, through HTTP: the past never moves, and nothing is due before its day."""

from typing import Any

import pytest

from tests.meguro import Meguro
from tests.world import World

CODE = "6-(2)"


async def revise(m: Meguro, plan_id: str, to_text: str, effective_on: str = "2026-10-01", **more: Any) -> Any:
    item_id = (await m.items(plan_id))[CODE]["id"]
    return await m.world.client.post(
        f"/v1/work_plans/{plan_id}/items/{item_id}/target_revisions",
        headers=m.manager,
        json={"effective_on": effective_on, "to_text": to_text, "reason": "運営会議で決めた", **more},
    )


async def line_of(m: Meguro, plan_id: str, on: str) -> dict[str, Any]:
    return (await m.progress(plan_id, on))[CODE]


@pytest.mark.parametrize(
    ("from_text", "to_text", "due"),
    [
        ("未定", "年2回", {"2026-12-31": 0, "2027-01-01": 1, "2027-04-01": 2}),
        ("随時", "年4回", {"2026-11-30": 0, "2026-12-01": 1, "2027-01-01": 2, "2027-04-01": 4}),
    ],
)
async def test_a_number_that_comes_in_the_year_asks_nothing_of_the_months_before(
    world: World, from_text: str, to_text: str, due: dict[str, int]
) -> None:
    m = await Meguro.opened(world, texts={CODE: from_text})
    plan_id = await m.plan(2026)
    before = await line_of(m, plan_id, "2026-09-30")
    assert (await revise(m, plan_id, to_text)).status_code == 201
    assert await line_of(m, plan_id, "2026-09-30") == before
    first = await line_of(m, plan_id, "2026-10-01")
    assert (first["due_so_far"], first["pace"]) == (0, "on_track")
    assert first["next_due_on"] == ("2026-12-31" if to_text == "年2回" else "2026-11-30")
    assert {on: (await line_of(m, plan_id, on))["due_so_far"] for on in due} == due


async def test_a_rhythm_that_comes_in_the_year_is_not_due_before_its_day(world: World) -> None:
    m = await Meguro.opened(world, texts={CODE: "未定"})
    plan_id = await m.plan(2026)
    assert (await revise(m, plan_id, "2月に1回")).status_code == 201
    first = await line_of(m, plan_id, "2026-10-01")
    assert (first["next_due_on"], first["required_in_year"], first["pace"]) == ("2026-12-01", 3, "on_track")
    await m.record("peer_gathering", "2026-05-10")
    first = await line_of(m, plan_id, "2026-10-01")
    assert (first["next_due_on"], first["pace"]) == ("2026-10-01", "due_soon")


@pytest.mark.parametrize(
    ("to_text", "due", "required"), [("2月に1回", 6, 9), ("年4回", 4, 4), ("四半期ごと", 6, 8), ("中止", 0, 0)]
)
async def test_closed_windows_stay_whatever_the_new_target_is(
    world: World, to_text: str, due: int, required: int
) -> None:
    m = await Meguro.opened(world, texts={CODE: "毎月1回"})
    plan_id = await m.plan(2026)
    for held_on in ("2026-04-10", "2026-05-10"):
        await m.record("peer_gathering", held_on)
    before = await line_of(m, plan_id, "2026-09-30")
    assert [one["from"][5:7] for one in before["missed_windows"]] == ["06", "07", "08"]
    assert (await revise(m, plan_id, to_text)).status_code == 201
    assert await line_of(m, plan_id, "2026-09-30") == before
    line = await line_of(m, plan_id, "2026-10-01")
    assert [one["from"][5:7] for one in line["missed_windows"]] == ["06", "07", "08", "09"]
    assert (line["due_so_far"], line["required_in_year"]) == (due, required)
    assert line["pace"] == ("suspended" if to_text == "中止" else "behind")
    assert line["next_due_on"] is None or line["next_due_on"] >= "2026-10-01"
    assert (await m.items(plan_id, "2026-10-01"))[CODE]["required_in_year"] == required


async def test_what_a_number_had_asked_for_stays_due_under_windows(world: World) -> None:
    m = await Meguro.opened(world, texts={CODE: "年4回"})
    plan_id = await m.plan(2026)
    await m.record("peer_gathering", "2026-05-10")
    assert (await revise(m, plan_id, "毎月1回")).status_code == 201
    line = await line_of(m, plan_id, "2026-10-01")
    assert (line["due_so_far"], line["required_in_year"], line["pace"]) == (2, 8, "behind")
    await m.record("peer_gathering", "2026-10-10")
    line = await line_of(m, plan_id, "2026-10-10")
    assert (line["done"], line["pace"], line["next_due_on"]) == (2, "on_track", "2026-11-30")


async def test_a_blank_reason_is_none(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    for reason in ("   ", "\u3000"):
        answer = await revise(m, plan_id, "年3回", reason=reason)
        assert (answer.status_code, answer.json()["code"]) == (422, "reason_required")
        assert answer.json()["errors"][0]["pointer"] == "/reason"
    assert (await m.items(plan_id))[CODE]["revision_count"] == 0
