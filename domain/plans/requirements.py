"""What a year requires of an item under the targets that hold one after another (年間必要回数). Pure.

The past never moves: what an earlier target had asked for by the day of a revision stays due, and its closed windows
stay windows, whatever comes after. A year in which the centre opens begins with the opening: windows that had ended
before do not exist, and a rhythm is reckoned from then on. A number in the year (年4回) is not cut down by itself, for
the documents do not say how; somebody must decide. Source: domain sources 9.1; docs/decisions/0008-revised-targets.md.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from domain import fiscal
from domain.frequency import Reading, occurrences_in
from domain.opening_days import Calendar
from domain.plans.progress import DAY, Window, Year, in_year
from domain.plans.rhythms import Interval
from domain.plans.targets import Target


class PlanYear(NamedTuple):
    """The year of a plan: ``open`` is the part of it in which the centre is open, ``calendar`` its opening days."""

    fiscal_year: int
    operation_year: int
    open: Year
    calendar: Calendar

    @property
    def opens_midway(self) -> bool:
        """Whether the centre opens in this year, later than in its first month."""
        return self.open.first_on > fiscal.last_day_of_month(fiscal.first_day(self.fiscal_year))


def year_open(fiscal_year: int, opened_on: date, closed_on: date | None) -> Year:
    """Give the part of a fiscal year in which a centre is open; its first or last day where that is none."""
    first, last = fiscal.first_day(fiscal_year), fiscal.last_day(fiscal_year)
    begins = max(first, min(opened_on, last))
    return Year(begins, last if closed_on is None else max(begins, min(last, closed_on)))


def required_under(targets: Sequence[Target], year: PlanYear) -> int | None:
    """Give what the year requires by the targets that have held so far, the last one in force; null: no number follows.

    A number in the year is itself. Windows and rhythms count from the day that they hold, and what had been due before
    comes on top.
    """
    target = targets[-1]
    if target.required is None:
        return None
    if target.policy == "in_year" or target.policy is None:
        return target.required
    if target.policy == "rolling":
        interval = interval_of(target)
        if interval is None:
            return target.required
        asked = times_of(target) * interval.whole_between(since(target, year), year.open.last_on + DAY)
    else:
        asked = sum(window.minimum for window in windows_under(targets, year)[-1])
    carried = carried_under(targets, year)
    # Within a year a revision to windows asks for what they sum up to; a planned minimum is never exceeded by them.
    return carried + (asked if len(targets) > 1 and target.policy == "fixed_windows" else min(target.required, asked))


def carried_under(targets: Sequence[Target], year: PlanYear) -> int:
    """Give what the earlier targets had asked for by the day from which the last one holds."""
    if len(targets) == 1:
        return 0
    due = 0
    windows = windows_under(targets, year)
    for target, following, kept in zip(targets, targets[1:], windows, strict=False):
        due = _due_by(target, following.from_on, due, sum(window.minimum for window in kept), year)
    return due


def _due_by(target: Target, on: date, carried: int, windows: int, year: PlanYear) -> int:
    begins, required = since(target, year), target.required or 0
    interval = interval_of(target)
    if target.policy == "fixed_windows":
        return carried + windows
    if target.policy == "rolling" and interval is not None:
        return carried + min(required, times_of(target) * interval.whole_between(begins, on - DAY))
    if target.policy is not None and required and on > begins:
        return in_year(required, 0, year.open, on, since=begins, carried=carried).due_so_far
    return carried


def since(target: Target, year: PlanYear) -> date:
    """Give the first day on which a target asks for anything."""
    return max(target.from_on, year.open.first_on)


def interval_of(target: Target) -> Interval | None:
    """Give the interval of a rhythm of months or weeks; null for one of years, whose number is one in the year."""
    reading = target.reading
    if reading is None or target.policy != "rolling":
        return None
    if reading.interval_months:
        return Interval(months=reading.interval_months)
    return Interval(weeks=reading.interval_weeks) if reading.interval_weeks else None


def times_of(target: Target) -> int:
    """Give how many a rhythm asks for within one interval."""
    return max(1, (target.reading and target.reading.min_count) or 1)


def needs_decision(targets: Sequence[Target], year: PlanYear) -> bool:
    """Whether somebody must decide on a number: there is none, or it is for a whole year and the centre opens midway.

    A revision is such a decision.
    """
    target = targets[-1]
    if target.needs_decision:
        return True
    return len(targets) == 1 and target.policy == "in_year" and bool(target.required) and year.opens_midway


@lru_cache(maxsize=2048)
def windows_in(reading: Reading, fiscal_year: int, operation_year: int, calendar: Calendar) -> tuple[Window, ...]:
    """List the windows of a reading in a fiscal year, in order."""
    found = occurrences_in(reading, fiscal_year, calendar, operation_year=operation_year)
    return tuple(Window(one.from_on, one.to_on, one.minimum) for one in found)


def windows_under(targets: Sequence[Target], year: PlanYear) -> list[tuple[Window, ...]]:
    """List the windows of each target that holds one after another: those that end while it is in force.

    Windows that had ended before the centre opened are left out; a target without windows has none.
    """
    found: list[tuple[Window, ...]] = []
    for index, target in enumerate(targets):
        following = targets[index + 1].from_on if index + 1 < len(targets) else None
        until = following - timedelta(days=1) if following else fiscal.last_day(year.fiscal_year)
        if target.reading is None or target.policy != "fixed_windows":
            found.append(())
            continue
        begins = since(target, year)
        windows = windows_in(target.reading, year.fiscal_year, year.operation_year, year.calendar)
        found.append(tuple(window for window in windows if begins <= window.to_on <= until))
    return found
