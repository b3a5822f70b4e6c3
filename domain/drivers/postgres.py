"""The PostgreSQL driver: asyncpg under a transaction that costs a read two round trips and a write three.

The first message begins the transaction, sets what row-level security reads and ends the read that used the
connection before; a read by the same caller right after another goes on in its transaction and needs none. The last
message of a write is its COMMIT, of a read there is none. A COMMIT counts only when the server says COMMIT and nothing
else: a failed transaction answers ROLLBACK, and one that a standby has not confirmed answers COMMIT with a warning.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Literal

import asyncpg  # type: ignore[import-untyped]

from domain.drivers import (
    LONG_STATEMENT_SECONDS,
    CommitUnknownError,
    DatabaseUnavailableError,
    DriverError,
    StatementError,
)
from domain.drivers.postgres_connection import (
    DURABLE,
    LONG_SILENCE_SECONDS,
    SILENCE_SECONDS,
    TRANSACTION_SETTINGS,
    PooledConnection,
)
from domain.drivers.postgres_failures import FAILURES, OUTDATED, READ_ONLY, failure_of, is_bad_value
from domain.drivers.postgres_pool import Pool

BEGIN_READ = "BEGIN READ ONLY;"
BEGIN_LONG = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    f"SET LOCAL statement_timeout = {LONG_STATEMENT_SECONDS * 1000:.0f};"
)
BEGIN_WRITE = "BEGIN;"


class PostgresTransaction:
    """One transaction on one lent connection."""

    __slots__ = ("_again", "_pool", "_pooled", "_write")

    def __init__(
        self,
        pool: Pool,
        pooled: PooledConnection,
        *,
        write: bool,
        again: Callable[[], Awaitable[PooledConnection]] | None,
    ) -> None:
        """Take a connection on which the transaction has begun.

        ``again`` begins it on another one; only for a read that went on in an older transaction and asked nothing yet.
        """
        self._pool = pool
        self._pooled: PooledConnection | None = pooled
        self._write = write
        self._again = again

    async def rows(self, sql: str, args: Sequence[object]) -> list[Mapping[str, Any]]:
        """Run one statement and give its records."""
        pooled = self._usable()
        try:
            if self._pool.pgbouncer:
                pooled.in_flight_since = monotonic()
                found = await pooled.connection.fetch(sql, *args)
            else:
                statement = pooled.statements.get(sql) or await pooled.prepare(sql)
                pooled.in_flight_since = monotonic()
                found = await statement.fetch(*args)
            pooled.in_flight_since = 0.0
        except FAILURES as error:
            failure = self._failure(pooled, error)
        else:
            self._again = None
            return found  # type: ignore[no-any-return]
        again, self._again = self._again, None
        if again and isinstance(failure, DatabaseUnavailableError):
            # The connection died while nobody used it, which a BEGIN would have noticed.
            self.release()
            self._pool.distrust()
            self._pooled = await again()
            return await self.rows(sql, args)
        raise failure

    async def execute(self, sql: str, args: Sequence[object]) -> int:
        """Run one statement and give the number of rows it changed."""
        pooled = self._usable()
        try:
            if self._pool.pgbouncer:
                pooled.in_flight_since = monotonic()
                tag = await pooled.connection.execute(sql, *args)
            else:
                statement = pooled.statements.get(sql) or await pooled.prepare(sql)
                pooled.in_flight_since = monotonic()
                await statement.fetch(*args)
                tag = statement.get_statusmsg()
            pooled.in_flight_since = 0.0
        except FAILURES as error:
            failure = self._failure(pooled, error)
        else:
            count = tag.rpartition(" ")[2]
            return int(count) if count.isdecimal() else 0
        raise failure

    async def settle(self, preamble: str) -> None:
        """Run the settings of another reach."""
        pooled = self._usable()
        try:
            await pooled.run(preamble)
        except FAILURES as error:
            failure = self._failure(pooled, error)
        else:
            return
        raise failure

    async def commit(self) -> None:
        """Return when the server has said COMMIT without reservation."""
        pooled = self._usable()
        pooled.warnings = 0
        failure: DriverError | None = None
        try:
            tag = await pooled.run("COMMIT")
            if tag != "COMMIT":
                failure = StatementError("25P02")
            elif pooled.warnings:
                failure = CommitUnknownError("01000")
        except FAILURES as error:
            failure = self._failure(pooled, error)
            if pooled.in_flight_since or pooled.connection.is_closed():
                failure = CommitUnknownError(failure.sqlstate)
        finally:
            self.release()
        if failure:
            raise failure

    async def rollback(self) -> None:
        """Undo a write before returning; a read is just released."""
        pooled = self._pooled
        if pooled and self._write and not pooled.in_flight_since:
            try:
                await pooled.run("ROLLBACK")
            except FAILURES:
                pooled.is_distrusted = True
            finally:
                self.release()
        else:
            self.release()

    def release(self) -> None:
        """Hand the connection back; the pool ends what is still open."""
        pooled, self._pooled = self._pooled, None
        if pooled:
            self._pool.give(pooled, at_once=self._write)

    def _usable(self) -> PooledConnection:
        pooled = self._pooled
        if pooled is None:
            raise StatementError("25P01")
        if pooled.in_flight_since:
            raise DatabaseUnavailableError("08003")
        return pooled

    def _failure(self, pooled: PooledConnection, error: Exception) -> DriverError:
        pooled.reading = ""
        sqlstate = getattr(error, "sqlstate", "")
        if sqlstate == READ_ONLY and not self._write:
            pooled.in_flight_since = 0.0
            return StatementError(READ_ONLY)
        if sqlstate == READ_ONLY or isinstance(error, OUTDATED):
            self._pool.distrust()
        # After an answer of the server, or a value refused before it was sent, the connection is in step again.
        if isinstance(error, asyncpg.PostgresError) or is_bad_value(error):
            pooled.in_flight_since = 0.0
        return failure_of(error, is_closed=pooled.connection.is_closed())


class PostgresDriver:
    """One PostgreSQL database, or the primary among several hosts of one URL.

    ``pgbouncer`` is for a pooler in transaction mode: no prepared statements, settings sent with each transaction.
    """

    name: Literal["postgresql"] = "postgresql"

    def __init__(
        self,
        url: str,
        *,
        minimum: int = 1,
        maximum: int = 20,
        idle_seconds: float = 60.0,
        linger_seconds: float = 0.02,
        pgbouncer: bool = False,
    ) -> None:
        self._pool = Pool(
            url, minimum=minimum, maximum=maximum, idle=idle_seconds, linger=linger_seconds, pgbouncer=pgbouncer
        )
        settings = "".join(f"SET LOCAL {name} = '{value}';" for name, value in TRANSACTION_SETTINGS.items())
        self._settings = f"{settings}{DURABLE.format('true')};" if pgbouncer else ""

    async def start(self) -> None:
        """Open the first connection."""
        await self._pool.start()

    async def stop(self) -> None:
        """Close every connection."""
        await self._pool.stop()

    async def begin(self, preamble: str, /, *, write: bool, long: bool = False) -> PostgresTransaction:
        """Begin with one message, or with none where the same caller's read can go on.

        A connection that turns out to be dead is replaced once.
        """
        kind = BEGIN_WRITE if write else BEGIN_LONG if long else BEGIN_READ
        script = f"{kind}{self._settings}{preamble}"
        is_short = not write and not long
        pooled = await self._pool.take(script if is_short else "")
        if is_short and pooled.goes_on(script, monotonic()):
            return PostgresTransaction(
                self._pool, pooled, write=False, again=lambda: self._begun(script, is_short=True, long=False)
            )
        pooled = await self._begun(script, is_short=is_short, long=long, pooled=pooled)
        return PostgresTransaction(self._pool, pooled, write=write, again=None)

    async def _begun(
        self, script: str, *, is_short: bool, long: bool, pooled: PooledConnection | None = None
    ) -> PooledConnection:
        """Give a connection on which a transaction of ``script`` has just begun."""
        failure: DriverError = DatabaseUnavailableError()
        for _ in range(2):
            pooled = pooled or await self._pool.take()
            pooled.silence = LONG_SILENCE_SECONDS if long else SILENCE_SECONDS
            pooled.reading = ""
            try:
                await pooled.run("ROLLBACK;" + script if pooled.is_open else script)
            except FAILURES as error:
                failure = failure_of(error, is_closed=pooled.connection.is_closed())
            else:
                if is_short:
                    pooled.reading, pooled.began = script, monotonic()
                return pooled
            finally:
                if pooled.in_flight_since:
                    self._pool.give(pooled)
            if not isinstance(failure, DatabaseUnavailableError):
                break
            self._pool.distrust()
            pooled = None
        raise failure

    async def is_ready(self) -> bool:
        """Tell whether a transaction can begin on a server that is not a standby."""
        try:
            transaction = await self.begin("", write=False)
            try:
                (row,) = await transaction.rows("SELECT pg_is_in_recovery() AS is_standby", ())
            finally:
                transaction.release()
        except DatabaseUnavailableError:
            return False
        return not row["is_standby"]
