"""Base consultation centres (基幹相談支援センター): what they cover, when they are open, who works there.

Centre and municipality are many-to-many: one municipality may have two centres, one centre may cover three
municipalities. Coverage begins on the first day of a month and ends on the last day of one, so that monthly counts
belong to a municipality or do not. Source: seed 002 (Uki), seed 004 (Adachi); law article 77-2.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from domain.columns import Big, Codes, Day, Flag, Instant, column, key, one_of, ref, rule, words
from domain.reach import Owner, owned

OPERATION_MODES = ("direct", "commissioned", "designated_manager")


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
        one_of("weekday", "mon", "tue", "wed", "thu", "fri", "sat", "sun"),
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
