"""What PostgreSQL and asyncpg refuse, in the words of all drivers; no message of theirs is passed on, nor any value."""

import asyncpg  # type: ignore[import-untyped]

from domain.drivers import (
    ConstraintError,
    ConstraintKind,
    DatabaseUnavailableError,
    DriverError,
    LockTimeoutError,
    SerializationError,
    StatementError,
    StatementTimeoutError,
    UnacceptableValueError,
)
from domain.drivers.postgres_connection import CONNECTION_FAILURES

FAILURES = (*CONNECTION_FAILURES, ValueError)

CONSTRAINT_KINDS: dict[str, ConstraintKind] = {
    "23505": "unique",
    "23503": "foreign_key",
    "23001": "foreign_key",
    "23514": "check",
    "23502": "not_null",
    "23P01": "exclusion",
}
# For a write: the server has become a standby.
READ_ONLY = "25006"
BY_SQLSTATE: dict[str, type[DatabaseUnavailableError]] = {
    "57014": StatementTimeoutError,
    "55P03": LockTimeoutError,
    "40001": SerializationError,
    "40P01": SerializationError,
    "26000": SerializationError,
    "25P03": DatabaseUnavailableError,
    READ_ONLY: DatabaseUnavailableError,
}
UNAVAILABLE_CLASSES = ("08", "53", "57", "58", "XX", "F0")
# A plan made before a migration, or made in a server process that a pooler has since exchanged.
OUTDATED = (asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError, asyncpg.InvalidSQLStatementNameError)


def is_bad_value(error: Exception) -> bool:
    """Tell a value that asyncpg refuses to send from asyncpg's other refusals; its class for it has no public name."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)


def constraint_failure(error: Exception, sqlstate: str) -> ConstraintError | None:
    """Name the constraint that refused the rows, if one did."""
    kind = CONSTRAINT_KINDS.get(sqlstate)
    if kind is None:
        is_policy = sqlstate == "42501" and getattr(error, "server_source_function", "") == "ExecWithCheckOptions"
        return ConstraintError("", "row_security", sqlstate) if is_policy else None
    constraint = getattr(error, "constraint_name", None) or ""
    if kind == "not_null" and not constraint:
        constraint = f"{getattr(error, 'table_name', '')}.{getattr(error, 'column_name', '')}"
    return ConstraintError(constraint, kind, sqlstate)


def failure_of(error: Exception, *, is_closed: bool = False) -> DriverError:
    """Translate a driver's exception, leaving its words behind."""
    sqlstate = getattr(error, "sqlstate", None) or ""
    if failure := constraint_failure(error, sqlstate):
        return failure
    if isinstance(error, OUTDATED):
        return SerializationError(sqlstate, retry_after=1)
    if sqlstate.startswith(("22", "54")) or is_bad_value(error):
        return UnacceptableValueError(sqlstate or "22000")
    if sqlstate in BY_SQLSTATE or sqlstate.startswith(UNAVAILABLE_CLASSES):
        return BY_SQLSTATE.get(sqlstate, DatabaseUnavailableError)(sqlstate)
    if is_closed or isinstance(error, OSError | asyncpg.InternalClientError):
        return DatabaseUnavailableError("08006")
    return StatementError(sqlstate)
