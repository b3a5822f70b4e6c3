"""One connection to a SQLite file: how it is opened, how a statement runs, what its errors mean.

Dates, times and lists arrive already as text or numbers. Errors leave the driver's words behind.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from domain.drivers import (
    ConstraintError,
    ConstraintKind,
    DatabaseUnavailableError,
    DriverError,
    LockTimeoutError,
    StatementError,
    StatementTimeoutError,
    UnacceptableValueError,
)

STATEMENTS_KEPT = 1000
STEPS_BETWEEN_LOOKS = 20_000

FAILURES = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)

CONSTRAINT_KINDS: dict[str, ConstraintKind] = {
    "SQLITE_CONSTRAINT_UNIQUE": "unique",
    "SQLITE_CONSTRAINT_PRIMARYKEY": "unique",
    "SQLITE_CONSTRAINT_ROWID": "unique",
    "SQLITE_CONSTRAINT_FOREIGNKEY": "foreign_key",
    "SQLITE_CONSTRAINT_CHECK": "check",
    "SQLITE_CONSTRAINT_TRIGGER": "check",
    "SQLITE_CONSTRAINT_NOTNULL": "not_null",
}
UNAVAILABLE = (
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
    "SQLITE_NOMEM",
    "SQLITE_PROTOCOL",
)
# A strict table refused the type; Python 3.11 has no name for it.
DATATYPE = 3091
UNACCEPTABLE = ("SQLITE_TOOBIG", "SQLITE_MISMATCH", "SQLITE_CONSTRAINT_DATATYPE")


class SqliteFile:
    """A connection used by one transaction at a time, on the event loop or in a thread."""

    __slots__ = ("_deadline", "_labels", "connection", "seconds")

    def __init__(self, path: Path, *, writes: bool, seconds: float) -> None:
        self.seconds = seconds
        self._deadline = 0.0
        self._labels: dict[str, tuple[str, ...]] = {}
        self.connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=STATEMENTS_KEPT, timeout=1.0
        )
        try:
            self._set_up(writes=writes)
        except BaseException:
            self.connection.close()
            raise

    def _set_up(self, *, writes: bool) -> None:
        if writes:
            # WAL and FULL: a commit is on the disk when it returns, and readers never wait for the writer.
            (mode,) = self.connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise sqlite3.NotSupportedError
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
        else:
            self.connection.execute("PRAGMA query_only = ON")
        self.connection.execute("PRAGMA busy_timeout = 0")
        self.connection.set_progress_handler(self._is_late, STEPS_BETWEEN_LOOKS)

    def _is_late(self) -> bool:
        return monotonic() > self._deadline

    def rows(self, sql: str, args: Sequence[object]) -> list[dict[str, Any]]:
        """Run one statement and give its rows by column label, in dicts that are the caller's own."""
        self._deadline = monotonic() + self.seconds
        cursor = self.connection.execute(sql, args)
        if cursor.description is None:
            return []
        labels = self._labels.get(sql)
        if labels is None:
            labels = self._labels[sql] = tuple(column[0] for column in cursor.description)
            if len(self._labels) > STATEMENTS_KEPT:
                del self._labels[next(iter(self._labels))]
        return [dict(zip(labels, row, strict=False)) for row in cursor]

    def count(self, sql: str, args: Sequence[object]) -> int:
        """Run one statement to its end and give the number of rows it changed."""
        self._deadline = monotonic() + self.seconds
        cursor = self.connection.execute(sql, args)
        cursor.fetchall()
        return max(cursor.rowcount, 0)

    def run(self, sql: str) -> None:
        """Begin or end a transaction; no deadline cuts it off."""
        self._deadline = float("inf")
        self.connection.execute(sql)

    def undo(self) -> None:
        """Roll back whatever is open."""
        if self.connection.in_transaction:
            self.run("ROLLBACK")


def attempt(work: Callable[[], Any]) -> tuple[Any, DriverError | None]:
    """Do it; give its result or its translated failure, so that nobody raises while the driver's exception is near."""
    try:
        return work(), None
    except FAILURES as error:
        return None, failure_of(error)


def failure_of(error: Exception) -> DriverError:
    """Translate an exception of sqlite3."""
    name: str = getattr(error, "sqlite_errorname", "")
    if getattr(error, "sqlite_errorcode", 0) == DATATYPE:
        name = "SQLITE_CONSTRAINT_DATATYPE"
    if kind := CONSTRAINT_KINDS.get(name):
        return ConstraintError(constraint_in(str(error), kind), kind, name)
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LockTimeoutError(name)
    if name == "SQLITE_INTERRUPT":
        return StatementTimeoutError(name)
    if name.startswith(UNAVAILABLE):
        return DatabaseUnavailableError(name)
    is_unbindable = not name and (isinstance(error, OverflowError | UnicodeError) or "binding parameter" in str(error))
    if is_unbindable or name.startswith(UNACCEPTABLE):
        return UnacceptableValueError(name)
    return StatementError(name)


def constraint_in(message: str, kind: ConstraintKind) -> str:
    """Find the constraint's name in a message, which holds names of the schema and never a value.

    >>> constraint_in("CHECK constraint failed: ck_visit_minutes", "check")
    'ck_visit_minutes'
    >>> constraint_in("UNIQUE constraint failed: index 'uq_plan_year'", "unique")
    'uq_plan_year'
    >>> constraint_in("UNIQUE constraint failed: plan.centre_id, plan.fiscal_year", "unique")
    'plan.centre_id,plan.fiscal_year'
    """
    if kind == "foreign_key":
        return ""
    names = message.rpartition("constraint failed: ")[2].removeprefix("index ").strip("'")
    return names.replace(", ", ",")
