"""Rhythms (2月に1回): due so long after the last one held, across the turn of the year. Pure arithmetic.

The interval itself says when; the number of the year follows from it and is due by the year's last day.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from domain import fiscal
from domain.plans.progress import DAY, Held, Standing, Year


class Interval(NamedTuple):
    """Every so many months or weeks."""

    months: int = 0
    weeks: int = 0

    def after(self, day: date, times: int = 1) -> date:
        """Give the day so many intervals later; where that month has no such day, its last.

        >>> Interval(months=6).after(date(2026, 8, 31)), Interval(weeks=2).after(date(2026, 4, 1))
        (datetime.date(2027, 2, 28), datetime.date(2026, 4, 15))
        """
        month = fiscal.months_after(fiscal.month_of(day), self.months * times)
        moved = month.replace(day=min(day.day, fiscal.last_day_of_month(month).day))
        return moved + timedelta(weeks=self.weeks * times)

    def whole_between(self, start: date, end: date) -> int:
        """Count the whole intervals from ``start`` that are over by ``end``, both days at their beginning.

        >>> Interval(months=2).whole_between(date(2025, 10, 1), date(2026, 4, 1))
        3
        """
        count = 0
        while self.after(start, count + 1) <= end:
            count += 1
        return count


class Rhythm(NamedTuple):
    """So many ``times`` within an interval, from ``start`` on, ``required`` in the year.

    ``in_force_on`` is the day of the revision that brought it in the middle of a year, and ``carried`` what was due by
    then; ``required`` holds it too.
    """

    interval: Interval
    times: int
    start: date
    required: int
    in_force_on: date | None = None
    carried: int = 0


def rolling(rhythm: Rhythm, held: Sequence[Held], year: Year, on: date, earlier: Sequence[Held] = ()) -> Standing:
    """Judge an interval: due one interval after the last one held, or after the start where none was.

    ``held`` are those of the year and ``earlier`` the last ones of the year before, both in order of days. Nothing is
    due before the rhythm came into force. What the year requires is due by its last day, though the interval may
    reach beyond it. Due so far counts the whole intervals since the start, or since the last one of the year before;
    once the year has ended, it is what was required.

    >>> year = Year(date(2026, 4, 1), date(2027, 3, 31))
    >>> quarterly = Rhythm(Interval(months=3), 1, year.first_on, 4)
    >>> [rolling(quarterly, [], year, day).is_behind for day in (date(2026, 7, 1), date(2026, 7, 2))]
    [False, True]
    >>> rolling(quarterly, [], year, date(2026, 4, 1), [Held(date(2026, 2, 10))]).next_due_on
    datetime.date(2026, 5, 10)
    """
    interval, times, start, required, in_force_on, carried = rhythm
    all_held = [*earlier, *held]
    since = all_held[-times].on if len(all_held) >= times else start
    after_last = interval.after(since)
    if in_force_on is not None:
        after_last = max(after_last, in_force_on)
    lacking = max(0, required - len(held))
    is_beyond = after_last > year.last_on
    next_due_on = None if is_beyond and not lacking else min(after_last, year.last_on)
    is_overdue = next_due_on is not None and next_due_on < on
    has_ended = on > year.last_on
    goes_on = len(earlier) >= times and start <= year.first_on
    anchor = earlier[-times].on if goes_on else start
    due = carried + times * _due_days(interval, anchor, year, on)
    return Standing(
        due_so_far=required if has_ended else min(due, required),
        is_behind=is_overdue,
        is_complete=next_due_on is None,
        next_due_on=next_due_on,
        deadline=year.last_on if is_overdue or next_due_on is None else next_due_on,
        missing=lacking if is_beyond else 1,
    )


def _due_days(interval: Interval, anchor: date, year: Year, on: date) -> int:
    """Count the days passed on which one was due; what was overdue before the year is due at its start."""
    first = max(interval.after(anchor), year.first_on - DAY)
    end = min(on - DAY, year.last_on + DAY)
    return 0 if first > end else 1 + interval.whole_between(first, end)
