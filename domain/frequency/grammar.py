"""Joining the clauses of a frequency text: details go to the count they belong to, and agreement is noticed.

What stays apart is never summed: each remaining clause is a value of its own.
"""

from dataclasses import replace
from itertools import takewhile

from domain.frequency.clauses import Bounds, Clause, Joint, Span
from domain.frequency.counting import minimum_of
from domain.frequency.drafts import bounds_of
from domain.frequency.extras import with_extras
from domain.frequency.findings import findings_of
from domain.frequency.month_lists import joined_months, take_listed
from domain.frequency.reading import COUNTABLE, Kind, Reading, Unit

DETAILS = ("months", "start_month", "parity", "nth_weeks", "weekdays", "day_of_month", "time_start", "duration_minutes")
_TAKEN_ALONG = {
    "months": ("spread", "groups"),
    "nth_weeks": ("nth_mode",),
    "weekdays": ("weekdays_any",),
    "time_start": ("time_end",),
}
_DETAILS_WITH_PARTS = (*DETAILS, *(part for parts in _TAKEN_ALONG.values() for part in parts))
_INTERVAL_OF_UNIT = {Unit.HALF: 6, Unit.QUARTER: 3, Unit.MONTH: 1}
_TIGHT = frozenset({Joint.NOTHING, Joint.COMMA, Joint.BRACKET})


def settle(clauses: list[Clause]) -> list[Clause]:
    """Join what belongs together; each clause that remains is one value."""
    return with_extras(_agreeing(_without_parts(_completed(_without_prose(clauses)))))


def _without_prose(clauses: list[Clause]) -> list[Clause]:
    """Leave out counts of prose (1回の研修で…) and periods counted in something else (月2件)."""
    return [
        clause
        for clause in clauses
        if not ("prose" in clause.mentioned and clause.is_bare_count)
        and not ("amount" in clause.mentioned and clause.count is None)
    ]


def _without_parts(clauses: list[Clause]) -> list[Clause]:
    """Leave out counts in brackets that add up to the count before them: 年6回（全体会2回、部会4回）."""
    kept: list[Clause] = []
    for position, clause in enumerate(clauses):
        if clause.bracketed and clause.is_bare_count and kept and not kept[-1].bracketed:
            parts = list(takewhile(lambda one: one.bracketed and one.is_bare_count, clauses[position:]))
            if len(parts) > 1 and _fixed(kept[-1]) == sum(_fixed(one) or 0 for one in parts):
                del clauses[position + 1 : position + len(parts)]
                continue
        kept.append(clause)
    return kept


def _fixed(clause: Clause) -> int | None:
    """The count of a clause, where it is one number and no more."""
    if clause.is_open or clause.count is None or clause.count.low != clause.count.high:
        return None
    return clause.count.low


def _completed(clauses: list[Clause]) -> list[Clause]:
    """Give details and missing counts to the clause before, or to the next one where none fits."""
    settled: list[Clause] = []
    waiting: list[Clause] = []
    for clause in clauses:
        before = settled[-1] if settled else None
        joined = _joined(before, clause) if before is not None else None
        if joined is not None:
            settled[-1] = joined
        elif clause.is_core:
            take_listed(waiting, clause)
            for detail in waiting:
                if not clause.is_open and _fits(clause, detail):
                    _absorb(clause, detail)
            waiting = []
            settled.append(clause)
        elif not (before is not None and before.is_open and clause.bracketed):
            take_listed(waiting, clause)
            waiting.append(clause)
    return settled + _standing_alone(waiting, settled)


def _joined(before: Clause, clause: Clause) -> Clause | None:
    """Make one clause of two neighbours where they speak of the same; None where they stand apart."""
    if before.is_open or clause.is_open:
        return None
    if _joins(before, clause) or _restates_period(before, clause):
        _absorb(before, clause)
        return before
    if joined_months(before, clause):
        return before
    if _qualifies(before, clause):
        _absorb(clause, before)
        return clause
    if _repeats_period(before, clause):
        _absorb(before, clause)
        return before
    if _gives_count(before, clause):
        return replace(clause, count=before.count, mentioned=before.mentioned | clause.mentioned)
    return None


def _standing_alone(waiting: list[Clause], settled: list[Clause]) -> list[Clause]:
    """Months or weekdays that no count took are a frequency of their own (2月に開催, 火・木曜日)."""
    if not waiting:
        return []
    first, *others = waiting
    for detail in others:
        if _fits(first, detail):
            _absorb(first, detail)
    if not (first.months or first.weekdays or "opening" in first.mentioned):
        return []
    return [] if settled and not (first.months or first.weekdays) else [first]


def _joins(before: Clause, clause: Clause) -> bool:
    if clause.is_open or clause.joint is Joint.ARROW:
        return False
    if clause.is_bare_count and clause.joint is not Joint.WORD:
        return _takes_count(before, clause)
    if clause.count or clause.span or clause.named_or_interval or clause.implied_once:
        return False
    if clause.unit is not None and "month_edge" not in clause.mentioned:
        return False
    return _fits(before, clause)


def _restates_period(before: Clause, clause: Clause) -> bool:
    """Whether a clause names the period of a count once more, to say when in it: 月1回（毎月第2木曜日）."""
    if before.count is None or clause.count is not None or before.unit is not clause.unit or not clause.implied_once:
        return False
    told = clause.nth_weeks or clause.weekdays or clause.day_of_month
    tied = clause.joint in _TIGHT and "prefaced" not in clause.mentioned
    return bool(told and tied and before.unit in {Unit.MONTH, Unit.WEEK}) and _fits(before, clause)


def _takes_count(before: Clause, clause: Clause) -> bool:
    """Whether a lone count completes the pattern before it: 毎月（1回）; not where it repeats the yearly total."""
    if before.count is not None or before.named_or_interval:
        return False
    if "series" in clause.mentioned and (before.implied_once or before.span or before.parity or before.nth_weeks):
        return False
    if clause.joint is Joint.BRACKET and clause.count is not None and (clause.count.low or 0) > 1:
        reading = _reading_of(before)
        if reading is not None and minimum_of(reading) == clause.count.low:
            return False
    return True


def _repeats_period(before: Clause, clause: Clause) -> bool:
    """Whether a clause names the period of the pattern before it once more, with the count: 毎週月曜日（週1回）."""
    if before.count or before.is_open or clause.count is None or clause.joint not in _TIGHT:
        return False
    if clause.has_pattern or clause.day_of_month or "prefaced" in clause.mentioned:
        return False
    monthly = before.unit is None and before.span is None and bool(before.nth_weeks and before.weekdays)
    return clause.unit is not None and (clause.unit is before.unit or (monthly and clause.unit is Unit.MONTH))


def _gives_count(before: Clause, clause: Clause) -> bool:
    """Whether a lone count stood before its period: 1回（毎月）; not where it is the yearly total: 6回（隔月）."""
    timed = clause.implied_once or clause.span is not None or clause.parity is not None
    if (
        "series" in before.mentioned
        or not before.is_bare_count
        or clause.count
        or not timed
        or clause.joint not in {*_TIGHT, Joint.SPACE}
    ):
        return False
    reading = _reading_of(clause)
    return reading is not None and before.count is not None and minimum_of(reading) != before.count.low


def _qualifies(before: Clause, clause: Clause) -> bool:
    """Whether a lone weekday of the month stood before the count it belongs to: 第2金曜日 年4回."""
    if before.unit or before.count or before.span or not (before.nth_weeks and before.weekdays):
        return False
    counted = clause.count is not None and clause.unit in {Unit.YEAR, Unit.MONTH}
    return counted and clause.joint in {*_TIGHT, Joint.SPACE} and _fits(clause, before)


def _fits(clause: Clause, detail: Clause) -> bool:
    """Whether no detail would be overwritten, and the pattern can carry it."""
    if any(getattr(clause, name) and getattr(detail, name) for name in DETAILS):
        return False
    of_weekdays = clause.unit is Unit.WEEK or bool(clause.weekdays)
    if (detail.nth_weeks or detail.day_of_month) and of_weekdays:
        return False
    if detail.weekdays and not detail.nth_weeks and clause.unit is Unit.YEAR and clause.count is None:
        return False
    return not (detail.parity and clause.span and (clause.span.unit, clause.span.longest) != ("month", 2))


def _absorb(clause: Clause, detail: Clause) -> None:
    for name in DETAILS:
        if getattr(detail, name):
            for part in (name, *_TAKEN_ALONG.get(name, ())):
                setattr(clause, part, getattr(detail, part))
    clause.excluded_months += detail.excluded_months
    clause.count = clause.count or detail.count
    if clause.unit is None and clause.span is None and clause.parity is None:
        clause.unit, clause.implied_once = detail.unit, detail.implied_once
    clause.mentioned |= detail.mentioned


def _agreeing(clauses: list[Clause]) -> list[Clause]:
    """Make one value of a yearly count and a pattern that say the same: 年6回（隔月）, 四半期ごと（年4回）."""
    agreed: list[Clause] = []
    for clause in clauses:
        total = clause.joint is Joint.SPACE and clause.is_bare_count and "series" in clause.mentioned
        tied = (clause.joint in _TIGHT and "prefaced" not in clause.mentioned) or total
        if agreed and tied and not clause.is_open and not agreed[-1].is_open:
            merged = _bounded_twice(agreed[-1], clause) or _merged_if_same(agreed[-1], clause)
            if merged is not None:
                agreed[-1] = merged
                continue
        agreed.append(clause)
    return agreed


def _bounded_twice(first: Clause, second: Clause) -> Clause | None:
    """Make one count of a lower and an upper bound of the same period: 最低年2回、最大年4回."""
    same = second.is_bare_count or (first.unit is second.unit and first.span == second.span and not second.has_pattern)
    if not same or first.count is None or second.count is None:
        return None
    (least, most), (floor, ceiling) = bounds_of(first), bounds_of(second)
    if not least or most is not None or floor != 0 or ceiling is None or ceiling < least:
        return None
    marks = (first.mentioned | second.mentioned) - {"at_least", "at_most"}
    return replace(first, count=Bounds(least, ceiling), mentioned=marks)


def _merged_if_same(first: Clause, second: Clause) -> Clause | None:
    """Merge a yearly total and a pattern of the same minimum. What stands first is the kind, the other a constraint."""
    first, second = _with_exclusions_shared(first, second)
    one, other = _reading_of(first), _reading_of(second)
    if one is None or other is None:
        return None
    marks = (first.mentioned | second.mentioned | {"count_confirmed"}) - {"each"}
    if one == other and second.joint is Joint.BRACKET:
        return replace(first, mentioned=marks - ({"term"} - first.mentioned))
    if not _say_the_same(one, other):
        return None
    if other.kind is Kind.PER_YEAR:
        return None if first.months and second.months else _with_details(replace(first, mentioned=marks), second)
    merged = _with_details(replace(first, unit=Unit.YEAR, mentioned=marks - {"series"}), second)
    merged.excluded_months += second.excluded_months
    merged.span = _constraint(second)
    return merged


def _with_details(clause: Clause, other: Clause) -> Clause:
    """Add to a clause the details that only the other one names."""
    for name in _DETAILS_WITH_PARTS:
        if getattr(other, name) and not getattr(clause, name):
            setattr(clause, name, getattr(other, name))
    return clause


def _say_the_same(one: Reading, other: Reading) -> bool:
    if not {one.kind, other.kind} <= COUNTABLE or (one.kind is Kind.PER_YEAR) is (other.kind is Kind.PER_YEAR):
        return False
    least = minimum_of(one)
    return least is not None and least == minimum_of(other)


def _constraint(pattern: Clause) -> Span | None:
    """The interval in months that a pattern of single times adds to a yearly total: 四半期ごと = 3."""
    if pattern.count is not None and pattern.count.low != 1:
        return None
    if pattern.span is None:
        months = _INTERVAL_OF_UNIT.get(pattern.unit) if pattern.unit else None
    else:
        months = {"month": pattern.span.longest, "half_year": 6}.get(pattern.span.unit)
    return Span(months, months, "month") if months else None


def _with_exclusions_shared(first: Clause, second: Clause) -> tuple[Clause, Clause]:
    """Let 月1回（年11回、8月を除く） leave August out of the months, where it changes something."""
    if first.unit is Unit.MONTH and second.unit is Unit.YEAR and second.excluded_months:
        excluded = first.excluded_months + second.excluded_months
        return replace(first, excluded_months=excluded), replace(second, excluded_months=())
    return first, second


def _reading_of(clause: Clause) -> Reading | None:
    found = findings_of(clause)
    return found[0].reading if len(found) == 1 else None
