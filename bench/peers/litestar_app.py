"""Litestar with advanced-alchemy: declarative tables, repositories, msgspec answers, PyJWT in a guard-like provider."""

import os
from calendar import monthrange
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

import jwt
import msgspec
from advanced_alchemy.base import DefaultBase
from advanced_alchemy.extensions.litestar import AsyncSessionConfig, SQLAlchemyAsyncConfig, SQLAlchemyPlugin
from advanced_alchemy.filters import LimitOffset, OrderBy
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from litestar import Litestar, Request, get, post
from litestar.di import Provide
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.params import Parameter
from sqlalchemy import ARRAY, ForeignKey, Text, Uuid, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, noload, relationship

EVIDENCE = 200


Texts = Annotated[list[str], mapped_column(ARRAY(Text))]
Uuids = Annotated[list[UUID], mapped_column(ARRAY(Uuid))]


class ActivityOffice(DefaultBase):
    __tablename__ = "activity_office"
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    office_id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID]
    municipality_id: Mapped[str]
    side: Mapped[str] = mapped_column(default="subject")
    mode: Mapped[str] = mapped_column(default="onsite")
    attendance: Mapped[str] = mapped_column(default="present")
    participant_count: Mapped[int | None]


class ActivityPerson(DefaultBase):
    __tablename__ = "activity_person"
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID]
    mode: Mapped[str] = mapped_column(default="onsite")
    attendance: Mapped[str] = mapped_column(default="present")


class ActivityOrganization(DefaultBase):
    __tablename__ = "activity_organization"
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    organization_kind: Mapped[str]
    name: Mapped[str]
    side: Mapped[str]
    mode: Mapped[str]
    is_present: Mapped[bool]


class ActivityPlanItem(DefaultBase):
    __tablename__ = "activity_plan_item"
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID]
    municipality_id: Mapped[str | None]
    linked_by: Mapped[str] = mapped_column(default="named")
    status: Mapped[str] = mapped_column(default="held")
    occurs_on: Mapped[date]
    themes: Mapped[Texts] = mapped_column(default=list)
    visibility: Mapped[str] = mapped_column(default="offices_involved")


class OfficeVisit(DefaultBase):
    __tablename__ = "office_visit"
    id: Mapped[UUID] = mapped_column(ForeignKey("activity.id"), primary_key=True)
    centre_id: Mapped[UUID]
    municipality_id: Mapped[str]
    office_id: Mapped[UUID]
    menus: Mapped[Texts]
    findings: Mapped[str | None]
    internal_findings: Mapped[str | None]
    message: Mapped[str | None]
    next_action: Mapped[str | None]
    follow_up_due_on: Mapped[date | None]


class Activity(DefaultBase):
    __tablename__ = "activity"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID]
    kind: Mapped[str]
    municipality_id: Mapped[str | None]
    centre_role: Mapped[str] = mapped_column(default="host")
    title: Mapped[str]
    title_folded: Mapped[str]
    status: Mapped[str] = mapped_column(default="held")
    status_reason: Mapped[str | None]
    planned_on: Mapped[date | None]
    held_on: Mapped[date | None]
    occurs_on: Mapped[date]
    starts_at: Mapped[str | None]
    ends_at: Mapped[str | None]
    duration_minutes: Mapped[int | None]
    format: Mapped[str] = mapped_column(default="onsite")
    location: Mapped[str | None]
    office_id: Mapped[UUID | None]
    office_ids: Mapped[Uuids]
    participant_count: Mapped[int | None]
    body: Mapped[str | None]
    themes: Mapped[Texts] = mapped_column(default=list)
    needs: Mapped[Texts] = mapped_column(default=list)
    purposes: Mapped[Texts] = mapped_column(default=list)
    counted_as: Mapped[Texts] = mapped_column(default=list)
    visibility: Mapped[str] = mapped_column(default="offices_involved")
    disclosure: Mapped[str] = mapped_column(default="unmarked")
    sensitivity: Mapped[str] = mapped_column(default="normal")
    follow_up_of_id: Mapped[UUID | None]
    internal_note: Mapped[str | None]
    external_source: Mapped[str | None]
    external_id: Mapped[str | None]
    month: Mapped[date | None]
    origin: Mapped[str] = mapped_column(default="recorded")
    created_by: Mapped[str] = mapped_column(default="peer")
    version: Mapped[int] = mapped_column(default=1)
    changed_tx: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    visit: Mapped[OfficeVisit] = relationship(lazy="joined", uselist=False)
    offices: Mapped[list[ActivityOffice]] = relationship(lazy="selectin")
    people: Mapped[list[ActivityPerson]] = relationship(lazy="selectin")
    organizations: Mapped[list[ActivityOrganization]] = relationship(lazy="selectin")
    plan_items: Mapped[list[ActivityPlanItem]] = relationship(lazy="selectin")


class Office(DefaultBase):
    __tablename__ = "office"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality_id: Mapped[str]
    name: Mapped[str]


class CentreCoverage(DefaultBase):
    __tablename__ = "centre_coverage"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    centre_id: Mapped[UUID]
    municipality_id: Mapped[str]


class WorkPlanItem(DefaultBase):
    __tablename__ = "work_plan_item"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID]
    centre_id: Mapped[UUID]
    position: Mapped[int]
    code: Mapped[str]
    title: Mapped[str]
    target_text: Mapped[str | None]
    required_in_year: Mapped[int | None]


class ActivityRollup(DefaultBase):
    __tablename__ = "activity_rollup"
    centre_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    centre_role: Mapped[str] = mapped_column(primary_key=True)
    municipality_id: Mapped[str] = mapped_column(primary_key=True)
    is_centre_only: Mapped[bool] = mapped_column(primary_key=True)
    held_count: Mapped[int]


class PlanItemRollup(DefaultBase):
    __tablename__ = "plan_item_rollup"
    centre_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    municipality_id: Mapped[str] = mapped_column(primary_key=True)
    is_centre_only: Mapped[bool] = mapped_column(primary_key=True)
    held_count: Mapped[int]


class PersonIn(msgspec.Struct):
    person_id: UUID
    role: str


class VisitIn(msgspec.Struct):
    office_id: UUID
    held_on: date
    starts_at: Annotated[str, msgspec.Meta(max_length=5)]
    ends_at: Annotated[str, msgspec.Meta(max_length=5)]
    participant_count: Annotated[int, msgspec.Meta(ge=0, le=100_000)]
    menus: Annotated[list[str], msgspec.Meta(max_length=4)]
    findings: Annotated[str, msgspec.Meta(max_length=4000)]
    message: Annotated[str, msgspec.Meta(max_length=2000)]
    next_action: Annotated[str, msgspec.Meta(max_length=1000)]
    people: list[PersonIn]
    plan_item_ids: list[UUID]


class ActivityRepository(SQLAlchemyAsyncRepository[Activity]):
    model_type = Activity


UNSEEN = {"title_folded", "occurs_on", "office_ids", "created_by", "changed_tx"}
MEMBERS = [c.name for c in Activity.__table__.columns if c.name not in UNSEEN]
DETAILS = ("menus", "findings", "internal_findings", "message", "next_action", "follow_up_due_on")
LINKS = {
    "offices": ("office_id", "side", "mode", "attendance", "participant_count"),
    "people": ("person_id", "role", "mode", "attendance"),
    "organizations": ("organization_kind", "name", "side", "mode", "is_present"),
    "plan_items": ("item_id", "linked_by"),
}


def members_of(row: Any, names: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def visit_of(activity: Activity) -> dict[str, Any]:
    links = {link: [members_of(row, names) for row in getattr(activity, link)] for link, names in LINKS.items()}
    return members_of(activity, MEMBERS) | members_of(activity.visit, DETAILS) | links


async def current_centre(request: Request) -> UUID:
    _, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        return UUID(jwt.decode(token, os.environ["BENCH_SECRET"], algorithms=["HS256"])["centre_id"])
    except jwt.InvalidTokenError as error:
        raise NotAuthorizedException from error


async def activities(db_session: AsyncSession) -> ActivityRepository:
    return ActivityRepository(session=db_session)


@get("/v1/office_visits/{visit_id:uuid}")
async def read_visit(visit_id: UUID, centre: UUID, repository: ActivityRepository) -> dict[str, Any]:
    found = await repository.get_one_or_none(id=visit_id, centre_id=centre, deleted_at=None)
    if found is None:
        raise NotFoundException
    return visit_of(found)


@get("/v1/activities")
async def read_activities(
    centre: UUID, repository: ActivityRepository, centre_id: UUID, month: str, limit: int = 50
) -> dict[str, Any]:
    first, last = bounds(month)
    found = await repository.list(
        Activity.centre_id == centre,
        Activity.centre_id == centre_id,
        Activity.occurs_on.between(first, last),
        Activity.deleted_at.is_(None),
        OrderBy("occurs_on", "desc"),
        OrderBy("id", "desc"),
        LimitOffset(limit, 0),
        load=[noload("*")],
    )
    return {"results": [members_of(activity, MEMBERS) for activity in found]}


@post("/v1/office_visits")
async def create_visit(
    data: VisitIn, centre: UUID, repository: ActivityRepository, db_session: AsyncSession
) -> dict[str, Any]:
    covered = select(CentreCoverage.municipality_id).where(CentreCoverage.centre_id == centre)
    office = await db_session.scalar(
        select(Office).where(Office.id == data.office_id, Office.municipality_id.in_(covered))
    )
    if office is None:
        raise NotFoundException
    now = datetime.now(UTC)
    owner = {"centre_id": centre, "municipality_id": office.municipality_id}
    details = {"menus": data.menus, "findings": data.findings, "message": data.message, "next_action": data.next_action}
    activity = Activity(
        id=uuid4(), kind="office_visit", title=office.name, title_folded=office.name, held_on=data.held_on,
        occurs_on=data.held_on, month=data.held_on.replace(day=1), starts_at=data.starts_at, ends_at=data.ends_at,
        duration_minutes=90, office_id=office.id, office_ids=[office.id], participant_count=data.participant_count,
        created_at=now, updated_at=now, **owner,
        visit=OfficeVisit(office_id=office.id, **owner, **details),
        offices=[ActivityOffice(office_id=office.id, **owner)],
        people=[ActivityPerson(person_id=p.person_id, role=p.role, centre_id=centre) for p in data.people],
        organizations=[],
        plan_items=[ActivityPlanItem(item_id=item, occurs_on=data.held_on, **owner) for item in data.plan_item_ids],
    )  # fmt: skip
    await repository.add(activity, auto_commit=True)
    return visit_of(activity)


@get("/v1/activity_counts")
async def read_counts(
    centre: UUID,
    db_session: AsyncSession,
    first: Annotated[str, Parameter(query="from")],
    last: Annotated[str, Parameter(query="to")],
) -> dict[str, Any]:
    found = await db_session.execute(
        select(ActivityRollup.month, ActivityRollup.kind, func.sum(ActivityRollup.held_count))
        .where(
            ActivityRollup.centre_id == centre,
            ActivityRollup.month >= bounds(first)[0],
            ActivityRollup.month <= bounds(last)[0],
        )
        .group_by(ActivityRollup.month, ActivityRollup.kind)
        .order_by(ActivityRollup.month, ActivityRollup.kind)
    )
    return {"results": [{"period": f"{month:%Y-%m}", "kind": kind, "value": int(n)} for month, kind, n in found]}


@get("/v1/work_plans/{plan_id:uuid}/progress")
async def read_progress(plan_id: UUID, centre: UUID, db_session: AsyncSession) -> dict[str, Any]:
    items = (
        await db_session.scalars(
            select(WorkPlanItem)
            .where(WorkPlanItem.plan_id == plan_id, WorkPlanItem.centre_id == centre)
            .order_by(WorkPlanItem.position)
        )
    ).all()
    ids = [item.id for item in items]
    by_month: dict[UUID, dict[str, int]] = defaultdict(dict)
    for item_id, month, count in await db_session.execute(
        select(PlanItemRollup.item_id, PlanItemRollup.month, func.sum(PlanItemRollup.held_count))
        .where(PlanItemRollup.centre_id == centre, PlanItemRollup.item_id.in_(ids))
        .group_by(PlanItemRollup.item_id, PlanItemRollup.month)
    ):
        by_month[item_id][month.isoformat()] = int(count)
    order = (ActivityPlanItem.occurs_on.desc(), ActivityPlanItem.activity_id.desc())
    place = func.row_number().over(partition_by=ActivityPlanItem.item_id, order_by=order).label("place")
    newest = (
        select(ActivityPlanItem.item_id, ActivityPlanItem.activity_id, ActivityPlanItem.occurs_on, place)
        .where(ActivityPlanItem.item_id.in_(ids), ActivityPlanItem.status == "held")
        .subquery()
    )
    evidence: dict[UUID, list[tuple[UUID, date]]] = defaultdict(list)
    for item_id, activity_id, held_on in await db_session.execute(
        select(newest.c.item_id, newest.c.activity_id, newest.c.occurs_on)
        .where(newest.c.place <= EVIDENCE)
        .order_by(newest.c.item_id, newest.c.place)
    ):
        evidence[item_id].append((activity_id, held_on))
    names = ("id", "code", "title", "target_text", "required_in_year")
    return {
        "items": [
            {
                **members_of(item, names),
                "done": sum(by_month[item.id].values()),
                "by_month": by_month[item.id],
                "last_on": evidence[item.id][0][1] if evidence[item.id] else None,
                "evidence_ids": [activity_id for activity_id, _ in evidence[item.id]],
            }
            for item in items
        ]
    }


def bounds(month: str) -> tuple[date, date]:
    year, number = map(int, month.split("-"))
    return date(year, number, 1), date(year, number, monthrange(year, number)[1])


config = SQLAlchemyAsyncConfig(
    connection_string=os.environ["BENCH_SQLALCHEMY"].format(driver="asyncpg"),
    session_config=AsyncSessionConfig(expire_on_commit=False),
)
config.engine_config.pool_size = 24
app = Litestar(
    [read_visit, read_activities, create_visit, read_counts, read_progress],
    dependencies={"centre": Provide(current_centre), "repository": Provide(activities)},
    plugins=[SQLAlchemyPlugin(config)],
    openapi_config=None,
    logging_config=None,
)
