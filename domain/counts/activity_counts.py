"""Counts over the ledger (集計): metrics by month, kind, municipality and so on, with zero told from missing.

``quality``: ``counted`` and ``zero`` carry a number; ``not_started`` (the centre had not opened, or the month has not
begun) and ``not_applicable`` (it had closed, did not cover the municipality, or the metric does not hold there) carry
none. A month that has not begun is told by the day in Tokyo.

Months, kinds, municipalities and centres are given whole, with zeros; roles, offices and plan items as they occur, in
every month. Joint activities are a municipality value of their own, so that the municipalities and ``joint`` add up to
the centre. Totals are those of the whole period, never sums of rows that overlap.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import product
from typing import Any

from domain import fiscal
from domain.access import PlaceKind
from domain.counts.cells import JOINT, Counts, Kept, Life, Place, unpacked
from domain.counts.metrics import Metric
from domain.counts.qualities import Missing
from domain.counts.questions import Question
from domain.counts.sources import COVERAGE, cells_by, items_by, meetings_by, offices_by, packed_by, rollup_by
from domain.database import Row, Session
from domain.errors import Fault, NotFoundError, RuleError

MOST_CELLS = 20_000
_WHOLE = frozenset({"kind", "municipality", "centre"})
_LEDGER_ONLY = "office"
_ROWS_SAY_ALL = frozenset({"month", "kind", "centre_role"})
"""Dimensions whose values and labels need nothing beyond the counted rows."""
_MOST_ROWS_KEPT = 500
_KEPT = Kept(most=64)


async def counts_of(session: Session, question: Question) -> Counts:
    """Answer a question.

    One statement for metrics of the rollup; one more for each metric of the ledger, for coverage where municipalities
    are a dimension, and for totals that no sum of rows gives.

    Raises:
        NotFoundError: a named centre is outside reach.
        RuleError: ``too_many_cells``.
    """
    return await _Inquiry(session, question).answer()


class _Inquiry:
    """The answering of one question."""

    def __init__(self, session: Session, question: Question) -> None:
        self.session = session
        self.question = question
        self.lives: dict[str, Life] = {}
        self.coverage: list[Row] = []
        self.labels: dict[str, dict[str, str]] = {}
        named = question.centres is not None
        self.named = named
        self.values: dict[str, Any] = {
            "first_month": question.period.first_month,
            "last_month": question.period.last_month,
            "last_day": fiscal.last_day_of_month(question.period.last_month),
            "kinds": list(question.kinds_asked),
        }
        if question.centres is not None:
            self.values["centres"] = list(question.centres)

    async def answer(self) -> Counts:
        question = self.question
        dimensions = frozenset(question.group_by)
        if dimensions <= _ROWS_SAY_ALL and all(m.source == "rollup" and m.is_additive for m in question.metrics):
            return await self._answer_of_rows(dimensions)
        found: dict[str, dict[Place, int]] = {}
        await self._count_rollup(dimensions, found)
        for metric in question.metrics:
            if metric.source == "ledger":
                found[metric.key] = await self._count_ledger(metric, dimensions)
        if "municipality" in dimensions:
            self.coverage = await self.session.rows(
                COVERAGE, first_month=self.values["first_month"], last_day=self.values["last_day"]
            )
        counts = self._counted(found)
        for metric in question.metrics:
            counts.totals[metric.key] = await self._total(metric, found[metric.key])
        return counts

    def _counted(self, found: Mapping[str, Mapping[Place, int]]) -> Counts:
        """Lay the numbers out in their cells.

        Raises:
            RuleError: ``too_many_cells``.
        """
        question = self.question
        months: tuple[date | None, ...] = question.period.months if question.by_month else (None,)
        combinations = self._combinations(found)
        if len(months) * len(combinations) * len(question.metrics) > MOST_CELLS:
            ja = "答えが大きすぎます。期間・集計軸・指標を減らしてください。"
            en = "The answer would be too large. Ask for a shorter period, fewer dimensions or fewer metrics."
            fault = Fault("too_many_cells", ja, en, parameter="group_by")
            raise RuleError("too_many_cells", ja, en, faults=(fault,))
        counts = Counts(question, months, combinations, labels=self.labels)
        for metric in question.metrics:
            self._fill(counts, metric, found[metric.key])
        return counts

    async def _answer_of_rows(self, dimensions: frozenset[str]) -> Counts:
        """Answer what the rollup's rows alone decide; the same rows, asked for again, have the same answer."""
        question = self.question
        with_kind = dimensions | {"kind"} if any(metric.kinds for metric in question.metrics) else dimensions
        sums = frozenset(metric.column for metric in question.metrics)
        query = packed_by(with_kind, sums, named=self.named, all_kinds=question.kinds is None)
        packed = await self.session.rows(query, **self.values)
        kept = Kept.key_of(question, packed)
        counts = _KEPT.found(kept)
        if counts is not None:
            return counts
        self._learn(packed)
        rows = unpacked(packed, cells_by(with_kind, sums))
        found = {metric.key: self._gathered(rows, metric, metric.column) for metric in question.metrics}
        counts = self._counted(found)
        for metric in question.metrics:
            is_missing = self._is_missing(metric, found[metric.key])
            counts.totals[metric.key] = None if is_missing else sum(found[metric.key].values())
        if len(rows) <= _MOST_ROWS_KEPT:
            _KEPT.keep(kept, counts)
        return counts

    async def _count_rollup(self, dimensions: frozenset[str], found: dict[str, dict[Place, int]]) -> None:
        """Ask the rollup, or the office links, for all summed metrics at once, and learn the centres' lives."""
        metrics = [metric for metric in self.question.metrics if metric.source == "rollup"]
        with_kind = dimensions | {"kind"} if any(metric.kinds for metric in metrics) else dimensions
        if "plan_item" in dimensions:
            rows = await self.session.rows(items_by(dimensions, named=self.named), **self.values)
            self._learn(rows)
            self.labels["plan_item"] = {
                row["plan_item"]: f"{row['code']} {row['title']}" for row in rows if row["plan_item"]
            }
        elif _LEDGER_ONLY in dimensions:
            self._learn(await self.session.rows(rollup_by(frozenset(), named=self.named), **self.values))
            rows = await self.session.rows(offices_by(with_kind, named=self.named), **self.values) if metrics else []
        else:
            rows = await self.session.rows(rollup_by(with_kind, named=self.named), **self.values)
            self._learn(rows)
        for metric in metrics:
            found[metric.key] = self._gathered(rows, metric, metric.column)

    async def _count_ledger(self, metric: Metric, dimensions: frozenset[str]) -> dict[Place, int]:
        if metric.bodies is None:
            rows = await self.session.rows(offices_by(dimensions, named=self.named), **self.values)
            return self._gathered(rows, metric, "distinct_office_count")
        query = meetings_by(dimensions, named=self.named, with_offices=_LEDGER_ONLY in dimensions)
        return self._gathered(await self.session.rows(query, **self._limited(metric)), metric, "held_count")

    def _limited(self, metric: Metric) -> dict[str, Any]:
        kinds = [kind for kind in self.question.kinds_asked if metric.kinds is None or kind in metric.kinds]
        return {**self.values, "kinds": kinds, "bodies": list(metric.bodies or ())}

    def _learn(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if row["centre"] not in self.lives:
                closed = row["closed_on"]
                self.lives[row["centre"]] = Life(
                    fiscal.month_of(row["opened_on"]), None if closed is None else fiscal.month_of(closed)
                )
        if self.question.centres is not None and self.lives.keys() < set(self.question.centres):
            raise NotFoundError

    def _gathered(self, rows: Iterable[Row], metric: Metric, column: str) -> dict[Place, int]:
        names, by_month = self.question.dimensions, self.question.by_month
        kinds = metric.kinds
        found: dict[Place, int] = {}
        for row in rows:
            if kinds is not None and row.get("kind", kinds[0]) not in kinds:
                continue
            month = row["month"] if by_month else None
            values = tuple([row[name] for name in names])
            if None in values or "" in values:
                values = self._without_gaps(row)
                if None in values:
                    continue
            place = (month, values)
            found[place] = found.get(place, 0) + row[column]
        return found

    def _without_gaps(self, row: Row) -> tuple[Any, ...]:
        """Name what a row leaves open: joint activities. A centre without any activity leaves its kind open too."""
        return tuple((row[name] or JOINT) if name == "municipality" else row[name] for name in self.question.dimensions)

    def _combinations(self, found: Mapping[str, Mapping[Place, int]]) -> tuple[tuple[str, ...], ...]:
        """List what each dimension's values are: whole axes, crossed; otherwise the combinations that occur."""
        names = self.question.dimensions
        if set(names) <= _WHOLE:
            seen = {values for cells in found.values() for _, values in cells} if "municipality" in names else set()
            axes = [self._axis(name, position, seen) for position, name in enumerate(names)]
            return tuple(product(*axes))
        occurring = {values for cells in found.values() for _, values in cells}
        return tuple(sorted(occurring, key=self._rank))

    def _rank(self, values: tuple[str, ...]) -> tuple[str, ...]:
        labels = (self.labels.get(name, {}) for name in self.question.dimensions)
        return tuple(known.get(value, value) for known, value in zip(labels, values, strict=True))

    def _axis(self, name: str, position: int, seen: set[tuple[str, ...]]) -> tuple[str, ...]:
        if name == "kind":
            return self.question.kinds_asked
        if name == "centre":
            return tuple(sorted(self.lives))
        actor = self.session.actor
        covered = {row["municipality_id"] for row in self.coverage if row["centre_id"] in self.lives}
        if actor.place.kind is not PlaceKind.CENTRE:
            covered &= set(actor.reach.municipalities)
        others = {values[position] for values in seen} - {JOINT}
        return (*sorted(covered | others), JOINT)

    def _fill(self, counts: Counts, metric: Metric, found: Mapping[Place, int]) -> None:
        """Put the numbers in the order of the cells, and say of each missing one why it is missing."""
        numbers: list[int | None] = []
        qualities: dict[int, str] = {}
        lookup = found.get
        missing = self._missing()
        is_plain = missing.is_plain(metric)
        for month in counts.months:
            of_month = missing.of_month(metric, month)
            for values in counts.combinations:
                number = lookup((month, values), 0)
                if number == 0 and (of_month is not None or not is_plain):
                    why = of_month if is_plain else missing.of_place(metric, month, values)
                    if why is not None:
                        qualities[len(numbers)] = why
                        numbers.append(None)
                        continue
                numbers.append(number)
        counts.numbers[metric.key] = numbers
        counts.qualities[metric.key] = qualities

    def _missing(self) -> Missing:
        return Missing(self.question, self.lives, self.coverage)

    def _is_missing(self, metric: Metric, found: Mapping[Place, int]) -> bool:
        """Tell whether the whole period has no number: what has not started has one as soon as something is held."""
        why = self._missing().of_month(metric, None)
        return why == "not_applicable" or (why is not None and not any(found.values()))

    async def _total(self, metric: Metric, found: Mapping[Place, int]) -> int | None:
        """Give the number of the whole period: summed where rows do not overlap, asked for otherwise."""
        if self._is_missing(metric, found):
            return None
        overlapping = {"office", "plan_item"} & set(self.question.dimensions)
        if metric.is_additive and not overlapping:
            return sum(found.values())
        if metric.source == "rollup":
            query = rollup_by(frozenset({"kind"}), named=self.named)
            rows = await self.session.rows(query, **self.values)
            return sum(int(row[metric.column]) for row in rows if metric.kinds is None or row["kind"] in metric.kinds)
        if metric.bodies is None:
            rows = await self.session.rows(offices_by(frozenset(), named=self.named), **self.values)
            return int(rows[0]["distinct_office_count"])
        query = meetings_by(frozenset(), named=self.named, with_offices=False)
        return int((await self.session.one(query, **self._limited(metric)))["held_count"])
