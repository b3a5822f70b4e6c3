"""Fixtures of all tests: the application on SQLite and on a PostgreSQL that the tests start themselves."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from api.app import create_app, guarded
from domain.deployment import create_roles, migrate
from domain.settings import Settings
from tests.postgres import TestServer
from tests.world import World

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestServer]:
    """One PostgreSQL server for this worker."""
    with TestServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_addresses(postgres: TestServer) -> dict[str, str]:
    """A migrated database on it: the addresses of the owner, the api and the maintenance role."""
    owner = postgres.create_database(f"kikan_{WORKER}")
    api, maintenance = create_roles(owner)
    migrate(owner)
    return {"owner": owner, "api": api, "maintenance": maintenance}


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings of a deployment on each of the two databases."""
    var: Path = tmp_path_factory.mktemp("var")
    if request.param == "sqlite":
        address = f"sqlite:///{var / 'kikan.db'}"
        migrate(address)
    else:
        address = request.getfixturevalue("postgres_addresses")["api"]
    return Settings.model_validate({"var": var, "database_url": address, "rate_limit_per_minute": 1_000_000})


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def app(settings: Settings) -> AsyncIterator[FastAPI]:
    """The running application."""
    made = create_app(settings)
    async with made.router.lifespan_context(made):
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def world(app: FastAPI) -> AsyncIterator[World]:
    """An empty world on the running application."""
    transport = httpx.ASGITransport(app=guarded(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://kikan.test") as client:
        yield World(app, client)
