"""How an answer leaves: its bytes and headers, with what is left of the caller's limit."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from api import preconditions
from api.answers import Answer, RawHeaders, Sent

_REVALIDATED: Final = (b"cache-control", b"private, no-cache")


def limited_as_told(request: Request, response: Response) -> Response:
    """Say on a refusal too what is left of the limit, once it is known whose limit it is."""
    response.raw_headers.extend(request.scope["state"].get("limited", ()))
    return response


def response_of(request: Request, answer: Answer | Response, limited: RawHeaders) -> Response | Sent:
    """Put an answer into the bytes that leave: every answer passes here, so its usual headers are bytes already."""
    if isinstance(answer, Response):
        return limited_as_told(request, answer)
    headers = [*limited, *((name.lower().encode(), value.encode("latin-1")) for name, value in answer.headers.items())]
    status, body = answer.status, answer.body
    if answer.etag is not None:
        headers.append((b"etag", b'"%b"' % answer.etag.encode()))
        if "Cache-Control" not in answer.headers:
            headers.append(_REVALIDATED)
        if request.method in ("GET", "HEAD") and preconditions.is_unchanged(request, answer.etag):
            status = 304
    if status in (204, 304):
        body = b""
    else:
        headers.append((b"content-type", answer.media_type.encode()))
        headers.append((b"content-length", b"%d" % len(body)))
    return Sent(status, headers, body)
