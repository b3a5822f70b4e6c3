"""What the guard says when it refuses (RFC 9457): one table from its codes to a status and the words.

Japanese is what people read; English comes where Accept-Language prefers it. Nothing the caller sent is repeated.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from api.guard.json_bodies import RefusedError
from api.guard.qualities import weighted

_TITLES: Final = {
    400: ("要求の形が正しくありません", "Malformed request"),
    408: ("時間切れです", "Request timeout"),
    413: ("大きすぎます", "Too large"),
    414: ("アドレスが長すぎます", "Address too long"),
    415: ("この形式は受け取れません", "Unsupported media type"),
    422: ("内容に誤りがあります", "Invalid content"),
    431: ("ヘッダーが大きすぎます", "Headers too large"),
    500: ("サーバー内部の誤りです", "Internal error"),
}
_DETAILS: Final = {
    "target_too_long": (414, "アドレスは 8 KiB までです。", "The address may have up to 8 KiB."),
    "query_too_long": (400, "検索条件は 4 KiB までです。", "The query may have up to 4 KiB."),
    "malformed_target": (
        400,
        "アドレスは UTF-8 をパーセント符号化したものにしてください。",
        "The address must be UTF-8 in whole percent-encoding.",
    ),
    "headers_too_large": (431, "ヘッダーは合わせて 32 KiB までです。", "The headers may have up to 32 KiB together."),
    "malformed_header": (400, "ヘッダーに使えない文字か値があります。", "A header has a forbidden character or value."),
    "duplicate_header": (400, "一度だけのヘッダーが二度あります。", "A header that may occur once occurs twice."),
    "ambiguous_length": (
        400,
        "Content-Length と Transfer-Encoding は一緒に送れません。",
        "Content-Length and Transfer-Encoding exclude each other.",
    ),
    "body_not_allowed": (400, "この方法では本文を送れません。", "This method takes no body."),
    "content_encoding_not_supported": (415, "本文は圧縮せずに送ってください。", "Send the body without compression."),
    "media_type_not_supported": (415, "この種類の本文は受け取れません。", "This media type is not accepted here."),
    "charset_not_supported": (415, "文字コードは UTF-8 にしてください。", "The charset must be UTF-8."),
    "body_too_large": (413, "本文が大きすぎます。", "The body is too large."),
    "body_timeout": (408, "本文が時間内に届きませんでした。", "The body did not arrive in time."),
    "malformed_form": (
        400,
        "フォームは UTF-8 をパーセント符号化したものにしてください。",
        "The form must be UTF-8 in whole percent-encoding.",
    ),
    "body_not_utf8": (400, "本文が UTF-8 ではありません。", "The body is not UTF-8."),
    "malformed_json": (400, "本文を JSON として読めません。", "The body is not JSON."),
    "not_an_object": (400, "本文は JSON のオブジェクトにしてください。", "The body must be a JSON object."),
    "duplicate_member": (400, "同じ名前の項目が二度あります。", "A member occurs twice in one object."),
    "number_out_of_range": (400, "扱える範囲を超えた数があります。", "A number is beyond the range that is kept."),
    "json_too_deep": (400, "JSON の入れ子は 32 段までです。", "JSON may be nested 32 levels deep."),
    "too_many_members": (400, "一つのオブジェクトの項目は 200 までです。", "An object may have 200 members."),
    "too_many_values": (400, "JSON の値が多すぎます。", "The JSON has too many values."),
    "character_not_allowed": (
        422,
        "制御文字や文字の向きを変える文字は使えません。",
        "Control characters and characters that turn the direction are not allowed.",
    ),
    "gaiji_not_supported": (
        422,
        "外字(私用領域の文字)は使えません。標準の文字に置き換えてください。",
        "Private-use characters are not supported. Use standard characters.",
    ),
    "internal_error": (
        500,
        "サーバー内部で誤りが起きました。request_id を添えてお知らせください。",
        "Something went wrong inside. Name the request_id when you ask for help.",
    ),
}


def problem_bytes(
    code: str,
    status: int,
    title: str,
    detail: str,
    instance: str,
    request_id: str,
    errors: Iterable[Mapping[str, object]] = (),
) -> bytes:
    """Write a problem document. Source: RFC 9457."""
    return orjson.dumps(
        {
            "type": f"/problems/{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "instance": instance,
            "code": code,
            "request_id": request_id,
            "errors": list(errors),
        }
    )


def refusal(
    code: str, instance: str, request_id: str, *, english: bool, refused: RefusedError | None = None
) -> tuple[int, bytes]:
    """The status and the problem document of one of the guard's own codes, with what is known of the place."""
    status, *details = _DETAILS[code]
    title, detail = _TITLES[status][english], str(details[english])
    if refused is not None and refused.place is not None:
        line, column = refused.place
        detail += f" (line {line}, column {column})" if english else f"({line}行目{column}文字目)"
    return status, problem_bytes(code, status, title, detail, instance, request_id, _faults_of(refused, detail))


def _faults_of(refused: RefusedError | None, detail: str) -> list[dict[str, object]]:
    """Name the member or the parameter at fault, where it is known."""
    if refused is None or (refused.pointer is None and refused.parameter is None):
        return []
    named = {"pointer": refused.pointer, "parameter": refused.parameter}
    place = {name: value for name, value in named.items() if value is not None}
    return [{**place, "code": refused.code, "detail": detail}]


def token_refusal(code: str) -> tuple[int, bytes]:
    """The status and the error answer of one of the guard's own codes, as clients of ``/oauth/`` expect it.

    ASCII, and so in English, only. ``server_error`` is no word of the token endpoint, but no other says whose fault it
    was. Source: RFC 6749 sections 4.1.2.1 and 5.2, RFC 7009, RFC 7662.
    """
    status, _, detail = _DETAILS[code]
    error = "server_error" if status >= 500 else "invalid_request"
    return 400 if status == 422 else status, orjson.dumps({"error": error, "error_description": detail})


def prefers_english(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Tell whether Accept-Language ranks English above Japanese; of equals the one named first wins."""
    accepted = b",".join(value for name, value in headers if name == b"accept-language")
    ranks: dict[str, tuple[float, int]] = {}
    for position, (tag, weight) in enumerate(weighted(accepted.decode("latin-1"))):
        ranks.setdefault(tag.partition("-")[0], (weight, -position))
    english = ranks.get("en", (0.0, 0))
    return english[0] > 0 and english > ranks.get("ja", (0.0, 0))
