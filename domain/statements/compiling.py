"""Compiling statements to SQL text and argument order, once per dialect, and reading raw rows back.

SQLAlchemy describes and compiles; it never runs anything on the request path.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

import orjson
from sqlalchemy import ARRAY, Boolean, Date, DateTime
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler

from domain.access import View
from domain.clock import TOKYO
from domain.statements.by_view import cut
from domain.statements.columns import Big
from domain.statements.owners import ReachError

DialectName = Literal["postgresql", "sqlite"]

DIALECTS: dict[DialectName, Dialect] = {
    "postgresql": asyncpg_dialect.dialect(paramstyle="pyformat"),  # type: ignore[no-untyped-call]
    "sqlite": sqlite.dialect(paramstyle="pyformat"),
}
_ARGUMENT: dict[DialectName, str] = {"postgresql": "$", "sqlite": "?"}
_NAMED = re.compile(r"%(?:\((\w+)\)s|%)")


class TransactionNumber(elements.ColumnElement[int]):
    """The number of the writing transaction: PostgreSQL's own, on SQLite a count that the session brings."""

    inherit_cache = True
    _traverse_internals: list[Any] = []
    type = Big()

    @property
    def _from_objects(self) -> list[Any]:
        return []


@compiles(TransactionNumber)
def _number(_element: TransactionNumber, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "(pg_current_xact_id()::text::bigint)"


@compiles(TransactionNumber, "sqlite")
def _number_sqlite(_element: TransactionNumber, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "(SELECT value FROM transaction_clock WHERE id = 1)"


class Horizon(TransactionNumber):
    """The first transaction number that may still be running: everything below is settled."""

    inherit_cache = True


@compiles(Horizon)
def _horizon(_element: Horizon, _compiler: SQLCompiler, **_kw: Any) -> str:
    return "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"


@compiles(Horizon, "sqlite")
def _horizon_sqlite(_element: Horizon, _compiler: SQLCompiler, **_kw: Any) -> str:
    # One writer at a time: whatever a reader sees is settled.
    return "9223372036854775807"


def _instant_from(text: str) -> datetime:
    # Written with the offset of Tokyo, so it is read with it: converting would cost as much as reading.
    return datetime.fromisoformat(text)


def _reader_of(kind: Any) -> Callable[[Any], Any] | None:
    """Give what turns a raw SQLite value into the Python value of its column type."""
    if isinstance(kind, (ARRAY, JSONB)):
        return orjson.loads
    if isinstance(kind, Date):
        return date.fromisoformat
    if isinstance(kind, DateTime):
        return _instant_from
    if isinstance(kind, Boolean):
        return bool
    return None


_AS_IT_IS = frozenset((str, int, float, type(None)))


def to_sqlite(value: Any) -> Any:
    """Turn a Python value into what SQLite stores. Instants keep microseconds so that their text sorts by time."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return value.astimezone(TOKYO).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple, dict)):
        return orjson.dumps(value).decode()
    return str(value)


@dataclass(frozen=True, slots=True)
class Compiled:
    """SQL text with the order of its arguments. ``fixed`` are constants the statement itself brought."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    readers: tuple[tuple[str, Callable[[Any], Any]], ...]
    for_sqlite: bool

    def args(self, values: Mapping[str, Any], reach: Mapping[str, Any]) -> list[Any]:
        """Line the values up. A name that nobody brings is a KeyError: a defect, never a silent NULL."""
        fixed = self.fixed
        found = [values[n] if n in values else reach[n] if n in reach else fixed[n] for n in self.names]
        return [v if type(v) in _AS_IT_IS else to_sqlite(v) for v in found] if self.for_sqlite else found

    def read(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Turn raw rows into plain dicts of Python values."""
        if not rows:
            return []
        if self.for_sqlite:
            plain = cast(list[dict[str, Any]], rows)  # made for this question alone: there is nothing to copy
        else:
            keys = tuple(rows[0].keys())
            plain = [dict(zip(keys, row.values(), strict=True)) for row in rows]
        for label, reader in self.readers:
            for row in plain:
                raw = row[label]
                if raw is not None:
                    row[label] = reader(raw)
        return plain


class Template:
    """A statement compiled for one dialect, with the predicates of every view; ``for_view`` cuts one out of it."""

    __slots__ = ("_cut", "_dialect", "_fixed", "_readers", "_text")

    def __init__(self, statement: Any, dialect: DialectName) -> None:
        """Compile a narrowed statement.

        Raises:
            ReachError: the statement needs work at run time (``in_([…])``), which is done nowhere.
        """
        result = statement.compile(dialect=DIALECTS[dialect])
        if result.post_compile_params or result.literal_execute_params:
            raise ReachError(f"use a list parameter instead of in_([...]): {statement}")
        self._dialect: DialectName = dialect
        self._text: str = result.string
        self._fixed = {name: bind.effective_value for name, bind in result.binds.items() if not bind.required}
        self._readers = tuple(_readers_of(result)) if dialect == "sqlite" else ()
        self._cut: dict[View, Compiled] = {}

    def for_view(self, view: View) -> Compiled:
        """Give the statement as a caller of one view sends it, with its arguments numbered."""
        made = self._cut.get(view)
        if made is None:
            made = self._cut[view] = self._numbered(cut(self._text, view))
        return made

    def _numbered(self, text: str) -> Compiled:
        numbers: dict[str, int] = {}
        mark = _ARGUMENT[self._dialect]

        def number(found: re.Match[str]) -> str:
            name = found.group(1)
            return "%" if name is None else f"{mark}{numbers.setdefault(name, len(numbers) + 1)}"

        sql = _NAMED.sub(number, text)
        return Compiled(sql, tuple(numbers), self._fixed, self._readers, self._dialect == "sqlite")


def _readers_of(result: Any) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    for entry in result._result_columns:
        reader = _reader_of(entry.type)
        if reader is not None:
            yield entry.keyname, reader
