"""The SQLite driver: turns, batches, snapshots and refusals on a file of its own."""

import asyncio
import os
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

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
    sqlite_file,
    sqlite_writer,
)
from domain.drivers.sqlite import SqliteDriver, WriteTransaction
from domain.drivers.sqlite_writer import Writer

WRITES = 20_000 if os.environ.get("KIKAN_PROVE") else 600
ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
TABLES = [
    "CREATE TABLE centre (id TEXT PRIMARY KEY) STRICT",
    """CREATE TABLE visit (id INTEGER PRIMARY KEY, name TEXT, minutes INTEGER CONSTRAINT short CHECK (minutes < 600),
       held_on TEXT NOT NULL DEFAULT '2026-04-01', centre_id TEXT REFERENCES centre, CONSTRAINT one_name UNIQUE (name))
       STRICT""",
    "CREATE UNIQUE INDEX one_fold ON visit (lower(name))",
    "CREATE TABLE pair (id INTEGER, half INTEGER) STRICT",
]


@pytest.fixture
async def driver(tmp_path: Path) -> AsyncIterator[SqliteDriver]:
    driver = SqliteDriver(tmp_path / "kikan.db")
    await driver.start()
    transaction = await driver.begin("", write=True)
    for table in TABLES:
        await transaction.execute(table, ())
    await transaction.commit()
    yield driver
    await driver.stop()


async def rows(driver: SqliteDriver, sql: str, *args: object, long: bool = False) -> list[dict[str, Any]]:
    transaction = await driver.begin("", write=False, long=long)
    try:
        return await transaction.rows(sql, args)
    finally:
        transaction.release()


async def write(driver: SqliteDriver, sql: str, *args: object) -> int:
    transaction = await driver.begin("", write=True)
    try:
        count = await transaction.execute(sql, args)
        await transaction.commit()
    finally:
        await transaction.rollback()
    return count


async def filled(driver: SqliteDriver, number: int) -> WriteTransaction:
    transaction = await driver.begin("", write=True)
    assert isinstance(transaction, WriteTransaction)
    await transaction.execute("INSERT INTO pair VALUES (?, 1)", [number])
    return transaction


def stored(driver: SqliteDriver) -> list[int]:
    with sqlite3.connect(driver._path) as other:
        found = [row[0] for row in other.execute("SELECT id FROM pair ORDER BY id")]
    other.close()
    return found


async def test_rows_carry_their_labels_and_writes_their_counts(driver: SqliteDriver) -> None:
    assert await write(driver, "INSERT INTO pair VALUES (?, ?), (2, NULL)", 1, 5) == 2
    assert await rows(driver, "SELECT id AS number, half FROM pair ORDER BY id") == [
        {"number": 1, "half": 5},
        {"number": 2, "half": None},
    ]
    transaction = await driver.begin("", write=True)
    assert await transaction.rows("UPDATE pair SET half = 7 RETURNING id", ()) == [{"id": 1}, {"id": 2}]
    await transaction.rollback()
    assert await rows(driver, "SELECT half FROM pair WHERE half = 7") == []


async def test_the_writer_makes_every_commit_durable(driver: SqliteDriver) -> None:
    assert driver._writer
    settings = {
        name: driver._writer.file.connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 0}


REFUSED = [
    ("INSERT INTO visit (name) VALUES ('canary'), ('canary')", [], ("unique", "one_fold")),
    ("INSERT INTO visit (id) VALUES (1), (1)", [], ("unique", "visit.id")),
    ("INSERT INTO visit (minutes) VALUES (?)", [700], ("check", "short")),
    ("INSERT INTO visit (held_on) VALUES (?)", [None], ("not_null", "visit.held_on")),
    ("INSERT INTO visit (centre_id) VALUES (?)", ["canary"], ("foreign_key", "")),
    ("INSERT INTO visit (minutes) VALUES (?)", [2**70], UnacceptableValueError),
    ("INSERT INTO visit (minutes) VALUES (?)", ["canary"], UnacceptableValueError),
    ("INSERT INTO visit (name) VALUES (?)", ["canary\ud800"], UnacceptableValueError),
    ("INSERT INTO visit (name) VALUES (?)", [["canary"]], UnacceptableValueError),
    ("INSERT INTO visit (name) VALUES (?)", [], StatementError),
    ("SELECT canary", [], StatementError),
]


@pytest.mark.parametrize(("sql", "args", "expected"), REFUSED)
async def test_a_refusal_says_which_rule_and_never_which_value(
    driver: SqliteDriver, sql: str, args: list[object], expected: Any
) -> None:
    with pytest.raises(DriverError) as refusal:
        await write(driver, sql, *args)
    if isinstance(expected, tuple):
        assert isinstance(refusal.value, ConstraintError)
        assert (refusal.value.kind, refusal.value.constraint) == expected
    else:
        assert type(refusal.value) is expected
    assert refusal.value.__context__ is None
    assert refusal.value.__cause__ is None
    assert "canary" not in repr(refusal.value)
    assert await write(driver, "INSERT INTO pair VALUES (1, 1)") == 1


async def test_a_read_cannot_write_and_sees_one_moment(driver: SqliteDriver) -> None:
    for long in (False, True):
        read = await driver.begin("", write=False, long=long)
        before = await read.rows("SELECT * FROM pair", ())
        await write(driver, "INSERT INTO pair VALUES (1, 1)")
        assert await read.rows("SELECT * FROM pair", ()) == before
        with pytest.raises(StatementError):
            await read.execute("INSERT INTO pair VALUES (1, 1)", ())
        read.release()
        assert len(await rows(driver, "SELECT * FROM pair")) == len(before) + 1


async def test_nobody_sees_and_nobody_is_told_before_the_commit(driver: SqliteDriver) -> None:
    first = await filled(driver, 1)
    waiting = asyncio.create_task(filled(driver, 2))
    await asyncio.sleep(0)
    acknowledged = asyncio.create_task(first.commit())
    second = await waiting
    await asyncio.sleep(0.05)
    assert not acknowledged.done()
    assert stored(driver) == []
    assert await rows(driver, "SELECT * FROM pair") == []
    await second.commit()
    await acknowledged
    assert stored(driver) == [1, 2]


async def test_a_failure_in_a_batch_undoes_itself_alone(driver: SqliteDriver) -> None:
    first = await filled(driver, 1)
    line = [asyncio.create_task(filled(driver, number)) for number in (2, 3)]
    await asyncio.sleep(0)
    acknowledged = asyncio.create_task(first.commit())
    failing = await line[0]
    with pytest.raises(ConstraintError):
        await failing.execute("INSERT INTO visit (minutes) VALUES (700)", ())
    with pytest.raises(StatementError):
        await failing.execute("INSERT INTO pair VALUES (99, 1)", ())
    with pytest.raises(StatementError):
        await failing.commit()
    await failing.rollback()
    await failing.rollback()
    await (await line[1]).commit()
    await acknowledged
    assert stored(driver) == [1, 3]


async def test_when_sqlite_undoes_everything_the_batch_is_told(
    driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert driver._writer
    driver._writer.file.seconds = 0.05
    first = await filled(driver, 1)
    waiting = asyncio.create_task(filled(driver, 2))
    await asyncio.sleep(0)
    acknowledged = asyncio.create_task(first.commit())
    endless = await waiting
    with pytest.raises(StatementTimeoutError):
        await endless.execute(f"INSERT INTO pair {ENDLESS} SELECT i, 1 FROM n", ())
    await endless.rollback()
    with pytest.raises(SerializationError):
        await acknowledged
    assert stored(driver) == []
    await (await filled(driver, 3)).commit()
    assert stored(driver) == [3]


async def test_a_commit_that_fails_acknowledges_nobody(driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    run = sqlite_file.SqliteFile.run

    def failing_run(file: sqlite_file.SqliteFile, sql: str) -> None:
        if sql == "COMMIT":
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
            raise error
        run(file, sql)

    monkeypatch.setattr(sqlite_file.SqliteFile, "run", failing_run)
    outcomes = await asyncio.gather(
        *(write(driver, "INSERT INTO pair VALUES (?, 1)", number) for number in range(5)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {CommitUnknownError}
    monkeypatch.undo()
    assert stored(driver) == []
    await write(driver, "INSERT INTO pair VALUES (7, 1)")
    assert stored(driver) == [7]


async def storm(driver: SqliteDriver) -> tuple[set[int], set[int]]:
    """Write from many tasks, some of which fail or are cancelled; give what was acknowledged and what was refused."""
    acknowledged: set[int] = set()
    refused: set[int] = set()

    async def one(number: int) -> None:
        transaction = await filled(driver, number)
        try:
            if number % 3 == 0:
                await asyncio.sleep(0)
            await transaction.execute("INSERT INTO pair VALUES (?, 2)", [number])
            if number % 5 == 0:
                refused.add(number)
                await transaction.execute("INSERT INTO visit (minutes) VALUES (700)", ())
            await transaction.commit()
            acknowledged.add(number)
        finally:
            await transaction.rollback()

    tasks = {number: asyncio.create_task(one(number)) for number in range(WRITES)}
    for number in range(0, WRITES, 7):
        await asyncio.sleep(0)
        tasks[number].cancel()
    await asyncio.gather(*tasks.values(), return_exceptions=True)
    return acknowledged, refused


async def test_a_storm_of_writers_stores_what_it_acknowledged_whole(
    driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "POOL_SECONDS", 60.0)
    commits = 0
    run = sqlite_file.SqliteFile.run

    def counted_run(file: sqlite_file.SqliteFile, sql: str) -> None:
        nonlocal commits
        commits += sql == "COMMIT"
        run(file, sql)

    monkeypatch.setattr(sqlite_file.SqliteFile, "run", counted_run)
    acknowledged, refused = await storm(driver)
    halves = Counter(stored(driver))
    assert len(acknowledged) > WRITES / 2
    assert acknowledged <= halves.keys()
    assert not refused & halves.keys()
    assert set(halves.values()) == {2}
    assert commits < len(acknowledged) / 4
    assert driver._writer
    assert driver._writer.is_idle


async def test_a_writer_without_savepoints_stores_what_it_refused(
    driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_undo(writer: Writer) -> None:
        writer.file.run("RELEASE member")

    monkeypatch.setattr(drivers, "POOL_SECONDS", 60.0)
    monkeypatch.setattr(Writer, "_undo_member", no_undo)
    _, refused = await storm(driver)
    assert refused & set(stored(driver))


async def test_sixteen_writers_are_served_alike(driver: SqliteDriver) -> None:
    counts = dict.fromkeys(range(16), 0)
    waits: list[float] = []
    until = time.monotonic() + 0.5

    async def writer(name: int) -> None:
        while time.monotonic() < until:
            started = time.monotonic()
            await write(driver, "INSERT INTO pair VALUES (?, 1)", name)
            waits.append(time.monotonic() - started)
            counts[name] += 1

    await asyncio.gather(*(writer(name) for name in counts))
    assert max(counts.values()) - min(counts.values()) <= 2
    waits.sort()
    assert waits[int(len(waits) * 0.99)] < 1.0


async def test_a_turn_is_waited_for_in_order_and_not_for_ever(
    driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drivers, "POOL_SECONDS", 0.1)
    holder = await filled(driver, 1)
    with pytest.raises(PoolTimeoutError):
        await filled(driver, 2)
    line = [asyncio.create_task(write(driver, "INSERT INTO pair VALUES (?, 1)", number)) for number in (3, 4, 5)]
    await asyncio.sleep(0)
    line[1].cancel()
    await holder.commit()
    await asyncio.gather(*line, return_exceptions=True)
    assert stored(driver) == [1, 3, 5]


async def test_a_forgotten_turn_is_taken_away(driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "POOL_SECONDS", 0.05)
    monkeypatch.setattr(sqlite_writer, "IDLE_TRANSACTION_SECONDS", 0.01)
    forgotten = await filled(driver, 1)
    with pytest.raises(PoolTimeoutError):
        await filled(driver, 2)
    await (await filled(driver, 3)).commit()
    with pytest.raises(StatementError):
        await forgotten.commit()
    assert stored(driver) == [3]


async def test_another_process_that_writes_is_waited_for(driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(driver._path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(write(driver, "INSERT INTO pair VALUES (1, 1)"))
    await asyncio.sleep(0.05)
    assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]
    other.execute("COMMIT")
    assert await waiting == 1
    monkeypatch.setattr(sqlite_writer, "LOCK_SECONDS", 0.1)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LockTimeoutError):
        await write(driver, "INSERT INTO pair VALUES (2, 1)")
    other.execute("ROLLBACK")
    other.close()
    assert await write(driver, "INSERT INTO pair VALUES (3, 1)") == 1


async def test_an_endless_read_is_stopped(driver: SqliteDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    driver._readers._seconds = 0.05
    with pytest.raises(StatementTimeoutError):
        await rows(driver, f"{ENDLESS} SELECT count(*) FROM n")
    assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]


async def test_a_long_read_leaves_the_loop_free_and_can_be_cancelled(driver: SqliteDriver) -> None:
    endless = asyncio.create_task(rows(driver, f"{ENDLESS} SELECT count(*) FROM n", long=True))
    await asyncio.sleep(0.05)
    assert await rows(driver, "SELECT 1 AS n") == [{"n": 1}]
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        await endless
    readers = driver._long_readers
    for _ in range(400):
        if len(readers._idle) == readers._count:
            break
        await asyncio.sleep(0.005)
    assert await rows(driver, "SELECT 1 AS n", long=True) == [{"n": 1}]


async def test_readers_beyond_the_limit_wait_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "POOL_SECONDS", 0.05)
    driver = SqliteDriver(tmp_path / "kikan.db", readers=1)
    await driver.start()
    held = await driver.begin("", write=False)
    with pytest.raises(PoolTimeoutError):
        await driver.begin("", write=False)
    waiting = asyncio.create_task(rows(driver, "SELECT 1 AS n"))
    await asyncio.sleep(0)
    held.release()
    assert await waiting == [{"n": 1}]
    await driver.stop()


async def test_a_stopped_driver_refuses_and_keeps_what_it_has(driver: SqliteDriver) -> None:
    await write(driver, "INSERT INTO pair VALUES (1, 1)")
    await driver.stop()
    assert not await driver.is_ready()
    with pytest.raises(DatabaseUnavailableError):
        await driver.begin("", write=True)
    assert stored(driver) == [1]
    await driver.start()
    assert await driver.is_ready()


async def test_a_file_that_is_no_database_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "kikan.db").write_bytes(b"no database" * 100)
    with pytest.raises(DatabaseUnavailableError):
        await SqliteDriver(tmp_path / "kikan.db").start()
    with pytest.raises(DatabaseUnavailableError):
        await SqliteDriver(tmp_path / "missing" / "kikan.db").start()
