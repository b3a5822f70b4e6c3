"""Trainings (研修会)."""

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.requests import Request

from api.access import allow
from api.activities import activity_calendars
from api.activities.activity_shapes import (
    ActivityFields,
    ActivityFieldsChange,
    ActivityWhole,
    Codes,
    OfficeLink,
    PersonLink,
    SeenByOffice,
)
from api.activities.activity_upserts import ExternalKey, ExternalSource, upserted, upserts
from api.answers import Answer, Stream, created, item, nothing
from api.batches import Batch, BatchOut, BatchQuery, run_batch
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match, if_match_where_it_exists
from api.problems import problems
from api.shapes import Day, Incoming, LocalTime, Note, Page, text, unchanged
from api.warnings import Warned, warned
from domain.access import Permission, Role
from domain.activities import training_events
from domain.database import Session
from domain.lists import ListRequest

router = area("training_events")

TrainingId = Annotated[str, Path(alias="id", description="Id of the training (研修会).")]
Category = Literal["workforce_development", "statutory", "rights_protection", "abuse_prevention", "other"]
Theme = Annotated[str, text(200)]
Capacity = Annotated[int, Field(ge=1, le=10_000)]

_CATEGORY = (
    "workforce_development 福祉人材育成, statutory 相談支援従事者研修, rights_protection 権利擁護, "
    "abuse_prevention 虐待防止, other (区分). It stands among `themes` too."
)
_THEME = "What it is about (テーマ)."
_AUDIENCE = "Codes of those it is for (対象者)."
_CAPACITY = "How many may take part (定員)."
_CASE_METHOD = "Whether it teaches the method of case studies (事例検討の進め方)."
_LECTURERS = "Lecturers (講師)."
_DESCRIPTION = "What offices read about it (内容)."
_SURVEY = "Result of the survey, for the centre and its ward only (アンケートのまとめ)."
_DATES = (
    "Its dates where it runs over several (日程). It counts once, in the month of `held_on`: the first of them that "
    "took place."
)


class Lecturer(Incoming):
    """A lecturer (講師)."""

    name: Annotated[str, text(60)] = Field(description="Name (氏名).")
    affiliation: Annotated[str, text(100)] | None = Field(default=None, description="Affiliation (所属).")
    is_external: bool = Field(default=False, description="Whether from outside the centre (外部講師).")


class TrainingDate(Incoming):
    """One date of a training (日程)."""

    held_on: Day = Field(description="Day, past or planned (日).")
    starts_at: LocalTime | None = Field(default=None, description="Start, local time (開始時刻).")
    ends_at: LocalTime | None = Field(default=None, description="End, local time (終了時刻).")
    location: Annotated[str, text(200)] | None = Field(default=None, description="Place (場所).")


Lecturers = Annotated[list[Lecturer], Field(max_length=20)]
Dates = Annotated[list[TrainingDate], Field(max_length=60)]


class TrainingIn(ActivityFields):
    """A training to be recorded or planned. Attendance stands in `offices` and, by person, in `people`."""

    category: Category = Field(description=_CATEGORY, examples=["workforce_development"])
    theme: Theme = Field(description=_THEME, examples=["本人と家族のエンパワメントを生かした相談支援"])
    audience: Codes | None = Field(default=None, description=_AUDIENCE, examples=[["newcomer", "under_three_years"]])
    capacity: Capacity | None = Field(default=None, description=_CAPACITY)
    is_case_method: bool = Field(default=False, description=_CASE_METHOD)
    lecturers: Lecturers | None = Field(default=None, description=_LECTURERS)
    description: Note | None = Field(default=None, description=_DESCRIPTION)
    survey_summary: Note | None = Field(default=None, description=_SURVEY)
    dates: Dates | None = Field(default=None, description=_DATES)


class TrainingChange(ActivityFieldsChange):
    """What may change of a training."""

    category: Category = unchanged(_CATEGORY)
    theme: Theme = unchanged(_THEME)
    audience: Codes = unchanged(_AUDIENCE)
    capacity: Capacity | None = unchanged(_CAPACITY)
    is_case_method: bool = unchanged(_CASE_METHOD)
    lecturers: Lecturers = unchanged(_LECTURERS)
    description: Note | None = unchanged(_DESCRIPTION)
    survey_summary: Note | None = unchanged(_SURVEY)
    dates: Dates = unchanged(_DATES)


class TrainingOut(ActivityWhole):
    """A training with everything the centre and its ward see."""

    category: Category = Field(description=_CATEGORY)
    theme: str = Field(description=_THEME)
    audience: list[str] = Field(description=_AUDIENCE)
    capacity: int | None = Field(description=_CAPACITY)
    is_case_method: bool = Field(description=_CASE_METHOD)
    lecturers: list[Lecturer] = Field(description=_LECTURERS)
    description: str | None = Field(description=_DESCRIPTION)
    survey_summary: str | None = Field(description=_SURVEY)
    dates: list[TrainingDate] = Field(description=_DATES)


class TrainingSaved(TrainingOut, Warned):
    """A training as it is now, with warnings about its free text."""


class TrainingForOffice(SeenByOffice):
    """A training as an office sees it, with its own attendance."""

    category: Category = Field(description=_CATEGORY)
    theme: str = Field(description=_THEME)
    audience: list[str] = Field(description=_AUDIENCE)
    capacity: int | None = Field(description=_CAPACITY)
    is_case_method: bool = Field(description=_CASE_METHOD)
    lecturers: list[Lecturer] = Field(description=_LECTURERS)
    description: str | None = Field(description=_DESCRIPTION)
    dates: list[TrainingDate] = Field(description=_DATES)
    offices: list[OfficeLink] = Field(description="The office's own attendance; never another's (自事業所の出欠).")
    people: list[PersonLink] = Field(description="The office's own people; never another's (自事業所の参加者).")


@router.get("", response_model=Page[TrainingOut] | Page[TrainingForOffice])
async def list_training_events(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_READ)],
    listing: Annotated[ListRequest, listed(training_events.TRAININGS.listing, TrainingOut, is_calendar=True)],
) -> Answer | Stream:
    """List trainings, newest first; an office sees those published or its own (研修会の一覧)."""
    order = training_events.in_order
    if session.actor.role is Role.OFFICE_USER:
        seen = training_events.TRAININGS.listing_for_office
        return await page_of(
            session, seen, listing, TrainingForOffice, enrich=order, calendar=activity_calendars.TRAININGS
        )
    return await page_of(
        session,
        training_events.TRAININGS.listing,
        listing,
        TrainingOut,
        enrich=order,
        calendar=activity_calendars.TRAININGS,
    )


@router.post("", response_model=TrainingSaved, status_code=201, responses=problems(404, 409))
async def record_training_event(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_WRITE)], request: Request, body: TrainingIn
) -> Answer:
    """Record a training that took place, has begun, or is planned (研修会の記録)."""
    row, warnings = await training_events.record_training(session, body.model_dump())
    return created(warned(request, row, warnings), f"/v1/training_events/{row['id']}")


@router.post("/batch", response_model=BatchOut)
async def record_training_events(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_WRITE)],
    request: Request,
    query: Annotated[BatchQuery, Query()],
    body: Batch[TrainingIn],
) -> Answer:
    """Record up to 500 trainings, all or none (研修会の一括記録)."""
    return await run_batch(
        request, body.rows, lambda new: training_events.record_training(session, new), dry_run=query.dry_run
    )


@router.put("/by_external_id/{source}/{id}", response_model=TrainingSaved, responses=upserts(TrainingSaved))
async def upsert_training_event(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_WRITE)],
    request: Request,
    source: ExternalSource,
    external_key: ExternalKey,
    version: Annotated[int | None, if_match_where_it_exists()],
    body: TrainingIn,
) -> Answer:
    """Record, or with If-Match replace, the training that another system knows by its own key (外部キーによる登録)."""
    outcome = await training_events.upsert_training(session, source, external_key, body.model_dump(), version)
    return upserted(request, outcome, "/v1/training_events")


@router.get("/{id}", response_model=TrainingOut | TrainingForOffice)
async def read_training_event(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_READ)], training_id: TrainingId
) -> Answer:
    """Read one training in the shape of the caller's role (研修会)."""
    return item(await training_events.training_for(session, training_id))


@router.patch("/{id}", response_model=TrainingSaved, responses=problems(409))
async def change_training_event(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_WRITE)],
    request: Request,
    training_id: TrainingId,
    version: Annotated[int, if_match()],
    body: TrainingChange,
) -> Answer:
    """Hold a planned training, change its dates, enter attendance (研修会の変更)."""
    changes = body.model_dump(include=body.model_fields_set)
    row, warnings = await training_events.change_training(session, training_id, changes, version)
    return item(warned(request, row, warnings))


@router.delete("/{id}", status_code=204)
async def remove_training_event(
    session: Annotated[Session, allow(Permission.TRAINING_EVENTS_WRITE)],
    training_id: TrainingId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Take a training out of the ledger; sync shows a tombstone (研修会の削除)."""
    await training_events.remove_training(session, training_id, version)
    return nothing()
