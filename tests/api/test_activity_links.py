"""What an activity counts for: by rule, by hand, for the municipality it is for, and with whom."""

from typing import Any

from domain.access import Role
from tests.accounts import Accounts
from tests.meguro import Meguro
from tests.world import World

Told = dict[str, Any]


class Desk:
    """A manager at work: records, changes and reads activities."""

    def __init__(self, world: World, headers: dict[str, str]) -> None:
        self.client, self.headers = world.client, headers

    async def post(self, path: str, expected: int = 201, **body: Any) -> Told:
        answer = await self.client.post(f"/v1/{path}", headers=self.headers, json=body)
        assert answer.status_code == expected, answer.text
        told: Told = answer.json()
        return told

    async def patch(self, path: str, version: int, expected: int = 200, **body: Any) -> Told:
        headers = {**self.headers, "If-Match": f'"{version}"'}
        answer = await self.client.patch(f"/v1/{path}", headers=headers, json=body)
        assert answer.status_code == expected, answer.text
        told: Told = answer.json()
        return told

    async def listed(self, path: str, **query: Any) -> list[str]:
        answer = await self.client.get(f"/v1/{path}", headers=self.headers, params=query)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["results"]]


async def visited(world: World) -> tuple[Meguro, Desk, Told, dict[str, str]]:
    """Give a centre with a plan and a visit recorded in it, and the ids of the plan's items by code."""
    m = await Meguro.opened(world)
    items = {code: item["id"] for code, item in (await m.items(await m.plan(2026))).items()}
    desk = Desk(world, m.manager)
    office = await world.office(m.ward_id)
    return m, desk, await desk.post("office_visits", office_id=office, held_on="2026-06-10"), items


async def test_links_taken_away_by_hand_stay_away_until_the_rules_are_asked_again(world: World) -> None:
    m, desk, visit, items = await visited(world)
    assert (visit["plan_items_by"], visit["plan_items"]) == ("rule", [{"item_id": items["3-(7)"], "linked_by": "rule"}])
    path = f"office_visits/{visit['id']}"
    none = await desk.patch(path, 1, plan_item_ids=[])
    assert (none["plan_items_by"], none["plan_items"]) == ("hand", [])
    later = await desk.patch(path, 2, findings="追記")
    assert (later["plan_items_by"], later["plan_items"]) == ("hand", [])
    plans = (await m.world.client.get("/v1/work_plans", headers=m.manager)).json()["results"]
    assert (await desk.post(f"work_plans/{plans[0]['id']}/links", 200))["links_changed"] == 0
    assert (await m.progress(plans[0]["id"], "2026-06-30"))["3-(7)"]["done"] == 0
    back = await desk.patch(path, 3, plan_item_ids=None)
    assert (back["plan_items_by"], back["plan_items"]) == ("rule", visit["plan_items"])
    assert (await m.progress(plans[0]["id"], "2026-06-30"))["3-(7)"]["done"] == 1


async def test_items_named_later_are_told_from_those_the_recorder_named(world: World, accounts: Accounts) -> None:
    m, desk, _, items = await visited(world)
    office = await world.office(m.ward_id, "別の相談室")
    named = await desk.post("office_visits", office_id=office, held_on="2026-06-11", plan_item_ids=[items["3-(7)"]])
    assert named["plan_items"] == [{"item_id": items["3-(7)"], "linked_by": "named"}]
    both = await desk.patch(f"office_visits/{named['id']}", 1, plan_item_ids=[items["3-(7)"], items["4-(2)"]])
    by = {link["item_id"]: link["linked_by"] for link in both["plan_items"]}
    assert by == {items["3-(7)"]: "named", items["4-(2)"]: "corrected"}
    kept = await desk.patch(f"office_visits/{named['id']}", 2, message="お疲れさまでした。")
    assert {link["item_id"]: link["linked_by"] for link in kept["plan_items"]} == by
    assert accounts.trail(named["id"]) == ["office_visits.record", "office_visits.change", "office_visits.change"]


async def test_a_plan_made_by_the_ward_counts_what_the_centre_has_done(world: World) -> None:
    m = await Meguro.opened(world)
    await m.record("liaison_contact", "2026-05-11")
    await m.record("liaison_contact", "2026-05-12", visibility="centre")
    made = await world.client.post(
        "/v1/work_plans", headers=m.ward, json={"centre_id": m.centre_id, "fiscal_year": 2026}
    )
    assert made.status_code == 201, made.text
    assert (await m.progress(made.json()["id"], "2026-05-31"))["3-(7)"]["done"] == 2
    assert (await m.progress(made.json()["id"], "2026-05-31", m.ward))["3-(7)"]["done"] == 1


async def test_who_misses_an_item_by_a_hair_is_told_so(world: World) -> None:
    _, desk, _, _ = await visited(world)
    liaison = {"kind": "meeting", "title": "連絡会", "body": "transition_liaison", "held_on": "2026-06-10"}
    missed = await desk.post("activities", **liaison)
    assert [(w["code"], w["pointer"]) for w in missed["warnings"]] == [("counts_for_no_item", "/centre_role")]
    met = await desk.post("activities", **liaison, centre_role="participate")
    assert met["warnings"] == []
    assert len(met["plan_items"]) == 1
    elsewhere = await desk.post("activities", **{**liaison, "kind": "publicity", "body": None})
    assert elsewhere["warnings"] == []


async def test_a_centre_of_one_municipality_works_for_that_one(world: World) -> None:
    m, desk, _, _ = await visited(world)
    alone = await desk.post("activities", kind="meeting", title="会議", held_on="2026-06-10")
    assert (alone["municipality_id"], alone["month"]) == (m.ward_id, "2026-06")
    assert (await world.client.get(f"/v1/activities/{alone['id']}", headers=m.ward)).json() == {
        **{name: value for name, value in alone.items() if name != "warnings"}
    }
    wards = [await world.municipality(), await world.municipality()]
    joint_centre = await world.centre(*wards)
    joint = Desk(world, await world.sign_in(Role.CENTRE_MANAGER, centre_id=joint_centre))
    both = await joint.post("activities", kind="meeting", title="会議", held_on="2026-06-10")
    assert both["municipality_id"] is None


async def test_who_took_part_is_counted_in_every_area_unless_a_number_is_said(world: World) -> None:
    m, desk, _, _ = await visited(world)
    offices = [await world.office(m.ward_id, name) for name in ("甲", "乙")]
    links = [
        {"office_id": offices[0], "participant_count": 4},
        {"office_id": offices[1], "participant_count": 2, "attendance": "absent"},
    ]
    group = await desk.post("supervision_sessions", session_type="group", held_on="2026-06-10", offices=links)
    assert group["participant_count"] == 4
    path = f"supervision_sessions/{group['id']}"
    came = [links[0], {**links[1], "attendance": "present"}]
    assert (await desk.patch(path, 1, offices=came))["participant_count"] == 6
    assert (await desk.patch(path, 2, participant_count=9))["participant_count"] == 9
    assert (await desk.patch(path, 3, offices=links))["participant_count"] == 9
    planned = await desk.post("activities", kind="meeting", title="会議", planned_on="2026-06-20", offices=links)
    assert planned["participant_count"] is None
    held = await desk.patch(f"activities/{planned['id']}", 1, held_on="2026-06-21")
    assert held["participant_count"] == 4
    counted = await world.client.get(
        "/v1/activity_counts", headers=m.manager,
        params={"from": "2026-06", "to": "2026-06", "group_by": "kind", "metric": "participant_count"},
    )  # fmt: skip
    values = {one["dimensions"]["kind"]: one["value"] for one in counted.json()["observations"]}
    assert (values["supervision_session"], values["meeting"]) == (9, 4)


async def test_what_took_place_gives_no_reason_for_not_taking_place(world: World) -> None:
    m, desk, _, _ = await visited(world)
    office = await world.office(m.ward_id, "丙")
    away = await desk.post(
        "office_visits", office_id=office, planned_on="2026-06-10", status="postponed", status_reason="台風のため"
    )
    held = await desk.patch(f"office_visits/{away['id']}", 1, held_on="2026-06-17")
    assert (held["status"], held["status_reason"]) == ("held", None)
    refused = await desk.post("office_visits", 422, office_id=office, held_on="2026-06-17", status_reason="台風のため")
    assert [(e["code"], e["pointer"]) for e in refused["errors"]] == [("reason_not_needed", "/status_reason")]


async def test_follow_ups_and_the_activities_of_an_item_are_found_by_a_filter(world: World) -> None:
    m, desk, visit, items = await visited(world)
    after = await desk.post(
        "activities", kind="liaison_contact", title="電話", held_on="2026-06-12", follow_up_of_id=visit["id"]
    )
    assert await desk.listed("activities", follow_up_of_id=visit["id"]) == [after["id"]]
    assert await desk.listed("activities", plan_item_id=items["3-(7)"]) == [after["id"], visit["id"]]
    assert await desk.listed("office_visits", plan_item_id=items["3-(7)"]) == [visit["id"]]
    stranger = Desk(world, (await Meguro.opened(world)).manager)
    assert await stranger.listed("activities", plan_item_id=items["3-(7)"]) == []
    office = Desk(world, await world.sign_in(Role.OFFICE_USER, municipality_id=m.ward_id, office_id=visit["office_id"]))
    assert await office.listed("office_visits") == [visit["id"]]
    assert await office.listed("office_visits", plan_item_id=items["3-(7)"]) == []


async def test_a_change_that_says_nothing_new_leaves_everything_as_it_is(world: World, accounts: Accounts) -> None:
    _, desk, visit, _ = await visited(world)
    meeting = await desk.post("activities", kind="meeting", title="会議", held_on="2026-06-10")
    dates = [{"held_on": "2026-06-10", "starts_at": "09:00", "ends_at": "12:00"}]
    training = await desk.post("training_events", category="other", theme="研修", dates=dates)
    for noun, row in (("office_visits", visit), ("activities", meeting), ("training_events", training)):
        path = f"{noun}/{row['id']}"
        for same in ({}, {"title": row["title"], "held_on": row["held_on"], "themes": row["themes"]}):
            assert await desk.patch(path, 1, **same) == row | {"warnings": []}
        await desk.patch(path, 2, 412, title=row["title"])
        assert accounts.trail(row["id"]) == [f"{noun}.record"]
        assert (await desk.patch(path, 1, title="別の題名"))["version"] == 2
