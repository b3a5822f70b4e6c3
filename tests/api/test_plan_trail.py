"""What plans and counts leave behind and what they cost: audit rows in the transaction of the effect, round trips."""

from datetime import date
from typing import Any

from domain.access import Reach, Role
from domain.counts import activity_counts as counts
from domain.counts import questions as count_questions
from domain.plans import work_plan_progress
from tests.accounts import Accounts
from tests.meguro import Meguro
from tests.world import World, actor


class Counted:
    """A transaction that counts its round trips for rows."""

    def __init__(self, transaction: Any) -> None:
        self.transaction, self.trips = transaction, 0

    async def rows(self, sql: str, args: Any) -> Any:
        self.trips += 1
        return await self.transaction.rows(sql, args)


async def test_every_change_of_a_plan_leaves_one_audit_row(world: World, accounts: Accounts) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    steps: list[tuple[str, dict[str, str], dict[str, Any]]] = [
        ("adoptions", m.manager, {"meeting": "運営会議"}),
        ("submissions", m.manager, {}),
        ("returns", m.ward, {"reason": "時期を示してください"}),
        ("submissions", m.manager, {}),
        ("approvals", m.ward, {}),
    ]
    for version, (noun, headers, body) in enumerate(steps, start=1):
        answer = await world.client.post(
            f"/v1/work_plans/{plan_id}/{noun}", headers={**headers, "If-Match": f'"{version}"'}, json=body
        )
        assert answer.status_code == 200, answer.text
    note = await world.client.patch(
        f"/v1/work_plans/{plan_id}", headers={**m.manager, "If-Match": '"6"'}, json={"note": "備考"}
    )
    assert note.json()["note"] == "備考"
    assert accounts.trail(plan_id) == [
        "work_plans.generate", "work_plans.adoption", "work_plans.submission", "work_plans.return",
        "work_plans.submission", "work_plans.approval", "work_plans.change",
    ]  # fmt: skip
    item_id = (await m.items(plan_id))["4-(1)"]["id"]
    revision = {"effective_on": "2026-10-01", "to_text": "年4回", "reason": "増やした"}
    path = f"/v1/work_plans/{plan_id}/items/{item_id}"
    assert (await world.client.post(f"{path}/target_revisions", headers=m.manager, json=revision)).status_code == 201
    refused = {**revision, "to_text": "年2回 年3回"}
    assert (await world.client.post(f"{path}/target_revisions", headers=m.manager, json=refused)).status_code == 422
    assert accounts.trail(item_id) == ["work_plans.revise_target"]


async def test_every_change_of_a_programme_leaves_one_audit_row(world: World, accounts: Accounts) -> None:
    m = await Meguro.opened(world)
    listed = await world.client.get("/v1/work_programmes", headers=m.manager)
    programme_id = listed.json()["results"][0]["id"]
    path = f"/v1/work_programmes/{programme_id}"
    await world.client.patch(path, headers={**m.manager, "If-Match": '"1"'}, json={"title": "改題"})
    stale = await world.client.patch(path, headers={**m.manager, "If-Match": '"1"'}, json={"title": "再改題"})
    assert stale.status_code == 412
    item_id = (await world.client.get(path, headers=m.manager)).json()["items"][0]["id"]
    removed = await world.client.delete(f"{path}/items/{item_id}", headers={**m.manager, "If-Match": '"2"'})
    assert removed.status_code == 204
    assert accounts.trail(programme_id) == ["work_programmes.record", "work_programmes.change"]
    assert accounts.trail(item_id) == ["work_programmes.remove_item"]


async def test_an_export_of_counts_is_noted_and_a_look_is_not(world: World, accounts: Accounts) -> None:
    m = await Meguro.opened(world)
    before = accounts.trail("*").count("activity_counts.export")
    await world.client.get("/v1/activity_counts?fiscal_year=2026", headers=m.ward)
    for ending in ("csv", "xlsx", "ndjson"):
        answer = await world.client.get(f"/v1/activity_counts.{ending}?fiscal_year=2026", headers=m.ward)
        assert answer.status_code == 200
    by_accept = {**m.ward, "Accept": "text/csv"}
    assert (await world.client.get("/v1/activity_counts?fiscal_year=2026", headers=by_accept)).status_code == 200
    assert accounts.trail("*").count("activity_counts.export") == before + 4


async def test_progress_takes_two_round_trips_and_counts_one(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    for number in range(1, 9):
        await m.record("publicity", f"2026-05-0{number}")
    reach = Reach(centres=(m.centre_id,), own_centres=(m.centre_id,), municipalities=(m.ward_id,))
    session, transaction = await world.session(actor(Role.CENTRE_STAFF, reach), write=False)
    counting = Counted(transaction)
    session._transaction = counting  # type: ignore[assignment]
    try:
        progress = await work_plan_progress.progress_of(session, plan_id, on=date(2026, 11, 20))
        assert (len(progress["items"]), counting.trips) == (18, 2)
        counting.trips = 0
        asked = {"from": "2026-04", "to": "2027-03", "centre_id": m.centre_id}
        found = await counts.counts_of(session, count_questions.question_of(asked, date(2026, 11, 20)))
        assert (found.totals["held_count"], counting.trips) == (8, 1)
    finally:
        transaction.release()
