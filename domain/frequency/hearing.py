"""Hearing a frequency text: what has been noted so far while walking over its tokens.

Notes are taken by ``rhythms`` (periods, counts, weekdays), ``calendar_notes`` (months, days, dates) and ``remarks``
(signs, qualifiers, open-ended words); a word that would overwrite something opens the next clause.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from domain.frequency.clauses import Clause, Joint, Label
from domain.frequency.words import Token


@dataclass(slots=True)
class Hearing:
    """What has been heard so far. ``ahead`` holds marks that wait for the next frequency word (約, 原則として).

    ``length`` is a length that stood before any frequency word, and waits for it too: 2時間×6回.
    """

    items: list[Clause | Label] = field(default_factory=list)
    clause: Clause = field(default_factory=Clause)
    previous: Token = field(default_factory=lambda: Token("comma", "", 0))
    ahead: set[str] = field(default_factory=set)
    patience: int = 0
    heard_until: int = -1
    depth: int = 0
    per_unit: str | None = None
    sub_quotas: list[str] = field(default_factory=list)
    multiplied: bool = False
    length: int | None = None

    def cut(self, joint: Joint) -> None:
        """End the present clause; an empty one only passes its joint on to the next."""
        carried = max(joint, self.clause.joint) if self.clause.is_empty else joint
        marks = self.clause.mentioned if self.clause.is_empty else set()
        if not self.clause.is_empty:
            self.items.append(self.clause)
        excluded = self.clause.excluded_weekdays if self.clause.is_empty else ()
        self.clause = Clause(joint=carried, bracketed=self.depth > 0, mentioned=marks, excluded_weekdays=excluded)

    def clause_for(self, token: Token, *, free: bool) -> Clause:
        """Give the clause that takes this frequency word: the present one if it is ``free``, else a new one."""
        if not free:
            self.cut(Joint.NOTHING)
        self.clause.mentioned |= self.ahead
        self.ahead = set()
        if self.length is not None and self.clause.duration_minutes is None:
            self.clause.duration_minutes, self.length = self.length, None
        self.heard_until = token.start + len(token.text)
        return self.clause

    @property
    def last_clause(self) -> Clause | None:
        """The present clause if anything was found in it, else the one before; none after a label."""
        if not self.clause.is_empty:
            return self.clause
        return self.items[-1] if self.items and isinstance(self.items[-1], Clause) else None


Note = Callable[[Hearing, Token], None]
"""What a token adds to the hearing."""
