"""Catalogue of metrics (集計指標): what each number counts, by which rule."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, document
from api.operations import area
from api.shapes import Incoming, Shape
from domain.access import Permission
from domain.counts.metrics import CATALOGUE, RULE_VERSION
from domain.counts.qualities import MEANING_JA, QUALITY_JA
from domain.database import Session

router = area("metrics")


class MetricOut(Shape):
    """One metric."""

    key: str = Field(description="Key, as `metric` of the counts takes it.", examples=["held_count"])
    name_ja: str = Field(description="Name (名称).", examples=["実施件数"])
    definition_ja: str = Field(description="What is counted (定義).")
    unit_ja: str = Field(description="Unit (単位).", examples=["件"])
    rule_version: str = Field(description="Version of the rules (規則の版).")
    valid_from_fiscal_year: int = Field(description="First fiscal year it holds for (適用開始年度).")
    kinds: list[str] | None = Field(description="Kinds of activity it counts; null: all (対象の種別).")
    bodies: list[str] | None = Field(description="Meeting bodies it counts; null: all (対象の会議体).")
    is_additive: bool = Field(description="False: months never add up to the year (月の合計が期間の値になるか).")


class QualityOut(Shape):
    """What stands behind a number, or behind a missing one (値の区分)."""

    code: str = Field(description="Code, as `quality` of the counts gives it.", examples=["zero"])
    label_ja: str = Field(description="Label (名称).", examples=["実績なし(0)"])
    meaning_ja: str = Field(description="What it means (意味).")


class Metrics(Shape):
    """The catalogue."""

    rule_version: str = Field(description="Version of the rules (規則の版).")
    qualities: list[QualityOut] = Field(description="What `quality` may say, for every metric (値の区分).")
    results: list[MetricOut]


class Nothing(Incoming):
    """No parameters: a mistyped one is refused."""


@router.get("", response_model=Metrics)
async def list_metrics(
    _session: Annotated[Session, allow(Permission.ACTIVITY_COUNTS_READ)], _query: Annotated[Nothing, Query()]
) -> Answer:
    """List all metrics with their definitions (集計指標の一覧).

    Of the national activity indicators (活動指標) those are left out that the ledger cannot tell without guessing:
    chief specialists placed at the centre (whether somebody is one has no date), case reviews of the council (nothing
    tells them from its other meetings), and its sections (they may be recorded as meetings of the council at large).
    """
    qualities = [
        {"code": code, "label_ja": label, "meaning_ja": MEANING_JA[code]} for code, label in QUALITY_JA.items()
    ]
    results = [metric.shown() for metric in CATALOGUE.values()]
    return document({"rule_version": RULE_VERSION, "qualities": qualities, "results": results})
