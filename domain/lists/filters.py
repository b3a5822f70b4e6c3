"""What a list may be narrowed by: one parameter for one column, and the search in names and titles."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import and_, bindparam, or_

from domain.statements.columns import Day, Instant
from domain.statements.reach import Among, Overlaps

FilterKind = Literal[
    "ids", "codes", "texts", "has_any", "from_day", "to_day", "month", "fiscal_year", "from_instant", "flag", "number"
]


_SEVERAL = ("ids", "codes", "texts", "number")
_PERIODS = ("month", "fiscal_year")
MOST_PERIODS = 12
"""Spans of days that one filter takes, neighbouring months and years being one."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter parameter.

    ``ids``, ``codes``, ``texts`` and ``number`` match any of the values; ``has_any`` a list column that holds any of
    them; ``from_day``, ``to_day`` and ``from_instant`` are inclusive; ``month`` and ``fiscal_year`` keep the days of
    those months or years: a span ``(first, last)``, or several of them.
    """

    kind: FilterKind
    column: Any
    text_ja: str
    allowed: tuple[str, ...] = ()

    def is_one(self, value: Any) -> bool:
        """Tell whether a single value is asked for: an index then gives its rows in their order, a list never does."""
        if self.kind in _PERIODS:
            return isinstance(value[0], date)
        return self.kind in _SEVERAL and len(value) == 1

    def clause(self, name: str, *, is_one: bool) -> Any:
        """Build the clause; its values come under the filter's own name (periods: with ``_from`` and ``_to``)."""
        if self.kind in _SEVERAL and not is_one:
            return Among(self.column, f"f_{name}")
        if self.kind == "has_any":
            return Overlaps(self.column, f"f_{name}")
        if self.kind == "from_day":
            return self.column >= bindparam(f"f_{name}", type_=Day(), required=True)
        if self.kind == "to_day":
            return self.column <= bindparam(f"f_{name}", type_=Day(), required=True)
        if self.kind == "from_instant":
            return self.column >= bindparam(f"f_{name}", type_=Instant(), required=True)
        if self.kind in _PERIODS:
            # The days around all spans come first: an index is walked between them, whatever lies inside.
            around = self._span(f"f_{name}")
            return around if is_one else and_(around, or_(*(self._span(f"f_{name}_{i}") for i in range(MOST_PERIODS))))
        return self.column == bindparam(f"f_{name}", type_=self.column.type, required=True)

    def _span(self, name: str) -> Any:
        return and_(
            self.column >= bindparam(f"{name}_from", type_=Day(), required=True),
            self.column <= bindparam(f"{name}_to", type_=Day(), required=True),
        )

    def values(self, name: str, value: Any) -> dict[str, Any]:
        """Give the values of the clause."""
        if self.kind not in _PERIODS:
            return {f"f_{name}": value[0] if self.is_one(value) else value}
        if self.is_one(value):
            return {f"f_{name}_from": value[0], f"f_{name}_to": value[1]}
        found = {f"f_{name}_from": value[0][0], f"f_{name}_to": value[-1][1]}
        # The clause has room for so many: the last one fills what is left.
        for place in range(MOST_PERIODS):
            found[f"f_{name}_{place}_from"], found[f"f_{name}_{place}_to"] = value[min(place, len(value) - 1)]
        return found


UPDATED_SINCE = "updated_since"
"""The filter that every list has whose rows tell when they last changed."""


def updated_since(column: Any) -> Filter:
    """Make the filter ``updated_since`` on the column that tells when a row last changed."""
    return Filter("from_instant", column, "この日時以降に変更")


@dataclass(frozen=True, slots=True)
class Search:
    """What ``q`` looks in: columns that hold one spelling, and what brings the words asked for into it.

    White space, of whatever width, stands between words: a row must hold each of them, in any order and any column.
    Without ``spelled`` the columns are folded ones, and the words are folded too.
    """

    columns: tuple[Any, ...]
    spelled: Callable[[str], str] | None = None
    told: str = "Words in names and titles, any spelling, each of which must occur (名称の検索)."

    def clause(self, count: int) -> Any:
        """Build the clause that a row holds so many words, which come as ``f_q_0`` and so on."""
        return and_(*(self._holds(f"f_q_{place}") for place in range(count)))

    def _holds(self, name: str) -> Any:
        return or_(*(column.like(bindparam(name, required=True), escape="\\") for column in self.columns))

    @staticmethod
    def pattern(word: str) -> str:
        """Give the pattern of a spelled word; what is a placeholder in a pattern stands for itself."""
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"%{escaped}%"
