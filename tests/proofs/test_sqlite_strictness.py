"""Promise 17 (reliability): SQLite holds types and lengths as PostgreSQL does, by itself and for whoever writes.

Plain SQLite takes text in an INTEGER column and any length of text. Every table here is STRICT and carries the same
CHECKs as on PostgreSQL; both databases are asked with the same rows.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, DateTime, Table, Text
from sqlmodel import SQLModel

from domain.statements.compiling import to_sqlite
from tests.proofs.conftest import PostgresLand
from tests.proofs.reach_land import Land, Row, codes_of

TABLES = [table for table in SQLModel.metadata.sorted_tables if table.name != "transaction_clock"]


@pytest.fixture(scope="module")
def file(empty_file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(empty_file, isolation_level=None)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def server(postgres_land: PostgresLand) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(postgres_land.superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection
        connection.rollback()


def refused_by_sqlite(file: sqlite3.Connection, table: Table, row: Row) -> str:
    """Give the kind of refusal, empty where the row is taken."""
    marks = ", ".join("?" * len(row))
    file.execute("BEGIN")
    try:
        file.execute(
            f"INSERT INTO {table.name} ({', '.join(row)}) VALUES ({marks})", [to_sqlite(v) for v in row.values()]
        )
    except sqlite3.IntegrityError as error:
        return error.sqlite_errorname.removeprefix("SQLITE_CONSTRAINT_")
    finally:
        file.execute("ROLLBACK")
    return ""


def refused_by_postgres(server: psycopg.Connection[Any], table: Table, row: Row) -> str:
    sql = f"INSERT INTO {table.name} SELECT * FROM json_populate_recordset(NULL::{table.name}, %s)"
    try:
        with server.transaction(force_rollback=True):
            server.execute(f"DELETE FROM {table.name}".encode())
            server.execute(sql.encode(), (json.dumps([row], default=str),))
    except psycopg.errors.CheckViolation:
        return "CHECK"
    except psycopg.errors.NotNullViolation:
        return "NOTNULL"
    return ""


def sample(land: Land, table: Table) -> Row:
    """Give a row that every CHECK takes; tables without rows in the land are filled by kind."""
    known = land.rows.get(table.name)
    if known:
        return dict(known[0])
    codes = codes_of(table.name)
    row: Row = {}
    for column in table.columns:
        kind = column.type
        if column.nullable:
            row[column.name] = None
        elif column.name in codes:
            row[column.name] = codes[column.name][0]
        elif isinstance(kind, BigInteger):
            row[column.name] = 1
        elif isinstance(kind, Boolean):
            row[column.name] = True
        elif isinstance(kind, DateTime):
            row[column.name] = "2026-01-02T03:04:05+09:00"
        elif isinstance(kind, Date):
            row[column.name] = "2026-01-02"
        elif type(kind) is Text:
            row[column.name] = "x"
        else:
            row[column.name] = [] if "ARRAY" in type(kind).__name__ or "JSON" in type(kind).__name__ else KEY
    return row | PLACED.get(table.name, {})


KEY = "01890000-0000-7000-8000-000000000000"
PLACED: dict[str, Row] = {"assignment": {"municipality_id": "131105"}, "machine_client": {"municipality_id": "131105"}}


def lengths_of(table: Table) -> dict[str, int]:
    found = {}
    for check in table.constraints:
        text = str(check.sqltext) if isinstance(check, CheckConstraint) else ""
        if text.startswith("length(") and ") <= " in text:
            found[text[7 : text.index(")")]] = int(text.rpartition(" ")[2])
    return found


def test_every_table_is_strict_and_has_the_columns_that_are_declared(file: sqlite3.Connection) -> None:
    rows = {name: bool(strict) for _, name, kind, _, _, strict in file.execute("PRAGMA table_list") if kind == "table"}
    rows = {
        name: strict for name, strict in rows.items() if not name.startswith("sqlite_") and name != "alembic_version"
    }
    assert set(rows) == set(SQLModel.metadata.tables)
    assert [name for name, strict in rows.items() if not strict] == []
    for table in SQLModel.metadata.sorted_tables:
        columns = {row[1] for row in file.execute(f"PRAGMA table_info({table.name})")}
        assert columns == set(table.columns.keys())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_text_in_a_number_and_a_missing_value_are_refused(table: Table, file: sqlite3.Connection, land: Land) -> None:
    row = sample(land, table)
    file.execute("PRAGMA foreign_keys = OFF")
    assert refused_by_sqlite(file, table, row) in ("", "PRIMARYKEY", "UNIQUE"), row
    for column in table.columns:
        if isinstance(column.type, BigInteger | Boolean):
            # Python 3.11 knows no name for SQLITE_CONSTRAINT_DATATYPE.
            kind = refused_by_sqlite(file, table, {**row, column.name: "many"})
            assert kind not in ("", "CHECK", "PRIMARYKEY", "UNIQUE"), column.name
        if not column.nullable:
            assert refused_by_sqlite(file, table, {**row, column.name: None}) == "NOTNULL", column.name


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_lengths_are_held_alike_by_both_databases(
    table: Table, file: sqlite3.Connection, server: psycopg.Connection[Any], land: Land
) -> None:
    row = sample(land, table)
    file.execute("PRAGMA foreign_keys = OFF")
    assert refused_by_postgres(server, table, row) == ""
    fixed = codes_of(table.name)
    for column, most in lengths_of(table).items():
        full = {**row, column: "訪" * most}
        beyond = {**row, column: "訪" * (most + 1)}
        if most > 100_000:
            continue
        if column not in fixed:
            assert refused_by_sqlite(file, table, full) == refused_by_postgres(server, table, full), column
        assert refused_by_sqlite(file, table, beyond) == refused_by_postgres(server, table, beyond) == "CHECK", column


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_codes_outside_the_list_are_refused_alike(
    table: Table, file: sqlite3.Connection, server: psycopg.Connection[Any], land: Land
) -> None:
    row = sample(land, table)
    for column in codes_of(table.name):
        wrong = {**row, column: "x?"}
        assert refused_by_sqlite(file, table, wrong) == refused_by_postgres(server, table, wrong) == "CHECK", column


def test_a_table_that_is_not_strict_takes_what_these_tests_refuse() -> None:
    loose = sqlite3.connect(":memory:")
    loose.execute("CREATE TABLE note (minutes INTEGER, title TEXT)")
    loose.execute("INSERT INTO note VALUES ('many', ?)", ("訪" * 10_000,))
    assert loose.execute("SELECT typeof(minutes), length(title) FROM note").fetchone() == ("text", 10_000)
    loose.close()
