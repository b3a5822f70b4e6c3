"""Lead times of a plan through HTTP: what must be prepared long before shows in time and stays until it is done."""

from typing import Any

import pytest

from tests.meguro import Meguro
from tests.world import World


@pytest.mark.parametrize(
    ("fiscal_year", "on", "pace"),
    [
        (2026, "2027-03-17", "not_started"),
        (2026, "2027-03-18", "due_soon"),
        (2026, "2027-03-31", "due_soon"),
        (2027, "2027-03-31", "not_started"),
        (2027, "2027-04-01", "due_soon"),
        (2027, "2027-10-01", "due_soon"),
        (2027, "2028-03-31", "due_soon"),
        (2027, "2028-04-02", "not_started"),
    ],
)
async def test_a_designation_one_year_before_the_start_is_soon_and_stays_so(
    world: World, fiscal_year: int, on: str, pace: str
) -> None:
    m = await Meguro.opened(world)
    line = (await m.progress(await m.plan(fiscal_year), on))["3-(4)"]
    assert (line["pace"], line["required_in_year"], line["next_due_on"]) == (pace, 0, None)
    assert line["lead_times"][0]["starts_on"] == "2027-04-01"


async def conference(m: Meguro, **more: Any) -> None:
    body = {"session_type": "case_conference", "centre_id": m.centre_id, **more}
    answer = await m.world.client.post("/v1/supervision_sessions", headers=m.manager, json=body)
    assert answer.status_code == 201, answer.text


async def test_a_planned_conference_is_prepared_for_three_months_before_its_day(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await conference(m, held_on="2026-06-10")
    due = (await m.progress(plan_id, "2026-12-17"))["3-(2)"]
    assert (due["pace"], due["lead_times"][0]["starts_on"]) == ("due_soon", "2026-12-31")
    await conference(m, planned_on="2027-03-10")
    for on, pace in (("2026-11-25", "on_track"), ("2026-11-26", "due_soon"), ("2026-12-17", "due_soon")):
        line = (await m.progress(plan_id, on))["3-(2)"]
        assert line["pace"] == pace, on
        assert (line["lead_times"][0]["starts_on"], line["lead_times"][0]["due_on"]) == ("2026-12-10", "2027-03-10")
    after = (await m.progress(plan_id, "2027-03-11"))["3-(2)"]
    assert (after["pace"], after["lead_times"][0]["due_on"]) == ("due_soon", "2027-03-31")
