"""Batches: many rows in one request, all or nothing, with a rehearsal that stores nothing.

One mechanism for every area: it calls the area's own function for each row in one transaction. Each refusal is told
with its row (``/rows/3/name``, ``row`` 4), as many of them as can be found in one go: rows are read one by one, and one
of the wrong shape keeps none of the others from being tried.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Generic, TypeVar

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidatorFunctionWrapHandler,
)
from pydantic_core.core_schema import CoreSchema, no_info_wrap_validator_function
from starlette.requests import Request

from api.answers import Answer, document
from api.problems import faults_of, invalid_content
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


@dataclass(frozen=True, slots=True)
class Misshapen:
    """Stands where a row should, and says what is wrong with its shape."""

    faults: tuple[Fault, ...]


class _OneByOne:
    """Reads each row by itself; one that does not fit is kept with its faults, so that the others are read too."""

    def __get_pydantic_core_schema__(self, shape: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Put the reading of single rows in front of what the shape itself says, which the contract shows."""

        def read(value: Any, _handler: ValidatorFunctionWrapHandler) -> Any:
            try:
                # As JSON again: what is strict about Python's values would refuse a day that is written as text.
                return shape.model_validate_json(orjson.dumps(value))
            except ValidationError as error:
                return Misshapen(faults_of(error))

        return no_info_wrap_validator_function(read, handler(shape))


class Batch(Incoming, Generic[Given]):
    """Rows to be stored together or not at all."""

    rows: list[Annotated[Given, _OneByOne()]] = Field(min_length=1, max_length=MOST_ROWS, description="1 to 500 rows.")


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


async def run_batch(request: Request, rows: Sequence[BaseModel | Misshapen], enter: Enter, *, dry_run: bool) -> Answer:
    """Store all rows through ``enter``, or none; a rehearsal undoes them once it knows.

    Raises:
        RuleError: ``rows_refused``, or ``invalid_content`` where only shapes are wrong, with every fault found; nothing
            is stored.
    """
    results: list[dict[str, Any]] = []
    is_domains = False
    faults: list[Fault] = []
    is_read_only = False
    for number, row in enumerate(rows):
        if isinstance(row, Misshapen):
            faults += _at_row(row.faults, number)
            continue
        if is_read_only:
            continue
        try:
            stored, warnings = await enter(row.model_dump())
        except KikanError as error:
            is_domains = True
            faults += _faults_of(error, number)
            continue
        except StatementError:
            # The database itself refused an earlier row; after that it answers nothing more in this transaction.
            if not faults:
                raise
            is_read_only = True
            continue
        results.append({"row": number, "id": stored["id"], "warnings": told(request, warnings)})
    if faults and not is_domains:
        raise invalid_content(tuple(faults[:MOST_FAULTS]))
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
    return _at_row(error.faults or (Fault(error.code, error.detail_ja, error.detail_en),), number)


def _at_row(faults: Sequence[Fault], number: int) -> list[Fault]:
    """Say of faults of one row which row it is; a fault of the whole row stands at the row itself."""
    inner = ("" if fault.pointer in (None, "/") else fault.pointer for fault in faults)
    return [
        replace(fault, pointer=f"/rows/{number}{where}", parameter=None, row=number + 1)
        for fault, where in zip(faults, inner, strict=True)
    ]
