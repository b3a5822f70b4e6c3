"""The calendar of a centre (開所日): which days it is open, and why not.

Made of the weekly hours, the national holidays, the closing at the year's end and the closures of the centre. A centre
that has told no hours is taken as open from Monday to Friday, and says so.
"""

from datetime import date
from typing import Any

from domain import audit
from domain.database import Row, Session
from domain.errors import Fault, RuleError
from domain.opening_days import MONDAY_TO_FRIDAY, YEAR_END, Calendar, days_between, national_holidays
from domain.places.centre_parts import CLOSURES_BETWEEN, HOURS_OF
from domain.places.centres import WEEKDAYS, centre_for

LONGEST_DAYS = 400
"""More than a fiscal year; a longer calendar is asked for in parts."""

_REASONS_JA = {
    "weekly_hours": None,
    "opened": "臨時開所",
    "closed": "臨時休所",
    "not_operating": "開設前または閉鎖後",
    "year_end": "年末年始",
    "holiday": "祝日",
    "closed_weekday": "休所の曜日",
}


async def _read(session: Session, centre_id: str, first: date, last: date) -> tuple[Row, list[Row], list[Row]]:
    centre = await centre_for(session, centre_id)
    hours = await session.rows(HOURS_OF, centre_id=centre_id)
    closures = await session.rows(CLOSURES_BETWEEN, centre_id=centre_id, first=first, last=last)
    return centre, hours, closures


def calendar_of(centre: Row, hours: list[Row], closures: list[Row], first: date, last: date) -> Calendar:
    """Build the calendar of a centre from its rows; pure. Outside its life the centre is closed."""
    is_whole = _operates(centre, first) and _operates(centre, last)
    return Calendar(
        open_weekdays=frozenset(WEEKDAYS.index(row["weekday"]) for row in hours) or MONDAY_TO_FRIDAY,
        extra_closures=frozenset(row["day"] for row in closures if row["kind"] == "closed")
        | frozenset(() if is_whole else (day for day in days_between(first, last) if not _operates(centre, day))),
        extra_openings=frozenset(row["day"] for row in closures if row["kind"] == "open"),
    )


def _operates(centre: Row, day: date) -> bool:
    return bool(centre["opened_on"] <= day and (centre["closed_on"] is None or day <= centre["closed_on"]))


async def calendar_for(session: Session, centre_id: str, first_day: date, last_day: date) -> Calendar:
    """Give the opening days of a centre; it holds from ``first_day`` to ``last_day``, both inclusive.

    Raises:
        NotFoundError: the centre is outside reach.
    """
    return calendar_of(*await _read(session, centre_id, first_day, last_day), first_day, last_day)


async def days_of(session: Session, centre_id: str, first: date, last: date) -> dict[str, Any]:
    """Give every day from ``first`` to ``last``, both inclusive, open or closed, with hours and the reason.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: they are more than 400 days apart.
    """
    _refuse_too_long(first, last)
    centre, hours, closures = await _read(session, centre_id, first, last)
    return {
        "from": first,
        "to": last,
        "hours_known": bool(hours),
        "days": _days(centre, hours, closures, first, last),
    }


async def exceptional_days_of(session: Session, centre_id: str, first: date, last: date) -> tuple[Row, list[Row]]:
    """Give a centre, and the days of ``days_of`` on which its weekly hours do not hold; the export is noted.

    Days before it opened and after it closed are none of them.

    Raises:
        NotFoundError, RuleError: as ``days_of``.
    """
    _refuse_too_long(first, last)
    centre, hours, closures = await _read(session, centre_id, first, last)
    told = {"format": "ics", "from": first, "to": last}
    await session.store(
        audit.entry_of(session, "centres.export", "centres", centre_id, after=told, centre_id=centre_id)
    )
    days = _days(centre, hours, closures, first, last)
    return centre, [day for day in days if day["reason"] not in ("weekly_hours", "closed_weekday", "not_operating")]


def _days(centre: Row, hours: list[Row], closures: list[Row], first: date, last: date) -> list[Row]:
    calendar = calendar_of(centre, hours, closures, first, last)
    by_weekday = {row["weekday"]: row for row in hours}
    by_day = {row["day"]: row for row in closures}
    days = []
    for day in days_between(first, last):
        is_open = calendar.is_open(day)
        told = by_day.get(day)
        reason = _reason(centre, calendar, day, told)
        of_weekday = by_weekday.get(WEEKDAYS[day.weekday()], {}) if is_open else {}
        holiday = national_holidays(day.year).get(day)
        days.append(
            {
                "day": day,
                "weekday": WEEKDAYS[day.weekday()],
                "is_open": is_open,
                "opens_at": of_weekday.get("opens_at"),
                "closes_at": of_weekday.get("closes_at"),
                "reason": reason,
                "reason_ja": (told or {}).get("reason") or (holiday if reason == "holiday" else _REASONS_JA[reason]),
            }
        )
    return days


def _reason(centre: Row, calendar: Calendar, day: date, told: Row | None) -> str:
    if not _operates(centre, day):
        return "not_operating"
    if told is not None:
        return "opened" if told["kind"] == "open" else "closed"
    if day.weekday() not in calendar.open_weekdays:
        return "closed_weekday"
    if (day.month, day.day) in YEAR_END:
        return "year_end"
    return "holiday" if day in national_holidays(day.year) else "weekly_hours"


def _refuse_too_long(first: date, last: date) -> None:
    if (last - first).days >= LONGEST_DAYS:
        ja, en = f"期間は{LONGEST_DAYS}日までにしてください。", f"Ask for at most {LONGEST_DAYS} days."
        raise RuleError("period_too_long", ja, en, faults=(Fault("period_too_long", ja, en, parameter="to"),))
