"""Wire shapes of the counts: the question, the numbers and their explanation."""

from typing import Annotated, Literal

from pydantic import Field

from api.shapes import Incoming, Shape

Quality = Literal["counted", "zero", "not_started", "not_applicable"]


class CountsQuery(Incoming):
    """What is asked of the counts."""

    from_: str | None = Field(default=None, alias="from", description="First month (開始月).", examples=["2026-04"])
    to: str | None = Field(default=None, description="Last month, included (終了月).", examples=["2027-03"])
    fiscal_year: str | None = Field(
        default=None, description="Instead of months: fiscal year (年度).", examples=["2026"]
    )
    period: str | None = Field(
        default=None,
        max_length=40,
        description="Instead of months: 2026-04, FY2026, FY2026-Q1, FY2026-H2, 令和8年度 … (期間).",
        examples=["FY2026-Q1"],
    )
    group_by: str | None = Field(
        default=None,
        max_length=100,
        description="Dimensions, by comma: month, kind, municipality, centre, centre_role, office, plan_item (集計軸). "
        "Left out: month,kind.",
        examples=["month,kind"],
    )
    metric: str | None = Field(
        default=None, max_length=400, description="Metrics, by comma; left out: held_count (集計指標)."
    )
    centre_id: str | None = Field(
        default=None, max_length=3700, description="Centres, by comma; left out: all (センター)."
    )
    kind: str | None = Field(default=None, max_length=400, description="Kinds, by comma; left out: all (種別).")
    basis: Literal["live"] = Field(default="live", description="The ledger as it stands (集計の基礎).")


class FileQuery(CountsQuery):
    """What is asked of the counts as a file."""

    charset: Literal["utf-8", "cp932"] = Field(default="utf-8", description="For CSV: `utf-8` (with BOM) or `cp932`.")


class ExplainedQuery(FileQuery):
    """What is asked of the counts, with the reasons where wanted."""

    explain: Annotated[bool, Field(strict=False)] = Field(
        default=False, description="Also the rules and the ids that are in and out (内訳の説明)."
    )
    limit: Annotated[int, Field(ge=1, le=500, strict=False)] = Field(
        default=200, description="Activities explained per page (説明の件数)."
    )
    cursor: str | None = Field(default=None, max_length=300, description="`next_cursor` of the explanation before.")


class PeriodOut(Shape):
    """A period (期間)."""

    code: str = Field(description="Code.", examples=["2026-04"])
    label_ja: str = Field(description="Label.", examples=["2026年4月"])


class WholePeriod(PeriodOut):
    """The period of the answer; both months are included."""

    from_: str = Field(alias="from", description="First month.")
    to: str = Field(description="Last month.")


class Observation(Shape):
    """One number (観測値)."""

    period: PeriodOut
    dimensions: dict[str, str] = Field(description="Values of the dimensions besides the month (集計軸の値).")
    metric: str = Field(description="Metric (集計指標).")
    value: int | None = Field(description="The number; null where it is not_started or not_applicable (値).")
    quality: Quality = Field(
        description="counted (実績あり); zero (実績なし); not_started: the centre had not opened, or the month has not "
        "begun (未開始); not_applicable (対象外)."
    )


class ExcludedOut(Shape):
    """An activity that does not count."""

    id: str
    reason: str
    reason_ja: str


class ExplainedGroup(Shape):
    """The activities of one observation on this page.

    Over all pages, the included of `held_count` are its value.
    """

    metric: str
    period: PeriodOut
    dimensions: dict[str, str]
    rule_ja: str | None = Field(
        description="With `group_by=plan_item`: what counts for the item where an activity names none (算入の決まり)."
    )
    rule_en: str | None = Field(description="The same in English.")
    included: list[str] = Field(description="Ids that count (算入).")
    excluded: list[ExcludedOut] = Field(description="Ids that do not, and why (除外).")
    centre_only_count: int = Field(
        description="How many of the included the municipality does not see, because their visibility is `centre`: "
        "its own number is without them. 0 for a municipality (うちセンター限りの件数)."
    )


class RuleOut(Shape):
    """The rule of a metric."""

    metric: str
    definition_ja: str
    rule_version: str


class PlanItemRuleOut(Shape):
    """What counts for a plan item where an activity names none."""

    plan_item: str = Field(description="Id of the item (計画項目).")
    rule_ja: str = Field(description="The rule (算入の決まり).", examples=["種別 会議・会議体 基幹運営会議・役割 主催"])
    rule_en: str = Field(
        description="The same in English.", examples=["kind: meeting; body: steering meeting; role: host"]
    )


class Explanation(Shape):
    """Why the numbers are what they are, page by page."""

    rules: list[RuleOut]
    plan_item_rules: list[PlanItemRuleOut] = Field(
        description="With `group_by=plan_item`: the rule of every item of the period, also where nothing counts "
        "(項目ごとの算入の決まり)."
    )
    groups: list[ExplainedGroup]
    limit: int
    next_cursor: str | None


class CountsOut(Shape):
    """The counts."""

    period: WholePeriod
    group_by: list[str] = Field(description="Dimensions (集計軸).")
    metrics: list[str] = Field(description="Metrics (集計指標).")
    rule_version: str = Field(description="Version of the rules (規則の版).")
    basis: Literal["live"]
    labels: dict[str, dict[str, str]] = Field(
        description="Japanese labels by dimension and value, and those of `metric` and `quality` (名称)."
    )
    observations: list[Observation]
    totals: dict[str, int | None] = Field(
        description="Each metric over the whole period; not a sum where rows overlap (合計)."
    )
    explanation: Explanation | None = Field(default=None, description="With `explain=true`.")
