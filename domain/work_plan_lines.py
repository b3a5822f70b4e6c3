"""Items of a plan as the wire shows them, with the targets in force on a day."""

from datetime import date

from domain.database import Row, Session
from domain.work_plan_items import item_for, items_of_plan, shown_item
from domain.work_plans import plan_for


async def lines_of(session: Session, plan_id: str, *, on: date | None = None) -> list[Row]:
    """Give the items of a plan in its order; targets are those in force on ``on``, today where none is named.

    Raises:
        NotFoundError: the plan is missing or outside reach.
    """
    plan = await plan_for(session, plan_id)
    return [shown_item(row, plan, on or session.today) for row in await items_of_plan(session, plan_id)]


async def line_of(session: Session, plan_id: str, item_id: str, *, on: date | None = None) -> Row:
    """Give one item of a plan as ``lines_of`` does.

    Raises:
        NotFoundError: the plan or the item is missing or outside reach.
    """
    plan = await plan_for(session, plan_id)
    return shown_item(await item_for(session, plan_id, item_id), plan, on or session.today)
