"""The days of a centre as events of a calendar: closed where it is open by its weekly hours, or the other way round."""

from collections.abc import Iterable

from api.calendars import Event
from domain.database import Row


def opening_events(centre: Row, days: Iterable[Row]) -> list[Event]:
    """Give one event for each day, with its reason."""
    return [
        Event(
            uid=f"{centre['id']}.{day['day']:%Y%m%d}@kikan",
            summary=f"{'臨時開所' if day['is_open'] else '休所'}:{day['reason_ja']}",
            category="臨時開所" if day["is_open"] else "休所",
            starts=day["day"],
            ends=None,
            status="CONFIRMED",
            version=centre["version"],
            changed_at=centre["updated_at"],
        )
        for day in days
    ]
