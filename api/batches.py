"""Batches: many rows in one request, all or nothing, with a rehearsal that stores nothing.

One mechanism for every area: it calls the area's own function for each row in one transaction. Each refusal is told
with the number of its row (``/rows/3/name``), as many of them as can be found in one go.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.answers import Answer, document
from api.shapes import Incoming, Shape
from api.warnings import AnswerWarning, told
from domain.drivers import StatementError
from domain.errors import Fault, KikanError, RuleError

Given = TypeVar("Given", bound=BaseModel)
MOST_ROWS = 500
MOST_FAULTS = 200

Entered = tuple[Mapping[str, Any], Sequence[Fault]]
Enter = Callable[[dict[str, Any]], Awaitable[Entered]]
"""Stores one row; gives it as it is now, with the warnings about it."""


class Batch(Incoming, Generic[Given]):
    """Rows to be stored together or not at all."""

    rows: list[Given] = Field(min_length=1, max_length=MOST_ROWS, description="1 to 500 rows.")


class BatchQuery(Shape):
    """How a batch is run."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(default=False, description="Do everything, tell everything, store nothing (試行).")


class BatchRow(Shape):
    """What became of one row."""

    row: int = Field(description="Number of the row, from 0, as in JSON pointers.")
    id: str = Field(description="Id of what was stored; of a rehearsal it means nothing.")
    warnings: list[AnswerWarning]


class BatchOut(Shape):
    """What became of a batch."""

    dry_run: bool
    stored_count: int = Field(description="Rows stored; 0 in a rehearsal.")
    results: list[BatchRow]


async def run_batch(request: Request, rows: Sequence[BaseModel], enter: Enter, *, dry_run: bool) -> Answer:
    """Store all rows through ``enter``, or none; a rehearsal undoes them once it knows.

    Raises:
        RuleError: ``rows_refused``, with every fault found; nothing is stored.
    """
    results: list[dict[str, Any]] = []
    faults: list[Fault] = []
    for number, row in enumerate(rows):
        try:
            stored, warnings = await enter(row.model_dump())
        except KikanError as error:
            faults += _faults_of(error, number)
            continue
        except StatementError:
            # The database itself refused an earlier row; after that it answers nothing more in this transaction.
            if not faults:
                raise
            break
        results.append({"row": number, "id": stored["id"], "warnings": told(request, warnings)})
    if faults:
        raise RuleError(
            "rows_refused",
            "受け付けられない行があるため、1行も保存していません。errors をご覧ください。",
            "Some rows cannot be accepted, so none was stored. See errors.",
            faults=tuple(faults[:MOST_FAULTS]),
        )
    answer = document({"dry_run": dry_run, "stored_count": 0 if dry_run else len(results), "results": results})
    answer.is_rehearsal = dry_run
    return answer


def _faults_of(error: KikanError, number: int) -> list[Fault]:
    base = f"/rows/{number}"
    if not error.faults:
        return [Fault(error.code, error.detail_ja, error.detail_en, pointer=base)]
    return [replace(fault, pointer=f"{base}{fault.pointer or ''}", parameter=None) for fault in error.faults]
