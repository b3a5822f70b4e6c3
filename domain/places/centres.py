"""Base consultation centres (基幹相談支援センター): what they cover, when they are open, who works there.

Centre and municipality are many-to-many: one municipality may have two centres, one centre may cover three
municipalities. Coverage begins on the first day of a month and ends on the last day of one, so that monthly counts
belong to a municipality or do not. Source: seed 002 (Uki), seed 004 (Adachi); law article 77-2.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, bindparam, select, update
from sqlmodel import SQLModel, col

from domain.database import Row, Session
from domain.statements import change, update_of, within_reach
from domain.statements.columns import Big, Codes, Day, Flag, Id, Instant, column, key, one_of, ref, rule, words
from domain.statements.compiling import TransactionNumber
from domain.statements.owners import Owner, owned

OPERATION_MODES = ("direct", "commissioned", "designated_manager")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Centre(SQLModel, table=True):
    """One centre. ``does_direct_support`` tells whether it also supports persons itself (Adachi's second centre)."""

    __tablename__ = "centre"
    __table_args__ = (
        one_of("operation_mode", *OPERATION_MODES),
        rule("closes_after_opening", "closed_on IS NULL OR closed_on >= opened_on"),
        Index("ix_centre_changed_tx", "changed_tx"),
        owned(Owner.CENTRE, centre="id"),
    )

    id: str = key()
    name: str = words(100)
    name_kana: str = words(200)
    name_folded: str = words(400)
    nickname: str | None = words(60, optional=True)
    operation_mode: str = words(24)
    operator_name: str | None = words(100, optional=True)
    does_direct_support: bool = column(Flag())
    functions: list[str] = column(Codes())
    opened_on: date = column(Day())
    closed_on: date | None = column(Day(), optional=True)
    address: str | None = words(200, optional=True)
    telephone: str | None = words(30, optional=True)
    fax: str | None = words(30, optional=True)
    mail: str | None = words(200, optional=True)
    internal_note: str | None = words(2000, optional=True)
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


class CentreCoverage(SQLModel, table=True):
    """Months in which a centre covers a municipality, ``valid_from`` to ``valid_to``, both inclusive."""

    __tablename__ = "centre_coverage"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        ForeignKeyConstraint(["municipality_id"], ["municipality.id"]),
        UniqueConstraint("centre_id", "municipality_id", "valid_from"),
        rule("ends_after_start", "valid_to IS NULL OR valid_to >= valid_from"),
        Index("ix_centre_coverage_municipality", "municipality_id"),
        owned(Owner.CENTRE),
    )

    id: str = key()
    centre_id: str = ref()
    municipality_id: str = words(6)
    valid_from: date = column(Day())
    valid_to: date | None = column(Day(), optional=True)


class CentreHours(SQLModel, table=True):
    """Opening hours of one weekday (``mon`` … ``sun``), as local times."""

    __tablename__ = "centre_hours"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        one_of("weekday", *WEEKDAYS),
        rule("closes_later", "closes_at > opens_at"),
        owned(Owner.CENTRE, deletable="yes"),
    )

    centre_id: str = ref(primary_key=True)
    weekday: str = words(3, primary_key=True)
    opens_at: str = words(5)
    closes_at: str = words(5)


class CentreClosure(SQLModel, table=True):
    """A day on which the weekly hours do not hold: closed, or opened on purpose."""

    __tablename__ = "centre_closure"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        one_of("kind", "closed", "open"),
        owned(Owner.CENTRE, deletable="yes"),
    )

    centre_id: str = ref(primary_key=True)
    day: date = column(Day(), primary_key=True)
    kind: str = words(6)
    reason: str | None = words(200, optional=True)


class CentreStaffing(SQLModel, table=True):
    """How many work at the centre in what form, by period. Source: seed 003 item 1-(1)."""

    __tablename__ = "centre_staffing"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        one_of("employment", "full_time", "part_time"),
        rule("count_not_negative", "person_count >= 0"),
        owned(Owner.CENTRE, deletable="yes"),
    )

    id: str = key()
    centre_id: str = ref()
    employment: str = words(10)
    is_dedicated: bool = column(Flag())
    post: str | None = words(60, optional=True)
    person_count: int = column(Big())
    valid_from: date = column(Day())
    valid_to: date | None = column(Day(), optional=True)


CENTRE_MEMBERS = (
    "name", "name_kana", "nickname", "operation_mode", "operator_name", "does_direct_support", "functions", "opened_on",
    "closed_on", "address", "telephone", "fax", "mail",
)  # fmt: skip
"""The members of a centre that everyone who reaches it may read."""
CENTRE_COLUMNS = (
    col(Centre.id),
    *(getattr(Centre, name) for name in CENTRE_MEMBERS),
    col(Centre.version),
    col(Centre.created_at),
    col(Centre.updated_at),
    col(Centre.deleted_at),
)

_ONE = within_reach(
    select(*CENTRE_COLUMNS, col(Centre.internal_note)).where(
        col(Centre.id) == bindparam("id", type_=Id(), required=True), col(Centre.deleted_at).is_(None)
    )
)
_RAISE = change(
    update(Centre)
    .where(col(Centre.id) == bindparam("row_id", type_=Id(), required=True), col(Centre.deleted_at).is_(None))
    .values(
        version=col(Centre.version) + 1,
        updated_at=bindparam("updated_at", type_=Instant(), required=True),
        changed_tx=TransactionNumber(),
    )
)
_RAISE_FROM = update_of(Centre)


async def centre_for(session: Session, centre_id: str) -> Row:
    """Give a centre within reach, without what hangs on it.

    Raises:
        NotFoundError: it is missing, removed or outside reach.
    """
    return await session.one(_ONE, id=centre_id)


async def raise_version(session: Session, centre: Mapping[str, Any], version: int | None) -> int:
    """Count a change of what hangs on a centre (coverage, hours, closures, staffing) as a change of the centre.

    The whole centre has one version, so that its ETag never outlives what the answer shows. Called before the change
    itself: whoever comes second waits here. Gives the new version.

    Raises:
        StaleVersionError: ``version`` is named and no longer the present one.
    """
    if version is None:
        await session.run(_RAISE, row_id=centre["id"])
        return int((await session.one(_ONE, id=centre["id"]))["version"])
    await session.change(_RAISE_FROM, row_id=centre["id"], row_version=version)
    return version + 1


_IDS = within_reach(select(col(Centre.id)).order_by(col(Centre.id)))


async def centre_ids(session: Session) -> list[str]:
    """Give the ids of all centres within reach, removed ones too."""
    return [row["id"] for row in await session.rows(_IDS)]
