"""What an activity stands in when it is recorded: its centre, coverage, closed months, offices, people, plan items.

Everything is read within reach, so that a foreign office or person is as good as missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Boolean, bindparam, literal, or_, select
from sqlmodel import col

from domain import fiscal
from domain.database import Row, Session
from domain.errors import Fault, NotFoundError, RuleError, rule_broken
from domain.ledger.closed_months import ClosedMonth
from domain.ledger.counting_rules import counts_for, misfit_of
from domain.ledger.work_plan_tables import WorkPlanItem
from domain.places.centres import Centre, CentreCoverage
from domain.places.free_text import REFUSE, warnings_in
from domain.places.municipalities import Municipality
from domain.places.offices import Office
from domain.places.people import Person
from domain.statements import within_reach
from domain.statements.columns import Day, Id
from domain.statements.comparisons import Among
from domain.statements.documents import Packed, objects

_DAY = bindparam("day", type_=Day(), required=True)
_IS_SCREENED: Any = bindparam("is_screened", type_=Boolean(), required=True)
_BY_RULE: Any = bindparam("by_rule", type_=Boolean(), required=True)

FRAME = within_reach(
    select(
        col(Centre.opened_on),
        col(Centre.closed_on),
        objects(
            col(CentreCoverage.centre_id) == col(Centre.id),
            col(CentreCoverage.valid_from) <= _DAY,
            or_(col(CentreCoverage.valid_to).is_(None), col(CentreCoverage.valid_to) >= _DAY),
            municipality_id=col(CentreCoverage.municipality_id),
        ).label("covered"),
        objects(
            col(ClosedMonth.centre_id) == col(Centre.id),
            col(ClosedMonth.month) == bindparam("month", type_=Day(), required=True),
            municipality_id=col(ClosedMonth.municipality_id),
        ).label("closed"),
        objects(
            Among(col(Office.id), "office_ids"),
            col(Office.deleted_at).is_(None),
            id=col(Office.id),
            municipality_id=col(Office.municipality_id),
            name=col(Office.name),
        ).label("offices"),
        objects(
            Among(col(Person.id), "person_ids"),
            col(Person.deleted_at).is_(None),
            id=col(Person.id),
            municipality_id=col(Person.municipality_id),
            office_id=col(Person.office_id),
        ).label("people"),
        objects(
            col(WorkPlanItem.centre_id) == col(Centre.id),
            col(WorkPlanItem.starts_on) <= _DAY,
            col(WorkPlanItem.ends_on) >= _DAY,
            or_(_BY_RULE, Among(col(WorkPlanItem.id), "item_ids")),
            id=col(WorkPlanItem.id),
            municipality_id=col(WorkPlanItem.municipality_id),
            counting_rules=col(WorkPlanItem.counting_rules),
        ).label("items"),
        select(Packed(col(Person.name)))
        .where(_IS_SCREENED, col(Person.deleted_at).is_(None))
        .scalar_subquery()
        .label("names"),
        objects(
            _IS_SCREENED,
            col(Municipality.free_text_policy) == literal(REFUSE),
            id=col(Municipality.id),
        ).label("strict"),
    ).where(col(Centre.id) == bindparam("centre_id", type_=Id(), required=True), col(Centre.deleted_at).is_(None))
)


_NEAR_MISSES = {
    "other_role": ("センターの役割", "role", "centre_role"),
    "other_theme": ("テーマ", "themes", "themes"),
    "other_need": ("ニーズ", "needs", "needs"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What was found within reach, by id, for an activity of one centre on one day."""

    opened_on: date
    closed_on: date | None
    covered: frozenset[str]
    closed: frozenset[str]
    offices: Mapping[str, Row]
    people: Mapping[str, Row]
    items: Mapping[str, Row]
    names: Sequence[str]
    strict: frozenset[str]

    def warnings_about(self, texts: Mapping[str, str], municipality_id: str | None) -> tuple[Fault, ...]:
        """Screen free text about a municipality; a joint activity meets the strictest of those within reach.

        Raises:
            RuleError: ``my_number_found``, or ``personal_data_found`` where the municipality refuses it.
        """
        is_strict = bool(self.strict) if municipality_id is None else municipality_id in self.strict
        return warnings_in(texts, self.names, is_strict=is_strict)

    def refuse(self, activity: Mapping[str, Any]) -> None:
        """Refuse an activity outside its centre's life, for a municipality it does not cover, or in a closed month.

        Raises:
            RuleError: ``before_opening``, ``after_closing``, ``not_covered`` or ``month_closed``.
        """
        day: date = activity["occurs_on"]
        municipality = activity["municipality_id"]
        field = "held_on" if activity["held_on"] else "planned_on"
        if day < self.opened_on:
            raise rule_broken(
                "before_opening", "センターの開設日より前です。", "This is before the centre opened.", field=field
            )
        if self.closed_on is not None and day > self.closed_on:
            raise rule_broken(
                "after_closing", "センターの閉鎖日より後です。", "This is after the centre closed.", field=field
            )
        if municipality is not None and municipality not in self.covered:
            raise rule_broken(
                "not_covered",
                "その日にセンターが担当していない市区町村です。",
                "The centre did not cover this municipality on that day.",
                field="municipality_id",
            )
        if "" in self.closed or municipality in self.closed:
            raise month_closed(field)

    def near_misses(self, activity: Mapping[str, Any]) -> tuple[Fault, ...]:
        """Warn about an activity that no rule links, though one asks for its kind and body in another role, say."""
        said = {name: activity[name] for name in ("kind", "centre_role", "body", "themes", "needs")}
        reasons = {misfit_of(item["counting_rules"], **said) for item in self.items.values()}
        return tuple(
            Fault(
                "counts_for_no_item",
                f"年間事業計画のどの項目にも計上されません({ja}が計上の決まりと違います)。",
                f"This counts for no item of the work plan: its {en} differ from the counting rule.",
                pointer=f"/{field}",
            )
            for reason, (ja, en, field) in _NEAR_MISSES.items()
            if reason in reasons
        )

    def items_counting(
        self, activity: Mapping[str, Any], named: Sequence[str] | None
    ) -> dict[str, tuple[str, str | None]]:
        """Give the plan items an activity counts for: item id → (linked_by, the item's municipality).

        ``named`` are the items its recorder named (an empty list: none, on purpose); without them the counting rules
        of the plan that holds on the day decide.

        Raises:
            RuleError: a named item is not of the centre's plan for that day.
        """
        if named is None:
            return {
                item_id: ("rule", item["municipality_id"])
                for item_id, item in self.items.items()
                if counts_for(
                    item["counting_rules"],
                    kind=activity["kind"],
                    centre_role=activity["centre_role"],
                    body=activity["body"],
                    themes=activity["themes"],
                    needs=activity["needs"],
                )
            }
        if any(item_id not in self.items for item_id in named):
            ja = "その日の年度の事業計画に無い項目です。"
            en = "This item is not in the centre's plan for that day's fiscal year."
            raise RuleError(
                "plan_item_unknown", ja, en, faults=(Fault("plan_item_unknown", ja, en, pointer="/plan_item_ids"),)
            )
        return {item_id: ("named", self.items[item_id]["municipality_id"]) for item_id in named}


async def frame_for(
    session: Session,
    centre_id: str,
    day: date,
    *,
    office_ids: Sequence[str] = (),
    person_ids: Sequence[str] = (),
    plan_item_ids: Sequence[str] | None = (),
    is_screened: bool = False,
) -> Frame:
    """Read in one trip what an activity of a centre on a day stands in.

    ``plan_item_ids`` are the items it names; None brings all items of the day's plan, with their counting rules.
    ``is_screened`` brings what free text is compared with.

    Raises:
        NotFoundError: the centre, or offices and people, which are named, are missing or outside reach.
    """
    row = await session.one(
        FRAME,
        centre_id=centre_id,
        day=day,
        month=fiscal.month_of(day),
        office_ids=list(office_ids),
        person_ids=list(person_ids),
        item_ids=list(plan_item_ids or ()),
        by_rule=plan_item_ids is None,
        is_screened=is_screened,
    )
    offices = {office["id"]: office for office in row["offices"]}
    people = {person["id"]: person for person in row["people"]}
    if offices.keys() != set(office_ids) or people.keys() != set(person_ids):
        missing = set(office_ids) - offices.keys() | set(person_ids) - people.keys()
        raise NotFoundError(missing=frozenset(missing))
    return Frame(
        opened_on=row["opened_on"],
        closed_on=row["closed_on"],
        covered=frozenset(one["municipality_id"] for one in row["covered"]),
        closed=frozenset(one["municipality_id"] for one in row["closed"]),
        offices=offices,
        people=people,
        items={item["id"]: item for item in row["items"]},
        names=orjson.loads(row["names"] or "[]"),
        strict=frozenset(one["id"] for one in row["strict"]),
    )


def month_closed(field: str) -> RuleError:
    """Build the refusal of a write into a month that an accepted report has closed, with the way out."""
    return rule_broken(
        "month_closed",
        "この月の月次報告は受理済みのため、変更できません。訂正版の提出を区市町村に依頼してください。",
        "The monthly report of this month is accepted. Ask the municipality for a correction version.",
        field=field,
    )
