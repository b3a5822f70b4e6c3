"""Lead times (準備の開始): by when preparing must start, and whether that makes an item due soon. Pure.

Source: seed 003 items 3-(2) (an external lecturer three months ahead) and 3-(4) (a designation one year ahead).
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from domain.plans.rhythms import Interval

SOON = timedelta(days=30)
LEAD_SOON = timedelta(days=14)


class Lead(NamedTuple):
    """A time to prepare in: from the day it starts to the day it prepares for."""

    starts_on: date
    due_on: date


def is_soon(next_due_on: date | None, on: date, leads: Sequence[Lead]) -> bool:
    """Tell whether the next one is due within 30 days, or a time to prepare starts within 14 or is running.

    >>> is_soon(date(2026, 7, 31), date(2026, 7, 1), ())
    True
    >>> lead = Lead(date(2026, 4, 30), date(2026, 7, 31))
    >>> [is_soon(date(2026, 7, 31), day, [lead]) for day in (date(2026, 4, 15), date(2026, 4, 16))]
    [False, True]
    """
    if next_due_on is not None and on <= next_due_on <= on + SOON:
        return True
    return any(lead.starts_on <= on + LEAD_SOON and on <= lead.due_on for lead in leads)


def prepared_for(next_due_on: date | None, planned: Sequence[date], on: date) -> date | None:
    """Give the day that is prepared for: the next planned one, but no later than the next is due, unless overdue.

    ``planned`` is in order.

    >>> prepared_for(date(2027, 3, 31), [date(2026, 5, 1), date(2027, 3, 10)], date(2026, 12, 17))
    datetime.date(2027, 3, 10)
    """
    day = next((day for day in planned if day >= on), None)
    if day is None or next_due_on is None or next_due_on < on:
        return day or next_due_on
    return min(day, next_due_on)


def lead_starts_on(due_on: date, months: int) -> date:
    """Give the day on which preparing must start.

    >>> lead_starts_on(date(2026, 7, 31), 3)
    datetime.date(2026, 4, 30)
    """
    return Interval(months=-months).after(due_on)
