"""What a number holds and its reader may not open: the held activities of the rollup less those of the ledger.

A municipality does not see activities whose visibility is ``centre``, and its numbers hold them. Nobody's reach grows
here: both sides are asked within reach, and in one statement, so that no activity enters between the two.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, cast, func, select, union_all
from sqlmodel import col

from domain import fiscal
from domain.counts.cells import JOINT, Place
from domain.counts.metrics import Metric
from domain.counts.questions import Question
from domain.database import Row, Session
from domain.ledger.tables import Activity, ActivityPlanItem, ActivityRollup, PlanItemRollup
from domain.ledger.work_plan_tables import WorkPlanItem
from domain.statements import Query, within_reach
from domain.statements.columns import Big, Day
from domain.statements.comparisons import Among

_FIRST = bindparam("first_month", type_=Day(), required=True)
_LAST_DAY = bindparam("last_day", type_=Day(), required=True)
_MUNICIPALITY = func.coalesce(col(Activity.municipality_id), "")
_COUNTED: dict[str, Any] = {
    "month": col(ActivityRollup.month),
    "kind": col(ActivityRollup.kind),
    "centre_role": col(ActivityRollup.centre_role),
    "municipality": col(ActivityRollup.municipality_id),
    "centre": col(ActivityRollup.centre_id),
}
_COUNTED_OF_ITEM: dict[str, Any] = {
    "month": col(PlanItemRollup.month),
    "municipality": col(PlanItemRollup.municipality_id),
    "centre": col(PlanItemRollup.centre_id),
    "plan_item": col(PlanItemRollup.item_id),
}
_SEEN: dict[str, Any] = {
    "month": col(Activity.month),
    "kind": col(Activity.kind),
    "centre_role": col(Activity.centre_role),
    "municipality": _MUNICIPALITY,
    "centre": col(Activity.centre_id),
    "plan_item": col(ActivityPlanItem.item_id),
}


def _in_period(day: Any) -> Any:
    return and_(day >= _FIRST, day <= _LAST_DAY)


def _rollup(names: list[str]) -> Any:
    columns = [_COUNTED[name].label(name) for name in names]
    return select(*columns, col(ActivityRollup.held_count).label("amount")).where(
        _in_period(col(ActivityRollup.month)), Among(col(ActivityRollup.kind), "kinds")
    )


def _item_rollup(names: list[str]) -> Any:
    # An item within reach is asked for on both sides: a joint number may hang on an item of another municipality.
    columns = [_COUNTED_OF_ITEM[name].label(name) for name in names]
    of_item = and_(
        col(PlanItemRollup.centre_id) == col(WorkPlanItem.centre_id),
        col(PlanItemRollup.item_id) == col(WorkPlanItem.id),
    )
    return (
        select(*columns, col(PlanItemRollup.held_count).label("amount"))
        .join_from(WorkPlanItem, PlanItemRollup, of_item)
        .where(_in_period(col(PlanItemRollup.month)))
    )


def _ledger(names: list[str]) -> Any:
    statement: Any = select(*(_SEEN[name].label(name) for name in names), (-func.count()).label("amount"))
    if "plan_item" in names:
        linked = and_(
            col(ActivityPlanItem.centre_id) == col(Activity.centre_id),
            col(ActivityPlanItem.activity_id) == col(Activity.id),
        )
        of_item = and_(
            col(WorkPlanItem.centre_id) == col(ActivityPlanItem.centre_id),
            col(WorkPlanItem.id) == col(ActivityPlanItem.item_id),
        )
        statement = statement.join_from(Activity, ActivityPlanItem, linked).join(WorkPlanItem, of_item)
    else:
        statement = statement.select_from(Activity).where(Among(col(Activity.kind), "kinds"))
    held = and_(col(Activity.status) == "held", col(Activity.deleted_at).is_(None))
    return statement.where(held, _in_period(col(Activity.occurs_on))).group_by(*(_SEEN[name] for name in names))


@lru_cache(maxsize=64)
def _withheld_by(dimensions: frozenset[str], *, named: bool) -> Query:
    """Make the rows of what is withheld: each dimension, and how many; ``named``: of the centres named only."""
    names = sorted(dimensions)
    counted = _item_rollup(names) if "plan_item" in dimensions else _rollup(names)
    seen = _ledger(names)
    if named:
        rollup = PlanItemRollup if "plan_item" in dimensions else ActivityRollup
        counted = counted.where(Among(col(rollup.centre_id), "centres"))
        seen = seen.where(Among(col(Activity.centre_id), "centres"))
    both = union_all(counted, seen).subquery("both_sides")
    keys = [both.c[name] for name in names]
    amount = cast(func.sum(both.c.amount), Big()).label("withheld_count")
    return within_reach(select(*keys, amount).group_by(*keys).having(func.sum(both.c.amount) > 0))


async def withheld_in(session: Session, question: Question) -> dict[tuple[str, Place], int]:
    """Give how many held activities each number holds that the caller may not open, by metric and place.

    Numbers that no rollup holds (by office, and metrics counted one by one) hold nothing beyond reach.
    """
    if "office" in question.dimensions:
        return {}
    metrics = [metric for metric in question.metrics if metric.source == "rollup"]
    with_kind = {"kind"} if any(metric.kinds for metric in metrics) else set()
    values: dict[str, Any] = {
        "first_month": question.period.first_month,
        "last_day": fiscal.last_day_of_month(question.period.last_month),
        "kinds": list(question.kinds_asked),
        "centres": list(question.centres or ()),
    }
    query = _withheld_by(frozenset(question.group_by) | with_kind, named=question.centres is not None)
    found: dict[tuple[str, Place], int] = {}
    for row in await session.rows(query, **values):
        for metric in metrics:
            if _counts(metric, row):
                key = metric.key, _place_of(question, row)
                found[key] = found.get(key, 0) + row["withheld_count"]
    return found


def _counts(metric: Metric, row: Row) -> bool:
    return metric.kinds is None or row["kind"] in metric.kinds


def _place_of(question: Question, row: Row) -> Place:
    month = row["month"] if question.by_month else None
    return month, tuple(JOINT if row[name] == "" else row[name] for name in question.dimensions)
