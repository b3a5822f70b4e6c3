"""Pace of a plan item (進捗): what is due by a day, whether it is kept, when the next one is due. Pure arithmetic.

Three window policies. ``in_year``: n times in the year, due in step with closed months. ``fixed_windows``: each window
(quarter, month, third Thursday) has a minimum of its own; a closed window without it stays missed. ``rolling``: so
long after the last one, in ``rhythms.py``. Open-ended, suspended and undetermined items are never behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from domain import fiscal

DAY = timedelta(days=1)


class Pace(StrEnum):
    """Where an item stands on a day."""

    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    DUE_SOON = "due_soon"
    BEHIND = "behind"
    ACHIEVED = "achieved"
    EXCEEDED = "exceeded"
    NO_TARGET = "no_target"
    SUSPENDED = "suspended"
    UNDETERMINED = "undetermined"


PACE_JA: Mapping[Pace, str] = {
    Pace.NOT_STARTED: "未開始",
    Pace.ON_TRACK: "順調",
    Pace.DUE_SOON: "期限間近",
    Pace.BEHIND: "遅れ",
    Pace.ACHIEVED: "達成",
    Pace.EXCEEDED: "目標超過",
    Pace.NO_TARGET: "目標回数なし",
    Pace.SUSPENDED: "中止",
    Pace.UNDETERMINED: "未定",
}


class Window(NamedTuple):
    """Days, both included, within which so many must be held."""

    from_on: date
    to_on: date
    minimum: int


class Held(NamedTuple):
    """A held activity: its day, and the day it had been planned for."""

    on: date
    planned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Year:
    """The part of a fiscal year in which the centre is open: its whole months, first to last.

    Months before the opening are nobody's debt, so that what is due is spread over the months that remain.
    """

    first_on: date
    last_on: date

    @property
    def months(self) -> tuple[date, ...]:
        """The months in order, that of the opening included."""
        return _months(self.first_on, self.last_on)

    def months_since(self, day: date | None) -> tuple[date, ...]:
        """List the months that had not closed by a day; the last one where all had."""
        if day is None or day <= self.first_on:
            return self.months
        return self.months[len(self.closed(day)) :] or self.months[-1:]

    def closed(self, on: date) -> tuple[date, ...]:
        """List the months whose last day has passed.

        >>> year = Year(date(2026, 4, 1), date(2027, 3, 31))
        >>> [len(year.closed(day)) for day in (date(2026, 4, 30), date(2026, 5, 1), date(2027, 4, 1))]
        [0, 1, 12]
        """
        return _closed(self.first_on, self.last_on, on)


@lru_cache(maxsize=256)
def _months(first_on: date, last_on: date) -> tuple[date, ...]:
    return fiscal.months_between(first_on, last_on)


@lru_cache(maxsize=1024)
def _closed(first_on: date, last_on: date, on: date) -> tuple[date, ...]:
    return tuple(month for month in _months(first_on, last_on) if fiscal.last_day_of_month(month) < on)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a policy says of an item on a day. ``next_due_on`` lies in the past where it is overdue (in_year, rolling).

    ``deadline`` ends the time in which the next ``missing`` ones can still be done.
    """

    due_so_far: int
    is_behind: bool
    is_complete: bool
    next_due_on: date | None
    deadline: date
    missing: int
    missed: tuple[Window, ...] = ()


def in_year(minimum: int, done: int, year: Year, on: date, *, since: date | None = None, carried: int = 0) -> Standing:
    """Judge n times in the year: due so far = minimum x closed months / months, rounded down.

    A target that came into force within the year, on ``since``, never judges the months that had closed by then: what
    was due by then, ``carried``, stays due, and the rest of the minimum is spread over the months that remain.
    Nothing of it falls due before ``since``.

    >>> year = Year(date(2026, 4, 1), date(2027, 3, 31))
    >>> [in_year(3, 0, year, day).due_so_far for day in (date(2026, 7, 31), date(2026, 8, 1), date(2027, 4, 1))]
    [0, 1, 3]
    >>> in_year(3, 0, year, date(2026, 8, 1)).next_due_on
    datetime.date(2026, 7, 31)
    >>> in_year(2, 0, year, date(2026, 10, 1), since=date(2026, 10, 1)).next_due_on
    datetime.date(2026, 12, 31)
    """
    months = year.months_since(since)
    carried = min(carried, minimum)
    rest = minimum - carried
    closed = max(0, len(year.closed(on)) - (len(year.months) - len(months)))
    due = carried + rest * closed // len(months)
    next_due_on = since if done < carried else None
    if carried <= done < minimum:
        needed = -(-len(months) * (done + 1 - carried) // rest)
        next_due_on = fiscal.last_day_of_month(months[needed - 1])
    return Standing(due, done < due, done >= minimum, next_due_on, year.last_on, max(0, minimum - done))


def fixed_windows(segments: Sequence[tuple[Sequence[Window], Sequence[Held]]], year: Year, on: date) -> Standing:
    """Judge windows, each against its own minimum. Several segments: the targets that held one after another.

    A closed window is one whose last day has passed. A moved activity counts for the window it had been planned for
    where that one lacks it, so that moved is not missed and held once too often; else for the window of its day. One
    outside all windows counts for one of its month that lacks it.
    """
    kept = [row for windows, held in segments for row in zip(windows, _met(windows, held), strict=True)]
    closed = [(window, count) for window, count in kept if window.to_on < on]
    missed = tuple(window for window, count in closed if count < window.minimum)
    waiting = [(window, window.minimum - count) for window, count in kept if window.to_on >= on]
    waiting = [(window, lacking) for window, lacking in waiting if lacking > 0]
    return Standing(
        due_so_far=sum(window.minimum for window, _ in closed),
        is_behind=bool(missed),
        is_complete=not waiting and not missed,
        next_due_on=waiting[0][0].to_on if waiting else None,
        deadline=waiting[0][0].to_on if waiting else year.last_on,
        missing=waiting[0][1] if waiting else 0,
        missed=missed,
    )


def _met(windows: Sequence[Window], held: Sequence[Held]) -> list[int]:
    """Count what was held for each window. Those in the window they were planned for come first, then moved ones."""
    counts = [0] * len(windows)
    moved, astray = [], []
    for activity in held:
        of_day = _window_of(windows, activity.on)
        of_plan = None if activity.planned_on is None else _window_of(windows, activity.planned_on)
        if of_plan is not None and of_plan != of_day:
            moved.append((of_plan, of_day))
        elif of_day is not None:
            counts[of_day] += 1
        else:
            astray.append(fiscal.month_of(activity.on))
    for of_plan, of_day in moved:
        is_full = counts[of_plan] >= windows[of_plan].minimum
        counts[of_day if is_full and of_day is not None else of_plan] += 1
    for month in astray:
        for index, window in enumerate(windows):
            if counts[index] < window.minimum and fiscal.month_of(window.from_on) == month:
                counts[index] += 1
                break
    return counts


def _window_of(windows: Sequence[Window], day: date) -> int | None:
    return next((index for index, window in enumerate(windows) if window.from_on <= day <= window.to_on), None)


def pace_of(standing: Standing, required: int, maximum: int | None, done: int, *, is_soon: bool) -> Pace:
    """Name the pace of an item with a countable target."""
    if standing.is_behind:
        return Pace.BEHIND
    if maximum is not None and done > maximum:
        return Pace.EXCEEDED
    if required == 0:
        return Pace.NO_TARGET
    if standing.is_complete and done >= required:
        return Pace.ACHIEVED
    return Pace.DUE_SOON if is_soon else Pace.ON_TRACK


def last_possible_month(deadline: date, missing: int, is_open: Callable[[date], bool], first_on: date) -> date | None:
    """Give the last month in which what is missing can still be done, one on each open day up to the deadline.

    None where nothing is missing, or not even all open days since ``first_on`` are enough.

    >>> weekdays = lambda day: day.weekday() < 5
    >>> last_possible_month(date(2027, 3, 31), 1, weekdays, date(2026, 4, 1))
    datetime.date(2027, 3, 1)
    >>> last_possible_month(date(2027, 3, 31), 1, lambda day: day.month != 3, date(2026, 4, 1))
    datetime.date(2027, 2, 1)
    """
    day, lacking = deadline, missing
    while lacking > 0 and day >= first_on:
        lacking -= is_open(day)
        day -= DAY
    return None if missing <= 0 or lacking > 0 else fiscal.month_of(day + DAY)
