"""Dates and windows of a frequency in a real fiscal year, with its holidays, and how a frequency falls due."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fiscal import first_day, last_day
from domain.frequency import (
    ClosedDayPolicy,
    Occurrence,
    Reading,
    expected_in,
    maximum_in_year,
    minimum_in_year,
    occurrences_in,
    parse,
    window_policy_of,
)
from domain.opening_days import Calendar

CALENDAR = Calendar()
PHRASES: list[str] = [
    case["phrase"]
    for name in ("frequency_phrases.json", "frequency_wordings.json")
    for case in json.loads((Path(__file__).parents[1] / "data" / name).read_text("utf-8"))["cases"]
]


def reading(text: str) -> Reading:
    return parse(text).reading


def written(occurrences: tuple[Occurrence, ...]) -> str:
    """Write 5/19..5/26 for a window, 7/28 for a date, ×2 for a minimum of two."""
    texts = []
    for one in occurrences:
        text = f"{one.from_on.month}/{one.from_on.day}"
        if one.to_on != one.from_on:
            text += f"..{one.to_on.month}/{one.to_on.day}"
        texts.append(text if one.minimum == 1 else f"{text}×{one.minimum}")
    return " ".join(texts)


def test_the_monday_meeting_in_principle_is_left_42_times_in_fiscal_year_2025() -> None:
    weekly = reading("原則として毎週月曜日の9時から1時間程度")
    dates = occurrences_in(weekly, 2025, CALENDAR)
    assert len(dates) == 42
    assert all(one.from_on == one.to_on and one.from_on.weekday() == 0 for one in dates)
    assert expected_in(weekly, 2025, CALENDAR, 1).minimum == 42
    assert minimum_in_year(weekly, 1) == 52


def test_a_holiday_left_out_of_the_calendar_is_noticed() -> None:
    ignoring = Calendar(closes_on_holidays=False)
    assert len(occurrences_in(reading("原則として毎週月曜日"), 2025, ignoring)) == 51
    assert len(occurrences_in(reading("原則として毎週月曜日"), 2025, Calendar(closes_at_year_end=False))) == 43


@pytest.mark.parametrize(
    ("fiscal_year", "windows"),
    [
        (2025, "5/19..5/26 7/28 9/22 11/17 1/19..1/26 3/16..3/23"),
        (2026, "5/18..5/25 7/27 9/28 11/16 1/18..1/25 3/15"),
    ],
)
def test_third_or_fourth_monday_avoids_the_holidays_that_the_or_is_there_for(fiscal_year: int, windows: str) -> None:
    joint = reading("奇数月第3または第4月曜日")
    assert written(occurrences_in(joint, fiscal_year, CALENDAR)) == windows


def test_no_even_month_thursday_of_fiscal_year_2025_is_a_holiday() -> None:
    liaison = reading("偶数月第3または第4木曜日")
    windows = "4/17..4/24 6/19..6/26 8/21..8/28 10/16..10/23 12/18..12/25 2/19..2/26"
    assert written(occurrences_in(liaison, 2025, CALENDAR)) == windows


def test_when_both_candidates_are_closed_the_whole_month_is_the_window() -> None:
    closed = Calendar(extra_closures=frozenset({date(2025, 4, 17), date(2025, 4, 24)}))
    assert written(occurrences_in(reading("偶数月第3または第4木曜日"), 2025, closed))[:9] == "4/1..4/30"


@pytest.mark.parametrize(
    ("text", "fiscal_year", "dates"),
    [
        ("毎月第2月曜日", 2025, "4/14 5/12 6/9 7/14 8/12 9/8 10/14 11/10 12/8 1/13 2/9 3/9"),
        ("毎月最終月曜日", 2025, "4/28 5/26 6/30 7/28 8/25 9/29 10/27 11/25 12/26 1/26 2/24 3/30"),
        ("5週目 月曜日 9:00～9:40", 2025, "6/30 9/29 12/26 3/30"),
        ("5週目 月曜日 9:00～9:40", 2026, "6/29 8/31 11/30 3/29"),
        (
            "第1・3金曜日（12月、1月、2月）",
            2026,
            "12/4 12/18 1/4 1/15 2/5 2/19",
        ),
        ("8月を除く毎月第1月曜日", 2026, "4/6 5/7 6/1 7/6 9/7 10/5 11/2 12/7 1/4 2/1 3/1"),
        ("毎月15日", 2026, "4/15 5/15 6/15 7/15 8/17 9/15 10/15 11/16 12/15 1/15 2/15 3/15"),
        ("毎月末日", 2025, "4/30 5/30 6/30 7/31 8/29 9/30 10/31 11/28 12/26 1/30 2/27 3/31"),
        (
            "偶数月の月末に1回",
            2026,
            "4/24..4/30 6/24..6/30 8/25..8/31 10/25..10/31 12/25..12/31 2/22..2/28",
        ),
        ("5月・11月の第2火曜日", 2026, "5/12 11/10"),
        ("毎年9月25日", 2027, "9/27"),
    ],
)
def test_a_weekday_or_day_of_the_month_on_a_closed_day_moves_to_the_next_open_day_of_the_month(
    text: str, fiscal_year: int, dates: str
) -> None:
    assert written(occurrences_in(reading(text), fiscal_year, CALENDAR)) == dates


@pytest.mark.parametrize(
    ("policy", "days"),
    [("drop", "4/14 5/12"), ("next_open_day", "4/14 5/12 8/12"), ("previous_open_day", "4/14 5/12 8/8")],
)
def test_the_policy_decides_what_becomes_of_a_closed_date(policy: ClosedDayPolicy, days: str) -> None:
    second_monday = reading("第2月曜日（4月、5月、8月）")
    found = occurrences_in(second_monday, 2025, CALENDAR, closed_day_policy=policy)
    assert written(found) == days


def test_a_plain_weekly_date_may_move_inside_its_week_but_one_in_principle_never_does() -> None:
    plain, principle = reading("毎週月曜日"), reading("原則として毎週月曜日")
    moved = occurrences_in(plain, 2025, CALENDAR, closed_day_policy="next_open_day")
    assert len(moved) == 51
    assert date(2025, 5, 7) in {one.from_on for one in moved}
    assert len(occurrences_in(plain, 2025, CALENDAR)) == 42
    assert len(occurrences_in(principle, 2025, CALENDAR, closed_day_policy="next_open_day")) == 42


def test_two_dates_of_one_week_never_fall_on_the_same_day() -> None:
    found = occurrences_in(reading("毎週月・火曜日"), 2025, CALENDAR, closed_day_policy="next_open_day")
    days = [one.from_on for one in found]
    assert len(days) == len(set(days))
    assert {date(2025, 5, 7), date(2025, 5, 8)} <= set(days)


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("年2回", "4/1..3/31×2"),
        ("年2回（5月・11月）", "5/1..5/31 11/1..11/30"),
        ("年4回（6月、12月）", "6/1..6/30×2 12/1..12/31×2"),
        ("年1回（6月または7月）", "6/1..7/31"),
        ("第1・第3四半期に各1回", "4/1..6/30 10/1..12/31"),
        ("上半期に1回", "4/1..9/30"),
        ("半期に1回", "4/1..9/30 10/1..3/31"),
        ("四半期毎に1回以上", "4/1..6/30 7/1..9/30 10/1..12/31 1/1..3/31"),
        ("四半期ごと（6月、9月、12月、3月）", "6/1..6/30 9/1..9/30 12/1..12/31 3/1..3/31"),
        ("4月から6月まで月1回", "4/1..4/30 5/1..5/31 6/1..6/30"),
        ("偶数月", "4/1..4/30 6/1..6/30 8/1..8/31 10/1..10/31 12/1..12/31 2/1..2/28"),
        ("偶数月（8月を除く）", "4/1..4/30 6/1..6/30 10/1..10/31 12/1..12/31 2/1..2/28"),
        ("2月に1回", "4/1..5/31 6/1..7/31 8/1..9/30 10/1..11/30 12/1..1/31 2/1..3/31"),
        ("隔月（8月を除く）", "4/1..5/31 6/1..7/31 10/1..11/30 12/1..1/31 2/1..3/31"),
        ("5か月に1回", "4/1..8/31 9/1..1/31"),
        ("18か月に1回", ""),
        ("2か月に3回", "4/1..5/31×3 6/1..7/31×3 8/1..9/30×3 10/1..11/30×3 12/1..1/31×3 2/1..3/31×3"),
        ("隔月第2火曜日", "4/14..5/12 6/9..7/14 9/8 10/13..11/10 12/8..1/12 2/9..3/9"),
    ],
)
def test_windows_are_whole_months_of_fiscal_year_2026(text: str, windows: str) -> None:
    assert written(occurrences_in(reading(text), 2026, CALENDAR)) == windows


def test_weekly_windows_are_calendar_weeks_with_an_open_day() -> None:
    weeks = occurrences_in(reading("週1回"), 2025, CALENDAR)
    assert len(weeks) == 51
    assert (weeks[0].from_on, weeks[0].to_on) == (date(2025, 4, 1), date(2025, 4, 6))
    assert date(2025, 12, 29) not in {one.from_on for one in weeks}
    assert all(one.from_on.weekday() == 0 for one in weeks[1:])


def test_a_fiscal_year_with_53_thursdays_has_53_weeks() -> None:
    all_days = Calendar(open_weekdays=frozenset(range(7)), closes_on_holidays=False, closes_at_year_end=False)
    counts = {year: len(occurrences_in(reading("週1回"), year, all_days)) for year in range(2020, 2032)}
    assert {year for year, count in counts.items() if count == 53} == {2021, 2027}
    assert set(counts.values()) == {52, 53}


def test_one_of_two_weekdays_gives_a_window_from_the_first_to_the_last_open_one() -> None:
    weeks = written(occurrences_in(reading("毎週火曜または木曜"), 2026, CALENDAR))
    assert weeks.startswith("4/2 4/7..4/9 4/14..4/16")
    assert " 5/7 " in weeks


def test_every_two_weeks_gives_26_windows_of_two_calendar_weeks() -> None:
    windows = occurrences_in(reading("隔週"), 2026, CALENDAR)
    assert len(windows) == 26
    assert written(windows[:3]) == "4/1..4/12 4/13..4/26 4/27..5/10"


def test_daily_means_every_open_day() -> None:
    days = occurrences_in(reading("毎日"), 2026, CALENDAR)
    assert [one.from_on for one in days] == list(CALENDAR.open_days_between(first_day(2026), last_day(2026)))


def test_every_three_years_is_due_one_interval_after_the_start() -> None:
    review = reading("3年ごと")
    due = [bool(occurrences_in(review, 2025 + year, CALENDAR, operation_year=year)) for year in range(1, 11)]
    assert due == [False, False, False, True, False, False, True, False, False, True]
    assert written(occurrences_in(review, 2028, CALENDAR, operation_year=4)) == "4/1..3/31"
    late = reading("2年目～ 3年ごと")
    assert [minimum_in_year(late, year) for year in range(1, 9)] == [0, 0, 0, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "随時",
        "適時",
        "通年",
        "未定",
        "中止",
        "開所時～",
        "第2回",
        "年2回 月1回",
        "年に数回",
        "年3回以内",
        "(月)～(金)週5日間(8:30～17:30)",
    ],
)
def test_what_has_no_minimum_has_no_occurrence(text: str) -> None:
    assert occurrences_in(reading(text), 2026, CALENDAR, operation_year=1) == ()
    assert window_policy_of(reading(text)) is None


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        (
            "四半期に1回（初年度は7月から）",
            "7/1..9/30 10/1..12/31 1/1..3/31",
            "4/1..6/30 7/1..9/30 10/1..12/31 1/1..3/31",
        ),
        (
            "3か月に1回（初年度は7月から）",
            "7/1..7/31 10/1..10/31 1/1..1/31",
            "4/1..6/30 7/1..9/30 10/1..12/31 1/1..3/31",
        ),
        ("偶数月第2火曜日（初年度は10月から）", "10/13 12/8 2/9", "4/14 6/9 8/12 10/13 12/8 2/9"),
    ],
)
def test_a_first_year_that_starts_late_is_due_from_then_on(text: str, first: str, second: str) -> None:
    phased = reading(text)
    assert written(expected_in(phased, 2026, CALENDAR, 1).occurrences) == first
    assert written(expected_in(phased, 2026, CALENDAR, 2).occurrences) == second


def test_years_named_apart_are_due_in_those_years_only() -> None:
    apart = reading("1・3年目 年2回")
    assert [expected_in(apart, 2025 + year, CALENDAR, year).minimum for year in (1, 2, 3, 4)] == [2, 0, 2, 0]


def test_phases_are_resolved_by_the_operation_year() -> None:
    item = reading("初年度 中止 2年目～ 四半期ごと")
    assert occurrences_in(item, 2026, CALENDAR, operation_year=1) == ()
    assert len(occurrences_in(item, 2027, CALENDAR, operation_year=2)) == 4
    assert expected_in(item, 2026, CALENDAR, 1).minimum == 0
    assert expected_in(item, 2025, CALENDAR, 0).minimum == 0
    with pytest.raises(ValueError, match="n年目"):
        occurrences_in(item, 2026, CALENDAR)


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("年2回", "in_year"),
        ("年6回（隔月）", "in_year"),
        ("全5回シリーズ", "in_year"),
        ("年2回（5月・11月）", "fixed_windows"),
        ("毎月", "fixed_windows"),
        ("四半期ごと", "fixed_windows"),
        ("半期に1回", "fixed_windows"),
        ("偶数月", "fixed_windows"),
        ("隔月（偶数月）", "fixed_windows"),
        ("3か月に1回（6月・9月・12月・3月）", "fixed_windows"),
        ("週1回", "fixed_windows"),
        ("毎週水曜日", "fixed_windows"),
        ("偶数月第3または第4木曜日", "fixed_windows"),
        ("3月に1回", "rolling"),
        ("少なくとも6月に1回以上", "rolling"),
        ("隔月", "rolling"),
        ("半年に1回", "rolling"),
        ("隔月第2火曜日", "rolling"),
        ("隔週", "rolling"),
        ("3年ごと", "rolling"),
        ("初年度 年2回 2年目～ 年3回", None),
    ],
)
def test_each_way_of_being_due_has_its_window_policy(text: str, policy: str | None) -> None:
    assert window_policy_of(reading(text)) == policy


@pytest.mark.parametrize(
    ("text", "year", "least", "most"),
    [
        ("年2回", 1, 2, 2),
        ("年2回以上", 1, 2, None),
        ("年3回以内", 1, 0, 3),
        ("概ね年4回", 1, 4, None),
        ("年1回、ほか随時", 1, 1, None),
        ("月1回（8月を除く）", 1, 11, 11),
        ("週1回", 1, 52, 53),
        ("5か月に1回", 1, 2, 3),
        ("2～3か月に1回", 1, 4, None),
        ("5週目 月曜日", 1, 4, 5),
        ("偶数月第5月曜日", 1, 1, 3),
        ("中止", 1, 0, 0),
        ("随時", 1, None, None),
        ("5年目～ 年1回", 4, 0, 0),
        ("5年目～ 年1回", 5, 1, 1),
        ("初年度のみ年2回", 2, 0, 0),
        ("3年ごと", 4, 1, 1),
        ("3年ごと", 5, 0, 1),
        ("年2回", 0, 0, 0),
    ],
)
def test_numbers_of_a_year_before_any_calendar(text: str, year: int, least: int | None, most: int | None) -> None:
    assert (minimum_in_year(reading(text), year), maximum_in_year(reading(text), year)) == (least, most)


def test_a_count_for_each_office_is_multiplied_by_their_number_or_not_known() -> None:
    visit = reading("全事業所を年1回訪問")
    assert expected_in(visit, 2026, CALENDAR, 1, units=31).minimum == 31
    unknown = expected_in(visit, 2026, CALENDAR, 1, units=None)
    assert (unknown.minimum, unknown.maximum, unknown.occurrences) == (None, None, ())


def test_occurrences_are_written_for_the_wire() -> None:
    (window,) = occurrences_in(reading("年2回"), 2026, CALENDAR)
    assert window.as_json() == {"from": "2026-04-01", "to": "2027-03-31", "minimum": 2}


@given(st.sampled_from(PHRASES), st.integers(2020, 2035), st.integers(0, 6))
@settings(max_examples=120, deadline=None)
def test_occurrences_lie_in_order_inside_the_fiscal_year_and_never_above_the_most(
    text: str, fiscal_year: int, operation_year: int
) -> None:
    expected = expected_in(reading(text), fiscal_year, CALENDAR, operation_year)
    days = [(one.from_on, one.to_on) for one in expected.occurrences]
    assert days == sorted(days)
    for one in expected.occurrences:
        assert first_day(fiscal_year) <= one.from_on <= one.to_on <= last_day(fiscal_year)
        assert one.minimum > 0
        if one.from_on == one.to_on:
            assert CALENDAR.is_open(one.from_on)
    if expected.minimum is not None and expected.maximum is not None:
        assert expected.minimum <= expected.maximum


@given(st.sampled_from(PHRASES), st.integers(2020, 2035))
@settings(max_examples=120, deadline=None)
def test_on_a_calendar_without_closed_days_no_year_expects_less_than_the_worst_full_year(
    text: str, fiscal_year: int
) -> None:
    always = Calendar(open_weekdays=frozenset(range(7)), closes_on_holidays=False, closes_at_year_end=False)
    least = minimum_in_year(reading(text), 4)
    expected = expected_in(reading(text), fiscal_year, always, 4).minimum
    assert (expected is None) is (least is None)
    if expected is not None and least is not None:
        assert expected >= least
