"""Base consultation centres (基幹相談支援センター)."""

from typing import Annotated

from starlette.requests import Request

from api.access import allow
from api.answers import Answer, Stream, created, item, nothing
from api.lists import listed, page_of
from api.operations import area
from api.places.centre_shapes import (
    CentreChange,
    CentreForOffice,
    CentreId,
    CentreIn,
    CentreOut,
    CentreRow,
    CentreSaved,
)
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Page
from api.warnings import warned
from domain.access import Permission
from domain.database import Session
from domain.lists import ListRequest
from domain.places import centre_records

router = area("centres")


@router.get("", response_model=Page[CentreRow])
async def list_centres(
    session: Annotated[Session, allow(Permission.CENTRES_READ)],
    listing: Annotated[ListRequest, listed(centre_records.CENTRES, CentreRow)],
) -> Answer | Stream:
    """List centres within reach in the order of their readings (センターの一覧)."""
    enrich = centre_records.with_municipalities
    return await page_of(session, centre_records.CENTRES, listing, CentreRow, enrich=enrich)


@router.post("", response_model=CentreSaved, status_code=201)
async def add_centre(
    session: Annotated[Session, allow(Permission.CENTRES_PROVISION)], request: Request, body: CentreIn
) -> Answer:
    """Set up a centre; its coverage comes separately (センターの登録)."""
    row, warnings = await centre_records.add_centre(session, body.model_dump())
    return created(warned(request, row, warnings), f"/v1/centres/{row['id']}")


@router.get("/{id}", response_model=CentreOut | CentreForOffice)
async def read_centre(session: Annotated[Session, allow(Permission.CENTRES_READ)], centre_id: CentreId) -> Answer:
    """Read one centre with coverage, hours, closures and staffing; office users get less (センター)."""
    return item(await centre_records.whole_centre(session, centre_id))


@router.patch("/{id}", response_model=CentreSaved)
async def change_centre(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)],
    request: Request,
    centre_id: CentreId,
    version: Annotated[int, if_match()],
    body: CentreChange,
) -> Answer:
    """Change a centre: operators all of it, its manager what describes it (センターの変更)."""
    changes = body.model_dump(exclude_unset=True)
    row, warnings = await centre_records.change_centre(session, centre_id, changes, version)
    return item(warned(request, row, warnings))


@router.delete("/{id}", status_code=204, responses=problems(409))
async def remove_centre(
    session: Annotated[Session, allow(Permission.CENTRES_PROVISION, door=True)],
    centre_id: CentreId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Remove a centre that covers nothing and has no users (センターの削除)."""
    await centre_records.remove_centre(session, centre_id, version)
    return nothing()
