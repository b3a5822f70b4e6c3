"""The check of both rollups: silent while they are right, exact where one was spoilt, and able to put it right."""

from datetime import date

from domain.access import Reach, Role
from domain.ledger.rollups import ADD_ACTIVITY, ADD_ITEM, ItemKey
from domain.ledger.rollups_check import differences_of, repair_rollups
from tests.meguro import Meguro
from tests.world import World, actor


async def test_rollups_kept_by_the_ledger_agree_with_it(world: World) -> None:
    m = await Meguro.opened(world)
    await m.record("meeting", "2026-04-10", body="steering_meeting", participant_count=5)
    await m.plan(2026)
    await m.record("meeting", "2026-06-10", body="steering_meeting", participant_count=8, duration_minutes=60)
    gone = await m.record("publicity", "2026-06-11")
    await world.client.delete(f"/v1/activities/{gone}", headers={**m.manager, "If-Match": '"1"'})
    maintenance = actor(Role.CENTRE_MANAGER, Reach(centres=(m.centre_id,), own_centres=(m.centre_id,)))
    session, transaction = await world.session(maintenance)
    try:
        assert await differences_of(session, m.centre_id) == []
    finally:
        transaction.release()


async def test_a_spoilt_rollup_is_found_to_the_row_and_put_right(world: World) -> None:
    m = await Meguro.opened(world)
    item_id = (await m.items(await m.plan(2026)))["1-(2)"]["id"]
    await m.record("meeting", "2026-06-10", body="steering_meeting")
    maintenance = actor(Role.CENTRE_MANAGER, Reach(centres=(m.centre_id,), own_centres=(m.centre_id,)))
    session, transaction = await world.session(maintenance)
    try:
        amounts = {"held_count": 1, "participant_count": 0, "duration_minutes": 30}
        place = {"centre_id": m.centre_id, "month": date(2026, 6, 1), "municipality_id": ""}
        await session.run(ADD_ITEM, item_id=item_id, **place, **amounts)
        await session.run(ADD_ACTIVITY, kind="publicity", centre_role="host", **place, **amounts)
        found = await differences_of(session, m.centre_id)
        assert [(one.kept, one.counted) for one in found] == [((1, 0, 30), (0, 0, 0)), ((2, 0, 30), (1, 0, 0))]
        assert isinstance(found[1].key, ItemKey)
        assert await repair_rollups(session, m.centre_id, found) == 2
        assert await differences_of(session, m.centre_id) == []
        assert await repair_rollups(session, m.centre_id, []) == 0
    finally:
        transaction.release()
