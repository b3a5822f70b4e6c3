"""JSON made by the database: a scalar subselect that gives a list of small objects with the row it belongs to.

One trip instead of one per kind of link. Narrowed like any other subselect, because it is one.
"""

from typing import Any

from sqlalchemy import ARRAY, Boolean, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import select

from domain.statements.columns import Document


class Objects(elements.ColumnElement[Any]):
    """Aggregate of JSON objects with the given members, an empty list where there are no rows."""

    inherit_cache = True
    _traverse_internals = [
        ("columns", InternalTraversal.dp_clauseelement_list),
        ("names", InternalTraversal.dp_string_list),
    ]
    type = Document()

    def __init__(self, **members: Any) -> None:
        self.names = list(members)
        self.columns = [column.expression if hasattr(column, "expression") else column for column in members.values()]

    @property
    def _from_objects(self) -> list[Any]:
        return [f for column in self.columns for f in column._from_objects]


@compiles(Objects)
def _objects(element: Objects, compiler: SQLCompiler, **kw: Any) -> str:
    kw.pop("within_columns_clause", None)
    parts = (
        f"'{name}', {compiler.process(column, **kw)}"
        for name, column in zip(element.names, element.columns, strict=True)
    )
    # json and not jsonb: it is only written down, never asked, so nothing has to be parsed and written out again.
    return f"coalesce(json_agg(json_build_object({', '.join(parts)})), '[]'::json)"


@compiles(Objects, "sqlite")
def _objects_sqlite(element: Objects, compiler: SQLCompiler, **kw: Any) -> str:
    kw.pop("within_columns_clause", None)
    parts = []
    for name, column in zip(element.names, element.columns, strict=True):
        sql = compiler.process(column, **kw)
        if isinstance(column.type, Boolean):
            sql = f"json(CASE {sql} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END)"
        elif isinstance(column.type, JSONB):
            sql = f"json({sql})"
        parts.append(f"'{name}', {sql}")
    return f"json_group_array(json_object({', '.join(parts)}))"


def objects(*criteria: Any, of: Any = None, **members: Any) -> Any:
    """Build the subselect: objects with ``members`` from the rows that meet ``criteria``.

    ``of`` is a FROM element where the members' own tables are not enough (a join). Rows come in no set order.
    """
    statement: Any = select(Objects(**members))
    if of is not None:
        statement = statement.select_from(of)
    return statement.where(*criteria).scalar_subquery()


class Packed(elements.ColumnElement[str]):
    """Aggregate of rows as the text of one JSON list: one value to carry, not thousands.

    Rows come in the order of a sorted subselect they are taken from, else in no set order. A row is a list of its
    columns, or the value itself where there is one column. Null, or an empty list, where there are no rows.
    """

    inherit_cache = True
    _traverse_internals = [("columns", InternalTraversal.dp_clauseelement_list)]
    type = Text()

    def __init__(self, *columns: Any) -> None:
        self.columns = list(columns)

    @property
    def _from_objects(self) -> list[Any]:
        return [f for column in self.columns for f in column._from_objects]


@compiles(Packed)
def _packed(element: Packed, compiler: SQLCompiler, **kw: Any) -> str:
    kw.pop("within_columns_clause", None)
    values = ", ".join(compiler.process(column, **kw) for column in element.columns)
    return f"json_agg({values if len(element.columns) == 1 else f'json_build_array({values})'})::text"


@compiles(Packed, "sqlite")
def _packed_sqlite(element: Packed, compiler: SQLCompiler, **kw: Any) -> str:
    kw.pop("within_columns_clause", None)
    parts = [
        f"json({sql})" if isinstance(column.type, ARRAY) else sql
        for column in element.columns
        for sql in [compiler.process(column, **kw)]
    ]
    values = ", ".join(parts)
    return f"json_group_array({values if len(parts) == 1 else f'json_array({values})'})"
