"""The contract: OpenAPI 3.1 made from the declared operations, completed from what each operation asks for.

FastAPI writes paths, bodies and shapes. Here come what our route class knows: who may call, list parameters,
preconditions, problems.
"""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api import routes
from api.operations import Operation
from api.problems import Problem, problems
from domain.access import ROLE_PERMISSIONS
from domain.listing import LARGEST_PAGE, Filter, Listing

VERSION = "0.1.0"
DESCRIPTION: dict[str, Any] = {
    "summary": "Plans, visits, progress and monthly counts of base consultation centres (基幹相談支援センター).",
    "description": (
        "Base consultation centres support those who support persons with disabilities. This service records what "
        "a centre does (活動台帳), holds the yearly work plan (年間事業計画) and its progress, and gives monthly counts "
        "that can be explained.\n\nAll days are days in Asia/Tokyo, fiscal years (年度) run from April to March and are "
        "named by the Western year they begin in."
    ),
    "contact": {"name": "kikan", "url": "https://kikan.example/"},
    "license_info": {"name": "Proprietary", "url": "https://kikan.example/licence"},
}

_FORMS: dict[str, dict[str, Any]] = {
    "ids": {"type": "string", "description": "one or more ids, by comma"},
    "codes": {"type": "string", "description": "one or more codes, by comma"},
    "texts": {"type": "string", "description": "one or more values, by comma"},
    "has_any": {"type": "string", "description": "rows that hold any of these codes, by comma"},
    "from_day": {"type": "string", "format": "date"},
    "to_day": {"type": "string", "format": "date"},
    "month": {"type": "string", "pattern": r"^[0-9]{4}-(0[1-9]|1[0-2])$"},
    "fiscal_year": {"type": "integer", "minimum": 1990, "maximum": 2199},
    "flag": {"type": "boolean"},
    "number": {"type": "integer", "minimum": 0},
}


def attach(app: FastAPI) -> None:
    """Give the application its contract, made once, and the route that serves it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]

    async def serve(_request: Request) -> Response:
        return JSONResponse(openapi())

    app.router.add_route("/openapi.json", serve, methods=["GET"], include_in_schema=False)


def document() -> dict[str, Any]:
    """Give the contract without a running service and without a database."""
    app = FastAPI(title="kikan", version=VERSION, **DESCRIPTION)
    for router in routes.AREAS:
        app.router.routes.extend(router.routes)
    return _completed(app)


def operations_of(app: FastAPI) -> list[Operation]:
    """Give every declared operation, the CSV and NDJSON twins of lists included."""
    return [route for route in app.routes if isinstance(route, Operation)]


def _completed(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        contact=app.contact,
        license_info=app.license_info,
        routes=app.routes,
        servers=[{"url": "/", "description": "This deployment"}],
    )
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    parts["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token from `POST /v1/sessions` (persons) or `POST /oauth/token` (programs).",
        }
    }
    by_id = {route.unique_id: route for route in operations_of(app)} | {
        route.operation_id: route for route in operations_of(app) if route.operation_id
    }
    for methods in document.get("paths", {}).values():
        for operation in methods.values():
            route = by_id.get(operation.get("operationId"))
            if route is not None:
                _complete(operation, route)
    return document


def _complete(operation: dict[str, Any], route: Operation) -> None:
    responses = operation["responses"]
    if "422" in responses and "HTTPValidationError" in str(responses["422"]):
        del responses["422"]
    access = route.access
    parameters = operation.setdefault("parameters", [])
    statuses = [429, 503]
    if access is not None and access.permission is not None:
        operation["security"] = [{"bearer": []}]
        who = ", ".join(r.value for r, p in ROLE_PERMISSIONS.items() if access.permission in p)
        told = f"Permission `{access.permission.value}`; roles: {who}."
        operation["description"] = f"{operation.get('description', '').rstrip()}\n\n{told}".strip()
        statuses += [401, 403]
    else:
        operation["security"] = []
    if route.listed is not None:
        parameters += _list_parameters(route.listed.listing, route.listed.members)
        statuses += [422]
    if route.body_model is not None or route.query_model is not None or route.is_repeatable:
        statuses += [422]
    if "{" in route.path:
        statuses += [404]
    if route.matches_version:
        parameters.append(_header("If-Match", "ETag of the version you read (変更前の ETag).", required=True))
        statuses += [412, 428]
    if route.is_repeatable:
        parameters.append(
            _header("Idempotency-Key", "Repeating a request with the same key gives the same answer (24 h).")
        )
    if "GET" in (route.methods or ()):
        parameters.append(_header("If-None-Match", "Gives 304 where nothing has changed."))
        responses.setdefault("304", {"description": "Not changed (変更なし)."})
    parameters.append(_header("Accept-Language", "`ja` (default) or `en`: the language of problem details."))
    if not parameters:
        del operation["parameters"]
    for status, declared in problems(*statuses).items():
        responses.setdefault(str(status), declared)
    operation["responses"] = dict(sorted(responses.items()))


def _header(name: str, description: str, *, required: bool = False) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string", "maxLength": 300},
    }


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _filter(name: str, asked: Filter) -> dict[str, Any]:
    schema = dict(_FORMS[asked.kind])
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
    ]
    if listing.search is not None:
        found.append(
            _query("q", "Search in names and titles, any spelling (名称の検索).", {"type": "string", "maxLength": 100})
        )
    if listing.changed is not None:
        found.append(
            _query(
                "changed_after",
                "`start`, or the cursor of the last sync: rows changed since, in order of change (差分同期).",
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
