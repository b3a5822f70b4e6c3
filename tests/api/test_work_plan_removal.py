"""A draft plan that was made wrongly, through HTTP: it goes with all that hangs on it, and is made again."""

from typing import Any

from domain.access import Role
from tests.accounts import Accounts
from tests.meguro import Meguro
from tests.world import World


async def removed(m: Meguro, plan_id: str, headers: dict[str, str], version: int = 1) -> Any:
    return await m.world.client.delete(f"/v1/work_plans/{plan_id}", headers={**headers, "If-Match": f'"{version}"'})


async def test_a_draft_is_removed_and_made_again(world: World, accounts: Accounts) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    items = await m.items(plan_id)
    by_rule = await m.record("peer_gathering", "2026-05-10", visibility="centre")
    named = await m.record("publicity", "2026-06-11", plan_item_ids=[items["6-(2)"]["id"]])
    moved = await m.record("peer_gathering", "2026-05-12", plan_item_ids=[items["6-(1)"]["id"]])
    nowhere = await m.record("peer_gathering", "2026-05-13", plan_item_ids=[])
    await world.client.post(
        f"/v1/work_plans/{plan_id}/items/{items['6-(2)']['id']}/target_revisions",
        headers=m.manager,
        json={"effective_on": "2026-10-01", "to_text": "年3回", "reason": "試験"},
    )
    assert (await m.progress(plan_id, "2026-11-20"))["6-(2)"]["done"] == 2
    cursor = (await world.client.get("/v1/changes", headers=m.ward)).json()["resultset"]["next_cursor"]
    answer = await removed(m, plan_id, m.ward, 2)
    assert answer.status_code == 204, answer.text
    for path in ("", "/items", "/progress", "/steps"):
        assert (await world.client.get(f"/v1/work_plans/{plan_id}{path}", headers=m.manager)).status_code == 404
    for activity_id, chooser in ((by_rule, "rule"), (named, "rule"), (moved, "rule"), (nowhere, "hand")):
        left = (await world.client.get(f"/v1/activities/{activity_id}", headers=m.manager)).json()
        assert (left["plan_items"], left["plan_items_by"]) == ([], chooser)
    changes = (await world.client.get(f"/v1/changes?after={cursor}", headers=m.ward)).json()["results"]
    assert [(one["area"], one["is_deleted"]) for one in changes if one["id"] == plan_id] == [("work_plans", True)]
    assert accounts.trail(plan_id)[-1] == "work_plans.remove"
    again = await m.plan(2026)
    assert again != plan_id
    line = (await m.progress(again, "2026-11-20"))["6-(2)"]
    assert (line["done"], line["evidence"], line["target_text"]) == (2, [moved, by_rule], "年2回")
    counts = await world.client.get("/v1/activity_counts?fiscal_year=2026&group_by=plan_item", headers=m.manager)
    ids = {row["dimensions"]["plan_item"] for row in counts.json()["observations"] if row["value"]}
    assert ids <= {row["id"] for row in (await m.items(again)).values()} | {None}


async def test_a_removed_plan_is_nobodys_year_before(world: World) -> None:
    m = await Meguro.opened(world, texts={"6-(2)": "2月に1回"})
    before, plan_id = await m.plan(2025), await m.plan(2026)
    await m.record("peer_gathering", "2026-03-18")
    assert (await m.progress(plan_id, "2026-04-01"))["6-(2)"]["next_due_on"] == "2026-05-18"
    assert (await removed(m, before, m.manager)).status_code == 204
    assert (await m.progress(plan_id, "2026-04-01"))["6-(2)"]["next_due_on"] == "2026-06-01"
    await m.plan(2025)
    assert (await m.progress(plan_id, "2026-04-01"))["6-(2)"]["next_due_on"] == "2026-05-18"


async def test_only_a_draft_goes_and_only_by_who_may_write_plans(world: World) -> None:
    m, other = await Meguro.opened(world), await Meguro.opened(world)
    plan_id = await m.plan(2026)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=m.centre_id)
    assert (await removed(m, plan_id, staff)).status_code == 403
    for headers in (other.manager, other.ward):
        assert (await removed(m, plan_id, headers)).status_code == 404
    assert (await removed(m, plan_id, m.manager, 7)).status_code == 412
    assert (await world.client.delete(f"/v1/work_plans/{plan_id}", headers=m.manager)).status_code == 428
    adopted = await world.client.post(
        f"/v1/work_plans/{plan_id}/adoptions", headers={**m.manager, "If-Match": '"1"'}, json={"meeting": "運営会議"}
    )
    assert adopted.status_code == 200, adopted.text
    refused = await removed(m, plan_id, m.manager, 2)
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
    assert len(await m.items(plan_id)) == 18
