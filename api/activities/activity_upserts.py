"""What the upserts of all activity areas share on the wire: the key in the path, and the two good answers."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel
from starlette.requests import Request

from api.answers import Answer, created, item
from api.problems import problems
from api.warnings import warned
from domain.activities.external_keys import Upserted

ExternalSource = Annotated[str, Path(alias="source", description="System that knows it by its own key (外部システム).")]
ExternalKey = Annotated[str, Path(alias="id", description="Its key there (外部キー).")]


def upserts(shape: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """Declare the answers of an upsert besides the replacing of what exists."""
    first = {"description": "Recorded for the first time (新規).", "model": shape}
    return {201: first, **problems(404, 409, 412, 428)}


def upserted(request: Request, outcome: Upserted, area_path: str) -> Answer:
    """Answer with what was recorded (201) or replaced (200), and its warnings."""
    (row, warnings), is_new = outcome
    told = warned(request, row, warnings)
    return created(told, f"{area_path}/{row['id']}") if is_new else item(told)
