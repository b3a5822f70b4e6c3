"""Values over the years: 初年度 年2回 2年目～ 年3回 gives each value its operation years.

Values without years, or with years that overlap, are candidates for a person to choose from, never a guess.
"""

from dataclasses import replace

from domain.frequency.clauses import Clause, Label
from domain.frequency.doubts import Doubt, DoubtCode, Finding
from domain.frequency.findings import findings_of
from domain.frequency.grammar import settle
from domain.frequency.late_starts import with_late_starts
from domain.frequency.reading import Kind, Phase, Reading
from domain.frequency.stretches import (
    Stretch,
    in_order,
    joined_ranges,
    place,
    stretches_of,
    without_each,
    without_restated,
)

LAST_YEAR = 99
"""Operation years beyond are not years of a centre."""


def finding_of(items: list[Clause | Label], opening_fiscal_year: int | None) -> Finding:
    """Conclude from all clauses and labels of a text what it says.

    ``opening_fiscal_year`` places fiscal years (令和8年度) among the operation years; without it they cannot be placed.
    """
    stretches = stretches_of(_with_start(items))
    for stretch in stretches:
        stretch.findings = tuple(found for clause in settle(stretch.clauses) for found in findings_of(clause))
        stretch.findings = without_each(stretch)
    if not any(stretch.findings for stretch in stretches):
        return Finding(Reading(kind=Kind.NOT_A_FREQUENCY))
    with_late_starts(stretches)
    if len(stretches) == 1 and stretches[0].label is None:
        return _one_or_several(stretches[0].findings)
    if _only_details(stretches):
        return _one_or_several(stretches[0].findings, Doubt(DoubtCode.PHASE_UNCLEAR))
    return _over_years(stretches, opening_fiscal_year)


def _with_start(items: list[Clause | Label]) -> list[Clause | Label]:
    """Read 開所時～ 月1回 as from the first year on, 開所後6か月以内に1回 as in the first year only."""
    first = items[0] if items else None
    alone = len(items) < 2 or any(isinstance(item, Label) for item in items)
    if alone or not isinstance(first, Clause) or first.open_kind is not Kind.FROM_OPENING:
        return items
    soon = "soon" in first.mentioned
    return [Label(1, 1, continues=not soon, closed=soon), *items[1:]]


def _only_details(stretches: list[Stretch]) -> bool:
    """Whether labels only add something to the value before them, no value: 年4回（初年度は7月から）."""
    first, *others = stretches
    told = all(not one.findings and any(clause.has_detail for clause in one.clauses) for one in others)
    return first.label is None and bool(first.findings) and told


def _one_or_several(findings: tuple[Finding, ...], *doubts: Doubt) -> Finding:
    if len(findings) == 1:
        return Finding(findings[0].reading, findings[0].doubts + doubts)
    phases = tuple(Phase(reading=finding.reading) for finding in findings)
    reading = Reading(kind=Kind.MULTIPLE_VALUES, phases=phases)
    return Finding(reading, (Doubt(DoubtCode.SEVERAL_VALUES), *doubts))


def _over_years(stretches: list[Stretch], opening_fiscal_year: int | None) -> Finding:
    everything = tuple(finding for stretch in stretches for finding in stretch.findings)
    stretches = joined_ranges(without_restated(stretches))
    labelled = [stretch for stretch in stretches if stretch.label is not None]
    if any(stretch.label is not None and stretch.label.fiscal for stretch in labelled):
        if opening_fiscal_year is None:
            return _one_or_several(everything, Doubt(DoubtCode.FISCAL_YEAR_NAMED))
        for stretch in labelled:
            place(stretch.label, opening_fiscal_year)
    labels = [stretch.label for stretch in labelled if stretch.label is not None]
    shifted = _after_values(stretches)
    columns = _columns(shifted)
    reordered = columns is not shifted or (shifted is not stretches and not all(one.bracketed for one in labels))
    doubts = [Doubt(DoubtCode.PHASE_SHARED)] if reordered else []
    if columns is None or any(len(stretch.findings) > 1 for stretch in columns):
        return _one_or_several(everything, Doubt(DoubtCode.PHASE_UNCLEAR))
    columns = in_order(columns)
    phases = _phases(columns, doubts)
    if phases is None:
        return _one_or_several(everything, Doubt(DoubtCode.PHASE_UNCLEAR))
    inner = [doubt for stretch in columns for finding in stretch.findings for doubt in finding.doubts]
    reading = Reading(
        kind=Kind.PHASED, mandatory=any(phase.reading.mandatory for phase in phases), phases=tuple(phases)
    )
    return Finding(reading, (*doubts, *inner))


def _after_values(stretches: list[Stretch]) -> list[Stretch]:
    """Put labels that follow their values before them: 年2回（初年度）、年3回（2年目～）."""
    if stretches[0].label is not None or not stretches[0].findings or stretches[-1].findings:
        return stretches
    following = [stretch.label for stretch in stretches[1:]]
    return [Stretch(label, [], stretch.findings) for label, stretch in zip(following, stretches, strict=False)]


def _columns(stretches: list[Stretch]) -> list[Stretch] | None:
    """Match labels that stand together before their values: 初年度 2年目～ 年1回 年2回. None if numbers differ."""
    if stretches[0].label is None or len(stretches) < 2 or any(stretch.findings for stretch in stretches[:-1]):
        return stretches
    if any(stretch.label is not None and stretch.label.worded for stretch in stretches[:-1]):
        return stretches
    findings = stretches[-1].findings
    if len(findings) == len(stretches):
        return [Stretch(one.label, [], (finding,)) for one, finding in zip(stretches, findings, strict=True)]
    if len(findings) == 1:
        return [Stretch(stretches[0].label, [], findings)]
    return None


def _phases(stretches: list[Stretch], doubts: list[Doubt]) -> list[Phase] | None:
    """Give each value its years; None where years overlap or run backwards."""
    base = stretches[0] if stretches[0].label is None else None
    labelled = [stretch for stretch in stretches if stretch.label is not None]
    phases: list[Phase] = []
    for position, stretch in enumerate(labelled):
        label = stretch.label
        if label is None:
            return None
        following = labelled[position + 1].label if position + 1 < len(labelled) else None
        years = _years(label, following, phases, doubts)
        if years is None:
            return None
        reading = stretch.findings[0].reading if stretch.findings else _missing(doubts)
        phases.append(Phase(from_year=years[0], to_year=years[1], reading=reading))
    if base is not None and base.findings:
        return _around(base.findings[0].reading, phases, doubts)
    return phases


def _missing(doubts: list[Doubt]) -> Reading:
    doubts.append(Doubt(DoubtCode.PHASE_WITHOUT_VALUE))
    return Reading(kind=Kind.UNDETERMINED)


def _years(
    label: Label, following: Label | None, phases: list[Phase], doubts: list[Doubt]
) -> tuple[int, int | None] | None:
    """Find first and last year of a label from itself, the phase before and the label after it."""
    before = phases[-1].to_year if phases else 0
    if phases and before is None:
        return None
    first = label.first
    if label.step_on:
        first = (before or 1) + 1
        label = replace(label, first=first, last=first)
    if label.until and phases:
        first = (before or 0) + 1
    if first <= (before or 0) or not 1 <= first <= LAST_YEAR or label.last > LAST_YEAR:
        return None
    if phases and first > (before or 0) + 1:
        doubts.append(Doubt(DoubtCode.PHASE_GAP))
    last = _last_year(label, following, doubts)
    return None if last is not None and last < first else (first, last)


def _last_year(label: Label, following: Label | None, doubts: list[Doubt]) -> int | None:
    if following is not None:
        if not label.continues or following.step_on:
            return label.last
        doubts.append(Doubt(DoubtCode.PHASE_CUT))
        return max(label.last, following.first - 1)
    if label.continues:
        return None
    if not label.closed and label.last > 1 and label.first == label.last:
        doubts.append(Doubt(DoubtCode.PHASE_GOES_ON))
        return None
    if not label.closed:
        doubts.append(Doubt(DoubtCode.PHASE_YEAR))
    return label.last


def _around(base: Reading, phases: list[Phase], doubts: list[Doubt]) -> list[Phase] | None:
    """Let a value without label hold in the years that no label names: 年2回（3年目以降は年3回）."""
    doubts[:] = [doubt for doubt in doubts if doubt.code is not DoubtCode.PHASE_YEAR] + [
        Doubt(DoubtCode.PHASE_ELSEWISE)
    ]
    filled: list[Phase] = []
    year = 1
    for phase in phases:
        if phase.from_year is not None and phase.from_year > year:
            filled.append(Phase(from_year=year, to_year=phase.from_year - 1, reading=base))
        filled.append(phase)
        if phase.to_year is None:
            return filled
        year = phase.to_year + 1
    return [*filled, Phase(from_year=year, to_year=None, reading=base)]
