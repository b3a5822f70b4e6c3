"""The land on real databases: whole, or only what one caller reaches; and how a caller asks there."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg
from sqlmodel import SQLModel

from domain.access import Actor, Reach, permissions_of
from domain.accounts.principals import reach_for
from domain.database import NOBODY, Database, Scope, scope_of
from domain.deployment import create_roles, migrate
from domain.statements import Query
from domain.statements.compiling import to_sqlite
from tests.postgres import TestServer
from tests.proofs.reach_land import Caller, Land, Row

Answer = list[str]


def fill_sqlite(path: Path, land: Land, template: Path) -> None:
    """Make a copy of an empty migrated file and put the rows of a land in."""
    path.write_bytes(template.read_bytes())
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        for name, rows in land.rows.items():
            columns = list(SQLModel.metadata.tables[name].columns.keys())
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})",
                [[to_sqlite(row[column]) for column in columns] for row in rows],
            )
    connection.close()


def fill_postgres(superuser: str, land: Land) -> None:
    """Put the rows of a land into a migrated database, past all walls."""
    with psycopg.connect(superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        for name, rows in land.rows.items():
            connection.execute(
                f"INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, %s)".encode(),
                (json.dumps(rows, default=str),),
            )
        connection.execute("ANALYZE")


def land_on_postgres(server: TestServer, name: str, land: Land) -> tuple[str, str]:
    """Make a migrated database that holds the land; give the superuser's and the api role's addresses."""
    superuser = server.create_database(name)
    api, _ = create_roles(superuser)
    migrate(superuser)
    fill_postgres(superuser, land)
    return superuser, api


def unfenced_copy(server: TestServer, name: str, original: str) -> None:
    """Copy a database and take wall two down in the copy."""
    with psycopg.connect(server.create_database(name, template=original)) as connection:
        fenced = connection.execute("SELECT relname FROM pg_class WHERE relrowsecurity").fetchall()
        assert len(fenced) > 20
        for (table,) in fenced:
            connection.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY".encode())


async def actor_of(database: Database, caller: Caller) -> Actor:
    """Make the actor of a caller the way the product does for a verified token."""
    session, transaction = await database.begin(scope_of(NOBODY, database.dialect), write=False, door=True)
    try:
        reach: Reach = await reach_for(session, caller.place, caller.municipality)
    finally:
        transaction.release()
    return Actor(
        role=caller.role,
        place=caller.place,
        reach=reach,
        permissions=permissions_of(caller.role, None),
        subject_id=caller.subject_id,
        session_id="none",
        assignment_id="none",
    )


async def scopes_on(database: Database, callers: Sequence[Caller]) -> dict[str, Scope]:
    """Give every caller's scope by name."""
    return {caller.name: scope_of(await actor_of(database, caller), database.dialect) for caller in callers}


async def answers_of(
    database: Database, scope: Scope, queries: dict[str, Query], values: dict[str, dict[str, Any]]
) -> dict[str, Answer]:
    """Run every query in one transaction of a caller; give the rows, put in an order that databases agree on."""
    session, transaction = await database.begin(scope, write=False)
    try:
        return {name: comparable(await session.rows(query, **values.get(name, {}))) for name, query in queries.items()}
    finally:
        transaction.release()


def comparable(rows: Sequence[Row]) -> Answer:
    """Write rows so that equal rows are equal texts, whatever their order and that of lists made by the database."""
    return sorted(repr(sorted((name, plain(value)) for name, value in row.items())) for row in rows)


def plain(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((name, plain(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return sorted(repr(plain(inner)) for inner in value)
    if hasattr(value, "utcoffset") and value.utcoffset() is not None:
        return value.timestamp()
    if type(value).__name__ == "Decimal":
        return int(value)
    return value
