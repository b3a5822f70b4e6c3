"""Lists on the wire: parameters in, pages out.

One filter grammar for all lists: a parameter per field, several values by comma, unknown parameters refused, so that
a mistyped filter never returns everything.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from fastapi import params
from starlette.requests import Request

from api.accepts import accepted
from api.answers import Answer, Stream, page
from api.calendars import Calendar
from api.parameters import BadValueError, charset, chosen, filtered, flag, page_size, searched, sorted_by
from api.problems import UNKNOWN_PARAMETER, invalid_parameters
from api.remembered import Remembered
from domain.database import Session
from domain.errors import Fault
from domain.lists import Enrich, Listing, ListRequest, Page


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


Format = Literal["json", "csv", "ndjson", "ics"]
_FORCED: dict[str | None, Format] = {"csv": "csv", "ndjson": "ndjson", "ics": "ics"}
_BY_ACCEPT: dict[str, Format] = {
    "application/json": "json",
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "text/calendar": "ics",
}
_OF_LISTS, _OF_CALENDARS = tuple(_BY_ACCEPT)[:3], tuple(_BY_ACCEPT)


def _format(request: Request, forced: str | None, *, is_calendar: bool) -> Format:
    if forced in _FORCED:
        return _FORCED[forced]
    return _BY_ACCEPT[accepted(request, *(_OF_CALENDARS if is_calendar else _OF_LISTS))]


def list_request(request: Request, listed_as: Listed, forced_format: str | None) -> ListRequest:
    """Read what is asked of a list.

    Raises:
        RuleError: an unknown, repeated or unreadable parameter, each named.
    """
    asked = listed_as.remembered.of(request.scope["query_string"], lambda: _asked(request, listed_as))
    form = _format(request, forced_format, is_calendar=listed_as.is_calendar)
    _refuse_for_form(asked, form)
    return asked if form == "json" else replace(asked, format=form)


def _refuse_for_form(asked: ListRequest, form: Format) -> None:
    """Refuse the encoding of a CSV file where the answer is none: JSON is UTF-8 by its standard."""
    faults = []
    if asked.charset == "cp932" and form in ("json", "ndjson"):
        ja, en = "charset=cp932 は CSV でだけ使えます。", "charset=cp932 is for CSV only."
        faults.append(_fault("charset", "not_combinable", ja, en))
    if asked.replace and (asked.charset != "cp932" or form != "csv"):
        ja, en = "replace は CSV の charset=cp932 と一緒に使います。", "replace goes with CSV and charset=cp932."
        faults.append(_fault("replace", "not_combinable", ja, en))
    if faults:
        raise invalid_parameters(tuple(faults))


def _asked(request: Request, listed_as: Listed) -> ListRequest:
    """Read the parameters of a list."""
    listing = listed_as.listing
    found: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    faults: list[Fault] = []
    takers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "limit": ("limit", page_size),
        "cursor": ("after", str),
        "count": ("count", flag),
        "sort": ("sort", lambda t: sorted_by(t, tuple(listing.sorts))),
        "fields": ("fields", lambda t: chosen(t, listed_as.members, "field_unknown")),
        "charset": ("charset", charset),
        "replace": ("replace", flag),
    }
    if listing.search is not None:
        takers["q"] = ("search", searched)
    if listing.changed is not None:
        takers["changed_after"] = ("changed_after", str)
        takers["include_deleted"] = ("include_deleted", flag)
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
                filters[name] = filtered(listing.filters[name], text)
            else:
                faults.append(_fault(name, *UNKNOWN_PARAMETER))
        except BadValueError as error:
            faults.append(_fault(name, *error.words))
    faults += _misfits(seen, filters)
    if faults:
        raise invalid_parameters(tuple(faults))
    return ListRequest(filters=filters, parameters=seen, **found)


def _misfits(seen: Mapping[str, str], filters: Mapping[str, Any]) -> list[Fault]:
    """Refuse what the order of a sync leaves no room for, and spans that end before they begin.

    Neither must seem to have been done.
    """
    ja, en = "始まりの日より前の日は入れられません。", "This lies before the first day."
    firsts = [name for name in filters if name.endswith("_from")]
    ends = [(name, f"{name.removesuffix('_from')}_to") for name in firsts]
    found = [
        _fault(to, "ends_before_start", ja, en) for first, to in ends if to in filters and filters[to] < filters[first]
    ]
    if "changed_after" in seen:
        ja, en = "changed_after とは一緒に使えません。", "This does not go with changed_after."
        found += [_fault(name, "not_combinable", ja, en) for name in ("sort", "cursor") if name in seen]
    return found


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
