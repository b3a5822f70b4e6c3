"""Progress of a yearly work plan (進捗): per item what is done, what is due, what comes next, with the evidence.

Three round trips: the plan with its centre's opening days; its items with revisions and monthly rollup; the year's
activities linked to them. Counts come from the rollup; days, ids and themes from the ledger. A ward sees its own and
joint activities of the centre, and the answer says so.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlmodel import col

from domain import fiscal
from domain.database import Row, Session
from domain.ledger.tables import Activity, ActivityPlanItem, PlanItemRollup
from domain.ledger.work_plan_tables import WorkPlan, WorkPlanItem
from domain.places.centre_calendar import calendar_of
from domain.places.centres import Centre, CentreClosure, CentreHours
from domain.plans.progress import Year
from domain.plans.targets import targets_on
from domain.plans.work_plan_items import COLUMNS as ITEM_COLUMNS
from domain.plans.work_plan_items import REVISIONS_OF, with_revisions
from domain.plans.work_plan_standing import Setting, Work, line_of
from domain.statements import within_reach
from domain.statements.columns import Big, Day, Id
from domain.statements.comparisons import Among
from domain.statements.documents import objects

EVIDENCE_SHOWN = 200

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

_MONTHS = objects(
    col(PlanItemRollup.item_id) == col(WorkPlanItem.id),
    col(PlanItemRollup.month) >= _FROM,
    col(PlanItemRollup.month) <= bindparam("last_month", type_=Day(), required=True),
    month=col(PlanItemRollup.month),
    held_count=col(PlanItemRollup.held_count),
).label("months")
_ITEMS = within_reach(
    select(*ITEM_COLUMNS, REVISIONS_OF, _MONTHS)
    .where(col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True))
    .order_by(col(WorkPlanItem.position), col(WorkPlanItem.id))
)

_LINKED = and_(
    col(Activity.centre_id) == col(ActivityPlanItem.centre_id), col(Activity.id) == col(ActivityPlanItem.activity_id)
)


def _newest() -> Any:
    # The days of the year come by the index of the centre's days; without them the planner goes through all its years.
    linked = (
        select(
            col(ActivityPlanItem.item_id),
            col(Activity.id),
            col(Activity.status),
            col(Activity.held_on),
            col(Activity.planned_on),
            case((Among(col(ActivityPlanItem.item_id), "themed"), col(Activity.themes)), else_=None).label("themes"),
            func.row_number()
            .over(
                partition_by=(col(ActivityPlanItem.item_id), col(Activity.status)),
                order_by=(col(Activity.occurs_on).desc(), col(Activity.id).desc()),
            )
            .label("place"),
        )
        .select_from(ActivityPlanItem)
        .join(Activity, _LINKED)
        .where(
            col(Activity.centre_id) == bindparam("centre_id", type_=Id(), required=True),
            col(Activity.occurs_on) >= _FROM,
            col(Activity.occurs_on) <= bindparam("to_on", type_=Day(), required=True),
            Among(col(ActivityPlanItem.item_id), "items"),
            col(Activity.deleted_at).is_(None),
            or_(and_(col(Activity.status) == "held", col(Activity.held_on) <= _ON), col(Activity.status) == "planned"),
        )
        .subquery()
    )
    columns: tuple[Any, ...] = tuple(
        linked.c[name] for name in ("item_id", "id", "status", "held_on", "planned_on", "themes")
    )
    enough = linked.c.place <= bindparam("most", type_=Big(), required=True)
    return select(*columns).where(or_(enough, Among(linked.c.item_id, "whole"))).order_by(linked.c.place)


_ACTIVITIES = within_reach(_newest())
"""The newest activities of each item, held and planned apart; all of them for the items of ``whole``."""


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
        from_on=plan["starts_on"],
        last_month=this_month if is_live else fiscal.months_after(this_month, -1),
    )
    works = await _works(session, plan, rows, day, cut_month=None if is_live else this_month)
    items = []
    for row in rows:
        targets = targets_on(row, with_revisions(row)["revisions"], day, plan["operation_year"])
        items.append(line_of(row, targets, works[row["id"]], setting))
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


async def _works(
    session: Session, plan: Row, rows: Sequence[Row], on: date, *, cut_month: date | None
) -> dict[str, Work]:
    """Gather what was done and planned for each item.

    ``cut_month`` is counted from the ledger up to the day, so that then every activity is read.
    """
    works = {row["id"]: Work(months=_months_of(row["months"])) for row in rows}
    activities = await session.rows(
        _ACTIVITIES,
        centre_id=plan["centre_id"],
        items=list(works),
        themed=[row["id"] for row in rows if row["sub_quotas"]],
        whole=[row["id"] for row in rows if cut_month is not None or _needs_every_day(row)],
        most=EVIDENCE_SHOWN,
        from_on=plan["starts_on"],
        to_on=plan["ends_on"],
        on=on,
    )
    for one in activities:
        work = works[one["item_id"]]
        (work.planned if one["status"] == "planned" else work.held).append(one)
    if cut_month is not None:
        for work in works.values():
            work.months[cut_month] = sum(1 for one in work.held if one["held_on"] >= cut_month)
    return works


def _needs_every_day(item: Row) -> bool:
    """Tell whether the newest activities are not enough: each window has its own, and so has a part with a theme."""
    return bool(item["window_policy"] == "fixed_windows" or item["revisions"] or item["sub_quotas"])


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
