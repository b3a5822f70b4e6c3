"""Items of a programme as they were sent, completed: defaults, and a confirmed reading for every phase. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.errors import rule_broken
from domain.frequency import Kind
from domain.plans.confirmed_readings import confirmed_reading

ITEM_MEMBERS = (
    "section_number", "section_title", "code", "title", "centre_role", "start_text", "frequency_text", "contents",
    "notes", "milestones", "reminders", "counting_rules", "roles_by_year", "alternative_readings", "confidence",
    "doubt",
)  # fmt: skip
PHASE_MEMBERS = ("from_year", "to_year", "text", "reading", "applies_to_contents", "is_superseded", "reason")
_LISTS = ("contents", "notes", "milestones", "reminders", "counting_rules", "roles_by_year", "alternative_readings")


def told(items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give what an audit row keeps of items: code, raw frequency and the texts of their phases by years."""
    return [
        {
            "code": item["code"],
            "frequency_text": item["frequency_text"],
            "phases": [
                f"{phase['from_year']}-{phase['to_year'] or ''} {phase['text'][:40]}{' x' * phase['is_superseded']}"
                for phase in item["phases"]
            ],
        }
        for item in items
    ]


def items_read(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Complete the items of a document as ``item_read`` does.

    Raises:
        RuleError: a code stands twice, or as ``item_read``.
    """
    codes: set[str] = set()
    for index, item in enumerate(items):
        if item["code"] in codes:
            raise rule_broken(
                "repeated", "同じ項目番号が2度あります。", "This code stands twice.", field=f"items/{index}/code"
            )
        codes.add(item["code"])
    return [item_read(item, f"items/{index}/") for index, item in enumerate(items)]


def item_read(item: Mapping[str, Any], where: str = "") -> dict[str, Any]:
    """Complete an item as it was sent: defaults, and a confirmed reading for every phase.

    ``where`` is the path to the item in the body, for refusals.

    Raises:
        RuleError: years are out of order, or a text has no clear reading.
    """
    whole = {name: item.get(name) for name in ITEM_MEMBERS}
    whole |= {name: [_said(entry) for entry in whole[name] or []] for name in _LISTS}
    whole["confidence"] = whole["confidence"] or "high"
    phases = item.get("phases") or _phases_from_text(item.get("frequency_text"), where)
    whole["phases"] = [_phase_read(phase, f"{where}phases/{step}") for step, phase in enumerate(phases)]
    return whole


def _said(entry: Any) -> Any:
    return {name: value for name, value in entry.items() if value is not None} if isinstance(entry, dict) else entry


def _phase_read(phase: Mapping[str, Any], where: str) -> dict[str, Any]:
    first, last = phase["from_year"], phase.get("to_year")
    if last is not None and last < first:
        raise rule_broken(
            "ends_before_start", "終わりの年が始まりの年より前です。", "to_year lies before from_year.",
            field=f"{where}/to_year",
        )  # fmt: skip
    reading = confirmed_reading(
        phase["text"], phase.get("reading"), text_field=f"{where}/text", reading_field=f"{where}/reading"
    )
    whole = {name: phase.get(name) for name in PHASE_MEMBERS}
    return whole | {"reading": reading.as_json(), "is_superseded": bool(phase.get("is_superseded"))}


def _phases_from_text(text: str | None, where: str) -> list[dict[str, Any]]:
    """Make the phases that a text itself names: 初年度 年2回 2年目～ 年3回 gives two, 年2回 one from year 1."""
    if not text:
        return []
    reading = confirmed_reading(text, None, text_field=f"{where}frequency_text", reading_field=f"{where}phases")
    if reading.kind is not Kind.PHASED:
        return [{"from_year": 1, "text": text, "reading": reading.as_json()}]
    return [
        {
            "from_year": max(1, phase.from_year or 1),
            "to_year": phase.to_year,
            "text": text,
            "reading": phase.reading.as_json(),
        }
        for phase in reading.phases or ()
    ]
