"""The tables of the benchmark as a FastAPI + SQLModel project writes them: a base, a table and a public shape."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, Relationship, SQLModel


def texts() -> Any:
    return Field(default_factory=list, sa_type=ARRAY(Text))


def instant() -> Any:
    return Field(sa_type=DateTime(timezone=True))


class OfficeLinkBase(SQLModel):
    office_id: UUID = Field(primary_key=True)
    side: str = "subject"
    mode: str = "onsite"
    attendance: str = "present"
    participant_count: int | None = None


class ActivityOffice(OfficeLinkBase, table=True):
    __tablename__ = "activity_office"
    activity_id: UUID = Field(primary_key=True, foreign_key="activity.id")
    centre_id: UUID
    municipality_id: str


class PersonLinkBase(SQLModel):
    person_id: UUID = Field(primary_key=True)
    role: str = Field(primary_key=True)
    mode: str = "onsite"
    attendance: str = "present"


class ActivityPerson(PersonLinkBase, table=True):
    __tablename__ = "activity_person"
    activity_id: UUID = Field(primary_key=True, foreign_key="activity.id")
    centre_id: UUID
    municipality_id: str | None = None
    office_id: UUID | None = None


class OrganizationLinkBase(SQLModel):
    organization_kind: str
    name: str
    side: str
    mode: str
    is_present: bool


class ActivityOrganization(OrganizationLinkBase, table=True):
    __tablename__ = "activity_organization"
    activity_id: UUID = Field(primary_key=True, foreign_key="activity.id")
    position: int = Field(primary_key=True)
    centre_id: UUID
    municipality_id: str | None = None


class PlanItemLinkBase(SQLModel):
    item_id: UUID = Field(primary_key=True)
    linked_by: str = "named"


class ActivityPlanItem(PlanItemLinkBase, table=True):
    __tablename__ = "activity_plan_item"
    activity_id: UUID = Field(primary_key=True, foreign_key="activity.id")
    centre_id: UUID
    municipality_id: str | None = None
    status: str = "held"
    occurs_on: date
    themes: list[str] = texts()
    visibility: str = "offices_involved"


class VisitBase(SQLModel):
    menus: list[str] = texts()
    findings: str | None = None
    internal_findings: str | None = None
    message: str | None = None
    next_action: str | None = None
    follow_up_due_on: date | None = None


class OfficeVisit(VisitBase, table=True):
    __tablename__ = "office_visit"
    id: UUID = Field(primary_key=True, foreign_key="activity.id")
    centre_id: UUID
    municipality_id: str
    office_id: UUID


class ActivityBase(SQLModel):
    centre_id: UUID
    kind: str
    municipality_id: str | None = None
    centre_role: str = "host"
    title: str
    status: str = "held"
    status_reason: str | None = None
    planned_on: date | None = None
    held_on: date | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    duration_minutes: int | None = Field(default=None, sa_type=BigInteger)
    format: str = "onsite"
    location: str | None = None
    office_id: UUID | None = None
    participant_count: int | None = Field(default=None, sa_type=BigInteger)
    body: str | None = None
    themes: list[str] = texts()
    needs: list[str] = texts()
    purposes: list[str] = texts()
    counted_as: list[str] = texts()
    visibility: str = "offices_involved"
    disclosure: str = "unmarked"
    sensitivity: str = "normal"
    follow_up_of_id: UUID | None = None
    internal_note: str | None = None
    external_source: str | None = None
    external_id: str | None = None
    month: date | None = None
    origin: str = "recorded"
    version: int = Field(default=1, sa_type=BigInteger)
    created_at: datetime = instant()
    updated_at: datetime = instant()
    deleted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Activity(ActivityBase, table=True):
    __tablename__ = "activity"
    id: UUID = Field(primary_key=True)
    title_folded: str
    occurs_on: date
    office_ids: list[UUID] = Field(sa_column=Column(ARRAY(Uuid)))
    created_by: str = "peer"
    changed_tx: int = Field(default=1, sa_type=BigInteger)
    visit: OfficeVisit = Relationship(sa_relationship_kwargs={"lazy": "joined", "uselist": False})
    offices: list[ActivityOffice] = Relationship(sa_relationship_kwargs={"lazy": "selectin"})
    people: list[ActivityPerson] = Relationship(sa_relationship_kwargs={"lazy": "selectin"})
    organizations: list[ActivityOrganization] = Relationship(sa_relationship_kwargs={"lazy": "selectin"})
    plan_items: list[ActivityPlanItem] = Relationship(sa_relationship_kwargs={"lazy": "selectin"})


class ActivityPublic(ActivityBase):
    id: UUID


class VisitPublic(ActivityPublic, VisitBase):
    offices: list[OfficeLinkBase]
    people: list[PersonLinkBase]
    organizations: list[OrganizationLinkBase]
    plan_items: list[PlanItemLinkBase]


class PersonLinkCreate(SQLModel):
    person_id: UUID
    role: str


class VisitCreate(SQLModel):
    office_id: UUID
    held_on: date
    starts_at: str = Field(max_length=5)
    ends_at: str = Field(max_length=5)
    participant_count: int = Field(ge=0, le=100_000)
    menus: list[str] = Field(max_length=4)
    findings: str = Field(max_length=4000)
    message: str = Field(max_length=2000)
    next_action: str = Field(max_length=1000)
    people: list[PersonLinkCreate]
    plan_item_ids: list[UUID]


class Office(SQLModel, table=True):
    __tablename__ = "office"
    id: UUID = Field(primary_key=True)
    municipality_id: str
    name: str
    deleted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class CentreCoverage(SQLModel, table=True):
    __tablename__ = "centre_coverage"
    id: UUID = Field(primary_key=True)
    centre_id: UUID
    municipality_id: str


class WorkPlanItem(SQLModel, table=True):
    __tablename__ = "work_plan_item"
    id: UUID = Field(primary_key=True)
    plan_id: UUID
    centre_id: UUID
    position: int
    code: str
    title: str
    target_text: str | None
    required_in_year: int | None
    counting_rules: list[dict[str, Any]] = Field(sa_type=JSONB)


class ActivityRollup(SQLModel, table=True):
    __tablename__ = "activity_rollup"
    centre_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    centre_role: str = Field(primary_key=True)
    municipality_id: str = Field(primary_key=True)
    is_centre_only: bool = Field(primary_key=True)
    held_count: int


class PlanItemRollup(SQLModel, table=True):
    __tablename__ = "plan_item_rollup"
    centre_id: UUID = Field(primary_key=True)
    item_id: UUID = Field(primary_key=True)
    month: date = Field(primary_key=True)
    municipality_id: str = Field(primary_key=True)
    is_centre_only: bool = Field(primary_key=True)
    held_count: int


class ActivityPage(SQLModel):
    results: list[ActivityPublic]


class Count(SQLModel):
    period: str
    kind: str
    value: int


class Counts(SQLModel):
    results: list[Count]


class ItemProgress(SQLModel):
    id: UUID
    code: str
    title: str
    target_text: str | None
    required_in_year: int | None
    done: int
    by_month: dict[date, int]
    last_on: date | None
    evidence_ids: list[UUID]


class Progress(SQLModel):
    items: list[ItemProgress]


EVIDENCE = 200
