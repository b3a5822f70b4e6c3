"""The catalogue of metrics names nothing that the ledger and the glossary do not know."""

import csv
from pathlib import Path

from domain.counts.metrics import CATALOGUE, LIAISON_BODIES
from domain.ledger.labels import BODY_JA, KIND_JA, ROLE_JA
from domain.ledger.tables import CENTRE_ROLES, KINDS

ELSEWHERE = {"joint_case_conference", "care_provider_liaison"}
"""Bodies that only the list of meeting bodies in the domain sources names (section 2.2)."""
GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.csv"


def test_every_code_of_a_metric_exists() -> None:
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        terms = {row["identifier"] for row in csv.DictReader(file)}
    kinds = {kind for metric in CATALOGUE.values() for kind in metric.kinds or ()}
    bodies = {body for metric in CATALOGUE.values() for body in metric.bodies or ()}
    assert set(LIAISON_BODIES) <= bodies
    assert kinds <= set(KINDS)
    assert bodies <= set(BODY_JA)
    assert set(BODY_JA) <= terms | ELSEWHERE


def test_every_kind_and_role_has_a_label() -> None:
    assert (tuple(KIND_JA), tuple(ROLE_JA)) == (KINDS, CENTRE_ROLES)


def test_no_meeting_counts_for_two_indicators() -> None:
    of_bodies = [metric.bodies for metric in CATALOGUE.values() if metric.bodies]
    told = [body for bodies in of_bodies for body in bodies]
    assert len(told) == len(set(told))
