"""Consultation support offices (相談支援事業所)."""

from typing import Annotated

from fastapi import Path, Query
from starlette.requests import Request

from api.access import allow
from api.answers import Answer, Stream, created, item, nothing
from api.batches import Batch, BatchOut, BatchQuery, run_batch
from api.lists import listed, page_of
from api.operations import area
from api.places.office_shapes import OfficeChange, OfficeForOffice, OfficeIn, OfficeOut, OfficeSaved, OfficeUpsert
from api.preconditions import if_match, if_match_where_it_exists
from api.problems import problems
from api.shapes import Page
from api.warnings import warned
from domain.access import Permission
from domain.database import Session
from domain.lists import ListRequest
from domain.places import office_parts, office_records

router = area("offices")

OfficeId = Annotated[str, Path(alias="id", description="Id of the office (事業所).")]


@router.get("", response_model=Page[OfficeForOffice])
async def list_offices(
    session: Annotated[Session, allow(Permission.OFFICES_READ)],
    listing: Annotated[ListRequest, listed(office_records.OFFICES, OfficeForOffice)],
) -> Answer | Stream:
    """List offices within reach in the order of their readings (事業所の一覧)."""
    return await page_of(session, office_records.OFFICES, listing, OfficeForOffice, enrich=office_parts.with_parts)


@router.post("", response_model=OfficeSaved, status_code=201, responses=problems(404, 409))
async def add_office(
    session: Annotated[Session, allow(Permission.OFFICES_WRITE)], request: Request, body: OfficeIn
) -> Answer:
    """Enter an office (事業所の登録)."""
    row, warnings = await office_records.add_office(session, body.model_dump())
    return created(warned(request, row, warnings), f"/v1/offices/{row['id']}")


@router.post("/batch", response_model=BatchOut)
async def add_offices(
    session: Annotated[Session, allow(Permission.OFFICES_WRITE)],
    request: Request,
    query: Annotated[BatchQuery, Query()],
    body: Batch[OfficeIn],
) -> Answer:
    """Enter up to 500 offices, all or none (事業所の一括登録)."""
    return await run_batch(
        request, body.rows, lambda new: office_records.add_office(session, new), dry_run=query.dry_run
    )


@router.put(
    "/by_external_id/{source}/{id}",
    response_model=OfficeSaved,
    responses={201: {"description": "Entered for the first time.", "model": OfficeSaved}, **problems(409, 412, 428)},
)
async def upsert_office(
    session: Annotated[Session, allow(Permission.OFFICES_WRITE)],
    request: Request,
    source: Annotated[str, Path(description="The other system (外部システム).", examples=["ward_ledger"])],
    external_key: Annotated[str, Path(alias="id", description="Its key there (外部キー).")],
    version: Annotated[int | None, if_match_where_it_exists()],
    body: OfficeUpsert,
) -> Answer:
    """Enter, or with If-Match replace, the office another system knows by its own key (外部キーによる登録)."""
    row, warnings, is_new = await office_records.upsert_office(
        session, source, external_key, body.model_dump(), version
    )
    saved = warned(request, row, warnings)
    return created(saved, f"/v1/offices/{row['id']}") if is_new else item(saved)


@router.get("/{id}", response_model=OfficeOut | OfficeForOffice)
async def read_office(session: Annotated[Session, allow(Permission.OFFICES_READ)], office_id: OfficeId) -> Answer:
    """Read one office with designations, strengths and counts of its staff (事業所)."""
    return item(await office_records.whole_office(session, office_id))


@router.patch("/{id}", response_model=OfficeSaved, responses=problems(409))
async def change_office(
    session: Annotated[Session, allow(Permission.OFFICES_WRITE)],
    request: Request,
    office_id: OfficeId,
    version: Annotated[int, if_match()],
    body: OfficeChange,
) -> Answer:
    """Change an office; lists are replaced (事業所の変更)."""
    changes = body.model_dump(exclude_unset=True)
    row, warnings = await office_records.change_office(session, office_id, changes, version)
    return item(warned(request, row, warnings))


@router.delete("/{id}", status_code=204, responses=problems(409))
async def remove_office(
    session: Annotated[Session, allow(Permission.OFFICES_WRITE)],
    office_id: OfficeId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Remove an office that was entered wrongly; a closed one gets its closing day instead (事業所の削除)."""
    await office_records.remove_office(session, office_id, version)
    return nothing()
