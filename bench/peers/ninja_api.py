"""django-ninja: typed path functions on Django's ORM; synchronous, under uvicorn."""

import os
from datetime import date, datetime
from typing import Any
from uuid import UUID

import django
from django.core.asgi import get_asgi_application
from django.http import Http404, HttpRequest
from django.urls import path
from ninja import Field, NinjaAPI, Query, Schema
from ninja.security import HttpBearer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.peers.django_settings")
django.setup()

from bench.peers.django_app import models  # noqa: E402 - Django wants its settings first


class Token(HttpBearer):
    def authenticate(self, _request: HttpRequest, token: str) -> UUID | None:
        return models.centre_of(f"Bearer {token}")


class OfficeLink(Schema):
    office_id: UUID
    side: str
    mode: str
    attendance: str
    participant_count: int | None


class PersonLink(Schema):
    person_id: UUID
    role: str
    mode: str
    attendance: str


class OrganizationLink(Schema):
    organization_kind: str
    name: str
    side: str
    mode: str
    is_present: bool


class PlanItemLink(Schema):
    item_id: UUID
    linked_by: str


class ActivityOut(Schema):
    id: UUID
    centre_id: UUID
    kind: str
    municipality_id: str | None
    centre_role: str
    title: str
    status: str
    status_reason: str | None
    planned_on: date | None
    held_on: date | None
    starts_at: str | None
    ends_at: str | None
    duration_minutes: int | None
    format: str
    location: str | None
    office_id: UUID | None
    participant_count: int | None
    body: str | None
    themes: list[str]
    needs: list[str]
    purposes: list[str]
    counted_as: list[str]
    visibility: str
    disclosure: str
    sensitivity: str
    follow_up_of_id: UUID | None
    internal_note: str | None
    external_source: str | None
    external_id: str | None
    month: date | None
    origin: str
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class VisitOut(ActivityOut):
    menus: list[str] = Field(alias="visit.menus")
    findings: str | None = Field(alias="visit.findings")
    internal_findings: str | None = Field(alias="visit.internal_findings")
    message: str | None = Field(alias="visit.message")
    next_action: str | None = Field(alias="visit.next_action")
    follow_up_due_on: date | None = Field(alias="visit.follow_up_due_on")
    offices: list[OfficeLink]
    people: list[PersonLink]
    organizations: list[OrganizationLink]
    plan_items: list[PlanItemLink]


class PersonIn(Schema):
    person_id: UUID
    role: str


class VisitIn(Schema):
    office_id: UUID
    held_on: date
    starts_at: str = Field(max_length=5)
    ends_at: str = Field(max_length=5)
    participant_count: int = Field(ge=0, le=100_000)
    menus: list[str] = Field(max_length=4)
    findings: str = Field(max_length=4000)
    message: str = Field(max_length=2000)
    next_action: str = Field(max_length=1000)
    people: list[PersonIn]
    plan_item_ids: list[UUID]


class Page(Schema):
    results: list[ActivityOut]


class Count(Schema):
    period: str
    kind: str
    value: int


class Counts(Schema):
    results: list[Count]


class ItemProgress(Schema):
    id: UUID
    code: str
    title: str
    target_text: str | None
    required_in_year: int | None
    done: int
    by_month: dict[str, int]
    last_on: date | None
    evidence_ids: list[UUID]


class Progress(Schema):
    items: list[ItemProgress]


api = NinjaAPI(auth=Token())


@api.get("/office_visits/{uuid:visit_id}", response=VisitOut)
def read_visit(request: HttpRequest, visit_id: UUID) -> Any:
    found = models.visits_of(request.auth).filter(id=visit_id).first()
    if found is None:
        raise Http404
    return found


@api.post("/office_visits", response={201: VisitOut})
def create_visit(request: HttpRequest, body: VisitIn) -> Any:
    made = models.record_visit(request.auth, body.dict())
    if made is None:
        raise Http404
    return 201, made


@api.get("/activities", response=Page)
def read_activities(request: HttpRequest, centre_id: UUID, month: str, limit: int = Query(50, le=200)) -> Any:
    return {"results": models.page_of(request.auth, centre_id, month, limit)}


@api.get("/activity_counts", response=Counts)
def read_counts(request: HttpRequest, first: str = Query(alias="from"), last: str = Query(alias="to")) -> Any:
    return {"results": models.counts_of(request.auth, first, last)}


@api.get("/work_plans/{uuid:plan_id}/progress", response=Progress)
def read_progress(request: HttpRequest, plan_id: UUID) -> Any:
    return {"items": models.progress_of(request.auth, plan_id)}


urlpatterns = [path("v1/", api.urls)]
app = get_asgi_application()
