"""Activities as events of a calendar, made from nothing but the shape of them that the caller's role sees.

Summaries hold the kind and the title; notes, summaries, findings and people stay out. Times are recorded as local
times; an activity without them fills its day.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from api.calendars import Calendar, Event
from domain.activities import training_events
from domain.clock import TOKYO
from domain.database import Row
from domain.ledger.labels import KIND_JA

EventStatus = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]
STATUS: dict[str, EventStatus] = {
    "planned": "TENTATIVE",
    "postponed": "TENTATIVE",
    "held": "CONFIRMED",
    "declined": "CANCELLED",
    "cancelled": "CANCELLED",
}
MARKS = {"postponed": "【延期】", "declined": "【辞退】", "cancelled": "【中止】"}


def kind_of(row: Row) -> str:
    """Give the kind of an activity; what offices see of a session does not name it."""
    if "session_type" in row:
        return "case_conference" if row["session_type"] == "case_conference" else "supervision_session"
    if "kind" in row:
        return str(row["kind"])
    return "training_event" if "category" in row else "office_visit"


def summary_of(row: Row, label: str) -> str:
    """Write the line that a calendar shows: kind and title, and a mark where it does not take place as planned."""
    title = row["title"].strip()
    named = label if title in ("", label) else f"{label}:{title}"
    return f"{MARKS.get(row['status'], '')}{named}"


def events_of(row: Row) -> Iterator[Event]:
    """Give the event of an activity, and of a training over several dates one for each.

    The event on the day the activity counts on has the activity's own id, so that it moves when the activity moves.
    """
    label = KIND_JA[kind_of(row)]
    main = row["held_on"] or row["planned_on"]
    sittings = row.get("dates") or ({"held_on": main},)
    days = [sitting["held_on"] for sitting in sittings]
    first = main if main in days else days[0]
    for sitting in sittings:
        day = sitting["held_on"]
        starts, ends = _times(row, sitting, is_main=day == first)
        yield Event(
            uid=f"{row['id']}@kikan" if day == first else f"{row['id']}.{day:%Y%m%d}@kikan",
            summary=summary_of(row, label),
            category=label,
            starts=starts,
            ends=ends,
            status="CANCELLED" if row["deleted_at"] is not None else STATUS[row["status"]],
            version=row["version"],
            changed_at=row["updated_at"],
            location=sitting.get("location") or row["location"],
            is_confidential=row.get("sensitivity") == "restricted",
        )


def _times(row: Row, sitting: Mapping[str, Any], *, is_main: bool) -> tuple[datetime | date, datetime | None]:
    """Give start and end of a sitting; one without times of its own has the activity's on its main day."""
    day: date = sitting["held_on"]
    told = sitting if sitting.get("starts_at") else row if is_main else {}
    if not told.get("starts_at"):
        return day, None
    starts = _at(day, told["starts_at"])
    if told.get("ends_at"):
        return starts, _at(day, told["ends_at"])
    minutes = row["duration_minutes"] if is_main else None
    return starts, starts + timedelta(minutes=minutes) if minutes else None


def _at(day: date, local: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(local), TOKYO)


VISITS = Calendar("事業所訪問", events_of)
SESSIONS = Calendar("スーパービジョン・事例検討会", events_of)
TRAININGS = Calendar("研修会", events_of)
ACTIVITIES = Calendar("基幹相談支援センターの活動", events_of, training_events.with_dates)
