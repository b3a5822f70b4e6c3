"""What the two databases look like from above: a driver begins transactions, a transaction runs SQL text.

Errors carry the sqlstate (SQLite: the name of the result code) and, for a broken constraint, its name; never a
driver's message, a value or the driver's exception, because those repeat what people typed.

DriverError
├── DatabaseUnavailableError      nothing is stored; come back after ``retry_after`` seconds
│   ├── PoolTimeoutError          no connection, or no turn to write, became free in time
│   ├── StatementTimeoutError     a statement ran past its deadline
│   ├── LockTimeoutError          somebody else held a lock for too long
│   ├── SerializationError        another transaction got in the way; the whole transaction may be run again at once
│   └── CommitUnknownError        the exception to the rule: the commit was sent, whether it is stored is not known
├── ConstraintError               a constraint refused the rows
├── UnacceptableValueError        a value does not fit its column; also a ValueError
└── StatementError                anything else: a defect of the caller
"""

import asyncio
from asyncio import Future
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, Literal, Protocol, TypeVar

STATEMENT_SECONDS = 2.0
LONG_STATEMENT_SECONDS = 10.0
LOCK_SECONDS = 1.0
POOL_SECONDS = 3.0
IDLE_TRANSACTION_SECONDS = 15.0

Thing = TypeVar("Thing")

ConstraintKind = Literal["unique", "foreign_key", "check", "not_null", "exclusion", "row_security"]


class DriverError(Exception):
    """The database did not do what it was asked; the transaction can only be rolled back."""

    def __init__(self, sqlstate: str = "") -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


class DatabaseUnavailableError(DriverError):
    """The database cannot answer now, and nothing is stored."""

    def __init__(self, sqlstate: str = "", *, retry_after: int = 2) -> None:
        super().__init__(sqlstate)
        self.retry_after = retry_after


class PoolTimeoutError(DatabaseUnavailableError):
    """No connection, or no turn to write, became free in time."""


class StatementTimeoutError(DatabaseUnavailableError):
    """A statement ran past its deadline or was cancelled by an administrator."""


class LockTimeoutError(DatabaseUnavailableError):
    """Somebody else held a lock for too long."""


class SerializationError(DatabaseUnavailableError):
    """Another transaction, or a change of the schema, got in the way; run the whole transaction again."""


class CommitUnknownError(DatabaseUnavailableError):
    """The commit was sent and no trustworthy answer came back: it may or may not be stored."""


class ConstraintError(DriverError):
    """A constraint refused the rows.

    ``constraint`` is its name. SQLite gives ``table.column,table.column`` for an unnamed unique or not-null
    constraint and nothing at all for a foreign key; PostgreSQL gives ``table.column`` for not-null and nothing for
    row security.
    """

    def __init__(self, constraint: str, kind: ConstraintKind, sqlstate: str = "") -> None:
        super().__init__(sqlstate)
        self.args = (sqlstate, kind, constraint)
        self.constraint = constraint
        self.kind: ConstraintKind = kind


class UnacceptableValueError(DriverError, ValueError):
    """A value does not fit the type of its column or parameter."""


class StatementError(DriverError):
    """The statement, or the way it was used, is wrong: a defect of the caller."""


class Transaction(Protocol):
    """One transaction. Its owner ends it exactly once, whatever happens, and never shares it between tasks.

    After any DriverError only ``rollback`` or ``release`` make sense.
    """

    async def rows(self, sql: str, args: Sequence[object]) -> Sequence[Mapping[str, Any]]:
        """Run one statement and give its rows by column label, in the database's order."""
        ...

    async def execute(self, sql: str, args: Sequence[object]) -> int:
        """Run one statement and give the number of rows it changed."""
        ...

    async def settle(self, preamble: str) -> None:
        """Replace what row-level security reads, for the rest of the transaction (PostgreSQL only)."""
        ...

    async def commit(self) -> None:
        """Return only when the transaction is durable.

        Raises:
            CommitUnknownError: the answer was lost on the way.
        """
        ...

    async def rollback(self) -> None:
        """Undo everything; harmless after an error, after the end and when called twice."""
        ...

    def release(self) -> None:
        """End without waiting: what a read does once its answer is made. Uncommitted writes are undone."""
        ...


class Driver(Protocol):
    """One database. Every method runs on the event loop that ``start`` ran on."""

    @property
    def name(self) -> Literal["postgresql", "sqlite"]:
        """Say which dialect the statements must be compiled for."""
        ...

    async def start(self) -> None:
        """Connect.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        ...

    async def stop(self) -> None:
        """Let running transactions end for a moment, then close every connection."""
        ...

    async def begin(self, preamble: str, /, *, write: bool, long: bool = False) -> Transaction:
        """Begin a transaction after running ``preamble``, SQL text without parameters (PostgreSQL only).

        A read without ``write`` cannot write. A ``long`` read sees one snapshot from beginning to end and gets more
        time for each statement.

        Raises:
            DatabaseUnavailableError: in one of its kinds.
        """
        ...

    async def is_ready(self) -> bool:
        """Tell whether a transaction can begin now."""
        ...


class WaitingLine(Generic[Thing]):
    """Tasks that wait for a thing: served in the order of arrival, sent away after ``POOL_SECONDS``.

    ``give_back`` gets a thing whose taker was cancelled in the very moment it was served.
    """

    def __init__(self, give_back: Callable[[Thing], None]) -> None:
        self._waiters: OrderedDict[Future[Thing], None] = OrderedDict()
        self._give_back = give_back

    def __len__(self) -> int:
        return len(self._waiters)

    async def wait(self) -> Thing:
        """Stand in line.

        Raises:
            PoolTimeoutError: not served in time.
        """
        loop = asyncio.get_running_loop()
        waiter: Future[Thing] = loop.create_future()
        self._waiters[waiter] = None
        expiry = loop.call_later(POOL_SECONDS, self._expire, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            self._waiters.pop(waiter, None)
            if waiter.done() and not waiter.cancelled() and not waiter.exception():
                self._give_back(waiter.result())
            raise
        finally:
            expiry.cancel()

    def serve(self, thing: Thing) -> bool:
        """Give a thing to the first in line; tell whether there was anyone."""
        if waiter := self._first():
            waiter.set_result(thing)
        return waiter is not None

    def refuse(self, failure: DriverError) -> bool:
        """Send the first in line away; tell whether there was anyone."""
        if waiter := self._first():
            waiter.set_exception(failure)
        return waiter is not None

    def _first(self) -> Future[Thing] | None:
        while self._waiters:
            waiter, _ = self._waiters.popitem(last=False)
            if not waiter.done():
                return waiter
        return None

    def _expire(self, waiter: Future[Thing]) -> None:
        if waiter in self._waiters:
            del self._waiters[waiter]
            if not waiter.done():
                waiter.set_exception(PoolTimeoutError())
