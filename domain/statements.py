"""Statements made once: narrowed to a reach, compiled per dialect, then only run.

A ``Query`` or a ``Write`` is all that a session executes, and the functions here are the only ones that make them.
Import-time work, so that a request builds no SQL at all.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Literal

import orjson
from sqlalchemy import ARRAY, Boolean, Date, DateTime, bindparam, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql import update as sql_update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.schema import Table
from sqlmodel import SQLModel

from domain.clock import TOKYO
from domain.columns import Big
from domain.reach import Owner, ReachError, narrowed, narrowed_change, narrowing, owner_of

DialectName = Literal["postgresql", "sqlite"]

DIALECTS: dict[DialectName, Dialect] = {
    "postgresql": asyncpg_dialect.dialect(paramstyle="numeric_dollar"),  # type: ignore[no-untyped-call]
    "sqlite": sqlite.dialect(),
}


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
    return datetime.fromisoformat(text).astimezone(TOKYO)


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


def to_sqlite(value: Any) -> Any:
    """Turn a Python value into what SQLite stores. Instants keep microseconds so that their text sorts by time."""
    if value is None or type(value) in (str, int, float):
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
        found = [
            values[n] if n in values else reach[n] if n in reach else fixed[n]
            for n in self.names
        ]
        return [to_sqlite(v) for v in found] if self.for_sqlite else found

    def read(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Turn raw rows into plain dicts of Python values."""
        plain = [dict(row) for row in rows]
        for label, reader in self.readers:
            for row in plain:
                raw = row[label]
                if raw is not None:
                    row[label] = reader(raw)
        return plain


def compiled(statement: Any, dialect: DialectName) -> Compiled:
    """Compile a narrowed statement.

    Raises:
        ReachError: the statement needs work at run time (``in_([…])``), which is done nowhere.
    """
    result = statement.compile(dialect=DIALECTS[dialect])
    if result.post_compile_params or result.literal_execute_params:
        raise ReachError(f"use a list parameter instead of in_([...]): {statement}")
    names = tuple(result.positiontup or ())
    fixed = {n: b.effective_value for n, b in result.binds.items() if n in names and not b.required}
    readers: list[tuple[str, Callable[[Any], Any]]] = []
    if dialect == "sqlite":
        for entry in result._result_columns:
            reader = _reader_of(entry.type)
            if reader is not None:
                readers.append((entry.keyname, reader))
    return Compiled(result.string, names, fixed, tuple(readers), dialect == "sqlite")


class Query:
    """A select that keeps to the caller's reach. Made by ``within_reach`` or ``within_credentials`` only."""

    __slots__ = ("_compiled", "needs_door", "statement")

    def __init__(self, statement: Any, *, needs_door: bool = False) -> None:
        self.statement = statement
        self.needs_door = needs_door
        self._compiled: dict[DialectName, Compiled] = {}

    def compiled(self, dialect: DialectName) -> Compiled:
        """Give the SQL text for a dialect, compiled on first use."""
        made = self._compiled.get(dialect)
        if made is None:
            made = self._compiled[dialect] = compiled(self.statement, dialect)
        return made


class Write:
    """An insert, update or delete that keeps to the caller's reach."""

    __slots__ = ("_compiled", "columns", "needs_door", "owner", "statements", "table")

    def __init__(
        self,
        table: Table,
        statements: Mapping[DialectName, Any],
        *,
        columns: frozenset[str] = frozenset(),
        inserts: bool = False,
    ) -> None:
        owner = owner_of(table)
        self.table = table
        self.statements = statements
        self.columns = columns
        self.needs_door = owner is Owner.CREDENTIALS
        self.owner: Owner | None = owner if inserts else None
        self._compiled: dict[DialectName, Compiled] = {}

    def compiled(self, dialect: DialectName) -> Compiled:
        """Give the SQL text for a dialect, compiled on first use."""
        made = self._compiled.get(dialect)
        if made is None:
            made = self._compiled[dialect] = compiled(self.statements[dialect], dialect)
        return made


def within_reach(statement: Any) -> Query:
    """Make a query that sees only what its caller may see. See ``domain.reach.narrowed`` for what is refused."""
    return Query(narrowed(statement))


_OPEN_TO_THE_DOOR = {Owner.CREDENTIALS, Owner.CENTRE, Owner.MUNICIPALITY, Owner.SHARED}


def within_credentials(statement: Any) -> Query:
    """Make a query of the credentials door: accounts, and the places they stand in, but never an activity.

    Raises:
        ReachError: the statement names any other table.
    """
    tables = {t for f in statement.get_final_froms() for t in _tables(f)}
    if not tables or any(owner_of(t) not in _OPEN_TO_THE_DOOR for t in tables):
        raise ReachError(f"not a credentials statement: {sorted(t.name for t in tables)}")
    statement._propagate_attrs = {}
    return Query(statement, needs_door=True)


def _tables(f: Any) -> list[Table]:
    if isinstance(f, Table):
        return [f]
    return [t for child in f.get_children() for t in _tables(child)] if hasattr(f, "get_children") else []


def _table(model: type[SQLModel]) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    owner_of(table)
    return table


def _values(table: Table) -> dict[str, Any]:
    return {
        c.name: TransactionNumber() if c.name == "changed_tx" else bindparam(c.name, type_=c.type, required=True)
        for c in table.columns
    }


@lru_cache(maxsize=256)
def insert_into(model: type[SQLModel]) -> Write:
    """Make the insert of one row of a table. The session brings id, version, instants and author where it has them."""
    table = _table(model)
    statement = insert(table).values(_values(table))
    names = frozenset(c.name for c in table.columns if c.name != "changed_tx")
    return Write(table, {"postgresql": statement, "sqlite": statement}, columns=names, inserts=True)


def insert_if_new(model: type[SQLModel]) -> Write:
    """Make the insert of a row that changes nothing (0 rows) where the key is already there."""
    table = _table(model)
    values = _values(table)
    names = frozenset(c.name for c in table.columns)
    statements: dict[DialectName, Any] = {
        "postgresql": postgresql.insert(table).values(values).on_conflict_do_nothing(),
        "sqlite": sqlite.insert(table).values(values).on_conflict_do_nothing(),
    }
    return Write(table, statements, columns=names, inserts=True)


def add_to(model: type[SQLModel], *sums: str) -> Write:
    """Make an upsert that adds to the columns ``sums`` of the row with the same key, or starts it."""
    table = _table(model)
    keys = [c.name for c in table.primary_key.columns]

    def made(upsert: Any) -> Any:
        row = upsert(table).values(_values(table))
        return row.on_conflict_do_update(
            index_elements=keys, set_={name: table.c[name] + row.excluded[name] for name in sums}
        )

    names = frozenset(c.name for c in table.columns)
    return Write(
        table,
        {"postgresql": made(postgresql.insert), "sqlite": made(sqlite.insert)},
        columns=names,
        inserts=True,
    )


def put_into(model: type[SQLModel]) -> Write:
    """Make an upsert that replaces every other column of the row with the same key."""
    table = _table(model)
    keys = [c.name for c in table.primary_key.columns]

    def made(upsert: Any) -> Any:
        row = upsert(table).values(_values(table))
        rest = {c.name: row.excluded[c.name] for c in table.columns if c.name not in keys}
        return row.on_conflict_do_update(index_elements=keys, set_=rest)

    names = frozenset(c.name for c in table.columns)
    return Write(
        table,
        {"postgresql": made(postgresql.insert), "sqlite": made(sqlite.insert)},
        columns=names,
        inserts=True,
    )


def update_of(model: type[SQLModel], *columns: str) -> Write:
    """Make the update of ``columns`` of one row, found by ``id`` and, where the table has one, ``version``.

    The version is raised by one and the change is stamped; 0 changed rows mean that somebody was faster.
    """
    table = _table(model)
    values: dict[str, Any] = {name: bindparam(name, type_=table.c[name].type, required=True) for name in columns}
    found = table.c.id == bindparam("row_id", type_=table.c.id.type, required=True)
    if "version" in table.c:
        found = found & (table.c.version == bindparam("row_version", type_=Big(), required=True))
        values["version"] = table.c.version + 1
    if "updated_at" in table.c:
        values["updated_at"] = bindparam("updated_at", type_=table.c.updated_at.type, required=True)
    if "changed_tx" in table.c:
        values["changed_tx"] = TransactionNumber()
    return change(sql_update(table).where(found).values(values))


def change(statement: Any) -> Write:
    """Make a write from any other UPDATE or DELETE of one table, narrowed to the reach."""
    table: Table = statement.table
    if owner_of(table) is Owner.CREDENTIALS:
        statement._propagate_attrs = {}
    else:
        statement = narrowed_change(statement)
    return Write(table, {"postgresql": statement, "sqlite": statement})


__all__ = [
    "Compiled",
    "DialectName",
    "Horizon",
    "Query",
    "TransactionNumber",
    "Write",
    "add_to",
    "change",
    "compiled",
    "insert_if_new",
    "insert_into",
    "narrowing",
    "put_into",
    "to_sqlite",
    "update_of",
    "within_credentials",
    "within_reach",
]
