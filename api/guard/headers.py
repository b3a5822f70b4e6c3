"""What the guard judges before any body: the headers, the target and the media type of a request.

Two readers of one message must never understand two things: a header that counts once occurs once, and the length of
the body is said in one way. Source: RFC 9110, RFC 9112 section 6.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain
from typing import Final
from urllib.parse import quote

from starlette.types import Scope

from api.guard.json_bodies import RefusedError, check_encoded, parameter_at_fault

LONGEST_TARGET: Final = 8192
LONGEST_QUERY: Final = 4096
LARGEST_HEADERS: Final = 32_768
LONGEST_CONTENT_TYPE: Final = 256

_WATCHED: Final = frozenset(
    (
        b"authorization",
        b"content-encoding",
        b"content-length",
        b"content-type",
        b"host",
        b"idempotency-key",
        b"if-match",
        b"transfer-encoding",
        b"x-request-id",
    )
)
_CONTROLS: Final = bytes([*range(9), *range(10, 32), 127])
_LENGTH: Final = re.compile(rb"[0-9]{1,15}")


def watched_headers(headers: Iterable[tuple[bytes, bytes]]) -> tuple[dict[bytes, bytes], bool]:
    """The headers that matter here, and whether one of them occurs twice; of two request ids neither counts."""
    watched: dict[bytes, bytes] = {}
    is_repeated = False
    for name, value in headers:
        if name in _WATCHED:
            if name not in watched:
                watched[name] = value
            elif name == b"x-request-id":
                watched[name] = b""
            else:
                is_repeated = True
    return watched, is_repeated


def announces_body(watched: dict[bytes, bytes]) -> bool:
    """Tell whether the headers say that a body follows."""
    return b"transfer-encoding" in watched or watched.get(b"content-length", b"0") != b"0"


def check_bodiless(watched: dict[bytes, bytes]) -> None:
    """Refuse a body where the method takes none."""
    if announces_body(watched):
        raise RefusedError("body_not_allowed")


def check_headers(headers: list[tuple[bytes, bytes]], watched: dict[bytes, bytes], *, is_repeated: bool) -> None:
    """Refuse headers that are too large, ambiguous or carry what no header may."""
    if is_repeated:
        raise RefusedError("duplicate_header")
    together = b"".join(chain.from_iterable(headers))
    if len(together) + 4 * len(headers) > LARGEST_HEADERS:
        raise RefusedError("headers_too_large")
    if together.translate(None, _CONTROLS) != together or not all(map(bytes.isascii, watched.values())):
        raise RefusedError("malformed_header")
    if len(watched.get(b"content-type", b"")) > LONGEST_CONTENT_TYPE:
        raise RefusedError("malformed_header")
    length = watched.get(b"content-length")
    if length is not None:
        if _LENGTH.fullmatch(length) is None:
            raise RefusedError("malformed_header")
        if b"transfer-encoding" in watched:
            raise RefusedError("ambiguous_length")
    if watched.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise RefusedError("content_encoding_not_supported")


def check_target(scope: Scope) -> None:
    """Refuse a path or query that is too long, badly encoded or carries forbidden characters."""
    path = raw_path(scope)
    query = scope["query_string"]
    if len(path) + bool(query) + len(query) > LONGEST_TARGET:
        raise RefusedError("target_too_long")
    if len(query) > LONGEST_QUERY:
        raise RefusedError("query_too_long")
    check_encoded(path, "malformed_target")
    try:
        check_encoded(query, "malformed_target")
    except RefusedError as refused:
        if refused.code != "malformed_target":
            refused.parameter = parameter_at_fault(query)
        raise


def raw_path(scope: Scope) -> bytes:
    """The path as it was sent, or encoded again where the server does not tell."""
    raw: bytes | None = scope.get("raw_path")
    return quote(scope["path"], errors="surrogatepass").encode("ascii") if raw is None else raw


@lru_cache(maxsize=256)
def media_type_of(header: bytes) -> tuple[str, str]:
    """The media type, and the charset where every mention of it agrees, else an empty one."""
    media_type, *parameters = header.decode("ascii").lower().split(";")
    charset = "utf-8"
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') != "utf-8":
            charset = ""
    return media_type.strip(), charset
