"""Lists on the wire: parameters in, pages out.

One filter grammar for all lists: a parameter per field, several values by comma, unknown parameters refused, so that
a mistyped filter never returns everything.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import params
from starlette.requests import Request

from api.answers import Answer, Stream, page
from api.calendars import Calendar
from api.problems import UNKNOWN_PARAMETER, invalid_parameters
from api.remembered import Remembered
from domain import fiscal
from domain.database import Session
from domain.errors import Fault
from domain.lists import LARGEST_PAGE, Enrich, Filter, FilterKind, Listing, ListRequest, Page

_YEARS = range(1990, 2200)


class Listed:
    """Marker of a parameter that takes a ``ListRequest``; ``members`` are the names that ``fields`` may choose.

    ``is_calendar`` offers the list as a calendar too.
    """

    def __init__(self, listing: Listing, members: Sequence[str], *, is_calendar: bool) -> None:
        self.listing = listing
        self.members = tuple(members)
        self.is_calendar = is_calendar
        self.remembered: Remembered[ListRequest] = Remembered()

    def __call__(self) -> None:
        """Stand in for a dependency; ``api.operations`` gives the request."""


def listed(listing: Listing, shape: Any, *, is_calendar: bool = False) -> Any:
    """Take the list parameters of ``listing``; ``shape`` is the pydantic model of one row."""
    return params.Depends(Listed(listing, tuple(shape.model_fields), is_calendar=is_calendar))


def _fault(parameter: str, code: str, ja: str, en: str) -> Fault:
    return Fault(code, ja, en, parameter=parameter)


class _BadValueError(ValueError):
    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(code)
        self.words = (code, ja, en)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else _refuse_day()
    except ValueError:
        return _refuse_day()


def _refuse_day() -> date:
    raise _BadValueError("not_a_day", "日付は YYYY-MM-DD で入れてください。", "Give a day as YYYY-MM-DD.")


def month_bounds(text: str) -> tuple[date, date]:
    """Give the first and last day of a month ``YYYY-MM``."""
    try:
        first = fiscal.parse_month(text)
    except ValueError:
        raise _BadValueError("not_a_month", "月は YYYY-MM で入れてください。", "Give a month as YYYY-MM.") from None
    return first, fiscal.last_day_of_month(first)


def _year_bounds(text: str) -> tuple[date, date]:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in _YEARS):
        raise _BadValueError("not_a_year", "年度は西暦4桁で入れてください。", "Give a fiscal year as four digits.")
    return fiscal.first_day(int(text)), fiscal.last_day(int(text))


_INSTANT = re.compile(r"(19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.upper()) if _INSTANT.fullmatch(text) else _refuse_instant()
    except ValueError:
        return _refuse_instant()


def _refuse_instant() -> datetime:
    ja = "日時は 2026-10-01T09:00:00+09:00 のように、時差まで入れてください(+ は %2B と書きます)。"
    en = "Give an instant with its offset, such as 2026-10-01T09:00:00+09:00 (+ is written %2B)."
    raise _BadValueError("not_an_instant", ja, en)


_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def canonical_id(text: str) -> str:
    """Write an id in its one form.

    Raises:
        ValueError: it is no id.
    """
    if _CANONICAL.fullmatch(text):
        return text
    found = str(UUID(text))
    if found != text.lower():
        raise ValueError(text)
    return found


def _ids(text: str) -> list[str]:
    try:
        return [canonical_id(part) for part in text.split(",")]
    except ValueError:
        raise _BadValueError("not_an_id", "ID の形が違います。", "This is not an id.") from None


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise _BadValueError("not_a_flag", "true か false を入れてください。", "Give true or false.")
    return text == "true"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise _BadValueError("not_a_number", "0以上の整数を入れてください。", "Give a whole number from 0.")
    return int(text)


_READERS: dict[FilterKind, Callable[[str], Any]] = {
    "ids": _ids,
    "from_day": _day,
    "to_day": _day,
    "month": month_bounds,
    "fiscal_year": _year_bounds,
    "from_instant": _instant,
    "flag": _flag,
    "number": _number,
}


def _parsed(asked: Filter, text: str) -> Any:
    if not text:
        raise _BadValueError("empty", "値を入れてください。", "Give a value.")
    read = _READERS.get(asked.kind)
    if read is not None:
        return read(text)
    values = text.split(",")
    if asked.allowed and any(v not in asked.allowed for v in values):
        raise _BadValueError("not_in_list", "決められた値のどれかにしてください。", "Use one of the listed values.")
    return values


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE and len(text) <= 9):
        ja, en = f"limit は1~{LARGEST_PAGE}にしてください。", f"limit must be 1 to {LARGEST_PAGE}."
        raise _BadValueError("limit_out_of_range", ja, en)
    return int(text)


def _chosen(text: str, allowed: Sequence[str], code: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if any(name.removeprefix("-") not in allowed for name in names) or len(set(names)) != len(names):
        ja, en = f"使えるのは {', '.join(allowed)} です。", f"Use any of {', '.join(allowed)}."
        raise _BadValueError(code, ja, en)
    return names


def _search(text: str) -> str:
    if not 1 <= len(text.strip()) <= 100:
        raise _BadValueError("search_length", "q は1~100文字にしてください。", "q must be 1 to 100 characters.")
    return text


Format = Literal["json", "csv", "ndjson", "ics"]
_FORCED: dict[str | None, Format] = {"csv": "csv", "ndjson": "ndjson", "ics": "ics"}


def _format(request: Request, forced: str | None, *, is_calendar: bool) -> Format:
    if forced in _FORCED:
        return _FORCED[forced]
    accepted = request.headers.get("accept", "")
    if "text/csv" in accepted:
        return "csv"
    if is_calendar and "text/calendar" in accepted:
        return "ics"
    return "ndjson" if "application/x-ndjson" in accepted else "json"


def list_request(request: Request, listed_as: Listed, forced_format: str | None) -> ListRequest:
    """Read what is asked of a list.

    Raises:
        RuleError: an unknown, repeated or unreadable parameter, each named.
    """
    asked = listed_as.remembered.of(request.scope["query_string"], lambda: _asked(request, listed_as))
    form = _format(request, forced_format, is_calendar=listed_as.is_calendar)
    return asked if form == "json" else replace(asked, format=form)


def _asked(request: Request, listed_as: Listed) -> ListRequest:
    """Read the parameters of a list."""
    listing = listed_as.listing
    found: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    faults: list[Fault] = []
    takers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "limit": ("limit", _limit),
        "cursor": ("after", str),
        "count": ("count", _flag),
        "sort": ("sort", lambda t: _chosen(t, tuple(listing.sorts), "sort_unknown")),
        "fields": ("fields", lambda t: _chosen(t, listed_as.members, "field_unknown")),
        "charset": ("charset", lambda t: _chosen(t, ("utf-8", "cp932"), "charset_unknown")[0]),
    }
    if listing.search is not None:
        takers["q"] = ("search", _search)
    if listing.changed is not None:
        takers["changed_after"] = ("changed_after", str)
        takers["include_deleted"] = ("include_deleted", _flag)
    seen: dict[str, str] = {}
    for name, text in request.query_params.multi_items():
        if name in seen:
            faults.append(_fault(name, "repeated", "同じパラメーターが2度あります。", "This parameter is given twice."))
            continue
        seen[name] = text
        try:
            if name in takers:
                member, take = takers[name]
                found[member] = take(text)
            elif name in listing.filters:
                filters[name] = _parsed(listing.filters[name], text)
            else:
                faults.append(_fault(name, *UNKNOWN_PARAMETER))
        except _BadValueError as error:
            faults.append(_fault(name, *error.words))
    if faults:
        raise invalid_parameters(tuple(faults))
    return ListRequest(filters=filters, parameters=seen, **found)


async def page_of(
    session: Session,
    listed_as: Listing,
    request: ListRequest,
    shape: Any,
    *,
    enrich: Enrich | None = None,
    calendar: Calendar | None = None,
) -> Answer | Stream:
    """Answer with a page, or, for CSV, NDJSON and calendars, with the whole list as a stream.

    ``enrich`` adds what rows need besides their own columns, in a fixed number of queries per page; ``calendar`` says
    what a row is in a calendar.
    """
    foreign = [name for name in request.fields if name not in shape.model_fields]
    if foreign:
        ja, en = "この項目は見られません。", "This member is not yours to see."
        raise invalid_parameters((_fault("fields", "field_unknown", ja, en),))
    if request.format == "ics" and calendar is not None:
        _refuse_for_calendars(request)
        enrich = calendar.enrich or enrich
    if request.format != "json":
        members = request.fields or tuple(shape.model_fields)
        return Stream(listed_as, request, enrich, members, f"{listed_as.name}.{request.format}", calendar)
    found = await listed_as.page(session, request, in_lines=enrich is None and not request.fields)
    if found.lines is None:
        rows = found.rows if enrich is None else await enrich(session, found.rows)
        if request.fields:
            rows = [{name: row[name] for name in request.fields} for row in rows]
        found = Page(rows, found.next_cursor, found.count)
    cursor = "cursor" if request.changed_after is None else "changed_after"
    return page(found, request.limit, f"/v1/{listed_as.name}", request.parameters, cursor)


def _refuse_for_calendars(request: ListRequest) -> None:
    """Refuse what would change a file and has no meaning in a calendar, which is whole and in UTF-8 by its standard."""
    asked = [name for name in ("fields", "charset") if name in request.parameters]
    if asked:
        ja, en = "予定表(.ics)では使えません。", "This cannot be asked of a calendar (.ics)."
        raise invalid_parameters(tuple(_fault(name, "not_for_calendars", ja, en) for name in asked))
