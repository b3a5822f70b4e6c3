"""Import of the national office register (障害福祉サービス等情報公表システムのオープンデータ)."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import ConfigDict, Field
from starlette.requests import Request

from api.access import allow
from api.answers import Answer, document
from api.operations import area
from api.problems import problems
from api.shapes import MunicipalityCode, Shape
from api.warnings import AnswerWarning, told
from domain.access import Permission
from domain.database import Session
from domain.errors import missing_at
from domain.places import office_register

router = area("offices")

IMPORT_PATH = "/v1/offices/register_imports"
"""Takes CSV of up to 5 MiB; the guard must know."""


class ImportQuery(Shape):
    """What to import for whom."""

    model_config = ConfigDict(extra="forbid")

    municipality_id: MunicipalityCode = Field(
        description="The municipality whose offices are taken from the file.", examples=["131105"]
    )
    dry_run: bool = Field(default=False, description="Tell what would become of each line, store nothing (試行).")


class ImportedLine(Shape):
    """What became, or would become, of one line."""

    line: int = Field(description="Number of the line in the file, the heading being 1.")
    service: str = Field(description="Kind of service (サービス種別).", examples=["計画相談支援"])
    status: Literal["created", "updated", "unchanged", "error"]
    office_id: str | None = Field(description="The office; null where there is none (yet).")
    name: str | None = Field(description="Name of the office; null for a line in error.")
    changes: list[str] = Field(description="Members of the office that are set or changed.")
    errors: list[AnswerWarning] = Field(description="What is wrong; `pointer` is `/line/column`.")
    warnings: list[AnswerWarning] = Field(description="What to look at, e.g. a wrong check digit.")


class SkippedLines(Shape):
    """A run of lines that are not ours."""

    reason: Literal["other_municipality", "other_service"]
    from_line: int
    to_line: int


class RegisterImport(Shape):
    """What became, or would become, of a file."""

    dry_run: bool
    municipality_id: str
    created_count: int = Field(description="Offices entered.")
    updated_count: int = Field(description="Offices changed.")
    unchanged_count: int = Field(description="Offices already as the file says.")
    line_count: int = Field(description="Lines read, without the heading.")
    error_line_count: int
    other_service_line_count: int = Field(description="Lines of other services (対象外のサービス).")
    other_municipality_line_count: int = Field(description="Lines of other municipalities (他の市区町村).")
    results: list[ImportedLine] = Field(description="The lines of this municipality.")
    skipped: list[SkippedLines] = Field(description="Runs of skipped lines; of each reason the first 200.")


@router.post(
    "/register_imports",
    response_model=RegisterImport,
    responses=problems(404, 409, 413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "text/csv": {
                    "schema": {
                        "type": "string",
                        "description": "The CSV as published (UTF-8 with BOM) or as saved by a spreadsheet (cp932).",
                    }
                }
            },
        }
    },
)
async def import_office_register(
    session: Annotated[Session, allow(Permission.OFFICES_IMPORT)],
    request: Request,
    query: Annotated[ImportQuery, Query()],
) -> Answer:
    """Enter and update the offices of a municipality from the national register, all or none (事業所情報の取込)."""
    body = await request.body()
    with missing_at(parameter="municipality_id"):
        outcome = await office_register.import_register(session, query.municipality_id, body, dry_run=query.dry_run)
    for line in outcome["results"]:
        line |= {"errors": told(request, line["errors"]), "warnings": told(request, line["warnings"])}
    return document(outcome)
