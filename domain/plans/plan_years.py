"""A plan with the year it is judged in: its centre's life and opening days, and the plan of the year before."""

from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from domain.database import Row, Session
from domain.ledger.work_plan_tables import WorkPlan
from domain.places.centre_calendar import calendar_of
from domain.places.centres import Centre, CentreClosure, CentreHours
from domain.plans.requirements import PlanYear, year_open
from domain.statements import within_reach
from domain.statements.columns import Id
from domain.statements.documents import objects

_BEFORE = aliased(WorkPlan)
_PLAN_BEFORE = (
    select(col(_BEFORE.id))
    .where(
        col(_BEFORE.centre_id) == col(WorkPlan.centre_id),
        col(_BEFORE.fiscal_year) == col(WorkPlan.fiscal_year) - 1,
        col(_BEFORE.deleted_at).is_(None),
    )
    .correlate(WorkPlan)
    .scalar_subquery()
)
_FRAME = within_reach(
    select(
        col(WorkPlan.id),
        col(WorkPlan.centre_id),
        col(WorkPlan.fiscal_year),
        col(WorkPlan.operation_year),
        col(WorkPlan.starts_on),
        col(WorkPlan.ends_on),
        col(WorkPlan.version),
        col(Centre.opened_on),
        col(Centre.closed_on),
        objects(col(CentreHours.centre_id) == col(Centre.id), weekday=col(CentreHours.weekday)).label("hours"),
        objects(
            col(CentreClosure.centre_id) == col(Centre.id), day=col(CentreClosure.day), kind=col(CentreClosure.kind)
        ).label("closures"),
        _PLAN_BEFORE.label("plan_before"),
    )
    .select_from(WorkPlan)
    .join(Centre, col(Centre.id) == col(WorkPlan.centre_id))
    .where(col(WorkPlan.id) == bindparam("plan_id", type_=Id(), required=True), col(WorkPlan.deleted_at).is_(None))
)


async def framed_plan_for(session: Session, plan_id: str) -> Row:
    """Give what judging a plan needs of it: ``year`` (a ``PlanYear``) and ``plan_before``, the id of the one before.

    Raises:
        NotFoundError: the plan is missing or outside reach.
    """
    plan = await session.one(_FRAME, plan_id=plan_id)
    closures = [{"day": date.fromisoformat(row["day"]), "kind": row["kind"]} for row in plan["closures"]]
    calendar = calendar_of(plan, plan["hours"], closures, plan["starts_on"], plan["ends_on"])
    opened = year_open(plan["fiscal_year"], plan["opened_on"], plan["closed_on"])
    return plan | {"year": PlanYear(plan["fiscal_year"], plan["operation_year"], opened, calendar)}
