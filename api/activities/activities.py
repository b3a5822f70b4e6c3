"""Activities (活動): the ledger as it stands, and the plain way in for kinds without an area of their own."""

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.requests import Request

from api.access import allow
from api.activities import activity_calendars
from api.activities.activity_shapes import ActivityFields, ActivityFieldsChange, ActivityOut, ActivityWhole
from api.activities.activity_upserts import ExternalSource, upserted, upserts
from api.answers import Answer, Stream, created, item, nothing
from api.batches import Batch, BatchOut, BatchQuery, run_batch
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match, if_match_where_it_exists
from api.problems import problems
from api.shapes import Code, Page, Uuid, text, unchanged
from api.warnings import Warned, warned
from domain import ledger
from domain.access import Permission
from domain.activities import activities
from domain.database import Session
from domain.lists import ListRequest

router = area("activities")

Kind = Literal[
    "practicum", "meeting", "backup_consultation", "liaison_contact", "information_bulletin", "guideline_revision",
    "publicity", "peer_gathering", "rights_consultation", "direct_consultation", "other",
]  # fmt: skip


class ActivityIn(ActivityFields):
    """An activity to be recorded."""

    kind: Kind = Field(description="Kind; visits, supervision and trainings have areas of their own (種別).")
    title: Annotated[str, text(200)] = Field(description="Title (題名).", examples=["基幹運営会議(第2回)"])
    body: Code | None = Field(default=None, description="Meeting body (会議体).", examples=["steering_meeting"])
    office_id: Uuid | None = Field(default=None, description="The office it is about (対象の事業所).")


class ActivitySaved(ActivityWhole, Warned):
    """An activity as it is now, with warnings about its free text."""


class ActivityChange(ActivityFieldsChange):
    """What may change of an activity."""

    body: Code | None = unchanged("Meeting body (会議体).")
    office_id: Uuid | None = unchanged("The office it is about (対象の事業所).")


@router.get("", response_model=Page[ActivityOut])
async def list_activities(
    session: Annotated[Session, allow(Permission.ACTIVITIES_READ)],
    listing: Annotated[ListRequest, listed(activities.ACTIVITIES, ActivityOut, is_calendar=True)],
) -> Answer | Stream:
    """List activities of every kind, newest first (活動の一覧)."""
    return await page_of(session, activities.ACTIVITIES, listing, ActivityOut, calendar=activity_calendars.ACTIVITIES)


@router.post("", response_model=ActivitySaved, status_code=201, responses=problems(404, 409))
async def record_activity(
    request: Request, session: Annotated[Session, allow(Permission.ACTIVITIES_WRITE)], body: ActivityIn
) -> Answer:
    """Record an activity of a kind without an area of its own, e.g. a steering meeting (活動の記録)."""
    row, warnings = await activities.record_activity(session, body.model_dump())
    return created(warned(request, row, warnings), f"/v1/activities/{row['id']}")


@router.post("/batch", response_model=BatchOut)
async def record_activities(
    session: Annotated[Session, allow(Permission.ACTIVITIES_WRITE)],
    request: Request,
    query: Annotated[BatchQuery, Query()],
    body: Batch[ActivityIn],
) -> Answer:
    """Record up to 500 activities, all or none (活動の一括記録)."""
    return await run_batch(
        request, body.rows, lambda new: activities.record_activity(session, new), dry_run=query.dry_run
    )


@router.get("/{id}", response_model=ActivityWhole)
async def read_activity(
    session: Annotated[Session, allow(Permission.ACTIVITIES_READ)],
    id: Annotated[str, Path(description="Id of the activity (活動).")],
) -> Answer:
    """Read one activity of any kind with its links (活動)."""
    return item(await ledger.activity_for(session, id))


@router.patch("/{id}", response_model=ActivitySaved, responses=problems(409))
async def change_activity(
    request: Request,
    session: Annotated[Session, allow(Permission.ACTIVITIES_WRITE)],
    id: Annotated[str, Path(description="Id of the activity (活動).")],
    version: Annotated[int, if_match()],
    body: ActivityChange,
) -> Answer:
    """Change an activity; lists are replaced (活動の変更)."""
    changes = body.model_dump(include=body.model_fields_set)
    row, warnings = await activities.change_activity(session, id, changes, version)
    return item(warned(request, row, warnings))


@router.delete("/{id}", status_code=204)
async def remove_activity(
    session: Annotated[Session, allow(Permission.ACTIVITIES_WRITE)],
    id: Annotated[str, Path(description="Id of the activity (活動).")],
    version: Annotated[int, if_match()],
) -> Answer:
    """Take an activity out of the ledger; sync shows a tombstone (活動の削除)."""
    await activities.remove_activity(session, id, version)
    return nothing()


@router.put("/by_external_id/{source}/{key}", response_model=ActivitySaved, responses=upserts(ActivitySaved))
async def upsert_activity(
    request: Request,
    session: Annotated[Session, allow(Permission.ACTIVITIES_WRITE)],
    source: ExternalSource,
    key: Annotated[str, Path(description="Its key there (外部キー).")],
    version: Annotated[int | None, if_match_where_it_exists()],
    body: ActivityIn,
) -> Answer:
    """Record or replace the activity that another system knows by its own key (外部キーによる登録)."""
    outcome = await activities.upsert_activity(session, source, key, body.model_dump(), version)
    return upserted(request, outcome, "/v1/activities")
