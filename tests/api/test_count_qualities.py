"""Why a count has no number, through HTTP: what has not begun, what does not apply, and what is a plain zero."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from domain import fiscal
from domain.access import Role
from domain.clock import today
from domain.counts.metrics import CATALOGUE
from domain.counts.questions import question_of
from tests.api.test_activity_counts import by_place, counted
from tests.meguro import Meguro
from tests.world import World

NEVER = (None, "not_started")
ZERO = (0, "zero")


def months_around() -> tuple[str, str, str]:
    """Give the month before this one, this one and the next, as codes."""
    present = fiscal.month_of(today())
    before, present_code, after = (fiscal.month_code(fiscal.months_after(present, step)) for step in (-1, 0, 1))
    return before, present_code, after


@pytest.mark.parametrize("dimensions", ["month", "month,kind", "month,municipality", "month,centre", "month,office"])
async def test_a_month_that_has_not_begun_is_no_zero(world: World, dimensions: str) -> None:
    m = await Meguro.opened(world)
    before, present, after = months_around()
    office = await world.office(m.ward_id)
    links = [{"office_id": office}]
    await m.record("publicity", f"{before}-01", municipality_id=m.ward_id, offices=links)
    await m.record("publicity", planned_on=f"{after}-01", municipality_id=m.ward_id, offices=links)
    metrics = ",".join(metric for metric in CATALOGUE if dimensions != "month,kind" or not CATALOGUE[metric].kinds)
    asked = {"from": before, "to": after, "group_by": dimensions, "metric": metrics}
    for headers in (m.manager, m.ward):
        body = await counted(world, headers, **asked)
        for metric in body["metrics"]:
            found = by_place(body, metric)
            told = {
                code: {value for key, value in found.items() if key[0] == code} for code in (before, present, after)
            }
            assert told[after] == {NEVER}, metric
            assert told[present] == {ZERO}, metric
        assert body["totals"]["held_count"] == 1
        assert sum(one["value"] or 0 for one in body["observations"] if one["metric"] == "held_count") == 1


async def test_a_period_that_has_not_begun_has_no_total_and_one_that_has_keeps_its_zero(world: World) -> None:
    m = await Meguro.opened(world)
    _, present, after = months_around()
    ahead = {"from": after, "to": after, "metric": "held_count,distinct_office_count,kihon.liaison"}
    for dimensions in ("kind", "centre_role", "municipality", "centre", "office"):
        body = await counted(world, m.ward, **ahead, group_by=dimensions)
        assert set(body["totals"].values()) == {None}, dimensions
    begun = await counted(world, m.ward, **{"from": present, "to": after}, group_by="kind")
    assert begun["totals"] == {"held_count": 0}
    assert {one["quality"] for one in begun["observations"]} == {"zero"}


async def test_a_closed_centre_and_an_uncovered_municipality_stay_what_they_are_in_months_to_come(world: World) -> None:
    ward_id = await world.municipality()
    centre = await world.centre(ward_id, opened_on=date(2020, 4, 1), closed_on=date(2025, 9, 30))
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=ward_id)
    _, _, after = months_around()
    asked: dict[str, Any] = {"from": after, "to": after, "centre_id": centre}
    for dimensions in ("month", "month,centre", "month,municipality"):
        body = await counted(world, ward, **asked, group_by=dimensions)
        assert {one["quality"] for one in body["observations"]} == {"not_applicable"}, dimensions


async def test_plan_items_are_counted_and_progress_does_not_change(world: World) -> None:
    m = await Meguro.opened(world)
    present = fiscal.month_of(today())
    year = fiscal.fiscal_year_of(present)
    plan = await m.plan(year)
    await m.record("peer_gathering", today().isoformat())
    items = await m.items(plan)
    body = await counted(world, m.ward, fiscal_year=str(year), group_by="month,plan_item")
    found = by_place(body)
    item = items["6-(2)"]["id"]
    assert found[fiscal.month_code(present), item] == (1, "counted")
    ahead = [fiscal.month_code(month) for month in fiscal.months_of(year) if month > present]
    assert {found[code, item] for code in ahead} <= {NEVER}
    line = (await m.progress(plan, today().isoformat()))["6-(2)"]
    assert (line["done"], line["required_in_year"]) == (1, items["6-(2)"]["required_in_year"])


async def test_the_month_begins_at_midnight_in_tokyo_also_for_an_answer_that_was_kept(world: World) -> None:
    asked = {"from": "2027-01", "to": "2027-02", "group_by": "month"}
    with time_machine.travel(datetime(2027, 1, 31, 14, 58, tzinfo=UTC), tick=True) as clock:
        m = await Meguro.opened(world)
        before = [by_place(await counted(world, m.ward, **asked)) for _ in range(2)]
        clock.move_to(datetime(2027, 1, 31, 15, 0, 1, tzinfo=UTC))
        after = by_place(await counted(world, m.ward, **asked))
    assert before == [{("2027-01",): ZERO, ("2027-02",): NEVER}] * 2
    assert after == {("2027-01",): ZERO, ("2027-02",): ZERO}
    assert question_of(asked, date(2027, 1, 31)) != question_of(asked, date(2027, 2, 1))


async def test_the_catalogue_says_what_each_quality_means(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    told = (await world.client.get("/v1/metrics", headers=ward)).json()["qualities"]
    assert [row["code"] for row in told] == ["counted", "zero", "not_started", "not_applicable"]
    meaning = {row["code"]: row["meaning_ja"] for row in told}["not_started"]
    assert "開所" in meaning
    assert "始まっていない" in meaning
