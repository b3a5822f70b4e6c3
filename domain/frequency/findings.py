"""From one clause to its reading: the first rule that applies says which kind it is.

A clause that can be read in two ways of equal right gives two findings; the caller offers both.
"""

from collections.abc import Callable

from domain.frequency.clauses import Clause, Spread
from domain.frequency.doubts import Doubt, DoubtCode, Finding
from domain.frequency.drafts import Findings, alone, bounds_of, copy_of, doubted, draft
from domain.frequency.intervals import daily, even_or_odd_months, interval_or_month, spanned
from domain.frequency.reading import Kind, Reading, Unit
from domain.frequency.weekdays import (
    is_opening_hours,
    is_weekday_of_month,
    opening_hours,
    week_of_month,
    weekday_of_month,
    weekly,
)

_KIND_OF_UNIT = {
    Unit.YEAR: Kind.PER_YEAR,
    Unit.HALF: Kind.PER_HALF,
    Unit.QUARTER: Kind.PER_QUARTER,
    Unit.MONTH: Kind.PER_MONTH,
    Unit.WEEK: Kind.PER_WEEK,
}


def findings_of(clause: Clause) -> Findings:
    """Read a clause; two findings where two readings are equally possible, none where it says nothing."""
    for applies, read in _RULES:
        if applies(clause):
            return tuple(doubted(finding, clause) for finding in read(clause))
    return ()


def _open_ended(clause: Clause) -> Findings:
    if clause.open_kind is None:
        return ()
    reading = Reading(kind=clause.open_kind, also_as_needed="also_as_needed" in clause.mentioned)
    if clause.open_kind is Kind.TIMELY and "need" in clause.mentioned:
        return (Finding(reading, (Doubt(DoubtCode.TIMELY_OR_AS_NEEDED, Reading(kind=Kind.AS_NEEDED)),)),)
    return alone(reading)


def _per_unit(clause: Clause) -> Findings:
    unit = clause.unit
    if unit is None:
        return ()
    if unit is Unit.YEAR and clause.months:
        if clause.count is None:
            return _in_months(clause)
        if clause.implied_once and "each" in clause.mentioned:
            return _in_months(clause)
        if _is_uneven(clause):
            return (*_per_unit(copy_of(clause, months=())), *_in_months(copy_of(clause, count=None, unit=None)))
    times = 3 if "term" in clause.mentioned else _places(clause, unit)
    weekdays = len(clause.weekdays) if unit is Unit.WEEK and not clause.weekdays_any else 0
    bounds = bounds_of(clause, once=weekdays or 1, times=times)
    every = _interval_beside_count(clause) if unit is Unit.YEAR else None
    return alone(draft(clause, _KIND_OF_UNIT[unit], unit, bounds, every=every), *_unit_doubts(clause))


def _places(clause: Clause, unit: Unit) -> int:
    """In how many places the count is meant: 春と秋に各1回 in two; a yearly total in quarters stays the total."""
    in_each = unit is Unit.YEAR and "each" in clause.mentioned
    return 1 if clause.spread is Spread.GROUPS and not in_each else clause.groups


def _unit_doubts(clause: Clause) -> list[DoubtCode]:
    codes = []
    if "bare_unit" in clause.mentioned and clause.count is None:
        codes.append(DoubtCode.UNIT_ALONE)
    if clause.unit is Unit.YEAR and "each" in clause.mentioned and clause.groups == 1 and not clause.months:
        codes.append(DoubtCode.EACH_OF_UNKNOWN)
    if clause.unit is Unit.MONTH and clause.weekdays:
        codes.append(DoubtCode.WEEKDAY_WITHOUT_WEEK)
    low = clause.count.low if clause.count else None
    if clause.unit is Unit.WEEK and low and 0 < len(clause.weekdays) < low:
        codes.append(DoubtCode.COUNT_AND_PATTERN)
    if clause.unit is Unit.YEAR and clause.parity:
        codes.append(DoubtCode.COUNT_CONFIRMED if low == 6 else DoubtCode.COUNT_AND_PATTERN)
    return codes


def _is_uneven(clause: Clause) -> bool:
    """Whether more times are wanted than months are named, and they do not spread evenly: 年3回（6月、10月）."""
    low = clause.count.low if clause.count else None
    if low is None or clause.spread is not Spread.EACH:
        return False
    return low > len(clause.months) and bool(low % len(clause.months))


def _interval_beside_count(clause: Clause) -> int | None:
    """The interval that a yearly count keeps as a constraint: 年6回（隔月）."""
    if clause.span is not None:
        return clause.span.longest
    return 2 if clause.parity and clause.count is not None and clause.count.low == 6 else None


def _in_months(clause: Clause) -> Findings:
    """2月に開催, 4月・10月, 第1四半期に1回: so many times a year, in the months named."""
    places = clause.groups if clause.spread is Spread.GROUPS else len(clause.months)
    if clause.spread in {Spread.ANY, Spread.RANGE}:
        places = 1
    shared = clause.count is not None and clause.count.low == 1 and places > 1 and "each" not in clause.mentioned
    times = places if clause.count is not None and (shared or "each" in clause.mentioned) else 1
    reading = draft(clause, Kind.PER_YEAR, Unit.YEAR, bounds_of(clause, once=places, times=times))
    doubts = [Doubt(DoubtCode.MONTHS_SHARED, draft(clause, Kind.PER_YEAR, Unit.YEAR, bounds_of(clause)))]
    return (Finding(reading, tuple(doubts[: int(shared)] + _month_doubts(clause))),)


def _month_doubts(clause: Clause) -> list[Doubt]:
    if "month_not_interval" in clause.mentioned:
        bounds = bounds_of(clause)
        interval = draft(
            copy_of(clause, months=()), Kind.EVERY_N_MONTHS, Unit.MONTH, bounds, every=max(2, clause.months[0])
        )
        return [Doubt(DoubtCode.MONTH_NOT_INTERVAL, interval)]
    if clause.spread is Spread.GROUPS:
        return [Doubt(DoubtCode.PART_OF_YEAR)]
    if "series" in clause.mentioned:
        return [Doubt(DoubtCode.SERIES)]
    if clause.count is None and clause.unit is None and "held" not in clause.mentioned:
        return [Doubt(DoubtCode.MONTH_NAMED)]
    return []


def _bare_count(clause: Clause) -> Findings:
    code = DoubtCode.SERIES if "series" in clause.mentioned else DoubtCode.YEAR_ASSUMED
    if "each" in clause.mentioned:
        code = DoubtCode.EACH_OF_UNKNOWN
    return alone(draft(clause, Kind.PER_YEAR, Unit.YEAR, bounds_of(clause)), code)


_RULES: tuple[tuple[Callable[[Clause], bool], Callable[[Clause], Findings]], ...] = (
    (lambda clause: clause.is_open, _open_ended),
    (is_opening_hours, opening_hours),
    (is_weekday_of_month, weekday_of_month),
    (lambda clause: bool(clause.named_or_interval), interval_or_month),
    (lambda clause: clause.span is not None and clause.unit is None, spanned),
    (lambda clause: clause.parity is not None and clause.unit in {None, Unit.MONTH}, even_or_odd_months),
    (lambda clause: "daily" in clause.mentioned, daily),
    (lambda clause: bool(clause.nth_weeks) and clause.unit in {None, Unit.MONTH}, week_of_month),
    (lambda clause: clause.unit is not None, _per_unit),
    (lambda clause: bool(clause.weekdays), weekly),
    (lambda clause: bool(clause.months), _in_months),
    (lambda clause: clause.count is not None, _bare_count),
)
