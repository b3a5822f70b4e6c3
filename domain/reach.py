"""Wall one: every statement narrowed to the caller's reach before it can ever run.

``within_reach(select)`` gives the same select with every occurrence of an owned table narrowed (entity, columns,
joins, aliases, subqueries, EXISTS, UNION, CTE), or raises ``ReachError`` where it cannot see. It runs at import
time only; what a request brings are the values of the ``reach_*`` parameters.

How a table is owned is declared on the table: ``__table_args__ = (…, owned("activity"))``. A table that declares
nothing stops the start. The PostgreSQL policies (wall two) are written from the same declarations in
``domain/fences.py``, in SQL of their own, so that neither wall leans on the other.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, Text, and_, bindparam, exists, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import elements, selectable, visitors
from sqlalchemy.sql import functions as fn
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Delete, Update, UpdateBase
from sqlalchemy.sql.schema import Table
from sqlalchemy.sql.visitors import InternalTraversal

from domain.columns import Codes, Ids, Listing


class ReachError(TypeError):
    """A statement that cannot be narrowed. Raised at import, never while serving."""


class Owner(StrEnum):
    """How the rows of a table are owned. See ``design`` in docs/access.md for the rule of each."""

    ACTIVITY = "activity"
    ACTIVITY_PART = "activity_part"
    OFFICE_LINK = "office_link"
    SHEET = "sheet"
    PLAN = "plan"
    OFFICE = "office"
    PERSON = "person"
    MUNICIPALITY = "municipality"
    CENTRE = "centre"
    CALLER = "caller"
    AUDIT = "audit"
    CREDENTIALS = "credentials"
    SHARED = "shared"


def owned(owner: Owner, **details: str) -> dict[str, Any]:
    """Declare, as the last of ``__table_args__``, how the rows are owned.

    ``parent`` names the column that holds the activity's id (``activity_part``, ``office_link``, ``sheet``);
    ``from_on`` and ``to_on`` the columns of the first and last day a row speaks of (``plan``).
    """
    return {"info": {"owned": owner, **details}, "sqlite_strict": True}


class Among(elements.ColumnElement[bool]):
    """``column = ANY(:list)`` on PostgreSQL, ``column IN (SELECT value FROM json_each(:list))`` on SQLite."""

    inherit_cache = True
    _traverse_internals = [
        ("column", InternalTraversal.dp_clauseelement),
        ("bind", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: Any, name: str) -> None:
        self.column = column
        self.bind = bindparam(name, type_=Codes() if isinstance(column.type, Text) else Ids(), required=True)

    @property
    def _from_objects(self) -> Any:
        return self.column._from_objects

    def self_group(self, against: Any = None) -> Any:  # noqa: ARG002 - the signature is SQLAlchemy's
        return self


@compiles(Among)
def _among(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
    return f"{compiler.process(element.column, **kw)} = ANY ({compiler.process(element.bind, **kw)})"


@compiles(Among, "sqlite")
def _among_sqlite(element: Among, compiler: SQLCompiler, **kw: Any) -> str:
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


_CENTRE_ONLY = literal_column("'centre'")
_PUBLISHED = literal_column("'published'")
_INVOLVED = literal_column("'offices_involved'")
_NOBODY = literal_column("''")


def _among_centres(f: Any, which: str) -> Among:
    return Among(f.c.centre_id, f"reach_{which}")


def _for_us(f: Any) -> Any:
    return or_(f.c.municipality_id.is_(None), Among(f.c.municipality_id, "reach_municipalities"))


def _covered(f: Any, first: Any, last: Any) -> Any:
    return or_(_among_centres(f, "free_centres"), InWindow(f.c.centre_id, first, last))


def _other(f: Any, table: str) -> Any:
    """Give a fresh alias of another table of the same metadata."""
    return base(f).metadata.tables[table].alias()


def _ward_sees(a: Any) -> Any:
    return and_(
        _among_centres(a, "ward_centres"),
        a.c.visibility != _CENTRE_ONLY,
        _for_us(a),
        _covered(a, a.c.occurs_on, a.c.occurs_on),
    )


def _office_sees(a: Any) -> Any:
    names_us = Overlaps(a.c.office_ids, "reach_offices")
    return and_(
        _among_centres(a, "near_centres"),
        or_(
            and_(a.c.visibility == _PUBLISHED, or_(_for_us(a), names_us)),
            and_(a.c.visibility == _INVOLVED, names_us),
        ),
        a.c.deleted_at.is_(None),
    )


def _activity(f: Any) -> Any:
    return and_(
        _among_centres(f, "centres"),
        or_(_among_centres(f, "own_centres"), _ward_sees(f), _office_sees(f)),
    )


def _parent_seen(f: Any, sees: Callable[[Any], Any]) -> Any:
    a = _other(f, "activity")
    parent = f.c[base(f).info.get("parent", "activity_id")]
    return exists(select(a.c.id).where(a.c.id == parent, a.c.centre_id == f.c.centre_id, sees(a)))


def _activity_part(f: Any) -> Any:
    seen = _parent_seen(f, lambda a: or_(_ward_sees(a), _office_sees(a)))
    return and_(_among_centres(f, "centres"), or_(_among_centres(f, "own_centres"), seen))


def _office_link(f: Any) -> Any:
    return and_(
        _among_centres(f, "centres"),
        or_(
            _among_centres(f, "own_centres"),
            and_(Among(f.c.office_id, "reach_offices"), _parent_seen(f, _office_sees)),
            and_(_for_us(f), _parent_seen(f, _ward_sees)),
        ),
    )


def _sheet(f: Any) -> Any:
    return and_(
        _among_centres(f, "centres"),
        or_(
            _among_centres(f, "own_centres"),
            and_(Among(f.c.office_id, "reach_offices"), _parent_seen(f, _office_sees)),
            and_(f.c.shared_with_ward, _for_us(f), _parent_seen(f, _ward_sees)),
        ),
    )


def _plan(f: Any) -> Any:
    info = base(f).info
    joint = or_(
        f.c.municipality_id.is_(None),
        f.c.municipality_id == _NOBODY,
        Among(f.c.municipality_id, "reach_municipalities"),
    )
    ward = [_among_centres(f, "ward_centres"), joint]
    if "from_on" in info:
        ward.append(_covered(f, f.c[info["from_on"]], f.c[info["to_on"]]))
    return and_(_among_centres(f, "centres"), or_(_among_centres(f, "own_centres"), and_(*ward)))


def _office(f: Any) -> Any:
    key = f.c[base(f).info.get("office", "office_id")]
    return or_(Among(f.c.municipality_id, "reach_open_municipalities"), Among(key, "reach_offices"))


def _person(f: Any) -> Any:
    return or_(
        _among_centres(f, "own_centres"),
        _among_centres(f, "ward_centres"),
        Among(f.c.municipality_id, "reach_open_municipalities"),
        Among(f.c.office_id, "reach_offices"),
    )


def _municipality(f: Any) -> Any:
    key = f.c[base(f).info.get("municipality", "municipality_id")]
    return or_(
        Among(key, "reach_municipalities"),
        bindparam("reach_everywhere", required=True) == literal_column("1"),
    )


def _centre(f: Any) -> Any:
    key = f.c[base(f).info.get("centre", "centre_id")]
    return or_(Among(key, "reach_centres"), bindparam("reach_everywhere", required=True) == literal_column("1"))


def _caller(f: Any) -> Any:
    return f.c.caller_id == bindparam("reach_caller", required=True)


PREDICATES: dict[Owner, Callable[[Any], Any]] = {
    Owner.ACTIVITY: _activity,
    Owner.ACTIVITY_PART: _activity_part,
    Owner.OFFICE_LINK: _office_link,
    Owner.SHEET: _sheet,
    Owner.PLAN: _plan,
    Owner.OFFICE: _office,
    Owner.PERSON: _person,
    Owner.MUNICIPALITY: _municipality,
    Owner.CENTRE: _centre,
    Owner.CALLER: _caller,
}
"""One predicate for each way of owning. Audit rows are written, never read; credentials have a door of their own."""

OPAQUE = (selectable.Subquery, selectable.CTE, selectable.Lateral)
SAFE_TEXT = {"1", "*"}
SAFE_FUNCTIONS = {"count", "sum", "min", "max", "coalesce", "length", "nullif", "row_number", "lower", "now"}


def base(f: Any) -> Any:
    """Give the table below aliases, but not below subqueries: those are narrowed by their own visit."""
    while isinstance(f, (selectable.Alias, selectable.TableSample)):
        f = f.element
    return f


def owner_of(table: Any) -> Owner:
    """Read how a table is owned.

    Raises:
        ReachError: the table declares nothing.
    """
    owner = table.info.get("owned")
    if owner is None:
        raise ReachError(f"{table.name}: declares no owner")
    return Owner(owner)


def narrowing(f: Any) -> Any:
    """Give the predicate that keeps one occurrence of an owned table within reach."""
    return PREDICATES[owner_of(base(f))](f)


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
    on = f.onclause
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
    if isinstance(e, UpdateBase) or isinstance(e, selectable.TextualSelect):
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
        # Called on the clone, innermost first. The ORM plugin must still be on while the FROMs are found (it knows
        # the left side of a .join()), and off afterwards, so that nothing is added once narrowing is done.
        if s._with_options:
            raise ReachError("ORM options")
        if s._for_update_arg is not None:
            raise ReachError("FOR UPDATE")
        froms, left_over = [], []
        for f in s.get_final_froms():
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
    return statement.where(narrowing(statement.table))
