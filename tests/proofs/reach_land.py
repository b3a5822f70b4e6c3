"""A land of seven municipalities and five centres, as rows of every owned table; and who sees which, told a second time.

The rules here are written from docs/access.md alone, in plain Python over the rows, and share nothing with the
product's predicates or policies: they are what both walls are compared with.
"""

import random
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, Date, DateTime, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from domain.access import Place, PlaceKind, Role
from domain.clock import today
from domain.tables import load_tables

Row = dict[str, Any]
TODAY = today()
THIS_YEAR = date(TODAY.year if TODAY.month > 3 else TODAY.year - 1, 4, 1)
LAST_YEAR = THIS_YEAR.replace(year=THIS_YEAR.year - 1)
BEFORE = THIS_YEAR.replace(year=THIS_YEAR.year - 2)
OPENED = THIS_YEAR.replace(year=THIS_YEAR.year - 4)
MUNICIPALITIES = ("011002", "131105", "132012", "141003", "271004", "401005", "431001")
VISIBILITIES = ("centre", "municipality", "offices_involved", "published")
_LISTED = re.compile(r"^(\w+) IN \((.+)\)$")


@dataclass(frozen=True)
class Caller:
    """One way of standing in the land."""

    name: str
    role: Role
    place: Place
    municipality: str | None
    subject_id: str

    @property
    def is_centre(self) -> bool:
        return self.place.kind is PlaceKind.CENTRE

    @property
    def is_office(self) -> bool:
        return self.place.kind is PlaceKind.OFFICE

    @property
    def is_ward(self) -> bool:
        return self.place.kind is PlaceKind.MUNICIPALITY

    @property
    def is_operator(self) -> bool:
        return self.place.kind is PlaceKind.DEPLOYMENT


@dataclass
class Land:
    """All rows by table name, and the callers."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    callers: list[Caller] = field(default_factory=list)

    def caller(self, name: str) -> Caller:
        return next(caller for caller in self.callers if caller.name == name)

    def covers(self, centre: str, municipality: str | None, first: date, last: date) -> bool:
        """Tell whether a centre covered a municipality on any of the days."""
        return any(
            row["centre_id"] == centre
            and row["municipality_id"] == municipality
            and row["valid_from"] <= min(last, TODAY)
            and (row["valid_to"] is None or row["valid_to"] >= first)
            for row in self.rows["centre_coverage"]
        )

    def sees(self, caller: Caller, table: Table, row: Row) -> bool:
        """Tell whether a row is in a caller's reach."""
        return RULES[str(table.info["owned"])](self, caller, row, table)

    def seen_by(self, caller: Caller) -> "Land":
        """Give the land that holds only what a caller reaches, and what belongs to nobody."""
        return Land(
            {
                name: [row for row in rows if self.sees(caller, SQLModel.metadata.tables[name], row)]
                for name, rows in self.rows.items()
            },
            self.callers,
        )


def _ever_covered(land: Land, centre: str | None, municipality: str | None) -> bool:
    return centre is not None and land.covers(centre, municipality, date.min, TODAY)


def _for_it(row: Row, municipality: str | None) -> bool:
    return row["municipality_id"] in (None, municipality)


def _activity(land: Land, caller: Caller, row: Row, _table: Table | None = None) -> bool:
    if caller.is_centre:
        return bool(row["centre_id"] == caller.place.id)
    if caller.is_ward:
        day = row["occurs_on"]
        is_theirs = row["visibility"] != "centre" and _for_it(row, caller.municipality)
        return is_theirs and land.covers(row["centre_id"], caller.municipality, day, day)
    if caller.is_office:
        if row["deleted_at"] is not None or not _ever_covered(land, row["centre_id"], caller.municipality):
            return False
        takes_part = caller.place.id in row["office_ids"]
        if row["visibility"] == "published":
            return takes_part or _for_it(row, caller.municipality)
        return takes_part and row["visibility"] == "offices_involved"
    return False


def _parent(land: Land, row: Row, table: Table) -> Row:
    wanted = row[table.info.get("parent", "activity_id")]
    return next(activity for activity in land.rows["activity"] if activity["id"] == wanted)


def _activity_part(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    return _activity(land, caller, _parent(land, row, table))


def _activity_link(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    return not caller.is_office and _activity_part(land, caller, row, table)


def _office_link(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    if not _activity_part(land, caller, row, table):
        return False
    if caller.is_office:
        return bool(row["office_id"] == caller.place.id)
    return caller.is_centre or _for_it(row, caller.municipality)


def _sheet(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    return _office_link(land, caller, row, table) and (not caller.is_ward or row["shared_with_ward"])


def _plan(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    if caller.is_centre:
        return bool(row["centre_id"] == caller.place.id)
    if not caller.is_ward or row["municipality_id"] not in (None, "", caller.municipality):
        return False
    first, last = table.info.get("from_on"), table.info.get("to_on")
    if first is None or last is None:
        return _ever_covered(land, row["centre_id"], caller.municipality)
    return land.covers(row["centre_id"], caller.municipality, row[first], row[last])


def _rollup(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    return _plan(land, caller, row, table) and (caller.is_centre or not row["is_centre_only"])


def _is_open(land: Land, caller: Caller, municipality: str | None) -> bool:
    if municipality is None:
        return False
    if caller.is_centre:
        return land.covers(caller.place.id, municipality, TODAY, TODAY)
    return caller.is_ward and municipality == caller.municipality


def _office(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    own = caller.is_office and row[table.info.get("office", "office_id")] == caller.place.id
    return own or _is_open(land, caller, row["municipality_id"])


def _person(land: Land, caller: Caller, row: Row, _table: Table) -> bool:
    if row["centre_id"] is not None:
        of_own = caller.is_centre and row["centre_id"] == caller.place.id
        return of_own or (caller.is_ward and _ever_covered(land, row["centre_id"], caller.municipality))
    if caller.is_office:
        return bool(row["office_id"] == caller.place.id)
    return _is_open(land, caller, row["municipality_id"])


def _municipality(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    code = row[table.info.get("municipality", "municipality_id")]
    if caller.is_centre:
        return any(
            c["municipality_id"] == code and c["centre_id"] == caller.place.id for c in land.rows["centre_coverage"]
        )
    return caller.is_operator or code == caller.municipality


def _centre(land: Land, caller: Caller, row: Row, table: Table) -> bool:
    centre = row[table.info.get("centre", "centre_id")]
    if caller.is_centre:
        return bool(centre == caller.place.id)
    return caller.is_operator or _ever_covered(land, centre, caller.municipality)


def _own(_land: Land, caller: Caller, row: Row, _table: Table) -> bool:
    return bool(row["caller_id"] == f"{caller.role}:{caller.subject_id}")


RULES: dict[str, Callable[[Land, Caller, Row, Table], bool]] = {
    "activity": _activity,
    "activity_details": _activity,
    "activity_part": _activity_part,
    "activity_link": _activity_link,
    "office_link": _office_link,
    "sheet": _sheet,
    "plan": _plan,
    "rollup": _rollup,
    "office": _office,
    "person": _person,
    "municipality": _municipality,
    "centre": _centre,
    "caller": _own,
    "audit": lambda *_: False,
    "credentials": lambda *_: False,
    "shared": lambda *_: True,
}


class Maker:
    """Makes rows that every CHECK accepts; what a row is about is given, the rest is filled in by kind."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.land = Land()

    def id(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def put(self, name: str, /, **given: Any) -> Row:
        table = SQLModel.metadata.tables[name]
        codes = codes_of(name)
        unknown = given.keys() - table.columns.keys()
        assert not unknown, (name, unknown)
        row = {c.name: given[c.name] if c.name in given else self._filled(c, codes.get(c.name)) for c in table.columns}
        self.land.rows.setdefault(name, []).append(row)
        return row

    def _filled(self, column: Any, codes: tuple[str, ...] | None) -> Any:
        kind = column.type
        if column.nullable:
            return None
        if codes:
            return self.dice.choice(codes)
        if isinstance(kind, Uuid):
            return self.id()
        if isinstance(kind, ARRAY):
            return []
        if isinstance(kind, Date):
            return LAST_YEAR
        if isinstance(kind, DateTime):
            return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        if isinstance(kind, BigInteger):
            return self.dice.randrange(1, 9)
        if isinstance(kind, Boolean):
            return self.dice.random() < 0.5
        if isinstance(kind, JSONB):
            return {"a": [1, None, "訪問"]}
        return f"{self.dice.randrange(1000):04d}"

    def day(self) -> date:
        return OPENED + timedelta(days=self.dice.randrange(5 * 365))


@lru_cache
def codes_of(name: str) -> dict[str, tuple[str, ...]]:
    """Give the codes that the CHECKs of a table allow, by column."""
    found: dict[str, tuple[str, ...]] = {}
    for check in SQLModel.metadata.tables[name].constraints:
        if isinstance(check, CheckConstraint) and (listed := _LISTED.match(str(check.sqltext))):
            found[listed.group(1)] = tuple(re.findall(r"'([^']*)'", listed.group(2)))
    return found


def owned_tables() -> Iterator[Table]:
    """Give every table that declares an owner which a reach can narrow."""
    load_tables()
    hidden = ("audit", "credentials", "shared")
    return (table for table in SQLModel.metadata.sorted_tables if str(table.info["owned"]) not in hidden)
