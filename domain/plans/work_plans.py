"""Yearly work plans (年間事業計画): generated from the programme for a fiscal year, then revised only openly.

An item's target is changed by a target revision with its day and reason, so that the past never moves. The tables
stand in ``domain/ledger/work_plan_tables.py``, below the ledger, which links activities to plan items.
Source: seed 003 item 1-(1) notes, 1-(2) notes.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from domain import audit, fiscal
from domain.access import Permission, Role
from domain.database import Row, Session, changed
from domain.errors import ConflictError, rule_broken
from domain.ledger.work_plan_tables import WorkPlan, WorkPlanItem
from domain.lists import Filter, Listing
from domain.places.centre_calendar import calendar_for
from domain.places.centres import Centre
from domain.plans.plan_links import free_choices, link_by_rules
from domain.plans.work_plan_items import planned_item
from domain.plans.work_programme_items import items_of_programme
from domain.plans.work_programmes import WorkProgramme
from domain.statements import change, insert_into, update_of, within_reach
from domain.statements.columns import Big, Id, new_id

COLUMNS = tuple(
    getattr(WorkPlan, name)
    for name in (
        "id", "centre_id", "municipality_id", "programme_id", "fiscal_year", "operation_year", "starts_on", "ends_on",
        "status", "submitted_by", "note", "version", "created_at", "updated_at", "deleted_at",
    )
)  # fmt: skip
STATUSES = ("draft", "adopted", "submitted", "approved", "returned")
_AT_ONCE = 20

PLANS = Listing(
    "work_plans",
    select(*COLUMNS),
    filters={
        "centre_id": Filter("ids", col(WorkPlan.centre_id), "センター"),
        "fiscal_year": Filter("number", col(WorkPlan.fiscal_year), "年度(西暦)"),
        "status": Filter("codes", col(WorkPlan.status), "状態", STATUSES),
    },
    sorts={"fiscal_year": col(WorkPlan.fiscal_year), "id": col(WorkPlan.id)},
    default_sort=("-fiscal_year", "-id"),
    changed=col(WorkPlan.changed_tx),
    deleted=col(WorkPlan.deleted_at),
)

_ONE = within_reach(
    select(*COLUMNS).where(
        col(WorkPlan.id) == bindparam("id", type_=Id(), required=True), col(WorkPlan.deleted_at).is_(None)
    )
)
_CENTRE = within_reach(
    select(col(Centre.opened_on), col(Centre.closed_on)).where(
        col(Centre.id) == bindparam("centre_id", type_=Id(), required=True), col(Centre.deleted_at).is_(None)
    )
)
_PROGRAMMES = within_reach(
    select(col(WorkProgramme.id), col(WorkProgramme.municipality_id))
    .where(
        col(WorkProgramme.centre_id) == bindparam("centre_id", type_=Id(), required=True),
        col(WorkProgramme.valid_from_fiscal_year) <= bindparam("fiscal_year", type_=Big(), required=True),
        col(WorkProgramme.deleted_at).is_(None),
    )
    .order_by(col(WorkProgramme.valid_from_fiscal_year).desc())
)
_ENTER = insert_into(WorkPlan)
_ENTER_ITEM = insert_into(WorkPlanItem)
_CHANGE = update_of(WorkPlan, "note")
_REMOVE = update_of(WorkPlan, "deleted_at")
_DROP_ITEMS = change(
    delete(WorkPlanItem).where(col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True))
)
"""Links, sums and revisions go with their item: the database takes them, also those that the caller does not see."""
_ITEMS = within_reach(
    select(col(WorkPlanItem.id), col(WorkPlanItem.code))
    .where(col(WorkPlanItem.plan_id) == bindparam("plan_id", type_=Id(), required=True))
    .order_by(col(WorkPlanItem.position))
)


async def plan_for(session: Session, plan_id: str) -> Row:
    """Give a plan's own members, without its items.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    return await session.one(_ONE, id=plan_id)


def shown_plan(session: Session, plan: Mapping[str, Any]) -> Row:
    """Give a plan as the wire shows it: with the label of its year and what the caller may do next."""
    shown = {name: value for name, value in plan.items() if name != "submitted_by"}
    return shown | {"label_ja": fiscal.fiscal_year_label_ja(plan["fiscal_year"]), "may": may_of(session, plan)}


def may_of(session: Session, plan: Mapping[str, Any]) -> dict[str, bool]:
    """Tell which steps of a plan the caller may take now: its role, the plan's state, and never its own submission."""
    actor = session.actor
    status, is_manager = plan["status"], actor.role is Role.CENTRE_MANAGER
    decides = actor.role is Role.WARD_STAFF and status == "submitted" and plan["submitted_by"] != actor.subject_id
    return {
        "adopt": is_manager and status in ("draft", "returned"),
        "submit": is_manager and status in ("adopted", "returned"),
        "approve": decides,
        "return": decides,
        "revise_targets": actor.may(Permission.WORK_PLANS_WRITE),
    }


async def plans_shown(session: Session, rows: list[Row]) -> list[Row]:
    """Add what a page of plans needs besides its columns."""
    return [shown_plan(session, row) for row in rows]


async def plan_shown(session: Session, plan_id: str) -> Row:
    """Give a plan as the wire shows it.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    return shown_plan(session, await plan_for(session, plan_id))


async def generate_plan(session: Session, centre_id: str, fiscal_year: int, note: str | None = None) -> Row:
    """Make the plan of a centre for a fiscal year from the programme that holds for it.

    The operation year decides which phases hold: the fiscal year of the opening is 1. Activities of the year that the
    centre has recorded already are linked by the counting rules.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: ``before_opening``, ``after_closing`` or ``no_programme``.
        ConflictError: ``plan_exists``.
    """
    centre = await session.one(_CENTRE, centre_id=centre_id)
    operation_year = fiscal.operation_year(centre["opened_on"], fiscal_year)
    if operation_year < 1:
        raise rule_broken(
            "before_opening", "センターの開設より前の年度です。", "The centre had not opened in this fiscal year.",
            field="fiscal_year",
        )  # fmt: skip
    if centre["closed_on"] is not None and centre["closed_on"] < fiscal.first_day(fiscal_year):
        raise rule_broken(
            "after_closing", "センターの閉鎖より後の年度です。", "The centre had closed before this fiscal year.",
            field="fiscal_year",
        )  # fmt: skip
    programme = await session.maybe(_PROGRAMMES, centre_id=centre_id, fiscal_year=fiscal_year)
    if programme is None:
        raise rule_broken(
            "no_programme",
            "この年度に適用される事業内容一覧がありません。先に登録してください。",
            "No work programme holds for this fiscal year. Enter one first.",
            field="fiscal_year",
        )
    items = await items_of_programme(session, programme["id"])
    owners = {"centre_id": centre_id, "municipality_id": programme["municipality_id"]}
    days = {"starts_on": fiscal.first_day(fiscal_year), "ends_on": fiscal.last_day(fiscal_year)}
    plan = {
        "id": new_id(),
        "programme_id": programme["id"],
        "fiscal_year": fiscal_year,
        "operation_year": operation_year,
        "status": "draft",
        "note": note,
        **owners,
        **days,
    }
    calendar = await calendar_for(session, centre_id, days["starts_on"], days["ends_on"])
    rows = [planned_item(item, operation_year, fiscal_year, calendar, **centre) for item in items]
    told = [{"code": row["code"], "required_in_year": row["required_in_year"]} for row in rows]
    await session.store(
        (_ENTER, plan),
        audit.entry_of(
            session,
            "work_plans.generate",
            "work_plans",
            plan["id"],
            after={"fiscal_year": fiscal_year, "programme_id": programme["id"], "items": told},
            **owners,
        ),
    )
    writes = [
        (_ENTER_ITEM, {**row, **owners, **days, "id": new_id(), "plan_id": plan["id"], "position": position})
        for position, row in enumerate(rows, start=1)
    ]
    for start in range(0, len(writes), _AT_ONCE):
        await session.store(*writes[start : start + _AT_ONCE])
    await link_by_rules(session, plan, [values for _, values in writes])
    return await plan_shown(session, plan["id"])


async def change_plan(session: Session, plan_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change the note of a plan; give it as the wire shows it.

    Raises:
        NotFoundError: outside reach.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await plan_for(session, plan_id)
    after = changed(before, changes, session)
    await session.change(_CHANGE, row_id=plan_id, row_version=version, note=after["note"])
    await session.store(
        audit.entry_of(
            session,
            "work_plans.change",
            "work_plans",
            plan_id,
            before={name: before[name] for name in changes},
            after=changes,
            centre_id=before["centre_id"],
            municipality_id=before["municipality_id"],
        )
    )
    return shown_plan(session, after)


async def remove_plan(session: Session, plan_id: str, version: int) -> None:
    """Remove a draft that was made wrongly, with its items; the plan of the year can then be made again.

    Activities that a person had linked to its items are for the counting rules again.

    Raises:
        NotFoundError: outside reach.
        ConflictError: ``wrong_state``, once it was adopted.
        StaleVersionError: it is no longer at ``version``.
    """
    plan = await plan_for(session, plan_id)
    if plan["status"] != "draft":
        raise ConflictError(
            "wrong_state",
            "決定された計画は削除できません。目標回数は、目標回数の変更で改めてください。",
            "A plan that was adopted cannot be removed. Change its targets by target revisions.",
        )
    items = await session.rows(_ITEMS, plan_id=plan_id)
    await session.change(_REMOVE, row_id=plan_id, row_version=version, deleted_at=session.now)
    await free_choices(session, plan, [item["id"] for item in items])
    await session.run(_DROP_ITEMS, plan_id=plan_id)
    told = {name: plan[name] for name in ("fiscal_year", "programme_id", "note")}
    await session.store(
        audit.entry_of(
            session,
            "work_plans.remove",
            "work_plans",
            plan_id,
            before=told | {"items": [item["code"] for item in items]},
            centre_id=plan["centre_id"],
            municipality_id=plan["municipality_id"],
        )
    )
