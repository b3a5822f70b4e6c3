"""One connection to PostgreSQL: how it is opened, what it speaks, and what the pool knows about it."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import asyncpg  # type: ignore[import-untyped]
import orjson
from asyncpg.prepared_stmt import PreparedStatement  # type: ignore[import-untyped]

from domain.drivers import (
    IDLE_TRANSACTION_SECONDS,
    LOCK_SECONDS,
    LONG_STATEMENT_SECONDS,
    STATEMENT_SECONDS,
)

STATEMENTS_KEPT = 1000
CONNECT_SECONDS = 3.0
READ_SECONDS = 0.25
SILENCE_SECONDS = STATEMENT_SECONDS + 3.0
LONG_SILENCE_SECONDS = LONG_STATEMENT_SECONDS + 3.0

TRANSACTION_SETTINGS = {
    "plan_cache_mode": "force_generic_plan",
    "statement_timeout": f"{STATEMENT_SECONDS * 1000:.0f}",
    "lock_timeout": f"{LOCK_SECONDS * 1000:.0f}",
    "idle_in_transaction_session_timeout": f"{IDLE_TRANSACTION_SECONDS * 1000:.0f}",
    "client_min_messages": "warning",
}
SESSION_SETTINGS = {"application_name": "kikan", "TimeZone": "Asia/Tokyo", "DateStyle": "ISO, YMD"}
DURABLE = "SELECT set_config('synchronous_commit', 'on', {}) WHERE current_setting('synchronous_commit') = 'off'"

# InternalClientError: asyncpg's own surprise when the server's last words arrive on an idle connection.
CONNECTION_FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


@dataclass(slots=True, eq=False)
class PooledConnection:
    """One connection and what the pool knows about it."""

    connection: asyncpg.Connection
    statements: dict[str, PreparedStatement] = field(default_factory=dict)
    in_flight_since: float = 0.0
    idle_since: float = 0.0
    silence: float = SILENCE_SECONDS
    suspected: float = 0.0
    is_open: bool = False
    is_distrusted: bool = False
    warnings: int = 0
    reading: str = ""
    began: float = 0.0

    def is_silent(self, now: float) -> bool:
        """Tell whether the server has been silent too long, asked for the second time about the same statement.

        The first time may be the process itself coming back from standing still, with an answer that it has not read.
        """
        since = self.in_flight_since
        if not since or now - since <= self.silence:
            return False
        is_confirmed = self.suspected == since
        self.suspected = since
        return is_confirmed

    def goes_on(self, script: str, now: float) -> bool:
        """Tell whether the read transaction that lies open began with ``script`` and may still serve."""
        return self.is_open and self.reading == script and now - self.began < READ_SECONDS

    def __post_init__(self) -> None:
        self.connection.add_log_listener(self._hear)

    def _hear(self, _: object, message: asyncpg.PostgresLogMessage) -> None:
        self.warnings += message.severity_en == "WARNING"

    async def run(self, script: str) -> str:
        """Send one message of SQL text; give the tag of its last command."""
        self.in_flight_since = monotonic()
        tag: str = await self.connection.execute(script)
        self.in_flight_since = 0.0
        return tag

    async def prepare(self, sql: str) -> PreparedStatement:
        """Prepare a statement once for the life of the connection."""
        self.in_flight_since = monotonic()
        statement = await self.connection.prepare(sql)
        if len(self.statements) >= STATEMENTS_KEPT:
            del self.statements[next(iter(self.statements))]
        self.statements[sql] = statement
        return statement


async def connect(url: str, *, pgbouncer: bool) -> PooledConnection:
    """Open a connection that speaks our types: uuid as str, json as objects, instants as aware datetimes in +09:00."""
    settings = SESSION_SETTINGS if pgbouncer else SESSION_SETTINGS | TRANSACTION_SETTINGS
    connection = await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, statement_cache_size=0 if pgbouncer else 100, server_settings=settings
    )
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            for name in ("json", "jsonb"):
                await connection.set_type_codec(
                    name, schema="pg_catalog", encoder=lambda value: orjson.dumps(value).decode(), decoder=orjson.loads
                )
            await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)
            await connection.set_type_codec(
                "timestamptz", schema="pg_catalog", encoder=aware_text, decoder=datetime.fromisoformat
            )
            if not pgbouncer:
                await connection.execute(DURABLE.format("false"))
    except BaseException:
        connection.terminate()
        raise
    return PooledConnection(connection)


def aware_text(instant: datetime) -> str:
    """Write an instant for PostgreSQL; one without an offset would be read as whatever the session thinks."""
    if instant.utcoffset() is None:
        raise ValueError("an instant needs an offset")
    return instant.isoformat()
