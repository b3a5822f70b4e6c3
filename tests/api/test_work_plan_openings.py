"""The year in which a centre opens, through HTTP: items and progress tell the same, and nothing is cut down unasked."""

from datetime import date

import pytest

from tests.meguro import Meguro
from tests.world import World

TEXTS = {
    "1-(2)": "四半期ごと", "3-(1)": "毎月1回", "3-(2)": "偶数月", "4-(1)": "月2回", "5-(1)": "2月に1回", "5-(2)": "年4回",
}  # fmt: skip


@pytest.mark.parametrize(
    ("opened_on", "required", "asks"),
    [
        (date(2025, 10, 1), [2, 6, 3, 12, 3, 4], True),
        (date(2025, 4, 1), [4, 12, 6, 24, 6, 4], False),
        (date(2024, 10, 1), [4, 12, 6, 24, 6, 4], False),
    ],
)
async def test_items_and_progress_require_the_same_in_the_opening_year(
    world: World, opened_on: date, required: list[int], asks: bool
) -> None:
    m = await Meguro.opened(world, opened_on, texts=TEXTS)
    plan_id = await m.plan(2025)
    items, progress = await m.items(plan_id), await m.progress(plan_id, "2026-03-31")
    for rows in (items, progress):
        assert [rows[code]["required_in_year"] for code in TEXTS] == required
        assert [code for code in TEXTS if rows[code]["decision_needed"]] == (["5-(2)"] if asks else [])
    assert {code: row["required_in_year"] for code, row in items.items()} == {
        code: row["required_in_year"] for code, row in progress.items()
    }


async def test_a_revision_decides_on_the_number_of_the_opening_year(world: World) -> None:
    m = await Meguro.opened(world, date(2025, 10, 1), texts=TEXTS)
    plan_id = await m.plan(2025)
    item = (await m.items(plan_id))["5-(2)"]
    answer = await world.client.post(
        f"/v1/work_plans/{plan_id}/items/{item['id']}/target_revisions",
        headers=m.manager,
        json={"effective_on": "2025-10-01", "to_text": "年2回", "reason": "開設が10月のため"},
    )
    assert answer.status_code == 201, answer.text
    for row in ((await m.items(plan_id))["5-(2)"], (await m.progress(plan_id, "2026-01-01"))["5-(2)"]):
        assert (row["required_in_year"], row["decision_needed"]) == (2, False)
    assert (await m.progress(plan_id, "2026-01-01"))["5-(2)"]["due_so_far"] == 1
