"""The cells of an answer: a number, or why there is none, for each month and value of the dimensions. Pure."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any, NamedTuple

import orjson

from domain import fiscal
from domain.counts.questions import Question
from domain.database import Row
from domain.fiscal import Period

JOINT = "joint"
"""The value of the dimension municipality for activities that are for all municipalities a centre covers."""


class Life(NamedTuple):
    """The months in which a centre was open, both included."""

    first_month: date
    last_month: date | None


Place = tuple[date | None, tuple[str, ...]]
"""A place in the answer: a month, null for the whole period, and a value for each dimension."""


@dataclass(slots=True, eq=False)
class Counts:
    """An answer: numbers for each metric by cell, null with the quality that says why.

    One that ``is_kept`` is the very answer given before from the same rows; nobody changes it any more.
    """

    question: Question
    months: tuple[date | None, ...]
    combinations: tuple[tuple[str, ...], ...]
    numbers: dict[str, list[int | None]] = field(default_factory=dict)
    qualities: dict[str, dict[int, str]] = field(default_factory=dict)
    totals: dict[str, int | None] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    is_kept: bool = False

    def places(self) -> Iterator[Place]:
        """Run through the places in the order of the numbers: month by month."""
        return product(self.months, self.combinations)

    def period_of(self, month: date | None) -> Period:
        """Give the period of a cell."""
        return self.question.period if month is None else fiscal.period_of_month(month)


class Kept:
    """The answers given last, by question and counted rows. It spares the laying out, never the asking."""

    Key = tuple[Question, tuple[tuple[Any, ...], ...]]

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Kept.Key, Counts] = OrderedDict()

    @staticmethod
    def key_of(question: Question, rows: Sequence[Row]) -> Key:
        """Give what an answer depends on."""
        return question, tuple(tuple(row.values()) for row in rows)

    def found(self, key: Key) -> Counts | None:
        """Give the answer of the same question and rows."""
        counts = self._known.get(key)
        if counts is not None:
            self._known.move_to_end(key)
        return counts

    def keep(self, key: Key, counts: Counts) -> None:
        """Keep an answer, and let go of the one that was not asked for the longest."""
        counts.is_kept = True
        self._known[key] = counts
        if len(self._known) > self._most:
            self._known.popitem(last=False)


def unpacked(packed: Iterable[Row], names: Sequence[str]) -> list[Row]:
    """Give the counted rows of packed ones: ``names`` say what stands in a cell, a sum last.

    A cell of nulls is no row.
    """
    rows = []
    for one in packed:
        for cell in orjson.loads(one["cells"]):
            row = dict(zip(names, cell, strict=True))
            if cell[-1] is None:
                continue
            if "month" in row:
                row["month"] = date.fromisoformat(row["month"])
            rows.append({"centre": one["centre"], **row})
    return rows
