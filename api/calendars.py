"""What calendar programs (予定表) read: events in plain values, and the way to the library that writes them.

``api.calendar_files`` wraps the library and is imported when the first calendar is asked for: it costs a worker
6 MiB and 0.2 seconds of processor time (icalendar 7.3, Python 3.11), which most workers never need to spend.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from typing import Any, Literal, Protocol

from domain.database import Row
from domain.lists import Enrich

MEDIA_TYPE = "text/calendar; charset=utf-8"
EXAMPLE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kikan//kikan//JA\r\nBEGIN:VEVENT\r\nSUMMARY:事業所訪問:あおば相談室\r\n"
    "DTSTART;TZID=Asia/Tokyo:20261014T133000\r\nDTEND;TZID=Asia/Tokyo:20261014T150000\r\nDTSTAMP:20261014T063000Z\r\n"
    "UID:0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11@kikan\r\nSEQUENCE:3\r\nSTATUS:CONFIRMED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
EVENTS_PER_TURN = 4
"""Events written before others get their turn: about 2 milliseconds of work."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event. ``starts`` is an instant, or a day for an event without recorded times, which keeps nobody busy."""

    uid: str
    summary: str
    category: str
    starts: datetime | date
    ends: datetime | None
    status: Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
    version: int
    changed_at: datetime
    location: str | None = None
    is_confidential: bool = False


@dataclass(frozen=True, slots=True)
class Calendar:
    """A list as a calendar: its name, and the events of a row in the shape of the caller's role.

    ``enrich`` adds what events need besides the row of the list.
    """

    name: str
    events_of: Callable[[Row], Iterable[Event]]
    enrich: Enrich | None = None


class Writer(Protocol):
    """What ``api.calendar_files`` offers."""

    def head(self, name: str) -> bytes:
        """Begin a calendar."""
        ...

    def event(self, event: Event) -> bytes:
        """Write one event."""
        ...

    def tail(self) -> bytes:
        """End a calendar."""
        ...


async def writer() -> Writer:
    """Give the writer of calendars, imported on first use and beside the event loop."""
    made: Any = await asyncio.to_thread(import_module, "api.calendar_files")
    found: Writer = made
    return found


async def written(write: Writer, events: Iterable[Event]) -> bytes:
    """Write events, a few at a turn: the library takes some 0.6 milliseconds for each."""
    parts = []
    for number, event in enumerate(events, start=1):
        parts.append(write.event(event))
        if number % EVENTS_PER_TURN == 0:
            await asyncio.sleep(0)
    return b"".join(parts)


async def whole_calendar(name: str, events: Sequence[Event]) -> bytes:
    """Write a small calendar in one piece."""
    write = await writer()
    return write.head(name) + await written(write, events) + write.tail()


def calendar_file() -> dict[int | str, dict[str, Any]]:
    """Declare an answer that is a calendar and nothing else."""
    content = {"text/calendar": {"schema": {"type": "string"}, "example": EXAMPLE}}
    return {200: {"content": content, "description": "The calendar (予定表)."}}
