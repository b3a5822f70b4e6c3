"""Connections to PostgreSQL: a small last-in-first-out pool that never hands on what it does not know to be clean.

Invariants: a connection belongs to one transaction at a time; one that was cancelled, killed or left in the middle of
a statement is closed, never reused; a read that has been answered leaves its transaction open for at most two
``linger`` periods, because the next transaction ends it in the same message that begins its own. Until then the next
read that would begin with the very same words goes on in it: at READ COMMITTED every statement sees what is committed
when it runs, so that nothing but the trip is saved. After ``READ_SECONDS`` it ends, whoever still reads.
"""

import asyncio
from asyncio import AbstractEventLoop, Task, TimerHandle
from collections.abc import Coroutine
from time import monotonic
from typing import Any

from domain.drivers import DatabaseUnavailableError, WaitingLine
from domain.drivers.postgres_connection import CONNECTION_FAILURES, PooledConnection, connect

CLOSE_SECONDS = 2.0
SWEEP_SECONDS = 1.0


class Pool:
    """At most ``maximum`` connections; who waits is served in order and gives up after ``POOL_SECONDS``."""

    def __init__(self, url: str, *, minimum: int, maximum: int, idle: float, linger: float, pgbouncer: bool) -> None:
        self.url = url
        self.minimum = max(minimum, 1)
        self.maximum = maximum
        self.idle = idle
        self.linger = linger
        self.pgbouncer = pgbouncer
        self._all: set[PooledConnection] = set()
        self._idle: list[PooledConnection] = []
        self._line: WaitingLine[PooledConnection] = WaitingLine(self.give)
        self._opening = 0
        self._closing = 0
        self._tasks: set[Task[None]] = set()
        self._tidier: TimerHandle | None = None
        self._sweeper: TimerHandle | None = None
        self._stopped = True
        self._loop: AbstractEventLoop

    async def start(self) -> None:
        """Open the first connection, so that a wrong address is noticed now."""
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self.give(await self.take())
        self._sweep()

    async def stop(self) -> None:
        """Give transactions in flight ``CLOSE_SECONDS`` to end, then close everything."""
        self._stopped = True
        for timer in (self._tidier, self._sweeper):
            if timer:
                timer.cancel()
        self._tidier = self._sweeper = None
        while self._line.refuse(DatabaseUnavailableError()):
            pass
        self.distrust()
        for _ in range(round(CLOSE_SECONDS / 0.01)):
            if not self._all:
                break
            await asyncio.sleep(0.01)
        for pooled in list(self._all):
            pooled.in_flight_since = monotonic()
            pooled.connection.terminate()
            self._all.discard(pooled)
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def take(self, script: str = "") -> PooledConnection:
        """Lend a connection on which a read of the same ``script`` may go on, else one that is free, else wait."""
        while self._idle:
            pooled = self._idle.pop(self._best(script))
            if not pooled.connection.is_closed():
                return pooled
            self._all.discard(pooled)
        if self._stopped:
            raise DatabaseUnavailableError
        self._open_for_waiters(joining=1)
        return await self._line.wait()

    def _best(self, script: str) -> int:
        """Choose among the idle: the same script, else the last used without a read, else the one longest idle.

        Where every idle connection still holds somebody's read, one more is opened for those to come.
        """
        now = monotonic()
        free = -1
        place = len(self._idle)
        # Every read looks here, past as many as there are callers at once: the cheapest question comes first.
        for pooled in reversed(self._idle):
            place -= 1
            if not pooled.is_open:
                if free < 0:
                    free = place
            elif pooled.reading == script and pooled.goes_on(script, now):
                return place
        if free < 0 and self._size() < self.maximum and not self._opening:
            self._opening += 1
            self._in_background(self._open())
        return max(free, 0)

    def give(self, pooled: PooledConnection, *, at_once: bool = False) -> None:
        """Take a connection back; ``at_once`` ends a transaction that is still open now, not with the next one."""
        if pooled not in self._all:
            return
        connection = pooled.connection
        if pooled.in_flight_since or pooled.is_distrusted or self._stopped or connection.is_closed():
            self._discard(pooled)
            return
        pooled.is_open = connection.is_in_transaction()
        if pooled.is_open and (at_once or self.pgbouncer):
            self._in_background(self._end(pooled))
            return
        if self._line and self._line.serve(pooled):
            return
        pooled.idle_since = monotonic()
        self._idle.append(pooled)
        if pooled.is_open and not self._tidier:
            self._tidier = self._loop.call_later(self.linger, self._tidy)

    def distrust(self) -> None:
        """Close every idle connection, and the lent ones when they come back: the server or its schema has changed."""
        for pooled in self._all:
            pooled.is_distrusted = True
        idle, self._idle = self._idle, []
        for pooled in idle:
            self._discard(pooled)

    def _discard(self, pooled: PooledConnection) -> None:
        self._all.discard(pooled)
        self._closing += 1
        self._in_background(self._close(pooled))

    async def _close(self, pooled: PooledConnection) -> None:
        """Close in the background: the server is told to stop a cancelled statement, so that its locks go now."""
        try:
            await pooled.connection.close(timeout=CLOSE_SECONDS)
        except CONNECTION_FAILURES:
            pooled.connection.terminate()
        finally:
            self._closing -= 1
            self._open_for_waiters()

    async def _end(self, pooled: PooledConnection) -> None:
        try:
            await pooled.run("ROLLBACK")
        except CONNECTION_FAILURES:
            pooled.is_distrusted = True
        finally:
            self.give(pooled)

    def _open_for_waiters(self, *, joining: int = 0) -> None:
        while self._opening < len(self._line) + joining and self._size() < self.maximum:
            self._opening += 1
            self._in_background(self._open())

    def _size(self) -> int:
        return len(self._all) + self._opening + self._closing

    async def _open(self) -> None:
        pooled: PooledConnection | None = None
        sqlstate = ""
        try:
            pooled = await connect(self.url, pgbouncer=self.pgbouncer)
        except CONNECTION_FAILURES as error:
            sqlstate = getattr(error, "sqlstate", None) or "08001"
        finally:
            self._opening -= 1
        if pooled:
            self._all.add(pooled)
            self.give(pooled)
        else:
            # One failed attempt answers one waiter: the others may still be served by connections that come back.
            self._line.refuse(DatabaseUnavailableError(sqlstate))
            self._open_for_waiters()

    def _tidy(self) -> None:
        """End what has been answered and that no later transaction has ended."""
        now = monotonic()
        self._tidier = None
        is_left = False
        for pooled in [pooled for pooled in self._idle if pooled.is_open]:
            if now - pooled.idle_since >= self.linger:
                self._idle.remove(pooled)
                self._in_background(self._end(pooled))
            else:
                is_left = True
        if is_left:
            self._tidier = self._loop.call_later(self.linger, self._tidy)

    def _sweep(self) -> None:
        """Cut off silent servers, forget dead connections, close idle ones beyond the minimum."""
        now = monotonic()
        for pooled in list(self._all):
            if pooled.is_silent(now):
                pooled.connection.terminate()
            elif pooled.connection.is_closed() and not pooled.in_flight_since:
                if pooled in self._idle:
                    self._idle.remove(pooled)
                self._all.discard(pooled)
        for pooled in list(self._idle):
            is_stray = pooled.connection.is_in_transaction() != pooled.is_open
            if is_stray or (now - pooled.idle_since > self.idle and len(self._all) > self.minimum):
                self._idle.remove(pooled)
                self._discard(pooled)
        self._open_for_waiters()
        self._sweeper = self._loop.call_later(SWEEP_SECONDS, self._sweep)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
