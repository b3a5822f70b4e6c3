"""Target revisions (目標回数の変更): an item's target changes from a day on, openly, and the past never moves.

Each revision keeps what was in force on its day, what takes its place, why, and where it was decided.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy import update as sql_update
from sqlmodel import col

from domain import audit
from domain.database import Row, Session
from domain.errors import rule_broken
from domain.ledger.work_plan_tables import TargetRevision, WorkPlan
from domain.plans.confirmed_readings import confirmed_reading
from domain.plans.targets import in_force, target_read
from domain.plans.work_plan_items import item_for
from domain.plans.work_plans import plan_for
from domain.statements import change, insert_into, within_reach
from domain.statements.columns import Id, Instant, new_id
from domain.statements.compiling import TransactionNumber

_COLUMNS = tuple(
    getattr(TargetRevision, name)
    for name in (
        "id", "item_id", "effective_on", "from_text", "from_reading", "from_required", "to_text", "to_reading",
        "to_required", "reason", "decided_at", "created_by", "created_at",
    )
)  # fmt: skip
_HISTORY = within_reach(
    select(*_COLUMNS)
    .where(col(TargetRevision.item_id) == bindparam("item_id", type_=Id(), required=True))
    .order_by(col(TargetRevision.effective_on), col(TargetRevision.created_at), col(TargetRevision.id))
)
_ENTER = insert_into(TargetRevision)
_TOUCH_PLAN = change(
    sql_update(WorkPlan)
    .where(col(WorkPlan.id) == bindparam("row_id", type_=Id(), required=True))
    .values(
        version=col(WorkPlan.version) + 1,
        updated_at=bindparam("updated_at", type_=Instant(), required=True),
        changed_tx=TransactionNumber(),
    )
)


async def revisions_of(session: Session, plan_id: str, item_id: str) -> list[Row]:
    """Give the revisions of an item's target, earliest first.

    Raises:
        NotFoundError: the plan or the item is missing or outside reach.
    """
    await item_for(session, plan_id, item_id)
    return [_shown(row) for row in await session.rows(_HISTORY, item_id=item_id)]


async def revise_target(session: Session, plan_id: str, item_id: str, fields: Mapping[str, Any]) -> Row:
    """Change an item's target from ``effective_on`` on; give the revision.

    The plan's version goes up. Days before ``effective_on`` keep their target.

    Raises:
        NotFoundError: the plan or the item is missing or outside reach.
        RuleError: the day is outside the fiscal year or before an earlier revision; the reason is blank; the text
            has no clear reading.
    """
    plan = await plan_for(session, plan_id)
    item = await item_for(session, plan_id, item_id)
    effective_on = fields["effective_on"]
    if not fields["reason"].strip():
        raise rule_broken("reason_required", "理由を入れてください。", "Give the reason.", field="reason")
    if not plan["starts_on"] <= effective_on <= plan["ends_on"]:
        raise rule_broken(
            "outside_fiscal_year", "計画の年度の日付ではありません。", "This day is not in the plan's fiscal year.",
            field="effective_on",
        )  # fmt: skip
    known = item["revisions"]
    if known and effective_on < known[-1]["effective_on"]:
        raise rule_broken(
            "before_last_revision",
            "これより後の日付の変更が既にあるため、過去にさかのぼって変更できません。",
            "A later revision exists; the past does not change.",
            field="effective_on",
        )
    reading = confirmed_reading(
        fields["to_text"], fields.get("to_reading"), text_field="to_text", reading_field="to_reading"
    )
    before = in_force(item, known, effective_on, plan["operation_year"])
    after = target_read(fields["to_text"], reading, effective_on, plan["operation_year"])
    owners = {"centre_id": plan["centre_id"], "municipality_id": plan["municipality_id"]}
    revision = {
        "id": new_id(),
        "item_id": item_id,
        "effective_on": effective_on,
        "from_text": before.text,
        "from_reading": before.reading.as_json() if before.reading else None,
        "from_required": before.required,
        "to_text": after.text,
        "to_reading": reading.as_json(),
        "to_required": after.required,
        "reason": fields["reason"],
        "decided_at": fields.get("decided_at"),
    }
    await session.run(_TOUCH_PLAN, row_id=plan_id)
    await session.store(
        (_ENTER, {**revision, **owners}),
        audit.entry_of(
            session,
            "work_plans.revise_target",
            "work_plans",
            item_id,
            before={"text": before.text, "required_in_year": before.required},
            after={
                "text": after.text,
                "required_in_year": after.required,
                "effective_on": effective_on,
                "reason": fields["reason"],
            },
            **owners,
        ),
    )
    return _shown({**revision, "created_by": session.actor.subject_id, "created_at": session.now})


def _shown(row: Mapping[str, Any]) -> Row:
    return {
        "id": row["id"],
        "item_id": row["item_id"],
        "effective_on": row["effective_on"],
        "from": {
            "text": row["from_text"], "reading": row["from_reading"], "required_in_year": row["from_required"]
        },
        "to": {"text": row["to_text"], "reading": row["to_reading"], "required_in_year": row["to_required"]},
        "reason": row["reason"],
        "decided_at": row["decided_at"],
        "created_by": row["created_by"],
        "created_at": row["created_at"],
    }  # fmt: skip
