"""Visits to consultation offices (事業所訪問): a centre and core members call on an office and think together.

A visit is support, never an inspection: no score is stored anywhere. Source: seed 004, purposes 1-4 of a visit.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import col

from domain.activities.activities import centre_named
from domain.activities.activity_areas import ActivityArea, Said
from domain.activities.external_keys import ExternalKeys, Upserted
from domain.activities.reflection_sheets import refuse_other_office
from domain.database import Row, Session
from domain.errors import rule_broken
from domain.ledger import Saved
from domain.ledger.details import Details
from domain.ledger.tables import VISIBILITIES
from domain.lists import Filter
from domain.statements.columns import Codes, Day, column, one_of, ref, words
from domain.statements.reach import Owner, owned

MENUS = ("worry", "supervision", "case", "plan")


class OfficeVisit(Details, table=True):
    """What a visit adds to its activity. ``findings`` and ``message`` the office may read; the rest it never sees."""

    __tablename__ = "office_visit"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "id"], ["activity.centre_id", "activity.id"]),
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        Index("ix_office_visit_office_id", "office_id", "id"),
        one_of("visibility", *VISIBILITIES),
        owned(Owner.ACTIVITY_DETAILS),
    )

    municipality_id: str = words(6)
    office_id: str = ref()
    menus: list[str] = column(Codes())
    findings: str | None = words(4000, optional=True)
    internal_findings: str | None = words(4000, optional=True)
    message: str | None = words(2000, optional=True)
    next_action: str | None = words(1000, optional=True)
    follow_up_due_on: date | None = column(Day(), optional=True)


_DETAILS = ("menus", "findings", "internal_findings", "message", "next_action", "follow_up_due_on")
_HIDDEN = ("internal_findings",)


def _said(fields: Mapping[str, Any]) -> Said:
    if fields.get("office_id") is None:
        raise rule_broken("required", "事業所を指定してください。", "Name the office.", field="office_id")
    if fields.get("visibility") == "published":
        raise rule_broken(
            "visit_is_not_published",
            "事業所訪問は公開できません。見られるのは、関わった事業所と区市町村までです。",
            "A visit is not for every office to read: only for those it involves, and the municipality.",
            field="visibility",
        )
    details = {name: fields.get(name) for name in _DETAILS}
    return Said("office_visit", details | {"menus": details["menus"] or []}, {"visibility": "offices_involved"})


VISITS = ActivityArea(
    "office_visits",
    OfficeVisit,
    _said,
    for_staff=(),
    for_office=tuple(getattr(OfficeVisit, name) for name in _DETAILS if name not in _HIDDEN),
    filters={
        "office_id": Filter("ids", col(OfficeVisit.office_id), "事業所"),
        "menu": Filter("has_any", col(OfficeVisit.menus), "活動メニュー", MENUS),
        "follow_up_due_from": Filter("from_day", col(OfficeVisit.follow_up_due_on), "フォロー期限がこの日以降"),
        "follow_up_due_to": Filter("to_day", col(OfficeVisit.follow_up_due_on), "フォロー期限がこの日まで"),
    },
    texts=("findings", "internal_findings", "message", "next_action"),
    repeated=("office_id",),
)


async def visit_for(session: Session, visit_id: str) -> Row:
    """Give one visit in the shape of the caller's role: an office never sees what is internal to the centre.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    return await VISITS.row_for(session, visit_id)


async def record_visit(session: Session, fields: Mapping[str, Any]) -> Saved:
    """Enter a visit that has taken place, was declined, or is planned; give it with the warnings about its text.

    A held visit counts in the month of ``held_on``; any other in no month.

    Raises:
        NotFoundError: centre, office or a visitor is outside reach.
        RuleError: ``held_on`` lies in the future, a reason is missing, the month is closed, or it is to be published:
            an office reads nothing of other offices (docs/access.md).
    """
    return await VISITS.record(session, fields)


async def change_visit(session: Session, visit_id: str, changes: Mapping[str, Any], version: int) -> Saved:
    """Change a visit: hold a planned one, postpone or decline it with its reason, add findings.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_visit``; also where a reflection sheet ties it to its office.
    """
    if changes.get("office_id") is not None:
        await refuse_other_office(session, visit_id, changes["office_id"])
    return await VISITS.change(session, visit_id, changes, version)


async def remove_visit(session: Session, visit_id: str, version: int) -> None:
    """Take a visit out of the ledger, leaving a tombstone.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_visit``.
    """
    await VISITS.remove(session, visit_id, version)


_KEYS = ExternalKeys(("office_visit",), record_visit, VISITS.draft, change_visit)


async def upsert_visit(
    session: Session, source: str, external_id: str, fields: Mapping[str, Any], version: int | None
) -> Upserted:
    """Record the visit that another system knows by its own key, or replace it; tell whether it is new.

    The reflection sheet of a visit stays, and ties it to its office as in ``change_visit``.

    Raises:
        ConflictError, PreconditionMissingError, StaleVersionError: as ``ExternalKeys.upsert``.
        NotFoundError, RuleError: as ``record_visit`` and ``change_visit``.
    """
    return await _KEYS.upsert(session, centre_named(session, fields), (source, external_id), fields, version)
