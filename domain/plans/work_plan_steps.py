"""The way of a plan: draft, adopted at a steering meeting, submitted to the ward, approved or returned with a reason.

The centre's manager adopts and submits, the ward decides, and nobody decides on what it submitted itself.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain import audit
from domain.access import Role
from domain.database import Row, Session, changed
from domain.errors import ConflictError, NotPermittedError, rule_broken
from domain.ledger.work_plan_tables import WorkPlan, WorkPlanStep
from domain.plans.work_plans import plan_for, shown_plan
from domain.statements import insert_into, update_of, within_reach
from domain.statements.columns import Id


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of step: who takes it, from which states, and where it leads."""

    kind: str
    role: Role
    sources: tuple[str, ...]
    leads_to: str


STEPS = {
    "adoption": Step("adoption", Role.CENTRE_MANAGER, ("draft", "returned"), "adopted"),
    "submission": Step("submission", Role.CENTRE_MANAGER, ("adopted", "returned"), "submitted"),
    "approval": Step("approval", Role.WARD_STAFF, ("submitted",), "approved"),
    "return": Step("return", Role.WARD_STAFF, ("submitted",), "returned"),
}
_COLUMNS = tuple(
    getattr(WorkPlanStep, name)
    for name in ("id", "plan_id", "kind", "stepped_on", "meeting", "note", "created_by", "created_at")
)
_HISTORY = within_reach(
    select(*_COLUMNS)
    .where(col(WorkPlanStep.plan_id) == bindparam("plan_id", type_=Id(), required=True))
    .order_by(col(WorkPlanStep.created_at), col(WorkPlanStep.id))
)
_ENTER = insert_into(WorkPlanStep)
_MOVE = update_of(WorkPlan, "status", "submitted_by")


async def steps_of(session: Session, plan_id: str) -> list[Row]:
    """Give the steps a plan has taken, earliest first.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    await plan_for(session, plan_id)
    return await session.rows(_HISTORY, plan_id=plan_id)


async def take_step(
    session: Session,
    plan_id: str,
    kind: str,
    version: int,
    *,
    meeting: str | None = None,
    note: str | None = None,
    stepped_on: date | None = None,
) -> Row:
    """Take a step; give the plan as the wire shows it.

    ``stepped_on`` is the day of the meeting, today where left out.

    Raises:
        NotFoundError: outside reach.
        NotPermittedError: this step is another role's, or the caller submitted the plan itself.
        ConflictError: ``wrong_state``.
        StaleVersionError: it is no longer at ``version``.
        RuleError: the day lies in the future, or a return has a blank reason.
    """
    step = STEPS[kind]
    plan = await plan_for(session, plan_id)
    actor = session.actor
    if actor.role is not step.role:
        raise NotPermittedError
    if plan["status"] not in step.sources:
        ja, en = "計画の状態がこの操作に合いません。", "The plan's state does not allow this step."
        raise ConflictError("wrong_state", ja, en)
    if step.role is Role.WARD_STAFF and plan["submitted_by"] == actor.subject_id:
        raise NotPermittedError(
            "自分が提出した計画を自分で承認・差し戻しすることはできません。",
            "Nobody decides on a plan that they submitted themselves.",
            code="own_submission",
        )
    if kind == "return" and not (note or "").strip():
        raise rule_broken("reason_required", "理由を入れてください。", "Give the reason.", field="reason")
    if stepped_on is not None and stepped_on > session.today:
        raise rule_broken("in_the_future", "未来の日付です。", "This day lies in the future.", field="stepped_on")
    moved = {
        "status": step.leads_to,
        "submitted_by": actor.subject_id if kind == "submission" else plan["submitted_by"],
    }
    await session.change(_MOVE, row_id=plan_id, row_version=version, **moved)
    owners: dict[str, Any] = {"centre_id": plan["centre_id"], "municipality_id": plan["municipality_id"]}
    taken = {"kind": kind, "stepped_on": stepped_on or session.today, "meeting": meeting, "note": note}
    await session.store(
        (_ENTER, {"plan_id": plan_id, **taken, **owners}),
        audit.entry_of(
            session,
            f"work_plans.{kind}",
            "work_plans",
            plan_id,
            before={"status": plan["status"]},
            after={"status": step.leads_to, **taken},
            **owners,
        ),
    )
    return shown_plan(session, changed(plan, moved, session))
