"""Opening days: weekdays, national holidays, the closing at the year's end, and a centre's own days."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.fiscal import first_day, last_day
from domain.opening_days import DAY, Calendar, days_between, national_holidays

MONDAYS_OFF_IN_2025 = ["05-05", "07-21", "08-11", "09-15", "10-13", "11-03", "11-24", "12-29", "01-12", "02-23"]


def test_fiscal_year_2025_has_52_mondays_of_which_9_are_holidays_and_one_lies_in_the_year_end_closing() -> None:
    mondays = [day for day in days_between(first_day(2025), last_day(2025)) if day.weekday() == 0]
    closed = [day for day in mondays if not Calendar().is_open(day)]
    assert len(mondays) == 52
    assert [f"{day:%m-%d}" for day in closed] == MONDAYS_OFF_IN_2025
    assert sum(day in national_holidays(day.year) for day in closed) == 9


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2025, 5, 6), "振替休日"),
        (date(2025, 11, 24), "振替休日"),
        (date(2026, 9, 22), "国民の休日"),
        (date(2026, 9, 23), "秋分の日"),
        (date(2027, 3, 22), "振替休日"),
    ],
)
def test_substitute_holidays_and_days_between_holidays_are_known(day: date, name: str) -> None:
    assert name in national_holidays(day.year)[day]
    assert not Calendar().is_open(day)


def test_holidays_move_by_law_from_year_to_year() -> None:
    assert date(2021, 7, 19) not in national_holidays(2021)
    assert date(2021, 7, 22) in national_holidays(2021)


@pytest.mark.parametrize("day", ["12-28", "12-29", "01-03", "01-04"])
def test_the_year_end_closing_runs_from_29_december_to_3_january(day: str) -> None:
    year = 2026 if day.startswith("12") else 2027
    open_all_week = Calendar(open_weekdays=frozenset(range(7)), closes_on_holidays=False)
    assert open_all_week.is_open(date.fromisoformat(f"{year}-{day}")) is (day in {"12-28", "01-04"})


def test_extra_openings_open_a_saturday_and_extra_closures_win_over_them() -> None:
    saturday = date(2026, 5, 16)
    assert not Calendar().is_open(saturday)
    assert Calendar(extra_openings=frozenset({saturday})).is_open(saturday)
    both = Calendar(extra_openings=frozenset({saturday}), extra_closures=frozenset({saturday}))
    assert not both.is_open(saturday)


def test_the_next_and_previous_open_day_include_the_day_itself_and_respect_their_limit() -> None:
    calendar = Calendar()
    assert calendar.next_open_day(date(2026, 5, 1)) == date(2026, 5, 1)
    assert calendar.next_open_day(date(2026, 5, 2)) == date(2026, 5, 7)
    assert calendar.previous_open_day(date(2026, 5, 6)) == date(2026, 5, 1)
    assert calendar.next_open_day(date(2026, 12, 29), until=date(2026, 12, 31)) is None
    assert calendar.previous_open_day(date(2027, 1, 3), since=date(2027, 1, 1)) is None


def test_a_centre_that_never_opens_has_no_next_open_day() -> None:
    never = Calendar(open_weekdays=frozenset())
    assert never.next_open_day(date(2026, 4, 1)) is None
    assert never.previous_open_day(date(2026, 4, 1)) is None


@given(st.dates(date(2000, 1, 1), date(2049, 12, 31)), st.integers(0, 60))
def test_open_days_between_are_exactly_the_days_that_are_open(first: date, length: int) -> None:
    calendar, last = Calendar(), first + length * DAY
    opened = calendar.open_days_between(first, last)
    assert opened == tuple(sorted(opened))
    assert all(calendar.is_open(day) for day in opened)
    assert len(opened) == sum(calendar.is_open(first + step * DAY) for step in range(length + 1))
    assert calendar.open_days_between(last + DAY, first) == ()


LOADING = """
import sys
from domain.opening_days import national_holidays
assert not any(name.startswith("holidays") for name in sys.modules), "loaded before anybody asks"
ours = [national_holidays(year) for year in range(2000, 2036)]
assert "holidays.countries.japan" in sys.modules
assert "holidays.countries.france" not in sys.modules, "loaded for nothing"
import holidays
assert ours == [dict(holidays.country_holidays("JP", years=year, language="ja")) for year in range(2000, 2036)]
assert holidays.country_holidays("FR", years=2026), "another country can no longer be asked for"
"""


def test_only_japan_is_loaded_when_a_holiday_is_asked_for_and_says_what_the_library_says() -> None:
    subprocess.run([sys.executable, "-c", LOADING], check=True, cwd=Path(__file__).parents[2])
