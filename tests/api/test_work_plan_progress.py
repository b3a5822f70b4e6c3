"""Progress of a plan through HTTP: what recording does to it, and what it never does."""

from datetime import date
from typing import Any

from domain.access import Role
from tests.meguro import Meguro, programme
from tests.world import World


async def training(m: Meguro, held_on: str, category: str, **more: Any) -> str:
    body = {"theme": "研修", "centre_id": m.centre_id, "held_on": held_on, "category": category, **more}
    answer = await m.world.client.post("/v1/training_events", headers=m.manager, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_holding_a_meeting_moves_done_due_and_evidence(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    before = (await m.progress(plan_id, "2026-11-20"))["1-(2)"]
    assert (before["done"], before["pace"], before["next_due_on"]) == (0, "behind", "2026-07-01")
    first = await m.record("meeting", "2026-06-10", body="steering_meeting")
    second = await m.record("meeting", "2026-09-09", body="steering_meeting")
    after = (await m.progress(plan_id, "2026-11-20"))["1-(2)"]
    assert (after["done"], after["remaining"], after["pace"]) == (2, 2, "due_soon")
    assert (after["last_held_on"], after["next_due_on"]) == ("2026-09-09", "2026-12-09")
    assert after["evidence"] == [second, first]
    assert after["pace_ja"] == "期限間近"
    late = (await m.progress(plan_id, "2026-12-10"))["1-(2)"]
    assert (late["pace"], late["next_due_on"]) == ("behind", "2026-12-09")


async def test_participation_counts_where_the_centre_participates_and_hosting_does_not(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await m.record("meeting", "2026-06-10", body="transition_liaison", centre_role="host")
    assert (await m.progress(plan_id, "2026-11-20"))["4-(1)"]["done"] == 0
    await m.record("meeting", "2026-06-11", body="transition_liaison", centre_role="participate")
    line = (await m.progress(plan_id, "2026-11-20"))["4-(1)"]
    assert (line["done"], line["due_so_far"], line["pace"], line["next_due_on"]) == (1, 1, "due_soon", "2026-11-30")


async def test_a_planned_activity_is_shown_and_not_counted(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await m.record("peer_gathering", planned_on="2027-02-03")
    line = (await m.progress(plan_id, "2026-11-20"))["6-(2)"]
    assert (line["done"], line["planned"], line["next_planned_on"], line["evidence"]) == (0, 1, "2027-02-03", [])


async def test_as_needed_is_never_behind_and_shows_volume_and_silence(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await m.record("backup_consultation", "2026-05-12")
    await m.record("backup_consultation", "2026-07-01", needs=["gap"])
    items = await m.progress(plan_id, "2026-10-31")
    line = items["2-(1)"]
    assert (line["done"], line["pace"], line["required_in_year"], line["due_so_far"]) == (2, "no_target", None, None)
    assert line["last_held_on"] == "2026-07-01"
    assert line["silent_months"] == ["2026-04", "2026-06", "2026-08", "2026-09"]
    assert items["2-(2)"]["done"] == 1
    for on in ("2026-04-01", "2027-03-31", "2027-04-01", "2029-01-01"):
        assert (await m.progress(plan_id, on))["2-(1)"]["pace"] == "no_target"


async def test_suspended_undetermined_and_not_begun_items_owe_nothing(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2024)
    items = await m.progress(plan_id, "2025-04-01")
    suspended = items["6-(2)"]
    assert (suspended["pace"], suspended["required_in_year"], suspended["remaining"]) == ("suspended", 0, 0)
    assert suspended["reason"]
    undecided = items["6-(3)"]
    assert (undecided["pace"], undecided["required_in_year"], undecided["decision_needed"]) == (
        "undetermined", None, True
    )  # fmt: skip
    later = items["3-(4)"]
    assert (later["pace"], later["pace_ja"], later["required_in_year"]) == ("not_started", "未開始", 0)
    designation = later["lead_times"][0]
    assert (designation["starts_on"], designation["due_on"]) == ("2027-04-01", "2028-04-01")


async def test_before_the_year_nothing_is_due_and_after_it_everything(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    early = (await m.progress(plan_id, "2026-03-31"))["4-(1)"]
    assert (early["pace"], early["due_so_far"], early["required_in_year"]) == ("not_started", 0, 3)
    first = (await m.progress(plan_id, "2026-04-01"))["4-(1)"]
    assert (first["pace"], first["due_so_far"], first["next_due_on"]) == ("on_track", 0, "2026-07-31")
    last = (await m.progress(plan_id, "2027-03-31"))["4-(1)"]
    assert (last["pace"], last["due_so_far"]) == ("behind", 2)
    over = (await m.progress(plan_id, "2027-04-01"))["4-(1)"]
    assert (over["pace"], over["due_so_far"], over["remaining"]) == ("behind", 3, 3)


async def test_the_sub_quota_on_case_method_is_counted_by_theme(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await training(m, "2026-05-20", "workforce_development")
    quota = (await m.progress(plan_id, "2026-11-20"))["3-(1)"]["sub_quotas"][0]
    assert (quota["done"], quota["remaining"]) == (0, 1)
    await training(m, "2026-10-20", "workforce_development", is_case_method=True)
    line = (await m.progress(plan_id, "2026-11-20"))["3-(1)"]
    assert (line["sub_quotas"][0]["done"], line["sub_quotas"][0]["remaining"], line["pace"]) == (1, 0, "achieved")
    await training(m, "2026-11-10", "workforce_development")
    assert (await m.progress(plan_id, "2026-11-20"))["3-(1)"]["pace"] == "achieved", "2回以上 has no maximum"
    await training(m, "2026-06-01", "abuse_prevention")
    await training(m, "2026-06-02", "abuse_prevention")
    line = (await m.progress(plan_id, "2026-11-20"))["5-(2)"]
    assert (line["done"], line["maximum"], line["pace"]) == (2, 1, "exceeded")


async def test_a_lead_time_of_three_months_makes_an_item_due_soon(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    paces = [(await m.progress(plan_id, on))["3-(2)"]["pace"] for on in ("2026-06-15", "2026-06-16")]
    assert paces == ["on_track", "due_soon"]
    line = (await m.progress(plan_id, "2026-06-16"))["3-(2)"]
    assert line["lead_times"][0]["starts_on"] == "2026-06-30"


async def test_a_revision_never_changes_the_past(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await m.record("meeting", "2026-06-11", body="transition_liaison", centre_role="participate")
    days = ("2026-08-01", "2026-09-30")
    before = [(await m.progress(plan_id, on))["4-(1)"] for on in days]
    item_id = before[0]["item_id"]
    for effective_on, to_text in (("2026-10-01", "年6回"), ("2026-11-01", "中止")):
        answer = await world.client.post(
            f"/v1/work_plans/{plan_id}/items/{item_id}/target_revisions",
            headers=m.manager,
            json={"effective_on": effective_on, "to_text": to_text, "reason": "変更"},
        )
        assert answer.status_code == 201, answer.text
    assert [(await m.progress(plan_id, on))["4-(1)"] for on in days] == before
    october = (await m.progress(plan_id, "2026-10-01"))["4-(1)"]
    assert (october["required_in_year"], october["due_so_far"], october["pace"]) == (6, 1, "on_track")
    november = (await m.progress(plan_id, "2026-11-20"))["4-(1)"]
    assert (november["pace"], november["required_in_year"], november["reason"]) == ("suspended", 0, "変更")


async def test_closed_windows_keep_the_target_of_their_time(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["6-(2)"]["id"]
    for effective_on, to_text in (("2026-04-01", "毎月1回"), ("2026-07-15", "四半期ごと")):
        await world.client.post(
            f"/v1/work_plans/{plan_id}/items/{item_id}/target_revisions",
            headers=m.manager,
            json={"effective_on": effective_on, "to_text": to_text, "reason": "変更"},
        )
    for held_on in ("2026-04-10", "2026-06-10", "2026-08-10"):
        await m.record("peer_gathering", held_on)
    line = (await m.progress(plan_id, "2026-11-20"))["6-(2)"]
    assert [one["from"] for one in line["missed_windows"]] == ["2026-05-01"]
    assert (line["required_in_year"], line["due_so_far"], line["pace"]) == (6, 4, "behind")
    assert line["next_due_on"] == "2026-12-31"


async def test_deleting_and_cancelling_take_an_activity_out_again(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    activity_id = await m.record("peer_gathering", "2026-05-10")
    assert (await m.progress(plan_id, "2026-11-20"))["6-(2)"]["done"] == 1
    path = f"/v1/activities/{activity_id}"
    await world.client.delete(path, headers={**m.manager, "If-Match": '"1"'})
    line = (await m.progress(plan_id, "2026-11-20"))["6-(2)"]
    assert (line["done"], line["evidence"], line["last_held_on"]) == (0, [], None)


async def test_an_earlier_day_inside_a_month_counts_only_what_was_held_by_then(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    for held_on in ("2026-05-01", "2026-05-20", "2026-06-01"):
        await m.record("backup_consultation", held_on)
    for on, done in (("2026-04-30", 0), ("2026-05-01", 1), ("2026-05-19", 1), ("2026-05-20", 2), ("2026-11-20", 3)):
        line = (await m.progress(plan_id, on))["2-(1)"]
        assert (line["done"], len(line["evidence"])) == (done, done), on


async def test_activities_recorded_before_the_plan_was_made_count_too(world: World) -> None:
    m = await Meguro.opened(world)
    await m.record("meeting", "2026-06-10", body="steering_meeting", duration_minutes=90)
    await m.record("meeting", "2025-06-10", body="steering_meeting")
    plan_id = await m.plan(2026)
    assert (await m.progress(plan_id, "2026-11-20"))["1-(2)"]["done"] == 1


async def test_new_counting_rules_link_the_year_anew_and_leave_named_links(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    items = await m.items(plan_id)
    await m.record("meeting", "2026-06-10", body="steering_meeting")
    named = await m.record("publicity", "2026-06-11", plan_item_ids=[items["1-(2)"]["id"]])
    path = f"/v1/work_plans/{plan_id}/items/{items['1-(2)']['id']}"
    version = (await world.client.get(path, headers=m.manager)).headers["etag"]
    changed = await world.client.patch(
        path, headers={**m.manager, "If-Match": version}, json={"counting_rules": [{"kind": "peer_gathering"}]}
    )
    assert changed.status_code == 200, changed.text
    line = (await m.progress(plan_id, "2026-11-20"))["1-(2)"]
    assert (line["done"], line["evidence"]) == (1, [named])
    again = await world.client.post(f"/v1/work_plans/{plan_id}/links", headers=m.manager, json={})
    assert again.json() == {"links_changed": 0}
    assert (await world.client.post(f"/v1/work_plans/{plan_id}/links", headers=m.ward, json={})).status_code == 403


async def test_a_ward_counts_its_own_and_joint_activities_and_is_told_so(world: World) -> None:
    first, second = await world.municipality("宇土市"), await world.municipality("宇城市")
    centre_id = await world.centre(first, second, opened_on=date(2024, 4, 1))
    m = Meguro(world, first, centre_id)
    m.manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre_id)
    wards = [await world.sign_in(Role.WARD_STAFF, municipality_id=one) for one in (first, second)]
    await world.client.post("/v1/work_programmes", headers=m.manager, json=programme(centre_id))
    plan_id = await m.plan(2026)
    await m.record("backup_consultation", "2026-05-01", municipality_id=first)
    await m.record("backup_consultation", "2026-05-02", municipality_id=first)
    await m.record("backup_consultation", "2026-05-03", municipality_id=second)
    await m.record("backup_consultation", "2026-05-04")
    done = [(await m.progress(plan_id, "2026-11-20", h))["2-(1)"]["done"] for h in (m.manager, *wards)]
    assert done == [4, 3, 2]
    answer = await world.client.get(f"/v1/work_plans/{plan_id}/progress", headers=wards[0])
    assert answer.json()["covers"] == "own_and_joint"


async def test_a_wards_progress_leaves_out_what_the_centre_keeps_to_itself_on_every_day(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await m.record("backup_consultation", "2026-05-01", visibility="centre")
    shown = await m.record("backup_consultation", "2026-05-20")
    hidden = await m.record("backup_consultation", "2026-06-01", visibility="centre", municipality_id=m.ward_id)
    for on, whole, seen in (("2026-05-01", 1, 0), ("2026-05-31", 2, 1), ("2026-06-01", 3, 1), ("2027-03-31", 3, 1)):
        for headers, done in ((m.manager, whole), (m.ward, seen)):
            line = (await m.progress(plan_id, on, headers))["2-(1)"]
            assert (line["done"], len(line["evidence"])) == (done, done), on
    line = (await m.progress(plan_id, "2026-11-20", m.ward))["2-(1)"]
    assert (line["evidence"], line["last_held_on"]) == ([shown], "2026-05-20")
    assert "2026-06" in line["silent_months"]
    answer = await world.client.patch(
        f"/v1/activities/{hidden}", headers={**m.manager, "If-Match": '"1"'}, json={"visibility": "municipality"}
    )
    assert answer.status_code == 200, answer.text
    line = (await m.progress(plan_id, "2026-11-20", m.ward))["2-(1)"]
    assert (line["done"], line["evidence"], "2026-06" in line["silent_months"]) == (2, [hidden, shown], False)


async def test_links_made_anew_keep_apart_what_a_ward_does_not_see(world: World) -> None:
    m = await Meguro.opened(world)
    for held_on, visibility in (("2026-06-10", "centre"), ("2026-06-11", "municipality")):
        await m.record("meeting", held_on, body="steering_meeting", visibility=visibility)
    plan_id = await m.plan(2026)
    done = [(await m.progress(plan_id, "2026-11-20", headers))["1-(2)"]["done"] for headers in (m.manager, m.ward)]
    assert done == [2, 1]


async def test_progress_has_a_summary_and_is_not_sent_twice(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    path = f"/v1/work_plans/{plan_id}/progress?on=2026-11-20"
    first = await world.client.get(path, headers=m.ward)
    assert first.json()["summary"]["required_in_year"] == 16
    assert sum(first.json()["summary"]["by_pace"].values()) == 18
    assert (first.json()["closed_months"], first.json()["covers"]) == (7, "own_and_joint")
    again = await world.client.get(path, headers={**m.ward, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


async def test_the_number_of_ids_in_the_evidence_is_bounded(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    for number in range(1, 4):
        await m.record("liaison_contact", f"2026-05-0{number}")
    answer = await world.client.get(f"/v1/work_plans/{plan_id}/progress?evidence_limit=2", headers=m.manager)
    line = next(one for one in answer.json()["items"] if one["code"] == "3-(7)")
    assert (line["done"], len(line["evidence"])) == (3, 2)
    refused = await world.client.get(f"/v1/work_plans/{plan_id}/progress?evidence_limit=201", headers=m.manager)
    assert refused.status_code == 422
