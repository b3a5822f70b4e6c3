"""Fixtures of the tests through HTTP."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from domain.settings import Settings
from tests.accounts import Accounts
from tests.towns import Town
from tests.world import World


@pytest_asyncio.fixture(loop_scope="session")
async def accounts(world: World, settings: Settings, request: pytest.FixtureRequest) -> AsyncIterator[Accounts]:
    """People and programs that can sign in to the world."""
    on_postgres = world.database.dialect == "postgresql"
    maintenance = request.getfixturevalue("postgres_addresses")["maintenance"] if on_postgres else None
    made = Accounts(world, settings, maintenance)
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def town(world: World, accounts: Accounts) -> Town:
    """A municipality with one person in each role."""
    return await Town(world, accounts).build()


@pytest_asyncio.fixture(loop_scope="session")
async def other_town(world: World, accounts: Accounts) -> Town:
    return await Town(world, accounts).build()
