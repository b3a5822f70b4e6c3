"""Items of a yearly work plan: derived from the programme for an operation year, then read with what is in force.

One countable target per item; further phases of the same year, for other content lines, stand beside it. An item that
starts in a later year requires 0 and says so.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain import fiscal
from domain.database import Row, Session
from domain.errors import NotFoundError
from domain.frequency import COUNTABLE, Kind, Reading, parse, phase_in_year
from domain.ledger.work_plan_tables import TargetRevision, WorkPlanItem
from domain.opening_days import Calendar
from domain.plans.requirements import PlanYear, needs_decision, required_under, year_open
from domain.plans.targets import Target, target_read, targets_on
from domain.statements import within_reach
from domain.statements.columns import Id
from domain.statements.documents import objects

_MEMBERS = (
    "id", "plan_id", "position", "section_number", "section_title", "code", "title", "centre_role", "starts_on",
    "target_text", "target_reading", "window_policy", "required_in_year", "maximum_in_year", "target_reason",
    "starts_in_year", "applies_to_contents", "other_targets", "sub_quotas", "lead_times", "contents", "notes",
    "counting_rules", "doubt",
)  # fmt: skip
COLUMNS = tuple(getattr(WorkPlanItem, name) for name in _MEMBERS)
REVISIONS_OF = objects(
    col(TargetRevision.item_id) == col(WorkPlanItem.id),
    id=col(TargetRevision.id),
    effective_on=col(TargetRevision.effective_on),
    created_at=col(TargetRevision.created_at),
    to_text=col(TargetRevision.to_text),
    to_reading=col(TargetRevision.to_reading),
    reason=col(TargetRevision.reason),
).label("revisions")

_ITEMS = within_reach(
    select(*COLUMNS, REVISIONS_OF)
    .where(col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True))
    .order_by(col(WorkPlanItem.position), col(WorkPlanItem.id))
)
_ONE = within_reach(
    select(*COLUMNS, REVISIONS_OF).where(
        col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True),
        col(WorkPlanItem.id) == bindparam("id", type_=Id(), required=True),
    )
)


def with_revisions(row: Row) -> Row:
    """Put the revisions of a row in order of their days and give them their types."""
    for revision in row["revisions"]:
        revision["effective_on"] = date.fromisoformat(revision["effective_on"])
    if len(row["revisions"]) > 1:
        row["revisions"].sort(key=lambda one: (one["effective_on"], one["created_at"], one["id"]))
    return row


async def items_of_plan(session: Session, plan_id: str) -> list[Row]:
    """Give the items of a plan within reach, in its order, with their revisions."""
    return [with_revisions(row) for row in await session.rows(_ITEMS, plan_id=plan_id)]


async def item_for(session: Session, plan_id: str, item_id: str) -> Row:
    """Give one item of a plan with its revisions.

    Raises:
        NotFoundError: it is missing, of another plan or outside reach.
    """
    found = await session.maybe(_ONE, plan_id=plan_id, id=item_id)
    if found is None:
        raise NotFoundError
    return with_revisions(found)


def shown_item(row: Mapping[str, Any], year: PlanYear, on: date) -> Row:
    """Give an item as the wire shows it: with the target in force on ``on``, kept within the plan's year."""
    day = min(max(on, fiscal.first_day(year.fiscal_year)), fiscal.last_day(year.fiscal_year))
    targets = targets_on(row, row["revisions"], day, year.operation_year)
    target = targets[-1]
    in_effect = [one for one in row["revisions"] if one["effective_on"] <= day]
    starts = row["starts_in_year"]
    return {
        "id": row["id"],
        "code": row["code"],
        "title": row["title"],
        "section": {"number": row["section_number"], "title": row["section_title"]},
        "centre_role": row["centre_role"],
        "target": target_shown(target),
        "required_in_year": required_under(targets, year),
        "maximum_in_year": target.maximum,
        "reason": in_effect[-1]["reason"] if in_effect else row["target_reason"],
        "is_started": bool(in_effect) or starts is None or starts <= year.operation_year,
        "starts_in_operation_year": starts,
        "decision_needed": needs_decision(targets, year),
        "applies_to_contents": row["applies_to_contents"],
        "other_targets": row["other_targets"],
        "sub_quotas": row["sub_quotas"],
        "lead_times": row["lead_times"],
        "contents": row["contents"],
        "notes": row["notes"],
        "counting_rules": row["counting_rules"],
        "doubt": row["doubt"],
        "revision_count": len(row["revisions"]),
    }


def target_shown(target: Target) -> Row | None:
    """Give a target as the wire shows it; null where the item has none in this year."""
    if target.reading is None:
        return None
    return {"text": target.text, "reading": target.reading.as_json(), "window_policy": target.policy}


def planned_item(
    item: Mapping[str, Any],
    operation_year: int,
    fiscal_year: int,
    calendar: Calendar,
    *,
    opened_on: date = date.min,
    closed_on: date | None = None,
) -> Row:
    """Derive a plan item from a programme item for an operation year; ids and owners are added by the plan."""
    phases = [phase for phase in item["phases"] if not phase["is_superseded"]]
    starts = min((phase["from_year"] for phase in phases), default=None)
    current = [found for phase in phases if (found := _governing(phase, operation_year)) is not None]
    current.sort(key=lambda found: _weight(found[1]))
    target, others = current[0] if current else None, current[1:]
    planned: Row = {
        "section_number": item["section_number"],
        "section_title": item["section_title"],
        "code": item["code"],
        "title": item["title"],
        "centre_role": _role_in(item, operation_year),
        "starts_in_year": starts,
        "other_targets": [
            {"text": phase["text"], "reading": reading.as_json(), "applies_to_contents": phase["applies_to_contents"]}
            for phase, reading in others
        ],
        "sub_quotas": _sub_quotas(item, target),
        "lead_times": _lead_times(item, operation_year, starts, fiscal_year),
        "contents": item["contents"],
        "notes": item["notes"],
        "counting_rules": item["counting_rules"],
        "doubt": item["doubt"],
    }
    if target is None:
        return planned | _without_target(starts, operation_year)
    phase, reading = target
    is_per_unit = reading.kind in COUNTABLE and parse(phase["text"]).per_unit is not None
    year = PlanYear(fiscal_year, operation_year, year_open(fiscal_year, opened_on, closed_on), calendar)
    read = target_read(phase["text"], reading, fiscal.first_day(fiscal_year), operation_year)
    return planned | {
        "target_text": phase["text"],
        "target_reading": reading.as_json(),
        "window_policy": read.policy,
        "required_in_year": None if is_per_unit else required_under((read,), year),
        "maximum_in_year": None if is_per_unit else read.maximum,
        "target_reason": phase["reason"],
        "applies_to_contents": phase["applies_to_contents"],
    }


def _governing(phase: Mapping[str, Any], operation_year: int) -> tuple[Mapping[str, Any], Reading] | None:
    last = phase["to_year"]
    if phase["from_year"] > operation_year or (last is not None and last < operation_year):
        return None
    reading = phase_in_year(Reading.from_json(phase["reading"]), operation_year)
    return None if reading is None else (phase, reading)


def _weight(reading: Reading) -> int:
    if reading.kind in COUNTABLE:
        return 0
    return {Kind.SUSPENDED: 1, Kind.UNDETERMINED: 2}.get(reading.kind, 3)


def _without_target(starts: int | None, operation_year: int) -> Row:
    if starts is None:
        required, reason = None, "回数の記載がありません。"
    elif starts > operation_year:
        required, reason = 0, f"{starts}年目から開始します(この年度は{operation_year}年目)。"
    else:
        required, reason = 0, f"この年度({operation_year}年目)の定めはありません。"
    return {"required_in_year": required, "target_reason": reason}


def _role_in(item: Mapping[str, Any], operation_year: int) -> str:
    begun = [entry for entry in item["roles_by_year"] if entry["from_year"] <= operation_year]
    return str(max(begun, key=lambda entry: entry["from_year"])["role"] if begun else item["centre_role"])


def _sub_quotas(item: Mapping[str, Any], target: tuple[Mapping[str, Any], Reading] | None) -> list[Row]:
    listed = [
        {"count": entry.get("count", 1), "theme": entry.get("theme"), "theme_code": entry.get("theme_code"),
         "text": entry.get("raw")}
        for entry in item["milestones"]
        if entry.get("kind") == "sub_quota"
    ]  # fmt: skip
    if listed or target is None:
        return listed
    return [
        {"count": 1, "theme": None, "theme_code": None, "text": words} for words in parse(target[0]["text"]).sub_quotas
    ]


def _lead_times(item: Mapping[str, Any], operation_year: int, starts: int | None, fiscal_year: int) -> list[Row]:
    found: list[Row] = []
    for entry in item["reminders"]:
        months = entry.get("months_before")
        if months is None:
            continue
        if entry.get("before", "due") == "due":
            found.append({"what": entry["what"], "months_before": months, "before": "due", "due_on": None})
        elif starts is not None and starts > operation_year:
            due_on = fiscal.first_day(fiscal_year + starts - operation_year)
            found.append({"what": entry["what"], "months_before": months, "before": "start", "due_on": due_on})
    return found
