"""The fiscal year of Japanese municipalities: April to March, its months, labels and periods."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fiscal import (
    calendar_year_of_era,
    closed_months,
    first_day,
    fiscal_year_label_ja,
    fiscal_year_of,
    fiscal_year_of_operation,
    last_day,
    last_day_of_month,
    month_code,
    month_in,
    month_label_ja,
    month_of,
    months_after,
    months_between,
    months_of,
    operation_year,
    parse_month,
    parse_period,
    period_of_fiscal_year,
)

DAYS = st.dates(date(1950, 1, 1), date(2150, 12, 31))


@given(DAYS)
def test_every_day_lies_between_first_and_last_day_of_its_fiscal_year(day: date) -> None:
    fiscal_year = fiscal_year_of(day)
    assert first_day(fiscal_year) <= day <= last_day(fiscal_year)
    assert month_of(day) in months_of(fiscal_year)
    assert month_in(fiscal_year, day.month) == month_of(day)


@given(DAYS, DAYS)
def test_months_between_two_days_are_as_many_as_the_steps_from_one_to_the_other(one: date, other: date) -> None:
    first, last = min(one, other), max(one, other)
    months = months_between(first, last)
    assert months[0] == month_of(first)
    assert months[-1] == month_of(last) == months_after(month_of(first), len(months) - 1)
    assert months_between(last, first) == (() if len(months) > 1 else months)


def test_the_fiscal_year_changes_between_31_march_and_1_april() -> None:
    assert fiscal_year_of(date(2026, 3, 31)) == 2025
    assert fiscal_year_of(date(2026, 4, 1)) == 2026


def test_a_fiscal_year_has_twelve_months_from_april_to_march() -> None:
    months = months_of(2027)
    assert [month.month for month in months] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
    assert months[-2] == date(2028, 2, 1)
    assert last_day_of_month(months[-2]) == date(2028, 2, 29)


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        (date(2025, 12, 31), 0),
        (date(2026, 4, 30), 0),
        (date(2026, 5, 1), 1),
        (date(2026, 12, 31), 8),
        (date(2027, 1, 1), 9),
        (date(2027, 3, 31), 11),
        (date(2027, 4, 1), 12),
        (date(2030, 1, 1), 12),
    ],
)
def test_a_month_is_closed_only_when_its_last_day_has_passed(day: date, closed: int) -> None:
    assert closed_months(2026, day) == closed


def test_the_fiscal_year_of_the_opening_is_the_first_operation_year_however_late_it_begins() -> None:
    assert [operation_year(date(2026, 3, 31), year) for year in (2024, 2025, 2026, 2029)] == [0, 1, 2, 5]
    assert operation_year(date(2026, 4, 1), 2026) == 1


@given(DAYS, st.integers(1, 40))
def test_operation_years_and_fiscal_years_are_two_names_of_the_same(opened_on: date, number: int) -> None:
    assert operation_year(opened_on, fiscal_year_of_operation(opened_on, number)) == number


@pytest.mark.parametrize(
    ("fiscal_year", "label"),
    [
        (1988, "昭和63年度"),
        (1989, "平成元年度"),
        (2018, "平成30年度"),
        (2019, "令和元年度"),
        (2020, "令和2年度"),
        (2026, "令和8年度"),
        (1920, "1920年度"),
    ],
)
def test_fiscal_years_are_labelled_by_the_era_of_their_april_with_2019_as_reiwa_1(fiscal_year: int, label: str) -> None:
    assert fiscal_year_label_ja(fiscal_year) == label


def test_months_are_written_for_programs_and_for_people() -> None:
    assert month_code(date(2026, 10, 1)) == "2026-10"
    assert month_label_ja(date(2026, 10, 1)) == "2026年10月"
    assert parse_month("2026-10") == date(2026, 10, 1)


@pytest.mark.parametrize(
    "code", ["2026-13", "2026-00", "2026-1", "26-01", "2026/01", " 2026-01", "2026-01-01", "", "２０２６-01"]
)
def test_a_month_code_has_one_form_only(code: str) -> None:
    with pytest.raises(ValueError, match="2026-04"):
        parse_month(code)


@pytest.mark.parametrize(
    ("text", "code", "months", "label"),
    [
        ("2026-04", "2026-04", 1, "2026年4月"),
        ("2026年4月", "2026-04", 1, "2026年4月"),
        ("２０２６年 ４月", "2026-04", 1, "2026年4月"),
        ("令和8年4月", "2026-04", 1, "2026年4月"),
        ("令和元年5月", "2019-05", 1, "2019年5月"),
        ("平成31年4月", "2019-04", 1, "2019年4月"),
        ("R8.4", "2026-04", 1, "2026年4月"),
        ("FY2026", "FY2026", 12, "令和8年度"),
        ("fy2026", "FY2026", 12, "令和8年度"),
        ("2026年度", "FY2026", 12, "令和8年度"),
        ("令和8年度", "FY2026", 12, "令和8年度"),
        ("令和 8 年度", "FY2026", 12, "令和8年度"),
        ("R8", "FY2026", 12, "令和8年度"),
        ("R8年度", "FY2026", 12, "令和8年度"),
        ("H31", "FY2019", 12, "令和元年度"),
        ("平成30年度", "FY2018", 12, "平成30年度"),
        ("令和元年度", "FY2019", 12, "令和元年度"),
        ("FY2026-Q1", "FY2026-Q1", 3, "令和8年度第1四半期"),
        ("FY2026Q4", "FY2026-Q4", 3, "令和8年度第4四半期"),
        ("令和8年度第二四半期", "FY2026-Q2", 3, "令和8年度第2四半期"),
        ("FY2026-H2", "FY2026-H2", 6, "令和8年度下半期"),
        ("令和8年度上半期", "FY2026-H1", 6, "令和8年度上半期"),
        ("令和8年度下期", "FY2026-H2", 6, "令和8年度下半期"),
    ],
)
def test_periods_are_read_as_people_write_them(text: str, code: str, months: int, label: str) -> None:
    period = parse_period(text)
    assert (period.code, len(period.months), period.label_ja) == (code, months, label)
    assert parse_period(period.code) == period


def test_the_last_quarter_and_half_lie_in_the_next_calendar_year() -> None:
    quarter, half = parse_period("FY2026-Q4"), parse_period("FY2026-H2")
    assert (quarter.first_month, quarter.last_month) == (date(2027, 1, 1), date(2027, 3, 1))
    assert (half.first_month, half.last_month) == (date(2026, 10, 1), date(2027, 3, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "FY26",
        "FY2026-",
        "FY2026-Q5",
        "FY2026-H3",
        "令和0",
        "8年度",
        "X8",
        "FY9999",
        "0001-04",
        "令和八年度",
    ],
)
def test_what_is_no_period_is_refused_with_a_japanese_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"ください。$"):
        parse_period(text)


@given(st.text(max_size=60))
def test_no_text_breaks_the_period_parser(text: str) -> None:
    try:
        code = parse_period(text).code
    except ValueError:
        code = "FY2026"
    assert parse_period(code).code == code


def test_eras_are_known_by_name_and_letter() -> None:
    assert calendar_year_of_era("R", 1) == calendar_year_of_era("令和", 1) == 2019
    assert period_of_fiscal_year(2019).label_ja == "令和元年度"
