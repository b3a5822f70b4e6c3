"""Clauses of a frequency text: what one run of words says, before anything is concluded from it.

A clause ends at a blank, comma, bracket, arrow or joining word, and wherever a word would overwrite one already heard.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from domain.frequency.reading import Kind, NthMode, NthWeek, Parity, Unit, Weekday


class Joint(IntEnum):
    """What stands between a clause and the one before it; of several signs the strongest counts."""

    NOTHING = 0
    SPACE = 1
    DOT = 2
    COMMA = 3
    BRACKET = 4
    ARROW = 5
    WORD = 6


class Spread(IntEnum):
    """How a count lies over several months named together."""

    EACH = 0
    ANY = 1
    RANGE = 2
    GROUPS = 3


@dataclass(frozen=True, slots=True)
class Span:
    """An interval of ``longest`` units, ``shortest`` for 2～3か月; ``gap`` is おき, ``within`` 以内, ``each`` ごと."""

    shortest: int
    longest: int
    unit: str
    gap: bool = False
    within: bool = False
    each: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """A count: ``low`` and ``high`` null = no number (数回); ``high`` null alone = open above."""

    low: int | None
    high: int | None
    listed: bool = False
    open_end: bool = False


@dataclass(slots=True)
class Clause:
    """One run of words, its findings still apart. ``mentioned`` collects marks such as ``approximate`` or ``aim``."""

    joint: Joint = Joint.NOTHING
    bracketed: bool = False
    unit: Unit | None = None
    implied_once: bool = False
    span: Span | None = None
    named_or_interval: tuple[int, ...] = ()
    count: Bounds | None = None
    months: tuple[int, ...] = ()
    spread: Spread = Spread.EACH
    groups: int = 1
    excluded_months: tuple[int, ...] = ()
    excluded_weekdays: tuple[Weekday, ...] = ()
    start_month: int | None = None
    parity: Parity | None = None
    nth_weeks: tuple[NthWeek, ...] = ()
    nth_mode: NthMode = "all"
    weekdays: tuple[Weekday, ...] = ()
    weekdays_any: bool = False
    day_of_month: int | None = None
    time_start: str | None = None
    time_end: str | None = None
    duration_minutes: int | None = None
    open_kind: Kind | None = None
    mentioned: set[str] = field(default_factory=set)

    @property
    def is_core(self) -> bool:
        """Whether the clause can stand for a frequency on its own."""
        if self.open_kind is not None or self.span or self.count or self.named_or_interval:
            return True
        return self.implied_once or self.parity is not None or bool(self.nth_weeks) or "month_edge" in self.mentioned

    @property
    def is_open(self) -> bool:
        """Whether the clause is open-ended: 随時, 未定, 中止 and the like."""
        return self.open_kind is not None

    @property
    def is_bare_count(self) -> bool:
        """Whether the clause is a count without any period: 2回."""
        return self.count is not None and self.unit is None and not self.has_pattern

    @property
    def has_pattern(self) -> bool:
        """Whether the clause says when, beside how often."""
        return bool(
            self.span or self.named_or_interval or self.parity or self.nth_weeks or self.months or self.weekdays
        )

    @property
    def has_detail(self) -> bool:
        """Whether the clause holds anything that may be added to another one."""
        timed = self.time_start or self.duration_minutes or self.day_of_month or self.start_month
        named = self.months or self.excluded_months or self.weekdays or self.nth_weeks or self.parity
        return bool(timed or named or self.unit) or "opening" in self.mentioned

    @property
    def is_empty(self) -> bool:
        """Whether nothing was found that leads to a reading."""
        return not (self.is_core or self.has_detail)


@dataclass(slots=True)
class Label:
    """Years that the following values are for: 初年度, 2年目～, 令和8年度以降.

    ``continues`` is written ～ or 以降, ``closed`` のみ or まで. ``step_on``: 翌年度, the year after the label before.
    ``until``: 3年目まで, from where the label before ends. ``fiscal``: the numbers are fiscal years, not operation
    years. ``apart``: years named one by one, with others between them (1・3・5年目). ``excludes``: 初年度を除き.
    ``worded``: words follow, so that the value of a later label is not meant for it (初年度は準備).
    """

    first: int
    last: int
    continues: bool = False
    closed: bool = False
    fiscal: bool = False
    step_on: bool = False
    bracketed: bool = False
    apart: tuple[int, ...] = ()
    until: bool = False
    worded: bool = False
    excludes: bool = False
    joint: Joint = Joint.NOTHING

    @property
    def is_single_year(self) -> bool:
        """Whether it names one year and no more."""
        return self.first == self.last and not (self.continues or self.until)
