"""Stretches of a text: the years a label names (初年度, 1・3・5年目, 令和8～10年度), and what is said for them."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from domain.frequency.clauses import Clause, Joint, Label
from domain.frequency.doubts import DoubtCode, Finding


@dataclass(slots=True)
class Stretch:
    """A label and the clauses after it, up to the next label; without a label at the beginning of the text."""

    label: Label | None
    clauses: list[Clause] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()


def stretches_of(items: list[Clause | Label]) -> list[Stretch]:
    """Cut what was heard at its labels."""
    stretches: list[Stretch] = []
    for item in items:
        if isinstance(item, Label):
            stretches.append(Stretch(item))
        else:
            if not stretches:
                stretches.append(Stretch(None))
            stretches[-1].clauses.append(item)
    return stretches


def without_restated(stretches: list[Stretch]) -> list[Stretch]:
    """Leave out a period that only stands before the years it does not hold in: 毎年度（初年度を除く）年1回."""
    label = stretches[1].label if len(stretches) > 1 else None
    restated = label is not None and label.excludes and stretches[0].label is None
    return stretches[1:] if restated and stretches[1].findings == stretches[0].findings else stretches


def joined_ranges(stretches: list[Stretch]) -> list[Stretch]:
    """Join 令和8年度～令和10年度: a label that goes on straight into the next one is a range."""
    joined: list[Stretch] = []
    for stretch in stretches:
        last, label = joined[-1] if joined else None, stretch.label
        if last is not None and last.label is not None and label is not None and not last.clauses:
            straight = label.joint is Joint.NOTHING and last.label.continues and last.label.fiscal == label.fiscal
            if straight and last.label.first < label.first:
                label.first = last.label.first
                joined[-1] = stretch
                continue
        joined.append(stretch)
    return joined


def place(label: Label | None, opening_fiscal_year: int) -> None:
    """Turn the fiscal years of a label into operation years; what began before the opening begins with it."""
    if label is not None and label.fiscal:
        label.first += 1 - opening_fiscal_year
        label.last += 1 - opening_fiscal_year
        label.apart = tuple(year + 1 - opening_fiscal_year for year in label.apart)
        if label.last >= 1 or label.continues:
            label.first, label.last = max(1, label.first), max(1, label.last)
        label.closed = label.closed or not label.continues
        label.fiscal = False


def in_order(stretches: list[Stretch]) -> list[Stretch]:
    """Give years named apart a stretch for each run of them, all in the order of the years.

    1・3・5年目 年1回、2・4年目 年2回 is five stretches; without years named apart the order of the text stays.
    """
    if not any(stretch.label is not None and stretch.label.apart for stretch in stretches):
        return stretches
    spread = [part for stretch in stretches for part in _runs(stretch)]
    return sorted(spread, key=lambda stretch: stretch.label.first if stretch.label is not None else 0)


def _runs(stretch: Stretch) -> list[Stretch]:
    label = stretch.label
    if label is None or not label.apart:
        return [stretch]
    breaks = [later for earlier, later in pairwise(label.apart) if later > earlier + 1]
    starts = [label.apart[0], *breaks]
    parts = []
    for start, following in zip(starts, [*breaks, label.last + 1], strict=True):
        last = max(year for year in label.apart if year < following)
        goes_on = label.continues and last == label.last
        parts.append(replace(label, first=start, last=last, continues=goes_on, closed=not goes_on, apart=()))
    return [Stretch(part, [], stretch.findings) for part in parts]


def without_each(stretch: Stretch) -> tuple[Finding, ...]:
    """Take 各 for each of the years, where several are named: 1・3年目に各1回 leaves nothing unknown."""
    label = stretch.label
    if label is None or label.first == label.last:
        return stretch.findings
    return tuple(
        replace(one, doubts=tuple(doubt for doubt in one.doubts if doubt.code is not DoubtCode.EACH_OF_UNKNOWN))
        for one in stretch.findings
    )
