"""Drafting a reading from a clause: its bounds, every detail that any kind may carry, and the doubts common to all."""

from dataclasses import replace

from domain.frequency.clauses import Bounds, Clause
from domain.frequency.doubts import Doubt, DoubtCode, Finding
from domain.frequency.reading import COUNTABLE, GREATEST, LONGEST_INTERVAL, Kind, Reading, Unit
from domain.frequency.values import clock_after, minutes_between

Findings = tuple[Finding, ...]
Pair = tuple[int | None, int | None]
"""Least and greatest count; both null = no number, the second alone = open above."""

_MARKED_DOUBTS = (
    ("approximate", DoubtCode.APPROXIMATE),
    ("about_length", DoubtCode.APPROXIMATE),
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
    ("limited_time", DoubtCode.LIMITED_TIME),
    ("season", DoubtCode.PART_OF_YEAR),
    ("term", DoubtCode.TERM),
    ("time_carried", DoubtCode.TIME_CARRIED),
    ("available", DoubtCode.AVAILABILITY),
    ("regular", DoubtCode.REGULAR),
    ("broken", DoubtCode.DAYS_INTERVAL),
    ("unnamed", DoubtCode.COUNT_UNNAMED),
    ("holiday_rule", DoubtCode.HOLIDAY_RULE),
    ("detail", DoubtCode.DETAIL_OPEN),
    ("loosely", DoubtCode.LOOSELY_AS_NEEDED),
    ("extra_lower_bound", DoubtCode.AT_LEAST_BESIDE_NEED),
)


def bounds_of(clause: Clause, *, once: int = 1, times: int = 1) -> Pair:
    """Give least and greatest count: as written or ``once``, times so many places, with 少なくとも and 最大."""
    count = clause.count or Bounds(once, once)
    low, high = count.low, count.high
    if low is None:
        return None, None
    if "at_least" in clause.mentioned or (clause.span and clause.span.within):
        high = None
    elif "at_most" in clause.mentioned and high is not None:
        low = 0
    return low * times, None if high is None else high * times


def draft(clause: Clause, kind: Kind, unit: Unit, bounds: Pair, *, every: int | None = None) -> Reading:
    """Make a reading with every detail of the clause that any kind may carry; ``every`` is the interval of the kind."""
    start, end, length = clause.time_start, clause.time_end, clause.duration_minutes
    if start and end:
        length = minutes_between(start, end)
    elif start and length:
        end = clock_after(start, length)
    low, high = (None if bound is None else min(bound, GREATEST) for bound in bounds)
    every = None if every is None else min(every, LONGEST_INTERVAL)
    parity = clause.parity
    if kind is Kind.EVERY_N_MONTHS and every == 2 and clause.start_month and parity is None:
        parity = "odd" if clause.start_month % 2 else "even"
    return Reading(
        kind=kind,
        min_count=low,
        max_count=high,
        period=unit,
        interval_months=every if kind in {Kind.EVERY_N_MONTHS, Kind.PER_YEAR} else None,
        interval_weeks=every if kind is Kind.EVERY_N_WEEKS else None,
        interval_years=every if kind is Kind.EVERY_N_YEARS else None,
        month_parity=parity,
        months=clause.months or None,
        exclude_months=tuple(dict.fromkeys(clause.excluded_months)) or None,
        nth_weeks=clause.nth_weeks or None,
        nth_mode=clause.nth_mode if clause.nth_weeks else None,
        weekdays=clause.weekdays or None,
        day_of_month=clause.day_of_month,
        time_start=start,
        time_end=end,
        duration_minutes=length,
        approximate=bool(clause.mentioned & {"approximate", "about_length"}),
        in_principle="in_principle" in clause.mentioned,
        mandatory=kind in COUNTABLE and bool(low) and "aim" not in clause.mentioned,
        also_as_needed="also_as_needed" in clause.mentioned,
    )


def doubted(finding: Finding, clause: Clause) -> Finding:
    """Add the doubts that hold for every kind: bounds that leave questions, and qualifiers."""
    reading, doubts = finding.reading, list(finding.doubts)
    if reading.kind in COUNTABLE:
        doubts += [Doubt(code) for code in _bound_doubts(clause, reading)]
    if reading.kind in {Kind.PER_WEEK, Kind.EVERY_N_WEEKS}:
        doubts.append(Doubt(DoubtCode.WEEKS_OF_YEAR))
    if clause.start_month not in {None, 4} and reading.month_parity not in {"even", "odd"}:
        doubts.append(Doubt(DoubtCode.STARTS_LATE))
    known = {doubt.code for doubt in doubts}
    if DoubtCode.OPENING_HOURS in known:
        known.add(DoubtCode.DAYS_COUNTED)
    doubts += [Doubt(code) for mark, code in _MARKED_DOUBTS if mark in clause.mentioned and code not in known]
    return Finding(reading, tuple(doubts))


def _bound_doubts(clause: Clause, reading: Reading) -> list[DoubtCode]:
    codes = []
    if clause.count is not None and clause.count.listed:
        codes.append(DoubtCode.COUNT_LISTED)
    if clause.count is not None and clause.count.open_end:
        codes.append(DoubtCode.OPEN_END)
    if reading.min_count is None:
        codes.append(DoubtCode.COUNT_UNNAMED)
    elif reading.min_count == 0 and reading.max_count:
        codes.append(DoubtCode.UPPER_BOUND_ONLY)
    return codes


def alone(reading: Reading, *codes: DoubtCode) -> Findings:
    """Give one finding with plain doubts."""
    return (Finding(reading, tuple(Doubt(code) for code in codes)),)


def copy_of(clause: Clause, **changes: object) -> Clause:
    """Copy a clause with changes; its marks are its own."""
    return replace(clause, mentioned=set(clause.mentioned), **changes)  # type: ignore[arg-type]  # fields by name
