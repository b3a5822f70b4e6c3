"""Visits to consultation offices (事業所訪問)."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.requests import Request

from api.access import allow
from api.activities import activity_calendars
from api.activities.activity_shapes import ActivityFields, ActivityFieldsChange, ActivityWhole, SeenByOffice
from api.activities.activity_upserts import ExternalKey, ExternalSource, upserted, upserts
from api.answers import Answer, Stream, created, item, nothing
from api.batches import Batch, BatchOut, BatchQuery, run_batch
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match, if_match_where_it_exists
from api.problems import problems
from api.shapes import Day, Note, Page, Uuid, each_once, text, unchanged
from api.warnings import Warned, warned
from domain.access import Permission, Role
from domain.activities import office_visits
from domain.database import Session
from domain.lists import ListRequest

router = area("office_visits")

VisitId = Annotated[str, Path(alias="id", description="Id of the visit (訪問).")]
Menus = Annotated[list[Literal["worry", "supervision", "case", "plan"]], Field(max_length=4), each_once()]
Message = Annotated[str, text(2000, least=0)]
NextAction = Annotated[str, text(1000, least=0)]


class VisitIn(ActivityFields):
    """A visit to be recorded or planned."""

    office_id: Uuid = Field(description="The office visited (訪問先の事業所).")
    menus: Menus | None = Field(
        default=None, description="worry 悩み事相談, supervision SV, case ケース相談, plan 計画作成 (活動メニュー)."
    )
    findings: Note | None = Field(default=None, description="What was seen; the office may read it (気づき).")
    internal_findings: Note | None = Field(default=None, description="For the centre and its ward only (内部の気づき).")
    message: Message | None = Field(default=None, description="Supportive message to the office (メッセージ).")
    next_action: NextAction | None = Field(default=None, description="What comes next (次の動き).")
    follow_up_due_on: Day | None = Field(default=None, description="Follow-up due (フォロー期限).")


class VisitChange(ActivityFieldsChange):
    """What may change of a visit."""

    office_id: Uuid = unchanged("The office visited (訪問先の事業所).")
    menus: Menus = unchanged("Menu of the visit (活動メニュー).")
    findings: Note | None = unchanged("What was seen; the office may read it (気づき).")
    internal_findings: Note | None = unchanged("For the centre and its ward only (内部の気づき).")
    message: Message | None = unchanged("Supportive message to the office (メッセージ).")
    next_action: NextAction | None = unchanged("What comes next (次の動き).")
    follow_up_due_on: Day | None = unchanged("Follow-up due (フォロー期限).")


class VisitOut(ActivityWhole):
    """A visit with everything the centre and its ward see."""

    menus: Menus = Field(description="Menu of the visit (活動メニュー).")
    findings: str | None = Field(description="What was seen; the office may read it (気づき).")
    internal_findings: str | None = Field(description="For the centre and its ward only (内部の気づき).")
    message: str | None = Field(description="Supportive message to the office (メッセージ).")
    next_action: str | None = Field(description="What comes next (次の動き).")
    follow_up_due_on: date | None = Field(description="Follow-up due (フォロー期限).")


class VisitSaved(VisitOut, Warned):
    """A visit as it is now, with warnings about its free text."""


class VisitForOffice(SeenByOffice):
    """A visit as the visited office sees it."""

    menus: Menus = Field(description="Menu of the visit (活動メニュー).")
    findings: str | None = Field(description="What was seen (気づき).")
    message: str | None = Field(description="Message to the office (メッセージ).")
    next_action: str | None = Field(description="What comes next (次の動き).")
    follow_up_due_on: date | None = Field(description="Follow-up due (フォロー期限).")


@router.get("", response_model=Page[VisitOut] | Page[VisitForOffice])
async def list_office_visits(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_READ)],
    listing: Annotated[ListRequest, listed(office_visits.VISITS.listing, VisitOut, is_calendar=True)],
) -> Answer | Stream:
    """List visits, newest first; an office sees its own, without what is internal (事業所訪問の一覧)."""
    if session.actor.role is Role.OFFICE_USER:
        return await page_of(
            session,
            office_visits.VISITS.listing_for_office,
            listing,
            VisitForOffice,
            calendar=activity_calendars.VISITS,
        )
    return await page_of(session, office_visits.VISITS.listing, listing, VisitOut, calendar=activity_calendars.VISITS)


@router.post("", response_model=VisitSaved, status_code=201, responses=problems(404, 409))
async def record_office_visit(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_WRITE)], request: Request, body: VisitIn
) -> Answer:
    """Record a visit that took place, was declined, or is planned (事業所訪問の記録)."""
    row, warnings = await office_visits.record_visit(session, body.model_dump())
    return created(warned(request, row, warnings), f"/v1/office_visits/{row['id']}")


@router.post("/batch", response_model=BatchOut)
async def record_office_visits(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_WRITE)],
    request: Request,
    query: Annotated[BatchQuery, Query()],
    body: Batch[VisitIn],
) -> Answer:
    """Record up to 500 visits, all or none (事業所訪問の一括記録)."""
    return await run_batch(
        request, body.rows, lambda new: office_visits.record_visit(session, new), dry_run=query.dry_run
    )


@router.put("/by_external_id/{source}/{id}", response_model=VisitSaved, responses=upserts(VisitSaved))
async def upsert_office_visit(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_WRITE)],
    request: Request,
    source: ExternalSource,
    external_key: ExternalKey,
    version: Annotated[int | None, if_match_where_it_exists()],
    body: VisitIn,
) -> Answer:
    """Record, or with If-Match replace, the visit that another system knows by its own key (外部キーによる登録)."""
    outcome = await office_visits.upsert_visit(session, source, external_key, body.model_dump(), version)
    return upserted(request, outcome, "/v1/office_visits")


@router.get("/{id}", response_model=VisitOut | VisitForOffice)
async def read_office_visit(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_READ)],
    visit_id: VisitId,
) -> Answer:
    """Read one visit in the shape of the caller's role (事業所訪問)."""
    return item(await office_visits.visit_for(session, visit_id))


@router.patch("/{id}", response_model=VisitSaved, responses=problems(409))
async def change_office_visit(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_WRITE)],
    request: Request,
    visit_id: VisitId,
    version: Annotated[int, if_match()],
    body: VisitChange,
) -> Answer:
    """Hold a planned visit, postpone or decline it with its reason, add findings (事業所訪問の変更)."""
    row, warnings = await office_visits.change_visit(
        session, visit_id, body.model_dump(include=body.model_fields_set), version
    )
    return item(warned(request, row, warnings))


@router.delete("/{id}", status_code=204)
async def remove_office_visit(
    session: Annotated[Session, allow(Permission.OFFICE_VISITS_WRITE)],
    visit_id: VisitId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Take a visit out of the ledger; sync shows a tombstone (事業所訪問の削除)."""
    await office_visits.remove_visit(session, visit_id, version)
    return nothing()
