"""Hearing a frequency text: walks over its tokens and collects clauses and year labels, in order.

Every sort of token has one function that notes it in the present clause, or opens the next clause where it would
overwrite something.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from domain import frequency_values as values
from domain.frequency_clauses import Bounds, Clause, Joint, Label, Span, Spread
from domain.frequency_reading import WEEKDAYS, Kind, Unit
from domain.frequency_words import Token

UNIT_SORTS = frozenset({"year", "month", "week", "yearly", "monthly", "weekly"})
LEADING = {"at_least": "at_least", "at_most": "at_most", "aim_before": "aim", "each": "each", "series": "series"}


@dataclass(slots=True)
class Hearing:
    """What has been heard so far. ``ahead`` holds marks that wait for the next frequency word (約, 原則として, 各 …)."""

    items: list[Clause | Label] = field(default_factory=list)
    clause: Clause = field(default_factory=Clause)
    previous: Token = field(default_factory=lambda: Token("comma", "", 0))
    ahead: set[str] = field(default_factory=set)
    patience: int = 0
    heard_until: int = -1
    depth: int = 0
    per_unit: str | None = None
    sub_quotas: list[str] = field(default_factory=list)
    multiplied: bool = False

    def cut(self, joint: Joint) -> None:
        """End the present clause; an empty one only passes its joint on to the next."""
        carried = max(joint, self.clause.joint) if self.clause.is_empty else joint
        marks = self.clause.mentioned if self.clause.is_empty else set()
        if not self.clause.is_empty:
            self.items.append(self.clause)
        self.clause = Clause(joint=carried, bracketed=self.depth > 0, mentioned=marks)

    def clause_for(self, token: Token, *, free: bool) -> Clause:
        """Give the clause that takes this frequency word: the present one if it is ``free``, else a new one."""
        if not free:
            self.cut(Joint.NOTHING)
        self.clause.mentioned |= self.ahead
        self.ahead = set()
        self.heard_until = token.start + len(token.text)
        return self.clause

    @property
    def last_clause(self) -> Clause | None:
        """The present clause if anything was found in it, else the one before; none after a label."""
        if not self.clause.is_empty:
            return self.clause
        return self.items[-1] if self.items and isinstance(self.items[-1], Clause) else None


def hear(tokens: list[Token]) -> Hearing:
    """Collect the clauses and labels of a text."""
    hearing = Hearing()
    for token in tokens:
        note = NOTES.get(token.sort)
        if note is not None:
            note(hearing, token)
        hearing.previous = token
    hearing.cut(Joint.SPACE)
    return hearing


def _word(hearing: Hearing, token: Token) -> None:
    """Unknown words: a qualifier does not reach over them, 原則として over a short subject only (原則、会議は月1回)."""
    plain = token.text.strip("にはのをがで")
    if hearing.previous.sort == "count" and re.match("の(?!開催|実施|訪問|試行)|で(?!開催|実施)|に分|ごと|とも", token.text):
        hearing.clause.mentioned.add("prose")
    if hearing.previous.sort == "months" and re.search("開催|実施|行う|行い|提出|報告|訪問|参加|作成|見直", token.text):
        hearing.clause.mentioned.add("held")
    if hearing.previous.sort == "as_needed" and hearing.previous.text != "随時" and not _OF_HOLDING.match(plain):
        hearing.clause.mentioned.add("aside")
    hearing.patience -= len(plain)
    if plain:
        hearing.ahead.discard("approximate")
    if hearing.patience < 0:
        hearing.ahead.discard("in_principle")


_OF_HOLDING = re.compile(r"$|.{0,6}(?:開催|実施|臨時|追加|開く|招集|行う|行な|対応|訪問)")
"""Words after 必要に応じて that still speak of holding it once more; others tell of something else."""


def _separate(joint: Joint) -> Callable[[Hearing, Token], None]:
    def note(hearing: Hearing, token: Token) -> None:
        hearing.cut(joint)

    return note


def _open(hearing: Hearing, token: Token) -> None:
    hearing.ahead.discard("in_principle")
    hearing.depth += 1
    hearing.cut(Joint.BRACKET)
    hearing.clause.bracketed = True


def _close(hearing: Hearing, token: Token) -> None:
    hearing.depth = max(0, hearing.depth - 1)
    if hearing.clause.is_empty and hearing.previous.sort in {"principle", "approx_after", "approx_before", "aim"}:
        last = hearing.last_clause
        if last is not None:
            last.mentioned |= hearing.ahead
        hearing.ahead = set()
    bracketed = not hearing.clause.is_empty
    hearing.cut(Joint.SPACE)
    if bracketed or hearing.depth == 0:
        hearing.clause.joint = Joint.NOTHING
    hearing.clause.bracketed = hearing.depth > 0


def _label(hearing: Hearing, token: Token) -> None:
    joint = hearing.clause.joint if hearing.clause.is_empty else Joint.NOTHING
    hearing.cut(Joint.NOTHING)
    label = values.label_in(token)
    label.bracketed, label.joint = hearing.depth > 0, joint
    hearing.items.append(label)
    hearing.clause = Clause(joint=Joint.NOTHING, bracketed=hearing.depth > 0)


def _unit(unit: Unit, *, once: bool) -> Callable[[Hearing, Token], None]:
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
    if before in UNIT_SORTS and present.count is None and (before in {"year", "month", "week", "weekly"} or "間" in token.text):
        clause = hearing.clause_for(token, free=True)
        clause.count = values.bounds_in(token)
        clause.mentioned.add("days_counted")
    elif present.unit is Unit.MONTH and present.day_of_month is None and "間" not in token.text:
        clause = hearing.clause_for(token, free=True)
        values.note_days_of_month(clause, token)


def _amount(hearing: Hearing, token: Token) -> None:
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


def _excluded_months(hearing: Hearing, token: Token) -> None:
    clause = hearing.clause_for(token, free=True)
    clause.excluded_months += values.months_in(token)[0]


def _excluded_weekdays(hearing: Hearing, token: Token) -> None:
    last = hearing.last_clause
    if last is not None:
        last.excluded_weekdays += values.weekdays_in(token)


def _month_day(hearing: Hearing, token: Token) -> None:
    if hearing.clause.unit is Unit.YEAR and not hearing.clause.months and len(token.numbers) == 2:
        clause = hearing.clause_for(token, free=True)
        month, day = token.numbers
        if 1 <= month <= 12 and 1 <= day <= 31:
            clause.months, clause.day_of_month = (month,), day


def _month_start(hearing: Hearing, token: Token) -> None:
    if 1 <= token.numbers[0] <= 12:
        hearing.clause_for(token, free=True).start_month = token.numbers[0]


def _month_edge(hearing: Hearing, token: Token) -> None:
    free = hearing.clause.day_of_month is None and hearing.clause.open_kind is None
    clause = hearing.clause_for(token, free=free)
    clause.unit = clause.unit or Unit.MONTH
    clause.day_of_month = 1 if token.sort == "month_begin" else -1
    clause.mentioned.add("month_edge")
    if not ("末日" in token.text or "最終" in token.text):
        clause.mentioned |= {"about_month_edge", "approximate"}


def _nth(hearing: Hearing, token: Token) -> None:
    if 6 in token.numbers:
        return
    present = hearing.clause
    free = not (present.nth_weeks or present.weekdays or present.is_open or present.unit is Unit.WEEK)
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
    if clause is not None and clause.duration_minutes is None:
        clause.duration_minutes = values.minutes_in(token)
        hearing.heard_until = token.start + len(token.text)


def _open_ended(kind: Kind, *marks: str) -> Callable[[Hearing, Token], None]:
    def note(hearing: Hearing, token: Token) -> None:
        present = hearing.clause
        if present.open_kind is not None:
            merged = values.merged_open(present.open_kind, kind)
            if merged is not None:
                present.open_kind = merged
                present.mentioned |= set(marks)
                if token.text == "随時":
                    present.mentioned.discard("aside")
                elif token.sort == "as_needed":
                    present.mentioned.add("need")
                return
        clause = hearing.clause_for(token, free=present.is_empty)
        clause.open_kind = kind
        clause.mentioned |= set(marks)
        if token.sort == "as_needed" and token.text != "随時" or token.text == "臨時":
            clause.mentioned.add("need")

    return note


def _stop(hearing: Hearing, token: Token) -> None:
    if "休み" not in token.text:
        _open_ended(Kind.SUSPENDED)(hearing, token)


def _ahead(hearing: Hearing, token: Token) -> None:
    hearing.ahead.add(LEADING[token.sort])
    if token.sort in {"series", "each"} and hearing.previous.sort == "count":
        hearing.clause.mentioned |= hearing.ahead
        hearing.ahead = set()


def _approx_before(hearing: Hearing, token: Token) -> None:
    hearing.ahead.add("approximate")


def _approx_after(hearing: Hearing, token: Token) -> None:
    last = hearing.last_clause
    if last is not None and token.start == hearing.heard_until:
        last.mentioned.add("approximate")


def _principle(hearing: Hearing, token: Token) -> None:
    last = hearing.last_clause
    if token.text.startswith("を"):
        if last is not None:
            last.mentioned.add("in_principle")
    else:
        hearing.ahead.add("in_principle")
        hearing.patience = 12


def _aim(hearing: Hearing, token: Token) -> None:
    """An aim concerns the count only in its own clause, or as 「…することを目指す」 right after it."""
    said_of_doing = hearing.previous.text.endswith(("こと", "実施", "開催"))
    last = hearing.last_clause if said_of_doing else hearing.clause
    if last is not None and not last.is_empty:
        last.mentioned.add("aim")
    elif hearing.previous.sort == "open":
        hearing.ahead.add("aim")


def _planned(hearing: Hearing, token: Token) -> None:
    if hearing.last_clause is not None:
        hearing.last_clause.mentioned.add("planned")


def _sub_quota(hearing: Hearing, token: Token) -> None:
    hearing.sub_quotas.append(token.text)


def _per_unit(hearing: Hearing, token: Token) -> None:
    hearing.per_unit = token.text.strip("、: ")
    if hearing.per_unit.startswith("ご"):
        hearing.per_unit = hearing.previous.text[-8:] + hearing.per_unit


def _times(hearing: Hearing, token: Token) -> None:
    hearing.multiplied = hearing.multiplied or token.start == hearing.heard_until


def _opening(hearing: Hearing, token: Token) -> None:
    hearing.clause.mentioned.add("opening")


NOTES: dict[str, Callable[[Hearing, Token], None]] = {
    "word": _word,
    "space": _separate(Joint.SPACE),
    "dot": _separate(Joint.DOT),
    "comma": _separate(Joint.COMMA),
    "arrow": _separate(Joint.ARROW),
    "join": _separate(Joint.WORD),
    "open": _open,
    "close": _close,
    "label": _label,
    "fiscal_label": _label,
    "next_label": _label,
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
    "excluded_months": _excluded_months,
    "excluded_weekdays": _excluded_weekdays,
    "month_day": _month_day,
    "month_start": _month_start,
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
    "stop": _stop,
    "undetermined": _open_ended(Kind.UNDETERMINED),
    "regular": _open_ended(Kind.UNDETERMINED, "regular"),
    "irregular": _open_ended(Kind.AS_NEEDED, "loosely"),
    "as_needed": _open_ended(Kind.AS_NEEDED),
    "as_needed_loosely": _open_ended(Kind.AS_NEEDED, "loosely"),
    "timely": _open_ended(Kind.TIMELY),
    "continuous": _open_ended(Kind.CONTINUOUS),
    "available": _open_ended(Kind.CONTINUOUS, "available"),
    "from_opening": _open_ended(Kind.FROM_OPENING),
    "opening": _opening,
    "at_least": _ahead,
    "at_most": _ahead,
    "aim_before": _ahead,
    "each": _ahead,
    "series": _ahead,
    "approx_before": _approx_before,
    "approx_after": _approx_after,
    "principle": _principle,
    "aim": _aim,
    "planned": _planned,
    "sub_quota": _sub_quota,
    "per_unit": _per_unit,
    "times": _times,
}
