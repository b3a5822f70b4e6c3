"""Answers to questions about counts: read the question, count, name what was counted, explain, note exports."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from domain import audit
from domain.counts.activity_counts import counts_of
from domain.counts.cells import JOINT, Counts
from domain.counts.explanations import explanation_of
from domain.counts.questions import Question, question_of
from domain.database import Row, Session
from domain.ledger.labels import KIND_JA, ROLE_JA
from domain.places.centres import Centre
from domain.places.municipalities import Municipality
from domain.places.offices import Office
from domain.statements import Query, within_reach
from domain.statements.comparisons import Among

_FIXED: dict[str, dict[str, str]] = {"kind": KIND_JA, "centre_role": ROLE_JA}
_NAMES: dict[str, Query] = {
    "centre": within_reach(select(col(Centre.id), col(Centre.name)).where(Among(col(Centre.id), "ids"))),
    "municipality": within_reach(
        select(col(Municipality.id), col(Municipality.name)).where(Among(col(Municipality.id), "ids"))
    ),
    "office": within_reach(select(col(Office.id), col(Office.name)).where(Among(col(Office.id), "ids"))),
}


async def answer_to(
    session: Session, asked: Mapping[str, Any], *, explain: bool = False, limit: int = 200, cursor: str | None = None
) -> tuple[Counts, Row | None]:
    """Answer a question as it came in, with one page of explanation where asked for.

    Raises:
        RuleError: a parameter cannot be read; each is named.
        NotFoundError: a named centre is outside reach.
    """
    question = question_of(asked, session.today)
    counts = await counts_of(session, question)
    await _label(session, question, counts)
    explanation = await explanation_of(session, question, limit=limit, cursor=cursor) if explain else None
    return counts, explanation


async def export_of(session: Session, asked: Mapping[str, Any], form: str) -> Counts:
    """Answer a question for a file; the export is noted before it leaves.

    Raises:
        RuleError, NotFoundError: as ``answer_to``.
    """
    counts, _ = await answer_to(session, asked)
    told = {name: value for name, value in asked.items() if value is not None}
    await session.store(
        audit.entry_of(session, "activity_counts.export", "activity_counts", "*", after={"format": form, **told})
    )
    return counts


async def _label(session: Session, question: Question, counts: Counts) -> None:
    """Name the values of the dimensions in Japanese: one small query for each that is not a fixed list."""
    for position, name in enumerate(question.dimensions):
        if name in _FIXED:
            counts.labels[name] = _FIXED[name]
        elif name in _NAMES:
            ids = list({values[position] for values in counts.combinations} - {JOINT})
            rows = await session.rows(_NAMES[name], ids=ids)
            counts.labels[name] = {row["id"]: row["name"] for row in rows}
            if name == "municipality":
                counts.labels[name][JOINT] = "共同"
