"""From one clause to its reading: which kind it is, its bounds, and what may be doubted about it.

A clause that can be read in two ways of equal right gives two findings; the caller offers both.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil

from domain.frequency_clauses import Bounds, Clause, Span, Spread
from domain.frequency_doubts import Doubt, DoubtCode, Finding
from domain.frequency_reading import COUNTABLE, WEEKDAYS, Kind, Reading, Unit
from domain.frequency_values import clock_after, minutes_between

Findings = tuple[Finding, ...]
Pair = tuple[int | None, int | None]
WHOLE_DAY_MINUTES = 300
"""Weekdays with so long a time and no 毎週 or 回 are opening hours, not an activity."""
_KIND_OF_UNIT = {
    Unit.YEAR: Kind.PER_YEAR,
    Unit.HALF: Kind.PER_HALF,
    Unit.QUARTER: Kind.PER_QUARTER,
    Unit.MONTH: Kind.PER_MONTH,
    Unit.WEEK: Kind.PER_WEEK,
}
_MARKED_DOUBTS = (
    ("approximate", DoubtCode.APPROXIMATE),
    ("in_principle", DoubtCode.IN_PRINCIPLE),
    ("aim", DoubtCode.AIM),
    ("days_counted", DoubtCode.DAYS_COUNTED),
    ("days_listed", DoubtCode.DAYS_LISTED),
    ("daily", DoubtCode.DAILY),
    ("count_without_word", DoubtCode.COUNT_WITHOUT_WORD),
    ("count_confirmed", DoubtCode.COUNT_CONFIRMED),
    ("monthly_word", DoubtCode.MONTHLY_WORD),
    ("month_edge", DoubtCode.MONTH_EDGE),
    ("deadline", DoubtCode.DEADLINE),
    ("season", DoubtCode.PART_OF_YEAR),
    ("term", DoubtCode.TERM),
    ("time_carried", DoubtCode.TIME_CARRIED),
    ("available", DoubtCode.AVAILABILITY),
    ("regular", DoubtCode.REGULAR),
    ("loosely", DoubtCode.LOOSELY_AS_NEEDED),
    ("extra_lower_bound", DoubtCode.AT_LEAST_BESIDE_NEED),
)


def findings_of(clause: Clause) -> Findings:
    """Read a clause; two findings where two readings are equally possible."""
    for applies, read in _RULES:
        if applies(clause):
            return tuple(_with_marks(finding, clause) for finding in read(clause))
    return ()


def _with_marks(finding: Finding, clause: Clause) -> Finding:
    """Add the doubts that hold for every kind: bounds that leave questions, and qualifiers."""
    reading, doubts = finding.reading, list(finding.doubts)
    if reading.kind in COUNTABLE:
        doubts += _bound_doubts(clause, reading)
    if reading.kind in {Kind.PER_WEEK, Kind.EVERY_N_WEEKS}:
        doubts.append(Doubt(DoubtCode.WEEKS_OF_YEAR))
    known = {doubt.code for doubt in doubts}
    doubts += [Doubt(code) for mark, code in _MARKED_DOUBTS if mark in clause.mentioned and code not in known]
    return Finding(reading, tuple(doubts))


def _bound_doubts(clause: Clause, reading: Reading) -> list[Doubt]:
    codes = []
    if clause.count is not None:
        if clause.count.listed:
            codes.append(DoubtCode.COUNT_LISTED)
        if clause.count.open_end:
            codes.append(DoubtCode.OPEN_END)
    if reading.min_count is None:
        codes.append(DoubtCode.COUNT_UNNAMED)
    elif reading.min_count == 0 and reading.max_count:
        codes.append(DoubtCode.UPPER_BOUND_ONLY)
    return [Doubt(code) for code in codes]


def _bounds(clause: Clause, *, once: int = 1, times: int = 1) -> Pair:
    """Give least and greatest count: as written or ``once``, multiplied by ``times`` places, with 少なくとも and 最大."""
    count = clause.count or Bounds(once, once)
    low, high = count.low, count.high
    if low is None:
        return None, None
    if "at_least" in clause.mentioned or (clause.span and clause.span.within):
        high = None
    elif "at_most" in clause.mentioned and high is not None:
        low = 0
    return low * times, None if high is None else high * times


def _reading(clause: Clause, kind: Kind, unit: Unit, bounds: Pair, *, every: int | None = None) -> Reading:
    """Make a reading with every detail of the clause that any kind may carry; ``every`` is the interval of the kind."""
    start, end, length = clause.time_start, clause.time_end, clause.duration_minutes
    if start and end:
        length = minutes_between(start, end)
    elif start and length:
        end = clock_after(start, length)
    return Reading(
        kind=kind,
        min_count=bounds[0],
        max_count=bounds[1],
        period=unit,
        interval_months=every if kind in {Kind.EVERY_N_MONTHS, Kind.PER_YEAR} else None,
        interval_weeks=every if kind is Kind.EVERY_N_WEEKS else None,
        interval_years=every if kind is Kind.EVERY_N_YEARS else None,
        month_parity=clause.parity,
        months=clause.months or None,
        exclude_months=tuple(dict.fromkeys(clause.excluded_months)) or None,
        nth_weeks=clause.nth_weeks or None,  # type: ignore[arg-type]  # 1-5 and -1 by the grammar
        nth_mode=clause.nth_mode if clause.nth_weeks else None,
        weekdays=clause.weekdays or None,
        day_of_month=clause.day_of_month,
        time_start=start,
        time_end=end,
        duration_minutes=length,
        approximate="approximate" in clause.mentioned,
        in_principle="in_principle" in clause.mentioned,
        mandatory=kind in COUNTABLE and bool(bounds[0]) and "aim" not in clause.mentioned,
        also_as_needed="also_as_needed" in clause.mentioned,
    )


def _open_ended(clause: Clause) -> Findings:
    if clause.open_kind is None:
        return ()
    doubts: tuple[Doubt, ...] = ()
    if clause.open_kind is Kind.TIMELY and "need" in clause.mentioned:
        doubts = (Doubt(DoubtCode.TIMELY_OR_AS_NEEDED, Reading(kind=Kind.AS_NEEDED)),)
    return (Finding(Reading(kind=clause.open_kind, also_as_needed="also_as_needed" in clause.mentioned), doubts),)


def _is_opening_hours(clause: Clause) -> bool:
    timed = bool(clause.time_start and clause.time_end)
    if clause.nth_weeks or clause.span or not (clause.weekdays or timed or "days_counted" in clause.mentioned):
        return False
    if "opening" in clause.mentioned or ("daily" in clause.mentioned and timed and _lasts_long(clause)):
        return clause.count is None or "days_counted" in clause.mentioned
    if "days_counted" in clause.mentioned:
        return clause.unit is Unit.WEEK and bool(clause.weekdays or timed)
    if clause.count is not None:
        return False
    if clause.unit is Unit.WEEK:
        return len(clause.weekdays) >= 5 and timed and _lasts_long(clause)
    ranged = "weekday_range" in clause.mentioned and len(clause.weekdays) >= 5
    return clause.unit is None and (ranged or (bool(clause.weekdays) and timed and _lasts_long(clause)))


def _lasts_long(clause: Clause) -> bool:
    start, end = clause.time_start, clause.time_end
    return start is not None and end is not None and minutes_between(start, end) >= WHOLE_DAY_MINUTES


def _opening_hours(clause: Clause) -> Findings:
    days = _bounds(clause, once=len(clause.weekdays)) if clause.count or clause.weekdays else (None, None)
    return (
        Finding(_reading(clause, Kind.OPENING_HOURS, Unit.WEEK, days), (Doubt(DoubtCode.OPENING_HOURS),)),
    )


def _monthly_weekday(clause: Clause) -> Findings:
    """第2火曜日: every month unless said otherwise. A count that fits neither one nor all dates leaves two readings."""
    dates = len(clause.nth_weeks) * len(clause.weekdays)
    of_pattern = 1 if clause.nth_mode == "any" else dates
    low, high = _bounds(clause, once=of_pattern)
    mode = clause.nth_mode
    if of_pattern not in {low, high}:
        if low is None or low > of_pattern:
            plain = _reading(clause, Kind.PER_MONTH, Unit.MONTH, (low, high))
            plain = replace(plain, nth_weeks=None, nth_mode=None, weekdays=None)
            return (Finding(plain), Finding(_nth(clause, (of_pattern, of_pattern), mode)))
        return (Finding(_nth(clause, (low, high), "any")), Finding(_nth(clause, (dates, dates), "all")))
    if mode == "all" and low != of_pattern:
        mode = "any"
    doubts = []
    if "week_of_month" in clause.mentioned:
        doubts.append(Doubt(DoubtCode.WEEK_OF_MONTH))
    monthly = clause.unit or clause.parity or clause.months or clause.excluded_months or clause.span
    if not monthly and (len(clause.nth_weeks) == 1):
        doubts.append(Doubt(DoubtCode.MONTH_IMPLIED))
    return (Finding(_nth(clause, (low, high), mode), tuple(doubts)),)


def _nth(clause: Clause, bounds: Pair, mode: str) -> Reading:
    reading = _reading(clause, Kind.NTH_WEEKDAY, Unit.MONTH, bounds)
    interval = clause.span.longest if clause.span and clause.span.longest > 1 and not clause.parity else None
    return replace(
        reading,
        month_parity=clause.parity or "all",
        interval_months=interval,
        nth_mode="any" if mode == "any" else "all",
    )


def _fits_nth(clause: Clause) -> bool:
    if not (clause.nth_weeks and clause.weekdays):
        return False
    if clause.span is not None:
        return clause.span.unit == "month"
    if clause.unit is Unit.YEAR:
        return clause.count is None and bool(clause.months)
    return clause.unit in {None, Unit.MONTH}


def _interval_or_month(clause: Clause) -> Findings:
    """2月に1回: every two months, as in statutes; with more than one count and no 以上 it may as well be February."""
    numbers = clause.named_or_interval
    low, high = _bounds(clause)
    in_month = _reading(clause, Kind.PER_YEAR, Unit.YEAR, (low, high))
    in_month = replace(in_month, months=numbers)
    spanned = replace_span(clause, Span(min(numbers), max(numbers), "month"))
    interval = _spanned(spanned)
    if len(numbers) > 1:
        return (*interval, Finding(in_month))
    if high is None:
        return interval
    if numbers[0] > 1 and low != 1:
        return (*interval, Finding(in_month))
    finding = interval[0]
    return (Finding(finding.reading, (Doubt(DoubtCode.INTERVAL_OR_MONTH, in_month), *finding.doubts)),)


def replace_span(clause: Clause, span: Span) -> Clause:
    """Give the clause with another interval and without the open question of N月に."""
    return replace(clause, span=span, named_or_interval=(), mentioned=set(clause.mentioned))


def _spanned(clause: Clause) -> Findings:
    span = clause.span
    if span is None:
        return ()
    if span.unit == "day":
        return _spanned_days(clause, span)
    if span.unit == "half_year":
        reading = _every(clause, Kind.EVERY_N_MONTHS, Unit.MONTH, 6, _bounds(clause))
        other = replace(reading, kind=Kind.PER_HALF, period=Unit.HALF, interval_months=None)
        return (Finding(reading, (Doubt(DoubtCode.HALF_YEAR, other),)),)
    if span.unit == "half_month":
        twice = _reading(clause, Kind.PER_MONTH, Unit.MONTH, _bounds(clause, times=2))
        return (Finding(twice, (Doubt(DoubtCode.HALF_MONTH),)),)
    kind, plain, unit = _SPANNED[span.unit]
    length = span.longest
    if span.gap and length == 1:
        length = 2
    times = ceil(span.longest / span.shortest)
    low, high = _bounds(clause)
    high = None if high is None else high * times
    reading = (
        _reading(clause, plain, unit, (low, high)) if length == 1 else _every(clause, kind, unit, length, (low, high))
    )
    if span.shortest < span.longest:
        reading = replace(reading, approximate=True)
    return (Finding(reading, _span_doubts(clause, span, reading)),)


_SPANNED = {
    "month": (Kind.EVERY_N_MONTHS, Kind.PER_MONTH, Unit.MONTH),
    "week": (Kind.EVERY_N_WEEKS, Kind.PER_WEEK, Unit.WEEK),
    "year": (Kind.EVERY_N_YEARS, Kind.PER_YEAR, Unit.YEAR),
}


def _every(clause: Clause, kind: Kind, unit: Unit, length: int, bounds: Pair) -> Reading:
    reading = _reading(clause, kind, unit, bounds, every=length)
    if kind is Kind.EVERY_N_MONTHS and length == 2 and clause.start_month and not clause.parity:
        reading = replace(reading, month_parity="odd" if clause.start_month % 2 else "even")
    return reading


def _span_doubts(clause: Clause, span: Span, reading: Reading) -> tuple[Doubt, ...]:
    doubts = []
    kind, unit, bounds = reading.kind, reading.period or Unit.MONTH, _bounds(clause)
    if span.shortest < span.longest:
        other = _every(clause, kind, unit, span.shortest, bounds) if span.shortest > 1 else None
        doubts.append(Doubt(DoubtCode.INTERVAL_RANGE, other))
    if span.gap:
        other = _every(clause, kind, unit, span.longest + 1, bounds) if span.longest > 1 else None
        doubts.append(Doubt(DoubtCode.INTERVAL_GAP, other))
    months = reading.interval_months
    if months and 12 % months and not clause.months and not clause.parity:
        doubts.append(Doubt(DoubtCode.INTERVAL_UNEVEN))
    return tuple(doubts)


_MONTHS_OF_DAYS = {30: 1, 31: 1, 60: 2, 90: 3, 120: 4, 180: 6, 182: 6, 183: 6, 365: 12}


def _spanned_days(clause: Clause, span: Span) -> Findings:
    """1日1回 is daily, 14日ごと every two weeks, 90日に1回 about every three months; others fit no kind: ask."""
    if span.longest == 1 and not span.gap:
        return _daily(clause)
    if span.longest % 7 == 0:
        return _spanned(replace_span(clause, replace(span, longest=span.longest // 7, shortest=span.longest // 7, unit="week")))
    months = _MONTHS_OF_DAYS.get(span.longest)
    if months is not None:
        (finding, *_) = _spanned(replace_span(clause, Span(months, months, "month")))
        reading = replace(finding.reading, approximate=True)
        return (Finding(reading, (Doubt(DoubtCode.DAYS_INTERVAL), *finding.doubts)),)
    return (Finding(Reading(kind=Kind.UNDETERMINED), (Doubt(DoubtCode.DAYS_INTERVAL),)),)


def _daily(clause: Clause) -> Findings:
    days = tuple(day for day in clause.weekdays or WEEKDAYS if day not in clause.excluded_weekdays)
    reading = _reading(clause, Kind.PER_WEEK, Unit.WEEK, _bounds(clause, times=len(days)))
    return (Finding(replace(reading, weekdays=days), (Doubt(DoubtCode.DAILY),)),)


def _every_even_or_odd_month(clause: Clause) -> Findings:
    reading = _reading(clause, Kind.EVERY_N_MONTHS, Unit.MONTH, _bounds(clause), every=2)
    doubts = (Doubt(DoubtCode.COUNT_AND_PATTERN),) if clause.unit is Unit.MONTH and clause.count else ()
    return (Finding(reading, doubts),)


def _per_unit(clause: Clause) -> Findings:
    unit = clause.unit
    if unit is None:
        return ()
    doubts = []
    times = 3 if "term" in clause.mentioned else 1
    once = 1
    if unit is Unit.WEEK and clause.weekdays and not clause.weekdays_any:
        once = len(clause.weekdays)
    if "bare_unit" in clause.mentioned and clause.count is None:
        doubts.append(Doubt(DoubtCode.UNIT_ALONE))
    if unit is Unit.MONTH and (clause.weekdays or clause.nth_weeks):
        doubts.append(Doubt(DoubtCode.WEEKDAY_WITHOUT_WEEK))
    if unit is Unit.WEEK and clause.count and clause.count.low and 0 < len(clause.weekdays) < clause.count.low:
        doubts.append(Doubt(DoubtCode.COUNT_AND_PATTERN))
    if unit is Unit.YEAR and clause.months and clause.count is None:
        return _in_months(clause)
    if unit is Unit.YEAR and _too_many(clause):
        apart = replace(clause, months=(), mentioned=set(clause.mentioned))
        named = replace(clause, count=None, unit=None, mentioned=set(clause.mentioned))
        return (*_per_unit(apart), *_in_months(named))
    every = _constraint(clause) if unit is Unit.YEAR else None
    reading = _reading(clause, _KIND_OF_UNIT[unit], unit, _bounds(clause, once=once, times=times), every=every)
    if unit is Unit.YEAR and clause.parity:
        doubts.append(Doubt(DoubtCode.COUNT_CONFIRMED if reading.min_count == 6 else DoubtCode.COUNT_AND_PATTERN))
    return (Finding(reading, tuple(doubts)),)


def _too_many(clause: Clause) -> bool:
    """Whether more times are wanted than months are named and they do not spread evenly: 年3回（6月、10月）."""
    if clause.count is None or clause.count.low is None or clause.spread is not Spread.EACH or not clause.months:
        return False
    return clause.count.low > len(clause.months) and bool(clause.count.low % len(clause.months))


def _constraint(clause: Clause) -> int | None:
    """The interval that a yearly count keeps as a constraint: 年6回（隔月）."""
    if clause.span is not None:
        return clause.span.longest
    return 2 if clause.parity else None


def _in_months(clause: Clause) -> Findings:
    """2月に開催, 4月・10月, 第1四半期に1回: so many times a year, in the months named."""
    places = clause.groups if clause.spread is Spread.GROUPS else len(clause.months)
    doubts = []
    if clause.spread in {Spread.ANY, Spread.RANGE}:
        places = 1
    times = 1
    once = places
    if clause.count is not None and places > 1:
        shared = clause.count.low == 1 and "each" not in clause.mentioned
        times = places if "each" in clause.mentioned or shared else 1
        if shared:
            other = _reading(clause, Kind.PER_YEAR, Unit.YEAR, _bounds(clause))
            doubts.append(Doubt(DoubtCode.MONTHS_SHARED, other))
    if "month_not_interval" in clause.mentioned:
        interval = _every(replace(clause, months=()), Kind.EVERY_N_MONTHS, Unit.MONTH, clause.months[0], _bounds(clause))
        doubts.append(Doubt(DoubtCode.MONTH_NOT_INTERVAL, interval))
    elif clause.spread is Spread.GROUPS:
        doubts.append(Doubt(DoubtCode.PART_OF_YEAR))
    elif "series" in clause.mentioned:
        doubts.append(Doubt(DoubtCode.SERIES))
    elif clause.count is None and clause.unit is None and "held" not in clause.mentioned:
        doubts.append(Doubt(DoubtCode.MONTH_NAMED))
    reading = _reading(clause, Kind.PER_YEAR, Unit.YEAR, _bounds(clause, once=once, times=times))
    return (Finding(reading, tuple(doubts)),)


def _weekly(clause: Clause) -> Findings:
    once = 1 if clause.weekdays_any else len(clause.weekdays)
    return (Finding(_reading(clause, Kind.PER_WEEK, Unit.WEEK, _bounds(clause, once=once))),)


def _week_of_month(clause: Clause) -> Findings:
    once = 1 if clause.nth_mode == "any" else len(clause.nth_weeks)
    reading = _reading(clause, Kind.PER_MONTH, Unit.MONTH, _bounds(clause, once=once))
    return (Finding(reading, (Doubt(DoubtCode.WEEK_OF_MONTH),)),)


def _bare_count(clause: Clause) -> Findings:
    code = DoubtCode.SERIES if "series" in clause.mentioned else DoubtCode.YEAR_ASSUMED
    return (Finding(_reading(clause, Kind.PER_YEAR, Unit.YEAR, _bounds(clause)), (Doubt(code),)),)


_RULES: tuple[tuple[Callable[[Clause], bool], Callable[[Clause], Findings]], ...] = (
    (lambda clause: clause.is_open, _open_ended),
    (_is_opening_hours, _opening_hours),
    (_fits_nth, _monthly_weekday),
    (lambda clause: bool(clause.named_or_interval), _interval_or_month),
    (lambda clause: clause.span is not None and clause.unit is None, _spanned),
    (lambda clause: clause.parity is not None and clause.unit in {None, Unit.MONTH}, _every_even_or_odd_month),
    (lambda clause: "daily" in clause.mentioned, _daily),
    (lambda clause: bool(clause.nth_weeks) and clause.unit in {None, Unit.MONTH}, _week_of_month),
    (lambda clause: clause.unit is not None, _per_unit),
    (lambda clause: bool(clause.weekdays), _weekly),
    (lambda clause: bool(clause.months), _in_months),
    (lambda clause: clause.count is not None, _bare_count),
)
