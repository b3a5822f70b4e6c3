"""Dates and windows of a frequency inside one month or week, with closed days dropped or moved.

Recurrences come from ``dateutil.rrule``. Policies for a date on a closed day: ``drop``; ``next_open_day`` and
``previous_open_day`` look inside the same month or week, then to its other side, then drop.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal

from dateutil.rrule import FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule, weekday

from domain.fiscal import first_day, last_day, last_day_of_month
from domain.frequency.reading import Reading, Weekday
from domain.opening_days import DAY, Calendar

ClosedDayPolicy = Literal["drop", "previous_open_day", "next_open_day"]
RULE_DAYS: tuple[weekday, ...] = (MO, TU, WE, TH, FR, SA, SU)
ABOUT_DAYS = 3
"""毎月10日頃 allows so many days to either side."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A date, or a window of days with both ends included, in which at least ``minimum`` times are due."""

    from_on: date
    to_on: date
    minimum: int

    def as_json(self) -> dict[str, str | int]:
        """Write the occurrence with ISO dates."""
        return {"from": self.from_on.isoformat(), "to": self.to_on.isoformat(), "minimum": self.minimum}


def on(day: date, minimum: int = 1) -> Occurrence:
    """Make the occurrence that is a single day."""
    return Occurrence(day, day, minimum)


def whole_months(months: Iterable[date], minimum: int) -> Occurrence:
    """Make the window from the first day of the first month to the last day of the last."""
    listed = tuple(months)
    return Occurrence(listed[0], last_day_of_month(listed[-1]), minimum)


def in_month(
    reading: Reading, month: date, minimum: int, calendar: Calendar, policy: ClosedDayPolicy
) -> list[Occurrence]:
    """Place a monthly pattern in one month: on its weekdays, its day, its week, or anywhere in it."""
    if reading.nth_weeks and reading.weekdays:
        candidates = weekdays_of_month(reading, month)
        if reading.nth_mode == "any":
            return [window_of(candidates, calendar, minimum) or whole_months([month], minimum)]
        return placed(candidates, month, last_day_of_month(month), calendar, policy)
    if reading.nth_weeks:
        return _weeks_of_month(reading, month, minimum)
    if reading.day_of_month and minimum == 1:
        return _day_of_month(reading, month, calendar, policy)
    return [whole_months([month], minimum)]


def weekdays_of_month(reading: Reading, month: date) -> list[date]:
    """List the nth weekdays of a month; a fifth may be missing."""
    days = [RULE_DAYS[day.number](week) for day in reading.weekdays or () for week in reading.nth_weeks or ()]
    return _dates(rrule(MONTHLY, byweekday=days, dtstart=_at(month), until=_at(last_day_of_month(month))))


def weekly_dates(weekdays: Iterable[Weekday], first: date, last: date) -> list[date]:
    """List these weekdays from ``first`` to ``last``, both included."""
    days = [RULE_DAYS[day.number] for day in weekdays]
    return _dates(rrule(WEEKLY, byweekday=days, dtstart=_at(first), until=_at(last)))


def weeks_of(fiscal_year: int) -> list[tuple[date, date]]:
    """List the calendar weeks of a fiscal year, Monday to Sunday: 52 or 53, each in the year that holds its Thursday.

    The first and last are cut at 1 April and 31 March.
    """
    first, last = first_day(fiscal_year), last_day(fiscal_year)
    reach = timedelta(days=3)
    thursdays = weekly_dates([Weekday.THU], first, last)
    return [(max(first, thursday - reach), min(last, thursday + reach)) for thursday in thursdays]


def window_of(candidates: Iterable[date], calendar: Calendar, minimum: int) -> Occurrence | None:
    """Make one window from the first to the last open candidate; None where all are closed."""
    opened = [day for day in candidates if calendar.is_open(day)]
    return Occurrence(min(opened), max(opened), minimum) if opened else None


def placed(
    candidates: Iterable[date], first: date, last: date, calendar: Calendar, policy: ClosedDayPolicy, minimum: int = 1
) -> list[Occurrence]:
    """Put each date on itself or, where closed, where the policy moves it between ``first`` and ``last``.

    Two dates never share a day: the later one moves on.
    """
    taken: set[date] = set()
    for day in candidates:
        found = day if calendar.is_open(day) else _moved(day, first, last, calendar, policy, taken)
        if found is not None:
            taken.add(found)
    return [on(day, minimum) for day in sorted(taken)]


def _moved(
    day: date, first: date, last: date, calendar: Calendar, policy: ClosedDayPolicy, taken: set[date]
) -> date | None:
    if policy == "drop":
        return None
    following = [found for found in calendar.open_days_between(day, last) if found not in taken]
    preceding = [found for found in calendar.open_days_between(first, day) if found not in taken]
    nearest = [following[0] if following else None, preceding[-1] if preceding else None]
    if policy == "previous_open_day":
        nearest.reverse()
    return nearest[0] or nearest[1]


def _weeks_of_month(reading: Reading, month: date, minimum: int) -> list[Occurrence]:
    """第3週 without a weekday: the third seven days of the month; the last seven days for the last week."""
    last = last_day_of_month(month)
    windows = []
    for week in sorted(reading.nth_weeks or (), key=lambda week: week % 6):
        start = last - 6 * DAY if week == -1 else month + (week - 1) * 7 * DAY
        if start <= last:
            windows.append((start, min(last, start + 6 * DAY)))
    if not windows:
        return []
    if reading.nth_mode == "any":
        return [Occurrence(windows[0][0], windows[-1][1], minimum)]
    return [Occurrence(start, end, 1) for start, end in windows]


def _day_of_month(reading: Reading, month: date, calendar: Calendar, policy: ClosedDayPolicy) -> list[Occurrence]:
    last = last_day_of_month(month)
    number = reading.day_of_month or 1
    day = last if number == -1 else min(last, month + (number - 1) * DAY)
    if not reading.approximate:
        return placed([day], month, last, calendar, policy)
    if day in {month, last}:
        return [Occurrence(month, month + 6 * DAY, 1) if day == month else Occurrence(last - 6 * DAY, last, 1)]
    return [Occurrence(max(month, day - ABOUT_DAYS * DAY), min(last, day + ABOUT_DAYS * DAY), 1)]


def _at(day: date) -> datetime:
    return datetime.combine(day, time())


def _dates(rule: rrule) -> list[date]:
    return [moment.date() for moment in rule]
