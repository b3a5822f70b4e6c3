"""Progress of an item with more activities than its evidence shows: every number stays exact."""

from datetime import date, timedelta

from domain.access import Reach, Role
from domain.ledger import ENTER
from domain.ledger.links import item_link
from domain.ledger.rollups import contribution, difference, writes_of
from domain.statements.columns import new_id
from tests.meguro import Meguro
from tests.world import World, actor


async def enter(world: World, m: Meguro, item_id: str, count: int) -> None:
    """Put so many held activities, a few on each day from 1 April 2026, into the ledger and its rollups."""
    reach = Reach(centres=(m.centre_id,), own_centres=(m.centre_id,), municipalities=(m.ward_id,))
    session, transaction = await world.session(actor(Role.CENTRE_STAFF, reach))
    try:
        for number in range(count):
            day = date(2026, 4, 1) + timedelta(days=number // 2)
            activity = {
                "id": new_id(), "centre_id": m.centre_id, "municipality_id": None, "kind": "liaison_contact",
                "centre_role": "host", "title": "連携", "title_folded": "連携", "status": "held", "held_on": day,
                "occurs_on": day, "month": day.replace(day=1), "format": "onsite", "office_ids": [], "themes": [],
                "needs": [], "purposes": [], "counted_as": [], "visibility": "municipality",
                "disclosure": "unmarked", "sensitivity": "normal", "plan_items_by": "rule", "origin": "imported",
                "participant_count": None, "duration_minutes": None,
            }  # fmt: skip
            activity["planned_on"] = None
            sums = writes_of(difference({}, contribution(activity, [item_id])))
            await session.store((ENTER, activity), item_link(activity, item_id, "rule"), *sums)
        await transaction.commit()
    finally:
        transaction.release()


async def test_more_activities_than_the_evidence_shows_are_all_counted(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["3-(7)"]["id"]
    await enter(world, m, item_id, 260)
    today = (await m.progress(plan_id, "2026-12-31"))["3-(7)"]
    assert (today["done"], len(today["evidence"]), today["last_held_on"]) == (260, 200, "2026-08-08")
    assert today["silent_months"] == ["2026-09", "2026-10", "2026-11"]
    past = (await m.progress(plan_id, "2026-08-03"))["3-(7)"]
    assert (past["done"], past["last_held_on"]) == (250, "2026-08-03")


async def test_every_window_is_judged_by_every_day_however_many(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["3-(7)"]["id"]
    await world.client.post(
        f"/v1/work_plans/{plan_id}/items/{item_id}/target_revisions",
        headers=m.manager,
        json={"effective_on": "2026-04-01", "to_text": "毎月1回以上", "reason": "試験"},
    )
    await enter(world, m, item_id, 260)
    line = (await m.progress(plan_id, "2026-09-01"))["3-(7)"]
    assert (line["missed_windows"], line["pace"], line["due_so_far"]) == ([], "due_soon", 5)
