"""The model programme year by year, from the product's own data and without a database."""

import json
from pathlib import Path
from typing import Any

import pytest

import domain
from domain.opening_days import Calendar
from domain.plans.programme_readings import items_read
from domain.plans.work_plan_items import planned_item

DOCUMENT = Path(domain.__file__).parent / "data" / "meguro_work_programme.json"
REQUIRED: dict[str, tuple[int | None, ...]] = {
    "1-(1)": (None,) * 6,
    "1-(2)": (3, 4, 4, 4, 4, 4),
    "2-(1)": (None,) * 6,
    "2-(2)": (None,) * 6,
    "3-(1)": (1, 2, 2, 2, 2, 2),
    "3-(2)": (1, 2, 2, 2, 2, 2),
    "3-(3)": (None,) * 6,
    "3-(4)": (0, 0, 0, 0, 1, 1),
    "3-(5)": (0, None, None, None, None, None),
    "3-(6)": (None,) * 6,
    "3-(7)": (None,) * 6,
    "4-(1)": (3,) * 6,
    "4-(2)": (None,) * 6,
    "5-(1)": (1, 2, 2, 2, 2, 2),
    "5-(2)": (1,) * 6,
    "6-(1)": (None,) * 6,
    "6-(2)": (0, 2, 2, 2, 2, 2),
    "6-(3)": (None,) * 6,
}
"""Required in operation years 1 to 6. Source: seed 003, reading of the merged cells."""
SUPERSEDED: dict[str, tuple[int | None, ...]] = {
    "1-(2)": (6,), "3-(1)": (2, 3), "3-(2)": (2, 3), "6-(2)": (2, 12), "6-(3)": (4,)
}  # fmt: skip


def items() -> dict[str, dict[str, Any]]:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return {item["code"]: item for item in items_read(document["items"])}


@pytest.mark.parametrize("code", REQUIRED)
def test_an_item_requires_what_the_programme_says_for_each_year(code: str) -> None:
    item = items()[code]
    found = tuple(planned_item(item, year, 2024 + year, Calendar())["required_in_year"] for year in range(1, 7))
    assert found == REQUIRED[code]


@pytest.mark.parametrize(("year", "total"), [(1, 10), (2, 16), (3, 16), (4, 16), (5, 17), (6, 17)])
def test_the_totals_are_those_of_the_document(year: int, total: int) -> None:
    planned = [planned_item(item, year, 2024 + year, Calendar()) for item in items().values()]
    assert sum(row["required_in_year"] or 0 for row in planned) == total


def test_superseded_values_are_kept_and_never_planned() -> None:
    for code, item in items().items():
        kept = [phase for phase in item["phases"] if phase["is_superseded"]]
        assert len(kept) == len(SUPERSEDED.get(code, ()))
        assert all(phase["reason"] for phase in kept)
    alone = {**items()["6-(3)"]}
    alone["phases"] = [phase for phase in alone["phases"] if phase["is_superseded"]]
    assert planned_item(alone, 1, 2025, Calendar())["required_in_year"] is None


def test_a_count_for_each_office_leaves_the_number_to_be_decided() -> None:
    item = {**items()["4-(1)"], "phases": [], "frequency_text": "全事業所を年1回訪問"}
    whole = items_read([item])[0]
    planned = planned_item(whole, 1, 2025, Calendar())
    assert (planned["required_in_year"], planned["maximum_in_year"]) == (None, None)


def test_closed_mondays_are_not_required() -> None:
    item = {**items()["4-(1)"], "phases": [], "frequency_text": "毎週月曜日"}
    planned = planned_item(items_read([item])[0], 1, 2025, Calendar())
    assert planned["window_policy"] == "fixed_windows"
    assert planned["required_in_year"] == 42, "52 Mondays in fiscal year 2025, 9 holidays and 29 December"


def test_an_item_that_has_ended_or_has_no_frequency_says_so() -> None:
    item = items()["4-(1)"]
    ended = {**item, "phases": [{**item["phases"][0], "to_year": 2}]}
    planned = planned_item(ended, 3, 2027, Calendar())
    assert (planned["required_in_year"], "3年目" in planned["target_reason"]) == (0, True)
    bare = planned_item({**item, "phases": []}, 1, 2025, Calendar())
    assert (bare["required_in_year"], bool(bare["target_reason"])) == (None, True)
