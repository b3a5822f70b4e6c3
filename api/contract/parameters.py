"""Parameters of the contract that our route class takes and FastAPI does not know: lists, preconditions, language."""

from typing import Any

from pydantic import BaseModel

from api.operations import Operation
from api.preconditions import IfMatch
from api.shapes import Page
from domain.lists import LARGEST_PAGE, Filter, Listing

_YEARS = r"^(199[0-9]|2[01][0-9]{2})(,(199[0-9]|2[01][0-9]{2}))*$"
_FORMS: dict[str, dict[str, Any]] = {
    "ids": {
        "type": "string",
        "examples": ["0199a3c2-51aa-7e09-b6c4-2b7f5a8d3c31"],
        "description": "one or more ids, by comma",
    },
    "codes": {"type": "string", "description": "one or more codes, by comma"},
    "texts": {"type": "string", "description": "one or more values, by comma"},
    "has_any": {"type": "string", "description": "rows that hold any of these codes, by comma"},
    "from_day": {"type": "string", "format": "date", "description": "this day or later", "examples": ["2026-04-01"]},
    "to_day": {"type": "string", "format": "date", "description": "this day or earlier", "examples": ["2027-03-31"]},
    "month": {
        "type": "string",
        "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])(,[0-9]{4}-(0[1-9]|1[0-2]))*$",
        "description": "one or more months, by comma",
        "examples": ["2026-10", "2026-05,2026-06"],
    },
    "fiscal_year": {
        "type": "string",
        "pattern": _YEARS,
        "description": "April to March, by the Western year it begins in, 1990 to 2199; one or more, by comma",
        "examples": ["2026", "2025,2026"],
    },
    "from_instant": {
        "type": "string",
        "format": "date-time",
        "description": "this instant or later, with its offset; may miss what settles late, `changed_after` does not",
        "examples": ["2026-10-01T09:00:00+09:00"],
    },
    "flag": {"type": "boolean"},
    "number": {"type": "string", "pattern": r"^[0-9]{1,9}(,[0-9]{1,9})*$", "description": "one or more, by comma"},
}
_BY_COLUMN: dict[str, dict[str, Any]] = {
    name: {"type": "string", "pattern": _YEARS, "description": "one or more years, 1990 to 2199, by comma"}
    for name in ("fiscal_year", "valid_from_fiscal_year")
} | {
    name: {"type": "string", "pattern": r"^[0-9]{6}(,[0-9]{6})*$", "description": "six digits; one or more, by comma"}
    for name in ("municipality_id", "parent_code")
}
"""Columns whose values have one form wherever they are asked for (``api.parameters``)."""


SHARED = frozenset(
    {"limit", "cursor", "count", "charset", "replace", "q", "changed_after", "include_deleted", "updated_since"}
)
"""Query parameters that every list takes in the same words."""


def parameters_of(route: Operation) -> list[dict[str, Any]]:
    """Give the parameters of an operation besides those that FastAPI found."""
    found = [] if route.listed is None else _list_parameters(route.listed.listing, route.listed.members)
    if route.matches_version:
        told = "ETag of the version you read; several by comma, or `*` for any (変更前の ETag)."
        found.append(_header("If-Match", told, required=True, example='"3"'))
    if may_match_version(route):
        told = "ETag of the version you read, where it exists already; 428 without (既存の場合の変更前の ETag)."
        found.append(_header("If-Match", told, example='"3"'))
    if route.is_repeatable:
        told = "Repeating a request with the same key gives the same answer, for 24 hours (再送のキー)."
        found.append(_header("Idempotency-Key", told, example="2026-10-14-aoba-1"))
    if has_etag(route):
        found.append(_header("If-None-Match", "Gives 304 where nothing has changed (前回の ETag).", example='"3"'))
    told = "`ja` (default) or `en`: the language of problem details (言語)."
    found.append(_header("Accept-Language", told, example="ja"))
    return found


def may_match_version(route: Operation) -> bool:
    """Tell whether an operation is an upsert, which takes ``If-Match`` only where it replaces something."""
    return any(isinstance(d.call, IfMatch) and d.call.is_optional for d in route.dependant.dependencies)


def has_etag(route: Operation) -> bool:
    """Tell whether reading gives an ETag: single resources, documents and pages of a list do, files do not."""
    return "GET" in (route.methods or ()) and route.response_model is not None


def is_of_caller(route: Operation) -> bool:
    """Tell whether an answer tells what the caller may do next, and so is this caller's only."""
    shape = route.response_model
    return isinstance(shape, type) and issubclass(shape, BaseModel) and "may" in shape.model_fields


def has_next_page(route: Operation) -> bool:
    """Tell whether reading gives pages that lead on to one another."""
    shape = route.response_model
    is_feed = isinstance(shape, type) and issubclass(shape, Page) and route.query_model is not None
    return route.listed is not None or is_feed


def _header(name: str, description: str, *, example: str, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", "maxLength": 300, "examples": [example]},
    }


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _filter(name: str, asked: Filter) -> dict[str, Any]:
    of_period = asked.kind in ("month", "fiscal_year")
    key = getattr(asked.column, "key", "")
    schema = dict(_FORMS[asked.kind] if of_period else _BY_COLUMN.get(key, _FORMS[asked.kind]))
    form = schema.pop("description", "")
    listed = f" One or more of: {', '.join(asked.allowed)}." if asked.allowed else ""
    description = f"{asked.text_ja}{f' ({form})' if form else ''}.{listed}"
    return _query(name, description, schema)


def _list_parameters(listing: Listing, members: tuple[str, ...]) -> list[dict[str, Any]]:
    sorts = ", ".join(listing.sorts)
    found = [_filter(name, asked) for name, asked in listing.filters.items()]
    found += [
        _query(
            "limit",
            "Rows per page (1ページの件数).",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": 50},
        ),
        _query("cursor", "`next_cursor` of the page before (続きのカーソル).", {"type": "string"}),
        _query(
            "sort",
            f"Any of {sorts}, by comma, `-` for descending (並び順).",
            {"type": "string", "default": ",".join(listing.default_sort)},
        ),
        _query("count", "Count all rows too (総件数も返す).", {"type": "boolean", "default": False}),
        _query("fields", f"Only these members, by comma: {', '.join(members)}.", {"type": "string"}),
        _query(
            "charset",
            "For CSV: `utf-8` (with BOM) or `cp932`.",
            {"type": "string", "enum": ["utf-8", "cp932"], "default": "utf-8"},
        ),
        _query(
            "replace",
            "For CSV in `cp932`: put 〓 for characters it lacks, counted in `X-Replaced-Characters`; without, the "
            "first of them is told with its row and member, and there is no file (無い文字を〓に置き換える).",
            {"type": "boolean", "default": False},
        ),
    ]
    if listing.search is not None:
        found.append(_query("q", listing.search.told, {"type": "string", "maxLength": 100}))
    if listing.changed is not None:
        found.append(
            _query(
                "changed_after",
                "`start`, or the cursor of the last sync: rows changed since, in order of change, without "
                "`sort` and `cursor` (差分同期).",
                {"type": "string"},
            )
        )
        found.append(
            _query(
                "include_deleted",
                "Deleted rows too, with `deleted_at` (削除済みも返す).",
                {"type": "boolean", "default": False},
            )
        )
    return found
