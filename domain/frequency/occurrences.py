"""What a frequency expects in a fiscal year: dates or windows, and the numbers that follow from them.

Three ways to be due (window policy): n times somewhere in the year; in each of fixed windows; or within an interval
since the last time. Weeks are calendar weeks; months, quarters and halves are those of the fiscal year.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from domain.fiscal import first_day, last_day, month_in, months_of
from domain.frequency.counting import (
    eligible_months,
    is_due_year,
    is_rolling_months,
    maximum_in_year,
    minimum_in_year,
    month_runs,
    phase_in_year,
)
from domain.frequency.dates import (
    ClosedDayPolicy,
    Occurrence,
    in_month,
    placed,
    weekdays_of_month,
    weekly_dates,
    weeks_of,
    whole_months,
    window_of,
)
from domain.frequency.reading import COUNTABLE, Kind, Reading
from domain.opening_days import DAY, Calendar

WindowPolicy = Literal["in_year", "fixed_windows", "rolling"]


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected in one fiscal year. ``minimum`` null = no number follows, ``maximum`` null = open above."""

    minimum: int | None
    maximum: int | None
    occurrences: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where occurrences are sought: a fiscal year, the opening days of the centre, what becomes of closed days."""

    fiscal_year: int
    calendar: Calendar
    policy: ClosedDayPolicy | None

    @property
    def months(self) -> tuple[date, ...]:
        """The twelve months, April first."""
        return months_of(self.fiscal_year)

    def months_numbered(self, numbers: tuple[int, ...]) -> list[date]:
        """The months with these calendar numbers."""
        return [month_in(self.fiscal_year, number) for number in numbers]


def expected_in(
    reading: Reading, fiscal_year: int, calendar: Calendar, operation_year: int, *, units: int | None = 1
) -> Expected:
    """Say what a plan must expect in a fiscal year that is the centre's ``operation_year``-th.

    The minimum is that of this very year: closed days are off, a fifth Monday counts where there is one.
    ``units`` is the number of offices a count is for each of (全事業所を年1回); null = not known, so no number follows.
    """
    occurrences = occurrences_in(reading, fiscal_year, calendar, operation_year=operation_year)
    if units is None:
        return Expected(None, None, ())
    occurrences = tuple(replace(one, minimum=one.minimum * units) for one in occurrences)
    known = minimum_in_year(reading, operation_year) is not None
    most = maximum_in_year(reading, operation_year)
    return Expected(
        sum(one.minimum for one in occurrences) if known else None, None if most is None else most * units, occurrences
    )


def occurrences_in(
    reading: Reading,
    fiscal_year: int,
    calendar: Calendar,
    *,
    operation_year: int | None = None,
    closed_day_policy: ClosedDayPolicy | None = None,
) -> tuple[Occurrence, ...]:
    """List the dates or windows in which a reading is due in a fiscal year, in order; none for open-ended ones.

    ``closed_day_policy`` decides about dates on closed days. By default weekly dates drop out (原則 ones always do),
    and a weekday or day of the month moves to the next open day of that month. Where any of several dates will do,
    the window runs from the first to the last open one, or over the whole month if none is open.

    Raises:
        ValueError: the reading has phases or an interval of years, and no operation year was given to choose by.
    """
    if reading.kind in {Kind.PHASED, Kind.EVERY_N_YEARS} and operation_year is None:
        raise ValueError("経過年数によって変わる回数には、開所からの年数（n年目）の指定が必要です。")
    governing = reading if operation_year is None else phase_in_year(reading, operation_year)
    if governing is None or governing.kind not in COUNTABLE or not governing.min_count:
        return ()
    if governing.kind is Kind.EVERY_N_YEARS and not is_due_year(reading, operation_year or 1):
        return ()
    scope = Scope(fiscal_year, calendar, closed_day_policy)
    return tuple(_BY_KIND[governing.kind](governing, scope, governing.min_count))


def window_policy_of(reading: Reading) -> WindowPolicy | None:
    """Say how a reading falls due; None where nothing is (no number, suspended, several values) or a phase decides.

    Source: domain decisions, section 4.
    """
    if reading.kind not in COUNTABLE or not reading.min_count:
        return None
    if reading.kind in {Kind.EVERY_N_WEEKS, Kind.EVERY_N_YEARS}:
        return "rolling"
    if reading.kind in {Kind.EVERY_N_MONTHS, Kind.NTH_WEEKDAY} and is_rolling_months(reading):
        return "rolling"
    if reading.kind is Kind.PER_YEAR and not reading.months:
        return "in_year"
    return "fixed_windows"


def _per_year(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    """In named months: the count spread evenly over them, else over runs of neighbouring ones, else one window."""
    if not reading.months:
        return [whole_months(scope.months, count)]
    months = scope.months_numbered(eligible_months(reading))
    if months and count % len(months) == 0:
        return _each_month(reading, scope, months, count // len(months))
    runs = _runs(months, scope)
    if runs and count % len(runs) == 0:
        return [whole_months(run, count // len(runs)) for run in runs]
    return [whole_months(months or scope.months, count)]


def _runs(months: list[date], scope: Scope) -> list[list[date]]:
    order = {month: position for position, month in enumerate(scope.months)}
    runs: list[list[date]] = []
    for month in months:
        if runs and order[month] == order[runs[-1][-1]] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return runs


def _each_month(reading: Reading, scope: Scope, months: list[date], count: int) -> list[Occurrence]:
    policy = scope.policy or "next_open_day"
    return [found for month in months for found in in_month(reading, month, count, scope.calendar, policy)]


def _monthly(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    return _each_month(reading, scope, scope.months_numbered(eligible_months(reading)), count)


def _parts(length: int) -> Callable[[Reading, Scope, int], list[Occurrence]]:
    """Halves and quarters, each cut down to the months that the reading allows."""

    def occurrences(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
        allowed = set(scope.months_numbered(eligible_months(reading)))
        parts = [scope.months[start : start + length] for start in range(0, 12, length)]
        windows = [[month for month in part if month in allowed] for part in parts]
        return [whole_months(window, count) for window in windows if window]

    return occurrences


def _every_n_months(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    if not is_rolling_months(reading):
        return _monthly(reading, scope, count)
    return [whole_months(scope.months_numbered(run), count) for run in month_runs(reading)]


def _nth_weekday(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    if not is_rolling_months(reading):
        return _monthly(reading, scope, count)
    windows = []
    for run in month_runs(reading):
        months = scope.months_numbered(run)
        candidates = [day for month in months for day in weekdays_of_month(reading, month)]
        windows.append(window_of(candidates, scope.calendar, count) or whole_months(months, count))
    return windows


def _per_week(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    """Weekday patterns give dates; other weekly counts a window per calendar week with an open day."""
    weekdays = reading.weekdays or ()
    allowed = set(eligible_months(reading))
    if weekdays and count % len(weekdays) == 0:
        return _weekly_dates(reading, scope, count // len(weekdays))
    found: list[Occurrence] = []
    for first, last in weeks_of(scope.fiscal_year):
        days = weekly_dates(weekdays, first, last) if weekdays else scope.calendar.open_days_between(first, last)
        window = window_of((day for day in days if day.month in allowed), scope.calendar, count)
        if window is not None:
            found.append(window if weekdays else Occurrence(first, last, count))
    return found


def _weekly_dates(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    """Every such weekday of the fiscal year; a closed one moves inside its own week or drops out."""
    policy = "drop" if reading.in_principle else scope.policy or "drop"
    start, end = first_day(scope.fiscal_year), last_day(scope.fiscal_year)
    allowed = set(eligible_months(reading))
    weeks: dict[date, list[date]] = {}
    for day in weekly_dates(reading.weekdays or (), start, end):
        if day.month in allowed:
            weeks.setdefault(day - day.weekday() * DAY, []).append(day)
    found: list[Occurrence] = []
    for monday, days in weeks.items():
        first, last = max(start, monday), min(end, monday + 6 * DAY)
        found += placed(days, first, last, scope.calendar, policy, count)
    return found


def _every_n_weeks(reading: Reading, scope: Scope, count: int) -> list[Occurrence]:
    length = reading.interval_weeks or 1
    weeks = weeks_of(scope.fiscal_year)
    windows = []
    for start in range(0, len(weeks) - length + 1, length):
        first, last = weeks[start][0], weeks[start + length - 1][1]
        candidates = weekly_dates(reading.weekdays, first, last) if reading.weekdays else []
        windows.append(window_of(candidates, scope.calendar, count) or Occurrence(first, last, count))
    return windows


_BY_KIND: dict[Kind, Callable[[Reading, Scope, int], list[Occurrence]]] = {
    Kind.PER_YEAR: _per_year,
    Kind.PER_HALF: _parts(6),
    Kind.PER_QUARTER: _parts(3),
    Kind.PER_MONTH: _monthly,
    Kind.PER_WEEK: _per_week,
    Kind.EVERY_N_MONTHS: _every_n_months,
    Kind.EVERY_N_WEEKS: _every_n_weeks,
    Kind.EVERY_N_YEARS: _per_year,
    Kind.NTH_WEEKDAY: _nth_weekday,
}
