"""What a frequency (回数) means, as data: the one shape in which a reading is kept, shown and reckoned with.

The fields are those of the phrase collection (``tests/data/frequency_phrases.json``); JSON is their only stored form.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

GREATEST, LONGEST_INTERVAL = 100_000, 10_000
"""Numbers beyond cannot be meant, and are cut down to these."""
Number = Annotated[int, Field(ge=0, le=GREATEST)]
MonthNumber = Annotated[int, Field(ge=1, le=12)]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Interval = Annotated[int, Field(ge=1, le=LONGEST_INTERVAL)]
Parity = Literal["even", "odd", "all"]
NthWeek = Literal[-1, 1, 2, 3, 4, 5]
NthMode = Literal["all", "any"]


class Kind(StrEnum):
    """How a frequency is bound to time."""

    PER_YEAR = "per_year"
    PER_HALF = "per_half"
    PER_QUARTER = "per_quarter"
    PER_MONTH = "per_month"
    PER_WEEK = "per_week"
    EVERY_N_MONTHS = "every_n_months"
    EVERY_N_WEEKS = "every_n_weeks"
    EVERY_N_YEARS = "every_n_years"
    NTH_WEEKDAY = "nth_weekday"
    AS_NEEDED = "as_needed"
    TIMELY = "timely"
    CONTINUOUS = "continuous"
    UNDETERMINED = "undetermined"
    SUSPENDED = "suspended"
    FROM_OPENING = "from_opening"
    OPENING_HOURS = "opening_hours"
    PHASED = "phased"
    MULTIPLE_VALUES = "multiple_values"
    NOT_A_FREQUENCY = "not_a_frequency"


class Unit(StrEnum):
    """The period within which ``min_count`` and ``max_count`` hold; a year is a fiscal year."""

    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"


class Weekday(StrEnum):
    """Days of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """0 = Monday … 6 = Sunday, as ``date.weekday()`` counts."""
        return WEEKDAYS.index(self)


WEEKDAYS = tuple(Weekday)
COUNTABLE = frozenset(
    {
        Kind.PER_YEAR,
        Kind.PER_HALF,
        Kind.PER_QUARTER,
        Kind.PER_MONTH,
        Kind.PER_WEEK,
        Kind.EVERY_N_MONTHS,
        Kind.EVERY_N_WEEKS,
        Kind.EVERY_N_YEARS,
        Kind.NTH_WEEKDAY,
    }
)
"""Kinds that lead to a number of occurrences in a year, where ``min_count`` is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A reading for a range of operation years, both ends included; ``to_year`` null = from then on.

    A candidate of several values has neither end.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    from_year: Number | None = None
    to_year: Number | None = None
    reading: "Reading"

    def holds_in(self, operation_year: int) -> bool:
        """Say whether this phase governs the given operation year."""
        starts = self.from_year is None or self.from_year <= operation_year
        return starts and (self.to_year is None or operation_year <= self.to_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One meaning of a frequency text.

    ``max_count`` null = open above. ``day_of_month`` -1 and ``nth_weeks`` -1 = the last. ``mandatory`` is true only
    where a countable minimum above 0 follows. A field that the text does not speak of is null or false.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: Kind
    min_count: Number | None = None
    max_count: Number | None = None
    period: Unit | None = None
    interval_months: Interval | None = None
    interval_weeks: Interval | None = None
    interval_years: Interval | None = None
    month_parity: Parity | None = None
    months: tuple[MonthNumber, ...] | None = None
    exclude_months: tuple[MonthNumber, ...] | None = None
    nth_weeks: tuple[NthWeek, ...] | None = None
    nth_mode: NthMode | None = None
    weekdays: tuple[Weekday, ...] | None = None
    day_of_month: Annotated[int, Field(ge=-1, le=31)] | None = None
    time_start: ClockTime | None = None
    time_end: ClockTime | None = None
    duration_minutes: Number | None = None
    approximate: bool = False
    in_principle: bool = False
    mandatory: bool = False
    also_as_needed: bool = False
    phases: tuple[Phase, ...] | None = None

    def as_json(self) -> dict[str, object]:
        """Write the reading as the phrase collection does: every field, enumerations as text, tuples as lists."""
        written: dict[str, object] = _READING.dump_python(self, mode="json")
        return written

    @classmethod
    def from_json(cls, stored: object) -> "Reading":
        """Read back what ``as_json`` wrote.

        Raises:
            ValueError: a field is unknown or holds what it cannot hold.
        """
        return _READING.validate_python(stored)


_READING: TypeAdapter[Reading] = TypeAdapter(Reading)
