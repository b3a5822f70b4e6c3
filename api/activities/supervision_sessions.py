"""Supervision (SV, GSV, 公開SV) and case conferences (事例検討会)."""

from datetime import date
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
from api.shapes import Day, Note, Page, text, unchanged
from api.warnings import Warned, warned
from domain.access import Permission, Role
from domain.activities import supervision_sessions
from domain.database import Session
from domain.lists import ListRequest

router = area("supervision_sessions")

SessionId = Annotated[str, Path(alias="id", description="Id of the session (SV・事例検討会).")]
SessionType = Literal["individual", "group", "public", "case_conference"]
CaseLabel = Annotated[str, text(40)]
TalkNote = Annotated[str, text(2000, least=0)]
Yen = Annotated[int, Field(ge=0, le=10_000_000)]

_TYPE = "individual 個別SV, group GSV, public 公開SV, case_conference 事例検討会 (種類)."
_CASE = "Opaque label of the case, never a name (事例の符号)."
_CONSENT = "Whether the person consented to the case being discussed (本人の同意)."
_TALK = "Whether there was a talk afterwards (アフタートーク)."
_TALK_NOTE = "What came up in the talk (アフタートークのメモ)."
_SUPERVISOR_ASKED = "Day a supervisor from outside was asked; three months ahead or a warning (SV依頼日)."
_CASE_ASKED = "Day the case was asked for (事例提供依頼日)."
_FEE = "Fee in yen, for the centre and its ward only (謝礼・円)."
_SUMMARY = "Summary that offices may read (概要)."
_INTERNAL = "Summary for the centre and its ward only (内部の概要)."


class SessionIn(ActivityFields):
    """A session to be recorded or planned. Supervisors, presenter and others are `people`, by role."""

    session_type: SessionType = Field(description=_TYPE, examples=["group"])
    case_label: CaseLabel | None = Field(default=None, description=_CASE, examples=["2026-07"])
    has_consent: bool = Field(default=False, description=_CONSENT)
    has_after_talk: bool = Field(default=False, description=_TALK)
    after_talk_note: TalkNote | None = Field(default=None, description=_TALK_NOTE)
    supervisor_asked_on: Day | None = Field(default=None, description=_SUPERVISOR_ASKED)
    case_asked_on: Day | None = Field(default=None, description=_CASE_ASKED)
    fee_yen: Yen | None = Field(default=None, description=_FEE)
    summary: Note | None = Field(default=None, description=_SUMMARY)
    internal_summary: Note | None = Field(default=None, description=_INTERNAL)


class SessionChange(ActivityFieldsChange):
    """What may change of a session; a case conference stays one."""

    session_type: SessionType = unchanged(_TYPE)
    case_label: CaseLabel | None = unchanged(_CASE)
    has_consent: bool = unchanged(_CONSENT)
    has_after_talk: bool = unchanged(_TALK)
    after_talk_note: TalkNote | None = unchanged(_TALK_NOTE)
    supervisor_asked_on: Day | None = unchanged(_SUPERVISOR_ASKED)
    case_asked_on: Day | None = unchanged(_CASE_ASKED)
    fee_yen: Yen | None = unchanged(_FEE)
    summary: Note | None = unchanged(_SUMMARY)
    internal_summary: Note | None = unchanged(_INTERNAL)


class SessionOut(ActivityWhole):
    """A session with everything the centre and its ward see."""

    session_type: SessionType = Field(description=_TYPE)
    case_label: str | None = Field(description=_CASE)
    has_consent: bool = Field(description=_CONSENT)
    has_after_talk: bool = Field(description=_TALK)
    after_talk_note: str | None = Field(description=_TALK_NOTE)
    supervisor_asked_on: date | None = Field(description=_SUPERVISOR_ASKED)
    case_asked_on: date | None = Field(description=_CASE_ASKED)
    fee_yen: int | None = Field(description=_FEE)
    summary: str | None = Field(description=_SUMMARY)
    internal_summary: str | None = Field(description=_INTERNAL)


class SessionSaved(SessionOut, Warned):
    """A session as it is now, with warnings about its free text and its lead times."""


class SessionForOffice(SeenByOffice):
    """A session as an office sees it: one it took part in, or a published one."""

    session_type: SessionType = Field(description=_TYPE)
    case_label: str | None = Field(description=f"{_CASE} Null where the office did not take part.")
    has_consent: bool = Field(description=_CONSENT)
    has_after_talk: bool = Field(description=_TALK)
    after_talk_note: str | None = Field(description=f"{_TALK_NOTE} Null where the office did not take part.")
    summary: str | None = Field(description=_SUMMARY)
    offices: list[OfficeLink] = Field(description="The office's own part; never another's (自事業所の参加).")
    people: list[PersonLink] = Field(description="The office's own people; never another's (自事業所の参加者).")


@router.get("", response_model=Page[SessionOut] | Page[SessionForOffice])
async def list_supervision_sessions(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_READ)],
    listing: Annotated[ListRequest, listed(supervision_sessions.SESSIONS.listing, SessionOut, is_calendar=True)],
) -> Answer | Stream:
    """List sessions, newest first; an office sees those it took part in and published ones (SV・事例検討会の一覧)."""
    if session.actor.role is Role.OFFICE_USER:
        return await page_of(
            session,
            supervision_sessions.SESSIONS.listing_for_office,
            listing,
            SessionForOffice,
            calendar=activity_calendars.SESSIONS,
        )
    return await page_of(
        session, supervision_sessions.SESSIONS.listing, listing, SessionOut, calendar=activity_calendars.SESSIONS
    )


@router.post("", response_model=SessionSaved, status_code=201, responses=problems(404, 409))
async def record_supervision_session(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_WRITE)], request: Request, body: SessionIn
) -> Answer:
    """Record a session that took place or is planned (SV・事例検討会の記録)."""
    row, warnings = await supervision_sessions.record_session(session, body.model_dump())
    return created(warned(request, row, warnings), f"/v1/supervision_sessions/{row['id']}")


@router.post("/batch", response_model=BatchOut)
async def record_supervision_sessions(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_WRITE)],
    request: Request,
    query: Annotated[BatchQuery, Query()],
    body: Batch[SessionIn],
) -> Answer:
    """Record up to 500 sessions, all or none (SV・事例検討会の一括記録)."""
    return await run_batch(
        request, body.rows, lambda new: supervision_sessions.record_session(session, new), dry_run=query.dry_run
    )


@router.put("/by_external_id/{source}/{id}", response_model=SessionSaved, responses=upserts(SessionSaved))
async def upsert_supervision_session(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_WRITE)],
    request: Request,
    source: ExternalSource,
    external_key: ExternalKey,
    version: Annotated[int | None, if_match_where_it_exists()],
    body: SessionIn,
) -> Answer:
    """Record, or with If-Match replace, the session that another system knows by its own key (外部キーによる登録)."""
    outcome = await supervision_sessions.upsert_session(session, source, external_key, body.model_dump(), version)
    return upserted(request, outcome, "/v1/supervision_sessions")


@router.get("/{id}", response_model=SessionOut | SessionForOffice)
async def read_supervision_session(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_READ)], session_id: SessionId
) -> Answer:
    """Read one session in the shape of the caller's role (SV・事例検討会)."""
    return item(await supervision_sessions.session_for(session, session_id))


@router.patch("/{id}", response_model=SessionSaved, responses=problems(409))
async def change_supervision_session(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_WRITE)],
    request: Request,
    session_id: SessionId,
    version: Annotated[int, if_match()],
    body: SessionChange,
) -> Answer:
    """Hold a planned session, add consent, summary or talk (SV・事例検討会の変更)."""
    changes = body.model_dump(include=body.model_fields_set)
    row, warnings = await supervision_sessions.change_session(session, session_id, changes, version)
    return item(warned(request, row, warnings))


@router.delete("/{id}", status_code=204)
async def remove_supervision_session(
    session: Annotated[Session, allow(Permission.SUPERVISION_SESSIONS_WRITE)],
    session_id: SessionId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Take a session out of the ledger; sync shows a tombstone (SV・事例検討会の削除)."""
    await supervision_sessions.remove_session(session, session_id, version)
    return nothing()
