"""Pages that are the same for as long as a process runs (the contract, its viewers): made once, each with an ETag."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from api.answers import tag_of
from api.preconditions import is_unchanged

REVALIDATED = "public, no-cache"
"""Kept by whoever likes, and asked about each time: what is asked again and is the same costs no body."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is; its ``headers`` come with 304 too."""

    body: bytes
    media_type: str
    headers: dict[str, str]


def fixed(make: Callable[[], Page]) -> Callable[[Request], Awaitable[Response]]:
    """Serve a page that is made when it is first asked for, and not sent again to who has it."""
    kept: list[tuple[Page, str]] = []

    async def serve(request: Request) -> Response:
        if not kept:
            page = make()
            kept.append((page, tag_of(page.body)))
        page, tag = kept[0]
        headers = {"Cache-Control": REVALIDATED, **page.headers, "ETag": f'"{tag}"'}
        if is_unchanged(request, tag):
            return Response(None, 304, headers)
        return Response(page.body, 200, headers, media_type=page.media_type)

    return serve
