"""Filters of lists beyond one column: by what hangs on a row, and by the span of days a row holds for.

The rows that hang are narrowed to the reach like every other, so that a filter cannot be asked about foreign ones.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, or_, select

from domain.lists import Filter, FilterKind
from domain.statements.columns import Day
from domain.statements.reach import narrowed


@dataclass(frozen=True, slots=True)
class ChildFilter(Filter):
    """Keeps rows on which at least one child row hangs that meets the filter."""

    parent: Any = None
    child: Any = None

    @classmethod
    def of(
        cls, kind: FilterKind, text_ja: str, *, parent: Any, child: Any, value: Any, allowed: tuple[str, ...] = ()
    ) -> "ChildFilter":
        """Make the filter: ``child`` is the column that points to ``parent``, ``value`` the one that is compared."""
        return cls(kind, value, text_ja, allowed, parent, child)

    def clause(self, name: str, *, is_one: bool) -> Any:
        """Build the clause; its values come under the filter's own name."""
        meets = Filter.clause(self, name, is_one=is_one)
        return narrowed(select(self.child).where(self.child == self.parent, meets)).exists()


@dataclass(frozen=True, slots=True)
class HoldsOn(Filter):
    """Keeps rows whose first and last day, as far as they are known, hold the day asked for."""

    last: Any = None

    @classmethod
    def between(cls, text_ja: str, *, first: Any, last: Any) -> "HoldsOn":
        """Make the filter from the columns of the first and the last day."""
        return cls("from_day", first, text_ja, (), last)

    def clause(self, name: str, *, is_one: bool) -> Any:  # noqa: ARG002 - a day is never several
        """Build the clause; the day comes under the filter's own name."""
        day = bindparam(f"f_{name}", type_=Day(), required=True)
        return and_(
            or_(self.column.is_(None), self.column <= day),
            or_(self.last.is_(None), self.last >= day),
        )
