"""What is said about an activity when it is recorded: its members, its links, and the rules they obey by themselves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain import fiscal
from domain.errors import rule_broken
from domain.folding import folded
from domain.ledger.participants import participants_in
from domain.ledger.tables import BY_HAND
from domain.places.free_text import written_in
from domain.statements import Write

MEMBERS = (
    "municipality_id", "centre_role", "title", "status", "status_reason", "planned_on", "held_on", "starts_at",
    "ends_at", "duration_minutes", "format", "location", "office_id", "participant_count", "body", "themes", "needs",
    "purposes", "counted_as", "visibility", "disclosure", "sensitivity", "follow_up_of_id", "internal_note",
    "external_source", "external_id",
)  # fmt: skip
"""The members of an activity that its recorder decides."""
TEXTS = ("title", "status_reason", "location", "internal_note")
"""Those of them that are free text."""
DERIVED = ("title_folded", "occurs_on", "month", "office_ids", "plan_items_by")
"""What follows from them."""


@dataclass(slots=True)
class Entry:
    """What is to be recorded: the members of the activity and its links.

    ``plan_item_ids`` None leaves the linking to the counting rules. ``details`` is the row of the kind's own table
    with the write that stores it; its id and owners are filled in here. ``texts`` are the members of free text that
    were sent, to be screened.
    """

    kind: str
    members: dict[str, Any]
    offices: Sequence[Mapping[str, Any]] = ()
    people: Sequence[Mapping[str, Any]] = ()
    organizations: Sequence[Mapping[str, Any]] = ()
    plan_item_ids: Sequence[str] | None = None
    details: Sequence[tuple[Write, Mapping[str, Any]]] = ()
    origin: str = "recorded"
    area: str = "activities"
    told: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def completed(kind: str, members: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Check what an activity says about itself and derive the rest.

    Raises:
        RuleError: a broken rule, with its field.
    """
    activity = {name: members.get(name) for name in MEMBERS} | {"kind": kind}
    status, held, planned = activity["status"], activity["held_on"], activity["planned_on"]
    if status == "held" and held is None:
        raise rule_broken(
            "required", "実施済みの活動には、実施日が必要です。", "A held activity needs its day.", field="held_on"
        )
    if status != "held" and held is not None:
        raise rule_broken(
            "held_on_without_held",
            "実施日を入れられるのは、状態が held のときだけです。",
            "Only a held activity has a held_on.",
            field="held_on",
        )
    if held is not None and held > today:
        raise rule_broken(
            "in_the_future", "実施日が未来の日付です。予定は planned_on に入れてください。",
            "held_on lies in the future; use planned_on for plans.", field="held_on",
        )  # fmt: skip
    if held is None and planned is None:
        raise rule_broken(
            "required", "予定日か実施日が必要です。", "A planned or held day is needed.", field="planned_on"
        )
    if status in ("postponed", "declined", "cancelled") and not (activity["status_reason"] or "").strip():
        raise rule_broken("reason_required", "理由を入れてください。", "Give the reason.", field="status_reason")
    if status in ("planned", "held") and (activity["status_reason"] or "").strip():
        raise rule_broken(
            "reason_not_needed", "理由を入れるのは、延期・辞退・中止のときだけです。",
            "Only what is postponed, declined or cancelled has a reason.", field="status_reason",
        )  # fmt: skip
    _complete_times(activity)
    activity["occurs_on"] = held or planned
    activity["month"] = fiscal.month_of(held) if held else None
    activity["title_folded"] = folded(activity["title"] or "")[:400]
    return activity


def _complete_times(activity: dict[str, Any]) -> None:
    starts, ends = activity["starts_at"], activity["ends_at"]
    if ends is not None and starts is None:
        raise rule_broken("required", "開始時刻も入れてください。", "Give starts_at too.", field="starts_at")
    if starts is not None and ends is not None:
        if ends <= starts:
            raise rule_broken(
                "ends_before_start", "終了時刻が開始時刻より後ではありません。", "ends_at is not after starts_at.",
                field="ends_at",
            )  # fmt: skip
        if activity["duration_minutes"] is None:
            activity["duration_minutes"] = minutes_between(starts, ends)


def minutes_between(starts: str, ends: str) -> int:
    """Give the minutes from one local time to another of the same day.

    >>> minutes_between("13:30", "15:00")
    90
    """
    return (int(ends[:2]) - int(starts[:2])) * 60 + int(ends[3:]) - int(starts[3:])


_DEFAULTS: dict[str, Any] = {
    "centre_role": "host",
    "format": "onsite",
    "visibility": "municipality",
    "disclosure": "unmarked",
    "sensitivity": "normal",
    "themes": [],
    "needs": [],
    "purposes": [],
    "counted_as": [],
    "title": "",
}


def entry_from(
    kind: str,
    fields: Mapping[str, Any],
    *,
    area: str,
    defaults: Mapping[str, Any] | None = None,
    details: Sequence[tuple[Write, Mapping[str, Any]]] = (),
    told: Mapping[str, Any] | None = None,
    texts: Iterable[str] = (),
    sent: Collection[str] | None = None,
) -> Entry:
    """Build an entry from what a person or program sent.

    Left-out members take the defaults of the kind, then of the ledger. An activity with a held day and no status is
    held, one without is planned; of a held one without ``participant_count`` those who took part are counted.
    ``texts`` names members of free text beyond those of every activity; of all of them
    those in ``sent`` are screened, without it all.
    """
    members = {name: fields.get(name) for name in MEMBERS}
    for name, value in {**_DEFAULTS, **(defaults or {})}.items():
        if members[name] is None:
            members[name] = value
    if members["status"] is None:
        members["status"] = "planned" if members["held_on"] is None else "held"
    offices, people = fields.get("offices") or (), fields.get("people") or ()
    if members["participant_count"] is None and members["status"] == "held":
        members["participant_count"] = participants_in(offices, people)
    return Entry(
        kind=kind,
        members=members,
        offices=offices,
        people=people,
        organizations=fields.get("organizations") or (),
        plan_item_ids=fields.get("plan_item_ids"),
        details=details,
        area=area,
        origin=fields.get("origin") or "recorded",
        told=told or {},
        texts=written_in({name: fields.get(name) for name in (*TEXTS, *texts) if sent is None or name in sent}),
    )


def _follows_times(activity: Mapping[str, Any]) -> bool:
    """Tell whether the length of an activity is what its times say, so that it moves with them."""
    starts, ends = activity["starts_at"], activity["ends_at"]
    return bool(starts and ends and activity["duration_minutes"] == minutes_between(starts, ends))


def merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Give the whole of an activity after a change: what was, with the changed members on top; lists are replaced.

    Plan items that a person chose stay as they are, also where they chose none; those of the rules are found anew. A
    held day that comes without a status makes a planned activity a held one. What is planned or held gives no reason
    any more for not taking place, and who took part is counted again where it was counted before.
    """
    chosen = [link["item_id"] for link in before["plan_items"]] if before["plan_items_by"] == BY_HAND else None
    whole = {**before, "plan_item_ids": chosen, **changes}
    if "duration_minutes" not in changes and changes.keys() & {"starts_at", "ends_at"} and _follows_times(before):
        whole["duration_minutes"] = None
    if "held_on" in changes and changes["held_on"] is not None and "status" not in changes:
        whole["status"] = "held"
    if "status_reason" not in changes and whole["status"] in ("planned", "held"):
        whole["status_reason"] = None
    was_counted = before["participant_count"] == participants_in(before["offices"], before["people"])
    if was_counted and "participant_count" not in changes:
        whole["participant_count"] = None
    return whole
