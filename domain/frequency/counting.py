"""How often at least and at most: from a reading to numbers for a fiscal year, before any calendar of closed days.

Source: counting rules of the phrase collection; domain sources section 9.
"""

from calendar import monthrange
from collections.abc import Callable
from functools import lru_cache
from math import ceil

from domain.fiscal import month_in
from domain.frequency.reading import COUNTABLE, Kind, Reading, Weekday

WEEKS, TOUCHED_WEEKS = 52, 53
"""A fiscal year has 52 weeks and 1 or 2 days: 52 weeks for certain, days of 53 calendar weeks at most."""
CALENDAR_CYCLE = range(2001, 2029)
"""After 28 years weekdays and leap years repeat, so these fiscal years show every pattern of fifth weekdays."""
FISCAL_MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)

Times = Callable[[Reading, int], int]


def eligible_months(reading: Reading) -> tuple[int, ...]:
    """List the calendar months that the reading allows, April first: named, of the right parity, not excluded."""
    odd = {"even": 0, "odd": 1}.get(reading.month_parity or "all")
    return tuple(
        month
        for month in FISCAL_MONTHS
        if (reading.months is None or month in reading.months)
        and month not in (reading.exclude_months or ())
        and (odd is None or month % 2 == odd)
    )


def months_met(reading: Reading, *, most: bool = False) -> int:
    """Count the months of a year in which a monthly pattern falls due; an interval without parity leaves out some."""
    if not is_rolling_months(reading):
        return len(eligible_months(reading))
    return ceil(12 / (reading.interval_months or 1)) if most else len(month_runs(reading))


def is_rolling_months(reading: Reading) -> bool:
    """Say whether months follow one another by an interval only, without parity or names that fix them."""
    fixed = reading.month_parity in {"even", "odd"} or reading.months is not None
    return reading.interval_months is not None and not fixed


def month_runs(reading: Reading) -> tuple[tuple[int, ...], ...]:
    """Cut the fiscal year into runs of the interval from April on; one with an excluded month or cut short falls out.

    >>> month_runs(Reading(kind=Kind.EVERY_N_MONTHS, interval_months=5))
    ((4, 5, 6, 7, 8), (9, 10, 11, 12, 1))
    """
    length = reading.interval_months or 1
    runs = (FISCAL_MONTHS[start : start + length] for start in range(0, 12 - length + 1, length))
    excluded = set(reading.exclude_months or ())
    return tuple(run for run in runs if not excluded & set(run))


def minimum_of(reading: Reading) -> int | None:
    """Give the least number of occurrences in a full fiscal year; None where no number follows.

    Closed days are not taken off. Every three years means 0, since a single year may be free.
    """
    if reading.kind is Kind.SUSPENDED:
        return 0
    if reading.kind not in COUNTABLE or reading.min_count is None:
        return None
    if reading.kind is Kind.NTH_WEEKDAY and 5 in (reading.nth_weeks or ()):
        return _fifth_weekdays(reading, reading.min_count, min)
    return _LEAST[reading.kind](reading, reading.min_count)


def maximum_of(reading: Reading) -> int | None:
    """Give the greatest number of occurrences in a fiscal year that still is within the reading; None = open above.

    Nothing bounds 程度, 以上 and a pattern with 随時 on top.
    """
    if reading.kind is Kind.SUSPENDED:
        return 0
    unbound = reading.approximate or reading.also_as_needed or reading.max_count is None
    if reading.kind not in COUNTABLE or unbound or reading.max_count is None:
        return None
    if reading.kind is Kind.NTH_WEEKDAY and 5 in (reading.nth_weeks or ()):
        return _fifth_weekdays(reading, reading.max_count, max)
    return _MOST[reading.kind](reading, reading.max_count)


def phase_in_year(reading: Reading, operation_year: int) -> Reading | None:
    """Give the reading that governs an operation year; None before the opening, before the start or after the end."""
    if operation_year < 1:
        return None
    if reading.kind is not Kind.PHASED:
        return reading
    return next((phase.reading for phase in reading.phases or () if phase.holds_in(operation_year)), None)


def minimum_in_year(reading: Reading, operation_year: int) -> int | None:
    """Give the least number of occurrences in an operation year: 0 where nothing is due yet or it is suspended.

    Where every three years is meant, 1 in the years it falls due: the first is one interval after the start.

    >>> every_three_years = Reading(kind=Kind.EVERY_N_YEARS, min_count=1, max_count=1, interval_years=3)
    >>> [minimum_in_year(every_three_years, year) for year in range(1, 8)]
    [0, 0, 0, 1, 0, 0, 1]
    """
    governing = phase_in_year(reading, operation_year)
    if governing is None:
        return 0
    if governing.kind is Kind.EVERY_N_YEARS:
        return governing.min_count if is_due_year(reading, operation_year) else 0
    return minimum_of(governing)


def maximum_in_year(reading: Reading, operation_year: int) -> int | None:
    """Give the greatest number of occurrences in an operation year: 0 where it has not started or is suspended."""
    governing = phase_in_year(reading, operation_year)
    return 0 if governing is None else maximum_of(governing)


def is_due_year(reading: Reading, operation_year: int) -> bool:
    """Say whether a pattern of several years falls due in this operation year, reckoned from the year it starts."""
    governing = phase_in_year(reading, operation_year)
    if governing is None or not governing.interval_years:
        return False
    start = next((phase.from_year or 1 for phase in reading.phases or () if phase.reading == governing), 1)
    passed = operation_year - start
    return passed > 0 and passed % governing.interval_years == 0


def _parts_met(reading: Reading, length: int) -> int:
    """Count the halves or quarters in which the reading allows a month."""
    allowed = set(eligible_months(reading))
    return sum(bool(allowed & set(FISCAL_MONTHS[start : start + length])) for start in range(0, 12, length))


def _weeks_met(reading: Reading) -> int:
    """Every month has four of each weekday; leaving out a month costs at most five of the 52."""
    months = len(eligible_months(reading))
    return max(4 * months, WEEKS - 5 * (12 - months))


_LEAST: dict[Kind, Times] = {
    Kind.PER_YEAR: lambda _, count: count,
    Kind.PER_HALF: lambda reading, count: count * _parts_met(reading, 6),
    Kind.PER_QUARTER: lambda reading, count: count * _parts_met(reading, 3),
    Kind.PER_MONTH: lambda reading, count: count * months_met(reading),
    Kind.PER_WEEK: lambda reading, count: count * _weeks_met(reading),
    Kind.EVERY_N_MONTHS: lambda reading, count: count * months_met(reading),
    Kind.EVERY_N_WEEKS: lambda reading, count: count * (WEEKS // (reading.interval_weeks or 1)),
    Kind.EVERY_N_YEARS: lambda *_: 0,
    Kind.NTH_WEEKDAY: lambda reading, count: count * months_met(reading),
}
_MOST: dict[Kind, Times] = _LEAST | {
    Kind.PER_WEEK: lambda reading, count: count * min(TOUCHED_WEEKS, 6 * len(eligible_months(reading))),
    Kind.EVERY_N_MONTHS: lambda reading, count: count * months_met(reading, most=True),
    Kind.EVERY_N_WEEKS: lambda reading, count: count * ceil(TOUCHED_WEEKS / (reading.interval_weeks or 1)),
    Kind.EVERY_N_YEARS: lambda _, count: count,
    Kind.NTH_WEEKDAY: lambda reading, count: count * months_met(reading, most=True),
}


def _fifth_weekdays(reading: Reading, count: int, pick: Callable[[list[int]], int]) -> int:
    """Count with a fifth weekday in the pattern, which most months lack: worst or best year of the calendar cycle."""
    weeks = reading.nth_weeks or ()
    months = eligible_months(reading)
    if reading.nth_mode == "any" and len(weeks) > 1:
        return count * len(months)
    weekdays = reading.weekdays or ()
    regular = max(0, count - len(weekdays)) * len(months)
    return regular + sum(pick(list(_fifths(months, weekday))) for weekday in weekdays)


@lru_cache(maxsize=256)
def _fifths(months: tuple[int, ...], weekday: Weekday) -> tuple[int, ...]:
    """Count, for each fiscal year of the calendar cycle, the months among these that have a fifth such weekday."""
    return tuple(sum(_has_fifth(year, month, weekday) for month in months) for year in CALENDAR_CYCLE)


def _has_fifth(fiscal_year: int, number: int, weekday: Weekday) -> bool:
    month = month_in(fiscal_year, number)
    starts_on, days = monthrange(month.year, month.month)
    return (weekday.number - starts_on) % 7 + 29 <= days
