"""A year of its own shape: 月1回（初年度は7月から） is monthly in every year, in the first one from July on."""

from dataclasses import replace

from domain.frequency.clauses import Clause, Spread
from domain.frequency.counting import FISCAL_MONTHS, is_rolling_months
from domain.frequency.doubts import Doubt, DoubtCode, Finding
from domain.frequency.reading import COUNTABLE, Kind, Reading
from domain.frequency.stretches import Stretch

_WITHOUT_MONTHS = frozenset({Kind.PER_YEAR, Kind.EVERY_N_WEEKS, Kind.EVERY_N_YEARS})
"""Their count says nothing about single months, so a late start cannot be told from it."""


def with_late_starts(stretches: list[Stretch]) -> None:
    """Let a label that only says from when, or in which months, take the value before it, cut to those months.

    A value of its own in a single year is cut too (初年度は7月から月1回、2年目以降は月2回).
    """
    base = stretches[0] if stretches[0].label is None else None
    for stretch in stretches:
        label = stretch.label
        if label is None or not label.is_single_year or not stretch.clauses:
            continue
        if _only_adds(stretch) and base is not None and len(base.findings) == 1:
            shaped = _shaped(base.findings[0], stretch.clauses)
        elif len(stretch.findings) == 1:
            shaped = _started(stretch.findings[0], stretch.clauses)
        else:
            shaped = None
        if shaped is not None:
            stretch.findings = (shaped,)


def _only_adds(stretch: Stretch) -> bool:
    """Whether the label says when, and nothing that is a value of its own: 初年度は7月から, 初年度は7月～3月."""
    if any(clause.is_core or not clause.has_detail for clause in stretch.clauses):
        return False
    return not stretch.findings or all(clause.spread is Spread.RANGE for clause in stretch.clauses)


def _shaped(finding: Finding, clauses: list[Clause]) -> Finding | None:
    reading = finding.reading
    excluded = tuple(month for clause in clauses for month in clause.excluded_months)
    months = tuple(month for clause in clauses if clause.spread is Spread.RANGE for month in clause.months)
    if reading.kind not in COUNTABLE or not (excluded or months):
        return _started(finding, clauses)
    if excluded and reading.kind in _WITHOUT_MONTHS:
        return None
    if months and (reading.months or is_rolling_months(reading)):
        return None
    excluded = tuple(dict.fromkeys((reading.exclude_months or ()) + excluded))
    return replace(finding, reading=replace(reading, months=months or reading.months, exclude_months=excluded or None))


def _started(finding: Finding, clauses: list[Clause]) -> Finding | None:
    """Cut a value to the months from its start on; None where it starts in April, or the months say nothing."""
    start = next((clause.start_month for clause in clauses if clause.start_month), None)
    reading = finding.reading
    if start in {None, 4} or reading.kind not in COUNTABLE or reading.kind in _WITHOUT_MONTHS:
        return None
    months = _months_from(reading, start or 4)
    if not months:
        return None
    known = any(doubt.code is DoubtCode.STARTS_LATE for doubt in finding.doubts)
    doubts = finding.doubts if known else (*finding.doubts, Doubt(DoubtCode.STARTS_LATE))
    return Finding(replace(reading, months=months), doubts)


def _months_from(reading: Reading, start: int) -> tuple[int, ...]:
    """List the months of the fiscal year from a start on; an interval is counted from it (隔月: 7, 9, 11, 1, 3月)."""
    step = (reading.interval_months or 1) if is_rolling_months(reading) else 1
    following = FISCAL_MONTHS[FISCAL_MONTHS.index(start) :: step]
    return tuple(month for month in following if reading.months is None or month in reading.months)
