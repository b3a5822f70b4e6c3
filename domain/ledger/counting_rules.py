"""Counting rules (算入の決まり): which activities count for a plan item when they name none themselves. Pure.

A rule is ``{"kind", "body"?, "roles"?, "themes"?, "needs"?}``; several rules of one item are alternatives.
The proposal for the 18 items of the model programme stands with them in ``data/meguro_work_programme.json``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from domain.ledger.labels import BODY_JA, KIND_JA, NEED_JA, ROLE_JA, THEME_JA

CATCH_ALL = "other"
"""The kind that says nothing about an activity: its rules must name a body, a theme or a need."""


def counts_for(
    rules: Sequence[Mapping[str, Any]],
    *,
    kind: str,
    centre_role: str,
    body: str | None,
    themes: Collection[str],
    needs: Collection[str],
) -> bool:
    """Tell whether an activity counts for an item with these rules: at least one of them must fit.

    What a rule leaves out it does not ask for: without ``roles`` any role of the centre fits, without ``themes`` any
    theme. Of listed themes or needs one is enough. A rule for the kind ``other`` that asks for nothing else fits
    nothing, so that an unclassified activity never counts by accident.

    >>> visits = [{"kind": "office_visit"}]
    >>> counts_for(visits, kind="office_visit", centre_role="host", body=None, themes=(), needs=())
    True
    >>> liaison = [{"kind": "meeting", "body": "transition_liaison", "roles": ["participate"]}]
    >>> counts_for(liaison, kind="meeting", centre_role="host", body="transition_liaison", themes=(), needs=())
    False
    >>> operation = [{"kind": "other", "themes": ["operation"]}]
    >>> counts_for(operation, kind="other", centre_role="operate", body=None, themes=(), needs=())
    False
    """
    return any(_fits(rule, kind, centre_role, body, themes, needs) for rule in rules)


def _fits(
    rule: Mapping[str, Any],
    kind: str,
    centre_role: str,
    body: str | None,
    themes: Collection[str],
    needs: Collection[str],
) -> bool:
    return rule["kind"] == kind and _misfit(rule, centre_role, body, themes, needs) is None


def _misfit(
    rule: Mapping[str, Any], centre_role: str, body: str | None, themes: Collection[str], needs: Collection[str]
) -> str | None:
    """Say what keeps an activity of the rule's own kind from counting; None where it counts."""
    asked_body, asked_roles = rule.get("body"), rule.get("roles")
    asked_themes, asked_needs = rule.get("themes"), rule.get("needs")
    if asked_body is not None and asked_body != body:
        return "other_body"
    if asked_roles and centre_role not in asked_roles:
        return "other_role"
    if asked_themes and not any(theme in asked_themes for theme in themes):
        return "other_theme"
    if asked_needs and not any(need in asked_needs for need in needs):
        return "other_need"
    is_catch_all = rule["kind"] == CATCH_ALL and not (asked_body or asked_themes or asked_needs)
    return "other_theme" if is_catch_all else None


def misfit_of(
    rules: Sequence[Mapping[str, Any]],
    *,
    kind: str,
    centre_role: str,
    body: str | None,
    themes: Collection[str],
    needs: Collection[str],
) -> str | None:
    """Say why an activity that is not linked does not count: the first rule of its kind decides.

    None where no rule names its kind; ``not_linked`` where a rule fits and the link was taken away by hand.

    >>> liaison = [{"kind": "meeting", "body": "transition_liaison", "roles": ["participate"]}]
    >>> misfit_of(liaison, kind="meeting", centre_role="host", body="transition_liaison", themes=(), needs=())
    'other_role'
    """
    of_kind = [_misfit(rule, centre_role, body, themes, needs) for rule in rules if rule["kind"] == kind]
    if not of_kind:
        return None
    return "not_linked" if None in of_kind else of_kind[0]


def rules_text_ja(rules: Sequence[Mapping[str, Any]]) -> str:
    """Say the rules of an item in a line of Japanese; what has no label stands as its code.

    >>> rules_text_ja([{"kind": "meeting", "body": "steering_meeting", "roles": ["host"]}, {"kind": "office_visit"}])
    '種別 会議・会議体 基幹運営会議・役割 主催、または 種別 事業所訪問'
    >>> rules_text_ja([{"kind": "backup_consultation", "needs": ["hard_case", "gap"]}])
    '種別 後方支援・ニーズ 困難事例か制度の狭間'
    """
    return "、または ".join(_in_ja(rule) for rule in rules) or "決まりはない。項目を指定して記録した活動だけを数える。"


def rules_text_en(rules: Sequence[Mapping[str, Any]]) -> str:
    """Say the rules of an item in a line of English.

    >>> rules_text_en([{"kind": "meeting", "body": "steering_meeting", "roles": ["host", "operate"]}])
    'kind: meeting; body: steering meeting; role: host or operate'
    """
    return ", or ".join(_in_en(rule) for rule in rules) or "No rule: only activities recorded with this item count."


_NAMES_JA = {"kind": "種別", "body": "会議体", "roles": "役割", "themes": "テーマ", "needs": "ニーズ"}
_NAMES_EN = {"kind": "kind", "body": "body", "roles": "role", "themes": "theme", "needs": "need"}
_LABELS_JA = {"kind": KIND_JA, "body": BODY_JA, "roles": ROLE_JA, "themes": THEME_JA, "needs": NEED_JA}


def _parts(rule: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Give what a rule asks for, each with the codes of which one is enough."""
    for part in _NAMES_JA:
        asked = rule.get(part)
        if asked:
            yield part, [asked] if isinstance(asked, str) else asked


def _in_ja(rule: Mapping[str, Any]) -> str:
    named = ((part, "か".join(_LABELS_JA[part].get(code, code) for code in codes)) for part, codes in _parts(rule))
    return "・".join(f"{_NAMES_JA[part]} {names}" for part, names in named)


def _in_en(rule: Mapping[str, Any]) -> str:
    named = ((part, " or ".join(code.replace("_", " ") for code in codes)) for part, codes in _parts(rule))
    return "; ".join(f"{_NAMES_EN[part]}: {names}" for part, names in named)
