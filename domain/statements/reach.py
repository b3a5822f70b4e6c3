"""Wall one: every statement narrowed to the caller's reach before it can ever run.

``within_reach(select)`` gives the same select with every occurrence of an owned table narrowed (entity, columns,
joins, aliases, subqueries, EXISTS, UNION, CTE), or raises ``ReachError`` where it cannot see. It runs at import
time only; what a request brings are the values of the ``reach_*`` parameters.

How a table is owned is declared on the table: ``__table_args__ = (…, owned("activity"))``. A table that declares
nothing stops the start. The PostgreSQL policies (wall two) are written from the same declarations in
``domain/statements/fences.py``, in SQL of their own, so that neither wall leans on the other.
"""

from typing import Any

from sqlalchemy import and_
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql import elements, selectable, visitors
from sqlalchemy.sql import functions as fn
from sqlalchemy.sql.compiler import StrSQLCompiler
from sqlalchemy.sql.dml import Delete, Update, UpdateBase
from sqlalchemy.sql.schema import Table

from domain.statements.comparisons import Among, Overlaps
from domain.statements.owners import Owner, ReachError, base, owned, owner_of
from domain.statements.reach_predicates import PREDICATES, narrowing, narrowing_of_change

OPAQUE = (selectable.Subquery, selectable.CTE, selectable.Lateral)
SAFE_TEXT = {"1", "*"}
SAFE_FUNCTIONS = {"count", "sum", "min", "max", "coalesce", "length", "nullif", "row_number", "lower", "now"}


def _leaf(f: Any) -> list[Any]:
    table = base(f)
    if isinstance(table, Table):
        owner = owner_of(table)
        if owner is Owner.SHARED:
            return []
        if owner in PREDICATES:
            return [f]
        raise ReachError(f"{table.name}: {owner} rows are not read through a reach")
    if isinstance(table, (*OPAQUE, selectable.Values)):
        return []
    raise ReachError(f"cannot look into {type(table).__name__}: {table}")


def _split(f: Any) -> tuple[Any, list[Any]]:
    """Rebuild a FROM element; give it with the owned leaves that its holder must still narrow."""
    if isinstance(f, selectable.FromGrouping):
        return _split(f.element)
    if not isinstance(f, selectable.Join):
        return f, _leaf(f)
    left, left_owned = _split(f.left)
    right, right_owned = _split(f.right)
    if f.full and (left_owned or right_owned):
        raise ReachError("FULL OUTER JOIN with an owned table")
    on: Any = f.onclause
    if f.isouter and right_owned:
        # Narrowing the null-supplied side in WHERE would turn the outer join into an inner one.
        on, right_owned = and_(on, *map(narrowing, right_owned)), []
    return selectable.Join(left, right, on, isouter=f.isouter, full=f.full), left_owned + right_owned


def _refuse_opaque(e: Any) -> None:
    """Refuse what could smuggle text or an unseen table into a statement."""
    if isinstance(e, elements.TextClause):
        raise ReachError(f"text in a statement: {e}")
    if isinstance(e, elements.ColumnClause) and e.is_literal and e.name not in SAFE_TEXT:
        raise ReachError(f"literal column in a statement: {e}")
    if isinstance(e, (UpdateBase, selectable.TextualSelect)):
        raise ReachError("a data-changing or textual statement inside a select")
    if isinstance(e, selectable.TableClause) and not isinstance(e, Table):
        raise ReachError(f"bare table(): {e}")
    if isinstance(e, selectable.TableValuedAlias):
        raise ReachError(f"table-valued function: {e}")
    if isinstance(e, selectable.CTE) and e.recursive:
        raise ReachError("recursive CTE")
    if isinstance(e, fn.FunctionElement) and (
        not type(e).__module__.startswith("sqlalchemy") or getattr(e, "name", "") not in SAFE_FUNCTIONS
    ):
        raise ReachError(f"function outside the list: {e}")
    for text in ("_prefixes", "_suffixes", "_hints", "_statement_hints"):
        if getattr(e, text, None):
            raise ReachError(f"{text} is text")


_BLANK = StrSQLCompiler(DefaultDialect(), None)
"""A compiler that compiles nothing: finding FROMs asks for one, and one of its own would compile the select."""


def _final_froms(s: Any) -> Any:
    """Give what ``get_final_froms`` gives, a hundred times cheaper."""
    return s._compile_state_factory(s, _BLANK)._get_display_froms()


def narrowed(statement: Any) -> Any:
    """Give the select with every owned occurrence narrowed.

    Raises:
        ReachError: the statement is not a select, or holds something that cannot be looked into.
    """
    if not isinstance(statement, selectable.SelectBase):
        raise ReachError(f"not a select: {type(statement).__name__}")
    for element in visitors.iterate(statement):
        _refuse_opaque(element)

    def visit_select(s: Any) -> None:
        # Called on the clone, innermost first. The ORM plugin must still be on while the FROMs of a .join() are found
        # (it knows the left side), and off afterwards, so that nothing is added once narrowing is done. Without a
        # .join() it knows no more than the core does, and takes three times as long.
        if s._with_options:
            raise ReachError("ORM options")
        if s._for_update_arg is not None:
            raise ReachError("FOR UPDATE")
        froms, left_over = [], []
        if not s._setup_joins:
            s._propagate_attrs = {}
        for f in _final_froms(s):
            rebuilt, owned_leaves = _split(f)
            froms.append(rebuilt)
            left_over += owned_leaves
        s._setup_joins = ()
        s._from_obj = tuple(froms)
        s._propagate_attrs = {}
        s._where_criteria += tuple(map(narrowing, left_over))

    def visit_compound(s: Any) -> None:
        s._propagate_attrs = {}

    return visitors.cloned_traverse(statement, {}, {"select": visit_select, "compound_select": visit_compound})


def narrowed_change(statement: Any) -> Any:
    """Give an UPDATE or DELETE of one owned table that touches rows within reach only.

    Raises:
        ReachError: not an UPDATE or DELETE, no WHERE of its own, or text inside.
    """
    if not isinstance(statement, (Update, Delete)):
        raise ReachError(f"not an UPDATE or DELETE: {type(statement).__name__}")
    if not statement._where_criteria:
        raise ReachError("a change without a WHERE")
    for element in visitors.iterate(statement):
        if element is not statement:
            _refuse_opaque(element)
            if isinstance(element, selectable.SelectBase):
                raise ReachError("a select inside a change")
    statement = statement._clone()
    statement._propagate_attrs = {}
    return statement.where(narrowing_of_change(statement.table, _written_by(statement)))


def _written_by(statement: Update | Delete) -> frozenset[str]:
    if isinstance(statement, Delete):
        return frozenset()
    return frozenset(str(getattr(column, "name", column)) for column in statement._values or ())


__all__ = ["Among", "Overlaps", "Owner", "ReachError", "narrowed", "narrowed_change", "narrowing", "owned", "owner_of"]
