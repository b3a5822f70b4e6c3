"""Visits to consultation offices (事業所訪問): a centre and core members call on an office and think together.

A visit is support, never an inspection: no score is stored anywhere. Source: seed 004, purposes 1-4 of a visit.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, bindparam
from sqlmodel import SQLModel, col, select

from domain.access import Role
from domain.activities import FILTERS as LEDGER_FILTERS
from domain.activities import SORTS, centre_named
from domain.columns import Codes, Day, Id, column, ref, words
from domain.database import Row, Session
from domain.errors import rule_broken
from domain.ledger import COLUMNS, record, remove, revise
from domain.ledger_entry import Entry, entry_from, merged
from domain.ledger_links import ITEMS_OF, OFFICES_OF, ORGANIZATIONS_OF, PEOPLE_OF
from domain.ledger_tables import Activity
from domain.listing import Filter, Listing
from domain.reach import Owner, owned
from domain.statements import Query, Write, insert_into, update_of, within_reach

MENUS = ("worry", "supervision", "case", "plan")


class OfficeVisit(SQLModel, table=True):
    """What a visit adds to its activity. ``findings`` and ``message`` the office may read; the rest it never sees."""

    __tablename__ = "office_visit"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "id"], ["activity.centre_id", "activity.id"]),
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        Index("ix_office_visit_office_id", "office_id", "id"),
        owned(Owner.ACTIVITY_PART, parent="id"),
    )

    id: str = ref(primary_key=True)
    centre_id: str = ref()
    municipality_id: str = words(6)
    office_id: str = ref()
    menus: list[str] = column(Codes())
    findings: str | None = words(4000, optional=True)
    internal_findings: str | None = words(4000, optional=True)
    message: str | None = words(2000, optional=True)
    next_action: str | None = words(1000, optional=True)
    follow_up_due_on: date | None = column(Day(), optional=True)


DETAILS = ("menus", "findings", "internal_findings", "message", "next_action", "follow_up_due_on")
_ENTER = insert_into(OfficeVisit)
_UPDATE = update_of(OfficeVisit, *DETAILS, "office_id", "municipality_id")
_DETAIL_COLUMNS = tuple(getattr(OfficeVisit, name) for name in DETAILS)

_STAFF_COLUMNS = (*COLUMNS, *_DETAIL_COLUMNS, OFFICES_OF, PEOPLE_OF, ORGANIZATIONS_OF, ITEMS_OF)
_OFFICE_MEMBERS = (
    "municipality_id", "title", "status", "status_reason", "planned_on", "held_on", "starts_at", "ends_at",
    "duration_minutes", "format", "location", "office_id",
)  # fmt: skip
_OFFICE_COLUMNS = (
    col(Activity.id),
    col(Activity.centre_id),
    *(getattr(Activity, name) for name in _OFFICE_MEMBERS),
    *(getattr(OfficeVisit, name) for name in ("menus", "findings", "message", "next_action", "follow_up_due_on")),
    col(Activity.version),
    col(Activity.created_at),
    col(Activity.updated_at),
    col(Activity.deleted_at),
)
_JOINED = col(OfficeVisit.id) == col(Activity.id)

FILTERS = {
    **{name: asked for name, asked in LEDGER_FILTERS.items() if name not in ("kind", "body", "centre_role")},
    "office_id": Filter("ids", col(OfficeVisit.office_id), "事業所"),
    "menu": Filter("has_any", col(OfficeVisit.menus), "活動メニュー", MENUS),
    "follow_up_due_from": Filter("from_day", col(OfficeVisit.follow_up_due_on), "フォロー期限がこの日以降"),
    "follow_up_due_to": Filter("to_day", col(OfficeVisit.follow_up_due_on), "フォロー期限がこの日まで"),
}


def _listing(columns: tuple[Any, ...]) -> Listing:
    return Listing(
        "office_visits",
        select(*columns).select_from(Activity).join(OfficeVisit, _JOINED),
        filters=FILTERS,
        sorts=SORTS,
        default_sort=("-held_on", "-id"),
        search=col(Activity.title_folded),
        changed=col(Activity.changed_tx),
        deleted=col(Activity.deleted_at),
    )


VISITS = _listing(_STAFF_COLUMNS)
VISITS_FOR_OFFICE = _listing(_OFFICE_COLUMNS)
_ID = bindparam("id", type_=Id(), required=True)


def _one(columns: tuple[Any, ...]) -> Query:
    return within_reach(
        select(*columns)
        .select_from(Activity)
        .join(OfficeVisit, _JOINED)
        .where(col(Activity.id) == _ID, col(Activity.deleted_at).is_(None))
    )


_VISIT = _one(_STAFF_COLUMNS)
_VISIT_FOR_OFFICE = _one(_OFFICE_COLUMNS)


async def visit_for(session: Session, visit_id: str) -> Row:
    """Give one visit in the shape of the caller's role: an office never sees what is internal to the centre.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    if session.actor.role is Role.OFFICE_USER:
        return await session.one(_VISIT_FOR_OFFICE, id=visit_id)
    return await session.one(_VISIT, id=visit_id)


def _entry(fields: Mapping[str, Any], write: Write) -> Entry:
    if fields.get("office_id") is None:
        raise rule_broken("required", "事業所を指定してください。", "Name the office.", field="office_id")
    details = {name: fields.get(name) for name in DETAILS}
    details["menus"] = details["menus"] or []
    return entry_from(
        "office_visit",
        fields,
        area="office_visits",
        defaults={"visibility": "offices_involved"},
        details=((write, {**details, "office_id": fields["office_id"]}),),
        told={name: value for name, value in details.items() if value not in (None, [])},
    )


async def record_visit(session: Session, fields: Mapping[str, Any]) -> Row:
    """Enter a visit that has taken place, was declined, or is planned.

    A held visit counts in the month of ``held_on``; any other in no month.

    Raises:
        NotFoundError: centre, office or a visitor is outside reach.
        RuleError: ``held_on`` lies in the future, a reason is missing, or the month is closed.
    """
    entry = _entry(fields, _ENTER)
    row = await record(session, centre_named(session, fields), entry)
    return row | {name: entry.details[0][1][name] for name in DETAILS}


async def change_visit(session: Session, visit_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change a visit: hold a planned one, postpone or decline it with its reason, add findings.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_visit``.
    """
    before = await session.one(_VISIT, id=visit_id)
    entry = _entry(merged(before, changes), _UPDATE)
    row = await revise(session, before, version, entry)
    details = {name: entry.details[0][1][name] for name in DETAILS}
    await session.run(
        _UPDATE, row_id=visit_id, office_id=row["office_id"], municipality_id=row["municipality_id"], **details
    )
    return row | details


async def remove_visit(session: Session, visit_id: str, version: int) -> None:
    """Take a visit out of the ledger, leaving a tombstone.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_visit``.
    """
    before = await session.one(_VISIT, id=visit_id)
    await remove(session, before, version, area="office_visits")
