"""Answers about progress: the items of the paces asked for, and the same for a file, which is noted."""

from datetime import date

from domain import audit
from domain.database import Row, Session
from domain.errors import Fault, RuleError
from domain.plans.progress import Pace
from domain.plans.work_plan_progress import EVIDENCE_SHOWN, progress_of


async def answer_to(
    session: Session,
    plan_id: str,
    *,
    on: date | None = None,
    pace: str | None = None,
    evidence_limit: int = EVIDENCE_SHOWN,
) -> Row:
    """Give progress as ``progress_of`` does, of its items those whose pace is named; ``pace`` lists them by comma.

    The summary stays that of the whole plan.

    Raises:
        NotFoundError: the plan is missing or outside reach.
        RuleError: ``pace`` names none that there is.
    """
    paces = _paces(pace)
    progress = await progress_of(session, plan_id, on=on, evidence_limit=evidence_limit)
    if paces is None:
        return progress
    return progress | {"items": [item for item in progress["items"] if item["pace"] in paces]}


async def export_of(session: Session, plan_id: str, *, on: date | None, pace: str | None, form: str) -> Row:
    """Give progress for a file; the export is noted before it leaves.

    Raises:
        NotFoundError, RuleError: as ``answer_to``.
    """
    progress = await answer_to(session, plan_id, on=on, pace=pace, evidence_limit=0)
    await session.store(
        audit.entry_of(
            session,
            "work_plans.export",
            "work_plans",
            plan_id,
            after={"format": form, "of": "progress", "on": progress["on"], "pace": pace},
            centre_id=progress["centre_id"],
        )
    )
    return progress


def _paces(text: str | None) -> frozenset[str] | None:
    if text is None:
        return None
    named = frozenset(part.strip() for part in text.split(","))
    if not named <= frozenset(Pace):
        ja, en = "決められた値のどれかにしてください。", "Use one of the listed values."
        raise RuleError(
            "invalid_parameters",
            "パラメーターに誤りがあります。errors をご覧ください。",
            "The parameters are not valid. See errors.",
            faults=(Fault("not_in_list", ja, en, parameter="pace"),),
        )
    return named
