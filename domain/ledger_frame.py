"""What an activity stands in when it is recorded: its centre, coverage, closed months, offices, people, plan items.

Everything is read within reach, so that a foreign office or person is as good as missing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, exists, literal, or_
from sqlmodel import col, select

from domain import fiscal
from domain.centres import Centre, CentreCoverage
from domain.columns import Day, Id
from domain.counting_rules import counts_for
from domain.database import Row, Session
from domain.errors import Fault, NotFoundError, RuleError, rule_broken
from domain.ledger_tables import ClosedMonth
from domain.offices import Office
from domain.people import Person
from domain.reach import Among
from domain.statements import within_reach
from domain.work_plan_tables import WorkPlanItem

_DAY = bindparam("day", type_=Day(), required=True)
_MONTH = bindparam("month", type_=Day(), required=True)
_MUNICIPALITY: Any = bindparam("municipality_id", required=True)

FRAME = within_reach(
    select(
        col(Centre.opened_on),
        col(Centre.closed_on),
        exists(
            select(literal(1)).where(
                col(CentreCoverage.centre_id) == col(Centre.id),
                col(CentreCoverage.municipality_id) == _MUNICIPALITY,
                col(CentreCoverage.valid_from) <= _DAY,
                or_(col(CentreCoverage.valid_to).is_(None), col(CentreCoverage.valid_to) >= _DAY),
            )
        ).label("is_covered"),
        exists(
            select(literal(1)).where(
                col(ClosedMonth.centre_id) == col(Centre.id),
                col(ClosedMonth.month) == _MONTH,
                or_(col(ClosedMonth.municipality_id) == "", col(ClosedMonth.municipality_id) == _MUNICIPALITY),
            )
        ).label("is_closed"),
    ).where(col(Centre.id) == bindparam("centre_id", type_=Id(), required=True), col(Centre.deleted_at).is_(None))
)

OFFICES_NAMED = within_reach(
    select(col(Office.id), col(Office.municipality_id), col(Office.name)).where(
        Among(col(Office.id), "ids"), col(Office.deleted_at).is_(None)
    )
)

PEOPLE_NAMED = within_reach(
    select(col(Person.id), col(Person.municipality_id), col(Person.office_id), col(Person.centre_id)).where(
        Among(col(Person.id), "ids"), col(Person.deleted_at).is_(None)
    )
)

ITEMS_OF_DAY = within_reach(
    select(col(WorkPlanItem.id), col(WorkPlanItem.municipality_id), col(WorkPlanItem.counting_rules)).where(
        col(WorkPlanItem.centre_id) == bindparam("centre_id", type_=Id(), required=True),
        col(WorkPlanItem.starts_on) <= _DAY,
        col(WorkPlanItem.ends_on) >= _DAY,
    )
)


async def refuse_bad_frame(session: Session, activity: Mapping[str, Any]) -> None:
    """Refuse an activity outside its centre's life, for a municipality it does not cover, or in a closed month.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: ``before_opening``, ``after_closing``, ``not_covered`` or ``month_closed``.
    """
    day: date = activity["occurs_on"]
    frame = await session.one(
        FRAME,
        centre_id=activity["centre_id"],
        day=day,
        month=fiscal.month_of(day),
        municipality_id=activity["municipality_id"] or "",
    )
    field = "held_on" if activity["held_on"] else "planned_on"
    if day < frame["opened_on"]:
        raise rule_broken(
            "before_opening", "センターの開設日より前です。", "This is before the centre opened.", field=field
        )
    if frame["closed_on"] is not None and day > frame["closed_on"]:
        raise rule_broken(
            "after_closing", "センターの閉鎖日より後です。", "This is after the centre closed.", field=field
        )
    if activity["municipality_id"] is not None and not frame["is_covered"]:
        raise rule_broken(
            "not_covered",
            "その日にセンターが担当していない市区町村です。",
            "The centre did not cover this municipality on that day.",
            field="municipality_id",
        )
    if frame["is_closed"]:
        raise month_closed(field)


def month_closed(field: str) -> RuleError:
    """Build the refusal of a write into a month that an accepted report has closed, with the way out."""
    return rule_broken(
        "month_closed",
        "この月の月次報告は受理済みのため、変更できません。訂正版の提出を区市町村に依頼してください。",
        "The monthly report of this month is accepted. Ask the municipality for a correction version.",
        field=field,
    )


async def offices_named(session: Session, ids: Sequence[str]) -> dict[str, Row]:
    """Give offices by id.

    Raises:
        NotFoundError: one of them is missing or outside reach.
    """
    if not ids:
        return {}
    found = {row["id"]: row for row in await session.rows(OFFICES_NAMED, ids=list(ids))}
    if found.keys() != set(ids):
        raise NotFoundError
    return found


async def people_named(session: Session, ids: Sequence[str]) -> dict[str, Row]:
    """Give people by id.

    Raises:
        NotFoundError: one of them is missing or outside reach.
    """
    if not ids:
        return {}
    found = {row["id"]: row for row in await session.rows(PEOPLE_NAMED, ids=list(ids))}
    if found.keys() != set(ids):
        raise NotFoundError
    return found


async def items_counting(
    session: Session, activity: Mapping[str, Any], named: Sequence[str] | None
) -> dict[str, tuple[str, str | None]]:
    """Give the plan items an activity counts for: item id → (linked_by, the item's municipality).

    ``named`` are the items its recorder named (an empty list: none, on purpose); without them the counting rules of
    the plan that holds on the day decide.

    Raises:
        RuleError: a named item is not of the centre's plan for that day.
    """
    rows = await session.rows(ITEMS_OF_DAY, centre_id=activity["centre_id"], day=activity["occurs_on"])
    if named is None:
        return {
            row["id"]: ("rule", row["municipality_id"])
            for row in rows
            if counts_for(
                row["counting_rules"],
                kind=activity["kind"],
                centre_role=activity["centre_role"],
                body=activity["body"],
                themes=activity["themes"],
                needs=activity["needs"],
            )
        }
    known = {row["id"]: row["municipality_id"] for row in rows}
    if any(item_id not in known for item_id in named):
        ja = "その日の年度の事業計画に無い項目です。"
        en = "This item is not in the centre's plan for that day's fiscal year."
        raise RuleError(
            "plan_item_unknown", ja, en, faults=(Fault("plan_item_unknown", ja, en, pointer="/plan_item_ids"),)
        )
    return {item_id: ("named", known[item_id]) for item_id in named}
