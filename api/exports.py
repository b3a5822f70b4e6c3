"""The twins of lists (CSV, NDJSON, calendars): the whole result, streamed, without cells that could be formulas."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import orjson

from api.answers import Stream
from api.calendars import Calendar, Writer, writer, written
from api.problems import invalid_parameters
from domain.database import Row, Session
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


def _refuse_row(row: Row, members: Sequence[str]) -> None:
    """Refuse the first character of a row that cp932 cannot hold, saying where it stands.

    Raises:
        RuleError: names the row's id, the member and the character's code point, never the text.
    """
    for name in members:
        try:
            cell(row[name]).encode("cp932")
        except UnicodeEncodeError as error:
            place, point = f"id {row.get('id')}, {name}", f"U+{ord(error.object[error.start]):04X}"
            ja = f"Shift_JIS(cp932)に無い文字 {point} があります({place})。charset=utf-8 か replace=true にします。"
            en = f"cp932 has no character for {point} ({place}). Use charset=utf-8 or replace=true."
            raise invalid_parameters((Fault("not_in_charset", ja, en, parameter="charset"),)) from None


REPLACEMENT = "\u3013"
"""What stands for a character that the file cannot hold: 〓, as printers have always done."""


def _in_cp932(text: str) -> tuple[bytes, int]:
    """Write text in cp932 with 〓 for what it lacks, and how often."""
    try:
        return text.encode("cp932"), 0
    except UnicodeEncodeError:
        written = [_letter(letter) for letter in text]
        return b"".join(letter or REPLACEMENT.encode("cp932") for letter in written), written.count(None)


def _letter(letter: str) -> bytes | None:
    try:
        return letter.encode("cp932")
    except UnicodeEncodeError:
        return None


class _Csv:
    """Lines of CSV under a line of names."""

    tail = b""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._members, self._charset = stream.members, stream.request.charset
        mark = b"" if self._charset == "cp932" else b"\xef\xbb\xbf"
        self.head = mark + csv_lines([stream.members]).encode(self._charset)

    async def lines(self, rows: Sequence[Row]) -> bytes:
        text = csv_lines([[row[name] for name in self._members] for row in rows])
        if self._charset != "cp932":
            return text.encode(self._charset)
        written, replaced = _in_cp932(text)
        if replaced and not self._stream.request.replace:
            for row in rows:
                _refuse_row(row, self._members)
        self._stream.replaced += replaced
        return written


class _Ndjson:
    """One JSON object a line."""

    head = tail = b""

    def __init__(self, stream: Stream) -> None:
        self._members = stream.members

    async def lines(self, rows: Sequence[Row]) -> bytes:
        return b"".join(
            orjson.dumps({name: row[name] for name in self._members}, option=orjson.OPT_APPEND_NEWLINE) for row in rows
        )


class _Ics:
    """The events of a calendar."""

    def __init__(self, calendar: Calendar, write: Writer) -> None:
        self._calendar, self._write = calendar, write
        self.head, self.tail = write.head(calendar.name), write.tail()

    async def lines(self, rows: Sequence[Row]) -> bytes:
        return await written(self._write, (event for row in rows for event in self._calendar.events_of(row)))


async def _file_of(stream: Stream) -> _Csv | _Ndjson | _Ics:
    if stream.calendar is not None and stream.request.format == "ics":
        return _Ics(stream.calendar, await writer())
    return _Csv(stream) if stream.request.format == "csv" else _Ndjson(stream)


async def chunks_of(session: Session, stream: Stream) -> AsyncIterator[bytes]:
    """Give a list whole, page by page, in one snapshot."""
    file = await _file_of(stream)
    head = file.head
    request = replace(stream.request, limit=STREAM_PAGE, count=False)
    while True:
        page = await stream.listing.page(session, request, most=STREAM_PAGE)
        rows = page.rows if stream.enrich is None else await stream.enrich(session, page.rows)
        following = page.next_cursor if rows else None
        yield head + await file.lines(rows) + (file.tail if following is None else b"")
        if following is None:
            return
        head = b""
        request = _onward(request, following)


def _onward(request: ListRequest, cursor: str) -> ListRequest:
    if request.changed_after is not None:
        return replace(request, changed_after=cursor)
    return replace(request, after=cursor)
