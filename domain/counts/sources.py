"""Where counts come from: the monthly rollups, and the ledger for what no rollup can hold.

One statement for each set of dimensions, made once. Rollup statements start from the centre, so that a centre without
any activity still answers, with the days of its opening and closing.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import and_, bindparam, cast, distinct, func, or_, select
from sqlmodel import col

from domain.ledger.links import PRESENT
from domain.ledger.tables import Activity, ActivityOffice, ActivityRollup, PlanItemRollup
from domain.ledger.work_plan_tables import WorkPlanItem
from domain.places.centres import Centre, CentreCoverage
from domain.statements import Query, within_reach
from domain.statements.columns import Big, Day
from domain.statements.comparisons import Among
from domain.statements.documents import Packed

SUMS = ("held_count", "participant_count", "duration_minutes")

_FIRST = bindparam("first_month", type_=Day(), required=True)
_LAST = bindparam("last_month", type_=Day(), required=True)


def _sum(column: Any, name: str) -> Any:
    return cast(func.coalesce(func.sum(column), 0), Big()).label(name)


def _of_centres(statement: Any, *, named: bool) -> Any:
    statement = statement.where(col(Centre.deleted_at).is_(None))
    return statement.where(Among(col(Centre.id), "centres")) if named else statement


_CENTRE_COLUMNS: tuple[Any, ...] = (
    col(Centre.id).label("centre"),
    col(Centre.opened_on),
    col(Centre.closed_on),
)
_OF_ROLLUP: dict[str, Any] = {
    "month": col(ActivityRollup.month).label("month"),
    "kind": col(ActivityRollup.kind).label("kind"),
    "centre_role": col(ActivityRollup.centre_role).label("centre_role"),
    "municipality": col(ActivityRollup.municipality_id).label("municipality"),
}
_OF_ITEM: dict[str, Any] = {
    "month": col(PlanItemRollup.month).label("month"),
    "municipality": col(PlanItemRollup.municipality_id).label("municipality"),
    "plan_item": col(WorkPlanItem.id).label("plan_item"),
}
_OF_LEDGER: dict[str, Any] = {
    "month": col(Activity.month).label("month"),
    "kind": col(Activity.kind).label("kind"),
    "centre_role": col(Activity.centre_role).label("centre_role"),
    "municipality": col(Activity.municipality_id).label("municipality"),
    "centre": col(Activity.centre_id).label("centre"),
    "office": col(ActivityOffice.office_id).label("office"),
}


def _plain(column: Any) -> Any:
    return column.element if hasattr(column, "element") else column


@lru_cache(maxsize=64)
def rollup_by(dimensions: frozenset[str], *, named: bool) -> Query:
    """Make the sums of the activity rollup by centre and dimensions; ``named``: of the centres named only."""
    columns = [_OF_ROLLUP[name] for name in sorted(dimensions & _OF_ROLLUP.keys())]
    joined = and_(
        col(ActivityRollup.centre_id) == col(Centre.id),
        col(ActivityRollup.month) >= _FIRST,
        col(ActivityRollup.month) <= _LAST,
        Among(col(ActivityRollup.kind), "kinds"),
    )
    statement: Any = (
        select(*_CENTRE_COLUMNS, *columns, *(_sum(getattr(ActivityRollup, name), name) for name in SUMS))
        .select_from(Centre)
        .outerjoin(ActivityRollup, joined)
        .group_by(*(_plain(column) for column in (*_CENTRE_COLUMNS, *columns)))
    )
    return within_reach(_of_centres(statement, named=named))


def cells_by(dimensions: frozenset[str], sums: frozenset[str]) -> tuple[str, ...]:
    """Name what stands in each cell of ``packed_by``, in order."""
    return (*sorted(dimensions & _OF_ROLLUP.keys()), *sorted(sums))


@lru_cache(maxsize=64)
def packed_by(dimensions: frozenset[str], sums: frozenset[str], *, named: bool, all_kinds: bool) -> Query:
    """Make the ``sums`` of ``rollup_by``, one row for each centre with all its ``cells`` as one text.

    A centre without any activity has a single cell of nulls.
    """
    names = sorted(dimensions & _OF_ROLLUP.keys())
    columns = [_OF_ROLLUP[name] for name in names]
    cells: Any = (
        select(
            col(ActivityRollup.centre_id).label("centre"),
            *columns,
            *(_sum(getattr(ActivityRollup, name), name) for name in sorted(sums)),
        )
        .where(col(ActivityRollup.month) >= _FIRST, col(ActivityRollup.month) <= _LAST)
        .group_by(col(ActivityRollup.centre_id), *(_plain(column) for column in columns))
    )
    if named:
        cells = cells.where(Among(col(ActivityRollup.centre_id), "centres"))
    if not all_kinds:
        cells = cells.where(Among(col(ActivityRollup.kind), "kinds"))
    cells = cells.subquery("cells")
    statement: Any = (
        select(*_CENTRE_COLUMNS, Packed(*(cells.c[name] for name in cells_by(dimensions, sums))).label("cells"))
        .select_from(Centre)
        .outerjoin(cells, cells.c.centre == col(Centre.id))
        .group_by(*(_plain(column) for column in _CENTRE_COLUMNS))
    )
    return within_reach(_of_centres(statement, named=named))


@lru_cache(maxsize=64)
def items_by(dimensions: frozenset[str], *, named: bool) -> Query:
    """Make the sums of the plan item rollup; items of the period without any activity come with zero."""
    columns = [_OF_ITEM[name] for name in sorted(dimensions & _OF_ITEM.keys())]
    items = and_(
        col(WorkPlanItem.centre_id) == col(Centre.id),
        col(WorkPlanItem.starts_on) <= bindparam("last_day", type_=Day(), required=True),
        col(WorkPlanItem.ends_on) >= _FIRST,
    )
    joined = and_(
        col(PlanItemRollup.centre_id) == col(WorkPlanItem.centre_id),
        col(PlanItemRollup.item_id) == col(WorkPlanItem.id),
        col(PlanItemRollup.month) >= _FIRST,
        col(PlanItemRollup.month) <= _LAST,
    )
    labels: tuple[Any, ...] = (col(WorkPlanItem.code), col(WorkPlanItem.title))
    statement: Any = (
        select(*_CENTRE_COLUMNS, *columns, *labels, *(_sum(getattr(PlanItemRollup, name), name) for name in SUMS))
        .select_from(Centre)
        .outerjoin(WorkPlanItem, items)
        .outerjoin(PlanItemRollup, joined)
        .group_by(*(_plain(column) for column in (*_CENTRE_COLUMNS, *columns, *labels)))
    )
    return within_reach(_of_centres(statement, named=named))


def _held(*, named: bool) -> list[Any]:
    clauses: list[Any] = [
        col(Activity.status) == "held",
        col(Activity.deleted_at).is_(None),
        col(Activity.occurs_on) >= _FIRST,
        col(Activity.occurs_on) <= bindparam("last_day", type_=Day(), required=True),
        Among(col(Activity.kind), "kinds"),
    ]
    return [*clauses, Among(col(Activity.centre_id), "centres")] if named else clauses


_BY_OFFICE = and_(
    col(ActivityOffice.centre_id) == col(Activity.centre_id),
    col(ActivityOffice.activity_id) == col(Activity.id),
    # Who was invited and did not come is not reached.
    col(ActivityOffice.attendance) == PRESENT,
)


@lru_cache(maxsize=128)
def offices_by(dimensions: frozenset[str], *, named: bool) -> Query:
    """Make the sums over activities and the offices that came to them by dimensions, and the distinct offices.

    Participants are those of the office where its link tells them.
    """
    columns = [_OF_LEDGER[name] for name in sorted(dimensions)]
    statement: Any = (
        select(
            *columns,
            func.count().label("held_count"),
            _sum(col(ActivityOffice.participant_count), "participant_count"),
            _sum(col(Activity.duration_minutes), "duration_minutes"),
            func.count(distinct(col(ActivityOffice.office_id))).label("distinct_office_count"),
        )
        .select_from(Activity)
        .join(ActivityOffice, _BY_OFFICE)
        .where(*_held(named=named))
    )
    return within_reach(statement.group_by(*(_plain(column) for column in columns)) if columns else statement)


@lru_cache(maxsize=128)
def meetings_by(dimensions: frozenset[str], *, named: bool, with_offices: bool) -> Query:
    """Make the count of activities whose body is among those of a metric; other kinds than meetings count whole."""
    columns = [_OF_LEDGER[name] for name in sorted(dimensions)]
    of_body = or_(col(Activity.kind) != "meeting", Among(func.coalesce(col(Activity.body), ""), "bodies"))
    statement: Any = select(*columns, func.count().label("held_count")).select_from(Activity)
    if with_offices:
        statement = statement.join(ActivityOffice, _BY_OFFICE)
    statement = statement.where(*_held(named=named), of_body)
    return within_reach(statement.group_by(*(_plain(column) for column in columns)) if columns else statement)


_COVERAGE = select(
    col(CentreCoverage.centre_id),
    col(CentreCoverage.municipality_id),
    col(CentreCoverage.valid_from),
    col(CentreCoverage.valid_to),
).where(
    col(CentreCoverage.valid_from) <= bindparam("last_day", type_=Day(), required=True),
    or_(col(CentreCoverage.valid_to).is_(None), col(CentreCoverage.valid_to) >= _FIRST),
)
COVERAGE = within_reach(_COVERAGE)
"""Which municipalities the centres within reach covered in a period."""
