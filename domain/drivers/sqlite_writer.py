"""The one writer of a SQLite file: turns in order of arrival, and one COMMIT for all who finished meanwhile.

    turn ──► statements ──► finish ─┬─ somebody waits, batch is small and young ──► next turn, in a SAVEPOINT
                                    └─ else COMMIT in a thread ──► everyone of the batch is acknowledged

Invariants: a turn is held by one transaction; nobody is acknowledged before the COMMIT that holds its rows has
returned; a transaction that fails undoes itself alone, unless SQLite has already undone everything (a statement that
was interrupted, a full disk), and then everyone of the batch is told to start again. Foreign keys are immediate: one
deferred to the COMMIT would fail the whole batch.
"""

import asyncio
from asyncio import Future
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from domain.drivers import (
    IDLE_TRANSACTION_SECONDS,
    LOCK_SECONDS,
    CommitUnknownError,
    DatabaseUnavailableError,
    DriverError,
    LockTimeoutError,
    PoolTimeoutError,
    SerializationError,
    WaitingLine,
)
from domain.drivers.sqlite_file import SqliteFile, attempt

BATCH_SIZE = 32
BATCH_SECONDS = 0.030
"""So long others may join a batch: a COMMIT costs as much as two or three writes, and sixteen fit into the time."""
FIRST_PAUSE = 0.001
LONGEST_PAUSE = 0.02


class Turn:
    """The right to write, held by one transaction. ``is_over`` once it ended or was taken away."""

    __slots__ = ("in_savepoint", "is_over", "since")

    def __init__(self) -> None:
        self.since = monotonic()
        self.in_savepoint = False
        self.is_over = False


class Writer:
    """Hands out turns and commits batches."""

    def __init__(self, file: SqliteFile) -> None:
        self.file = file
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-commit")
        self._line: WaitingLine[Turn] = WaitingLine(self._pass_on)
        self._held: Turn | None = None
        self._is_committing = False
        self._is_stopped = False
        self._batch: list[Future[None]] = []
        self._batch_since = 0.0

    @property
    def is_idle(self) -> bool:
        """Tell whether nobody writes, waits or is being committed."""
        return self._held is None and not self._is_committing

    async def turn(self) -> Turn:
        """Wait for the turn and open a transaction, or a savepoint in the one that others have filled.

        Raises:
            PoolTimeoutError: the turn did not come in time.
            LockTimeoutError: another process is writing.
        """
        if self._is_stopped:
            raise DatabaseUnavailableError
        if self.is_idle:
            turn = self._held = Turn()
        else:
            turn = await self._wait()
        is_open = False
        try:
            await self._open(turn)
            is_open = True
        finally:
            if not is_open:
                self._pass_on(turn)
        return turn

    async def _wait(self) -> Turn:
        try:
            return await self._line.wait()
        except PoolTimeoutError:
            held = self._held
            if held and monotonic() - held.since > IDLE_TRANSACTION_SECONDS:
                self.undo(held)
            raise

    async def _open(self, turn: Turn) -> None:
        if self._batch:
            self._do("SAVEPOINT member")
            turn.in_savepoint = True
            return
        pause, deadline = FIRST_PAUSE, monotonic() + LOCK_SECONDS
        while True:
            _, failure = attempt(lambda: self.file.run("BEGIN IMMEDIATE"))
            if failure is None:
                return
            if not isinstance(failure, DatabaseUnavailableError):
                raise DatabaseUnavailableError(failure.sqlstate)
            if not isinstance(failure, LockTimeoutError) or monotonic() > deadline:
                raise failure
            # Another process holds the lock; SQLite's own waiting would stop the event loop.
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def finish(self, turn: Turn) -> Future[None]:
        """End the turn; the future is done when the rows are durable, or fails with all of its batch."""
        if turn.in_savepoint:
            self._do("RELEASE member")
        if not self._batch:
            self._batch_since = monotonic()
        acknowledged: Future[None] = asyncio.get_running_loop().create_future()
        self._batch.append(acknowledged)
        self._pass_on(turn)
        return acknowledged

    def undo(self, turn: Turn) -> None:
        """End the turn without a trace. A turn that is over is left alone."""
        if turn.is_over:
            return
        failure = None
        if turn.in_savepoint and self.file.connection.in_transaction:
            # Not in one executescript: that would first commit what is open.
            _, failure = attempt(self._undo_member)
        elif not self._batch:
            _, failure = attempt(self.file.undo)
        if failure or not self.file.connection.in_transaction:
            self._start_again()
        self._pass_on(turn)

    def _undo_member(self) -> None:
        self.file.run("ROLLBACK TO member")
        self.file.run("RELEASE member")

    def _do(self, sql: str) -> None:
        _, failure = attempt(lambda: self.file.run(sql))
        if failure:
            raise failure

    def _start_again(self) -> None:
        """Tell the batch that SQLite has undone all of it."""
        attempt(self.file.undo)
        self._settle(self._taken_batch(), SerializationError)

    def _taken_batch(self) -> list[Future[None]]:
        batch, self._batch = self._batch, []
        return batch

    @staticmethod
    def _settle(batch: list[Future[None]], failure: type[DriverError] | None) -> None:
        for acknowledged in batch:
            if acknowledged.done():
                continue
            if failure:
                acknowledged.set_exception(failure())
            else:
                acknowledged.set_result(None)

    def _pass_on(self, turn: Turn) -> None:
        turn.is_over = True
        if self._held is turn:
            self._held = None
        may_join = not self._batch or (
            len(self._batch) < BATCH_SIZE and monotonic() - self._batch_since < BATCH_SECONDS
        )
        if may_join and self._line:
            self._held = Turn()
            if self._line.serve(self._held):
                return
            self._held = None
        if self._batch:
            self._is_committing = True
            batch = self._taken_batch()
            work = asyncio.get_running_loop().run_in_executor(self._thread, attempt, lambda: self.file.run("COMMIT"))
            work.add_done_callback(lambda done: self._committed(batch, done.result()[1]))

    def _committed(self, batch: list[Future[None]], failure: DriverError | None) -> None:
        self._is_committing = False
        if failure:
            attempt(self.file.undo)
        self._settle(batch, CommitUnknownError if failure else None)
        self._pass_on(Turn())

    async def stop(self, seconds: float) -> None:
        """Refuse new turns, let the running ones end within ``seconds``, close the file."""
        self._is_stopped = True
        while self._line.refuse(DatabaseUnavailableError()):
            pass
        for _ in range(round(seconds / 0.01)):
            if self.is_idle:
                break
            await asyncio.sleep(0.01)
        if self._held:
            self.undo(self._held)
        self._thread.shutdown(wait=True)
        self.file.connection.close()
