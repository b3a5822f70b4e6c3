"""Trainings (研修会): theme, audience, dates, lecturers, attendance. Registration is a later chapter of its own.

Source: seed 003 items 3-(1), 3-(4), 5-(1), 5-(2); seed 004.
"""

from datetime import date
from typing import Any

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import SQLModel

from domain.columns import Big, Codes, Day, Document, Flag, column, one_of, ref, rule, words
from domain.reach import Owner, owned


class TrainingEvent(SQLModel, table=True):
    """What a training adds to its activity. ``lecturers`` is a list of ``{"name", "affiliation", "is_external"}``."""

    __tablename__ = "training_event"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "id"], ["activity.centre_id", "activity.id"]),
        one_of("category", "workforce_development", "statutory", "rights_protection", "abuse_prevention", "other"),
        rule("capacity_plausible", "capacity IS NULL OR (capacity >= 1 AND capacity <= 10000)"),
        owned(Owner.ACTIVITY_PART, parent="id"),
    )

    id: str = ref(primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    category: str = words(24)
    theme: str = words(200)
    audience: list[str] = column(Codes())
    capacity: int | None = column(Big(), optional=True)
    is_case_method: bool = column(Flag())
    lecturers: list[dict[str, Any]] = column(Document())
    description: str | None = words(4000, optional=True)
    survey_summary: str | None = words(4000, optional=True)


class TrainingDate(SQLModel, table=True):
    """One date of a training that runs over several."""

    __tablename__ = "training_date"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "training_id"], ["activity.centre_id", "activity.id"]),
        owned(Owner.ACTIVITY_PART, parent="training_id", deletable="yes"),
    )

    training_id: str = ref(primary_key=True)
    held_on: date = column(Day(), primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    starts_at: str | None = words(5, optional=True)
    ends_at: str | None = words(5, optional=True)
    location: str | None = words(200, optional=True)
