"""Statements made once: narrowed to a reach, compiled per dialect, then only run.

A ``Query`` or a ``Write`` is all that a session executes, and the functions here are the only ones that make them. A
request builds no SQL: in production every statement is narrowed and compiled before the first one, elsewhere beside
the first ones (``settling``). None is ever compiled that was not narrowed in the same breath.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakSet

from sqlalchemy import bindparam, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import update as sql_update
from sqlalchemy.sql.schema import Table
from sqlmodel import SQLModel

from domain.access import View
from domain.statements.columns import Big
from domain.statements.compiling import Compiled, DialectName, Horizon, Template, TransactionNumber
from domain.statements.reach import Owner, ReachError, narrowed, narrowed_change, owner_of

_MADE: "WeakSet[Query | Write]" = WeakSet()


def settling(dialect: DialectName) -> Iterator[None]:
    """Narrow and compile what was made so far for the dialect a serving process speaks, one statement at each step.

    Their descriptions, a quarter of the memory of a worker, are let go of: they are never looked at again.
    """
    for made in list(_MADE):
        made.template(dialect)
        made.forget()
        yield


class Query:
    """A select that keeps to the caller's reach. Made by ``within_reach`` or ``within_credentials`` only."""

    __slots__ = ("__weakref__", "_compiled", "_narrow", "needs_door", "statement")

    def __init__(self, statement: Any, narrow: Callable[[Any], Any], *, needs_door: bool = False) -> None:
        """Take a statement and what narrows it, whenever it is compiled."""
        self.statement = statement
        self._narrow = narrow
        self.needs_door = needs_door
        self._compiled: dict[DialectName, Template] = {}
        _MADE.add(self)

    def template(self, dialect: DialectName) -> Template:
        """Give the text for a dialect with the predicates of every view, compiled on first use."""
        made = self._compiled.get(dialect)
        if made is None:
            made = self._compiled[dialect] = Template(self.narrowed(), dialect)
        return made

    def narrowed(self) -> Any:
        """Give the statement as it is compiled, to build on; what is added to it is not narrowed again."""
        return self._narrow(self.statement)

    def compiled(self, dialect: DialectName, view: View) -> Compiled:
        """Give what a caller of one view sends."""
        return self.template(dialect).for_view(view)

    def forget(self) -> None:
        """Let go of the description; the compiled text stays."""
        self.statement = None


class Write:
    """An insert, update or delete that keeps to the caller's reach."""

    __slots__ = ("__weakref__", "_compiled", "_narrow", "columns", "needs_door", "owner", "statements", "table")

    def __init__(
        self,
        table: Table,
        statements: Mapping[DialectName, Any],
        narrow: Callable[[Any], Any],
        *,
        columns: frozenset[str] = frozenset(),
        inserts: bool = False,
    ) -> None:
        """Take a statement for each dialect and what narrows it, whenever it is compiled."""
        owner = owner_of(table)
        self.table = table
        self.statements = statements
        self._narrow = narrow
        self.columns = columns
        self.needs_door = owner is Owner.CREDENTIALS
        self.owner: Owner | None = owner if inserts else None
        self._compiled: dict[DialectName, Template] = {}
        _MADE.add(self)

    def template(self, dialect: DialectName) -> Template:
        """Give the text for a dialect with the predicates of every view, compiled on first use."""
        made = self._compiled.get(dialect)
        if made is None:
            made = self._compiled[dialect] = Template(self._narrow(self.statements[dialect]), dialect)
        return made

    def compiled(self, dialect: DialectName, view: View) -> Compiled:
        """Give what a caller of one view sends."""
        return self.template(dialect).for_view(view)

    def forget(self) -> None:
        """Let go of the descriptions; the compiled text stays."""
        self.statements = {}


def as_it_is(statement: Any) -> Any:
    """Narrow nothing more: an insert is checked row by row, the door has no reach, and a list was narrowed before."""
    return statement


def within_reach(statement: Any) -> Query:
    """Make a query that sees only what its caller may see. See ``reach.narrowed`` for what is refused."""
    return Query(statement, narrowed)


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
    return Query(statement, as_it_is, needs_door=True)


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
    return Write(table, {"postgresql": statement, "sqlite": statement}, as_it_is, columns=names, inserts=True)


def insert_if_new(model: type[SQLModel]) -> Write:
    """Make the insert of a row that changes nothing (0 rows) where the key is already there."""
    table = _table(model)
    values = _values(table)
    names = frozenset(c.name for c in table.columns)
    statements: dict[DialectName, Any] = {
        "postgresql": postgresql.insert(table).values(values).on_conflict_do_nothing(),
        "sqlite": sqlite.insert(table).values(values).on_conflict_do_nothing(),
    }
    return Write(table, statements, as_it_is, columns=names, inserts=True)


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
        as_it_is,
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
        as_it_is,
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


@lru_cache(maxsize=64)
def version_in(table: Table) -> Query:
    """Make the query of the version that one row of a table, found by ``id``, has now."""
    found = table.c.id == bindparam("id", type_=table.c.id.type, required=True)
    return (within_credentials if owner_of(table) is Owner.CREDENTIALS else within_reach)(
        select(table.c.version).where(found)
    )


def change(statement: Any) -> Write:
    """Make a write from any other UPDATE or DELETE of one table, narrowed to the reach."""
    table: Table = statement.table
    is_of_the_door = owner_of(table) is Owner.CREDENTIALS
    if is_of_the_door:
        statement._propagate_attrs = {}
    both: dict[DialectName, Any] = {"postgresql": statement, "sqlite": statement}
    return Write(table, both, as_it_is if is_of_the_door else narrowed_change)


__all__ = [
    "Compiled",
    "DialectName",
    "Horizon",
    "Query",
    "TransactionNumber",
    "Write",
    "add_to",
    "as_it_is",
    "change",
    "insert_if_new",
    "insert_into",
    "put_into",
    "settling",
    "update_of",
    "version_in",
    "within_credentials",
    "within_reach",
]
