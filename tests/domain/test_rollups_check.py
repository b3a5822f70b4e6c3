"""The check of both rollups: silent while they are right, exact where one was spoilt, and able to put it right."""

from datetime import date
from typing import Any

import pytest

from domain.access import Reach, Role
from domain.errors import NotFoundError
from domain.ledger.rollups import ADD_ACTIVITY, ADD_ITEM, ActivityKey, Deltas, ItemKey, in_order, writes_of
from domain.ledger.rollups_check import differences_of, repair_rollups
from tests.meguro import Meguro
from tests.world import World, actor


def looking(m: Meguro) -> dict[str, Any]:
    """Give the centre's own caller and its ward's."""
    centres, places = (m.centre_id,), (m.ward_id,)
    of_ward = Reach(centres=centres, ward_centres=centres, free_centres=centres, municipalities=places)
    return {
        "centre": actor(Role.CENTRE_MANAGER, Reach(centres=centres, own_centres=centres)),
        "ward": actor(Role.WARD_STAFF, of_ward),
    }


def test_writers_and_repairs_write_their_rows_in_one_order() -> None:
    months = (date(2026, 4, 1), date(2026, 10, 1), date(2026, 11, 1))
    activities = [ActivityKey("c", month, "meeting", "host", "", False) for month in months]
    items = [ItemKey("c", item, month, "", False) for item in ("a", "b") for month in months]
    expected = [*activities, *items]
    mixed: Deltas = dict.fromkeys([*reversed(items), *reversed(activities)], (1, 0, 0))
    assert in_order(mixed) == expected
    assert [values["month"] for _, values in writes_of(mixed)] == [key.month for key in expected]
    assert sorted(mixed, key=repr) != expected, "an order by text is another one: October before April"


async def test_rollups_kept_by_the_ledger_agree_with_it(world: World) -> None:
    m = await Meguro.opened(world)
    await m.record("meeting", "2026-04-10", body="steering_meeting", participant_count=5)
    await m.plan(2026)
    await m.record("meeting", "2026-06-10", body="steering_meeting", participant_count=8, duration_minutes=60)
    gone = await m.record("publicity", "2026-06-11")
    await world.client.delete(f"/v1/activities/{gone}", headers={**m.manager, "If-Match": '"1"'})
    hidden = await m.record("meeting", "2026-06-12", body="steering_meeting", visibility="centre", participant_count=3)
    shown = await m.record("publicity", "2026-06-13", visibility="published", participant_count=100)
    for activity_id, visibility in ((hidden, "offices_involved"), (shown, "centre")):
        answer = await world.client.patch(
            f"/v1/activities/{activity_id}", headers={**m.manager, "If-Match": '"1"'}, json={"visibility": visibility}
        )
        assert answer.status_code == 200, answer.text
    for name, looks in looking(m).items():
        session, transaction = await world.session(looks)
        try:
            assert await differences_of(session, m.centre_id) == [], name
        finally:
            transaction.release()


async def test_a_spoilt_rollup_is_found_to_the_row_and_put_right(world: World) -> None:
    m = await Meguro.opened(world)
    item_id = (await m.items(await m.plan(2026)))["1-(2)"]["id"]
    await m.record("meeting", "2026-06-10", body="steering_meeting")
    session, transaction = await world.session(looking(m)["centre"])
    try:
        amounts = {"held_count": 1, "participant_count": 0, "duration_minutes": 30}
        place = {
            "centre_id": m.centre_id,
            "month": date(2026, 6, 1),
            "municipality_id": m.ward_id,
            "is_centre_only": False,
        }
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


async def test_a_sum_that_forgets_what_is_hidden_is_found_and_parted(world: World) -> None:
    m = await Meguro.opened(world)
    await m.record("publicity", "2026-06-10", visibility="centre", participant_count=5)
    callers = looking(m)
    session, transaction = await world.session(callers["centre"])
    try:
        place = {"centre_id": m.centre_id, "month": date(2026, 6, 1), "kind": "publicity", "centre_role": "host"}
        for is_centre_only, sign in ((True, -1), (False, 1)):
            amounts = {"held_count": sign, "participant_count": 5 * sign, "duration_minutes": 0}
            await session.run(
                ADD_ACTIVITY, municipality_id=m.ward_id, is_centre_only=is_centre_only, **place, **amounts
            )
        found = await differences_of(session, m.centre_id)
        assert [(one.key.is_centre_only, one.kept, one.counted) for one in found] == [
            (False, (1, 5, 0), (0, 0, 0)), (True, (0, 0, 0), (1, 5, 0))
        ]  # fmt: skip
        assert await repair_rollups(session, m.centre_id, found) == 2
        assert await differences_of(session, m.centre_id) == []
    finally:
        transaction.release()


async def test_a_ward_writes_no_sum_of_what_it_does_not_see(world: World) -> None:
    m = await Meguro.opened(world)
    session, transaction = await world.session(looking(m)["ward"])
    try:
        with pytest.raises(NotFoundError):
            await session.run(
                ADD_ACTIVITY, centre_id=m.centre_id, month=date(2026, 6, 1), kind="publicity", centre_role="host",
                municipality_id="", is_centre_only=True, held_count=1, participant_count=0, duration_minutes=0,
            )  # fmt: skip
    finally:
        transaction.release()
