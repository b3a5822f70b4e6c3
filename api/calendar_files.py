"""Calendars as files (iCalendar, RFC 5545): the one module that imports icalendar, itself imported on first use only.

The library folds lines, escapes text and describes the time zone. What it lets through and RFC 5545 forbids, control
characters in texts, is taken out here.
"""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import icalendar

from api.calendars import Event

ZONE = ZoneInfo("Asia/Tokyo")
PRODUCT = "-//kikan//kikan//JA"
_BREAKS = dict.fromkeys(map(ord, "\t\n\v\f\r\x1c\x1d\x1e\x85\u2028\u2029"), " ")
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0))) | _BREAKS
_END = b"END:VCALENDAR\r\n"


def _line(text: str) -> str:
    """Give a text as one line without control characters."""
    return text.replace("\r\n", "\n").translate(_CONTROLS).strip()


@lru_cache(maxsize=16)
def head(name: str) -> bytes:
    """Begin a calendar: who made it, its name, the zone of its times."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    for member in ("name", "x-wr-calname"):
        calendar[member] = icalendar.vText(_line(name))
    calendar["x-wr-timezone"] = icalendar.vText(ZONE.key)
    calendar.add_component(icalendar.Timezone.from_tzid(ZONE.key))
    return bytes(calendar.to_ical()).removesuffix(_END)


def tail() -> bytes:
    """End a calendar."""
    return _END


def event(told: Event) -> bytes:
    """Write one event."""
    made = icalendar.Event()
    made["uid"] = icalendar.vText(told.uid)
    made["summary"] = icalendar.vText(_line(told.summary))
    made["categories"] = icalendar.vText(told.category)
    made["status"] = icalendar.vText(told.status)
    made["sequence"] = icalendar.vInt(told.version)
    made.add("dtstamp", told.changed_at)
    made.add("last-modified", told.changed_at)
    made.add("dtstart", _moment(told.starts))
    if told.ends is not None:
        made.add("dtend", _moment(told.ends))
    if not isinstance(told.starts, datetime):
        made["transp"] = icalendar.vText("TRANSPARENT")
    if told.location is not None and (place := _line(told.location)):
        made["location"] = icalendar.vText(place)
    if told.is_confidential:
        made["class"] = icalendar.vText("CONFIDENTIAL")
    return bytes(made.to_ical())


def _moment(told: datetime | date) -> datetime | date:
    return told.astimezone(ZONE) if isinstance(told, datetime) else told
