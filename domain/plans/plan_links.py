"""Links between a plan's items and the year's activities by counting rules, made again as a whole.

The ledger links an activity when it is recorded. A plan made later, or a counting rule changed later, needs the year's
activities gone through once more. Where a person chose the items of an activity, even none of them, they stay; only
links of rules come and go, and the item rollup moves with them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import col

from domain.database import Row, Session
from domain.ledger.counting_rules import counts_for
from domain.ledger.links import ITEMS_OF, item_link
from domain.ledger.rollups import Deltas, amounts_of, item_key, writes_of
from domain.ledger.tables import BY_HAND, BY_RULE, Activity, ActivityPlanItem
from domain.statements import TransactionNumber, Write, change, within_reach
from domain.statements.columns import Day, Id, Instant
from domain.statements.comparisons import Among

_AT_ONCE = 50

_COLUMNS: tuple[Any, ...] = tuple(
    getattr(Activity, name)
    for name in (
        "id", "centre_id", "municipality_id", "kind", "centre_role", "status", "month", "body", "themes", "needs",
        "participant_count", "duration_minutes", "occurs_on", "planned_on", "visibility", "plan_items_by",
    )
)  # fmt: skip
_OF_YEAR = within_reach(
    select(*_COLUMNS, ITEMS_OF).where(
        col(Activity.centre_id) == bindparam("centre_id", type_=Id(), required=True),
        col(Activity.occurs_on) >= bindparam("first_day", type_=Day(), required=True),
        col(Activity.occurs_on) <= bindparam("last_day", type_=Day(), required=True),
        col(Activity.deleted_at).is_(None),
    )
)
_UNLINK = change(
    delete(ActivityPlanItem).where(
        col(ActivityPlanItem.activity_id) == bindparam("row_activity", type_=Id(), required=True),
        col(ActivityPlanItem.item_id) == bindparam("row_item", type_=Id(), required=True),
    )
)


_CHOSEN = within_reach(
    select(col(ActivityPlanItem.activity_id))
    .distinct()
    .where(
        col(ActivityPlanItem.centre_id) == bindparam("centre_id", type_=Id(), required=True),
        Among(col(ActivityPlanItem.item_id), "item_ids"),
        col(ActivityPlanItem.linked_by) != BY_RULE,
    )
)
_FREE = change(
    update(Activity)
    .where(
        col(Activity.centre_id) == bindparam("row_centre", type_=Id(), required=True),
        Among(col(Activity.id), "activity_ids"),
    )
    .values(
        plan_items_by=BY_RULE,
        version=col(Activity.version) + 1,
        updated_at=bindparam("updated_at", type_=Instant(), required=True),
        changed_tx=TransactionNumber(),
    )
)


async def free_choices(session: Session, plan: Mapping[str, Any], item_ids: Sequence[str]) -> None:
    """Give activities that a person had linked to items back to the rules: the plan to come has none of these items.

    The centre's own, like all links; that somebody chose no item at all stays.
    """
    if plan["centre_id"] in session.actor.reach.own_centres:
        await _free(session, plan["centre_id"], item_ids)
        return
    async with session.within_centre(plan["centre_id"]) as of_centre:
        await _free(of_centre, plan["centre_id"], item_ids)


async def _free(session: Session, centre_id: str, item_ids: Sequence[str]) -> None:
    chosen = await session.rows(_CHOSEN, centre_id=centre_id, item_ids=list(item_ids))
    if chosen:
        await session.run(_FREE, row_centre=centre_id, activity_ids=[row["activity_id"] for row in chosen])


async def link_by_rules(session: Session, plan: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> int:
    """Link the activities of a plan's year to its items by their rules; give how many links changed.

    Links are the centre's own, whoever made its plan: a ward's work is done within the centre, also for activities
    that the ward does not see. ``items`` carry ``id`` and ``counting_rules``.
    """
    if plan["centre_id"] in session.actor.reach.own_centres:
        return await _link(session, plan, items)
    async with session.within_centre(plan["centre_id"]) as of_centre:
        return await _link(of_centre, plan, items)


async def _link(session: Session, plan: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> int:
    rows = await session.rows(
        _OF_YEAR, centre_id=plan["centre_id"], first_day=plan["starts_on"], last_day=plan["ends_on"]
    )
    writes: list[tuple[Write, Mapping[str, Any]]] = []
    deltas: Deltas = {}
    ids = {item["id"] for item in items}
    for activity in rows:
        present = {link["item_id"] for link in activity["plan_items"] if link["linked_by"] == "rule"} & ids
        wanted = set() if activity["plan_items_by"] == BY_HAND else set(_wanted(activity, items))
        for item_id in sorted(wanted - present):
            writes.append(item_link(activity, item_id, "rule"))
            _add(deltas, activity, item_id, 1)
        for item_id in sorted(present - wanted):
            writes.append((_UNLINK, {"row_activity": activity["id"], "row_item": item_id}))
            _add(deltas, activity, item_id, -1)
    writes.sort(key=lambda one: one[0] is _UNLINK)
    for start in range(0, len(writes), _AT_ONCE):
        await session.store(*writes[start : start + _AT_ONCE])
    sums = writes_of(deltas)
    for start in range(0, len(sums), _AT_ONCE):
        await session.store(*sums[start : start + _AT_ONCE])
    return len(writes)


def _wanted(activity: Row, items: Iterable[Mapping[str, Any]]) -> list[str]:
    return [
        item["id"]
        for item in items
        if counts_for(
            item["counting_rules"],
            kind=activity["kind"],
            centre_role=activity["centre_role"],
            body=activity["body"],
            themes=activity["themes"],
            needs=activity["needs"],
        )
    ]


def _add(deltas: Deltas, activity: Row, item_id: str, sign: int) -> None:
    if activity["status"] != "held":
        return
    key, amounts = item_key(activity, item_id), amounts_of(activity)
    before = deltas.get(key, (0, 0, 0))
    deltas[key] = (before[0] + sign * amounts[0], before[1] + sign * amounts[1], before[2] + sign * amounts[2])
