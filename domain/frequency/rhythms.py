"""Notes on the words that carry a frequency: periods, intervals, counts, months, weekdays, days and clock times."""

import re

from domain.frequency import values
from domain.frequency.clauses import Bounds, Clause, Span, Spread
from domain.frequency.hearing import Hearing, Note
from domain.frequency.reading import WEEKDAYS, Unit
from domain.frequency.words import Token

_YEAR_AND_MONTH = re.compile(r"(?:令和|平成|昭和|[RHSrhs]|[0-9]{2}(?=[0-9]{2}))(?:[0-9]{1,2}|元)[年/.-]([0-9]{1,2})")
UNIT_SORTS = frozenset({"year", "month", "week", "yearly", "monthly", "weekly"})


def _unit(unit: Unit, *, once: bool) -> Note:
    """A period; a smaller one replaces a larger one that has no count yet (毎年、四半期ごと)."""

    def note(hearing: Hearing, token: Token) -> None:
        present = hearing.clause
        free = present.open_kind is None and (
            (present.unit is None and present.span is None and present.count is None)
            or (present.unit is not None and present.count is None and "amount" not in present.mentioned)
        )
        if once and present.count is not None and present.unit is None and not present.has_pattern:
            free = True
        clause = hearing.clause_for(token, free=free)
        clause.unit = unit
        clause.implied_once = once
        if token.sort in {"monthly_word", "daily", "term"}:
            clause.mentioned.add(token.sort)
        if token.text in {"毎営業日", "毎開所日"}:
            clause.weekdays = WEEKDAYS[:5]
        if token.sort in {"quarter", "half"} and not token.text.startswith(("各", "毎")) and "ごと" not in token.text:
            clause.mentioned.add("bare_unit")

    return note


def _per_slash(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=hearing.clause.is_bare_count)
    unit, span = values.rate_in(token)
    clause.unit, clause.span = unit, span
    clause.implied_once = True


def _span(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    free = present.open_kind is None and present.span is None and present.count is None
    clause = hearing.clause_for(token, free=free)
    if clause.unit is Unit.YEAR or clause.count is None:
        clause.unit = None
    clause.span = values.span_in(token)
    clause.implied_once = clause.implied_once or "回" not in token.text


def _alternate(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    free = present.open_kind is None and present.span is None and present.count is None and present.unit is None
    clause = hearing.clause_for(token, free=free)
    clause.span = Span(2, 2, values.UNITS[token.text[1]])


def _month_or_interval(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    yearly = present.unit is Unit.YEAR and present.count is None
    free = present.open_kind is None and not present.count and not present.span and (present.unit is None or yearly)
    clause = hearing.clause_for(token, free=free and not present.months)
    numbers = token.numbers
    if yearly or not set(numbers) <= values.USUAL_INTERVALS:
        clause.months = tuple(number for number in numbers if 1 <= number <= 12)
        clause.mentioned |= {"month_not_interval"} if not yearly else set()
        clause.spread = Spread.RANGE if "~" in token.text else Spread.EACH
    else:
        clause.named_or_interval = numbers


def _count(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    clause = hearing.clause_for(token, free=present.open_kind is None and present.count is None)
    clause.count = values.bounds_in(token)


def _bare_count(hearing: Hearing, token: Token) -> None:
    if hearing.previous.sort in {"year", "month", "week"} and hearing.clause.count is None:
        clause = hearing.clause_for(token, free=True)
        clause.count = Bounds(token.numbers[0], token.numbers[0])
        clause.mentioned.add("count_without_word")


def _bound(hearing: Hearing, token: Token) -> None:
    last = hearing.last_clause
    if last is not None and last.count is not None and hearing.previous.sort == "open":
        last.count = values.bounded(last.count, token.text)


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


def _amount(hearing: Hearing, _: Token) -> None:
    hearing.ahead = set()
    if hearing.previous.sort in UNIT_SORTS and hearing.clause.count is None:
        hearing.clause.mentioned.add("amount")


def _months(hearing: Hearing, token: Token) -> None:
    months, spread = values.months_in(token)
    if months:
        clause = hearing.clause_for(token, free=not hearing.clause.months and hearing.clause.open_kind is None)
        clause.months, clause.spread = months, spread
        values.note_part_of_month(clause, token)


def _named_part(hearing: Hearing, token: Token) -> None:
    """Named halves and quarters of the fiscal year, its beginning and end."""
    clause = hearing.clause_for(token, free=not hearing.clause.months and hearing.clause.open_kind is None)
    clause.months, clause.groups = values.part_of_year_in(token)
    clause.spread = Spread.GROUPS
    if token.sort == "season":
        clause.mentioned.add("season")


def _seasons(hearing: Hearing, token: Token) -> None:
    _unit(Unit.YEAR, once=True)(hearing, token)
    hearing.clause.groups = len(re.findall("[春夏秋冬]", token.text))


def _excluded_months(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=True)
    clause.excluded_months += values.months_in(token)[0]


def _excluded_weekdays(hearing: Hearing, token: Token) -> None:
    taker = hearing.last_clause or hearing.clause
    taker.excluded_weekdays += values.weekdays_in(token)


def _month_day(hearing: Hearing, token: Token) -> None:
    yearly = _bracketed_on(hearing)
    if yearly.unit is Unit.YEAR and not yearly.months and len(token.numbers) == 2:
        clause = hearing.clause_for(token, free=True)
        month, day = token.numbers
        if 1 <= month <= 12 and 1 <= day <= 31:
            clause.months, clause.day_of_month = (month,), day


def _month_start(hearing: Hearing, token: Token) -> None:
    if 1 <= token.numbers[0] <= 12:
        hearing.clause_for(token, free=True).start_month = token.numbers[0]


def _started(hearing: Hearing, _: Token) -> None:
    """令和8年10月から: the month in which it starts, whatever the year."""
    named = _YEAR_AND_MONTH.match(hearing.previous.text) if hearing.previous.sort == "date" else None
    if named and 1 <= int(named[1]) <= 12:
        hearing.clause_for(hearing.previous, free=not hearing.clause.start_month).start_month = int(named[1])


def _month_edge(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    weekly = present.unit is Unit.WEEK or bool(present.weekdays)
    clause = hearing.clause_for(token, free=not (weekly or present.day_of_month or present.is_open))
    clause.unit = clause.unit or Unit.MONTH
    clause.day_of_month = 1 if token.sort == "month_begin" else -1
    clause.mentioned.add("month_edge")
    if not ("末日" in token.text or "最終" in token.text):
        clause.mentioned.add("approximate")


def _nth(hearing: Hearing, token: Token) -> None:
    if 6 in token.numbers:
        return
    present = hearing.clause
    dated = bool(present.weekdays or present.day_of_month or present.nth_weeks)
    free = not (dated or present.is_open or present.unit is Unit.WEEK)
    clause = hearing.clause_for(token, free=free)
    clause.nth_weeks, clause.nth_mode = values.nth_weeks_in(token)
    clause.weekdays = values.weekdays_in(token)
    if "週" in token.text:
        clause.mentioned.add("week_of_month")


def _weekly_on(hearing: Hearing, token: Token) -> None:
    if token.text.startswith("隔週"):
        _alternate(hearing, Token("alternate", "隔週", token.start))
    else:
        _unit(Unit.WEEK, once=True)(hearing, token)
    hearing.clause.weekdays = values.weekdays_in(token)
    hearing.clause.weekdays_any = "または" in token.text or "か" in token.text
    hearing.heard_until = token.start + len(token.text)


def _weekdays(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    clause = hearing.clause_for(token, free=not present.weekdays and present.open_kind is None)
    clause.weekdays = values.weekdays_in(token)
    clause.weekdays_any = "または" in token.text or "か" in token.text
    if "~" in token.text or "から" in token.text or token.text.startswith("平日"):
        clause.mentioned.add("weekday_range")


def _parity(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    clause = hearing.clause_for(token, free=present.parity is None and present.open_kind is None)
    clause.parity = "even" if token.text.startswith("偶") else "odd"


def _time(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=True)
    if clause.time_start is None:
        values.note_start(clause, token)
    elif clause.time_end is None and hearing.previous.sort == "tilde":
        values.note_end(clause, token)


def _duration(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=True) if not hearing.clause.is_empty else hearing.last_clause
    minutes = values.minutes_in(token)
    if clause is not None and clause.duration_minutes is None and 0 < minutes <= 1440:
        clause.duration_minutes = minutes
        hearing.heard_until = token.start + len(token.text)


RHYTHMS: dict[str, Note] = {
    "year": _unit(Unit.YEAR, once=False),
    "month": _unit(Unit.MONTH, once=False),
    "week": _unit(Unit.WEEK, once=False),
    "yearly": _unit(Unit.YEAR, once=True),
    "monthly": _unit(Unit.MONTH, once=True),
    "monthly_word": _unit(Unit.MONTH, once=True),
    "weekly": _unit(Unit.WEEK, once=True),
    "daily": _unit(Unit.WEEK, once=True),
    "quarter": _unit(Unit.QUARTER, once=True),
    "half": _unit(Unit.HALF, once=True),
    "halves": _unit(Unit.HALF, once=True),
    "term": _unit(Unit.YEAR, once=True),
    "per_slash": _per_slash,
    "span": _span,
    "alternate": _alternate,
    "month_or_interval": _month_or_interval,
    "count": _count,
    "bare_count": _bare_count,
    "bound": _bound,
    "days": _days,
    "amount": _amount,
    "months": _months,
    "quarters": _named_part,
    "half_named": _named_part,
    "season": _named_part,
    "seasons": _seasons,
    "excluded_months": _excluded_months,
    "excluded_weekdays": _excluded_weekdays,
    "month_day": _month_day,
    "month_start": _month_start,
    "tilde": _started,
    "month_end": _month_edge,
    "month_begin": _month_edge,
    "nth_weekdays": _nth,
    "nth_weeks": _nth,
    "weekly_on": _weekly_on,
    "weekdays": _weekdays,
    "parity": _parity,
    "time": _time,
    "hours": _time,
    "duration": _duration,
}
"""Sort of token → how it is noted."""
