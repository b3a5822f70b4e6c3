"""Consultation support offices (相談支援事業所): designations, strengths, 24-hour contact.

An office belongs to exactly one municipality and is invisible to any other. Source: seeds 000, 002, 004.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, bindparam, select, update
from sqlalchemy import column as named
from sqlmodel import SQLModel, col

from domain.database import Row, Session
from domain.statements import Write, change, within_reach
from domain.statements.columns import Big, Day, Flag, Id, Instant, column, key, one_of, ref, rule, words
from domain.statements.compiling import TransactionNumber
from domain.statements.owners import Owner, owned

ENHANCED_TYPES = ("none", "I", "II", "III", "IV")
CONTACT_METHODS = ("none", "own_rota", "shared_rota", "residential_facility", "other")
DESIGNATIONS = ("specific", "child", "general")

_STANDS = named("deleted_at").is_(None)
"""A removed office gives its number and its external key back."""


class Office(SQLModel, table=True):
    """One office. ``office_number`` is the 10-digit 事業所番号 where it is known."""

    __tablename__ = "office"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id"], ["municipality.id"]),
        UniqueConstraint("municipality_id", "id"),
        Index(
            "uq_office_municipality_id_office_number",
            "municipality_id",
            "office_number",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        Index(
            "uq_office_municipality_id_external_source_external_id",
            "municipality_id",
            "external_source",
            "external_id",
            unique=True,
            postgresql_where=_STANDS,
            sqlite_where=_STANDS,
        ),
        one_of("enhanced_type", *ENHANCED_TYPES),
        one_of("contact_24h", *CONTACT_METHODS),
        rule("number_has_ten_digits", "office_number IS NULL OR length(office_number) = 10"),
        rule("closes_after_opening", "closed_on IS NULL OR opened_on IS NULL OR closed_on >= opened_on"),
        rule("external_id_has_source", "(external_id IS NULL) = (external_source IS NULL)"),
        Index("ix_office_municipality_id_name_kana", "municipality_id", "name_kana", "id"),
        Index("ix_office_municipality_id_changed_tx", "municipality_id", "changed_tx"),
        owned(Owner.OFFICE, office="id"),
    )

    id: str = key()
    municipality_id: str = words(6)
    office_number: str | None = words(10, optional=True)
    name: str = words(100)
    name_kana: str = words(200)
    name_folded: str = words(400)
    corporation_name: str | None = words(100, optional=True)
    address: str | None = words(200, optional=True)
    telephone: str | None = words(30, optional=True)
    fax: str | None = words(30, optional=True)
    url: str | None = words(300, optional=True)
    is_commissioned: bool = column(Flag())
    is_core_office: bool = column(Flag())
    is_community_base: bool = column(Flag())
    enhanced_type: str = words(4)
    contact_24h: str = words(24)
    contact_24h_note: str | None = words(300, optional=True)
    opened_on: date | None = column(Day(), optional=True)
    closed_on: date | None = column(Day(), optional=True)
    external_source: str | None = words(40, optional=True)
    external_id: str | None = words(100, optional=True)
    internal_note: str | None = words(2000, optional=True)
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


class OfficeDesignation(SQLModel, table=True):
    """A designation (指定特定, 指定障害児, 指定一般) of an office with its dates.

    Each may carry a number of its own: under the Child Welfare Act an office has another 事業所番号 than under the
    Comprehensive Support Act.
    """

    __tablename__ = "office_designation"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        one_of("kind", *DESIGNATIONS),
        owned(Owner.OFFICE, deletable="yes"),
    )

    office_id: str = ref(primary_key=True)
    municipality_id: str = words(6)
    kind: str = words(10, primary_key=True)
    office_number: str | None = words(10, optional=True)
    designated_on: date | None = column(Day(), optional=True)
    expires_on: date | None = column(Day(), optional=True)


class OfficeStrength(SQLModel, table=True):
    """What an office is good at (二次相談, 心理 …), in a code and in words. Source: seed 000."""

    __tablename__ = "office_strength"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        owned(Owner.OFFICE, deletable="yes"),
    )

    office_id: str = ref(primary_key=True)
    municipality_id: str = words(6)
    code: str = words(40, primary_key=True)
    note: str | None = words(300, optional=True)


OFFICE_MEMBERS = (
    "office_number", "name", "name_kana", "corporation_name", "address", "telephone", "fax", "url", "is_commissioned",
    "is_core_office", "is_community_base", "enhanced_type", "contact_24h", "contact_24h_note", "opened_on", "closed_on",
    "external_source", "external_id",
)  # fmt: skip
"""The members of an office that everyone who reaches it may read."""
OFFICE_COLUMNS = (
    col(Office.id),
    col(Office.municipality_id),
    *(getattr(Office, name) for name in OFFICE_MEMBERS),
    col(Office.version),
    col(Office.created_at),
    col(Office.updated_at),
    col(Office.deleted_at),
)
_ONE = within_reach(
    select(*OFFICE_COLUMNS).where(
        col(Office.id) == bindparam("id", type_=Id(), required=True), col(Office.deleted_at).is_(None)
    )
)
RAISE_OFFICE: Write = change(
    update(Office)
    .where(col(Office.id) == bindparam("row_id", type_=Id(), required=True))
    .values(
        version=col(Office.version) + 1,
        updated_at=bindparam("updated_at", type_=Instant(), required=True),
        changed_tx=TransactionNumber(),
    )
)
"""Counts a change of an office's people as a change of the office, whose answer tells how many there are."""


async def office_for(session: Session, office_id: str) -> Row:
    """Give an office within reach, without what hangs on it.

    Raises:
        NotFoundError: it is missing, removed or outside reach.
    """
    return await session.one(_ONE, id=office_id)
