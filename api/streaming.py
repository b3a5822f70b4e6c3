"""Sending a list whole, as CSV, NDJSON or a calendar, in a transaction of its own once the request's has ended."""

from collections.abc import AsyncGenerator, AsyncIterator
from tempfile import SpooledTemporaryFile

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from api.answers import Stream
from api.calendars import MEDIA_TYPE
from api.exports import chunks_of
from domain import audit
from domain.database import Database, Scope, commit

IN_MEMORY = 8 * 1024 * 1024


async def streamed(database: Database, caller: Scope, stream: Stream, request: Request) -> Response:
    """Answer with the whole list.

    Its first page is read, and then its audit row stored, before the first byte leaves: what is refused is refused
    with a problem detail, never in the middle of a file, and leaves no row of an export that never was.
    """
    request_id = getattr(request.state, "request_id", "-")
    parts = _parts(database, caller, stream, request_id)
    if stream.request.charset == "cp932" and request.method != "HEAD":
        # A character that cp932 lacks must fail, or be counted, before the first byte: this file is made whole first.
        with SpooledTemporaryFile(max_size=IN_MEMORY) as whole:
            async for chunk in parts:
                whole.write(chunk)
            whole.seek(0)
            await _audited(database, caller, stream, request_id)
            file = _file(Response(whole.read()), stream)
            if stream.request.replace:
                file.headers["X-Replaced-Characters"] = str(stream.replaced)
            return file
    first = await anext(parts, b"")
    if request.method == "HEAD":
        # Nothing leaves, so nothing is noted as exported.
        await parts.aclose()
        return _file(StreamingResponse(_onward(b"", parts)), stream)
    try:
        await _audited(database, caller, stream, request_id)
    except BaseException:
        await parts.aclose()
        raise
    return _file(StreamingResponse(_onward(first, parts)), stream)


def _file(response: Response, stream: Stream) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{stream.file_name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Type"] = _media_type(stream)
    return response


def _media_type(stream: Stream) -> str:
    if stream.request.format == "ndjson":
        return "application/x-ndjson"
    if stream.request.format == "ics":
        return MEDIA_TYPE
    return f"text/csv; charset={'Shift_JIS' if stream.request.charset == 'cp932' else 'utf-8'}"


async def _audited(database: Database, caller: Scope, stream: Stream, request_id: str) -> None:
    session, transaction = await database.begin(caller, write=True, request_id=request_id)
    try:
        told = {"format": stream.request.format, "filters": sorted(stream.request.filters)}
        name = stream.listing.name
        await session.store(audit.entry_of(session, f"{name}.export", name, "*", after=told))
        await commit(transaction)
    finally:
        transaction.release()


async def _parts(database: Database, caller: Scope, stream: Stream, request_id: str) -> AsyncGenerator[bytes]:
    door = stream.listing.needs_door
    session, transaction = await database.begin(caller, write=False, door=door, long=True, request_id=request_id)
    try:
        async for chunk in chunks_of(session, stream):
            yield chunk
    finally:
        transaction.release()


async def _onward(first: bytes, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in parts:
        yield chunk
