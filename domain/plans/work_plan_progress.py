"""Progress of a yearly work plan (進捗): per item what is done, what is due, what comes next, with the evidence.

Two round trips: the plan with its centre's opening days; its items with revisions, monthly rollup and the activities of
the year that are linked to each. Counts come from the rollup; days, ids and themes from the links, which repeat them. A
ward sees its own and joint activities of the centre, without those that the centre keeps to itself; both sources keep
them apart, so that a whole month and a month cut by the day agree.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Boolean, and_, bindparam, case, exists, func, literal, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain import fiscal
from domain.database import Row, Session
from domain.ledger.tables import ActivityPlanItem, PlanItemRollup
from domain.ledger.work_plan_tables import TargetRevision, WorkPlanItem
from domain.plans.plan_years import framed_plan_for
from domain.plans.targets import targets_on
from domain.plans.work_plan_items import COLUMNS as ITEM_COLUMNS
from domain.plans.work_plan_items import REVISIONS_OF, with_revisions
from domain.plans.work_plan_standing import HeldWork, Setting, Work, line_of
from domain.statements import within_reach
from domain.statements.columns import Big, Day, Document, Id
from domain.statements.documents import Packed, objects

EVIDENCE_SHOWN = 200
EARLIER_SHOWN = 12
"""More than a rhythm asks for within one interval."""

_ON = bindparam("on", type_=Day(), required=True)
_TO = bindparam("to_on", type_=Day(), required=True)
_FROM = bindparam("from_on", type_=Day(), required=True)

_MONTHS = objects(
    col(PlanItemRollup.item_id) == col(WorkPlanItem.id),
    col(PlanItemRollup.month) >= _FROM,
    col(PlanItemRollup.month) <= bindparam("last_month", type_=Day(), required=True),
    month=col(PlanItemRollup.month),
    held_count=col(PlanItemRollup.held_count),
).label("months")
_ID, _DAY = col(ActivityPlanItem.activity_id), col(ActivityPlanItem.occurs_on)
_IS_REVISED = exists(select(literal(1)).where(col(TargetRevision.item_id) == col(WorkPlanItem.id)))
_NEEDS_DAYS = or_(
    bindparam("is_cut", type_=Boolean(), required=True),
    col(WorkPlanItem.window_policy) == literal("fixed_windows"),
    col(WorkPlanItem.window_policy) == literal("rolling"),
    col(WorkPlanItem.sub_quotas) != literal([], Document()),
    _IS_REVISED,
)
"""Items of which counts and the newest ids are not enough: windows, intervals and themes ask for every day."""


def _of_item(status: str, *columns: Any) -> Any:
    """Select an item's activities of one status in the year, from the links that repeat what is asked of them."""
    return (
        select(*columns)
        .where(
            col(ActivityPlanItem.centre_id) == col(WorkPlanItem.centre_id),
            col(ActivityPlanItem.item_id) == col(WorkPlanItem.id),
            col(ActivityPlanItem.status) == literal(status),
            col(ActivityPlanItem.occurs_on) >= _FROM,
            col(ActivityPlanItem.occurs_on) <= (_ON if status == "held" else _TO),
        )
        .correlate(WorkPlanItem)
    )


def _newest(most: Any) -> Any:
    """Give the ids of an item's newest held activities, packed."""
    rows = _of_item("held", _ID).order_by(_DAY.desc(), _ID.desc()).limit(most).subquery()
    return select(Packed(rows.c.activity_id)).select_from(rows).scalar_subquery()


_BEFORE: Any = aliased(WorkPlanItem)
_EARLIER_DAYS = (
    select(_DAY)
    .join(
        _BEFORE, and_(_BEFORE.centre_id == col(ActivityPlanItem.centre_id), _BEFORE.id == col(ActivityPlanItem.item_id))
    )
    .where(
        _BEFORE.plan_id == bindparam("plan_before", type_=Id(), required=True),
        _BEFORE.code == col(WorkPlanItem.code),
        col(ActivityPlanItem.status) == literal("held"),
        col(ActivityPlanItem.occurs_on) >= _BEFORE.starts_on,
        col(ActivityPlanItem.occurs_on) <= _BEFORE.ends_on,
        col(ActivityPlanItem.occurs_on) <= _ON,
    )
    .order_by(_DAY.desc())
    .limit(EARLIER_SHOWN)
    .correlate(WorkPlanItem)
    .subquery()
)
_IS_RHYTHM = or_(col(WorkPlanItem.window_policy) == literal("rolling"), _IS_REVISED)
_ITEMS = within_reach(
    select(
        *ITEM_COLUMNS,
        REVISIONS_OF,
        _MONTHS,
        _of_item("held", func.max(_DAY, type_=Day())).scalar_subquery().label("last_held_on"),
        _newest(bindparam("most", type_=Big(), required=True)).label("evidence"),
        case(
            (
                _NEEDS_DAYS,
                _of_item(
                    "held", Packed(_DAY, col(ActivityPlanItem.planned_on), col(ActivityPlanItem.themes))
                ).scalar_subquery(),
            ),
            else_=None,
        ).label("held"),
        _of_item("planned", Packed(_DAY)).scalar_subquery().label("planned"),
        case(
            (_IS_RHYTHM, select(Packed(_EARLIER_DAYS.c.occurs_on)).select_from(_EARLIER_DAYS).scalar_subquery()),
            else_=None,
        ).label("earlier"),
    )
    .where(col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True))
    .order_by(col(WorkPlanItem.position), col(WorkPlanItem.id))
)
"""The items with all that is told of each: revisions, counts by month, and its activities of the year.

``earlier`` are the last days held for the item of the same code in the plan of the year before: a rhythm goes on from
there.
"""


async def progress_of(
    session: Session, plan_id: str, *, on: date | None = None, evidence_limit: int = EVIDENCE_SHOWN
) -> Row:
    """Give the progress of a plan on a day, today where none is named.

    Before the fiscal year nothing is due; after it the whole year has closed. ``evidence`` holds the ids of held
    activities, newest first, at most ``evidence_limit`` for each item.

    Raises:
        NotFoundError: the plan is missing or outside reach.
    """
    day = on or session.today
    plan = await framed_plan_for(session, plan_id)
    setting = Setting(plan["year"], day, evidence_limit)
    # Nothing is held in the future, so that up to today whole months of the rollup are exact; an earlier day cuts its
    # month, which is then counted from the ledger.
    this_month = fiscal.month_of(day)
    is_live = day >= session.today
    rows = await session.rows(
        _ITEMS,
        plan_id=plan_id,
        plan_before=plan["plan_before"],
        from_on=plan["starts_on"],
        to_on=plan["ends_on"],
        on=day,
        last_month=this_month if is_live else fiscal.months_after(this_month, -1),
        most=EVIDENCE_SHOWN,
        is_cut=not is_live,
    )
    works = {row["id"]: _work_of(row, cut_month=None if is_live else this_month) for row in rows}
    items = []
    for row in rows:
        targets = targets_on(row, with_revisions(row)["revisions"], day, plan["operation_year"])
        items.append(line_of(row, targets, works[row["id"]], setting))
    return _shown(session, plan, day, items)


def _work_of(item: Row, *, cut_month: date | None) -> Work:
    """Gather what was done and planned for an item; ``cut_month`` is counted from its activities up to the day."""
    months = _months_of(item["months"])
    held = [
        HeldWork(date.fromisoformat(on), None if planned_on is None else date.fromisoformat(planned_on), themes)
        for on, planned_on, themes in _unpacked(item.pop("held"))
    ]
    held.sort(key=lambda one: one.on)
    if cut_month is not None:
        months[cut_month] = sum(1 for one in held if one.on >= cut_month)
    evidence = _unpacked(item.pop("evidence"))
    planned = sorted(map(date.fromisoformat, _unpacked(item.pop("planned"))))
    earlier = sorted(map(date.fromisoformat, _unpacked(item.pop("earlier"))))
    return Work(months, item.pop("last_held_on"), evidence, held, planned, earlier)


def _unpacked(text: str | None) -> list[Any]:
    return [] if text is None else list(orjson.loads(text))


def _months_of(rollup: Sequence[Row]) -> dict[date, int]:
    months: dict[date, int] = {}
    for one in rollup:
        month = date.fromisoformat(one["month"])
        months[month] = months.get(month, 0) + one["held_count"]
    return months


def _shown(session: Session, plan: Row, on: date, items: list[Row]) -> Row:
    paces: dict[str, int] = {}
    for item in items:
        paces[item["pace"]] = paces.get(item["pace"], 0) + 1
    countable = [item for item in items if item["required_in_year"] is not None]
    is_whole = plan["centre_id"] in session.actor.reach.own_centres
    return {
        "plan_id": plan["id"],
        "centre_id": plan["centre_id"],
        "fiscal_year": plan["fiscal_year"],
        "label_ja": fiscal.fiscal_year_label_ja(plan["fiscal_year"]),
        "operation_year": plan["operation_year"],
        "on": on,
        "closed_months": fiscal.closed_months(plan["fiscal_year"], on),
        "covers": "all" if is_whole else "own_and_joint",
        "summary": {
            "required_in_year": sum(item["required_in_year"] for item in countable),
            "done": sum(min(item["done"], item["required_in_year"]) for item in countable),
            "by_pace": paces,
        },
        "items": items,
    }


__all__ = ["EVIDENCE_SHOWN", "progress_of"]
