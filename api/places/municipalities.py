"""Municipalities (市区町村)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import Field

from api.access import allow
from api.answers import Answer, Stream, created, item, nothing
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Code, Day, Incoming, MunicipalityCode, Page, Shape, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.lists import ListRequest
from domain.places import municipalities

router = area("municipalities")


class MunicipalityOut(Shape):
    """A municipality (市区町村)."""

    id: str = Field(description="Local government code of 6 digits (全国地方公共団体コード).", examples=["131105"])
    parent_code: str | None = Field(description="The designated city a ward belongs to (政令指定都市).")
    kind: str = Field(description="city, special_ward, designated_city, designated_city_ward, town, village.")
    prefecture: str = Field(description="Prefecture (都道府県).")
    name: str = Field(description="Name (名称).", examples=["目黒区"])
    name_kana: str = Field(description="Reading (よみ).")
    population: int | None = Field(description="Population (人口).")
    population_on: date | None = Field(description="Day of the population figure.")
    region_grade: str | None = Field(description="Regional grade of the fee tables (地域区分).")
    free_text_policy: str = Field(description="What happens to personal data in free text: warn or refuse.")
    labels: dict[str, Any] = Field(description="Words this municipality uses instead of ours (呼び名).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


Kind = Literal["city", "special_ward", "designated_city", "designated_city_ward", "town", "village"]
Population = Annotated[int, Field(ge=0, le=100_000_000)]
Labels = Annotated[dict[Code, Annotated[str, text(60)]], Field(max_length=100)]


class MunicipalityIn(Incoming):
    """A municipality to be set up."""

    id: MunicipalityCode = Field(
        description="Local government code with its check digit (全国地方公共団体コード).", examples=["131105"]
    )
    parent_code: MunicipalityCode | None = Field(
        default=None, description="For a ward: its designated city (政令指定都市).", examples=["141003"]
    )
    kind: Kind = Field(description="Kind (種類).")
    prefecture: Annotated[str, text(20)] = Field(description="Prefecture (都道府県).", examples=["東京都"])
    name: Annotated[str, text(60)] = Field(description="Name (名称).", examples=["目黒区"])
    name_kana: Annotated[str, text(120)] = Field(description="Reading (よみ).", examples=["めぐろく"])
    population: Population | None = Field(default=None, description="Population (人口).")
    population_on: Day | None = Field(default=None, description="Day of the population figure.")
    region_grade: Annotated[str, text(20)] | None = Field(default=None, description="Regional grade (地域区分).")
    free_text_policy: Literal["warn", "refuse"] = Field(
        default="warn", description="Personal data in free text: warn or refuse."
    )
    labels: Labels = Field(default_factory=dict, description="Words used here instead of ours (呼び名).")


class MunicipalityChange(Incoming):
    """What a municipality may change of itself."""

    name: Annotated[str, text(60)] = unchanged("Name (名称).")
    name_kana: Annotated[str, text(120)] = unchanged("Reading (よみ).")
    population: Population | None = unchanged("Population (人口).")
    population_on: Day | None = unchanged("Day of the population figure.")
    region_grade: Annotated[str, text(20)] | None = unchanged("Regional grade (地域区分).")
    free_text_policy: Literal["warn", "refuse"] = unchanged("Personal data in free text: warn or refuse.")
    labels: Labels = unchanged("Words used here instead of ours (呼び名).")


@router.get("", response_model=Page[MunicipalityOut])
async def list_municipalities(
    session: Annotated[Session, allow(Permission.MUNICIPALITIES_READ)],
    listing: Annotated[ListRequest, listed(municipalities.MUNICIPALITIES, MunicipalityOut)],
) -> Answer | Stream:
    """List municipalities within reach (市区町村の一覧)."""
    return await page_of(session, municipalities.MUNICIPALITIES, listing, MunicipalityOut)


@router.post("", response_model=MunicipalityOut, status_code=201, responses=problems(409))
async def add_municipality(
    session: Annotated[Session, allow(Permission.MUNICIPALITIES_PROVISION)], body: MunicipalityIn
) -> Answer:
    """Set up a municipality (市区町村の登録)."""
    row = await municipalities.add_municipality(session, body.model_dump())
    return created(row, f"/v1/municipalities/{row['id']}")


@router.get("/{id}", response_model=MunicipalityOut)
async def read_municipality(
    session: Annotated[Session, allow(Permission.MUNICIPALITIES_READ)],
    code: Annotated[str, Path(alias="id", description="Local government code (全国地方公共団体コード).")],
) -> Answer:
    """Read one municipality (市区町村)."""
    return item(await municipalities.municipality_for(session, code))


@router.patch("/{id}", response_model=MunicipalityOut)
async def change_municipality(
    session: Annotated[Session, allow(Permission.MUNICIPALITIES_WRITE)],
    code: Annotated[str, Path(alias="id", description="Local government code (全国地方公共団体コード).")],
    version: Annotated[int, if_match()],
    body: MunicipalityChange,
) -> Answer:
    """Change a municipality's own settings (市区町村の設定変更)."""
    return item(await municipalities.change_municipality(session, code, body.model_dump(exclude_unset=True), version))


@router.delete("/{id}", status_code=204, responses=problems(409))
async def remove_municipality(
    session: Annotated[Session, allow(Permission.MUNICIPALITIES_PROVISION, door=True)],
    code: Annotated[str, Path(alias="id", description="Local government code (全国地方公共団体コード).")],
    version: Annotated[int, if_match()],
) -> Answer:
    """Remove a municipality on which nothing hangs (市区町村の削除)."""
    await municipalities.remove_municipality(session, code, version)
    return nothing()
