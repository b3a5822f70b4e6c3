"""Joining the clauses of a frequency text: details go to the count they belong to, 随時 on top, agreement is noticed.

What stays apart is never summed: each remaining clause is a value of its own.
"""

from dataclasses import fields, replace

from domain.frequency_clauses import Clause, Joint, Span, Spread
from domain.frequency_counting import minimum_of
from domain.frequency_findings import findings_of
from domain.frequency_reading import COUNTABLE, Kind, Reading, Unit

DETAILS = ("months", "start_month", "parity", "nth_weeks", "weekdays", "day_of_month", "time_start", "duration_minutes")
_TAKEN_ALONG = {
    "months": ("spread", "groups"),
    "nth_weeks": ("nth_mode",),
    "weekdays": ("weekdays_any",),
    "time_start": ("time_end",),
}
_INTERVAL_OF_UNIT = {Unit.HALF: 6, Unit.QUARTER: 3, Unit.MONTH: 1}
_NEEDS = frozenset({Kind.AS_NEEDED, Kind.TIMELY})
_TIGHT = frozenset({Joint.NOTHING, Joint.COMMA, Joint.BRACKET})


def settle(clauses: list[Clause]) -> list[Clause]:
    """Join what belongs together; each clause that remains is one value."""
    return _with_extras(_agreeing(_completed(_without_prose(clauses))))


def _without_prose(clauses: list[Clause]) -> list[Clause]:
    """Leave out counts of prose (1回の研修で…) and periods counted in something else (月2件)."""
    return [
        clause
        for clause in clauses
        if not ("prose" in clause.mentioned and clause.is_bare_count)
        and not ("amount" in clause.mentioned and clause.count is None)
    ]


def _completed(clauses: list[Clause]) -> list[Clause]:
    """Give details and missing counts to the clause before, or to the next one where none fits."""
    settled: list[Clause] = []
    waiting: list[Clause] = []
    for clause in clauses:
        before = settled[-1] if settled else None
        if before is not None and not before.is_open and _joins(before, clause):
            _absorb(before, clause)
        elif before is not None and _continues_months(before, clause):
            _take_months(before, clause)
        elif before is not None and _gives_count(before, clause):
            clause.count = before.count
            clause.mentioned |= before.mentioned
            settled[-1] = clause
        elif clause.is_core:
            for detail in waiting:
                if not clause.is_open and _fits(clause, detail):
                    _absorb(clause, detail)
            waiting = []
            settled.append(clause)
        elif not (before is not None and before.is_open and clause.bracketed):
            waiting.append(clause)
    return settled + _standing_alone(waiting, settled)


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


def _continues_months(before: Clause, clause: Clause) -> bool:
    """Whether two clauses list months one by one with the same count: 4月に1回、10月に1回."""
    if not (before.months and clause.months) or before.count is None or before.count != clause.count:
        return False
    plain = all(one.unit is None and one.span is None and not one.nth_weeks and not one.parity for one in (before, clause))
    return plain and clause.joint in {Joint.COMMA, Joint.DOT, Joint.WORD, Joint.NOTHING}


def _take_months(before: Clause, clause: Clause) -> None:
    """Add months with the same count; both halves of the year together are the half-yearly rhythm."""
    before.months += clause.months
    before.groups += clause.groups if clause.spread is Spread.GROUPS else 0
    before.mentioned |= clause.mentioned | {"each"}
    if before.spread is Spread.GROUPS and before.groups == 2 and len(before.months) == 12:
        before.unit, before.months, before.groups, before.spread = Unit.HALF, (), 1, Spread.EACH


def _takes_count(before: Clause, clause: Clause) -> bool:
    """Whether a lone count completes the pattern before it: 毎月（1回）; not where it repeats the yearly total."""
    if before.count is not None or before.named_or_interval:
        return False
    if clause.joint is Joint.BRACKET and clause.count is not None and (clause.count.low or 0) > 1:
        reading = _reading_of(before)
        if reading is not None and minimum_of(reading) == clause.count.low:
            return False
    return True


def _gives_count(before: Clause, clause: Clause) -> bool:
    """Whether a lone count stood before its period: 1回（毎月）; not where it is the yearly total: 6回（隔月）."""
    timed = clause.implied_once or clause.span is not None or clause.parity is not None
    if not before.is_bare_count or clause.count or not timed or clause.joint not in {*_TIGHT, Joint.SPACE}:
        return False
    reading = _reading_of(clause)
    return reading is not None and before.count is not None and minimum_of(reading) != before.count.low


def _fits(clause: Clause, detail: Clause) -> bool:
    """Whether no detail would be overwritten, and the pattern can carry it."""
    if any(getattr(clause, name) and getattr(detail, name) for name in DETAILS):
        return False
    if detail.nth_weeks and (clause.unit is Unit.WEEK or clause.weekdays):
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
        if agreed and clause.joint in _TIGHT and not clause.is_open and not agreed[-1].is_open:
            merged = _merged_if_same(agreed[-1], clause)
            if merged is not None:
                agreed[-1] = merged
                continue
        agreed.append(clause)
    return agreed


def _merged_if_same(first: Clause, second: Clause) -> Clause | None:
    first, second = _with_exclusions_shared(first, second)
    one, other = _reading_of(first), _reading_of(second)
    if one is None or other is None or not {one.kind, other.kind} <= COUNTABLE:
        return None
    if minimum_of(one) is None or minimum_of(one) != minimum_of(other):
        return None
    pattern, total = (second, first) if one.kind is Kind.PER_YEAR else (first, second)
    if one.kind is not Kind.PER_YEAR and other.kind is not Kind.PER_YEAR:
        return None
    if total.months and pattern.months:
        return None
    marks = first.mentioned | second.mentioned | {"count_confirmed"}
    if pattern is first:
        return replace(first, mentioned=marks)
    merged = replace(first, unit=Unit.YEAR, mentioned=marks - {"series"})
    for field in fields(Clause):
        if field.name in {*DETAILS, *(part for parts in _TAKEN_ALONG.values() for part in parts)}:
            value = getattr(second, field.name)
            if value and not getattr(first, field.name):
                setattr(merged, field.name, value)
    merged.excluded_months += second.excluded_months
    merged.span = second.span
    if second.span is None and second.unit in _INTERVAL_OF_UNIT:
        months = _INTERVAL_OF_UNIT[second.unit]
        merged.span = Span(months, months, "month")
    elif merged.span is not None and merged.span.unit != "month":
        merged.span = Span(6, 6, "month") if merged.span.unit == "half_year" else None
    return merged


def _with_exclusions_shared(first: Clause, second: Clause) -> tuple[Clause, Clause]:
    """Let 月1回（年11回、8月を除く） leave August out of the months, where it changes something."""
    if first.unit is Unit.MONTH and second.unit is Unit.YEAR and second.excluded_months:
        excluded = first.excluded_months + second.excluded_months
        return replace(first, excluded_months=excluded), replace(second, excluded_months=())
    return first, second


def _reading_of(clause: Clause) -> Reading | None:
    found = findings_of(clause)
    return found[0].reading if len(found) == 1 else None


def _with_extras(clauses: list[Clause]) -> list[Clause]:
    """Turn 随時 on top of a count into ``also_as_needed``; leave out 定期的に and 通年 beside a count."""
    counted = any(not clause.is_open for clause in clauses)
    kept: list[Clause] = []
    for clause in clauses:
        if _is_faint(clause, clauses, counted=counted):
            continue
        if kept and _adds_need(clause, kept[-1]):
            kept[-1].mentioned |= {"also_as_needed"} | ({"timely_extra"} if clause.open_kind is Kind.TIMELY else set())
        elif kept and _bounds_need(clause, kept[-1]):
            clause.mentioned |= {"also_as_needed"} | ({"extra_lower_bound"} if clause.joint is not Joint.WORD else set())
            kept[-1] = clause
        else:
            kept.append(clause)
    return kept


def _is_faint(clause: Clause, clauses: list[Clause], *, counted: bool) -> bool:
    if "aside" in clause.mentioned and clause.joint is Joint.COMMA and counted:
        return True
    if "regular" in clause.mentioned and clause.is_open:
        return counted
    if clause.open_kind is not Kind.CONTINUOUS or len(clauses) < 2:
        return False
    following = clauses[clauses.index(clause) + 1 :]
    joint = following[0].joint if following else clause.joint
    return joint not in {Joint.SPACE, Joint.DOT}


def _adds_need(extra: Clause, main: Clause) -> bool:
    """Whether 随時 comes on top of what stands before it: 年1回、ほか随時 does, 年1回 随時 does not."""
    if extra.open_kind not in _NEEDS or (main.is_open and "regular" not in main.mentioned):
        return False
    return extra.joint is Joint.WORD or ("need" in extra.mentioned and extra.joint in {Joint.COMMA, Joint.BRACKET})


def _bounds_need(main: Clause, extra: Clause) -> bool:
    """Whether a count follows 随時 as its frame: 随時開催するほか月1回, 随時（年2回以上）."""
    if extra.open_kind not in _NEEDS or main.is_open:
        return False
    if main.joint is Joint.WORD:
        return True
    at_least = main.count is not None and main.count.high is None and bool(main.count.low)
    return (at_least or "at_least" in main.mentioned) and main.joint in {Joint.BRACKET, Joint.COMMA}
