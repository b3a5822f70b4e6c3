"""Parsing a frequency text: spelling → tokens → clauses → values → values over the years.

``Frequency`` is the text with what was understood of it.
"""

from dataclasses import dataclass, field

from domain.frequency.calendar_notes import CALENDAR_NOTES
from domain.frequency.clauses import Joint
from domain.frequency.counting import minimum_in_year, minimum_of
from domain.frequency.doubts import Doubt, DoubtCode
from domain.frequency.exclusions import with_exclusions
from domain.frequency.hearing import Hearing
from domain.frequency.phases import finding_of
from domain.frequency.reading import COUNTABLE, Kind, Phase, Reading
from domain.frequency.remarks import REMARKS
from domain.frequency.rhythms import RHYTHMS
from domain.frequency.spelling import normalise
from domain.frequency.words import Token, tokens_of

NOTES = RHYTHMS | CALENDAR_NOTES | REMARKS

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
    min_by_operation_year: dict[int, int | None] | None = field(hash=False)
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
    hearing = _hear(with_exclusions(tokens_of(normalise(text))))
    finding = finding_of(hearing.items, opening_fiscal_year)
    reading, doubts = finding.reading, finding.doubts
    counted = reading.kind in COUNTABLE or reading.kind in {Kind.PHASED, Kind.MULTIPLE_VALUES}
    per_unit = hearing.per_unit if counted else None
    if per_unit:
        doubts += (Doubt(DoubtCode.PER_OFFICE),)
    if hearing.multiplied and counted:
        doubts += (Doubt(DoubtCode.MULTIPLIED),)
    phased = reading.kind is Kind.PHASED
    known = not (per_unit or any(doubt.code is DoubtCode.EACH_OF_UNKNOWN for doubt in doubts))
    return Frequency(
        text,
        reading,
        minimum_of(reading) if known else None,
        _by_year(reading, known=known) if phased else None,
        candidates=(reading.phases or ()) if reading.kind is Kind.MULTIPLE_VALUES else (),
        doubts=tuple(dict.fromkeys(doubts)),
        per_unit=per_unit,
        sub_quotas=tuple(hearing.sub_quotas),
    )


def _hear(tokens: list[Token]) -> Hearing:
    """Note down every token, in order."""
    hearing = Hearing()
    for token in tokens:
        note = NOTES.get(token.sort)
        if note is not None:
            note(hearing, token)
        hearing.previous = token
    hearing.cut(Joint.SPACE)
    return hearing


def _by_year(reading: Reading, *, known: bool) -> dict[int, int | None]:
    """Tabulate the minimum by operation year, until nothing changes any more."""
    last = max((year for phase in reading.phases or () for year in (phase.from_year, phase.to_year) if year), default=1)
    years = range(1, max(SHOWN_YEARS, last + 1) + 1)
    return {year: minimum_in_year(reading, year) if known else None for year in years}
