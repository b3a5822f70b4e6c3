"""Progress of a yearly work plan (進捗): per item what is done, what is due, what comes next, with the evidence.

Two round trips: the plan with its centre's opening days, then its items, each with revisions, monthly rollup and newest
activities. Counts come from the rollup; days, ids and themes from the ledger. A ward sees its own and joint
activities of the centre, and the answer says so.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import and_, bindparam, func, or_, select
from sqlmodel import col

from domain import fiscal
from domain.centre_calendar import calendar_of
from domain.centres import Centre, CentreClosure, CentreHours
from domain.columns import Big, Day, Id
from domain.comparisons import Among
from domain.database import Row, Session
from domain.documents import Objects, objects
from domain.ledger_tables import Activity, ActivityPlanItem, PlanItemRollup
from domain.progress import Held, Year
from domain.statements import within_reach
from domain.targets import targets_on
from domain.work_plan_items import COLUMNS as ITEM_COLUMNS
from domain.work_plan_items import REVISIONS_OF, with_revisions
from domain.work_plan_standing import Setting, Work, line_of
from domain.work_plan_tables import WorkPlan, WorkPlanItem

EVIDENCE_SHOWN = 200
_FETCHED = 250
"""Newest held and planned activities read per item: those shown, and room for planned ones among them."""

_ON = bindparam("on", type_=Day(), required=True)
_FROM = bindparam("from_on", type_=Day(), required=True)

_FRAME = within_reach(
    select(
        col(WorkPlan.id),
        col(WorkPlan.centre_id),
        col(WorkPlan.fiscal_year),
        col(WorkPlan.operation_year),
        col(WorkPlan.starts_on),
        col(WorkPlan.ends_on),
        col(Centre.opened_on),
        col(Centre.closed_on),
        objects(col(CentreHours.centre_id) == col(Centre.id), weekday=col(CentreHours.weekday)).label("hours"),
        objects(
            col(CentreClosure.centre_id) == col(Centre.id), day=col(CentreClosure.day), kind=col(CentreClosure.kind)
        ).label("closures"),
    )
    .select_from(WorkPlan)
    .join(Centre, col(Centre.id) == col(WorkPlan.centre_id))
    .where(col(WorkPlan.id) == bindparam("plan_id", type_=Id(), required=True), col(WorkPlan.deleted_at).is_(None))
)

_LINKED = and_(
    col(Activity.centre_id) == col(ActivityPlanItem.centre_id), col(Activity.id) == col(ActivityPlanItem.activity_id)
)
_COUNTS = or_(
    and_(col(Activity.status) == "held", col(Activity.held_on) >= _FROM, col(Activity.held_on) <= _ON),
    col(Activity.status) == "planned",
)


def _newest() -> Any:
    linked = (
        select(
            col(Activity.id),
            col(Activity.status),
            col(Activity.held_on),
            col(Activity.planned_on),
            col(Activity.themes),
        )
        .select_from(ActivityPlanItem)
        .join(Activity, _LINKED)
        .where(col(ActivityPlanItem.item_id) == col(WorkPlanItem.id), col(Activity.deleted_at).is_(None), _COUNTS)
        .order_by(col(Activity.occurs_on).desc(), col(Activity.id).desc())
        .limit(bindparam("most", type_=Big(), required=True))
        .correlate(WorkPlanItem)
        .subquery()
    )
    members = {name: linked.c[name] for name in ("id", "status", "held_on", "planned_on", "themes")}
    return select(Objects(**members)).select_from(linked).scalar_subquery().label("activities")


def _months() -> Any:
    return objects(
        col(PlanItemRollup.item_id) == col(WorkPlanItem.id),
        col(PlanItemRollup.month) >= _FROM,
        col(PlanItemRollup.month) <= bindparam("last_month", type_=Day(), required=True),
        month=col(PlanItemRollup.month),
        held_count=col(PlanItemRollup.held_count),
    ).label("months")


_ITEMS = within_reach(
    select(*ITEM_COLUMNS, REVISIONS_OF, _months(), _newest())
    .where(col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True))
    .order_by(col(WorkPlanItem.position), col(WorkPlanItem.id))
)
_DAYS = within_reach(
    select(
        col(ActivityPlanItem.item_id),
        col(Activity.status),
        col(Activity.held_on),
        col(Activity.planned_on),
        func.count().label("count"),
    )
    .select_from(ActivityPlanItem)
    .join(Activity, _LINKED)
    .where(Among(col(ActivityPlanItem.item_id), "items"), col(Activity.deleted_at).is_(None), _COUNTS)
    .group_by(col(ActivityPlanItem.item_id), col(Activity.status), col(Activity.held_on), col(Activity.planned_on))
)
"""Every day of the items named: for those whose newest activities are not all."""


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
    plan = await session.one(_FRAME, plan_id=plan_id)
    setting = _setting_of(plan, day, evidence_limit)
    # Nothing is held in the future, so that up to today whole months of the rollup are exact; an earlier day cuts its
    # month, which is then counted from the ledger.
    this_month = fiscal.month_of(day)
    is_live = day >= session.today
    rows = await session.rows(
        _ITEMS,
        plan_id=plan_id,
        on=day,
        from_on=plan["starts_on"],
        last_month=this_month if is_live else fiscal.months_after(this_month, -1),
        most=_FETCHED,
    )
    cut = await _days_of_cut(session, rows, day, plan["starts_on"])
    items = []
    for row in rows:
        work = _work_of(with_revisions(row), cut.get(row["id"]), None if is_live else this_month)
        targets = targets_on(row, row["revisions"], day, plan["operation_year"])
        items.append(line_of(row, targets, work, setting))
    return _shown(session, plan, day, items)


def _setting_of(plan: Row, on: date, evidence_limit: int) -> Setting:
    first, last = plan["starts_on"], plan["ends_on"]
    closures = [{"day": date.fromisoformat(row["day"]), "kind": row["kind"]} for row in plan["closures"]]
    opened = max(first, min(plan["opened_on"], last))
    ended = last if plan["closed_on"] is None else max(opened, min(last, plan["closed_on"]))
    return Setting(
        fiscal_year=plan["fiscal_year"],
        operation_year=plan["operation_year"],
        year=Year(opened, ended),
        calendar=calendar_of(plan, plan["hours"], closures, first, last),
        on=on,
        evidence_limit=evidence_limit,
    )


async def _days_of_cut(session: Session, rows: Sequence[Row], on: date, from_on: date) -> dict[str, list[Row]]:
    """Read every day of countable items that have more activities than were fetched: windows need them all."""
    ids = [row["id"] for row in rows if len(row["activities"]) >= _FETCHED and row["required_in_year"] is not None]
    found: dict[str, list[Row]] = {}
    if ids:
        for row in await session.rows(_DAYS, items=ids, on=on, from_on=from_on):
            found.setdefault(row["item_id"], []).append(row)
    return found


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _work_of(row: Row, days: list[Row] | None, cut_month: date | None) -> Work:
    activities = row["activities"]
    held = [one for one in activities if one["status"] == "held"]
    held.sort(key=lambda one: (one["held_on"], one["id"]), reverse=True)
    listed = [{**one, "count": 1} for one in activities] if days is None else days
    by_day = [
        Held(day, _day(one["planned_on"]))
        for one in listed
        if one["status"] == "held"
        for day in [_day(one["held_on"])] * one["count"]
        if day is not None
    ]
    by_day.sort(key=lambda one: one.on)
    months: dict[date, int] = {}
    for one in row["months"]:
        month = date.fromisoformat(one["month"])
        months[month] = months.get(month, 0) + one["held_count"]
    if cut_month is not None:
        months[cut_month] = sum(1 for one in by_day if fiscal.month_of(one.on) == cut_month)
    return Work(
        months=months,
        held=tuple(by_day),
        evidence=tuple(one["id"] for one in held),
        themes=tuple(_themes(one["themes"]) for one in held),
        last_held_on=by_day[-1].on if by_day else None,
        planned_on=tuple(
            sorted(
                day
                for one in listed
                if one["status"] == "planned"
                for day in [_day(one["planned_on"])] * one["count"]
                if day is not None
            )
        ),
    )


def _themes(value: Any) -> frozenset[str]:
    # SQLite keeps lists as text, and one inside a document stays text.
    return frozenset(orjson.loads(value) if isinstance(value, str) else value)


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
