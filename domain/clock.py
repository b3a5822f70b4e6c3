"""Time as the domain sees it: instants are aware and told in Tokyo time, days are days in Asia/Tokyo.

Rules never ask the clock: they get ``today`` or ``now`` as an argument from whoever opened the door.
"""

from datetime import date, datetime, timedelta, timezone

TOKYO = timezone(timedelta(hours=9), "Asia/Tokyo")
"""Japan has had no daylight saving time since 1951, so a fixed offset is exact for every instant we accept."""


def now() -> datetime:
    """Give the present instant, aware, told in Tokyo time."""
    return datetime.now(TOKYO)


def today() -> date:
    """Give the present day in Tokyo."""
    return datetime.now(TOKYO).date()
