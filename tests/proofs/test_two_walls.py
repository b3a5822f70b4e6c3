"""Promise 2 (reliability): the two tenant walls, each proven alone.

Wall two alone: statements that nobody narrowed, run as the api role with each caller's preamble. Wall one alone: the
narrowed statements on a copy of the database whose row-level security is switched off. Wall one itself is compared
with a database of the caller's own in ``test_reach_shapes``.
"""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import Table
from sqlmodel import SQLModel, col, select

from domain.audit import AuditEntry
from domain.database import Database, database_at
from domain.drivers import ConstraintError, DriverError
from domain.errors import NotFoundError
from domain.statements import Query, as_it_is, fences, insert_into, within_reach
from domain.statements.fences import fence_of, grants_of
from tests.proofs.conftest import PostgresLand, Shapes, Standing
from tests.proofs.reach_databases import Answer, answers_of
from tests.proofs.reach_land import Caller, Land, Row, owned_tables
from tests.proofs.reach_shapes import VALUES, lateral

Policies = dict[str, set[tuple[str, ...]]]
MODELS = {mapper.class_.__tablename__: mapper.class_ for mapper in SQLModel._sa_registry.mappers}


async def other_answers(
    standing: Standing, land: Land, queries: dict[str, Query], expected: dict[str, dict[str, Answer]]
) -> set[tuple[str, str]]:
    found = set()
    for caller in land.callers:
        given = await answers_of(standing.database, standing.scopes[caller.name], queries, VALUES)
        found |= {(caller.name, name) for name in queries if expected[caller.name][name] != given[name]}
    return found


async def test_row_level_security_alone_keeps_every_statement_in_reach(
    on_postgres: Standing, land: Land, shapes: Shapes, expected: dict[str, dict[str, Answer]]
) -> None:
    assert await other_answers(on_postgres, land, shapes.open, expected) == set()


async def test_narrowed_statements_alone_keep_in_reach_without_row_level_security(
    on_postgres_without_fences: Standing, land: Land, shapes: Shapes, expected: dict[str, dict[str, Answer]]
) -> None:
    assert await other_answers(on_postgres_without_fences, land, shapes.narrowed, expected) == set()


async def test_without_both_walls_every_caller_reads_what_is_not_theirs(
    on_postgres_without_fences: Standing, land: Land, shapes: Shapes, expected: dict[str, dict[str, Answer]]
) -> None:
    wrong = await other_answers(on_postgres_without_fences, land, shapes.open, expected)
    assert {name for name, _ in wrong} == {caller.name for caller in land.callers}
    assert {f"whole {table.name}" for table in owned_tables()} <= {shape for _, shape in wrong}


async def test_a_shape_that_only_postgresql_knows_is_kept_by_each_wall(
    on_postgres: Standing, on_postgres_without_fences: Standing, land: Land
) -> None:
    both = {"lateral": within_reach(lateral())}
    sizes = set()
    for caller in land.callers:
        fenced = await answers_of(
            on_postgres.database, on_postgres.scopes[caller.name], {"lateral": Query(lateral(), as_it_is)}, {}
        )
        scope = on_postgres_without_fences.scopes[caller.name]
        assert fenced == await answers_of(on_postgres_without_fences.database, scope, both, {})
        sizes.add(len(fenced["lateral"]))
    assert len(sizes) > 1


def outside(land: Land, caller: Caller, table: Table, most: int = 3) -> list[Row]:
    """Give rows beyond a caller's reach; of rollups also those that are so only because the centre alone counts them."""
    rows = [row for row in land.rows[table.name] if not land.sees(caller, table, row)]
    hidden = [r for r in rows if "is_centre_only" in r and land.sees(caller, table, {**r, "is_centre_only": False})]
    return [*rows[:most], *hidden[:most]]


def key_of(row: Row, table: Table) -> Row:
    """Give the row under keys that are still free, so that only the wall can refuse it."""
    fresh = {c.name: f"00000000-0000-7000-8000-{hash(str(row)) % 10**12:012d}" for c in table.primary_key.columns}
    owners = {"centre_id", "municipality_id", "office_id", "caller_id", table.info.get("parent", "activity_id")}
    return {**row, **{name: value for name, value in fresh.items() if name == "id" and name not in owners}}


async def test_a_new_row_outside_reach_is_refused_by_wall_two(on_postgres: Standing, land: Land) -> None:
    refused = 0
    for table in owned_tables():
        write = insert_into(MODELS[table.name])
        made = write.compiled("postgresql", on_postgres.scopes[land.callers[0].name].view)
        for caller in land.callers:
            for row in outside(land, caller, table):
                refused += await refuses(
                    on_postgres.database, on_postgres.scopes[caller.name], made, key_of(row, table)
                )
    assert refused > 500


async def refuses(database: Database, scope: Any, made: Any, row: Row) -> int:
    transaction = await database.driver.begin(scope.preamble, write=True)
    try:
        with pytest.raises(ConstraintError) as refusal:
            await transaction.execute(made.sql, made.args(row, scope.values))
        assert refusal.value.kind == "row_security", (made.sql, row)
    finally:
        await transaction.rollback()
    return 1


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_a_new_row_outside_reach_is_refused_by_wall_one(
    kind: str, on_sqlite: Standing, on_postgres_without_fences: Standing, land: Land
) -> None:
    standing = on_sqlite if kind == "sqlite" else on_postgres_without_fences
    refused = 0
    for table in owned_tables():
        if str(table.info["owned"]) == "caller":
            continue
        write = insert_into(MODELS[table.name])
        for caller in land.callers:
            session, transaction = await standing.database.begin(standing.scopes[caller.name], write=True)
            try:
                for row in outside(land, caller, table):
                    values = {name: value for name, value in row.items() if name in write.columns}
                    with pytest.raises(NotFoundError):
                        await session.run(write, **values)
                    refused += 1
            finally:
                transaction.release()
    assert refused > 500


def test_unset_settings_mean_no_rows_and_no_inserts(postgres_land: PostgresLand, land: Land) -> None:
    with psycopg.connect(postgres_land.api, autocommit=True) as connection:
        for table in owned_tables():
            assert connection.execute(f"SELECT count(*) FROM {table.name}".encode()).fetchone() == (0,), table.name
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                connection.execute(
                    f"INSERT INTO {table.name} SELECT * FROM json_populate_recordset(NULL::{table.name}, %s)".encode(),
                    (json.dumps([land.rows[table.name][0]], default=str),),
                )


def policies_in(connection: psycopg.Connection[Any]) -> Policies:
    found: Policies = {}
    for row in connection.execute(
        "SELECT tablename, policyname, permissive, roles::text, cmd, coalesce(qual, ''), coalesce(with_check, '')"
        " FROM pg_policies WHERE schemaname = 'public'"
    ):
        found.setdefault(row[0], set()).add(tuple(map(str, row[1:])))
    return found


def fences_in(connection: psycopg.Connection[Any]) -> dict[str, tuple[bool, bool]]:
    rows = connection.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'"
    )
    return {name: (is_on, is_forced) for name, is_on, is_forced in rows}


def freshly_fenced(superuser: str) -> tuple[Policies, Policies]:
    """Give the policies the migrations left, and those that the declarations give today."""
    with psycopg.connect(superuser) as connection:
        migrated = policies_in(connection)
        for table, policies in migrated.items():
            for policy in policies:
                connection.execute(f"DROP POLICY {policy[0]} ON {table}".encode())
        for table in SQLModel.metadata.sorted_tables:
            for statement in fence_of(table):
                connection.execute(statement.encode())
        declared = policies_in(connection)
        connection.rollback()
    return migrated, declared


def test_every_owned_table_is_fenced_as_its_declaration_says(postgres_land: PostgresLand) -> None:
    with psycopg.connect(postgres_land.superuser) as connection:
        standing = fences_in(connection)
    assert set(standing) == set(SQLModel.metadata.tables)
    shared = {table.name for table in SQLModel.metadata.sorted_tables if str(table.info["owned"]) == "shared"}
    assert {name for name, switches in standing.items() if switches != (True, True)} == shared
    migrated, declared = freshly_fenced(postgres_land.superuser)
    assert migrated == declared
    assert set(migrated) == set(standing) - shared


def test_a_policy_that_is_not_the_declared_one_is_seen(
    postgres_land: PostgresLand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fences, "_centre_in", lambda _name: "true")
    migrated, declared = freshly_fenced(postgres_land.superuser)
    assert {table for table in migrated if migrated[table] != declared[table]} >= {"activity", "activity_office"}


def functions_in(superuser: str) -> dict[str, str]:
    """Give the text of every function of ours, and that none of them runs with another's rights."""
    with psycopg.connect(superuser) as connection:
        rows = connection.execute(
            "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND NOT prosecdef"
        )
        return dict(rows.fetchall())


def body_of(function: str) -> str:
    return function.split("$$")[1]


def test_the_functions_of_the_policies_are_the_declared_ones(
    postgres_land: PostgresLand, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert functions_in(postgres_land.superuser) == {name: body_of(text) for name, text in fences.FUNCTIONS.items()}
    monkeypatch.setitem(fences.FUNCTIONS, "reach_of_parent", "$$ BEGIN RETURN true; END $$")
    assert functions_in(postgres_land.superuser) != {name: body_of(text) for name, text in fences.FUNCTIONS.items()}


async def test_the_api_role_owns_nothing_and_has_no_power(postgres_land: PostgresLand) -> None:
    for address, expected in ((postgres_land.api, False), (postgres_land.superuser, True)):
        database = database_at(address)
        await database.driver.start()
        assert await database.is_dangerous() is expected
        await database.driver.stop()
    with psycopg.connect(postgres_land.api, autocommit=True) as connection:
        owned = connection.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole").fetchone()
        assert owned == (0,)
        for sql in (
            "ALTER TABLE activity DISABLE ROW LEVEL SECURITY",
            "DROP POLICY reach ON activity",
            "SET ROLE postgres",
            "CREATE TABLE public.mine (id int)",
            "TRUNCATE activity",
            "CREATE ROLE friend SUPERUSER",
            "SET session_replication_role = replica",
            "COPY activity TO '/tmp/activity'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(sql.encode())


def test_the_api_role_has_the_rights_its_tables_declare_and_no_others(postgres_land: PostgresLand) -> None:
    with psycopg.connect(postgres_land.api) as connection:
        rows = connection.execute(
            "SELECT table_name, string_agg(privilege_type, ', ' ORDER BY privilege_type)"
            " FROM information_schema.table_privileges WHERE grantee = current_user AND table_schema = 'public'"
            " GROUP BY table_name"
        ).fetchall()
    declared = {"alembic_version": "SELECT"}
    for table in SQLModel.metadata.sorted_tables:
        (grant,) = grants_of(table, "nobody")
        rights = grant.removeprefix("GRANT ").split(" ON ")[0].split(", ")
        declared[table.name] = ", ".join(sorted(rights))
    assert dict(rows) == declared


@pytest.mark.parametrize("act", ["SELECT * FROM audit_entry", "UPDATE audit_entry SET after = NULL",
                                 "DELETE FROM audit_entry", "TRUNCATE audit_entry"])  # fmt: skip
def test_nobody_reads_or_changes_an_audit_row(
    act: str, on_postgres: Standing, postgres_land: PostgresLand, land: Land
) -> None:
    for caller in land.callers:
        with psycopg.connect(postgres_land.api) as connection:
            connection.execute(on_postgres.scopes[caller.name].preamble.encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(act.encode())


async def test_a_question_for_audit_rows_is_a_defect_and_not_an_answer(on_postgres: Standing) -> None:
    query = Query(select(col(AuditEntry.id)), as_it_is)
    for scope in on_postgres.scopes.values():
        session, transaction = await on_postgres.database.begin(scope, write=False)
        with pytest.raises(DriverError):
            await session.rows(query)
        transaction.release()


@pytest.fixture(autouse=True)
def _nothing_is_left_behind(postgres_land: PostgresLand, land: Land) -> Iterator[None]:
    yield
    with psycopg.connect(postgres_land.superuser) as connection:
        left = connection.execute("SELECT count(*) FROM activity").fetchone()
    assert left == (len(land.rows["activity"]),)
