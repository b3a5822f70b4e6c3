"""Comparisons with lists that a caller brings, the same on both databases: one parameter, whatever its length."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Integer, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal

from domain.statements.columns import Codes, Ids, Listing


class Among(elements.ColumnElement[bool]):
    """``column = ANY(:list)`` on PostgreSQL, ``column IN (SELECT value FROM json_each(:list))`` on SQLite."""

    inherit_cache = True
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("bind", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: Any, name: str) -> None:
        self.column = column
        item = column.type.item_type if isinstance(column.type, ARRAY) else column.type
        numbers = isinstance(item, Integer)
        kind = Listing(BigInteger()) if numbers else Codes() if isinstance(item, Text) else Ids()
        self.bind = bindparam(name, type_=kind, required=True)

    @property
    def _from_objects(self) -> Any:
        return self.column._from_objects

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Stand as it is: no brackets are needed."""
        return self


@compiles(Among)
def compile_among(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    """Write it for PostgreSQL."""
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.bind, **kw)})"


@compiles(Among, "sqlite")
def compile_among_sqlite(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    """Write it for SQLite."""
    left, right = compiler.process(element.column, **kw), compiler.process(element.bind, **kw)
    return f"{left} IN (SELECT value FROM json_each({right}))"


class Overlaps(Among):
    """The list in ``column`` and the list brought by the caller have an id in common."""

    inherit_cache = True


@compiles(Overlaps)
def _overlaps(element: Overlaps, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} && {compiler.process(element.bind, **kw)}"


@compiles(Overlaps, "sqlite")
def _overlaps_sqlite(element: Overlaps, compiler: SQLCompiler, **kw: Any) -> str:
    left, right = compiler.process(element.column, **kw), compiler.process(element.bind, **kw)
    return (
        f"EXISTS (SELECT 1 FROM json_each({left}) AS held WHERE held.value IN (SELECT value FROM json_each({right})))"
    )


class InWindow(elements.ColumnElement[bool]):
    """Days ``[first, last]`` of a row touch a window in which its centre covered the caller's municipality."""

    inherit_cache = True
    _traverse_internals = [
        ("centre", InternalTraversal.dp_clauseelement),
        ("first", InternalTraversal.dp_clauseelement),
        ("last", InternalTraversal.dp_clauseelement),
        ("centres", InternalTraversal.dp_clauseelement),
        ("from_on", InternalTraversal.dp_clauseelement),
        ("to_on", InternalTraversal.dp_clauseelement),
        ("windows", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, centre: Any, first: Any, last: Any) -> None:
        self.centre, self.first, self.last = centre, first, last
        self.centres = bindparam("reach_window_centres", type_=Ids(), required=True)
        self.from_on = bindparam("reach_window_from", type_=Listing(Date()), required=True)
        self.to_on = bindparam("reach_window_to", type_=Listing(Date()), required=True)
        self.windows = bindparam("reach_windows", type_=Codes(), required=True)

    @property
    def _from_objects(self) -> Any:
        return self.centre._from_objects + self.first._from_objects

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - the signature is SQLAlchemy's
        """Stand as it is: no brackets are needed."""
        return self


@compiles(InWindow)
def _in_window(element: InWindow, compiler: SQLCompiler, **kw: Any) -> str:
    def sql(part: Any) -> str:
        return compiler.process(part, **kw)

    lists = ", ".join(map(sql, (element.centres, element.from_on, element.to_on)))
    return (
        f"EXISTS (SELECT 1 FROM unnest({lists}) AS w(centre, first, last) WHERE w.centre = {sql(element.centre)}"
        f" AND w.first <= {sql(element.last)} AND w.last >= {sql(element.first)})"
    )


@compiles(InWindow, "sqlite")
def _in_window_sqlite(element: InWindow, compiler: SQLCompiler, **kw: Any) -> str:
    def sql(part: Any) -> str:
        return compiler.process(part, **kw)

    return (
        f"EXISTS (SELECT 1 FROM json_each({sql(element.windows)}) AS w"
        f" WHERE json_extract(w.value, '$[0]') = {sql(element.centre)}"
        f" AND json_extract(w.value, '$[1]') <= {sql(element.last)}"
        f" AND json_extract(w.value, '$[2]') >= {sql(element.first)})"
    )
