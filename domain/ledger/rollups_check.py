"""Check of both rollups (集計の検算): recompute them from the ledger, compare, and put right what differs.

For the command line and for tests; the service keeps the rollups in the transaction of every write. Rows of zeros are
no difference to no rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, cast, func, select
from sqlmodel import col

from domain import audit
from domain.database import Row, Session
from domain.ledger.rollups import (
    SUMS,
    ActivityKey,
    Amounts,
    Deltas,
    ItemKey,
    activity_key,
    columns_of,
    in_order,
    item_key,
)
from domain.ledger.tables import Activity, ActivityPlanItem, ActivityRollup, PlanItemRollup
from domain.statements import put_into, within_reach
from domain.statements.columns import Big, Id

_NONE: Amounts = (0, 0, 0)
_AT_ONCE = 50

_CENTRE = bindparam("centre_id", type_=Id(), required=True)
_LINKED = and_(
    col(ActivityPlanItem.centre_id) == col(Activity.centre_id), col(ActivityPlanItem.activity_id) == col(Activity.id)
)
_HELD = (
    col(Activity.centre_id) == _CENTRE,
    col(Activity.status) == "held",
    col(Activity.deleted_at).is_(None),
)


def _sums() -> tuple[Any, ...]:
    return (
        func.count().label("held_count"),
        cast(func.coalesce(func.sum(col(Activity.participant_count)), 0), Big()).label("participant_count"),
        cast(func.coalesce(func.sum(col(Activity.duration_minutes)), 0), Big()).label("duration_minutes"),
    )


_BY_ACTIVITY: tuple[Any, ...] = (
    col(Activity.centre_id),
    col(Activity.month),
    col(Activity.kind),
    col(Activity.centre_role),
    col(Activity.municipality_id),
    col(Activity.visibility),
)
_BY_ITEM: tuple[Any, ...] = (
    col(Activity.centre_id),
    col(ActivityPlanItem.item_id),
    col(Activity.month),
    col(Activity.municipality_id),
    col(Activity.visibility),
)
_RECOUNTED = within_reach(select(*_BY_ACTIVITY, *_sums()).where(*_HELD).group_by(*_BY_ACTIVITY))
_ITEMS_RECOUNTED = within_reach(
    select(*_BY_ITEM, *_sums()).select_from(Activity).join(ActivityPlanItem, _LINKED).where(*_HELD).group_by(*_BY_ITEM)
)
_KEPT = within_reach(
    select(*(getattr(ActivityRollup, name) for name in (*ActivityKey.__slots__, *SUMS))).where(
        col(ActivityRollup.centre_id) == _CENTRE
    )
)
_ITEMS_KEPT = within_reach(
    select(*(getattr(PlanItemRollup, name) for name in (*ItemKey.__slots__, *SUMS))).where(
        col(PlanItemRollup.centre_id) == _CENTRE
    )
)
_PUT, _PUT_ITEM = put_into(ActivityRollup), put_into(PlanItemRollup)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of a rollup that is not what the ledger gives: (held, participants, minutes) as kept and as counted."""

    key: ActivityKey | ItemKey
    kept: Amounts
    counted: Amounts


async def differences_of(session: Session, centre_id: str) -> list[Difference]:
    """Compare both rollups of a centre with its ledger, in order of their keys, as far as the caller reaches.

    A municipality that covers the centre compares its part of the rollups with its part of the ledger; the whole is
    compared for the centre only.
    """
    values = {"centre_id": centre_id}
    counted: Deltas = {}
    for row in await session.rows(_RECOUNTED, **values):
        _add(counted, activity_key(row), row)
    for row in await session.rows(_ITEMS_RECOUNTED, **values):
        _add(counted, item_key(row, row["item_id"]), row)
    kept: Deltas = {}
    for row in await session.rows(_KEPT, **values):
        _add(kept, ActivityKey(*(row[name] for name in ActivityKey.__slots__)), row)
    for row in await session.rows(_ITEMS_KEPT, **values):
        _add(kept, ItemKey(*(row[name] for name in ItemKey.__slots__)), row)
    return [
        Difference(key, kept.get(key, _NONE), counted.get(key, _NONE))
        for key in in_order(counted.keys() | kept.keys())
        if kept.get(key, _NONE) != counted.get(key, _NONE)
    ]


def _add(sums: Deltas, key: ActivityKey | ItemKey, row: Row) -> None:
    """Add a row to its key: of the visibilities that are not the centre's own, several share one."""
    held, participants, minutes = sums.get(key, _NONE)
    sums[key] = (
        held + row["held_count"],
        participants + row["participant_count"],
        minutes + row["duration_minutes"],
    )


async def repair_rollups(session: Session, centre_id: str, differences: Iterable[Difference]) -> int:
    """Put the counted numbers in place of the kept ones; give how many rows were put right."""
    writes = []
    for one in differences:
        put = _PUT if isinstance(one.key, ActivityKey) else _PUT_ITEM
        writes.append((put, columns_of(one.key) | dict(zip(SUMS, one.counted, strict=True))))
    for start in range(0, len(writes), _AT_ONCE):
        await session.store(*writes[start : start + _AT_ONCE])
    if writes:
        told = {"rows": len(writes)}
        await session.store(
            audit.entry_of(session, "rollups.repair", "rollups", centre_id, after=told, centre_id=centre_id)
        )
    return len(writes)
