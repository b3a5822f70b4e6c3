"""Weekdays: 第3または第4木曜日, 毎月最終金曜日, 火・木曜日, 第3週, and opening hours (月～金 8:30～17:30)."""

from dataclasses import replace

from domain.frequency.clauses import Clause
from domain.frequency.doubts import DoubtCode, Finding
from domain.frequency.drafts import Findings, Pair, alone, bounds_of, draft
from domain.frequency.reading import Kind, NthMode, Reading, Unit
from domain.frequency.values import minutes_between

WHOLE_DAY_MINUTES = 300
"""Weekdays with so long a time and no 毎週 or 回 are opening hours, not an activity."""


def is_weekday_of_month(clause: Clause) -> bool:
    """Say whether the clause is a weekday pattern of months; beside a yearly count it is only a detail."""
    if not (clause.nth_weeks and clause.weekdays):
        return False
    if clause.unit is Unit.YEAR:
        return clause.count is None and bool(clause.months)
    if clause.span is not None:
        return clause.span.unit == "month"
    return clause.unit in {None, Unit.MONTH}


def weekday_of_month(clause: Clause) -> Findings:
    """Read 第2火曜日: every month unless said otherwise. A count that fits neither one nor all dates gives two."""
    dates = len(clause.nth_weeks) * len(clause.weekdays)
    of_pattern = 1 if clause.nth_mode == "any" else dates
    low, high = bounds_of(clause, once=of_pattern)
    if low is None or low > of_pattern:
        plain = replace(
            draft(clause, Kind.PER_MONTH, Unit.MONTH, (low, high)), nth_weeks=None, nth_mode=None, weekdays=None
        )
        return (Finding(plain), Finding(_pattern(clause, (of_pattern, of_pattern), clause.nth_mode)))
    if of_pattern not in {low, high}:
        return (Finding(_pattern(clause, (low, high), "any")), Finding(_pattern(clause, (dates, dates), "all")))
    mode: NthMode = "any" if low != of_pattern else clause.nth_mode
    return alone(_pattern(clause, (low, high), mode), *_pattern_doubts(clause))


def _pattern_doubts(clause: Clause) -> list[DoubtCode]:
    codes = []
    if "week_of_month" in clause.mentioned:
        codes.append(DoubtCode.WEEK_OF_MONTH)
    monthly = clause.unit or clause.parity or clause.months or clause.excluded_months or clause.span
    if not monthly and len(clause.nth_weeks) == 1:
        codes.append(DoubtCode.MONTH_IMPLIED)
    return codes


def _pattern(clause: Clause, bounds: Pair, mode: NthMode) -> Reading:
    interval = clause.span.longest if clause.span and clause.span.longest > 1 and not clause.parity else None
    return replace(
        draft(clause, Kind.NTH_WEEKDAY, Unit.MONTH, bounds),
        month_parity=clause.parity or "all",
        interval_months=interval,
        nth_mode=mode,
    )


def weekly(clause: Clause) -> Findings:
    """Read weekdays without any period as every week."""
    once = 1 if clause.weekdays_any else len(clause.weekdays)
    return alone(draft(clause, Kind.PER_WEEK, Unit.WEEK, bounds_of(clause, once=once)))


def week_of_month(clause: Clause) -> Findings:
    """Read 第3週 without a weekday: once in that week of every month."""
    once = 1 if clause.nth_mode == "any" else len(clause.nth_weeks)
    return alone(draft(clause, Kind.PER_MONTH, Unit.MONTH, bounds_of(clause, once=once)), DoubtCode.WEEK_OF_MONTH)


def is_opening_hours(clause: Clause) -> bool:
    """Say whether weekdays, 週5日 or a long time of day speak of being open rather than of an activity."""
    timed = bool(clause.time_start and clause.time_end)
    if clause.nth_weeks or clause.span or not (clause.weekdays or timed or "days_counted" in clause.mentioned):
        return False
    if "opening" in clause.mentioned:
        return clause.count is None or "days_counted" in clause.mentioned
    if "days_counted" in clause.mentioned:
        return clause.unit is Unit.WEEK and bool(clause.weekdays or timed)
    return clause.count is None and _is_open_all_day(clause, timed=timed)


def _is_open_all_day(clause: Clause, *, timed: bool) -> bool:
    start, end = clause.time_start, clause.time_end
    long = start is not None and end is not None and minutes_between(start, end) >= WHOLE_DAY_MINUTES
    if clause.unit is Unit.WEEK:
        return timed and long and ("daily" in clause.mentioned or len(clause.weekdays) >= 5)
    if clause.unit is not None or not clause.weekdays:
        return False
    return long or ("weekday_range" in clause.mentioned and len(clause.weekdays) >= 5)


def opening_hours(clause: Clause) -> Findings:
    """Read opening hours: the number of days is that of the weekdays, no duty to do anything follows."""
    known = clause.count is not None or bool(clause.weekdays)
    days = bounds_of(clause, once=len(clause.weekdays)) if known else (None, None)
    return alone(draft(clause, Kind.OPENING_HOURS, Unit.WEEK, days), DoubtCode.OPENING_HOURS)
