"""Notes on the words that name a place in the calendar: months, parts of the year, days and dates."""

import re

from domain.frequency import values
from domain.frequency.clauses import Clause, Spread
from domain.frequency.counting import FISCAL_MONTHS
from domain.frequency.hearing import Hearing, Note
from domain.frequency.reading import Unit
from domain.frequency.words import Token

UNIT_SORTS = frozenset({"year", "month", "week", "yearly", "monthly", "weekly"})


def _days(hearing: Hearing, token: Token) -> None:
    """日: days within a week or month (週5日), the day of a month (毎月15日), else no part of a frequency."""
    present = hearing.clause
    before = hearing.previous.sort
    counts_days = before in {"year", "month", "week", "weekly"} or (before in UNIT_SORTS and "間" in token.text)
    if counts_days and present.count is None:
        clause = hearing.clause_for(token, free=True)
        clause.count = values.bounds_in(token)
        clause.mentioned.add("days_counted")
    elif "間" not in token.text and _is_monthly(_bracketed_on(hearing)) and present.day_of_month is None:
        clause = hearing.clause_for(token, free=True)
        values.note_days_of_month(clause, token, counted=_bracketed_on(hearing).count is not None)


def _bracketed_on(hearing: Hearing) -> Clause:
    """The clause that an opening bracket adds to: the present one, or the one before where nothing was heard yet."""
    last = hearing.last_clause
    return last if hearing.clause.is_empty and hearing.previous.sort == "open" and last is not None else hearing.clause


def _is_monthly(clause: Clause) -> bool:
    spanned = clause.span is not None and clause.span.unit == "month"
    return clause.unit is Unit.MONTH or clause.parity is not None or spanned


def _months(hearing: Hearing, token: Token) -> None:
    months, spread = values.months_in(token)
    if months:
        present = hearing.clause
        narrowed = hearing.previous.sort == "half_named" and set(months) <= set(present.months)
        clause = hearing.clause_for(token, free=(narrowed or not present.months) and present.open_kind is None)
        clause.months, clause.spread, clause.groups = months, spread, 1
        values.note_part_of_month(clause, token)


def _named_part(hearing: Hearing, token: Token) -> None:
    """Named halves and quarters of the fiscal year, its beginning and end."""
    clause = hearing.clause_for(token, free=not hearing.clause.months and hearing.clause.open_kind is None)
    clause.months, clause.groups = values.part_of_year_in(token)
    clause.spread = Spread.GROUPS
    if token.sort == "season":
        clause.mentioned.add("season")


def _excluded_months(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=True)
    clause.excluded_months += values.months_in(token)[0]


def _excluded_weekdays(hearing: Hearing, token: Token) -> None:
    taker = hearing.last_clause or hearing.clause
    taker.excluded_weekdays += values.weekdays_in(token)


def _dated(hearing: Hearing, token: Token) -> None:
    """A date names the month of a yearly count: 年1回（令和8年10月）, 年2回（7/15、2/10）; by itself it is none."""
    date, present = values.date_in(token), hearing.clause
    if date is None:
        return
    if hearing.previous.sort == "tilde" and "dated" in present.mentioned and present.start_month:
        months = Token("months", f"{present.start_month}月~{date[0]}月", token.start)
        present.months, present.spread = values.months_in(months)
        present.start_month = None
    elif _is_yearly(hearing):
        clause = hearing.clause_for(token, free=not present.months)
        clause.months, clause.day_of_month = (date[0],), date[1]
        clause.mentioned.add("dated")
        values.note_about(clause, token)


def _is_yearly(hearing: Hearing) -> bool:
    """Whether a yearly count without months is the present clause, or stands before the bracket that is open."""
    if not hearing.clause.is_empty:
        return hearing.clause.unit is Unit.YEAR and not hearing.clause.months
    before = [item for item in hearing.items if not (isinstance(item, Clause) and item.bracketed and not item.is_core)]
    last = before[-1] if before and hearing.depth else None
    return isinstance(last, Clause) and last.unit is Unit.YEAR and not last.months


def _month_start(hearing: Hearing, token: Token) -> None:
    if 1 <= token.numbers[0] <= 12:
        hearing.clause_for(token, free=True).start_month = token.numbers[0]


def _part_of_month(hearing: Hearing, _: Token) -> None:
    hearing.clause.mentioned.add("approximate")


def _started(hearing: Hearing, _: Token) -> None:
    """令和8年10月から: the month in which it starts, whatever the year."""
    date = values.date_in(hearing.previous) if hearing.previous.sort == "date" else None
    if date is not None and date[2]:
        clause = hearing.clause_for(hearing.previous, free=not hearing.clause.start_month)
        clause.start_month = date[0]
        if "dated" in clause.mentioned:
            clause.months, clause.day_of_month = (), None


def _month_edge(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    weekly = present.unit is Unit.WEEK or bool(present.weekdays)
    clause = hearing.clause_for(token, free=not (weekly or present.day_of_month or present.is_open))
    clause.unit = clause.unit or Unit.MONTH
    clause.day_of_month = 1 if token.sort == "month_begin" else -1
    clause.mentioned.add("month_edge")
    if not ("末日" in token.text or "最終" in token.text):
        clause.mentioned.add("approximate")


def _offset(hearing: Hearing, token: Token) -> None:
    """開所後6か月以内に: in the first year of the centre, once and for all."""
    months = re.match(r"([0-9]{1,2})か?月以内", token.text)
    if months and int(months[1]) <= len(FISCAL_MONTHS) and hearing.previous.sort == "from_opening":
        hearing.clause.mentioned.add("soon")


CALENDAR_NOTES: dict[str, Note] = {
    "days": _days,
    "months": _months,
    "quarters": _named_part,
    "half_named": _named_part,
    "season": _named_part,
    "excluded_months": _excluded_months,
    "excluded_weekdays": _excluded_weekdays,
    "month_day": _dated,
    "date": _dated,
    "month_start": _month_start,
    "tilde": _started,
    "month_end": _month_edge,
    "month_begin": _month_edge,
    "part_of_month": _part_of_month,
    "offset": _offset,
}
"""Sort of token → how it is noted."""
