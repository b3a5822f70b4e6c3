"""Why a count is what it is: the rule, and the ids that are in and out, each with its reason.

Read from the ledger page by page, within the caller's reach, as the numbers are: over all pages the included ones are
the number. A municipality's number is without what the centre keeps to itself (visibility ``centre``); the centre is
told in each group how many of its own these are.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select, tuple_
from sqlmodel import col

from domain import fiscal
from domain.counts.cells import JOINT, Place
from domain.counts.metrics import RULE_VERSION, Metric
from domain.counts.questions import Question
from domain.database import Row, Session
from domain.ledger.counting_rules import misfit_of, rules_text_en, rules_text_ja
from domain.ledger.links import ITEMS_OF, OFFICES_OF, PRESENT
from domain.ledger.tables import CENTRE_ONLY, Activity
from domain.ledger.work_plan_tables import WorkPlanItem
from domain.lists import cursor_refused, decoded, encoded
from domain.statements import Query, within_reach
from domain.statements.columns import Big, Day, Id
from domain.statements.comparisons import Among

REASON_JA = {
    "planned": "予定であり、まだ実施していない",
    "postponed": "延期した",
    "declined": "辞退された",
    "cancelled": "中止した",
    "deleted": "削除した",
    "other_kind": "この指標の種別ではない",
    "other_body": "この指標または項目の会議体ではない",
    "other_role": "項目が求める役割(参加・主催など)ではない",
    "other_theme": "項目が求めるテーマではない",
    "other_need": "項目が求めるニーズではない",
    "not_linked": "項目に結び付けられていない",
    "no_number": "人数または時間の記録がない",
    "no_office": "事業所に結び付いていない",
    "absent": "事業所が欠席した",
    "attendance_open": "事業所の出席が記録されていない",
}
_OF_ATTENDANCE = {PRESENT: None, "expected": "attendance_open", "absent": "absent", "excused": "absent"}
"""Why an office does not count for an activity, by its attendance there."""
LARGEST_PAGE = 500

_COLUMNS: tuple[Any, ...] = tuple(
    getattr(Activity, name)
    for name in (
        "id", "centre_id", "municipality_id", "kind", "centre_role", "status", "occurs_on", "participant_count",
        "duration_minutes", "body", "themes", "needs", "visibility", "deleted_at",
    )
)  # fmt: skip
_FIRST = bindparam("first_month", type_=Day(), required=True)
_LAST = bindparam("last_day", type_=Day(), required=True)


def _page(*, named: bool) -> Query:
    key = tuple_(col(Activity.occurs_on), col(Activity.id))
    after = tuple_(bindparam("after_on", type_=Day(), required=True), bindparam("after_id", type_=Id(), required=True))
    statement: Any = select(*_COLUMNS, OFFICES_OF, ITEMS_OF).where(
        col(Activity.occurs_on) >= _FIRST,
        col(Activity.occurs_on) <= _LAST,
        Among(col(Activity.kind), "kinds"),
        key > after,
    )
    if named:
        statement = statement.where(Among(col(Activity.centre_id), "centres"))
    ordered = statement.order_by(col(Activity.occurs_on), col(Activity.id))
    return within_reach(ordered.limit(bindparam("most", type_=Big(), required=True)))


_PAGE, _PAGE_OF_NAMED = _page(named=False), _page(named=True)
_ITEMS = within_reach(
    select(
        col(WorkPlanItem.id),
        col(WorkPlanItem.centre_id),
        col(WorkPlanItem.starts_on),
        col(WorkPlanItem.ends_on),
        col(WorkPlanItem.counting_rules),
    ).where(col(WorkPlanItem.starts_on) <= _LAST, col(WorkPlanItem.ends_on) >= _FIRST)
)
_NO_ID = "00000000-0000-0000-0000-000000000000"


async def explanation_of(session: Session, question: Question, *, limit: int, cursor: str | None) -> Row:
    """Give one page of activities, in order of days, sorted into the groups of the question, in or out and why.

    Raises:
        RuleError: the cursor is none of ours.
    """
    after_on, after_id = _key(cursor, question)
    values: dict[str, Any] = {
        "first_month": question.period.first_month,
        "last_day": fiscal.last_day_of_month(question.period.last_month),
        "kinds": list(question.kinds_asked),
        "after_on": after_on,
        "after_id": after_id,
        "most": limit + 1,
    }
    if question.centres is not None:
        values["centres"] = list(question.centres)
    rows = await session.rows(_PAGE if question.centres is None else _PAGE_OF_NAMED, **values)
    more, rows = len(rows) > limit, rows[:limit]
    items: list[Row] = []
    if "plan_item" in question.dimensions:
        items = await session.rows(_ITEMS, first_month=values["first_month"], last_day=values["last_day"])
    return {
        "rules": [
            {"metric": metric.key, "definition_ja": metric.definition_ja, "rule_version": RULE_VERSION}
            for metric in question.metrics
        ],
        "plan_item_rules": [{"plan_item": item["id"], **_rules_of(item)} for item in items],
        "groups": _groups(question, rows, items),
        "limit": limit,
        "next_cursor": encoded([rows[-1]["occurs_on"], rows[-1]["id"]]) if more else None,
    }


def _key(cursor: str | None, question: Question) -> tuple[Any, str]:
    if cursor is None:
        return question.period.first_month, _NO_ID
    parts = decoded(cursor, "cursor")
    try:
        day, row_id = parts
        return Day().python_type.fromisoformat(day), str(row_id)
    except (ValueError, TypeError):
        raise cursor_refused("cursor") from None


def _groups(question: Question, rows: Iterable[Row], items: list[Row]) -> list[Row]:
    """Sort activities into the groups of the question."""
    found: dict[tuple[str, Place], Row] = {}
    rules = {item["id"]: _rules_of(item) for item in items}
    for activity in rows:
        month = fiscal.month_of(activity["occurs_on"]) if question.by_month else None
        for metric in question.metrics:
            for values, reason in _places(question, activity, items, metric):
                key = metric.key, (month, values)
                group = found.get(key) or found.setdefault(key, _group(question, key, rules))
                if reason is None:
                    group["included"].append(activity["id"])
                    group["centre_only_count"] += activity["visibility"] == CENTRE_ONLY
                else:
                    told = {"id": activity["id"], "reason": reason, "reason_ja": REASON_JA[reason]}
                    group["excluded"].append(told)
    return list(found.values())


def _rules_of(item: Mapping[str, Any]) -> dict[str, str]:
    rules = item["counting_rules"]
    return {"rule_ja": rules_text_ja(rules), "rule_en": rules_text_en(rules)}


def _group(question: Question, key: tuple[str, Place], rules: Mapping[str, Row]) -> Row:
    metric, (month, values) = key
    period = question.period if month is None else fiscal.period_of_month(month)
    dimensions = dict(zip(question.dimensions, values, strict=True))
    return {
        "metric": metric,
        "period": {"code": period.code, "label_ja": period.label_ja},
        "dimensions": dimensions,
        **rules.get(dimensions.get("plan_item", ""), {"rule_ja": None, "rule_en": None}),
        "included": [],
        "excluded": [],
        "centre_only_count": 0,
    }


def _places(
    question: Question, activity: Row, items: list[Row], metric: Metric
) -> list[tuple[tuple[str, ...], str | None]]:
    """List the groups an activity falls into, each with the reason why it does not count there, if it does not."""
    plain = {
        "kind": activity["kind"],
        "centre_role": activity["centre_role"],
        "municipality": activity["municipality_id"] or JOINT,
        "centre": activity["centre_id"],
    }
    reason = _reason(activity, metric, None)
    spread: list[tuple[dict[str, str], str | None]] = [({}, reason)]
    if "office" in question.dimensions:
        spread = [({"office": link["office_id"]}, _reason(activity, metric, link)) for link in activity["offices"]]
    elif "plan_item" in question.dimensions:
        spread = [({"plan_item": item}, reason or why) for item, why in _of_items(activity, items)]
    return [(tuple({**plain, **more}[name] for name in question.dimensions), why) for more, why in spread]


def _reason(activity: Mapping[str, Any], metric: Metric, link: Mapping[str, Any] | None) -> str | None:
    """Say why an activity does not count, or, with ``link``, why it does not count for that office."""
    if activity["deleted_at"] is not None:
        return "deleted"
    if activity["status"] != "held":
        return str(activity["status"])
    if metric.kinds is not None and activity["kind"] not in metric.kinds:
        return "other_kind"
    if metric.bodies is not None and activity["kind"] == "meeting" and activity["body"] not in metric.bodies:
        return "other_body"
    if link is not None and (why := _OF_ATTENDANCE[link["attendance"]]) is not None:
        return why
    numbers = activity if link is None else {**activity, **link}
    if metric.column in ("participant_count", "duration_minutes") and numbers[metric.column] is None:
        return "no_number"
    return _of_attendances(activity["offices"]) if metric.key == "distinct_office_count" else None


def _of_attendances(links: Sequence[Mapping[str, Any]]) -> str | None:
    """Say why an activity reached no office: none is linked, or none of them came."""
    reasons = [_OF_ATTENDANCE[link["attendance"]] for link in links]
    if None in reasons:
        return None
    return reasons[0] if reasons else "no_office"


def _of_items(activity: Mapping[str, Any], items: list[Row]) -> list[tuple[str, str | None]]:
    """List the items within reach an activity counts for, and those whose rules name its kind and yet leave it out."""
    linked = {link["item_id"] for link in activity["plan_items"]} & {item["id"] for item in items}
    found: list[tuple[str, str | None]] = [(item_id, None) for item_id in sorted(linked)]
    for item in items:
        is_of_day = item["starts_on"] <= activity["occurs_on"] <= item["ends_on"]
        if item["id"] in linked or item["centre_id"] != activity["centre_id"] or not is_of_day:
            continue
        why = misfit_of(
            item["counting_rules"],
            kind=activity["kind"],
            centre_role=activity["centre_role"],
            body=activity["body"],
            themes=activity["themes"],
            needs=activity["needs"],
        )
        if why is not None:
            found.append((item["id"], why))
    return found
