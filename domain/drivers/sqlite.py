"""The SQLite driver: reads on the event loop, long reads in threads, writes through one writer.

A read of our size takes SQLite some 20 microseconds, less than handing it to a thread; only what may take long, the
COMMIT with its fsync and the exports, leaves the event loop.
"""

import asyncio
import sqlite3
from asyncio import Future
from collections.abc import Callable, Sequence
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, TypeVar

from domain.drivers import (
    LONG_STATEMENT_SECONDS,
    STATEMENT_SECONDS,
    DatabaseUnavailableError,
    DriverError,
    StatementError,
    WaitingLine,
)
from domain.drivers.sqlite_file import FAILURES, SqliteFile, attempt, failure_of
from domain.drivers.sqlite_writer import Turn, Writer

OLDEST = (3, 38, 0)
STOP_SECONDS = 2.0

Found = TypeVar("Found")


class Readers:
    """At most ``maximum`` connections that cannot write, the last used first."""

    def __init__(self, path: Path, *, maximum: int, seconds: float) -> None:
        self._path = path
        self._maximum = maximum
        self._seconds = seconds
        self._idle: list[SqliteFile] = []
        self._count = 0
        self._line: WaitingLine[SqliteFile] = WaitingLine(self.give)

    async def take(self) -> SqliteFile:
        """Lend a connection, opening one if none is idle.

        Raises:
            PoolTimeoutError: all are lent for too long.
        """
        if self._idle:
            return self._idle.pop()
        if self._count >= self._maximum:
            return await self._line.wait()
        self._count += 1
        file, failure = attempt(lambda: SqliteFile(self._path, writes=False, seconds=self._seconds))
        if failure:
            self._count -= 1
            raise failure
        return file  # type: ignore[no-any-return]

    def give(self, file: SqliteFile) -> None:
        """Take a connection back; one that cannot roll back is replaced."""
        _, failure = attempt(file.undo)
        if failure:
            file.connection.close()
            file, failure = attempt(lambda: SqliteFile(self._path, writes=False, seconds=self._seconds))
        if failure:
            self._count -= 1
        elif not self._line.serve(file):
            self._idle.append(file)

    async def stop(self, seconds: float) -> None:
        """Close what comes back within ``seconds``; no write is lost with the rest."""
        for _ in range(round(seconds / 0.01)):
            if len(self._idle) == self._count:
                break
            await asyncio.sleep(0.01)
        for file in self._idle:
            file.connection.close()
        self._idle.clear()
        self._count = 0


class ReadTransaction:
    """One snapshot; with ``threads`` its statements run beside the event loop."""

    __slots__ = ("_file", "_readers", "_threads", "_work")

    def __init__(self, readers: Readers, file: SqliteFile, threads: ThreadPoolExecutor | None) -> None:
        self._readers = readers
        self._file: SqliteFile | None = file
        self._threads = threads
        self._work: ThreadFuture[tuple[Any, DriverError | None]] | None = None

    async def rows(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        """Run one statement and give its rows by column label."""
        return await self._run(lambda file: file.rows(sql, args)) if self._threads else self._now(sql, args)

    async def execute(self, sql: str, args: Sequence[object]) -> int:
        """Run one statement, which on this connection can change nothing."""
        return await self._run(lambda file: file.count(sql, args))

    async def settle(self, _preamble: str) -> None:
        """Nothing to do: there is no row-level security here."""

    async def commit(self) -> None:
        """End the snapshot."""
        self.release()

    async def rollback(self) -> None:
        """End the snapshot."""
        self.release()

    def release(self) -> None:
        """Hand the connection back, as soon as a thread that may still use it has stopped."""
        file, self._file = self._file, None
        if not file:
            return
        if self._work and not self._work.done():
            file.connection.interrupt()
            give, loop = self._readers.give, asyncio.get_running_loop()
            self._work.add_done_callback(lambda _: loop.call_soon_threadsafe(give, file))
        else:
            self._readers.give(file)

    def _usable(self) -> SqliteFile:
        if self._file is None or (self._work and not self._work.done()):
            raise StatementError("SQLITE_MISUSE")
        return self._file

    def _now(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        try:
            return self._usable().rows(sql, args)
        except FAILURES as error:
            failure = failure_of(error)
        raise failure

    async def _run(self, work: Callable[[SqliteFile], Found]) -> Found:
        file = self._usable()
        if self._threads:
            self._work = self._threads.submit(attempt, lambda: work(file))
            result, failure = await asyncio.wrap_future(self._work)
        else:
            result, failure = attempt(lambda: work(file))
        if failure:
            raise failure
        return result  # type: ignore[no-any-return]


class WriteTransaction:
    """One turn of the writer. After an error it can only be rolled back, as on PostgreSQL."""

    __slots__ = ("_failed", "_turn", "_writer")

    def __init__(self, writer: Writer, turn: Turn) -> None:
        self._writer = writer
        self._turn = turn
        self._failed = False

    async def rows(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        """Run one statement and give its rows by column label."""
        return self._run(lambda file: file.rows(sql, args))

    async def execute(self, sql: str, args: Sequence[object]) -> int:
        """Run one statement and give the number of rows it changed."""
        return self._run(lambda file: file.count(sql, args))

    async def settle(self, _preamble: str) -> None:
        """Nothing to do: there is no row-level security here."""

    async def commit(self) -> None:
        """Return when the rows are on the disk."""
        if self._failed or self._turn.is_over:
            raise StatementError("SQLITE_ABORT")
        acknowledged: Future[None] = self._writer.finish(self._turn)
        await acknowledged

    async def rollback(self) -> None:
        """Undo everything."""
        self.release()

    def release(self) -> None:
        """Undo everything and let the next one write."""
        self._writer.undo(self._turn)

    def _run(self, work: Callable[[SqliteFile], Found]) -> Found:
        if self._failed or self._turn.is_over:
            raise StatementError("SQLITE_ABORT")
        result, failure = attempt(lambda: work(self._writer.file))
        if failure:
            self._failed = True
            raise failure
        return result  # type: ignore[no-any-return]


class SqliteDriver:
    """One SQLite file, which exists or is made; not a database in memory, which readers could not see."""

    name: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path | str, *, readers: int = 20, long_readers: int = 2) -> None:
        self._path = Path(path)
        self._long_count = long_readers
        self._readers = Readers(self._path, maximum=readers, seconds=STATEMENT_SECONDS)
        self._long_readers = Readers(self._path, maximum=long_readers, seconds=LONG_STATEMENT_SECONDS)
        self._threads: ThreadPoolExecutor
        self._writer: Writer | None = None

    async def start(self) -> None:
        """Open the file for writing."""
        if sqlite3.sqlite_version_info < OLDEST:
            raise DatabaseUnavailableError("SQLITE_ERROR")
        file, failure = attempt(lambda: SqliteFile(self._path, writes=True, seconds=STATEMENT_SECONDS))
        if failure:
            raise DatabaseUnavailableError(failure.sqlstate)
        self._threads = ThreadPoolExecutor(self._long_count, thread_name_prefix="sqlite-read")
        self._writer = Writer(file)

    async def stop(self) -> None:
        """End the readers first: the writer, closing last, folds the log into the file."""
        if self._writer:
            await self._long_readers.stop(STOP_SECONDS)
            await self._readers.stop(STOP_SECONDS)
            self._threads.shutdown(wait=True)
            await self._writer.stop(STOP_SECONDS)
            self._writer = None

    async def begin(self, _: str, /, *, write: bool, long: bool = False) -> ReadTransaction | WriteTransaction:
        """Take a turn to write, or a snapshot to read; SQLite has no use for a preamble."""
        if self._writer is None:
            raise DatabaseUnavailableError
        if write:
            return WriteTransaction(self._writer, await self._writer.turn())
        readers = self._long_readers if long else self._readers
        file = await readers.take()
        failure = attempt(lambda: file.run("BEGIN"))[1]
        if failure:
            readers.give(file)
            raise failure
        return ReadTransaction(readers, file, self._threads if long else None)

    async def is_ready(self) -> bool:
        """Tell whether a read can begin now."""
        try:
            transaction = await self.begin("", write=False)
            try:
                await transaction.rows("SELECT 1", ())
            finally:
                transaction.release()
        except DatabaseUnavailableError:
            return False
        return True
