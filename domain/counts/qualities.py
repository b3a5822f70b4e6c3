"""Why there is no number (品質): a zero is told from what has not begun and from what does not apply. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain import fiscal
from domain.counts.cells import JOINT, Life
from domain.counts.metrics import Metric
from domain.counts.questions import Question
from domain.database import Row

QUALITY_JA = {"counted": "実績あり", "zero": "実績なし(0)", "not_started": "未開始", "not_applicable": "対象外"}
MEANING_JA = {
    "counted": "数えた値がある。",
    "zero": "数えたが、当てはまる活動がない。値は0。",
    "not_started": "センターがまだ開所していない月、または東京の暦でまだ始まっていない月。値はない。",
    "not_applicable": "センターの閉鎖後、担当していない市区町村、または指標が対象としない種別・年度。値はない。",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What is known of the centres in a question: their lives and, where municipalities matter, their coverage."""

    question: Question
    lives: Mapping[str, Life]
    coverage: Sequence[Row]

    def is_plain(self, metric: Metric) -> bool:
        """Tell whether the month alone decides why a number is missing."""
        names = self.question.dimensions
        return not ({"municipality", "centre"} & set(names)) and not (metric.kinds and "kind" in names)

    def of_month(self, metric: Metric, month: date | None) -> str | None:
        """Say why a month, null for the whole period, has no number where nothing was counted; None: it is zero."""
        return self._of_lives(metric, month, tuple(self.lives.values())) or self._of_calendar(month)

    def of_place(self, metric: Metric, month: date | None, values: Sequence[str]) -> str | None:
        """Say why a place has no number where nothing was counted; None: it is zero."""
        named = dict(zip(self.question.dimensions, values, strict=True))
        if metric.kinds is not None and named.get("kind", metric.kinds[0]) not in metric.kinds:
            return "not_applicable"
        lives = (self.lives[named["centre"]],) if "centre" in named else tuple(self.lives.values())
        why = self._of_lives(metric, month, lives)
        municipality = named.get("municipality", JOINT)
        if why is None and municipality != JOINT and not self._is_covered(municipality, month, named.get("centre")):
            return "not_applicable"
        return why or self._of_calendar(month)

    def _ends(self, month: date | None) -> tuple[date, date]:
        return month or self.question.period.first_month, month or self.question.period.last_month

    def _of_calendar(self, month: date | None) -> str | None:
        """Tell what lies ahead: there is no zero before a month has begun."""
        return "not_started" if self._ends(month)[0] > self.question.present_month else None

    def _of_lives(self, metric: Metric, month: date | None, lives: tuple[Life, ...]) -> str | None:
        first, last = self._ends(month)
        if fiscal.fiscal_year_of(last) < metric.valid_from_fiscal_year:
            return "not_applicable"
        if lives and all(life.first_month > last for life in lives):
            return "not_started"
        if lives and all(
            life.first_month > last or (life.last_month is not None and life.last_month < first) for life in lives
        ):
            return "not_applicable"
        return None

    def _is_covered(self, municipality: str, month: date | None, centre: str | None) -> bool:
        first, last = self._ends(month)
        return any(
            row["municipality_id"] == municipality
            and (centre is None or row["centre_id"] == centre)
            and row["valid_from"] <= fiscal.last_day_of_month(last)
            and (row["valid_to"] is None or row["valid_to"] >= first)
            for row in self.coverage
        )
