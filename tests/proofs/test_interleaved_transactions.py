"""Promise 2 (reliability): callers that share a pool never meet in one transaction.

Many tasks of different callers read and write through one small pool, while some are cancelled in the middle and
server processes are killed. Every statement is unnarrowed, so that only the settings of the transaction keep it in
reach: a setting that outlives its transaction shows at once. KIKAN_PROVE=1 runs 10^5 transactions.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import psycopg
import pytest
from sqlmodel import col, select

from domain.access import View
from domain.database import Database, Scope, database_at
from domain.drivers import ConstraintError, DatabaseUnavailableError, Transaction
from domain.idempotency import IdempotencyKey
from domain.ledger.tables import Activity
from domain.places.offices import Office
from domain.statements import Query, as_it_is, insert_into
from tests.proofs.conftest import PostgresLand, Standing
from tests.proofs.reach_land import Caller, Land

TRANSACTIONS = 100_000 if os.environ.get("KIKAN_PROVE") == "1" else 1_000
TASKS = 24
KILL_EVERY = 150
ACTIVITIES = Query(select(col(Activity.id)), as_it_is)
OFFICES = Query(select(col(Office.id)), as_it_is)
KEYS = insert_into(IdempotencyKey)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Tally:
    done: int = 0
    wrong_reads: int = 0
    wrong_writes: int = 0
    written: set[str] = field(default_factory=set)
    broken: int = 0
    cancelled: int = 0


@dataclass
class Turn:
    """One caller's transaction and what it must see."""

    database: Database
    caller: Caller
    scope: Scope
    activities: set[str]
    offices: set[str]
    other: str


async def take(turn: Turn, dice: random.Random, tally: Tally) -> None:
    writes = dice.random() < 0.3
    session, transaction = await turn.database.begin(turn.scope, write=writes)
    try:
        if writes:
            await write_as(turn, session.scope.values["reach_caller"], transaction, dice, tally)
            return
        for query, expected in ((ACTIVITIES, turn.activities), (OFFICES, turn.offices)):
            seen = {row["id"] for row in await session.rows(query)}
            tally.wrong_reads += seen != expected
        if dice.random() < 0.3:
            await transaction.rollback()
    finally:
        transaction.release()


async def write_as(turn: Turn, caller_id: str, transaction: Transaction, dice: random.Random, tally: Tally) -> None:
    """Write a key of the caller's own, or try one of somebody else's, which must be refused."""
    is_own = dice.random() < 0.5
    key = f"{dice.getrandbits(64):x}"
    made = KEYS.compiled("postgresql", View.CENTRE)
    values = {"caller_id": caller_id if is_own else turn.other, "key": key, "fingerprint": "f", "status": 0,
              "headers": {}, "body": caller_id, "created_at": NOW}  # fmt: skip
    try:
        await transaction.execute(made.sql, made.args(values, {}))
    except ConstraintError as error:
        assert error.kind == "row_security"
        tally.wrong_writes += is_own
        return
    tally.wrong_writes += not is_own
    await transaction.commit()
    tally.written.add(key)


async def interleave(turns: list[Turn], superuser: str, count: int, *, kills: bool) -> Tally:
    tally, dice = Tally(), random.Random(20261122)
    numbers = iter(range(count))

    async def worker() -> None:
        for number in numbers:
            turn = dice.choice(turns)
            task = asyncio.ensure_future(take(turn, dice, tally))
            if dice.random() < 0.1:
                asyncio.get_running_loop().call_later(dice.random() * 0.004, task.cancel)
            try:
                await task
                tally.done += 1
            except asyncio.CancelledError:
                tally.cancelled += 1
            except DatabaseUnavailableError:
                tally.broken += 1
            if kills and number % KILL_EVERY == 0:
                await asyncio.to_thread(kill_some, superuser)

    await asyncio.gather(*(worker() for _ in range(TASKS)))
    return tally


def kill_some(superuser: str) -> None:
    """Kill some of the server processes that serve us."""
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'kikan' AND datname = current_database() ORDER BY random() LIMIT 3"
        )


def turns_on(database: Database, standing: Standing, land: Land) -> list[Turn]:
    found = []
    for caller in land.callers:
        seen = land.seen_by(caller).rows
        other = next(c for c in land.callers if c is not caller)
        found.append(
            Turn(
                database,
                caller,
                standing.scopes[caller.name],
                {row["id"] for row in seen["activity"]},
                {row["id"] for row in seen["office"]},
                f"{other.role}:{other.subject_id}",
            )
        )
    return found


@pytest.fixture
def fresh_keys(postgres_land: PostgresLand) -> Iterator[None]:
    """Forget the keys that the transactions wrote, so that the land is as it was."""
    yield
    with psycopg.connect(postgres_land.superuser) as connection:
        connection.execute("DELETE FROM idempotency_key WHERE key <> 'k-1'")


async def test_no_transaction_reads_or_writes_in_another_callers_reach(
    on_postgres: Standing, postgres_land: PostgresLand, land: Land, fresh_keys: None
) -> None:
    database = database_at(postgres_land.api, pool_size=5)
    await database.driver.start()
    turns = turns_on(database, on_postgres, land)
    tally = await interleave(turns, postgres_land.superuser, TRANSACTIONS, kills=True)
    await database.driver.stop()
    assert (tally.wrong_reads, tally.wrong_writes) == (0, 0)
    assert tally.done + tally.cancelled + tally.broken == TRANSACTIONS
    assert tally.done > TRANSACTIONS * 0.7, tally
    assert tally.cancelled > TRANSACTIONS * 0.02, tally
    with psycopg.connect(postgres_land.superuser) as connection:
        rows = connection.execute("SELECT key, caller_id, body FROM idempotency_key WHERE key <> 'k-1'").fetchall()
    assert tally.written <= {key for key, _, _ in rows}
    assert [row for row in rows if row[1] != row[2]] == []


async def test_a_setting_that_outlives_its_transaction_is_seen(
    on_postgres: Standing, postgres_land: PostgresLand, land: Land, fresh_keys: None
) -> None:
    database = database_at(postgres_land.api, pool_size=5)
    await database.driver.start()
    leaky = [
        replace(turn, scope=replace(turn.scope, preamble=turn.scope.preamble.replace("SET LOCAL", "SET")))
        for turn in turns_on(database, on_postgres, land)
    ]
    tally = await interleave(leaky, postgres_land.superuser, 300, kills=False)
    await database.driver.stop()
    assert tally.wrong_reads > 10
