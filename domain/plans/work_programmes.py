"""Work programmes (委託事業内容一覧): the standing list of what a centre owes, with phases by operation year.

Superseded values stay as history with their reason; doubts about the reading stay as notes. Source: seed 003.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, bindparam, select
from sqlmodel import SQLModel, col

from domain import audit
from domain.database import Row, Session, changed
from domain.ledger.tables import CENTRE_ROLES
from domain.lists import Filter, Listing
from domain.statements import update_of, within_reach
from domain.statements.columns import Big, Document, Flag, Id, Instant, column, key, one_of, ref, rule, words
from domain.statements.owners import Owner, owned


class WorkProgramme(SQLModel, table=True):
    """A programme of a centre, valid from a fiscal year on. ``municipality_id`` null: owed to all it covers."""

    __tablename__ = "work_programme"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        UniqueConstraint("centre_id", "id"),
        UniqueConstraint("centre_id", "valid_from_fiscal_year"),
        rule("year_plausible", "valid_from_fiscal_year >= 1990 AND valid_from_fiscal_year <= 2199"),
        Index("ix_work_programme_centre_id_changed_tx", "centre_id", "changed_tx"),
        owned(Owner.PLAN),
    )

    id: str = key()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    title: str = words(200)
    valid_from_fiscal_year: int = column(Big())
    source: str | None = words(300, optional=True)
    note: str | None = words(4000, optional=True)
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


class WorkProgrammeItem(SQLModel, table=True):
    """One line of a programme.

    Lists held as documents: ``contents``, ``notes``, ``milestones``, ``reminders``, ``alternative_readings``,
    ``roles_by_year`` (``[{"from_year", "role"}]``) and ``counting_rules``
    (``[{"kind", "body"?, "roles"?, "themes"?, "needs"?}]``: which ledger rows count when they name no item).
    """

    __tablename__ = "work_programme_item"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "programme_id"], ["work_programme.centre_id", "work_programme.id"]),
        UniqueConstraint("centre_id", "id"),
        UniqueConstraint("programme_id", "code"),
        one_of("centre_role", *CENTRE_ROLES),
        one_of("confidence", "high", "medium", "low"),
        owned(Owner.PLAN, deletable="yes"),
    )

    id: str = key()
    programme_id: str = ref()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    position: int = column(Big())
    section_number: int = column(Big())
    section_title: str = words(200)
    code: str = words(20)
    title: str = words(200)
    centre_role: str = words(20)
    start_text: str | None = words(100, optional=True)
    frequency_text: str | None = words(200, optional=True)
    contents: list[str] = column(Document())
    notes: list[str] = column(Document())
    milestones: list[dict[str, Any]] = column(Document())
    reminders: list[dict[str, Any]] = column(Document())
    counting_rules: list[dict[str, Any]] = column(Document())
    roles_by_year: list[dict[str, Any]] = column(Document())
    alternative_readings: list[dict[str, Any]] = column(Document())
    confidence: str = words(8)
    doubt: str | None = words(1000, optional=True)


class WorkProgrammePhase(SQLModel, table=True):
    """What an item owes in a range of operation years, both ends inclusive, open where ``to_year`` is null.

    ``reading`` is a frequency reading. ``is_superseded`` phases are history: the value before a change.
    """

    __tablename__ = "work_programme_phase"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "item_id"], ["work_programme_item.centre_id", "work_programme_item.id"]),
        rule("years_in_order", "from_year >= 1 AND (to_year IS NULL OR to_year >= from_year)"),
        owned(Owner.PLAN, deletable="yes"),
    )

    item_id: str = ref(primary_key=True)
    position: int = column(Big(), primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    from_year: int = column(Big())
    to_year: int | None = column(Big(), optional=True)
    text: str = words(200)
    reading: dict[str, Any] = column(Document())
    applies_to_contents: list[int] | None = column(Document(), optional=True)
    is_superseded: bool = column(Flag())
    reason: str | None = words(300, optional=True)


COLUMNS: tuple[Any, ...] = (
    col(WorkProgramme.id),
    col(WorkProgramme.centre_id),
    col(WorkProgramme.municipality_id),
    col(WorkProgramme.title),
    col(WorkProgramme.valid_from_fiscal_year),
    col(WorkProgramme.source),
    col(WorkProgramme.note),
    col(WorkProgramme.version),
    col(WorkProgramme.created_at),
    col(WorkProgramme.updated_at),
    col(WorkProgramme.deleted_at),
)

PROGRAMMES = Listing(
    "work_programmes",
    select(*COLUMNS),
    filters={
        "centre_id": Filter("ids", col(WorkProgramme.centre_id), "センター"),
        "valid_from_fiscal_year": Filter("number", col(WorkProgramme.valid_from_fiscal_year), "適用開始年度(西暦)"),
    },
    sorts={"valid_from_fiscal_year": col(WorkProgramme.valid_from_fiscal_year), "id": col(WorkProgramme.id)},
    default_sort=("-valid_from_fiscal_year", "-id"),
    changed=col(WorkProgramme.changed_tx),
    deleted=col(WorkProgramme.deleted_at),
)

_ONE = within_reach(
    select(*COLUMNS).where(
        col(WorkProgramme.id) == bindparam("id", type_=Id(), required=True), col(WorkProgramme.deleted_at).is_(None)
    )
)


async def programme_for(session: Session, programme_id: str) -> Row:
    """Give a programme's own members, without its items.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    return await session.one(_ONE, id=programme_id)


HEADER = ("title", "valid_from_fiscal_year", "source", "note")
"""What may change of a programme itself; centre and municipality stay."""
_CHANGE = update_of(WorkProgramme, *HEADER)


async def change_programme(session: Session, programme_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change a programme's own members; give it as it is now, without its items.

    Plans made from it keep what they copied.

    Raises:
        NotFoundError: outside reach.
        StaleVersionError: it is no longer at ``version``.
        ConflictError: the centre has another programme from that fiscal year on.
    """
    before = await programme_for(session, programme_id)
    after = changed(before, changes, session)
    await session.change(_CHANGE, row_id=programme_id, row_version=version, **{name: after[name] for name in HEADER})
    await session.store(
        audit.entry_of(
            session,
            "work_programmes.change",
            "work_programmes",
            programme_id,
            before={name: before[name] for name in changes},
            after=changes,
            centre_id=before["centre_id"],
            municipality_id=before["municipality_id"],
        )
    )
    return after
