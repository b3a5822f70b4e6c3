"""Notes on the words that carry a frequency: periods, intervals, counts, weekdays and clock times."""

import re

from domain.frequency import values
from domain.frequency.calendar_notes import UNIT_SORTS
from domain.frequency.clauses import Bounds, Span
from domain.frequency.hearing import Hearing, Note
from domain.frequency.reading import WEEKDAYS, Unit
from domain.frequency.words import Token

LONGEST_MINUTES = 1440


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
        if token.text.startswith(("毎営", "毎開", "毎業")):
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
    clause.span = Span(2, 2, next(values.UNITS[sign] for sign in token.text if sign in values.UNITS))


def _month_or_interval(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    yearly = present.unit is Unit.YEAR and present.count is None
    free = present.open_kind is None and not present.count and not present.span and (present.unit is None or yearly)
    clause = hearing.clause_for(token, free=free and not present.months)
    numbers = token.numbers
    if yearly or not set(numbers) <= values.USUAL_INTERVALS:
        clause.months, clause.spread = values.months_in(token)
        clause.mentioned |= {"month_not_interval"} if not yearly else set()
    else:
        clause.named_or_interval = values.months_in(token)[0] if "~" in token.text else numbers


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


def _amount(hearing: Hearing, _: Token) -> None:
    hearing.ahead = set()
    if hearing.previous.sort in UNIT_SORTS and hearing.clause.count is None:
        hearing.clause.mentioned.add("amount")


def _seasons(hearing: Hearing, token: Token) -> None:
    _unit(Unit.YEAR, once=True)(hearing, token)
    hearing.clause.groups = len(re.findall("[春夏秋冬]", token.text))


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
    hearing.clause.weekdays_any = values.is_either(token.text)
    hearing.heard_until = token.start + len(token.text)


def _weekdays(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    weekdays = values.weekdays_in(token)
    clause = hearing.clause_for(token, free=present.weekdays in {(), weekdays} and present.open_kind is None)
    clause.weekdays = weekdays
    clause.weekdays_any = values.is_either(token.text)
    if "~" in token.text or "から" in token.text or token.text.startswith("平日"):
        clause.mentioned.add("weekday_range")


def _parity(hearing: Hearing, token: Token) -> None:
    present = hearing.clause
    clause = hearing.clause_for(token, free=present.parity is None and present.open_kind is None)
    clause.parity = "even" if token.text.startswith("偶") else "odd"


def _time(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=True)
    if clause.time_start is None:
        if token.text.endswith("まで"):
            return
        values.note_start(clause, token)
    elif clause.time_end is None and hearing.previous.sort == "tilde":
        values.note_end(clause, token)


def _duration(hearing: Hearing, token: Token) -> None:
    """A length belongs to what was heard, or to what follows where nothing was heard: 2時間×6回."""
    minutes = values.minutes_in(token)
    if not 0 < minutes <= LONGEST_MINUTES:
        return
    last = hearing.last_clause
    if last is None and not hearing.items:
        hearing.length = minutes
        hearing.heard_until = token.start + len(token.text)
        return
    clause = last if last is None or hearing.clause.is_empty else hearing.clause_for(token, free=True)
    if clause is not None and clause.duration_minutes is None:
        clause.duration_minutes = minutes
        hearing.heard_until = token.start + len(token.text)
    hearing.multiplied = hearing.multiplied and hearing.previous.sort != "times"


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
    "amount": _amount,
    "seasons": _seasons,
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
