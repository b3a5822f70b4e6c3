"""The grammar of frequencies (回数): 年2回以上, 2月に1回, 偶数月第3または第4木曜日, 初年度 年2回 2年目～ 年3回 …

Pure: no clock, no database. ``parse`` never refuses a text; what is no frequency says so, and several values in one text
are candidates for a person, never added up. Source: seed 003 (回数 column), seeds 000-002, phrase collection.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from domain.frequency_counting import minimum_in_year, minimum_of
from domain.frequency_doubts import Doubt, DoubtCode
from domain.frequency_exclusions import with_exclusions
from domain.frequency_hearing import hear
from domain.frequency_phases import finding_of
from domain.frequency_reading import COUNTABLE, Kind, Phase, Reading
from domain.frequency_spelling import normalise
from domain.frequency_words import tokens_of

LONGEST = 500
"""A longer text is a document, not a frequency."""
SHOWN_YEARS = 10


@dataclass(frozen=True, slots=True)
class Frequency:
    """A frequency text with its reading. ``candidates`` are the values of a text that holds several.

    ``per_unit`` names what a count is for each of (全事業所を); the total then needs their number, so no minimum
    follows. ``sub_quotas`` are parts that must have a theme of their own (うち1回は…).
    """

    text: str
    reading: Reading
    min_per_fiscal_year: int | None
    min_by_operation_year: Mapping[int, int | None] | None
    candidates: tuple[Phase, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    per_unit: str | None = None
    sub_quotas: tuple[str, ...] = ()

    @property
    def judgment(self) -> bool:
        """Whether another reading is defensible, so that a person should look."""
        return bool(self.doubts)


def parse(text: str, *, opening_fiscal_year: int | None = None) -> Frequency:
    """Read a frequency text; never raises.

    ``opening_fiscal_year`` is the fiscal year in which the centre opened: with it 令和8年度は年2回 can be placed among
    its operation years.

    >>> parse("2月に1回").min_per_fiscal_year, parse("2月に開催").min_per_fiscal_year
    (6, 1)
    """
    if len(text) > LONGEST:
        return Frequency(text, Reading(kind=Kind.NOT_A_FREQUENCY), None, None, doubts=(Doubt(DoubtCode.TOO_LONG),))
    hearing = hear(with_exclusions(tokens_of(normalise(text))))
    finding = finding_of(hearing.items, opening_fiscal_year)
    reading, doubts = finding.reading, finding.doubts
    counted = reading.kind in COUNTABLE or reading.kind in {Kind.PHASED, Kind.MULTIPLE_VALUES}
    per_unit = hearing.per_unit if counted else None
    if per_unit:
        doubts += (Doubt(DoubtCode.PER_OFFICE),)
    if hearing.multiplied and counted:
        doubts += (Doubt(DoubtCode.MULTIPLIED),)
    phased = reading.kind is Kind.PHASED
    return Frequency(
        text,
        reading,
        None if per_unit else minimum_of(reading),
        _by_year(reading, known=not per_unit) if phased else None,
        candidates=(reading.phases or ()) if reading.kind is Kind.MULTIPLE_VALUES else (),
        doubts=doubts,
        per_unit=per_unit,
        sub_quotas=tuple(hearing.sub_quotas),
    )


def _by_year(reading: Reading, *, known: bool) -> Mapping[int, int | None]:
    """Tabulate the minimum by operation year, until nothing changes any more."""
    last = max((year for phase in reading.phases or () for year in (phase.from_year, phase.to_year) if year), default=1)
    years = range(1, max(SHOWN_YEARS, last + 1) + 1)
    return MappingProxyType({year: minimum_in_year(reading, year) if known else None for year in years})
