"""Yearly work plans through HTTP: generation by operation year, the way to approval, target revisions."""

import json
from base64 import urlsafe_b64decode
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.access import Role
from domain.credentials import Assignment, SignInSession
from tests.meguro import Meguro
from tests.world import World


@pytest.mark.parametrize(("fiscal_year", "total"), [(2024, 10), (2025, 16), (2027, 16), (2028, 17), (2030, 17)])
async def test_the_countable_minimum_follows_the_operation_year(world: World, fiscal_year: int, total: int) -> None:
    m = await Meguro.opened(world)
    items = await m.items(await m.plan(fiscal_year))
    assert sum(item["required_in_year"] or 0 for item in items.values()) == total


async def test_the_first_year_says_what_is_suspended_undecided_open_and_not_begun(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2024)
    items = await m.items(plan_id)
    gathering = items["6-(2)"]
    assert (gathering["target"]["reading"]["kind"], gathering["required_in_year"]) == ("suspended", 0)
    assert gathering["reason"]
    liaison = items["6-(3)"]
    assert (liaison["required_in_year"], liaison["decision_needed"]) == (None, True)
    backup = items["2-(1)"]
    assert (backup["target"]["text"], backup["target"]["window_policy"], backup["required_in_year"]) == (
        "随時", None, None
    )  # fmt: skip
    statutory = items["3-(4)"]
    assert (statutory["target"], statutory["required_in_year"], statutory["is_started"]) == (None, 0, False)
    assert "5年目" in statutory["reason"]
    rights = items["5-(1)"]
    assert (rights["target"]["text"], [one["text"] for one in rights["other_targets"]]) == ("年1回", ["随時"])
    assert rights["applies_to_contents"] == [0, 1]
    assert items["3-(2)"]["lead_times"][0]["months_before"] == 3
    assert items["3-(1)"]["sub_quotas"][0]["theme_code"] == "case_method"
    assert items["3-(6)"]["centre_role"] == "participate"
    plan = (await world.client.get(f"/v1/work_plans/{plan_id}", headers=m.ward)).json()
    assert (plan["operation_year"], plan["label_ja"], plan["status"]) == (1, "令和6年度", "draft")


async def test_the_role_of_the_centre_grows_with_the_years(world: World) -> None:
    m = await Meguro.opened(world)
    roles = [(await m.items(await m.plan(year)))["3-(6)"]["centre_role"] for year in (2025, 2026)]
    assert roles == ["secretariat", "joint_secretariat"]
    second = (await m.items(await m.plan(2027)))["1-(2)"]
    assert (second["target"]["text"], second["target"]["window_policy"], second["required_in_year"]) == (
        "3月に1回", "rolling", 4
    )  # fmt: skip


async def test_two_centres_with_one_programme_differ_by_their_opening(world: World) -> None:
    older, newer = await Meguro.opened(world, date(2022, 4, 1)), await Meguro.opened(world, date(2025, 10, 1))
    totals = []
    for m in (older, newer):
        items = await m.items(await m.plan(2026))
        totals.append(sum(item["required_in_year"] or 0 for item in items.values()))
    assert totals == [17, 16]


async def test_a_plan_is_refused_twice_before_the_opening_and_without_a_programme(world: World) -> None:
    m = await Meguro.opened(world)
    await m.plan(2026)
    for fiscal_year, status, code in ((2026, 409, "plan_exists"), (2023, 422, "before_opening")):
        body = {"centre_id": m.centre_id, "fiscal_year": fiscal_year}
        answer = await world.client.post("/v1/work_plans", headers=m.manager, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    bare = await world.centre(m.ward_id)
    closed = await world.centre(m.ward_id, closed_on=date(2025, 3, 31))
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=m.ward_id)
    for centre_id, code in ((bare, "no_programme"), (closed, "after_closing")):
        body = {"centre_id": centre_id, "fiscal_year": 2026}
        answer = await world.client.post("/v1/work_plans", headers=ward, json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_plans_are_listed_by_centre_and_year(world: World) -> None:
    m = await Meguro.opened(world)
    first, second = await m.plan(2025), await m.plan(2026)
    listed = await world.client.get(f"/v1/work_plans?centre_id={m.centre_id}", headers=m.ward)
    assert [row["id"] for row in listed.json()["results"]] == [second, first]
    one = await world.client.get(f"/v1/work_plans?centre_id={m.centre_id}&fiscal_year=2025", headers=m.ward)
    assert [row["id"] for row in one.json()["results"]] == [first]
    csv = await world.client.get("/v1/work_plans.csv", headers=m.ward)
    assert csv.status_code == 200


async def step(m: Meguro, plan_id: str, noun: str, headers: dict[str, str], version: int, **body: Any) -> Any:
    return await m.world.client.post(
        f"/v1/work_plans/{plan_id}/{noun}", headers={**headers, "If-Match": f'"{version}"'}, json=body
    )


async def test_a_plan_goes_from_the_meeting_to_the_ward_and_back(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    assert (await step(m, plan_id, "submissions", m.manager, 1)).json()["code"] == "wrong_state"
    adopted = await step(m, plan_id, "adoptions", m.manager, 1, meeting="第4回基幹運営会議")
    assert adopted.status_code == 200, adopted.text
    assert adopted.json()["may"] == {
        "adopt": False, "submit": True, "approve": False, "return": False, "revise_targets": True
    }  # fmt: skip
    assert (await step(m, plan_id, "submissions", m.ward, 2)).status_code == 403
    assert (await step(m, plan_id, "submissions", m.manager, 1)).status_code == 412
    submitted = await step(m, plan_id, "submissions", m.manager, 2)
    assert submitted.json()["status"] == "submitted"
    assert (await step(m, plan_id, "approvals", m.manager, 3)).status_code == 403
    assert (await step(m, plan_id, "returns", m.ward, 3)).status_code == 422, "a return needs its reason"
    blank = await step(m, plan_id, "returns", m.ward, 3, reason="  ")
    assert (blank.status_code, blank.json()["code"]) == (422, "reason_required")
    returned = await step(m, plan_id, "returns", m.ward, 3, reason="3-(1)の時期を示してください")
    assert returned.json()["status"] == "returned"
    assert (await step(m, plan_id, "submissions", m.manager, 4)).status_code == 200
    approved = await step(m, plan_id, "approvals", m.ward, 5)
    assert (approved.json()["status"], approved.json()["version"]) == ("approved", 6)
    steps = (await world.client.get(f"/v1/work_plans/{plan_id}/steps", headers=m.ward)).json()["results"]
    assert [one["kind"] for one in steps] == ["adoption", "submission", "return", "submission", "approval"]
    assert (steps[0]["meeting"], steps[2]["note"]) == ("第4回基幹運営会議", "3-(1)の時期を示してください")
    unmatched = await world.client.post(f"/v1/work_plans/{plan_id}/returns", headers=m.ward, json={"reason": "x"})
    assert unmatched.status_code == 428


async def test_nobody_approves_what_they_submitted_themselves(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    await step(m, plan_id, "adoptions", m.manager, 1, meeting="運営会議")
    await step(m, plan_id, "submissions", m.manager, 2)
    both = await second_job(world, m)
    refused = await step(m, plan_id, "approvals", both, 3)
    assert (refused.status_code, refused.json()["code"]) == (403, "own_submission")
    shown = (await world.client.get(f"/v1/work_plans/{plan_id}", headers=both)).json()
    assert shown["may"]["approve"] is False
    assert (await step(m, plan_id, "approvals", m.ward, 3)).status_code == 200


async def second_job(world: World, m: Meguro) -> dict[str, str]:
    """Give the centre's manager an assignment at the ward too: a directly run centre."""
    token = m.manager["Authorization"].removeprefix("Bearer ").split(".")[1]
    user_id = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))["sub"]
    held = await world.put(
        world.operator, Assignment, user_id=user_id, role="ward_staff", municipality_id=m.ward_id, is_active=True
    )
    now = datetime.now(UTC)
    session = await world.put(
        world.operator,
        SignInSession,
        user_id=user_id,
        assignment_id=held["id"],
        last_used_at=now,
        expires_at=now + timedelta(hours=1),
    )
    place = f"municipality:{m.ward_id}"
    return world._bearer(
        sub=user_id,
        sid=session["id"],
        client_id="kikan",
        assignment_id=held["id"],
        role="ward_staff",
        place=place,
        scope="",
    )


async def revise(m: Meguro, plan_id: str, item_id: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
    return await m.world.client.post(
        f"/v1/work_plans/{plan_id}/items/{item_id}/target_revisions",
        headers=headers or m.manager,
        json={"effective_on": "2026-10-01", "to_text": "年4回", "reason": "運営会議で増やした", **body},
    )


async def test_a_revision_holds_from_its_day_and_keeps_what_was(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["4-(1)"]["id"]
    made = await revise(m, plan_id, item_id, decided_at="第3回基幹運営会議")
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row["from"]["text"], row["from"]["required_in_year"]) == ("年3回", 3)
    assert (row["to"]["text"], row["to"]["required_in_year"]) == ("年4回", 4)
    assert row["to"]["reading"]["min_count"] == 4
    for on, required in (("2026-09-30", 3), ("2026-10-01", 4), ("2027-03-31", 4)):
        assert (await m.items(plan_id, on))["4-(1)"]["required_in_year"] == required
    history = await world.client.get(made.headers["location"], headers=m.ward)
    assert history.json()["results"] == [row]
    plan = (await world.client.get(f"/v1/work_plans/{plan_id}", headers=m.ward)).json()
    assert plan["version"] == 2


async def test_a_revision_outside_the_year_or_before_another_is_refused(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["4-(1)"]["id"]
    for effective_on in ("2026-03-31", "2027-04-01"):
        answer = await revise(m, plan_id, item_id, effective_on=effective_on)
        assert (answer.status_code, answer.json()["code"]) == (422, "outside_fiscal_year")
    assert (await revise(m, plan_id, item_id)).status_code == 201
    earlier = await revise(m, plan_id, item_id, effective_on="2026-09-30")
    assert (earlier.status_code, earlier.json()["code"]) == (422, "before_last_revision")
    assert (await revise(m, plan_id, item_id, to_text="年5回")).status_code == 201, "the same day corrects"
    assert (await m.items(plan_id, "2026-10-01"))["4-(1)"]["required_in_year"] == 5
    assert (await revise(m, plan_id, item_id, reason="")).status_code == 422


async def test_several_values_need_a_confirmed_reading(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["6-(3)"]["id"]
    refused = await revise(m, plan_id, item_id, to_text="年2回 年3回")
    assert (refused.status_code, refused.json()["code"]) == (422, "several_values")
    assert len([one for one in refused.json()["errors"] if one["code"] == "candidate"]) == 2
    nonsense = await revise(m, plan_id, item_id, to_text="相談支援専門員")
    assert nonsense.json()["code"] == "not_a_frequency"
    reading = {"kind": "per_year", "min_count": 3, "max_count": 3, "period": "year", "mandatory": True}
    confirmed = await revise(m, plan_id, item_id, to_text="年2回 年3回", to_reading=reading)
    assert confirmed.status_code == 201, confirmed.text
    item = (await m.items(plan_id, "2026-10-01"))["6-(3)"]
    assert (item["required_in_year"], item["decision_needed"], item["target"]["text"]) == (3, False, "年2回 年3回")
    vague = await revise(m, plan_id, item_id, to_text="年3回", to_reading={"kind": "multiple_values"})
    assert vague.json()["code"] == "reading_unconfirmed"


async def test_another_municipality_sees_no_plan_and_revises_nothing(world: World) -> None:
    m, other = await Meguro.opened(world), await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["4-(1)"]["id"]
    for headers in (other.ward, other.manager):
        assert (await world.client.get("/v1/work_plans", headers=headers)).json()["results"] == []
        for path in ("", "/items", "/progress", "/steps", f"/items/{item_id}", f"/items/{item_id}/target_revisions"):
            answer = await world.client.get(f"/v1/work_plans/{plan_id}{path}", headers=headers)
            assert answer.status_code == 404, path
        assert (await revise(m, plan_id, item_id, headers)).status_code == 404
        generated = await world.client.post(
            "/v1/work_plans", headers=headers, json={"centre_id": m.centre_id, "fiscal_year": 2027}
        )
        assert generated.status_code == 404
    own_plan = await other.plan(2026)
    assert (await revise(other, own_plan, item_id)).status_code == 404, "an item of another plan"


async def test_who_may_read_and_who_may_change_plans(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    item_id = (await m.items(plan_id))["4-(1)"]["id"]
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=m.centre_id)
    program = await world.program("work_plans:read", municipality_id=m.ward_id)
    office = await world.sign_in(Role.OFFICE_USER, office_id=await world.office(m.ward_id), municipality_id=m.ward_id)
    operator = await world.sign_in(Role.OPERATOR)
    for headers, status in ((staff, 200), (program, 200), (office, 403), (operator, 403)):
        for path in ("", f"/{plan_id}", f"/{plan_id}/items", f"/{plan_id}/progress"):
            answer = await world.client.get(f"/v1/work_plans{path}", headers=headers)
            assert answer.status_code == status, path
        assert (await revise(m, plan_id, item_id, headers)).status_code == 403
        body = {"centre_id": m.centre_id, "fiscal_year": 2027}
        assert (await world.client.post("/v1/work_plans", headers=headers, json=body)).status_code == 403
    assert (await revise(m, plan_id, item_id, m.ward)).status_code == 201


async def test_a_mistyped_parameter_is_refused_everywhere(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    for path in ("items?onn=2026-04-01", "progress?date=2026-04-01", "steps?x=1", "progress?on=2026-02-30"):
        answer = await world.client.get(f"/v1/work_plans/{plan_id}/{path}", headers=m.manager)
        assert answer.status_code == 422, path
