"""What an activity adds to the two rollups of the ledger, and the difference a change makes. Pure.

A rollup row counts held activities that are not deleted: how many, how many participants, how many minutes. What the
centre keeps to itself has rows of its own, so that a change of visibility moves an activity from one row to another.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.ledger.tables import CENTRE_ONLY, ActivityRollup, PlanItemRollup
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
    is_centre_only: bool


@dataclass(frozen=True, slots=True)
class ItemKey:
    """Key of a row of the plan item rollup."""

    centre_id: str
    item_id: str
    month: date
    municipality_id: str
    is_centre_only: bool


Amounts = tuple[int, int, int]
"""How many activities, participants and minutes."""
Deltas = dict[ActivityKey | ItemKey, Amounts]


def activity_key(activity: Mapping[str, Any]) -> ActivityKey:
    """Give the row that a held activity counts in."""
    return ActivityKey(
        activity["centre_id"],
        activity["month"],
        activity["kind"],
        activity["centre_role"],
        activity["municipality_id"] or "",
        activity["visibility"] == CENTRE_ONLY,
    )


def item_key(activity: Mapping[str, Any], item_id: str) -> ItemKey:
    """Give the row that a held activity counts in for a plan item."""
    return ItemKey(
        activity["centre_id"],
        item_id,
        activity["month"],
        activity["municipality_id"] or "",
        activity["visibility"] == CENTRE_ONLY,
    )


def amounts_of(activity: Mapping[str, Any]) -> Amounts:
    """Give what one held activity adds to a row."""
    return 1, activity["participant_count"] or 0, activity["duration_minutes"] or 0


def contribution(activity: Mapping[str, Any] | None, item_ids: Iterable[str]) -> Deltas:
    """Give what an activity adds: nothing unless it is held and not deleted."""
    if activity is None or activity["status"] != "held" or activity.get("deleted_at") is not None:
        return {}
    amounts = amounts_of(activity)
    return {activity_key(activity): amounts} | {item_key(activity, item_id): amounts for item_id in item_ids}


def difference(before: Deltas, after: Deltas) -> Deltas:
    """Give what must be added to come from ``before`` to ``after``; keys that stay as they are left out.

    >>> key = ItemKey("c", "i", date(2026, 4, 1), "", False)
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


def columns_of(key: ActivityKey | ItemKey) -> dict[str, Any]:
    """Give the key of a rollup row by column."""
    return {name: getattr(key, name) for name in key.__slots__}


def in_order(keys: Iterable[ActivityKey | ItemKey]) -> list[ActivityKey | ItemKey]:
    """Give keys in the one order in which rows are written, so that two writers never wait for each other in a ring."""
    return sorted(keys, key=lambda key: (isinstance(key, ItemKey), *columns_of(key).values()))


def writes_of(deltas: Deltas) -> list[tuple[Write, dict[str, Any]]]:
    """Give the upserts, in order."""
    return [
        (
            ADD_ACTIVITY if isinstance(key, ActivityKey) else ADD_ITEM,
            columns_of(key) | dict(zip(SUMS, deltas[key], strict=True)),
        )
        for key in in_order(deltas)
    ]
