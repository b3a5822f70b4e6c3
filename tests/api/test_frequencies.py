"""Previewing frequency texts through HTTP."""

from datetime import date
from typing import Any

import pytest

from domain.access import Role
from tests.world import World


async def parsed(world: World, headers: dict[str, str], text: str, **more: Any) -> dict[str, Any]:
    answer = await world.client.post("/v1/frequencies:parse", headers=headers, json={"text": text, **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_every_two_months_is_not_february(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    interval = await parsed(world, ward, "2月に1回", fiscal_year=2026)
    assert (interval["reading"]["kind"], interval["min_per_fiscal_year"]) == ("every_n_months", 6)
    assert [one["from"] for one in interval["occurrences"]][:2] == ["2026-04-01", "2026-06-01"]
    february = await parsed(world, ward, "2月に開催", fiscal_year=2026)
    assert february["occurrences"] == [{"from": "2027-02-01", "to": "2027-02-28", "minimum": 1}]


async def test_phases_give_a_minimum_for_each_operation_year(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    found = await parsed(world, ward, "初年度 年2回 2年目～ 年3回")
    assert found["reading"]["kind"] == "phased"
    assert (found["min_by_operation_year"]["1"], found["min_by_operation_year"]["2"]) == (2, 3)
    assert found["occurrences"] == []
    second = await parsed(world, ward, "初年度 年2回 2年目～ 年3回", operation_year=2, fiscal_year=2026)
    assert [one["minimum"] for one in second["occurrences"]] == [3]


async def test_several_values_come_back_as_candidates_and_are_never_added(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    found = await parsed(world, ward, "年2回 年1回")
    assert found["reading"]["kind"] == "multiple_values"
    assert [one["reading"]["min_count"] for one in found["candidates"]] == [2, 1]
    assert found["min_per_fiscal_year"] is None


async def test_a_text_that_is_no_frequency_says_so_without_an_error(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    found = await parsed(world, ward, "相談支援専門員")
    assert found["reading"]["kind"] == "not_a_frequency"
    assert found["explanation_ja"]


@pytest.mark.parametrize("text", ["", " \u3000\n", "年" * 201])
async def test_an_empty_or_endless_text_is_refused(world: World, text: str) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    answer = await world.client.post("/v1/frequencies:parse", headers=ward, json={"text": text})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/text"


async def test_occurrences_keep_to_the_opening_days_and_year_of_a_centre(world: World) -> None:
    ward_id = await world.municipality()
    centre_id = await world.centre(ward_id, opened_on=date(2025, 4, 1))
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre_id)
    found = await parsed(world, manager, "初年度 年2回 2年目～ 毎月第2月曜日", fiscal_year=2026, centre_id=centre_id)
    assert found["operation_year"] == 2
    october = [one for one in found["occurrences"] if one["from"].startswith("2026-10")]
    assert [one["from"] for one in october] == ["2026-10-13"], "12 October 2026 is a holiday"


async def test_a_foreign_centre_is_missing(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    foreign = await world.centre(other)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    answer = await world.client.post(
        "/v1/frequencies:parse", headers=ward, json={"text": "年2回", "centre_id": foreign}
    )
    assert answer.status_code == 404


async def test_every_role_may_preview_and_nobody_without_a_token(world: World) -> None:
    ward_id = await world.municipality()
    office = await world.sign_in(Role.OFFICE_USER, office_id=await world.office(ward_id), municipality_id=ward_id)
    assert (await parsed(world, office, "随時"))["reading"]["kind"] == "as_needed"
    operator = await world.sign_in(Role.OPERATOR)
    assert (await parsed(world, operator, "中止"))["reading"]["kind"] == "suspended"
    assert (await world.client.post("/v1/frequencies:parse", json={"text": "年2回"})).status_code == 401
