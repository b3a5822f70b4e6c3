"""Fixtures of the proofs: the land on both databases, made once."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio

from domain.database import Database, Scope, database_at
from domain.deployment import migrate
from domain.settings import Settings
from domain.statements import Query, as_it_is, within_reach
from tests.conftest import WORKER
from tests.postgres import TestServer
from tests.proofs.reach_databases import Answer, answers_of, fill_sqlite, land_on_postgres, scopes_on, unfenced_copy
from tests.proofs.reach_land import Land
from tests.proofs.reach_land_rows import land_of
from tests.proofs.reach_shapes import VALUES, all_shapes


@dataclass
class Standing:
    """A database with the land on it, and the callers' scopes there."""

    database: Database
    scopes: dict[str, Scope]


@dataclass
class Shapes:
    """The statement shapes by name, as they are and narrowed."""

    open: dict[str, Query]
    narrowed: dict[str, Query]


@dataclass
class PostgresLand:
    """Addresses of the land on PostgreSQL: as the superuser and the api role, and the api role's without wall two."""

    superuser: str
    api: str
    unfenced: str


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "kikan.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def land() -> Land:
    """The rows."""
    return land_of()


@pytest.fixture(scope="session")
def postgres_land(postgres: TestServer, land: Land) -> PostgresLand:
    """The land on PostgreSQL, once with both walls and once without wall two."""
    name = f"land_{WORKER}"
    superuser, api = land_on_postgres(postgres, name, land)
    unfenced_copy(postgres, f"unfenced_{WORKER}", name)
    return PostgresLand(superuser, api, api.replace(f"/{name}?", f"/unfenced_{WORKER}?"))


async def standing(address: str, land: Land) -> AsyncIterator[Standing]:
    database = database_at(address, pool_size=4)
    await database.driver.start()
    yield Standing(database, await scopes_on(database, land.callers))
    await database.driver.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def on_sqlite(empty_file: Path, land: Land, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Standing]:
    """The whole land on SQLite."""
    path = tmp_path_factory.mktemp("land") / "kikan.db"
    fill_sqlite(path, land, empty_file)
    async for found in standing(f"sqlite:///{path}", land):
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def on_postgres(postgres_land: PostgresLand, land: Land) -> AsyncIterator[Standing]:
    """The whole land on PostgreSQL, asked as the api role."""
    async for found in standing(postgres_land.api, land):
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def on_postgres_without_fences(postgres_land: PostgresLand, land: Land) -> AsyncIterator[Standing]:
    """The whole land on PostgreSQL where only wall one stands."""
    async for found in standing(postgres_land.unfenced, land):
        yield found


@pytest.fixture(scope="session")
def reached_files(empty_file: Path, land: Land, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """For each caller a SQLite file that physically holds only what the caller reaches."""
    folder = tmp_path_factory.mktemp("reached")
    found: dict[str, Path] = {}
    for number, caller in enumerate(land.callers):
        found[caller.name] = folder / f"{number}.db"
        fill_sqlite(found[caller.name], land.seen_by(caller), empty_file)
    return found


@pytest.fixture(scope="session")
def shapes() -> Shapes:
    """Every statement shape."""
    made = all_shapes()
    return Shapes(
        {name: Query(statement, as_it_is) for name, statement in made.items()},
        {name: within_reach(statement) for name, statement in made.items()},
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def expected(reached_files: dict[str, Path], on_sqlite: Standing, shapes: Shapes) -> dict[str, dict[str, Answer]]:
    """For each caller what the statements give, not narrowed, where only the rows in reach exist."""
    found: dict[str, dict[str, Answer]] = {}
    for name, file in reached_files.items():
        database = database_at(f"sqlite:///{file}")
        await database.driver.start()
        found[name] = await answers_of(database, on_sqlite.scopes[name], shapes.open, VALUES)
        await database.driver.stop()
    return found


@pytest.fixture
def read_past_walls(
    settings: Settings, request: pytest.FixtureRequest
) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Give a way to read the application's database as nobody can through HTTP."""
    address = settings.database_address()
    if address.startswith("sqlite"):

        def read_file(sql: str) -> list[tuple[Any, ...]]:
            connection = sqlite3.connect(address.removeprefix("sqlite:///"))
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()

        yield read_file
        return
    maintenance = request.getfixturevalue("postgres_addresses")["maintenance"]
    with psycopg.connect(maintenance, autocommit=True) as connection:
        yield lambda sql: connection.execute(sql.encode()).fetchall()


@pytest.fixture
def exports_of(read_past_walls: Callable[[str], list[tuple[Any, ...]]]) -> Callable[[str], int]:
    """Count the audit rows of a user's exports."""

    def count(user_id: str) -> int:
        sql = f"SELECT count(*) FROM audit_entry WHERE subject_id = '{user_id}' AND action LIKE '%.export'"
        return int(read_past_walls(sql)[0][0])

    return count
