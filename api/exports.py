"""The CSV and NDJSON twins of every list: the whole result, streamed, without cells that could be formulas."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson

from api.answers import Stream
from api.problems import invalid_parameters
from domain.database import Session
from domain.errors import Fault
from domain.lists import STREAM_PAGE, ListRequest

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the start of a formula, with the full-width twins of the four signs."""


def cell(value: Any) -> str:
    """Write one CSV cell. A text that a spreadsheet would take for a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, list):
        text = " ".join(str(v) if isinstance(v, str) else orjson.dumps(v).decode() for v in value)
    elif isinstance(value, dict):
        text = orjson.dumps(value, default=str).decode()
    elif isinstance(value, (int, float)):
        return str(value)
    else:
        text = str(value)
    return "'" + text if text.startswith(_FORMULA) else text


def csv_lines(rows: Sequence[Sequence[Any]]) -> str:
    """Write rows of a CSV file (RFC 4180, CRLF)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell(value) for value in row])
    return out.getvalue()


def refuse_charset(text: str) -> None:
    """Refuse text that cp932 cannot hold, loudly, instead of sending a file with holes.

    Raises:
        KikanError: names the characters' code points, never the text.
    """
    try:
        text.encode("cp932")
    except UnicodeEncodeError as error:
        point = f"U+{ord(text[error.start]):04X}"
        ja = f"Shift_JIS(cp932)に無い文字 {point} があります。charset=utf-8 をお使いください。"
        en = f"cp932 has no character for {point}. Use charset=utf-8."
        raise invalid_parameters((Fault("not_in_charset", ja, en, parameter="charset"),)) from None


async def chunks_of(session: Session, stream: Stream) -> AsyncIterator[bytes]:
    """Give a list whole, page by page, in one snapshot."""
    is_csv = stream.request.format == "csv"
    charset = stream.request.charset
    head = b""
    if is_csv:
        head = (b"" if charset == "cp932" else b"\xef\xbb\xbf") + csv_lines([stream.members]).encode(charset)
    request = replace(stream.request, limit=STREAM_PAGE, count=False)
    while True:
        page = await stream.listing.page(session, request, most=STREAM_PAGE)
        rows = page.rows if stream.enrich is None else await stream.enrich(session, page.rows)
        if is_csv:
            text = csv_lines([[row[name] for name in stream.members] for row in rows])
            if charset == "cp932":
                refuse_charset(text)
            yield head + text.encode(charset)
        else:
            yield b"".join(
                orjson.dumps({name: row[name] for name in stream.members}, option=orjson.OPT_APPEND_NEWLINE)
                for row in rows
            )
        head = b""
        if page.next_cursor is None or not rows:
            return
        request = _onward(request, page.next_cursor)


def _onward(request: ListRequest, cursor: str) -> ListRequest:
    if request.changed_after is not None:
        return replace(request, changed_after=cursor)
    return replace(request, after=cursor)
