"""The session: one caller, one transaction, and nothing that was not made to keep to the caller's reach.

``Session`` takes ``Query`` and ``Write`` objects only. It brings the reach parameters itself, stamps new rows,
refuses rows outside the reach before they are sent, and knows whether the credentials door is open.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson

from domain import clock
from domain.access import NOWHERE, Actor, Permission, Place, PlaceKind, Reach, Role
from domain.columns import new_id
from domain.drivers import ConstraintError, Driver, Transaction
from domain.errors import ConflictError, NotFoundError, RuleError, StaleVersionError
from domain.postgres import PostgresDriver
from domain.reach import Owner
from domain.sqlite import SqliteDriver
from domain.statements import DialectName, Query, Write

Row = dict[str, Any]

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CODE = re.compile(r"[0-9]{6}")
_CALLER = re.compile(r"[A-Za-z0-9:_-]{1,60}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a caller's transactions begin with: the settings of wall two as SQL, the parameters of wall one as values.

    Built once per principal and kept with it.
    """

    actor: Actor
    preamble: str
    door_preamble: str
    values: Mapping[str, Any]


def _setting(name: str, value: str) -> str:
    return f"set_config('app.{name}', '{value}', true)"


def scope_of(actor: Actor, dialect: DialectName) -> Scope:
    """Build the scope of an actor.

    Every id goes into SQL text here, so each is matched against its exact form first; a mismatch is a defect.
    """
    reach = actor.reach
    lists = {
        "centres": reach.centres,
        "own_centres": reach.own_centres,
        "ward_centres": reach.ward_centres,
        "free_centres": reach.free_centres,
        "near_centres": reach.near_centres,
        "municipalities": reach.municipalities,
        "open_municipalities": reach.open_municipalities,
        "offices": reach.offices,
    }
    caller = f"{actor.role}:{actor.subject_id}"
    for name, items in lists.items():
        form = _CODE if name.endswith("municipalities") else _ID
        if not all(form.fullmatch(item) for item in items):
            raise ValueError(f"malformed id in reach: {name}")
    if not _CALLER.fullmatch(caller) or not all(_ID.fullmatch(w.centre_id) for w in reach.windows):
        raise ValueError("malformed caller or window")
    windows = [(w.centre_id, w.from_on.isoformat(), w.to_on.isoformat()) for w in reach.windows]
    settings = [_setting(name, ",".join(items)) for name, items in lists.items() if items]
    settings.append(_setting("caller", caller))
    if windows:
        settings.append(_setting("windows", ",".join("|".join(w) for w in windows)))
    if reach.everywhere:
        settings.append(_setting("everywhere", "1"))
    opened = [s for s in settings if "'app.everywhere'" not in s]
    opened += [_setting("door", "credentials"), _setting("everywhere", "1")]
    values: dict[str, Any] = {f"reach_{name}": list(items) for name, items in lists.items()}
    values |= {
        "reach_windows": [list(w) for w in windows],
        "reach_window_centres": [w.centre_id for w in reach.windows],
        "reach_window_from": [w.from_on for w in reach.windows],
        "reach_window_to": [w.to_on for w in reach.windows],
        "reach_everywhere": 1 if reach.everywhere else 0,
        "reach_caller": caller,
    }
    if dialect == "sqlite":
        values = {n: orjson.dumps(v).decode() if isinstance(v, list) else v for n, v in values.items()}
    return Scope(actor, f"SELECT {', '.join(settings)}", f"SELECT {', '.join(opened)}", values)


NOBODY = Actor(
    role=Role.OPERATOR,
    place=Place(PlaceKind.DEPLOYMENT),
    reach=NOWHERE,
    permissions=frozenset[Permission](),
    subject_id="nobody",
    session_id="none",
    assignment_id="none",
)
"""Who acts before anybody has signed in: no permission, no reach."""


class Session:
    """One transaction of one caller.

    ``now`` and ``today`` are the instant (told in Tokyo time) and the Tokyo day the request began; rules take time from here.
    """

    __slots__ = ("_clock_ticked", "_door", "_transaction", "actor", "dialect", "now", "request_id", "scope", "today")

    def __init__(
        self, transaction: Transaction, scope: Scope, dialect: DialectName, *, door: bool, request_id: str
    ) -> None:
        self._transaction = transaction
        self._door = door
        self._clock_ticked = False
        self.scope = scope
        self.actor = scope.actor
        self.dialect = dialect
        self.request_id = request_id
        self.now: datetime = clock.now()
        self.today: date = self.now.date()

    async def rows(self, query: Query, **values: Any) -> list[Row]:
        """Give all rows of a query, in its order."""
        if query.needs_door and not self._door:
            raise PermissionError("the credentials door is closed")
        made = query.compiled(self.dialect)
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
        made = write.compiled(self.dialect)
        return await self._guarded(made.sql, made.args(self._stamped(write, values), self.scope.values))

    async def change(self, write: Write, **values: Any) -> None:
        """Run an update that must hit the version the caller read.

        Raises:
            StaleVersionError: somebody else was faster.
        """
        if await self.run(write, **values) == 0:
            raise StaleVersionError

    async def store(self, *writes: tuple[Write, Mapping[str, Any]]) -> None:
        """Run several writes, of which none needs another's result, in one trip where the database can."""
        await self._tick()
        if self.dialect == "postgresql" and len(writes) > 1:
            sql, args = self._chained(writes)
            await self._guarded(sql, args)
            return
        for write, values in writes:
            made = write.compiled(self.dialect)
            await self._guarded(made.sql, made.args(self._stamped(write, values), self.scope.values))

    def _chained(self, writes: Sequence[tuple[Write, Mapping[str, Any]]]) -> tuple[str, list[Any]]:
        key = tuple(write for write, _ in writes)
        sql = _CHAINS.get(key)
        if sql is None:
            sql = _chain_of(key)
            if len(_CHAINS) < _MOST_CHAINS:
                _CHAINS[key] = sql
        args: list[Any] = []
        for write, values in writes:
            args += write.compiled(self.dialect).args(self._stamped(write, values), self.scope.values)
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
        self._refuse_foreign(write.owner, values)
        stamped = dict.fromkeys(write.columns)
        stamped |= {"version": 1, "created_at": self.now, "updated_at": self.now}
        stamped["created_by"] = self.actor.subject_id
        if "id" in write.columns and "id" not in values:
            stamped["id"] = new_id()
        unknown = values.keys() - write.columns
        if unknown:
            raise KeyError(f"{write.table.name} has no {sorted(unknown)}")
        stamped.update(values)
        return stamped

    def _refuse_foreign(self, owner: Owner, values: Mapping[str, Any]) -> None:
        """Refuse a new row outside the caller's reach, as if its owner did not exist.

        Raises:
            NotFoundError: the centre, municipality or office of the row is not the caller's.
        """
        if not _MAY_OWN[owner](self.actor.reach, values):
            raise NotFoundError


def _of_centre(reach: Reach, values: Mapping[str, Any]) -> bool:
    return values["centre_id"] in reach.own_centres


def _of_plan(reach: Reach, values: Mapping[str, Any]) -> bool:
    if values["centre_id"] in reach.own_centres:
        return True
    municipality = values.get("municipality_id")
    return values["centre_id"] in reach.ward_centres and (not municipality or municipality in reach.municipalities)


def _of_office(reach: Reach, values: Mapping[str, Any]) -> bool:
    return values["municipality_id"] in reach.open_municipalities


def _of_person(reach: Reach, values: Mapping[str, Any]) -> bool:
    if values.get("centre_id") is not None:
        return values["centre_id"] in reach.own_centres or values["centre_id"] in reach.ward_centres
    return values.get("municipality_id") in reach.open_municipalities


def _of_municipality(reach: Reach, values: Mapping[str, Any]) -> bool:
    return reach.everywhere or values.get("municipality_id", values.get("id")) in reach.municipalities


def _of_place(reach: Reach, values: Mapping[str, Any]) -> bool:
    return reach.everywhere or values.get("centre_id", values.get("id")) in reach.own_centres


def _always(_reach: Reach, _values: Mapping[str, Any]) -> bool:
    return True


_MAY_OWN = {
    Owner.ACTIVITY: _of_centre,
    Owner.ACTIVITY_PART: _of_centre,
    Owner.OFFICE_LINK: _of_centre,
    Owner.SHEET: _of_centre,
    Owner.PLAN: _of_plan,
    Owner.OFFICE: _of_office,
    Owner.PERSON: _of_person,
    Owner.MUNICIPALITY: _of_municipality,
    Owner.CENTRE: _of_place,
    Owner.CALLER: _always,
    Owner.AUDIT: _always,
    Owner.CREDENTIALS: _always,
    Owner.SHARED: _always,
}

_MOST_CHAINS = 512
_CHAINS: dict[tuple[Write, ...], str] = {}
_ARGUMENT = re.compile(r"\$(\d+)")


def _chain_of(writes: Sequence[Write]) -> str:
    """Join writes into one statement of data-changing CTEs, with the arguments numbered on."""
    parts, offset = [], 0
    for position, write in enumerate(writes):
        made = write.compiled("postgresql")
        shifted = _ARGUMENT.sub(lambda m, by=offset: f"${int(m.group(1)) + by}", made.sql)
        parts.append(f"w{position} AS ({shifted})" if position < len(writes) - 1 else shifted)
        offset += len(made.names)
    return f"WITH {', '.join(parts[:-1])} {parts[-1]}"


REFUSALS: dict[str, tuple[str, str, str]] = {
    "user_account_login": ("login_taken", "このログイン名は既に使われています。", "This login is taken."),
    "work_plan_centre_id_fiscal_year": (
        "plan_exists",
        "この年度の事業計画は既にあります。",
        "There is already a plan for this fiscal year.",
    ),
    "external_source_external_id": (
        "external_id_taken",
        "この外部キーは既に使われています。",
        "This external id is already in use.",
    ),
    "office_number": (
        "office_number_taken",
        "この事業所番号は既に登録されています。",
        "This office number is already registered.",
    ),
}
"""What a broken unique constraint means to a person, by a part of its name that both databases give."""


def refusal_of(error: ConstraintError) -> ConflictError | RuleError | NotFoundError:
    """Say in the domain's words what a constraint refused."""
    name = error.constraint.replace(".", "_").replace(",", "_")
    if error.kind == "unique":
        for part, (code, ja, en) in REFUSALS.items():
            if part in name or all(word in name for word in part.split("_")):
                return ConflictError(code, ja, en)
        return ConflictError(
            "already_exists", "同じものが既に登録されています。", "The same thing is already registered."
        )
    if error.kind in ("foreign_key", "row_security"):
        return NotFoundError()
    return RuleError(
        "value_not_allowed",
        "値が許される範囲にないため、保存できません。",
        "A value is outside what is allowed; nothing was stored.",
    )


def changed(row: Row, changes: Mapping[str, Any], session: Session) -> Row:
    """Give a row as it is after a change: the new members, the version one up, changed now."""
    return {**row, **changes, "version": row["version"] + 1, "updated_at": session.now}


class Database:
    """The one database of a process and the only place where sessions are made."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver
        self.dialect: DialectName = driver.name

    async def begin(
        self, scope: Scope, *, write: bool, door: bool = False, long: bool = False, request_id: str = "-"
    ) -> tuple[Session, Transaction]:
        """Begin a transaction for a caller.

        Whoever begins also ends: ``commit``, ``rollback`` or ``release`` on the transaction.
        """
        preamble = scope.door_preamble if door else scope.preamble
        transaction = await self.driver.begin(preamble, write=write, long=long)
        return Session(transaction, scope, self.dialect, door=door, request_id=request_id), transaction


def database_at(address: str, *, pool_size: int = 24, pgbouncer: bool = False) -> Database:
    """Make the database of an address: ``sqlite:///path`` or ``postgresql://…``."""
    if address.startswith("sqlite:///"):
        return Database(SqliteDriver(Path(address.removeprefix("sqlite:///"))))
    return Database(PostgresDriver(address, maximum=pool_size, pgbouncer=pgbouncer))
