"""The session: one caller, one transaction, and nothing that was not made to keep to the caller's reach.

``Session`` takes ``Query`` and ``Write`` objects only. It brings the reach parameters itself, stamps new rows,
refuses rows outside the reach before they are sent, and knows whether the credentials door is open.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from domain import clock
from domain.access import Reach, View
from domain.drivers import CommitUnknownError, ConstraintError, Driver, Transaction
from domain.drivers.sqlite import SqliteDriver
from domain.errors import NotFoundError, StaleVersionError
from domain.later import later
from domain.refusals import may_own, refusal_of
from domain.sealing import Seal
from domain.statements import Query, Write, version_in
from domain.statements.chains import chain_of
from domain.statements.columns import new_id
from domain.statements.compiling import DialectName
from domain.statements.scopes import NOBODY, Scope, scope_of

Row = dict[str, Any]
ANY_VERSION = 0
"""No row is at it: a change that names it is told which version there is, and may be asked for again with that one."""
# asyncpg is for PostgreSQL: who stands on SQLite does not wait for it.
postgres = later("domain.drivers.postgres")


class Session:
    """One transaction of one caller.

    ``now`` and ``today`` are the instant, told in Tokyo time, and the Tokyo day the request began. ``seal`` closes what
    the caller carries without reading it.
    """

    __slots__ = (
        "_clock_ticked", "_door", "_transaction", "actor", "dialect", "now", "request_id", "scope", "seal", "today",
    )  # fmt: skip

    def __init__(
        self, transaction: Transaction, scope: Scope, dialect: DialectName, *, door: bool, request_id: str, seal: Seal
    ) -> None:
        self._transaction = transaction
        self._door = door
        self._clock_ticked = False
        self.scope = scope
        self.actor = scope.actor
        self.dialect = dialect
        self.request_id = request_id
        self.seal = seal
        self.now: datetime = clock.now()
        self.today: date = self.now.date()

    async def rows(self, query: Query, **values: Any) -> list[Row]:
        """Give all rows of a query, in its order."""
        if query.needs_door and not self._door:
            raise PermissionError("the credentials door is closed")
        made = query.compiled(self.dialect, self.scope.view)
        return made.read(await self._transaction.rows(made.sql, made.args(values, self.scope.values)))

    async def maybe(self, query: Query, **values: Any) -> Row | None:
        """Give the first row of a query, or None."""
        found = await self.rows(query, **values)
        return found[0] if found else None

    async def one(self, query: Query, **values: Any) -> Row:
        """Give the first row of a query.

        Raises:
            NotFoundError: there is none within reach.
        """
        found = await self.rows(query, **values)
        if not found:
            raise NotFoundError
        return found[0]

    async def run(self, write: Write, **values: Any) -> int:
        """Run one write; give the number of rows it changed."""
        await self._tick()
        made = write.compiled(self.dialect, self.scope.view)
        return await self._guarded(made.sql, made.args(self._stamped(write, values), self.scope.values))

    async def change(self, write: Write, **values: Any) -> None:
        """Run an update that must hit the version the caller read.

        Raises:
            StaleVersionError: somebody else was faster; for ``ANY_VERSION`` with the version that it is at.
        """
        if await self.run(write, **values) == 0:
            if values.get("row_version") == ANY_VERSION:
                now = await self.maybe(version_in(write.table), id=values["row_id"])
                raise StaleVersionError(None if now is None else now["version"])
            raise StaleVersionError

    async def store(self, *writes: tuple[Write, Mapping[str, Any]]) -> None:
        """Run several writes, of which none needs another's result, in one trip where the database can."""
        await self._tick()
        if self.dialect == "postgresql" and len(writes) > 1:
            sql, args = self._chained(writes)
            await self._guarded(sql, args)
            return
        for write, values in writes:
            made = write.compiled(self.dialect, self.scope.view)
            await self._guarded(made.sql, made.args(self._stamped(write, values), self.scope.values))

    def _chained(self, writes: Sequence[tuple[Write, Mapping[str, Any]]]) -> tuple[str, list[Any]]:
        key: tuple[View | Write, ...] = (self.scope.view, *(write for write, _ in writes))
        sql = _CHAINS.get(key)
        if sql is None:
            sql = chain_of([write for write, _ in writes], self.scope.view)
            if len(_CHAINS) < _MOST_CHAINS:
                _CHAINS[key] = sql
        args: list[Any] = []
        for write, values in writes:
            args += write.compiled(self.dialect, self.scope.view).args(self._stamped(write, values), self.scope.values)
        return sql, args

    async def _guarded(self, sql: str, args: Sequence[Any]) -> int:
        try:
            return await self._transaction.execute(sql, args)
        except ConstraintError as error:
            raise refusal_of(error) from None

    async def _tick(self) -> None:
        if self.dialect == "sqlite" and not self._clock_ticked:
            self._clock_ticked = True
            await self._transaction.execute("UPDATE transaction_clock SET value = value + 1 WHERE id = 1", ())

    def _stamped(self, write: Write, values: Mapping[str, Any]) -> Mapping[str, Any]:
        if write.needs_door and not self._door:
            raise PermissionError("the credentials door is closed")
        if write.owner is None:
            return {"updated_at": self.now, **values}
        self._refuse_foreign(write, values)
        stamped = dict.fromkeys(write.columns)
        stamped |= {"version": 1, "created_at": self.now, "updated_at": self.now}
        stamped["created_by"] = self.actor.subject_id
        if "id" in write.columns and "id" not in values:
            stamped["id"] = new_id()
        if not values.keys() <= write.columns:
            raise KeyError(f"{write.table.name} has no {sorted(values.keys() - write.columns)}")
        stamped.update(values)
        return stamped

    def _refuse_foreign(self, write: Write, values: Mapping[str, Any]) -> None:
        """Refuse a new row outside the caller's reach, as if its owner did not exist.

        Raises:
            NotFoundError: the centre, municipality or office of the row is not the caller's.
        """
        if not may_own(write.table.info, self.actor.reach, values):
            raise NotFoundError

    @asynccontextmanager
    async def within_centre(self, centre_id: str) -> AsyncIterator["Session"]:
        """Go on in this transaction as one of the centres that a ward looks at, then come back.

        Only for what a ward's decision brings about in the centre's own records, such as the links of a plan. What is
        read there must never reach the answer.

        Raises:
            NotFoundError: the centre is none of those.
        """
        if centre_id not in self.actor.reach.ward_centres:
            raise NotFoundError
        reach = Reach(centres=(centre_id,), own_centres=(centre_id,))
        scope = scope_of(replace(self.actor, reach=reach), self.dialect)
        await self._transaction.settle(scope.takeover)
        there = Session(self._transaction, scope, self.dialect, door=False, request_id=self.request_id, seal=self.seal)
        there._clock_ticked = self._clock_ticked
        try:
            yield there
        except BaseException:
            # Nobody may go on with the centre's reach, whoever catches this.
            self._transaction.release()
            raise
        self._clock_ticked = there._clock_ticked
        await self._transaction.settle(self.scope.takeover)


async def commit(transaction: Transaction) -> None:
    """Commit. Who is cut off while it runs, by a deadline, does not know whether it is stored, and says so.

    Raises:
        CommitUnknownError: cut off.
        DriverError: as ``Transaction.commit``.
    """
    try:
        await transaction.commit()
    except asyncio.CancelledError:
        raise CommitUnknownError from None


_MOST_CHAINS = 512
_CHAINS: dict[tuple[View | Write, ...], str] = {}


def changed(row: Row, changes: Mapping[str, Any], session: Session) -> Row:
    """Give a row as it is after a change: the new members, the version one up, changed now."""
    return {**row, **changes, "version": row["version"] + 1, "updated_at": session.now}


_IS_DANGEROUS = """
SELECT r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb
    OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relowner = r.oid) AS is_dangerous
FROM pg_roles r WHERE r.rolname = current_user
"""


class Database:
    """The one database of a process and the only place where sessions are made."""

    def __init__(self, driver: Driver, seal: Seal | None = None) -> None:
        self.driver = driver
        self.seal = seal or Seal.of_this_process()
        self.dialect: DialectName = driver.name

    async def begin(
        self, scope: Scope, *, write: bool, door: bool = False, long: bool = False, request_id: str = "-"
    ) -> tuple[Session, Transaction]:
        """Begin a transaction for a caller.

        Whoever begins also ends: ``commit``, ``rollback`` or ``release`` on the transaction.
        """
        preamble = scope.door_preamble if door else scope.preamble
        transaction = await self.driver.begin(preamble, write=write, long=long)
        session = Session(transaction, scope, self.dialect, door=door, request_id=request_id, seal=self.seal)
        return session, transaction

    async def version(self) -> str | None:
        """Give the migration the database stands at, asked in a transaction that could write.

        Raises:
            DriverError: the database does not take writes now.
        """
        transaction = await self.driver.begin("", write=True)
        try:
            rows = await transaction.rows("SELECT version_num FROM alembic_version", ())
        finally:
            await transaction.rollback()
        return str(rows[0]["version_num"]) if rows else None

    async def is_dangerous(self) -> bool:
        """Tell whether this process is connected in a role with powers that the api role must never have."""
        if self.dialect == "sqlite":
            return False
        transaction = await self.driver.begin("", write=False)
        try:
            rows = await transaction.rows(_IS_DANGEROUS, ())
        finally:
            await transaction.rollback()
        return not rows or bool(rows[0]["is_dangerous"])


def database_at(address: str, *, pool_size: int = 24, pgbouncer: bool = False, seal: Seal | None = None) -> Database:
    """Make the database of an address: ``sqlite:///path`` or ``postgresql://…``.

    ``seal`` is what closes the cursors of its lists: the same in all processes that serve the same callers.
    """
    if address.startswith("sqlite:///"):
        return Database(SqliteDriver(Path(address.removeprefix("sqlite:///"))), seal)
    return Database(postgres.PostgresDriver(address, maximum=pool_size, pgbouncer=pgbouncer), seal)


__all__ = [
    "ANY_VERSION",
    "NOBODY",
    "Database",
    "Row",
    "Scope",
    "Session",
    "changed",
    "commit",
    "database_at",
    "scope_of",
]
