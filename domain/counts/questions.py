"""What a caller asks of the counts: period, dimensions, metrics, filters. Read once, every fault named. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from domain import fiscal
from domain.counts.metrics import CATALOGUE, Metric
from domain.errors import Fault, RuleError
from domain.fiscal import Period
from domain.ledger.labels import KIND_JA
from domain.ledger.tables import KINDS

DIMENSIONS_JA = {
    "month": "月",
    "kind": "種別",
    "municipality": "市区町村",
    "centre": "センター",
    "centre_role": "役割",
    "office": "事業所",
    "plan_item": "計画項目",
}
_METRICS_JA = {key: metric.name_ja for key, metric in CATALOGUE.items()}
MOST_MONTHS = 60
_WITH_PLAN_ITEM = {"month", "municipality", "centre", "plan_item"}
_MOST_CENTRES = 100


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the counts. ``centres`` null: all within reach; ``kinds`` null: all.

    ``dimensions`` stand in the order asked for, without ``month``, which is in ``by_month``. ``present_month`` is the
    month in Tokyo in which it was asked: later ones have not begun.
    """

    period: Period
    by_month: bool
    dimensions: tuple[str, ...]
    metrics: tuple[Metric, ...]
    centres: tuple[str, ...] | None
    kinds: tuple[str, ...] | None
    present_month: date

    @property
    def group_by(self) -> list[str]:
        """The dimensions with the month."""
        return [*(["month"] if self.by_month else []), *self.dimensions]

    @property
    def kinds_asked(self) -> tuple[str, ...]:
        """The kinds asked for, all where none is named."""
        return self.kinds or KINDS


class _FaultsError(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


def _refuse(parameter: str, code: str, ja: str, en: str) -> _FaultsError:
    return _FaultsError(Fault(code, ja, en, parameter=parameter))


def question_of(asked: Mapping[str, Any], today: date) -> Question:
    """Read a question. Without a period it is about the present fiscal year.

    ``asked`` holds texts by parameter name: ``from``, ``to``, ``fiscal_year``, ``period``, ``group_by``, ``metric``,
    ``centre_id``, ``kind``.

    Raises:
        RuleError: names every parameter that cannot be read.
    """
    given = tuple((name, asked.get(name)) for name in _READ)
    return _question(given, fiscal.month_of(today))


_READ = ("from", "to", "fiscal_year", "period", "group_by", "metric", "centre_id", "kind")


@lru_cache(maxsize=1024)
def _question(given: tuple[tuple[str, str | None], ...], present_month: date) -> Question:
    asked = dict(given)
    faults: list[Fault] = []
    found: dict[str, Any] = {}
    for name, read in (
        ("period", lambda: _period(asked, fiscal.fiscal_year_of(present_month))),
        ("dimensions", lambda: _dimensions(asked.get("group_by"))),
        ("metrics", lambda: _metrics(asked.get("metric"))),
        ("centres", lambda: _centres(asked.get("centre_id"))),
        ("kinds", lambda: _kinds(asked.get("kind"))),
    ):
        try:
            found[name] = read()
        except _FaultsError as error:
            faults.append(error.fault)
    if not faults:
        faults += _misfits(found["dimensions"], found["metrics"], found["kinds"])
    if faults:
        raise RuleError(
            "invalid_parameters",
            "パラメーターに誤りがあります。errors をご覧ください。",
            "The parameters are not valid. See errors.",
            faults=tuple(faults),
        )
    dimensions = found["dimensions"]
    return Question(
        found["period"],
        "month" in dimensions,
        tuple(name for name in dimensions if name != "month"),
        found["metrics"],
        found["centres"],
        found["kinds"],
        present_month,
    )


def _period(asked: Mapping[str, str | None], present_year: int) -> Period:
    first, last = asked.get("from"), asked.get("to")
    ways = [name for name in ("fiscal_year", "period") if asked.get(name) is not None]
    if first is not None or last is not None:
        ways.append("from")
    if len(ways) > 1:
        raise _refuse(
            ways[1], "period_twice", "期間の指定は1つだけにしてください。", "Give the period in one way only."
        )
    if not ways:
        return fiscal.period_of_fiscal_year(present_year)
    if ways == ["from"]:
        return _range(_month("from", first), _month("to", last))
    if ways == ["fiscal_year"]:
        year = asked["fiscal_year"] or ""
        if not (year.isascii() and year.isdigit() and len(year) == 4 and 1990 <= int(year) <= 2199):
            raise _refuse(
                "fiscal_year", "not_a_year", "年度は西暦4桁で入れてください。", "Give a fiscal year as four digits."
            )
        return fiscal.period_of_fiscal_year(int(year))
    try:
        return fiscal.parse_period(asked["period"] or "")
    except ValueError as error:
        raise _refuse("period", "not_a_period", str(error), "Give a period such as 2026-04 or FY2026.") from None


def _month(parameter: str, text: str | None) -> date:
    if text is None:
        raise _refuse(parameter, "required", "必ず入れてください。", "This is required.")
    try:
        return fiscal.parse_month(text)
    except ValueError:
        raise _refuse(parameter, "not_a_month", "月は YYYY-MM で入れてください。", "Give a month as YYYY-MM.") from None


def _range(first: date, last: date) -> Period:
    if last < first:
        raise _refuse("to", "ends_before_start", "終わりの月が始まりの月より前です。", "`to` lies before `from`.")
    months = len(fiscal.months_between(first, last))
    if months > MOST_MONTHS:
        ja, en = f"期間は{MOST_MONTHS}か月までにしてください。", f"Ask for at most {MOST_MONTHS} months."
        raise _refuse("to", "period_too_long", ja, en)
    year = fiscal.fiscal_year_of(first)
    named = [fiscal.period_of_month(first), fiscal.period_of_fiscal_year(year)]
    named += [fiscal.period_of_half(year, half) for half in (1, 2)]
    named += [fiscal.period_of_quarter(year, quarter) for quarter in (1, 2, 3, 4)]
    for period in named:
        if (period.first_month, period.last_month) == (first, last):
            return period
    code = f"{fiscal.month_code(first)}/{fiscal.month_code(last)}"
    return Period(code, first, last, f"{fiscal.month_label_ja(first)}～{fiscal.month_label_ja(last)}")


def _listed(parameter: str, text: str, allowed: Mapping[str, str] | None, code: str) -> tuple[str, ...]:
    """Read what stands between commas; ``allowed`` are the codes with their labels, null = any."""
    names = tuple(text.split(",")) if text else ()
    if allowed is not None and any(name not in allowed for name in names):
        told = "、".join(f"{label}({name})" for name, label in allowed.items())
        ja, en = f"使えるのは {told} です。", f"Use any of {', '.join(allowed)}."
        raise _refuse(parameter, code, ja, en)
    if not names or len(set(names)) != len(names):
        raise _refuse(parameter, "repeated", "空か、同じものが2度あります。", "It is empty, or names one twice.")
    return names


def _dimensions(text: str | None) -> tuple[str, ...]:
    return _listed("group_by", "month,kind" if text is None else text, DIMENSIONS_JA, "dimension_unknown")


def _metrics(text: str | None) -> tuple[Metric, ...]:
    names = _listed("metric", "held_count" if text is None else text, _METRICS_JA, "metric_unknown")
    return tuple(CATALOGUE[name] for name in names)


def _kinds(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else _listed("kind", text, KIND_JA, "not_in_list")


def _centres(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = _listed("centre_id", text, None, "")
    try:
        ids = tuple(str(UUID(name)) for name in names)
    except ValueError:
        raise _refuse("centre_id", "not_an_id", "ID の形が違います。", "This is not an id.") from None
    if len(ids) > _MOST_CENTRES:
        ja, en = f"センターは{_MOST_CENTRES}までにしてください。", f"Name at most {_MOST_CENTRES} centres."
        raise _refuse("centre_id", "too_many", ja, en)
    return ids


def _misfits(dimensions: tuple[str, ...], metrics: tuple[Metric, ...], kinds: tuple[str, ...] | None) -> list[Fault]:
    if "plan_item" not in dimensions:
        return []
    if not set(dimensions) <= _WITH_PLAN_ITEM:
        ja = "計画項目(plan_item)と組み合わせられるのは、月・市区町村・センターだけです。"
        en = "Plan items (plan_item) go with month, municipality and centre only."
        return [Fault("not_combinable", ja, en, parameter="group_by")]
    if kinds is not None:
        ja, en = "計画項目別の集計では種別を絞れません。", "By plan item no kind can be chosen."
        return [Fault("not_combinable", ja, en, parameter="kind")]
    if any(metric.source != "rollup" or metric.kinds for metric in metrics):
        ja, en = "この指標は計画項目別に数えられません。", "This metric is not counted by plan item."
        return [Fault("not_combinable", ja, en, parameter="metric")]
    return []
