"""Frequencies (回数) as documents write them: every case of the phrase collection, and several hundred more wordings.

Both collections are data: ``tests/data/frequency_phrases.json`` and ``tests/data/frequency_wordings.json``.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domain.frequency import DoubtCode, Kind, Reading, minimum_in_year, parse

DATA = Path(__file__).parents[1] / "data"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "frequency_phrases.json"
COLLECTION: dict[str, Any] = json.loads((DATA / "frequency_phrases.json").read_text("utf-8"))
CASES: list[dict[str, Any]] = COLLECTION["cases"]
WORDINGS: list[dict[str, Any]] = json.loads((DATA / "frequency_wordings.json").read_text("utf-8"))["cases"]


def ids(cases: list[dict[str, Any]]) -> list[str]:
    return [f"{case.get('id', number)}" for number, case in enumerate(cases)]


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_every_phrase_of_the_collection_has_exactly_the_expected_reading(case: dict[str, Any]) -> None:
    frequency = parse(case["phrase"])
    assert frequency.text == case["phrase"]
    assert frequency.reading.as_json() == case["expected"]
    assert frequency.min_per_fiscal_year == case["min_per_fiscal_year"]
    assert frequency.judgment is case["judgment"]
    for year, least in case.get("min_by_plan_year", {}).items():
        assert minimum_in_year(frequency.reading, int(year)) == least
        assert frequency.min_by_operation_year is not None
        assert frequency.min_by_operation_year[int(year)] == least


def test_further_wordings_have_exactly_the_expected_reading() -> None:
    wrong = {}
    for case in WORDINGS:
        found = parse(case["phrase"])
        expected = Reading.from_json(case["reading"])
        facts = (found.reading, found.min_per_fiscal_year, found.judgment, found.per_unit is not None)
        if facts != (expected, case["minimum"], case["judgment"], case.get("per_unit", False)):
            wrong[case["phrase"]] = facts
    assert wrong == {}


def test_the_collection_is_whole_and_the_wordings_are_many_and_new() -> None:
    assert len(CASES) == COLLECTION["count"] == 118
    phrases = {case["phrase"] for case in WORDINGS}
    assert len(phrases) == len(WORDINGS) >= 600
    assert not phrases & {case["phrase"] for case in CASES}


@pytest.mark.skipif(not SHARED.exists(), reason="the collection's source is not beside this checkout")
def test_the_collection_is_the_one_it_was_copied_from() -> None:
    assert json.loads(SHARED.read_text("utf-8")) == COLLECTION


def test_every_kind_occurs_in_the_collection() -> None:
    assert {case["expected"]["kind"] for case in CASES} == set(Kind)


def test_every_two_months_is_not_february() -> None:
    interval, month = parse("2月に1回"), parse("2月に開催")
    assert (interval.reading.kind, interval.reading.interval_months) == (Kind.EVERY_N_MONTHS, 2)
    assert (month.reading.kind, month.reading.months) == (Kind.PER_YEAR, (2,))
    other = interval.doubts[0].other
    assert interval.doubts[0].code is DoubtCode.INTERVAL_OR_MONTH
    assert other is not None
    assert replace(other, max_count=1) == month.reading


def test_as_needed_and_timely_stay_apart() -> None:
    assert [parse(text).reading.kind for text in ("随時", "適時")] == [Kind.AS_NEEDED, Kind.TIMELY]


def test_several_values_in_one_cell_are_candidates_and_never_summed() -> None:
    frequency = parse("年2回 年1回 年3回 年2回以上")
    assert frequency.candidates == frequency.reading.phases
    assert [candidate.reading.min_count for candidate in frequency.candidates] == [2, 1, 3, 2]
    assert frequency.min_per_fiscal_year is None
    assert not frequency.reading.mandatory


@pytest.mark.parametrize(
    ("text", "also", "kind"),
    [
        ("年1回、ほか随時", True, Kind.PER_YEAR),
        ("年1回及び随時", True, Kind.PER_YEAR),
        ("年1回＋随時", True, Kind.PER_YEAR),
        ("年1回 随時", False, Kind.MULTIPLE_VALUES),
        ("年1回・随時", False, Kind.MULTIPLE_VALUES),
        ("年1回（随時）", False, Kind.MULTIPLE_VALUES),
    ],
)
def test_as_needed_on_top_needs_a_joining_word(text: str, also: bool, kind: Kind) -> None:
    reading = parse(text).reading
    assert (reading.also_as_needed, reading.kind) == (also, kind)


@pytest.mark.parametrize(
    "text",
    [
        "少なくとも6月に1回以上、療養介護計画の見なおしを行い、必要に応じて療養介護計画の変更を行う",
        "3年ごとに見直すことを基本とする。ただし、必要に応じ区と協議する。",
        "年2回、必要に応じて関係機関と調整する",
    ],
)
def test_something_else_done_as_needed_is_no_extra_meeting(text: str) -> None:
    assert not parse(text).reading.also_as_needed


def test_a_count_for_each_office_gives_no_total() -> None:
    frequency = parse("全事業所を年1回訪問")
    assert (frequency.per_unit, frequency.min_per_fiscal_year, frequency.reading.min_count) == ("全事業所を", None, 1)
    phased = parse("初年度 各事業所年1回 2年目～ 各事業所年2回")
    assert phased.min_by_operation_year is not None
    assert set(phased.min_by_operation_year.values()) == {None}


def test_a_part_with_its_own_theme_is_kept_beside_the_count() -> None:
    frequency = parse("年2回(うち1回は、事例検討の意義とまとめかた)")
    assert frequency.sub_quotas == ("うち1回は、事例検討の意義とまとめかた",)
    assert frequency.reading == parse("年2回").reading


def test_fiscal_years_are_placed_only_when_the_opening_year_is_known() -> None:
    text = "令和8年度は年2回、令和9年度以降は年3回"
    assert parse(text).reading.kind is Kind.MULTIPLE_VALUES
    assert DoubtCode.FISCAL_YEAR_NAMED in {doubt.code for doubt in parse(text).doubts}
    placed = parse(text, opening_fiscal_year=2025)
    assert placed.reading.kind is Kind.PHASED
    assert [minimum_in_year(placed.reading, year) for year in (1, 2, 3, 9)] == [0, 2, 3, 3]
    assert parse("令和8年度～令和10年度 年1回", opening_fiscal_year=2026).min_by_operation_year == {
        year: int(year <= 3) for year in range(1, 11)
    }


def test_fiscal_years_before_the_opening_are_not_placed() -> None:
    assert parse("令和6年度 年2回 令和7年度 年3回", opening_fiscal_year=2026).reading.kind is Kind.MULTIPLE_VALUES


def test_a_fiscal_year_before_the_opening_counts_from_the_opening_where_it_goes_on() -> None:
    going_on = parse("令和5年度～ 月1回", opening_fiscal_year=2026)
    assert [minimum_in_year(going_on.reading, year) for year in (0, 1, 5)] == [0, 12, 12]
    over = parse("令和5年度 月1回", opening_fiscal_year=2026)
    assert [doubt.code for doubt in over.doubts] == [DoubtCode.PHASE_UNCLEAR]


def test_overlapping_or_backward_years_are_left_to_a_person() -> None:
    for text in ("初年度～ 年1回 初年度 年2回", "3年目～ 年1回 2年目 年2回", "1・3年目 年1回 3年目 年2回"):
        assert parse(text).reading.kind is Kind.MULTIPLE_VALUES, text


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("1・3・5年目に1回", [1, 0, 1, 0, 1, 0, 0]),
        ("1年目・3年目に各2回", [2, 0, 2, 0, 0, 0, 0]),
        ("1・3・5年目 年1回、2・4年目 年2回", [1, 2, 1, 2, 1, 0, 0]),
        ("年1回（1・3年目は年2回）", [2, 1, 2, 1, 1, 1, 1]),
        ("1・2・4年目 年1回", [1, 1, 0, 1, 0, 0, 0]),
        ("1・3年目以降 年1回", [1, 0, 1, 1, 1, 1, 1]),
    ],
)
def test_years_named_apart_have_each_their_own_count(text: str, due: list[int]) -> None:
    found = parse(text)
    assert found.reading.kind is Kind.PHASED
    assert found.min_by_operation_year is not None
    assert [found.min_by_operation_year[year] for year in range(1, 8)] == due


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("初年度を除き年1回", [0, 1, 1, 1]),
        ("2年目以外は年2回", [2, 0, 2, 2]),
        ("毎年度（初年度を除く）年1回", [0, 1, 1, 1]),
        ("最初の2年間は年3回、その後は年1回", [3, 3, 1, 1]),
        ("初年度は準備、2年目から年2回", [None, 2, 2, 2]),
    ],
)
def test_years_left_out_and_first_years_hold_for_the_others(text: str, due: list[int | None]) -> None:
    found = parse(text)
    assert [minimum_in_year(found.reading, year) for year in range(1, 5)] == due


def test_fiscal_years_named_apart_are_placed_apart() -> None:
    placed = parse("令和8・10年度 年2回", opening_fiscal_year=2025)
    assert [minimum_in_year(placed.reading, year) for year in (1, 2, 3, 4, 5)] == [0, 2, 0, 2, 0]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("月1回（初年度は7月から）", 9, 12),
        ("毎月第2火曜日（初年度のみ10月から）", 6, 12),
        ("隔月（初年度は8月から）", 4, 6),
        ("3か月に1回（初年度は7月から）", 3, 4),
        ("四半期に1回（初年度は10月から）", 2, 4),
        ("月1回（初年度は4月・5月を除く）", 10, 12),
        ("初年度は10月から月2回、2年目以降は月1回", 12, 12),
    ],
)
def test_a_first_year_that_starts_late_has_its_own_months(text: str, first: int, second: int) -> None:
    found = parse(text)
    assert [minimum_in_year(found.reading, year) for year in (1, 2, 9)] == [first, second, second]
    assert found.judgment


def test_a_late_start_does_not_cut_a_count_of_the_whole_year() -> None:
    found = parse("年4回（初年度は10月から）")
    assert found.reading == parse("年4回").reading
    assert [doubt.code for doubt in found.doubts] == [DoubtCode.PHASE_UNCLEAR]


def test_a_length_that_stands_first_belongs_to_the_count_after_it() -> None:
    for text in ("2時間×6回", "2時間程度の研修を年6回", "1回2時間、年6回", "年6回×2時間"):
        found = parse(text)
        assert (found.reading.min_count, found.reading.duration_minutes) == (6, 120), text
        assert DoubtCode.MULTIPLIED not in {doubt.code for doubt in found.doubts}
    assert parse("2時間程度").reading.kind is Kind.NOT_A_FREQUENCY


def test_parts_that_add_up_to_the_count_are_no_further_values() -> None:
    assert parse("年6回（全体会2回、部会4回）").reading == parse("年6回").reading
    assert parse("年6回（全体会2回、部会3回）").reading.kind is Kind.MULTIPLE_VALUES
    quotas = parse("年4回（うち1回は公開、1回は外部講師）")
    assert (quotas.reading, quotas.sub_quotas) == (parse("年4回").reading, ("うち1回は公開、1回は外部講師",))


def test_a_number_still_to_be_filled_in_is_no_number() -> None:
    for text in ("年○回", "年〇回", "年（　）回", "年＿＿回"):
        assert (parse(text).reading.kind, parse(text).min_per_fiscal_year) == (Kind.PER_YEAR, None), text


def test_a_text_as_long_as_a_document_is_not_read() -> None:
    frequency = parse("年2回、" * 200)
    assert frequency.reading.kind is Kind.NOT_A_FREQUENCY
    assert [doubt.code for doubt in frequency.doubts] == [DoubtCode.TOO_LONG]


@pytest.mark.parametrize(
    "stored",
    [
        {"kind": "per_year", "min_cuont": 2},
        {"kind": "per_fortnight"},
        {"kind": "per_year", "months": [13]},
        {"kind": "per_week", "weekdays": ["monday"]},
        {"kind": "per_month", "time_start": "25:00"},
        {"min_count": 1},
        "per_year",
        None,
    ],
)
def test_a_stored_reading_that_cannot_be_is_refused(stored: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Reading.from_json(stored)
