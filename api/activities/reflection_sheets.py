"""Reflection sheets (振り返りシート), each a part of its visit."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field
from starlette.requests import Request

from api.access import allow
from api.answers import Answer, created, item
from api.operations import area
from api.preconditions import if_match, if_match_where_it_exists
from api.problems import problems
from api.shapes import Code, Incoming, Shape, Uuid, text
from api.warnings import Warned, warned
from domain.access import Permission
from domain.activities import reflection_sheets
from domain.database import Session

router = area("office_visits")

VisitId = Annotated[str, Path(alias="id", description="Id of the visit (訪問).")]
Words = Annotated[str, text(2000, least=0)]


class SheetLineIn(Incoming):
    """What was seen under one viewpoint (視点ごとの記入)."""

    viewpoint: Code = Field(description="Code of a viewpoint of the set (視点).", examples=["quality_of_life"])
    strengths: Words | None = Field(default=None, description="Strengths found (強み・よいところ).")
    note: Words | None = Field(default=None, description="Anything else under this viewpoint (メモ).")


class SheetIn(Incoming):
    """A reflection sheet to be written. It has no score, on purpose."""

    viewpoint_set_id: Uuid | None = Field(
        default=None, description="Set of viewpoints; left out: the sheet's own, else the newest (視点セット)."
    )
    is_simplified: bool = Field(default=False, description="Whether it is the simplified sheet (簡易版).")
    note: Words | None = Field(default=None, description="About the whole (全体のメモ).")
    lines: Annotated[list[SheetLineIn], Field(max_length=40)] = Field(
        default_factory=list, description="What was seen, by viewpoint; the whole list (視点ごとの記入)."
    )


class SheetLineOut(Shape):
    """What was seen under one viewpoint (視点ごとの記入)."""

    viewpoint: str = Field(description="Code of the viewpoint (視点).")
    label_ja: str = Field(description="Label of the viewpoint (視点の表示名).")
    strengths: str | None = Field(description="Strengths found (強み・よいところ).")
    note: str | None = Field(description="Anything else under this viewpoint (メモ).")


class SheetOut(Shape):
    """A reflection sheet (振り返りシート)."""

    id: str
    visit_id: str = Field(description="The visit it belongs to (訪問).")
    centre_id: str = Field(description="The centre (センター).")
    municipality_id: str = Field(description="Municipality of the office (市区町村).")
    office_id: str = Field(description="The office it is about (事業所).")
    viewpoint_set_id: str = Field(description="Set of viewpoints it was written under (視点セット).")
    is_simplified: bool = Field(description="Whether it is the simplified sheet (簡易版).")
    shared_with_ward: bool = Field(description="Whether the office lets its ward read it (区市町村への共有の同意).")
    note: str | None = Field(description="About the whole (全体のメモ).")
    lines: list[SheetLineOut] = Field(description="What was seen, in the order of the viewpoints (視点ごとの記入).")
    may: dict[str, bool] = Field(
        description="What the caller may do next: write, share, unshare (できる操作).",
        examples=[{"write": False, "share": True, "unshare": False}],
    )
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime


class SheetSaved(SheetOut, Warned):
    """A sheet as it is now, with warnings about its free text and its consent."""


class SheetConsent(Incoming):
    """The office's decision about its own sheet (事業所の同意)."""

    shared_with_ward: bool = Field(description="Whether the ward may read it (区市町村への共有に同意する).")


@router.get("/{id}/reflection_sheet", response_model=SheetOut)
async def read_reflection_sheet(
    session: Annotated[Session, allow(Permission.REFLECTION_SHEETS_READ)], visit_id: VisitId
) -> Answer:
    """Read the sheet of a visit; a ward only where the office has consented (振り返りシート)."""
    return item(await reflection_sheets.sheet_for(session, visit_id))


@router.put(
    "/{id}/reflection_sheet",
    response_model=SheetSaved,
    responses={201: {"model": SheetSaved, "description": "Written for the first time (新規)."}, **problems(412, 428)},
)
async def write_reflection_sheet(
    session: Annotated[Session, allow(Permission.REFLECTION_SHEETS_WRITE)],
    request: Request,
    visit_id: VisitId,
    version: Annotated[int | None, if_match_where_it_exists()],
    body: SheetIn,
) -> Answer:
    """Write the sheet of a visit, new or anew; a change takes the office's consent back (振り返りシートの記入)."""
    row, is_new, warnings = await reflection_sheets.write_sheet(session, visit_id, body.model_dump(), version)
    told = warned(request, row, warnings)
    return created(told, f"/v1/office_visits/{visit_id}/reflection_sheet") if is_new else item(told)


@router.put("/{id}/reflection_sheet/consent", response_model=SheetOut)
async def share_reflection_sheet(
    session: Annotated[Session, allow(Permission.REFLECTION_SHEETS_CONSENT)],
    visit_id: VisitId,
    version: Annotated[int, if_match()],
    body: SheetConsent,
) -> Answer:
    """Let the ward read the sheet, or no longer; only the office itself may (区市町村への共有の同意)."""
    return item(await reflection_sheets.share_sheet(session, visit_id, shared=body.shared_with_ward, version=version))
