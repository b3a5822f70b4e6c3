"""Counting rules, by tables."""

from typing import Any

import pytest

from domain.ledger.counting_rules import counts_for, misfit_of

LIAISON = [{"kind": "meeting", "body": "transition_liaison", "roles": ["participate"]}]
TRAINING = [{"kind": "training_event", "themes": ["workforce_development", "case_method"], "roles": ["host"]}]
BACKUP = [{"kind": "backup_consultation", "needs": ["hard_case", "gap"]}, {"kind": "case_conference"}]


def activity(
    kind: str, role: str = "host", body: str | None = None, themes: Any = (), needs: Any = ()
) -> dict[str, Any]:
    return {"kind": kind, "centre_role": role, "body": body, "themes": themes, "needs": needs}


@pytest.mark.parametrize(
    ("rules", "done", "counts"),
    [
        (LIAISON, activity("meeting", "participate", "transition_liaison"), True),
        (LIAISON, activity("meeting", "host", "transition_liaison"), False),
        (LIAISON, activity("meeting", "participate", "council"), False),
        (LIAISON, activity("meeting", "participate"), False),
        (TRAINING, activity("training_event", themes=["case_method", "other"]), True),
        (TRAINING, activity("training_event", themes=["rights_protection"]), False),
        (TRAINING, activity("training_event"), False),
        (BACKUP, activity("backup_consultation", needs=["gap"]), True),
        (BACKUP, activity("backup_consultation", needs=["other"]), False),
        (BACKUP, activity("case_conference", "participate"), True),
        ([{"kind": "office_visit"}], activity("office_visit", "coordinate"), True),
        ([{"kind": "office_visit", "roles": [], "themes": None}], activity("office_visit"), True),
        ([{"kind": "other", "themes": ["operation"]}], activity("other"), False),
        ([{"kind": "other", "themes": ["operation"]}], activity("other", themes=["operation"]), True),
        ([{"kind": "other"}], activity("other"), False),
        ([], activity("meeting"), False),
    ],
)
def test_a_rule_asks_only_for_what_it_names(rules: list[dict[str, Any]], done: dict[str, Any], counts: bool) -> None:
    assert counts_for(rules, **done) is counts


@pytest.mark.parametrize(
    ("rules", "done", "why"),
    [
        (LIAISON, activity("meeting", "host", "transition_liaison"), "other_role"),
        (LIAISON, activity("meeting", "participate", "council"), "other_body"),
        (TRAINING, activity("training_event"), "other_theme"),
        (BACKUP, activity("backup_consultation"), "other_need"),
        (LIAISON, activity("meeting", "participate", "transition_liaison"), "not_linked"),
        (LIAISON, activity("office_visit"), None),
        ([{"kind": "other"}], activity("other"), "other_theme"),
    ],
)
def test_what_does_not_count_says_why(rules: list[dict[str, Any]], done: dict[str, Any], why: str | None) -> None:
    assert misfit_of(rules, **done) == why
