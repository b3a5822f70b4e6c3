"""Opening days of a centre (開所日): weekly days, national holidays, year-end closing, days of its own.

National holidays come from the ``holidays`` library, with substitute holidays (振替休日) and the equinoxes.
Source: seed 003 L6 (closed on Saturdays, Sundays, holidays and at the year's end), seed 002 L22-24.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import Any

DAY = timedelta(days=1)
MONDAY_TO_FRIDAY = frozenset(range(5))
YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
"""Month and day of the closing that public offices keep around the new year."""
FARTHEST = 366
"""A centre that is not open within so many days is taken as closed for good."""


@cache
def _japan() -> Any:
    """Load the library's Japan, and of its two hundred countries no other: they would take 8 MiB of every process.

    When a holiday is first asked for, not before: who only serves visits and counts never does.
    """
    countries = find_spec("holidays.countries")
    if countries is not None:
        sys.modules.setdefault(countries.name, module_from_spec(countries))
    return import_module("holidays.countries.japan").Japan


@lru_cache(maxsize=64)
def national_holidays(year: int) -> dict[date, str]:
    """Give the national holidays of a calendar year with their Japanese names."""
    return dict(_japan()(years=year, language="ja"))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days on which a centre is open. ``open_weekdays`` counts from 0 = Monday.

    ``extra_openings`` open a day that the rules would close; ``extra_closures`` win over everything.
    """

    open_weekdays: frozenset[int] = MONDAY_TO_FRIDAY
    closes_on_holidays: bool = True
    closes_at_year_end: bool = True
    extra_closures: frozenset[date] = frozenset()
    extra_openings: frozenset[date] = frozenset()

    def is_open(self, day: date) -> bool:
        """Say whether the centre is open on this day.

        >>> Calendar().is_open(date(2025, 11, 24)), Calendar().is_open(date(2025, 11, 25))
        (False, True)
        """
        if day in self.extra_closures:
            return False
        if day in self.extra_openings:
            return True
        if day.weekday() not in self.open_weekdays:
            return False
        if self.closes_at_year_end and (day.month, day.day) in YEAR_END:
            return False
        return not (self.closes_on_holidays and day in national_holidays(day.year))

    def open_days_between(self, first: date, last: date) -> tuple[date, ...]:
        """List the open days from ``first`` to ``last``, both included."""
        return tuple(day for day in days_between(first, last) if self.is_open(day))

    def next_open_day(self, day: date, *, until: date | None = None) -> date | None:
        """Find the first open day on or after ``day``, not after ``until``; None where there is none within a year."""
        last = day + FARTHEST * DAY if until is None else until
        return next((found for found in days_between(day, last) if self.is_open(found)), None)

    def previous_open_day(self, day: date, *, since: date | None = None) -> date | None:
        """Find the last open day on or before ``day``, not before ``since``; None where there is none within a year."""
        first = day - FARTHEST * DAY if since is None else since
        return next((found for found in days_between(first, day, backwards=True) if self.is_open(found)), None)


def days_between(first: date, last: date, *, backwards: bool = False) -> Iterator[date]:
    """Run through the days from ``first`` to ``last``, both included, or from ``last`` back to ``first``."""
    steps = range((last - first).days + 1)
    return (last - step * DAY for step in steps) if backwards else (first + step * DAY for step in steps)
