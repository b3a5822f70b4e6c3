"""The contract: OpenAPI 3.1 made from the declared operations, completed from what each operation asks for.

FastAPI writes paths, bodies and shapes. Here come what our route class knows: who may call, list parameters,
preconditions, problems.
"""

import re
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.warnings import UnsupportedFieldAttributeWarning

from api import calendars
from api.answers import JSON, encoded
from api.contract import health
from api.contract.examples import Examples
from api.contract.headers import CLIENT_SECURITY, HEADERS, SCHEMES
from api.contract.parameters import SHARED, has_etag, has_next_page, is_of_caller, may_match_version, parameters_of
from api.contract.problems import ALWAYS, WITH_BODY, refer, shared
from api.contract.words import MEMBERS, TAGS
from api.fixed_pages import Page, fixed
from api.operations import Operation
from api.problems import Problem
from domain.access import ROLE_PERMISSIONS

VERSION = "0.1.0"
DESCRIPTION: dict[str, Any] = {
    "summary": "Plans, visits, progress and monthly counts of base consultation centres (基幹相談支援センター).",
    "description": (
        "Base consultation centres support those who support persons with disabilities. This service records "
        "what a centre does (活動台帳), holds the yearly work plan (年間事業計画) and its progress, and gives "
        "monthly counts that can be explained.\n\n"
        "All days are days in Asia/Tokyo, fiscal years (年度) run from April to March and are "
        "named by the Western year they begin in."
    ),
    "contact": {"name": "kikan", "url": "https://kikan.example/"},
    "license_info": {"name": "Proprietary", "url": "https://kikan.example/licence"},
}


def attach(app: FastAPI) -> None:
    """Give the application its contract, made once, and the route that serves it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]

    serve = fixed(lambda: Page(encoded(openapi()), JSON, {}))
    app.router.add_route("/openapi.json", serve, methods=["GET"], include_in_schema=False)


def document(areas: Iterable[APIRouter]) -> dict[str, Any]:
    """Give the contract without a running service and without a database."""
    app = FastAPI(title="kikan", version=VERSION, **DESCRIPTION)
    for router in areas:
        app.router.routes.extend(router.routes)
    return _completed(app)


def operations_of(app: FastAPI) -> list[Operation]:
    """Give every declared operation, the CSV and NDJSON twins of lists included."""
    return [route for route in app.routes if isinstance(route, Operation)]


def _completed(app: FastAPI) -> dict[str, Any]:
    with warnings.catch_warnings():
        # The framework silences this where it makes its fields; ours are built here, when they are first looked at.
        warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=app.description,
            contact=app.contact,
            license_info=app.license_info,
            routes=app.routes,
            servers=[{"url": "/", "description": "This deployment (この環境)"}],
        )
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs", {})
    schemas["Problem"] = problem
    parts["responses"] = shared()
    parts["headers"] = HEADERS
    parts["securitySchemes"] = SCHEMES
    used = {health.TAG, *(tag for route in operations_of(app) for tag in route.tags)}
    document["tags"] = [{"name": name, "description": told} for name, told in TAGS.items() if name in used]
    for schema in schemas.values():
        _describe(schema)
    examples = Examples(schemas)
    operations = {(r.path, m): r for r in operations_of(app) for m in r.methods or () if r.include_in_schema}
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            route = operations.get((path, method.upper()))
            if route is not None:
                _complete(operation, route)
                _exemplify(operation, examples)
                _share_parameters(operation, parts.setdefault("parameters", {}))
    document["paths"] |= health.paths()
    return _renamed(document)


def _describe(schema: dict[str, Any]) -> None:
    """Say what a shape leaves unsaid, where its name or the member's name says it."""
    title = str(schema.get("title", ""))
    if "description" not in schema and title.startswith(("Page[", "Batch[")):
        schema["description"] = "One page of a list." if title.startswith("Page[") else "Rows to be entered together."
    for name, member in schema.get("properties", {}).items():
        if "description" not in member and name in MEMBERS:
            member["description"] = MEMBERS[name]


def _complete(operation: dict[str, Any], route: Operation) -> None:
    responses = operation["responses"]
    if "422" in responses and "HTTPValidationError" in str(responses["422"]):
        del responses["422"]
    told = operation.get("description", "").strip()
    term = _TERM.search(told)
    words = route.name.replace("_", " ").capitalize()
    operation["summary"] = f"{words} ({term.group(1)})" if term else words
    access = route.access
    statuses = set(ALWAYS)
    if access.permission is not None:
        operation["security"] = [{"bearer": []}]
        who = ", ".join(r.value for r, p in ROLE_PERMISSIONS.items() if access.permission in p)
        told += f"\n\nPermission `{access.permission.value}`; roles: {who}."
        statuses |= {401, 403, 429}
    else:
        operation["security"] = CLIENT_SECURITY.get(route.name, [])
        statuses |= {429} if "POST" in (route.methods or ()) else set()
    if route.listed is not None:
        told += _offer_files(responses, route.path, is_calendar=route.listed.is_calendar)
    operation["description"] = told
    if "requestBody" in operation:
        statuses |= set(WITH_BODY)
    if "{" in route.path:
        statuses |= {404}
    if route.matches_version:
        statuses |= {412, 428}
    operation["parameters"] = [*operation.get("parameters", ()), *parameters_of(route)]
    if has_etag(route):
        responses["304"] = {"description": "Not changed (変更なし)."}
    refer(responses, statuses)
    for status, response in responses.items():
        if status.startswith("2"):
            _complete_success(response, route, status)
    operation["responses"] = dict(sorted(responses.items()))


def _complete_success(response: dict[str, Any], route: Operation, status: str) -> None:
    """Say what a good answer is and which headers it carries; a file is no JSON."""
    if response.get("description") in (None, "Successful Response"):
        response["description"] = _SUCCESS[status]
    content = response.get("content", {})
    if content.get("application/json", {}).get("schema") == {}:
        del content["application/json"]
    if not content:
        response.pop("content", None)
    names = _headers_of(route, status, has_content=bool(content))
    response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers_of(route: Operation, status: str, *, has_content: bool) -> list[str]:
    """Name the headers of a good answer."""
    versioned = has_etag(route) or ((route.matches_version or may_match_version(route)) and has_content)
    carried = (
        (True, ("X-Request-Id",)),
        (status == "201", ("Location",)),
        (versioned, ("ETag",)),
        (is_of_caller(route), ("Vary",)),
        (has_next_page(route), ("Link", "X-Next-Cursor")),
        (route.listed is not None, ("X-Replaced-Characters",)),
        (route.access.permission is not None, ("RateLimit", "RateLimit-Policy")),
        (route.is_repeatable, ("Idempotency-Replayed",)),
    )
    return [name for is_carried, names in carried if is_carried for name in names]


def _offer_files(responses: dict[str, Any], path: str, *, is_calendar: bool) -> str:
    """Add the whole list as files beside the page; give the words about them."""
    examples = {
        "text/csv": "id,version\r\n0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11,3\r\n",
        "application/x-ndjson": '{"id":"0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11","version":3}\n',
        **({"text/calendar": calendars.EXAMPLE} if is_calendar else {}),
    }
    files = {name: {"schema": {"type": "string"}, "example": example} for name, example in examples.items()}
    responses["200"]["content"] |= files
    return f"\n\n{_WHOLE.format(path=path)}{_AS_CALENDAR if is_calendar else ''}"


def _exemplify(operation: dict[str, Any], examples: Examples) -> None:
    """Give every body and every path parameter an example."""
    bodies = [(operation.get("requestBody", {}), True)]
    bodies += [(r, False) for s, r in operation["responses"].items() if s.startswith("2")]
    for body, is_request in bodies:
        for media_type, content in body.get("content", {}).items():
            if "example" in content or "examples" in content or "schema" not in content:
                continue
            if is_request or "json" in media_type:
                made = (
                    examples.of_request(operation["operationId"], content["schema"])
                    if is_request
                    else examples.of_response(content["schema"])
                )
                content["example"] = made
            elif media_type.startswith("text/"):
                content["example"] = _FILE_EXAMPLE
    for parameter in operation["parameters"]:
        if parameter["in"] == "path" and "example" not in parameter:
            parameter["example"] = examples.of_parameter(parameter)


def _share_parameters(operation: dict[str, Any], shared_parameters: dict[str, Any]) -> None:
    """Write once what most operations take; what an operation says differently stays with it."""
    for place, parameter in enumerate(operation["parameters"]):
        name = str(parameter["name"])
        if (parameter["in"] == "header" or name in SHARED) and shared_parameters.setdefault(
            name, parameter
        ) == parameter:
            operation["parameters"][place] = {"$ref": f"#/components/parameters/{name}"}


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    """Give pages of a list the plain names that generated clients take for classes."""
    names = {name: f"{found[2]}{found[1]}" for name in document["components"]["schemas"] if (found := _GENERIC(name))}
    document["components"]["schemas"] = {
        names.get(name, name): schema for name, schema in document["components"]["schemas"].items()
    }
    for node in _nodes(document):
        if isinstance(reference := node.get("$ref"), str):
            head, _, name = reference.rpartition("/")
            node["$ref"] = f"{head}/{names.get(name, name)}"
    return document


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from _nodes(inner)


_TERM = re.compile(r"\(([^()]*[\u3040-\u30ff\u4e00-\u9fff][^()]*)\)")
_GENERIC = re.compile(r"(Page|Batch)_(\w+)_").fullmatch
_FILE_EXAMPLE = (
    "period,period_ja,kind,kind_ja,metric,value,quality,metric_ja,quality_ja\r\n"
    "2026-04,2026年4月,office_visit,事業所訪問,held_count,4,counted,実施件数,実績あり\r\n"
)
_WHOLE = (
    "With `.csv` or `.ndjson` after the path (`{path}.csv`), or asked for by `Accept`, the whole list comes as a file, "
    "with the same filters and rights and without pages (一覧全体のファイル)."
)
_AS_CALENDAR = (
    " With `.ics`, or asked for as `text/calendar`, it comes for calendar programs: `fields` and `charset` have no "
    "meaning there (予定表)."
)
_SUCCESS = {"200": "Done (成功).", "201": "Made (作成済み).", "204": "Done; nothing to say (成功、本文なし)."}
