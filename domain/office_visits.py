"""Visits to consultation offices (事業所訪問): a centre and core members call on an office and think together.

A visit is support, never an inspection: no score is stored anywhere. Source: seed 004, purposes 1-4 of a visit.
"""

from datetime import date

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import SQLModel

from domain.columns import Codes, Day, column, ref, words
from domain.reach import Owner, owned

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
