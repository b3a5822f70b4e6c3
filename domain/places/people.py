"""People (職員): who works at an office or a centre, in which post, with which qualifications.

Never a service user: cases are opaque codes. A person belongs to exactly one office or one centre.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from domain.statements.columns import Big, Day, Flag, Instant, column, key, one_of, ref, rule, words
from domain.statements.owners import Owner, owned

QUALIFICATIONS = (
    "consultation_specialist",
    "chief_specialist",
    "consultation_assistant",
    "social_worker",
    "psychiatric_social_worker",
    "public_health_nurse",
    "care_manager",
    "service_manager",
    "child_service_manager",
    "peer_counselor",
    "initial_training",
    "current_training",
    "chief_training",
)
"""Qualifications and finished statutory trainings that are told by code."""


class Person(SQLModel, table=True):
    """One person in one post."""

    __tablename__ = "person"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        UniqueConstraint("office_id", "id"),
        UniqueConstraint("centre_id", "id"),
        one_of("employment", "full_time", "part_time"),
        rule(
            "belongs_to_one_place",
            "(centre_id IS NOT NULL AND office_id IS NULL AND municipality_id IS NULL)"
            " OR (centre_id IS NULL AND office_id IS NOT NULL AND municipality_id IS NOT NULL)",
        ),
        rule("leaves_after_joining", "left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on"),
        Index("ix_person_municipality_id_office_id", "municipality_id", "office_id"),
        Index("ix_person_changed_tx", "changed_tx"),
        owned(Owner.PERSON),
    )

    id: str = key()
    centre_id: str | None = ref(optional=True)
    municipality_id: str | None = words(6, optional=True)
    office_id: str | None = ref(optional=True)
    name: str = words(60)
    name_kana: str = words(120)
    name_folded: str = words(240)
    post: str | None = words(60, optional=True)
    employment: str = words(10)
    is_dedicated: bool = column(Flag())
    is_chief_specialist: bool = column(Flag())
    joined_on: date | None = column(Day(), optional=True)
    left_on: date | None = column(Day(), optional=True)
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


class PersonQualification(SQLModel, table=True):
    """A qualification or finished training of a person, with its dates."""

    __tablename__ = "person_qualification"
    __table_args__ = (
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        owned(Owner.PERSON, deletable="yes"),
    )

    person_id: str = ref(primary_key=True)
    code: str = words(40, primary_key=True)
    centre_id: str | None = ref(optional=True)
    municipality_id: str | None = words(6, optional=True)
    office_id: str | None = ref(optional=True)
    obtained_on: date | None = column(Day(), optional=True)
    renewal_due_on: date | None = column(Day(), optional=True)
