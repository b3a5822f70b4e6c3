"""What a route gives back: bytes made once, with the status and headers of its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import orjson
from starlette.types import Send

from api.calendars import Calendar
from domain.lists import Enrich, Listing, ListRequest, Page

JSON = "application/json"
RawHeaders = Sequence[tuple[bytes, bytes]]
"""Headers as they leave: names in lower case."""


@dataclass(slots=True)
class Answer:
    """A whole answer. ``etag`` is the bare tag without quotes; what a rehearsal has stored is undone."""

    body: bytes
    status: int = 200
    media_type: str = JSON
    etag: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    is_rehearsal: bool = False


@dataclass(slots=True)
class Sent:
    """An answer as it leaves: status, raw headers, body."""

    status: int
    headers: RawHeaders
    body: bytes

    async def to(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


@dataclass(slots=True)
class Stream:
    """A list to be sent whole, in a transaction of its own, once the request's has ended.

    ``replaced`` counts the characters that its file could not hold.
    """

    listing: Listing
    request: ListRequest
    enrich: Enrich | None
    members: tuple[str, ...]
    file_name: str
    calendar: Calendar | None = None
    replaced: int = 0


def encoded(document: Any) -> bytes:
    """Write JSON bytes. Instants come with +09:00 as they are; ids are text already."""
    return orjson.dumps(document)


def item(row: Mapping[str, Any]) -> Answer:
    """Answer with one resource; its ETag is its version.

    What ``may`` promises and which members there are depends on the caller, so no cache gives it to another.
    """
    etag = str(row["version"]) if "version" in row else None
    return Answer(encoded(row), etag=etag, headers={"Vary": "Authorization"})


def page(found: Page, limit: int, path: str, asked: Mapping[str, Any], cursor: str) -> Answer:
    """Answer with one page of rows; its ETag comes from its bytes.

    Its link leads to the next page of ``path`` with the parameters ``asked``, of which ``cursor`` takes the cursor.
    A list that never ends (a sync, the feed) has a next cursor always, but a link only behind a full page.
    """
    resultset = {"limit": limit, "next_cursor": found.next_cursor, "count": found.count}
    if found.lines is None:
        answer = document({"resultset": resultset, "results": found.rows})
    else:
        body = b'{"resultset":%s,"results":[%s]}' % (encoded(resultset), b",".join(found.lines))
        answer = Answer(body, etag=tag_of(body))
    if found.next_cursor is not None:
        answer.headers["X-Next-Cursor"] = found.next_cursor
        if len(found.rows if found.lines is None else found.lines) >= limit:
            kept = "".join(f"{name}={quote(str(asked[name]), safe=',:')}&" for name in asked if name != cursor)
            answer.headers["Link"] = f'<{path}?{kept}{cursor}={found.next_cursor}>; rel="next"'
    return answer


def created(row: Mapping[str, Any], location: str) -> Answer:
    """Answer with a new resource (201) and where it stands."""
    made = item(row)
    made.status = 201
    made.headers["Location"] = location
    return made


def document(content: Any, *, status: int = 200) -> Answer:
    """Answer with any other document; its ETag comes from its bytes."""
    body = encoded(content)
    return Answer(body, status=status, etag=tag_of(body))


def tag_of(body: bytes) -> str:
    """Make the ETag of bytes. Processors have instructions for SHA-256, so it takes half the time of BLAKE2 here."""
    return sha256(body).hexdigest()[:24]


def nothing() -> Answer:
    """Answer that it is done (204)."""
    return Answer(b"", status=204)
