"""Reflection sheets (振り返りシート): strengths and notes under viewpoints, without any score.

The viewpoints are data with versions, because the sheets of the documents are not public and every area has its own.
Source: seed 004; domain sources 10.11.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import SQLModel

from domain.columns import Big, Day, Flag, Instant, column, key, ref, words
from domain.reach import Owner, owned


class ViewpointSet(SQLModel, table=True):
    """A version of a set of viewpoints, valid from a day on."""

    __tablename__ = "viewpoint_set"
    __table_args__ = (UniqueConstraint("code", "edition"), owned(Owner.SHARED))

    id: str = key()
    code: str = words(40)
    edition: int = column(Big())
    label_ja: str = words(100)
    source: str | None = words(300, optional=True)
    valid_from: date = column(Day())


class Viewpoint(SQLModel, table=True):
    """One viewpoint of a set."""

    __tablename__ = "viewpoint"
    __table_args__ = (ForeignKeyConstraint(["set_id"], ["viewpoint_set.id"]), owned(Owner.SHARED))

    set_id: str = ref(primary_key=True)
    code: str = words(40, primary_key=True)
    position: int = column(Big())
    label_ja: str = words(100)


class ReflectionSheet(SQLModel, table=True):
    """The sheet of one visit. ``shared_with_ward`` is the office's own consent; without it no ward reads the sheet."""

    __tablename__ = "reflection_sheet"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "visit_id"], ["activity.centre_id", "activity.id"]),
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        ForeignKeyConstraint(["set_id"], ["viewpoint_set.id"]),
        UniqueConstraint("centre_id", "visit_id"),
        owned(Owner.SHEET, parent="visit_id"),
    )

    id: str = key()
    visit_id: str = ref()
    centre_id: str = ref()
    municipality_id: str = words(6)
    office_id: str = ref()
    set_id: str = ref()
    is_simplified: bool = column(Flag())
    shared_with_ward: bool = column(Flag())
    note: str | None = words(2000, optional=True)
    version: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())


class ReflectionNote(SQLModel, table=True):
    """What was seen under one viewpoint: strengths first."""

    __tablename__ = "reflection_note"
    __table_args__ = (
        ForeignKeyConstraint(["sheet_id"], ["reflection_sheet.id"]),
        ForeignKeyConstraint(["set_id", "viewpoint"], ["viewpoint.set_id", "viewpoint.code"]),
        owned(Owner.SHEET, parent="visit_id", deletable="yes"),
    )

    sheet_id: str = ref(primary_key=True)
    viewpoint: str = words(40, primary_key=True)
    set_id: str = ref()
    visit_id: str = ref()
    centre_id: str = ref()
    municipality_id: str = words(6)
    office_id: str = ref()
    shared_with_ward: bool = column(Flag())
    strengths: str | None = words(2000, optional=True)
    note: str | None = words(2000, optional=True)
