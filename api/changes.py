"""The change feed (変更の一覧): one question for everything that changed."""

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import ConfigDict, Field

from api.access import allow
from api.answers import Answer, page
from api.operations import area
from api.shapes import Page, Shape
from domain import changes
from domain.access import Permission
from domain.database import Session

router = area("changes")


class ChangesQuery(Shape):
    """Where to go on from."""

    model_config = ConfigDict(extra="forbid")

    after: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        default=changes.START, description="`start`, or `next_cursor` of the last answer (続きのカーソル)."
    )
    limit: Annotated[int, Field(ge=1, le=200)] = Field(default=200, description="Rows per page (1ページの件数).")


class ChangeOut(Shape):
    """One changed or deleted row. Read it in its area by its id; a deleted one is gone for good."""

    area: str = Field(description="Area the row belongs to (領域).", examples=["activities"])
    id: str = Field(description="Id of the row there.")
    kind: str | None = Field(description="Kind of an activity, null elsewhere (活動の種別).", examples=["office_visit"])
    updated_at: datetime = Field(description="When it changed (変更日時).")
    is_deleted: bool = Field(description="Whether it is deleted (削除済み).")


@router.get("", response_model=Page[ChangeOut])
async def list_changes(
    session: Annotated[Session, allow(Permission.CHANGES_READ)], query: Annotated[ChangesQuery, Query()]
) -> Answer:
    """List what changed in any area since the last time, oldest first; `next_cursor` never ends (変更の一覧)."""
    found = await changes.changes_after(session, query.after, query.limit)
    return page(found, query.limit, "/v1/changes", query.model_dump(exclude_unset=True), "after")
