"""Wall one's rules: for each way of owning, the predicate that keeps an occurrence of a table within reach.

The same rules stand a second time, as policies of PostgreSQL, in ``domain/statements/fences.py``.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlalchemy import Table, and_, bindparam, exists, literal_column, not_, or_, select

from domain.statements.by_view import AmongCentres, ByView
from domain.statements.comparisons import Among, InWindow, Overlaps
from domain.statements.owners import Owner, base, owner_of

_CENTRE_ONLY: Any = literal_column("'centre'")
_PUBLISHED: Any = literal_column("'published'")
_INVOLVED: Any = literal_column("'offices_involved'")
_NOBODY: Any = literal_column("''")
_NONE: Any = literal_column("0")
_ALL: Any = literal_column("1")


def _among_centres(f: Any, which: str) -> Among:
    return AmongCentres(f.c.centre_id, f"reach_{which}")


def _for_us(f: Any) -> Any:
    return or_(f.c.municipality_id.is_(None), Among(f.c.municipality_id, "reach_municipalities"))


def _covered(f: Any, first: Any, last: Any) -> Any:
    return or_(Among(f.c.centre_id, "reach_free_centres"), InWindow(f.c.centre_id, first, last))


@lru_cache(maxsize=8)
def _alias(metadata: Any, table: str) -> Any:
    return metadata.tables[table].alias()


def _other(f: Any, table: str) -> Any:
    """Give the alias of another table of the same metadata: one for all, for a copy of its columns costs memory.

    Each predicate holds it in a subselect of its own, and these never stand inside one another.
    """
    return _alias(base(f).metadata, table)


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


def _own(f: Any) -> Any:
    # One centre, so that an index gives its rows in order; null, and so nothing, for who has none.
    return f.c.centre_id == bindparam("reach_own_centre", type_=f.c.centre_id.type, required=True)


def _activity(f: Any) -> Any:
    return ByView(centre=_own(f), ward=_ward_sees(f), office=_office_sees(f))


def _parent_seen(f: Any, sees: Callable[[Any], Any]) -> Any:
    a = _other(f, "activity")
    parent = f.c[base(f).info.get("parent", "activity_id")]
    return exists(select(a.c.id).where(a.c.id == parent, a.c.centre_id == f.c.centre_id, sees(a)))


def _activity_part(f: Any) -> Any:
    return ByView(
        centre=_own(f),
        ward=and_(_among_centres(f, "ward_centres"), _parent_seen(f, _ward_sees)),
        office=and_(_among_centres(f, "near_centres"), _parent_seen(f, _office_sees)),
    )


def _activity_link(f: Any) -> Any:
    """Give what is seen of rows that repeat of their activity what decides it; offices see none."""
    return ByView(centre=_own(f), ward=_ward_sees(f), office=_nothing())


def _ours(f: Any) -> Any:
    """Give what an office sees of rows that name it: those of activities that it sees."""
    named = Among(f.c.office_id, "reach_offices")
    return and_(_among_centres(f, "near_centres"), named, _parent_seen(f, _office_sees))


def _office_link(f: Any) -> Any:
    ward = and_(_among_centres(f, "ward_centres"), _for_us(f), _parent_seen(f, _ward_sees))
    return ByView(centre=_own(f), ward=ward, office=_ours(f))


def _sheet(f: Any) -> Any:
    shared = and_(_among_centres(f, "ward_centres"), f.c.shared_with_ward, _for_us(f), _parent_seen(f, _ward_sees))
    return ByView(centre=_own(f), ward=shared, office=_ours(f))


def _sheet_change(f: Any, written: frozenset[str]) -> Any:
    """The centre writes sheets; the office changes its consent and nothing else; nobody else changes anything."""
    if written - STAMPS == {"shared_with_ward"}:
        return ByView(centre=_nothing(), ward=_nothing(), office=_ours(f))
    return ByView(centre=_own(f), ward=_nothing(), office=_nothing())


def _ward_plans(f: Any) -> Any:
    info = base(f).info
    joint = or_(
        f.c.municipality_id.is_(None),
        f.c.municipality_id == _NOBODY,
        Among(f.c.municipality_id, "reach_municipalities"),
    )
    ward = [_among_centres(f, "ward_centres"), joint]
    if "from_on" in info:
        ward.append(_covered(f, f.c[info["from_on"]], f.c[info["to_on"]]))
    return and_(*ward)


def _plan(f: Any) -> Any:
    return ByView(centre=_own(f), ward=_ward_plans(f), office=_nothing())


def _rollup(f: Any) -> Any:
    return ByView(centre=_own(f), ward=and_(not_(f.c.is_centre_only), _ward_plans(f)), office=_nothing())


def _nothing() -> Any:
    return _NONE == _ALL


def _office(f: Any) -> Any:
    key = f.c[base(f).info.get("office", "office_id")]
    return or_(Among(f.c.municipality_id, "reach_open_municipalities"), Among(key, "reach_offices"))


def _person(f: Any) -> Any:
    here = Among(f.c.municipality_id, "reach_open_municipalities")
    return ByView(
        centre=or_(_own(f), here),
        ward=or_(_among_centres(f, "ward_centres"), here),
        office=Among(f.c.office_id, "reach_offices"),
    )


def _municipality(f: Any) -> Any:
    key = f.c[base(f).info.get("municipality", "municipality_id")]
    return or_(
        Among(key, "reach_municipalities"),
        bindparam("reach_everywhere", required=True) == _ALL,
    )


def _centre(f: Any) -> Any:
    key = f.c[base(f).info.get("centre", "centre_id")]
    return or_(Among(key, "reach_centres"), bindparam("reach_everywhere", required=True) == _ALL)


def _caller(f: Any) -> Any:
    return f.c.caller_id == bindparam("reach_caller", required=True)


PREDICATES: dict[Owner, Callable[[Any], Any]] = {
    Owner.ACTIVITY: _activity,
    Owner.ACTIVITY_DETAILS: _activity,
    Owner.ACTIVITY_PART: _activity_part,
    Owner.ACTIVITY_LINK: _activity_link,
    Owner.OFFICE_LINK: _office_link,
    Owner.SHEET: _sheet,
    Owner.PLAN: _plan,
    Owner.ROLLUP: _rollup,
    Owner.OFFICE: _office,
    Owner.PERSON: _person,
    Owner.MUNICIPALITY: _municipality,
    Owner.CENTRE: _centre,
    Owner.CALLER: _caller,
}
"""One predicate for each way of owning. Audit rows are written, never read; credentials have a door of their own."""


STAMPS = frozenset({"version", "updated_at"})
"""Columns that every update writes."""


def narrowing(f: Any) -> Any:
    """Give the predicate that keeps one occurrence of an owned table within reach."""
    if isinstance(f, Table):
        return _of_table(f.metadata.tables[f.name])
    return PREDICATES[owner_of(base(f))](f)


@lru_cache(maxsize=128)
def _of_table(table: Table) -> Any:
    """Make the predicate of a table under its own name once: making it is a third of the work of narrowing."""
    return PREDICATES[owner_of(table)](table)


def narrowing_of_change(f: Any, written: frozenset[str]) -> Any:
    """Give the predicate of rows that may be changed: ``written`` are the columns an update sets, none for a delete."""
    return _sheet_change(f, written) if owner_of(base(f)) is Owner.SHEET else narrowing(f)
