"""Problem details (RFC 9457): the one table from a domain error to a status, and every text in two languages.

Japanese is what people read; ``Accept-Language: en`` gives English. ``code`` is never translated. Values that a
caller sent are never repeated.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import structlog
from pydantic import ConfigDict, Field, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.fault_words import words_for
from api.guard import problem_bytes
from api.guard.problems import prefers_english
from api.shapes import Shape
from domain import errors
from domain.drivers import CommitUnknownError, DatabaseUnavailableError, DriverError, UnacceptableValueError
from domain.errors import Fault, KikanError

log = structlog.get_logger("kikan.problems")

STATUS: dict[type[KikanError], int] = {
    errors.NotFoundError: 404,
    errors.NotPermittedError: 403,
    errors.UnauthenticatedError: 401,
    errors.ConflictError: 409,
    errors.RuleError: 422,
    errors.StaleVersionError: 412,
    errors.PreconditionMissingError: 428,
    errors.TooManyRequestsError: 429,
    errors.UnavailableError: 503,
}

TITLES: dict[int, tuple[str, str]] = {
    400: ("要求の形が正しくありません", "Malformed request"),
    401: ("サインインが必要です", "Not signed in"),
    403: ("権限がありません", "Not permitted"),
    404: ("見つかりません", "Not found"),
    405: ("この方法では使えません", "Method not allowed"),
    406: ("その形式では返せません", "Not acceptable"),
    408: ("時間切れです", "Request timeout"),
    409: ("今の状態では行えません", "Conflict"),
    412: ("他の人が先に変更しました", "Changed by someone else"),
    413: ("大きすぎます", "Too large"),
    414: ("アドレスが長すぎます", "Address too long"),
    415: ("この形式は受け取れません", "Unsupported media type"),
    422: ("内容に誤りがあります", "Invalid content"),
    428: ("If-Match が必要です", "If-Match required"),
    429: ("回数が多すぎます", "Too many requests"),
    431: ("ヘッダーが大きすぎます", "Headers too large"),
    500: ("サーバー内部の誤りです", "Internal error"),
    503: ("一時的に使えません", "Temporarily unavailable"),
}


class ProblemFault(Shape):
    """One thing wrong with one field or parameter."""

    pointer: str | None = Field(default=None, description="JSON pointer into the body, e.g. `/held_on`.")
    parameter: str | None = Field(default=None, description="Name of a query, path or header parameter.")
    row: int | None = Field(default=None, description="In a batch: number of the row, counted from 1 (行番号).")
    code: str = Field(description="Stable code for programs, never translated.")
    detail: str = Field(description="What is wrong, for a person, in the language of the answer.")


class Problem(Shape):
    """Problem detail (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/invalid_content",
                    "title": "内容に誤りがあります",
                    "status": 422,
                    "detail": "送られた内容に誤りがあります。errors をご覧ください。",
                    "instance": "/v1/office_visits",
                    "code": "invalid_content",
                    "request_id": "0199a3c2-7c2e-7b5e-9a53-5f4d0c9c1a11",
                    "errors": [{"pointer": "/held_on", "code": "required", "detail": "必ず入れてください。"}],
                }
            ]
        }
    )

    type: str = Field(description="Relative address of the description of this kind of problem.")
    title: str
    status: int
    detail: str
    instance: str = Field(description="Path of the request.")
    code: str = Field(description="Stable code for programs, never translated.")
    request_id: str = Field(description="Name this when you ask for help.")
    errors: list[ProblemFault] = Field(default_factory=list)


DESCRIPTIONS: dict[int, str] = {
    400: "The request is malformed (リクエストの形の誤り).",
    401: "No valid token (サインインが必要).",
    403: "The caller's role can never do this (権限なし).",
    404: "Missing, or outside the caller's reach: the two are never told apart (存在しないか、閲覧範囲の外).",
    408: "The body did not arrive in time (時間切れ).",
    409: "The state of the world forbids it (今の状態では行えない).",
    412: "`If-Match` names an older version (他の人が先に変更).",
    413: "The body is too large (本文が大きすぎる).",
    414: "The address is too long (アドレスが長すぎる).",
    415: "The media type is not accepted (受け取れない形式).",
    422: "Content or parameters break a rule; `errors` names each field and reason (内容の誤り).",
    428: "A change needs `If-Match` (If-Match が必要).",
    429: "Too many requests; see `Retry-After` (回数制限).",
    431: "The headers are too large (ヘッダーが大きすぎる).",
    500: "Something went wrong inside; name the `request_id` when you ask for help (サーバー内部の誤り).",
    503: "The database cannot answer now; nothing was stored; see `Retry-After` (一時的に使えない).",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare the problems of an operation for the contract."""
    return {
        status: {
            "description": DESCRIPTIONS[status],
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def is_english(request: Request) -> bool:
    """Tell whether the caller asks for English before Japanese."""
    return prefers_english(request.scope["headers"])


def answer(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    faults: Iterable[Fault] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Build the response of a problem."""
    english = is_english(request)
    told = []
    for fault in faults:
        entry = {"pointer": fault.pointer, "parameter": fault.parameter, "row": fault.row, "code": fault.code}
        entry["detail"] = fault.detail_en if english else fault.detail_ja
        told.append({k: v for k, v in entry.items() if v is not None})
    body = problem_bytes(
        code,
        status,
        TITLES.get(status, TITLES[500])[1 if english else 0],
        detail,
        request.url.path,
        getattr(request.state, "request_id", "-"),
        told,
    )
    sent = {"Content-Language": "en" if english else "ja", "Vary": "Accept-Language", **(headers or {})}
    if status == 401:
        sent["WWW-Authenticate"] = 'Bearer realm="kikan"'
    return Response(body, status, sent, media_type="application/problem+json")


def wrong_method(request: Request, allowed: str) -> Response:
    """Build the answer to a method that the path does not have (405); ``allowed`` names those it has."""
    ja, en = "この方法(メソッド)では使えません。", "This method is not allowed here."
    detail = en if is_english(request) else ja
    return answer(request, 405, "method_not_allowed", detail, headers={"Allow": allowed})


def of_error(request: Request, error: KikanError) -> Response:
    """Build the answer to a refusal of the domain."""
    status = next(s for kind, s in STATUS.items() if isinstance(error, kind))
    headers = {}
    if isinstance(error, errors.TooManyRequestsError | errors.UnavailableError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    detail = error.detail_en if is_english(request) else error.detail_ja
    return answer(request, status, error.code, detail, faults=error.faults, headers=headers)


def of_driver(request: Request, error: DriverError) -> Response:
    """Build the answer to trouble with the database: 503 where it may pass, 422 where a value does not fit."""
    if isinstance(error, UnacceptableValueError):
        return of_error(
            request,
            errors.RuleError("value_not_allowed", "保存できない値が含まれています。", "A value cannot be stored."),
        )
    if isinstance(error, CommitUnknownError):
        log.error("commit_unknown", sqlstate=error.sqlstate)
        unknown = errors.UnavailableError(error.retry_after)
        unknown.code = "outcome_unknown"
        unknown.detail_ja = "保存の返事が途絶えました。保存されたかどうかを確かめてから、やり直してください。"
        unknown.detail_en = "The answer of the database was lost. Check whether it was stored before you repeat it."
        return of_error(request, unknown)
    if isinstance(error, DatabaseUnavailableError):
        log.warning("database_unavailable", kind=type(error).__name__, sqlstate=error.sqlstate)
        return of_error(request, errors.UnavailableError(error.retry_after))
    raise error


UNKNOWN_PARAMETER = ("unknown_parameter", "このパラメーターはありません。", "There is no such parameter.")


def faults_of(error: ValidationError, *, of_query: bool = False) -> tuple[Fault, ...]:
    """Say in our words what pydantic found, field by field, without the values."""
    found = []
    for entry in error.errors(include_url=False, include_context=True, include_input=False):
        about = entry.get("ctx", {})
        words = words_for(entry["type"], about)
        if of_query and entry["type"] == "extra_forbidden":
            words = UNKNOWN_PARAMETER
        raised = about.get("error")
        if isinstance(raised, FieldFaultError):
            words = (raised.code, raised.detail_ja, raised.detail_en)
        path = [str(part) for part in entry["loc"]]
        if of_query:
            found.append(Fault(*words, parameter=".".join(path) or None))
        else:
            found.append(Fault(*words, pointer="".join(f"/{_escaped(p)}" for p in path)))
    return tuple(found[:50])


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


class FieldFaultError(ValueError):
    """Raised in a validator of a wire shape: the reason in both languages reaches the caller as it is."""

    def __init__(self, code: str, detail_ja: str, detail_en: str) -> None:
        super().__init__(code)
        self.code = code
        self.detail_ja = detail_ja
        self.detail_en = detail_en


def invalid_content(faults: tuple[Fault, ...]) -> errors.RuleError:
    """Build the one refusal for content that does not fit its shape."""
    return errors.RuleError(
        "invalid_content",
        "送られた内容に誤りがあります。errors をご覧ください。",
        "The content is not valid. See errors.",
        faults=faults,
    )


def invalid_parameters(faults: tuple[Fault, ...]) -> errors.RuleError:
    """Build the one refusal for parameters that are unknown or do not fit."""
    return errors.RuleError(
        "invalid_parameters",
        "パラメーターに誤りがあります。errors をご覧ください。",
        "The parameters are not valid. See errors.",
        faults=faults,
    )
