"""Viewpoint sets (振り返りの視点)."""

from datetime import date
from typing import Annotated

from pydantic import Field

from api.access import allow
from api.answers import Answer, Stream
from api.lists import listed, page_of
from api.operations import area
from api.shapes import Page, Shape
from domain.access import Permission
from domain.activities import viewpoint_sets
from domain.database import Session
from domain.lists import ListRequest

router = area("viewpoint_sets")


class ViewpointOut(Shape):
    """One viewpoint (視点)."""

    code: str = Field(description="Code; lines of a sheet name it (コード).", examples=["quality_of_life"])
    position: int = Field(description="Its place in the set, from 1 (順番).")
    label_ja: str = Field(description="Label (表示名).", examples=["生活の質の向上"])


class ViewpointSetOut(Shape):
    """An edition of a set of viewpoints (視点セットの版)."""

    id: str = Field(description="Id; sheets name it as `viewpoint_set_id`.")
    code: str = Field(description="Code, the same for all editions (コード).", examples=["six_viewpoints"])
    edition: int = Field(description="Edition, from 1 (版).")
    label_ja: str = Field(description="Label (表示名).")
    source: str | None = Field(description="Where the viewpoints come from (出典).")
    valid_from: date = Field(description="First day it is in force (適用開始日).")
    viewpoints: list[ViewpointOut] = Field(description="Viewpoints in their order (視点).")


@router.get("", response_model=Page[ViewpointSetOut])
async def list_viewpoint_sets(
    session: Annotated[Session, allow(Permission.REFLECTION_SHEETS_READ)],
    listing: Annotated[ListRequest, listed(viewpoint_sets.VIEWPOINT_SETS, ViewpointSetOut)],
) -> Answer | Stream:
    """List the viewpoints that reflections look at, newest edition first; none carries a score (視点セットの一覧)."""
    return await page_of(
        session, viewpoint_sets.VIEWPOINT_SETS, listing, ViewpointSetOut, enrich=viewpoint_sets.in_order
    )
