"""Items of a plan as the wire shows them, with the targets in force on a day; their counting rules and links."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from domain import audit
from domain.access import Role
from domain.database import Row, Session
from domain.errors import NotPermittedError
from domain.ledger.work_plan_tables import WorkPlan, WorkPlanItem
from domain.plans.plan_links import link_by_rules
from domain.plans.plan_years import framed_plan_for
from domain.plans.work_plan_items import item_for, items_of_plan, shown_item
from domain.plans.work_plans import plan_for
from domain.statements import update_of

MUTABLE = ("notes", "counting_rules")
"""What may change of an item itself; its target changes by revisions."""
_CHANGE = update_of(WorkPlanItem, *MUTABLE)
_TOUCH = update_of(WorkPlan, "note")


async def lines_of(session: Session, plan_id: str, *, on: date | None = None) -> list[Row]:
    """Give the items of a plan in its order; targets are those in force on ``on``, today where none is named.

    Raises:
        NotFoundError: the plan is missing or outside reach.
    """
    plan = await framed_plan_for(session, plan_id)
    return [shown_item(row, plan["year"], on or session.today) for row in await items_of_plan(session, plan_id)]


async def line_of(session: Session, plan_id: str, item_id: str, *, on: date | None = None) -> Row:
    """Give one item of a plan as ``lines_of`` does, with the plan's version.

    Raises:
        NotFoundError: the plan or the item is missing or outside reach.
    """
    plan = await framed_plan_for(session, plan_id)
    item = await item_for(session, plan_id, item_id)
    return {**shown_item(item, plan["year"], on or session.today), "version": plan["version"]}


async def change_line(session: Session, plan_id: str, item_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change an item's notes or counting rules; new rules of the centre link the year's activities anew.

    Raises:
        NotFoundError: the plan or the item is missing or outside reach.
        StaleVersionError: the plan is no longer at ``version``.
    """
    plan = await plan_for(session, plan_id)
    before = await item_for(session, plan_id, item_id)
    after = {name: changes.get(name, before[name]) for name in MUTABLE}
    await session.change(_TOUCH, row_id=plan_id, row_version=version, note=plan["note"])
    await session.run(_CHANGE, row_id=item_id, **after)
    await session.store(
        audit.entry_of(
            session,
            "work_plans.change_item",
            "work_plans",
            item_id,
            before={name: before[name] for name in changes},
            after=changes,
            centre_id=plan["centre_id"],
            municipality_id=plan["municipality_id"],
        )
    )
    if "counting_rules" in changes:
        await link_by_rules(session, plan, await items_of_plan(session, plan_id))
    return await line_of(session, plan_id, item_id)


async def link_again(session: Session, plan_id: str) -> Row:
    """Link the year's activities to a plan's items by their rules once more; give how many links changed.

    Raises:
        NotFoundError: the plan is missing or outside reach.
        NotPermittedError: the caller is not of the centre.
    """
    plan = await plan_for(session, plan_id)
    if session.actor.role is not Role.CENTRE_MANAGER:
        raise NotPermittedError
    changed = await link_by_rules(session, plan, await items_of_plan(session, plan_id))
    await session.store(
        audit.entry_of(
            session,
            "work_plans.link",
            "work_plans",
            plan_id,
            after={"links_changed": changed},
            centre_id=plan["centre_id"],
            municipality_id=plan["municipality_id"],
        )
    )
    return {"links_changed": changed}
