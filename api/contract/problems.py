"""The problems of the contract: each once, as a shared response that operations refer to."""

from typing import Any

from api.problem_codes import CODES
from api.problems import DESCRIPTIONS, TITLES, problems

NAMES = {
    400: ("MalformedRequest", "malformed_json"),
    401: ("NotSignedIn", "unauthenticated"),
    403: ("NotPermitted", "not_permitted"),
    404: ("NotFound", "not_found"),
    408: ("RequestTimeout", "body_timeout"),
    409: ("Conflict", "external_id_taken"),
    412: ("StaleVersion", "stale_version"),
    413: ("BodyTooLarge", "body_too_large"),
    414: ("AddressTooLong", "target_too_long"),
    415: ("UnsupportedMediaType", "media_type_not_supported"),
    422: ("InvalidContent", "invalid_content"),
    428: ("IfMatchRequired", "precondition_required"),
    429: ("TooManyRequests", "too_many_requests"),
    431: ("HeadersTooLarge", "headers_too_large"),
    500: ("InternalError", "internal_error"),
    503: ("Unavailable", "temporarily_unavailable"),
}
"""By status: the name of the shared response, and the code its example carries."""

FAULT = {"pointer": "/held_on", "code": "required", "detail": "必ず入れてください。"}
ALWAYS = (400, 414, 422, 431, 500, 503)
"""What any operation can answer with, whatever it does: the guard stands in front of all of them."""

WITH_BODY = (408, 413, 415)
"""What the guard adds where a body is sent."""

_LIMIT = ("RateLimit", "RateLimit-Policy")


def shared() -> dict[str, Any]:
    """Give the shared responses."""
    made = {}
    for status, (name, code) in NAMES.items():
        response = problems(status)[status]
        response["content"]["application/problem+json"]["example"] = {
            "type": f"/problems/{code}",
            "title": TITLES[status][0],
            "status": status,
            "detail": CODES[code]["details"][0]["ja"],
            "instance": "/v1/office_visits",
            "code": code,
            "request_id": "0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11",
            "errors": [FAULT] if status == 422 else [],
        }
        response["headers"] = {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}
        if status in (429, 503):
            response["headers"]["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
        if status == 429:
            response["headers"] |= {name: {"$ref": f"#/components/headers/{name}"} for name in _LIMIT}
        if status == 401:
            response["headers"]["WWW-Authenticate"] = {"$ref": "#/components/headers/WWW-Authenticate"}
        made[name] = response
    return made


def refer(responses: dict[str, Any], statuses: set[int]) -> None:
    """Let an operation's responses refer to the shared ones; what it says itself about a status stays.

    An operation that follows another standard keeps its own shape and takes the problem detail beside it.
    """
    for status in statuses | {int(s) for s in responses if int(s) in NAMES}:
        reference = {"$ref": f"#/components/responses/{NAMES[status][0]}"}
        declared = responses.get(str(status))
        plain = problems(status)[status] if status in DESCRIPTIONS else None
        if declared is None or declared == plain:
            responses[str(status)] = reference
        elif "application/problem+json" not in declared.get("content", {}):
            declared["content"]["application/problem+json"] = {"schema": {"$ref": "#/components/schemas/Problem"}}
