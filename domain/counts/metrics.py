"""The catalogue of metrics (集計指標): what each number counts, by which rule, for which fiscal years.

A number without its definition is a rumour: every answer with counts names the metrics and the version of their rules.
The national activity indicators (活動指標) are those of the basic guideline for disability welfare plans, as far as the
ledger gives them. Source: domain sources section 10.7; which kinds and bodies feed which indicator is our reading.

What the ledger cannot tell is no metric, because a zero would be untrue:

- Chief specialists placed at the centre (主任相談支援専門員の配置数): that somebody is one has no date, and joining and
  leaving may be unknown, so a past month would be a guess. How many there are today: `/v1/people`.
- Case reviews of the council with offices taking part (協議会における事例検討): no body and no mark tells them from the
  other meetings of the council.
- Sections of the council, how many and how often (専門部会の設置数・実施回数): a meeting names the kind of its body,
  which several sections share, and the model programme has those meetings recorded as of the council at large.
"""

from dataclasses import dataclass
from typing import Any

RULE_VERSION = "2026.2"
"""Raised with every change of what a metric counts, so that two numbers of the same name can be told apart."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    ``source`` is where it is counted: ``rollup`` sums ``column`` of the monthly rollup, ``ledger`` counts activities
    one by one. ``kinds`` limits it; null = all. ``bodies`` limits meetings to these. ``is_additive``: months add up.
    """

    key: str
    name_ja: str
    definition_ja: str
    unit_ja: str
    valid_from_fiscal_year: int
    source: str = "rollup"
    column: str = "held_count"
    kinds: tuple[str, ...] | None = None
    bodies: tuple[str, ...] | None = None
    is_additive: bool = True

    def shown(self) -> dict[str, Any]:
        """Give it as the wire shows it."""
        return {
            "key": self.key,
            "name_ja": self.name_ja,
            "definition_ja": self.definition_ja,
            "unit_ja": self.unit_ja,
            "rule_version": RULE_VERSION,
            "valid_from_fiscal_year": self.valid_from_fiscal_year,
            "kinds": None if self.kinds is None else list(self.kinds),
            "bodies": None if self.bodies is None else list(self.bodies),
            "is_additive": self.is_additive,
        }


LIAISON_BODIES = (
    "office_network",
    "liaison_meeting",
    "transition_liaison",
    "care_provider_liaison",
    "inter_centre_liaison",
    "related_organization",
)
"""Where offices, centres and other bodies that give advice meet to know one another (連絡会, ネットワーク).

The council, its sections and conferences on single cases are none: they have indicators of their own.
"""
CASE_BODIES = ("joint_case_conference",)
"""Meetings that are case conferences. Case meetings of a collaboration arrangement (C) are the offices' own duty."""
_EVER, _SIXTH_PLAN, _SEVENTH_PLAN = 1990, 2021, 2024

CATALOGUE: dict[str, Metric] = {
    metric.key: metric
    for metric in (
        Metric(
            "held_count",
            "実施件数",
            "状態が「実施済み」で削除されていない活動の件数。実施日の属する月に1件と数える。"
            "予定・延期・辞退・中止は数えない。事業所別では、出席した事業所ごとに1件と数える。",
            "件",
            _EVER,
        ),
        Metric(
            "participant_count",
            "参加人数",
            "実施済みの活動に記録された参加者数の合計(延べ人数)。人数の記録がない活動は0人とする。"
            "事業所別では、出席した事業所に記録された人数の合計。",
            "人",
            _EVER,
            column="participant_count",
        ),
        Metric(
            "duration_minutes",
            "実施時間",
            "実施済みの活動に記録された時間(分)の合計。時間の記録がない活動は0分とする。",
            "分",
            _EVER,
            column="duration_minutes",
        ),
        Metric(
            "distinct_office_count",
            "関わった事業所数(実数)",
            "期間内に実施済みの活動に出席した相談支援事業所の実数。出欠が「出席」の事業所だけを数え、欠席した事業所と"
            "出席が記録されていない事業所は数えない。同じ事業所は期間内で1と数えるため、"
            "月ごとの値を合計しても期間の値にはならない。",
            "か所",
            _EVER,
            source="ledger",
            is_additive=False,
        ),
        Metric(
            "kihon.visit_guidance",
            "訪問等による専門的な指導・助言件数",
            "国の基本指針の活動指標。事業所訪問と後方支援(相談支援事業所への助言)の実施件数の合計。",
            "件",
            _SIXTH_PLAN,
            kinds=("office_visit", "backup_consultation"),
        ),
        Metric(
            "kihon.training_support",
            "相談支援事業者の人材育成の支援件数",
            "国の基本指針の活動指標。研修会とスーパービジョンの実施件数の合計。",
            "件",
            _SIXTH_PLAN,
            kinds=("training_event", "supervision_session"),
        ),
        Metric(
            "kihon.liaison",
            "相談機関との連携強化の取組の実施回数",
            "国の基本指針の活動指標。関係機関連携の実施件数と、連絡会(地域移行・地域定着、介護事業者、基幹相談の連絡会を"
            "含む)、相談支援事業所ネットワーク、関係機関の会議の実施回数の合計。",
            "回",
            _SIXTH_PLAN,
            source="ledger",
            kinds=("liaison_contact", "meeting"),
            bodies=LIAISON_BODIES,
        ),
        Metric(
            "kihon.case_review",
            "個別事例の支援内容の検証の実施回数",
            "国の基本指針の活動指標。事例検討会の実施件数と、会議として記録された共同事例検討会の実施回数の合計。",
            "回",
            _SEVENTH_PLAN,
            source="ledger",
            kinds=("case_conference", "meeting"),
            bodies=CASE_BODIES,
        ),
    )
}
