"""Warnings in an answer: it was stored, and here is what a person should look at once more."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import Field
from starlette.requests import Request

from api.problems import is_english
from api.shapes import Shape
from domain.errors import Fault


class AnswerWarning(Shape):
    """One thing to look at. Values are never repeated."""

    pointer: str | None = Field(description="JSON pointer into the body, e.g. `/internal_note`.")
    code: str = Field(
        description="Stable code for programs, never translated.",
        examples=["phone_number_found", "birth_date_found", "person_name_found", "check_digit_mismatch"],
    )
    detail: str = Field(description="What to look at, for a person, in the language of the answer.")


class Warned(Shape):
    """What every answer to a write carries that may be stored with warnings."""

    warnings: list[AnswerWarning] = Field(description="What to look at once more; often empty (警告).")


def told(request: Request, warnings: Collection[Fault]) -> list[dict[str, Any]]:
    """Write warnings in the language the caller reads; hardly ever is there one."""
    if not warnings:
        return []
    english = is_english(request)
    return [{"pointer": w.pointer, "code": w.code, "detail": w.detail_en if english else w.detail_ja} for w in warnings]


def warned(request: Request, row: Mapping[str, Any], warnings: Collection[Fault]) -> dict[str, Any]:
    """Add warnings to a row."""
    return {**row, "warnings": told(request, warnings)}
