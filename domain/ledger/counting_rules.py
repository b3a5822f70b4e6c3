"""Counting rules (算入の決まり): which activities count for a plan item when they name none themselves. Pure.

A rule is ``{"kind", "body"?, "roles"?, "themes"?, "needs"?}``; several rules of one item are alternatives.
The proposal for the 18 items of the model programme stands with them in ``data/meguro_work_programme.json``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

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


def rule_text_ja(rule: Mapping[str, Any]) -> str:
    """Say one rule in a line of Japanese, with the codes as they are.

    >>> rule_text_ja({"kind": "meeting", "body": "steering_meeting", "roles": ["host"]})
    '種別 meeting・会議体 steering_meeting・役割 host'
    """
    parts = [f"種別 {rule['kind']}"]
    if rule.get("body"):
        parts.append(f"会議体 {rule['body']}")
    parts += [
        f"{label} {'/'.join(rule[name])}"
        for name, label in (("roles", "役割"), ("themes", "テーマ"), ("needs", "ニーズ"))
        if rule.get(name)
    ]
    return "・".join(parts)
