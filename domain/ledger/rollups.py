"""What an activity adds to the two rollups of the ledger, and the difference a change makes. Pure.

A rollup row counts held activities that are not deleted: how many, how many participants, how many minutes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.ledger.tables import ActivityRollup, PlanItemRollup
from domain.statements import Write, add_to

SUMS = ("held_count", "participant_count", "duration_minutes")
ADD_ACTIVITY = add_to(ActivityRollup, *SUMS)
ADD_ITEM = add_to(PlanItemRollup, *SUMS)


@dataclass(frozen=True, slots=True)
class ActivityKey:
    """Key of a row of the activity rollup. ``municipality_id`` is ``""`` for joint activities."""

    centre_id: str
    month: date
    kind: str
    centre_role: str
    municipality_id: str


@dataclass(frozen=True, slots=True)
class ItemKey:
    """Key of a row of the plan item rollup."""

    centre_id: str
    item_id: str
    month: date
    municipality_id: str


Deltas = dict[ActivityKey | ItemKey, tuple[int, int, int]]


def contribution(activity: Mapping[str, Any] | None, item_ids: Iterable[str]) -> Deltas:
    """Give what an activity adds: nothing unless it is held and not deleted."""
    if activity is None or activity["status"] != "held" or activity.get("deleted_at") is not None:
        return {}
    amounts = (1, activity["participant_count"] or 0, activity["duration_minutes"] or 0)
    centre, month, municipality = activity["centre_id"], activity["month"], activity["municipality_id"] or ""
    found: Deltas = {ActivityKey(centre, month, activity["kind"], activity["centre_role"], municipality): amounts}
    for item_id in item_ids:
        found[ItemKey(centre, item_id, month, municipality)] = amounts
    return found


def difference(before: Deltas, after: Deltas) -> Deltas:
    """Give what must be added to come from ``before`` to ``after``; keys that stay as they are left out.

    >>> key = ItemKey("c", "i", date(2026, 4, 1), "")
    >>> difference({key: (1, 5, 60)}, {key: (1, 7, 60)})[key]
    (0, 2, 0)
    >>> difference({key: (1, 5, 60)}, {key: (1, 5, 60)})
    {}
    """
    found: Deltas = {}
    for key in [*before, *(k for k in after if k not in before)]:
        old, new = before.get(key, (0, 0, 0)), after.get(key, (0, 0, 0))
        delta = (new[0] - old[0], new[1] - old[1], new[2] - old[2])
        if any(delta):
            found[key] = delta
    return found


def writes_of(deltas: Deltas) -> list[tuple[Write, dict[str, Any]]]:
    """Give the upserts, always in the same order of keys, so that two writers never wait for each other in a ring."""
    made: list[tuple[Write, dict[str, Any]]] = []
    for key in sorted(deltas, key=repr):
        amounts = dict(zip(SUMS, deltas[key], strict=True))
        if isinstance(key, ActivityKey):
            values: dict[str, Any] = {
                "centre_id": key.centre_id,
                "month": key.month,
                "kind": key.kind,
                "centre_role": key.centre_role,
                "municipality_id": key.municipality_id,
            }
            made.append((ADD_ACTIVITY, values | amounts))
        else:
            values = {
                "centre_id": key.centre_id,
                "item_id": key.item_id,
                "month": key.month,
                "municipality_id": key.municipality_id,
            }
            made.append((ADD_ITEM, values | amounts))
    return made
