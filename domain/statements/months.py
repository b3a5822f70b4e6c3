"""A month as the wire writes it, made by the database: ``2026-10`` for any day of October 2026."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal


class MonthOf(elements.ColumnElement[str]):
    """The month of a column of days; null where there is no day."""

    inherit_cache = True
    _traverse_internals = [("column", InternalTraversal.dp_clauseelement)]
    type = Text()

    def __init__(self, column: Any) -> None:
        self.column = column

    @property
    def _from_objects(self) -> Any:
        return self.column._from_objects


@compiles(MonthOf)
def _month(element: MonthOf, compiler: SQLCompiler, **kw: Any) -> str:
    kw.pop("within_columns_clause", None)
    return f"to_char({compiler.process(element.column, **kw)}, 'YYYY-MM')"


@compiles(MonthOf, "sqlite")
def _month_sqlite(element: MonthOf, compiler: SQLCompiler, **kw: Any) -> str:
    kw.pop("within_columns_clause", None)
    return f"substr({compiler.process(element.column, **kw)}, 1, 7)"
