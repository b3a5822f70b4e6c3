"""Intervals: 2か月に1回, 3年ごと, 隔週, 2～3か月に1回, 2か月おき, 90日に1回, and 2月に1回 that may name a month."""

from dataclasses import replace
from math import ceil

from domain.frequency.clauses import Clause, Span
from domain.frequency.doubts import Doubt, DoubtCode, Finding
from domain.frequency.drafts import Findings, alone, bounds_of, copy_of, draft
from domain.frequency.reading import WEEKDAYS, Kind, Reading, Unit

_SPANNED = {
    "month": (Kind.EVERY_N_MONTHS, Kind.PER_MONTH, Unit.MONTH),
    "week": (Kind.EVERY_N_WEEKS, Kind.PER_WEEK, Unit.WEEK),
    "year": (Kind.EVERY_N_YEARS, Kind.PER_YEAR, Unit.YEAR),
}
_MONTHS_OF_DAYS = {30: 1, 31: 1, 60: 2, 90: 3, 120: 4, 180: 6, 182: 6, 183: 6, 365: 12}


def spanned(clause: Clause) -> Findings:
    """Read an interval; one of a single unit is the plain period (1か月に1回 = 月1回)."""
    span = clause.span
    if span is None:
        return ()
    if span.unit == "day":
        return _spanned_days(clause, span)
    if span.unit == "half_month":
        return alone(draft(clause, Kind.PER_MONTH, Unit.MONTH, bounds_of(clause, times=2)), DoubtCode.HALF_MONTH)
    if span.unit == "half_year":
        reading = draft(clause, Kind.EVERY_N_MONTHS, Unit.MONTH, bounds_of(clause), every=6)
        other = replace(reading, kind=Kind.PER_HALF, period=Unit.HALF, interval_months=None)
        return (Finding(reading, (Doubt(DoubtCode.HALF_YEAR, other),)),)
    return _spanned_units(clause, span)


def _spanned_units(clause: Clause, span: Span) -> Findings:
    """For 2～3か月 the longest interval bounds below, the shortest above; 1か月おき leaves out every other month."""
    days = len(clause.weekdays) if span.unit == "week" and not clause.weekdays_any else 0
    low, high = bounds_of(clause, once=days or 1)
    high = None if high is None else high * ceil(span.longest / span.shortest)
    length = 2 if span.gap and span.longest == 1 else span.longest
    reading = _every(clause, span.unit, length, (low, high))
    if span.shortest < span.longest:
        reading = replace(reading, approximate=True)
    return (Finding(reading, _doubts(clause, span, reading)),)


def _every(clause: Clause, unit: str, length: int, bounds: tuple[int | None, int | None]) -> Reading:
    kind, plain, period = _SPANNED[unit]
    if length == 1:
        return draft(clause, plain, period, bounds)
    return draft(clause, kind, period, bounds, every=length)


def _doubts(clause: Clause, span: Span, reading: Reading) -> tuple[Doubt, ...]:
    doubts = []
    if span.shortest < span.longest:
        doubts.append(Doubt(DoubtCode.INTERVAL_RANGE, _every(clause, span.unit, span.shortest, bounds_of(clause))))
    if span.within and not span.each:
        doubts.append(Doubt(DoubtCode.INTERVAL_WITHIN))
    if span.gap:
        other = span.longest + 1 if span.longest > 1 else 1
        doubts.append(Doubt(DoubtCode.INTERVAL_GAP, _every(clause, span.unit, other, bounds_of(clause))))
    months = reading.interval_months
    if months and 12 % months and not clause.months:
        doubts.append(Doubt(DoubtCode.INTERVAL_UNEVEN))
    return tuple(doubts)


def _spanned_days(clause: Clause, span: Span) -> Findings:
    """1日1回 is daily, 14日ごと every two weeks, 90日に1回 about every three months; others fit no kind: ask."""
    if span.longest == 1 and not span.gap:
        return daily(clause)
    if span.longest % 7 == 0:
        weeks = span.longest // 7
        return spanned(copy_of(clause, span=replace(span, shortest=weeks, longest=weeks, unit="week")))
    months = _MONTHS_OF_DAYS.get(span.longest)
    if months is None:
        return alone(Reading(kind=Kind.UNDETERMINED), DoubtCode.DAYS_INTERVAL)
    about = replace(_every(clause, "month", months, bounds_of(clause)), approximate=True)
    return alone(about, DoubtCode.DAYS_INTERVAL)


def daily(clause: Clause) -> Findings:
    """Read 毎日 as once on every day of the week, 毎営業日 as Monday to Friday."""
    days = tuple(day for day in clause.weekdays or WEEKDAYS if day not in clause.excluded_weekdays)
    reading = draft(clause, Kind.PER_WEEK, Unit.WEEK, bounds_of(clause, times=len(days)))
    return alone(replace(reading, weekdays=days), DoubtCode.DAILY)


def interval_or_month(clause: Clause) -> Findings:
    """2月に1回: every two months, as in statutes; with another count and no 以上 it may as well be February."""
    numbers = clause.named_or_interval
    low, high = bounds_of(clause)
    in_month = replace(draft(clause, Kind.PER_YEAR, Unit.YEAR, (low, high)), months=numbers)
    interval = spanned(copy_of(clause, span=Span(min(numbers), max(numbers), "month"), named_or_interval=()))
    if len(numbers) > 1:
        return (*interval, Finding(in_month))
    if high is None:
        return interval
    if numbers[0] > 1 and low != 1:
        return (*interval, Finding(in_month))
    finding = interval[0]
    return (Finding(finding.reading, (Doubt(DoubtCode.INTERVAL_OR_MONTH, in_month), *finding.doubts)),)


def even_or_odd_months(clause: Clause) -> Findings:
    """Read 偶数月: once in every even month."""
    reading = draft(clause, Kind.EVERY_N_MONTHS, Unit.MONTH, bounds_of(clause), every=2)
    contradicted = clause.unit is Unit.MONTH and clause.count is not None
    return alone(reading, DoubtCode.COUNT_AND_PATTERN) if contradicted else alone(reading)
