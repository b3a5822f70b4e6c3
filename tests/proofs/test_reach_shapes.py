"""Promise 2 (reliability), wall one: a narrowed statement gives what it would give on a database of the caller's own.

Every shape is asked of the whole land by every caller, on both databases, and compared with the same statement,
not narrowed, on a SQLite file that physically holds only the rows in reach, computed apart from the product.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, column, delete, func, literal_column, table, text, true, update
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.functions import GenericFunction
from sqlmodel import col, select

from domain.audit import AuditEntry
from domain.credentials import UserAccount
from domain.database import Database, database_at
from domain.ledger.tables import Activity
from domain.lists import Listing, ListRequest
from domain.places.offices import Office
from domain.statements import Query, change, reach, reach_predicates, within_reach
from domain.statements.owners import ReachError
from tests.proofs.conftest import Shapes, Standing
from tests.proofs.reach_databases import Answer, answers_of, comparable
from tests.proofs.reach_land import Caller, Land
from tests.proofs.reach_shapes import LISTED, LISTINGS, VALUES, all_shapes

ID = col(Activity.id)


async def differing(
    standing: Standing, callers: Sequence[Caller], expected: dict[str, dict[str, Answer]], queries: dict[str, Query]
) -> set[tuple[str, str]]:
    """Give (caller, shape) wherever a narrowed statement gives other rows than the caller's own database."""
    found = set()
    for caller in callers:
        given = await answers_of(standing.database, standing.scopes[caller.name], queries, VALUES)
        found |= {(caller.name, name) for name in queries if expected[caller.name][name] != given[name]}
    return found


def test_the_land_tells_callers_apart(land: Land) -> None:
    shapes = all_shapes()
    assert len(shapes) - sum(name.startswith(("whole ", "count ")) for name in shapes) >= 46
    assert len(land.callers) >= 7
    for name, rows in land.rows.items():
        assert rows, name
    seen = {caller.name: len(land.seen_by(caller).rows["activity"]) for caller in land.callers}
    assert len(set(seen.values())) >= 6, seen
    assert seen["operator"] == 0
    assert all(0 < count < len(land.rows["activity"]) for name, count in seen.items() if name != "operator")


async def test_narrowed_statements_give_the_rows_in_reach_on_sqlite(
    on_sqlite: Standing, land: Land, expected: dict[str, dict[str, Answer]], shapes: Shapes
) -> None:
    assert await differing(on_sqlite, land.callers, expected, shapes.narrowed) == set()


async def test_narrowed_statements_give_the_rows_in_reach_on_postgresql(
    on_postgres: Standing, land: Land, expected: dict[str, dict[str, Answer]], shapes: Shapes
) -> None:
    assert await differing(on_postgres, land.callers, expected, shapes.narrowed) == set()


def listings(*, is_narrowed: bool) -> dict[str, Listing]:
    made = {
        name: Listing(
            name,
            statement,
            default_sort=("-held_on", "-id"),
            search=col(Activity.title_folded),
            changed=col(Activity.changed_tx),
            deleted=col(Activity.deleted_at),
            **more,
        )
        for name, (statement, more) in LISTED.items()
    }
    assert all("reach_own_centre" in str(one._statement) for one in made.values()) == is_narrowed
    return made


async def paged_to_the_end(database: Database, scope: Any, asked: Listing, request: ListRequest) -> list[str]:
    """Read a list page by page; give its rows in order, and the counts it told."""
    session, transaction = await database.begin(scope, write=False)
    found: list[str] = []
    try:
        for _ in range(60):
            page = await asked.page(session, request)
            found += [text for row in page.rows for text in comparable([row])]
            if request.count:
                found.append(f"count {page.count}")
            if page.next_cursor is None or not page.rows:
                return found
            syncs = request.changed_after is not None
            more = {"changed_after": page.next_cursor} if syncs else {"after": page.next_cursor}
            request = ListRequest(**{name: getattr(request, name) for name in ListRequest.__dataclass_fields__} | more)
    finally:
        transaction.release()
    raise AssertionError("a list without end")


async def test_lists_give_the_rows_in_reach_whatever_is_asked(
    on_sqlite: Standing,
    on_postgres: Standing,
    land: Land,
    reached_files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    behind_the_wall = listings(is_narrowed=True)
    with monkeypatch.context() as patch:
        patch.setattr(reach, "narrowing", lambda _f: true())
        in_the_open = listings(is_narrowed=False)
    for caller in land.callers:
        alone = database_at(f"sqlite:///{reached_files[caller.name]}")
        await alone.driver.start()
        for name, request in LISTINGS.items():
            for area, asked in behind_the_wall.items():
                scope = on_sqlite.scopes[caller.name]
                expected = await paged_to_the_end(alone, scope, in_the_open[area], request)
                for standing in (on_sqlite, on_postgres):
                    given = await paged_to_the_end(standing.database, standing.scopes[caller.name], asked, request)
                    assert given == expected, (caller.name, area, name, standing.database.dialect)
        await alone.driver.stop()


class masked(GenericFunction[Any]):  # noqa: N801 - a function of SQL
    """A function of our own making."""

    inherit_cache = True


@compiles(masked)
def _masked(_element: Any, _compiler: Any, **_kw: Any) -> str:
    return "(SELECT count(*) FROM activity)"


def chain() -> Any:
    steps = select(ID.label("id")).cte("steps", recursive=True)
    return select(steps.union(select(col(Activity.id)).where(col(Activity.follow_up_of_id) == steps.c.id)).c.id)


UNDECLARED = Table("undeclared", MetaData(), Column("id", Integer))

REFUSED: dict[str, Any] = {
    "text in the condition": lambda: select(ID).where(text("1 = 1")),
    "text as a column": lambda: select(ID, text("(SELECT title FROM activity LIMIT 1)")),
    "text as a table": lambda: select(column("id")).select_from(text("activity")),
    "text as the order": lambda: select(ID).order_by(text("(SELECT title FROM activity LIMIT 1)")),
    "a literal column": lambda: select(literal_column("(SELECT title FROM activity LIMIT 1)")),
    "a textual select": lambda: text("SELECT id FROM activity").columns(column("id")),
    "a textual select inside": lambda: select(text("SELECT id FROM activity").columns(column("id")).subquery().c.id),
    "a bare table": lambda: select(table("activity", column("id")).c.id),
    "an undeclared table": lambda: select(UNDECLARED.c.id),
    "a full outer join": lambda: select(ID).outerjoin(Office, col(Office.id) == col(Activity.office_id), full=True),
    "a recursive CTE": chain,
    "a change in a CTE": lambda: select(delete(Activity).returning(ID).cte("gone").c.id),
    "an own function": lambda: select(ID, masked(ID)),
    "a function off the list": lambda: select(func.query_to_xml("SELECT * FROM activity")),
    "a table-valued function": lambda: select(func.json_each("[]").table_valued("value").c.value),
    "a prefix": lambda: select(ID).prefix_with("/* */ DISTINCT"),
    "a suffix": lambda: select(ID).suffix_with("UNION SELECT id FROM activity"),
    "a hint": lambda: select(ID).with_hint(Activity, "NOT INDEXED"),
    "a statement hint": lambda: select(ID).with_statement_hint("UNION SELECT id FROM activity"),
    "a lock": lambda: select(ID).with_for_update(),
    "loader options": lambda: select(Activity).options(selectinload("*")),
    "audit rows": lambda: select(col(AuditEntry.id)),
    "accounts": lambda: select(col(UserAccount.login)),
    "no select": lambda: delete(Activity).where(ID == "x"),
}
REFUSED_CHANGES: dict[str, Any] = {
    "everything": lambda: delete(Activity),
    "text": lambda: update(Activity).where(text("1 = 1")).values(title="x"),
    "a select inside": lambda: update(Activity).where(ID.in_(select(col(Office.id)))).values(title="x"),
    "a select": lambda: select(ID),
}


@pytest.mark.parametrize("shape", REFUSED)
def test_what_cannot_be_looked_into_is_refused(shape: str) -> None:
    with pytest.raises(ReachError):
        within_reach(REFUSED[shape]()).template("postgresql")


@pytest.mark.parametrize("shape", REFUSED_CHANGES)
def test_a_change_that_cannot_be_looked_into_is_refused(shape: str) -> None:
    with pytest.raises((ReachError, AttributeError)):
        change(REFUSED_CHANGES[shape]()).template("postgresql")


EVERY_STATEMENT = """
import api.routes
from domain import statements
found = list(statements._MADE)
for one in found:
    one.template("sqlite"), one.template("postgresql")
print(len(found), sum(isinstance(one, statements.Write) for one in found))
{more}
"""


@pytest.mark.parametrize(
    ("more", "is_refused"),
    [("", False), ("statements.within_reach('a text').template('sqlite')", True)],
)
def test_every_statement_of_the_application_is_narrowed_and_compiled(more: str, *, is_refused: bool) -> None:
    # In a process of its own: the statements of the tests, some of them meant to be refused, are not the application's.
    command = [sys.executable, "-c", EVERY_STATEMENT.format(more=more)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ("ReachError" in ran.stderr) is is_refused, ran.stderr
    made, writes = map(int, ran.stdout.split())
    assert made > 180
    assert writes > 100


def test_a_list_written_into_a_statement_is_refused_when_it_is_compiled() -> None:
    query = within_reach(select(ID).where(ID.in_(["a", "b"])))
    for dialect in ("sqlite", "postgresql"):
        with pytest.raises(ReachError):
            query.template(dialect)  # type: ignore[arg-type]


def _without_windows(f: Any) -> Any:
    return reach_predicates._among_centres(f, "ward_centres")


def _aliases_forgotten(f: Any) -> list[Any]:
    return [f] if isinstance(f, Table) else []


DEFECTS: dict[str, tuple[Any, str, Any]] = {
    "an alias is overlooked": (reach, "_leaf", _aliases_forgotten),
    "coverage is ignored": (reach_predicates, "_covered", lambda f, _first, _last: _without_windows(f)),
    "the parent is not asked for": (reach_predicates, "_parent_seen", lambda f, _sees: _without_windows(f)),
    "joint and foreign are one": (reach_predicates, "_for_us", lambda f: f.c.centre_id.is_not(None)),
    "nothing is narrowed": (reach, "narrowing", lambda f: f.c[next(iter(f.c.keys()))].is_not(None)),
}


TELLING_CALLERS = ("ward with windows", "ward of two centres", "office")
TELLING_SHAPES = ("alias", "self join", "left join", "join", "columns", "exists", "offices of", "whole activity_office")


@pytest.fixture
def predicates() -> Iterator[Any]:
    """What keeps the predicates that are made once; none made with a defect may outlive its test."""
    yield reach_predicates._of_table
    reach_predicates._of_table.cache_clear()


@pytest.mark.parametrize("defect", DEFECTS)
async def test_a_planted_defect_is_seen(
    defect: str,
    predicates: Any,
    on_sqlite: Standing,
    land: Land,
    expected: dict[str, dict[str, Answer]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shapes = {name: within_reach(all_shapes()[name]) for name in TELLING_SHAPES}
    callers = [land.caller(name) for name in TELLING_CALLERS]
    assert await differing(on_sqlite, callers, expected, shapes) == set()
    monkeypatch.setattr(*DEFECTS[defect])
    predicates.cache_clear()
    broken = {name: within_reach(all_shapes()[name]) for name in TELLING_SHAPES}
    assert await differing(on_sqlite, callers, expected, broken)
