"""The PostgreSQL driver against a server of its own: what callers are promised, also when things break."""

import asyncio
import contextlib
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import psycopg
import pytest

from domain import drivers
from domain.drivers import (
    CommitUnknownError,
    ConstraintError,
    DatabaseUnavailableError,
    DriverError,
    LockTimeoutError,
    PoolTimeoutError,
    SerializationError,
    StatementError,
    StatementTimeoutError,
    UnacceptableValueError,
    postgres,
    postgres_connection,
    postgres_pool,
)
from domain.drivers.postgres import PostgresDriver
from domain.drivers.postgres_connection import READ_SECONDS, PooledConnection
from domain.drivers.postgres_pool import Pool
from tests.postgres import TestServer

TRANSACTIONS = 10_000 if os.environ.get("KIKAN_PROVE") else 1_000
ID = "018f0000-0000-7000-8000-00000000000{}"
TABLES = """
CREATE TABLE centre (id uuid PRIMARY KEY);
CREATE TABLE visit (
    id uuid PRIMARY KEY, centre_id uuid REFERENCES centre, name text,
    minutes smallint CONSTRAINT short CHECK (minutes < 600),
    held_on date NOT NULL DEFAULT '2026-04-01', made_at timestamptz, plan jsonb, tags uuid[], kinds text[],
    CONSTRAINT one_name UNIQUE (name));
CREATE TABLE fenced (id int);
ALTER TABLE fenced ENABLE ROW LEVEL SECURITY;
ALTER TABLE fenced FORCE ROW LEVEL SECURITY;
CREATE POLICY nobody ON fenced USING (id < 0) WITH CHECK (id < 0);
CREATE TABLE pair (id int, half int);
GRANT ALL ON ALL TABLES IN SCHEMA public TO api;
"""


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    with TestServer() as server:
        server.execute("CREATE ROLE api LOGIN PASSWORD 'secret'")
        server.execute("ALTER ROLE api SET deadlock_timeout = '50ms'")
        server.create_database("driver")
        server.execute(TABLES, "driver")
        yield server


@pytest.fixture
def url(server: TestServer) -> str:
    server.execute("TRUNCATE pair, visit, centre", "driver")
    return server.url("driver", user="api", password="secret")


@pytest.fixture
async def driver(url: str) -> AsyncIterator[PostgresDriver]:
    driver = PostgresDriver(url, maximum=10)
    await driver.start()
    yield driver
    await driver.stop()


async def rows(driver: PostgresDriver, sql: str, *args: object, preamble: str = "") -> list[dict[str, Any]]:
    transaction = await driver.begin(preamble, write=False)
    try:
        return [dict(row) for row in await transaction.rows(sql, args)]
    finally:
        transaction.release()


async def write(driver: PostgresDriver, sql: str, *args: object) -> int:
    transaction = await driver.begin("", write=True)
    try:
        count = await transaction.execute(sql, args)
        await transaction.commit()
    finally:
        await transaction.rollback()
    return count


def messages(driver: PostgresDriver) -> int:
    return sum(pooled.connection._protocol.queries_count for pooled in driver._pool._all)


async def until(condition: Any, seconds: float = 5.0) -> None:
    for _ in range(round(seconds / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError


async def test_values_come_back_as_the_domain_writes_them(driver: PostgresDriver) -> None:
    made_at = datetime(2026, 4, 1, 12, 30, tzinfo=UTC)
    plan = {"lines": [1, None, "神"], "open": True}
    await write(
        driver,
        "INSERT INTO visit (id, held_on, made_at, plan, tags, kinds) VALUES ($1, $2, $3, $4, $5, $6)",
        *(ID.format(1), date(2026, 5, 2), made_at, plan, [ID.format(2), UUID(ID.format(3))], ["a,b", 'q"']),
    )
    (row,) = await rows(driver, "SELECT * FROM visit WHERE id = ANY ($1)", [ID.format(1)])
    assert row["id"] == ID.format(1)
    assert row["held_on"] == date(2026, 5, 2)
    assert row["made_at"] == made_at
    assert row["made_at"].utcoffset() == timedelta(hours=9)
    assert row["plan"] == plan
    assert row["tags"] == [ID.format(2), ID.format(3)]
    assert row["kinds"] == ["a,b", 'q"']


async def test_a_read_costs_two_messages_the_next_of_the_same_caller_one_and_a_write_three(
    driver: PostgresDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only what is asked counts, however slow the machine: no read ends by its age, no connection is opened meanwhile.
    monkeypatch.setattr(postgres_connection, "READ_SECONDS", 600.0)
    driver._pool.linger, driver._pool.maximum = 600.0, 1
    insert = "INSERT INTO pair VALUES ($1, 1)"
    for _ in range(2):
        await rows(driver, "SELECT id FROM pair WHERE id = $1", 1)
        await write(driver, insert, 1)
    before = messages(driver)
    await rows(driver, "SELECT id FROM pair WHERE id = $1", 1)
    assert messages(driver) - before == 2
    await rows(driver, "SELECT id FROM pair WHERE id = $1", 1)
    assert messages(driver) - before == 2 + 1
    await rows(driver, "SELECT id FROM pair WHERE id = $1", 1, preamble="SELECT 1")
    assert messages(driver) - before == 2 + 1 + 2
    before = messages(driver)
    await write(driver, insert, 2)
    assert messages(driver) - before == 3


async def test_a_read_that_goes_on_sees_what_was_committed_meanwhile_and_ends_in_time(driver: PostgresDriver) -> None:
    began = "SELECT pg_backend_pid() AS process, xact_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
    (first,) = await rows(driver, began)
    await write(driver, "INSERT INTO pair VALUES ($1, 1)", 77)
    assert await rows(driver, "SELECT id FROM pair WHERE id = $1", 77) == [{"id": 77}]
    deadline = monotonic() + 10 * READ_SECONDS
    while monotonic() < deadline:
        (now,) = await rows(driver, began)
        if now != first:
            break
    assert monotonic() < deadline


async def test_a_failed_read_is_not_gone_on_in(driver: PostgresDriver) -> None:
    await rows(driver, "SELECT 1 AS n")
    with pytest.raises(DriverError):
        await rows(driver, "SELECT 1 / (id - id) FROM (VALUES (1)) AS t(id)")
    assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]


async def test_an_answered_read_does_not_stay_in_its_transaction(driver: PostgresDriver) -> None:
    await rows(driver, "SELECT * FROM pair")
    in_transaction = (
        "SELECT count(*)::int AS n FROM pg_stat_activity WHERE state LIKE 'idle in%' AND datname = 'driver'"
    )
    await asyncio.sleep(0.1)
    assert await rows(driver, in_transaction) == [{"n": 0}]
    assert not any(pooled.is_open for pooled in driver._pool._all if pooled in driver._pool._idle[1:])


async def test_what_one_transaction_sets_the_next_does_not_see(driver: PostgresDriver) -> None:
    driver._pool.maximum = 1
    show = "SELECT current_setting('app.centres', true) AS centres"
    assert await rows(driver, show, preamble="SELECT set_config('app.centres', 'theirs', true)") == [
        {"centres": "theirs"}
    ]
    assert (await rows(driver, show))[0]["centres"] in ("", None)
    assert len(driver._pool._all) == 1


async def test_a_read_cannot_write(driver: PostgresDriver) -> None:
    with pytest.raises(StatementError, match="25006"):
        await rows(driver, "INSERT INTO pair VALUES (1, 1)")


async def test_a_released_write_is_undone_and_lets_go_of_its_locks(driver: PostgresDriver) -> None:
    await write(driver, "INSERT INTO pair VALUES (1, 0)")
    transaction = await driver.begin("", write=True)
    await transaction.execute("UPDATE pair SET half = 9", ())
    transaction.release()
    assert await write(driver, "UPDATE pair SET half = half + 1") == 1
    assert await rows(driver, "SELECT half FROM pair") == [{"half": 1}]


async def test_a_long_read_sees_one_moment(driver: PostgresDriver) -> None:
    transaction = await driver.begin("", write=False, long=True)
    assert not await transaction.rows("SELECT * FROM pair", ())
    await write(driver, "INSERT INTO pair VALUES (1, 0)")
    assert not await transaction.rows("SELECT * FROM pair", ())
    transaction.release()


REFUSED = [
    ("INSERT INTO visit (id) VALUES ($1), ($1)", [ID.format(7)], ConstraintError("visit_pkey", "unique", "23505")),
    ("INSERT INTO visit (id, name) VALUES ($1, 'canary'), ($2, 'canary')", [ID.format(1), ID.format(2)],
     ConstraintError("one_name", "unique", "23505")),
    ("INSERT INTO visit (id, centre_id) VALUES ($1, $1)", [ID.format(7)],
     ConstraintError("visit_centre_id_fkey", "foreign_key", "23503")),
    ("INSERT INTO visit (id, minutes) VALUES ($1, $2)", [ID.format(7), 700],
     ConstraintError("short", "check", "23514")),
    ("INSERT INTO visit (id, held_on) VALUES ($1, NULL)", [ID.format(7)],
     ConstraintError("visit.held_on", "not_null", "23502")),
    ("INSERT INTO fenced VALUES ($1)", [7], ConstraintError("", "row_security", "42501")),
    ("INSERT INTO visit (id, minutes) VALUES ($1, $2)", [ID.format(7), 70_000], UnacceptableValueError("22000")),
    ("SELECT $1::text", ["canary\0"], UnacceptableValueError("22021")),
    ("SELECT $1::text", ["canary\ud800"], UnacceptableValueError("22000")),
    ("SELECT $1::uuid", ["canary"], UnacceptableValueError("22P02")),
    ("SELECT $1::timestamptz", [datetime(2026, 4, 1)], UnacceptableValueError("22000")),  # noqa: DTZ001
    ("SELECT 'infinity'::timestamptz", [], StatementError("")),
    ("SELECT canary", [], StatementError("42703")),
    ("SELECT 1", [1], StatementError("")),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "args", "expected"), REFUSED)
async def test_a_refusal_says_which_rule_and_never_which_value(
    driver: PostgresDriver, sql: str, args: list[object], expected: DriverError
) -> None:
    with pytest.raises(DriverError) as refusal:
        await write(driver, sql, *args)
    assert type(refusal.value) is type(expected)
    assert refusal.value.args == expected.args
    assert refusal.value.__context__ is None
    assert refusal.value.__cause__ is None
    assert "canary" not in repr(refusal.value)
    assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]


async def test_a_statement_and_a_lock_have_deadlines(driver: PostgresDriver) -> None:
    shown = "SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock"
    assert await rows(driver, shown) == [{"statement": "2s", "lock": "1s"}]
    await write(driver, "INSERT INTO pair VALUES (1, 0)")
    holder = await driver.begin("", write=True)
    await holder.execute("UPDATE pair SET half = 1", ())
    waiter = await driver.begin("SET LOCAL lock_timeout = 50", write=True)
    with pytest.raises(LockTimeoutError):
        await waiter.execute("UPDATE pair SET half = 2", ())
    await waiter.rollback()
    await holder.rollback()
    with pytest.raises(StatementTimeoutError):
        await rows(driver, "SELECT pg_sleep(10)", preamble="SET LOCAL statement_timeout = 50")


async def test_a_deadlock_is_told_as_something_to_try_again(driver: PostgresDriver) -> None:
    await write(driver, "INSERT INTO pair VALUES (1, 0), (2, 0)")

    both = asyncio.Barrier(2)

    async def cross(first: int, second: int) -> None:
        transaction = await driver.begin("", write=True)
        try:
            await transaction.execute("UPDATE pair SET half = 1 WHERE id = $1", [first])
            await both.wait()
            await transaction.execute("UPDATE pair SET half = 1 WHERE id = $1", [second])
            await transaction.commit()
        finally:
            await transaction.rollback()

    outcomes = await asyncio.gather(cross(1, 2), cross(2, 1), return_exceptions=True)
    assert sorted(str(type(outcome).__name__) for outcome in outcomes) == ["NoneType", "SerializationError"]


async def test_a_failed_transaction_cannot_be_committed(driver: PostgresDriver) -> None:
    transaction = await driver.begin("", write=True)
    await transaction.execute("INSERT INTO pair VALUES (1, 1)", ())
    with pytest.raises(StatementError):
        await transaction.execute("SELECT nonsense", ())
    with pytest.raises(StatementError, match="25P02"):
        await transaction.commit()
    assert not await rows(driver, "SELECT * FROM pair")


async def test_an_ended_transaction_reaches_nobody_elses(driver: PostgresDriver) -> None:
    transaction = await driver.begin("", write=True)
    await transaction.commit()
    other = await driver.begin("", write=True)
    with pytest.raises(StatementError):
        await transaction.execute("INSERT INTO pair VALUES (1, 1)", ())
    with pytest.raises(StatementError):
        await transaction.commit()
    await transaction.rollback()
    transaction.release()
    await other.commit()
    assert not await rows(driver, "SELECT * FROM pair")


async def test_a_commit_that_a_standby_has_not_confirmed_is_not_acknowledged(server: TestServer, url: str) -> None:
    driver = PostgresDriver(url)
    await driver.start()
    server.execute("ALTER SYSTEM SET synchronous_standby_names = 'absent'")
    server.execute("SELECT pg_reload_conf()")
    try:
        commit = asyncio.create_task(write(driver, "INSERT INTO pair VALUES (1, 1)"))
        while (await asyncio.wait([commit], timeout=0.1))[0]:
            commit = asyncio.create_task(write(driver, "INSERT INTO pair VALUES (1, 1)"))
        server.execute("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        with pytest.raises(CommitUnknownError):
            await commit
    finally:
        server.execute("ALTER SYSTEM RESET synchronous_standby_names")
        server.execute("SELECT pg_reload_conf()")
        await driver.stop()


async def test_a_role_cannot_switch_durable_commits_off(server: TestServer, url: str) -> None:
    server.execute("ALTER ROLE api SET synchronous_commit = off")
    for pgbouncer in (False, True):
        driver = PostgresDriver(url, pgbouncer=pgbouncer)
        await driver.start()
        try:
            setting = await rows(driver, "SELECT current_setting('synchronous_commit') AS setting")
        finally:
            await driver.stop()
        assert setting == [{"setting": "on"}]
    server.execute("ALTER ROLE api RESET synchronous_commit")


async def test_behind_a_pooler_nothing_outlives_the_transaction(url: str) -> None:
    driver = PostgresDriver(url, pgbouncer=True)
    await driver.start()
    try:
        shown = "SELECT current_setting('statement_timeout') AS statement, current_setting('lock_timeout') AS lock"
        assert await rows(driver, shown) == [{"statement": "2s", "lock": "1s"}]
        assert await write(driver, "INSERT INTO pair VALUES ($1, $2)", 1, 2) == 1
        assert await rows(driver, "SELECT name FROM pg_prepared_statements") == []
        assert await rows(driver, "SELECT id FROM pair WHERE half = $1", 2) == [{"id": 1}]
    finally:
        await driver.stop()


async def test_a_changed_schema_costs_one_retry(driver: PostgresDriver, server: TestServer) -> None:
    await rows(driver, "SELECT * FROM centre")
    await asyncio.to_thread(server.execute, "ALTER TABLE centre ADD COLUMN name text", "driver")
    with pytest.raises(SerializationError):
        await rows(driver, "SELECT * FROM centre")
    assert await rows(driver, "SELECT * FROM centre") == []
    await asyncio.to_thread(server.execute, "ALTER TABLE centre DROP COLUMN name", "driver")


async def test_waiters_are_served_in_order_and_sent_away_in_time(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "POOL_SECONDS", 0.2)
    driver = PostgresDriver(url, maximum=1)
    await driver.start()
    holder = await driver.begin("", write=True)
    started = asyncio.get_running_loop().time()
    with pytest.raises(PoolTimeoutError):
        await driver.begin("", write=False)
    assert 0.15 < asyncio.get_running_loop().time() - started < 0.5
    order: list[int] = []

    async def stand_in_line(number: int) -> None:
        transaction = await driver.begin("", write=False)
        order.append(number)
        transaction.release()

    waiting = [asyncio.create_task(stand_in_line(number)) for number in range(6)]
    await asyncio.sleep(0.01)
    waiting[2].cancel()
    await holder.commit()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert order == [0, 1, 3, 4, 5]
    await driver.stop()


async def test_idle_connections_are_given_up(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_pool, "SWEEP_SECONDS", 0.02)
    driver = PostgresDriver(url, maximum=5, idle_seconds=0.1)
    await driver.start()
    held = [await driver.begin("", write=False) for _ in range(5)]
    for transaction in held:
        transaction.release()
    assert len(driver._pool._all) == 5
    await until(lambda: len(driver._pool._all) == 1)
    await driver.stop()


async def test_a_server_that_falls_silent_is_cut_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_pool, "SWEEP_SECONDS", 0.02)
    driver = PostgresDriver(url)
    await driver.start()
    # Only this transaction is cut off early: a busy machine may let the next one wait as long for its answer.
    with monkeypatch.context() as early:
        early.setattr(postgres, "SILENCE_SECONDS", 0.2)
        transaction = await driver.begin("", write=True)
    (row,) = await transaction.rows("SELECT pg_backend_pid() AS pid", ())
    os.kill(row["pid"], signal.SIGSTOP)
    try:
        with pytest.raises(CommitUnknownError):
            await transaction.commit()
        assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]
    finally:
        os.kill(row["pid"], signal.SIGCONT)
        await driver.stop()


async def test_a_process_that_stood_still_hears_what_was_answered_meanwhile(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_pool, "SWEEP_SECONDS", 0.05)
    monkeypatch.setattr(postgres, "SILENCE_SECONDS", 0.2)
    driver = PostgresDriver(url)
    await driver.start()
    transaction = await driver.begin("", write=True)
    await transaction.rows("SELECT 1 AS n", ())
    answer = asyncio.create_task(transaction.rows("SELECT 1 AS n", ()))
    await asyncio.sleep(0)
    time.sleep(0.5)  # noqa: ASYNC251 - the whole process stands still, and every timer is late
    assert [dict(row) for row in await answer] == [{"n": 1}]
    await transaction.commit()
    await driver.stop()


async def test_a_killed_connection_is_replaced_before_anyone_notices(
    driver: PostgresDriver, server: TestServer
) -> None:
    held = [await driver.begin("", write=False) for _ in range(3)]
    for transaction in held:
        transaction.release()
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api'")
    assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]


async def test_after_a_restart_the_driver_serves_again(server: TestServer, url: str) -> None:
    driver = PostgresDriver(url, maximum=8)
    await driver.start()
    outcomes: list[type[Exception] | None] = []
    is_over = False

    async def load(number: int) -> None:
        while not is_over:
            try:
                if number % 2:
                    await write(driver, "INSERT INTO pair VALUES ($1, 1)", number)
                else:
                    await rows(driver, "SELECT * FROM pair WHERE id = $1", number)
                outcomes.append(None)
            except DriverError as error:
                outcomes.append(type(error))
                await asyncio.sleep(0.01)

    loads = [asyncio.create_task(load(number)) for number in range(16)]
    for stop in (server.kill9, server.restart):
        await asyncio.sleep(0.2)
        await asyncio.to_thread(stop)
        if stop == server.kill9:
            assert not await driver.is_ready()
            with pytest.raises(DatabaseUnavailableError):
                await driver.begin("", write=False)
            await asyncio.to_thread(server.restart)
        served = outcomes.count(None)
        await until(lambda served=served: outcomes.count(None) > served + 50)
    is_over = True
    await asyncio.gather(*loads)
    assert await driver.is_ready()
    assert outcomes[-1] is None
    failures = {outcome for outcome in outcomes if outcome}
    assert failures <= {DatabaseUnavailableError, CommitUnknownError, SerializationError, StatementTimeoutError}
    assert DatabaseUnavailableError in failures
    await driver.stop()


class Storm:
    """Transactions that are cancelled, released, undone and killed at any moment, and the promises broken by that."""

    def __init__(self, driver: PostgresDriver, server: TestServer) -> None:
        self.driver = driver
        self.server = server
        self.chance = random.Random(7)
        self.acknowledged: set[int] = set()
        self.broken: list[str] = []
        self.is_over = False

    async def one(self, number: int) -> None:
        """Read; of three numbers, commit the first, undo the second and only read for the third."""
        preamble = f"SELECT set_config('app.who', '{number}', true)"
        transaction = await self.driver.begin(preamble, write=number % 3 > 0)
        try:
            sql = "SELECT current_setting('app.who') AS who, pg_sleep($1)"
            (row,) = await transaction.rows(sql, [self.chance.random() / 500])
            if row["who"] != str(number):
                self.broken.append(f"{number} sees what {row['who']} may see")
            for half in (1, 2) if number % 3 else ():
                await transaction.execute("INSERT INTO pair VALUES ($1, $2)", [number, half])
            if number % 3 == 1:
                await transaction.commit()
                self.acknowledged.add(number)
        finally:
            if self.chance.random() < 0.5:
                transaction.release()
            else:
                await transaction.rollback()

    async def lane(self, numbers: Iterator[int]) -> None:
        for number in numbers:
            task = asyncio.create_task(self.one(number))
            if self.chance.random() < 0.3:
                await asyncio.sleep(self.chance.random() / 50)
                task.cancel()
            with contextlib.suppress(DriverError, asyncio.CancelledError):
                await task

    async def killer(self) -> None:
        kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'api' AND random() < 0.2"
        while not self.is_over:
            await asyncio.sleep(0.2)
            await asyncio.to_thread(self.server.execute, kill)

    async def blow(self, count: int = TRANSACTIONS) -> list[str]:
        """Run it and give every broken promise."""
        killer = asyncio.create_task(self.killer())
        numbers = iter(range(count))
        await asyncio.gather(*(self.lane(numbers) for _ in range(24)))
        self.is_over = True
        await killer
        with psycopg.connect(self.server.url("driver")) as witness:
            halves: dict[int, int] = dict(witness.execute("SELECT id, count(*) FROM pair GROUP BY id").fetchall())
        self.broken += [f"{number} is stored by {count} of 2" for number, count in halves.items() if count != 2]
        self.broken += [f"{number} was undone but is stored" for number in halves if number % 3 != 1]
        self.broken += [f"{number} was acknowledged and is lost" for number in self.acknowledged - halves.keys()]
        if len(self.acknowledged) < count / 10:
            self.broken.append(f"only {len(self.acknowledged)} were acknowledged: this was no test")
        return self.broken


async def test_cancelled_and_killed_transactions_leave_nothing_behind(
    driver: PostgresDriver, server: TestServer
) -> None:
    assert await Storm(driver, server).blow() == []
    pool = driver._pool
    await until(lambda: not pool._tasks and not any(pooled.is_open for pooled in pool._all))
    assert len(pool._idle) == len(pool._all) <= pool.maximum
    assert not any(pooled.in_flight_since or pooled.connection.is_in_transaction() for pooled in pool._idle)
    assert (pool._opening, pool._closing, len(pool._line)) == (0, 0, 0)
    alive, known = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'api'", -1
    for _ in range(100):
        await asyncio.sleep(0.02)
        known = sum(not pooled.connection.is_closed() for pooled in pool._all)
        if await rows(driver, alive) == [{"n": known}]:
            break
    assert await rows(driver, alive) == [{"n": known}]


async def test_a_pool_that_takes_back_what_was_cancelled_breaks_the_promises(
    driver: PostgresDriver, server: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trusting_give(pool: Pool, pooled: PooledConnection, *, at_once: bool = False) -> None:
        if pooled in pool._all and not pooled.connection.is_closed():
            pooled.in_flight_since = 0.0
            pooled.is_open = False
            if not pool._line.serve(pooled):
                pool._idle.append(pooled)

    monkeypatch.setattr(postgres_pool, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(Pool, "give", trusting_give)
    assert await Storm(driver, server).blow(1_000) != []
    await driver.stop()
