"""Doubts about a reading: where another reading of the words is defensible, which one, and why.

Each code has one sentence in Japanese and one in English; ``frequency_explanation`` adds the other reading, if there is
one. Source of the rules: phrase collection (notes of the cases), domain sources section 9.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.frequency_reading import Reading


class DoubtCode(StrEnum):
    """Why a person should look at the reading."""

    APPROXIMATE = "approximate"
    IN_PRINCIPLE = "in_principle"
    AIM = "aim"
    COUNT_LISTED = "count_listed"
    COUNT_UNNAMED = "count_unnamed"
    COUNT_WITHOUT_WORD = "count_without_word"
    OPEN_END = "open_end"
    UPPER_BOUND_ONLY = "upper_bound_only"
    DAYS_COUNTED = "days_counted"
    DAYS_LISTED = "days_listed"
    DAYS_INTERVAL = "days_interval"
    DAILY = "daily"
    YEAR_ASSUMED = "year_assumed"
    SERIES = "series"
    PER_OFFICE = "per_office"
    MULTIPLIED = "multiplied"
    COUNT_CONFIRMED = "count_confirmed"
    COUNT_AND_PATTERN = "count_and_pattern"
    INTERVAL_OR_MONTH = "interval_or_month"
    MONTH_NOT_INTERVAL = "month_not_interval"
    MONTH_NAMED = "month_named"
    MONTHS_SHARED = "months_shared"
    PART_OF_YEAR = "part_of_year"
    HALF_YEAR = "half_year"
    HALF_MONTH = "half_month"
    INTERVAL_RANGE = "interval_range"
    INTERVAL_GAP = "interval_gap"
    INTERVAL_UNEVEN = "interval_uneven"
    UNIT_ALONE = "unit_alone"
    TERM = "term"
    MONTHLY_WORD = "monthly_word"
    MONTH_IMPLIED = "month_implied"
    MONTH_EDGE = "month_edge"
    DEADLINE = "deadline"
    WEEKS_OF_YEAR = "weeks_of_year"
    WEEK_OF_MONTH = "week_of_month"
    WEEKDAY_WITHOUT_WEEK = "weekday_without_week"
    TIME_CARRIED = "time_carried"
    AVAILABILITY = "availability"
    OPENING_HOURS = "opening_hours"
    REGULAR = "regular"
    LOOSELY_AS_NEEDED = "loosely_as_needed"
    TIMELY_OR_AS_NEEDED = "timely_or_as_needed"
    AT_LEAST_BESIDE_NEED = "at_least_beside_need"
    SEVERAL_VALUES = "several_values"
    PHASE_CUT = "phase_cut"
    PHASE_GOES_ON = "phase_goes_on"
    PHASE_GAP = "phase_gap"
    PHASE_SHARED = "phase_shared"
    PHASE_ELSEWISE = "phase_elsewise"
    PHASE_WITHOUT_VALUE = "phase_without_value"
    PHASE_YEAR = "phase_year"
    FISCAL_YEAR_NAMED = "fiscal_year_named"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubt; ``other`` is the reading that would hold if the doubt is right, where it can be said."""

    code: DoubtCode
    other: Reading | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A reading together with the doubts about it."""

    reading: Reading
    doubts: tuple[Doubt, ...] = ()
