"""Coverage, hours, closures, staffing and the calendar of a centre through HTTP."""

from datetime import date
from typing import Any

import pytest

from domain.access import Reach, Role
from domain.places.centre_calendar import calendar_for
from domain.statements.columns import new_id
from tests.accounts import Accounts
from tests.world import World, actor

WEEK = [{"weekday": day, "opens_at": "08:30", "closes_at": "17:30"} for day in ("mon", "tue", "wed", "thu", "fri")]
FULL_TIME = {"employment": "full_time", "is_dedicated": True, "person_count": 2, "valid_from": "2026-04-01"}


def at(headers: dict[str, str], version: int) -> dict[str, str]:
    return {**headers, "If-Match": f'"{version}"'}


async def test_coverage_goes_by_whole_months(world: World, accounts: Accounts) -> None:
    own, second = await world.municipality(), await world.municipality()
    centre = await world.centre(own, opened_on=date(2026, 4, 15), covered_from=date(2026, 4, 1))
    operator = await world.sign_in(Role.OPERATOR)
    path = f"/v1/centres/{centre}/coverage"
    wanted = {"municipality_id": second, "valid_from": "2026-10-01", "valid_to": "2027-03-31"}
    for wrong, code, field in (
        ({"valid_from": "2026-10-02"}, "coverage_by_month", "/valid_from"),
        ({"valid_to": "2027-03-30"}, "coverage_by_month", "/valid_to"),
        ({"valid_to": "2026-09-30"}, "coverage_ends_before_start", "/valid_to"),
        ({"valid_from": "2026-03-01"}, "coverage_before_opening", "/valid_from"),
        ({"municipality_id": "999999"}, "municipality_unknown", "/municipality_id"),
    ):
        refused = await world.client.post(path, headers=operator, json={**wanted, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.json()["errors"][0]["pointer"] == field
    made = await world.client.post(path, headers=operator, json=wanted)
    assert (made.status_code, made.json()["version"], made.headers["etag"]) == (201, 2, '"2"'), made.text
    assert accounts.trail(made.json()["id"]) == ["centres.cover"]
    listed = (await world.client.get(path, headers=operator)).json()
    assert [row["municipality_id"] for row in listed["results"]] == [own, second]
    assert (await world.client.get(f"/v1/centres/{centre}", headers=operator)).json()["coverage"] == listed["results"]


async def test_a_municipality_is_never_covered_twice_at_a_time(world: World) -> None:
    own = await world.municipality()
    centre = await world.centre()
    operator = await world.sign_in(Role.OPERATOR)
    path = f"/v1/centres/{centre}/coverage"
    first = await world.client.post(
        path, headers=operator, json={"municipality_id": own, "valid_from": "2026-04-01", "valid_to": "2026-09-30"}
    )
    assert first.status_code == 201
    for start in ("2026-04-01", "2026-09-01"):
        refused = await world.client.post(path, headers=operator, json={"municipality_id": own, "valid_from": start})
        assert (refused.status_code, refused.json()["code"]) == (409, "coverage_overlaps")
    later = {"municipality_id": own, "valid_from": "2026-10-01"}
    assert (await world.client.post(path, headers=operator, json=later)).status_code == 201
    one = f"{path}/{first.json()['id']}"
    assert (await world.client.patch(one, headers=operator, json={"valid_to": None})).status_code == 428
    overlapping = await world.client.patch(one, headers=at(operator, 3), json={"valid_to": None})
    assert (overlapping.status_code, overlapping.json()["code"]) == (409, "coverage_overlaps")
    shortened = await world.client.patch(one, headers=at(operator, 3), json={"valid_to": "2026-08-31"})
    assert (shortened.json()["valid_to"], shortened.json()["version"]) == ("2026-08-31", 4)
    assert (await world.client.patch(one, headers=at(operator, 3), json={"valid_to": None})).status_code == 412
    missing = await world.client.patch(f"{path}/{new_id()}", headers=at(operator, 4), json={"valid_to": None})
    assert missing.status_code == 404


async def test_ended_coverage_closes_the_centre_to_the_ward(world: World) -> None:
    own = await world.municipality()
    centre = await world.centre(own)
    operator = await world.sign_in(Role.OPERATOR)
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    office = await world.office(own)
    assert (await world.client.get(f"/v1/offices/{office}", headers=manager)).status_code == 200
    listed = (await world.client.get(f"/v1/centres/{centre}/coverage", headers=operator)).json()
    ended = await world.client.patch(
        f"/v1/centres/{centre}/coverage/{listed['results'][0]['id']}",
        headers=at(operator, 1),
        json={"valid_to": "2024-04-30"},
    )
    assert ended.status_code == 200, ended.text
    later = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    assert (await world.client.get(f"/v1/offices/{office}", headers=later)).status_code == 404
    row = (await world.client.get("/v1/centres", headers=later)).json()["results"][0]
    assert row["municipality_ids"] == []


async def test_the_hours_of_a_week_are_replaced_as_a_whole(world: World, accounts: Accounts) -> None:
    centre = await world.centre(await world.municipality())
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/centres/{centre}/hours"
    assert (await world.client.put(path, headers=manager, json={"results": WEEK})).status_code == 428
    put = await world.client.put(path, headers=at(manager, 1), json={"results": WEEK[::-1]})
    assert (put.status_code, put.json()) == (200, {"version": 2, "results": WEEK}), put.text
    short = await world.client.put(path, headers=at(manager, 2), json={"results": WEEK[:1]})
    assert short.json() == {"version": 3, "results": WEEK[:1]} == (await world.client.get(path, headers=manager)).json()
    assert accounts.trail(centre) == ["centres.set_hours"] * 2
    assert (await world.client.put(path, headers=at(manager, 2), json={"results": WEEK})).status_code == 412
    for wrong, pointer in (
        ([WEEK[0], WEEK[0]], "/results/1/weekday"),
        ([{**WEEK[0], "closes_at": "08:30"}], "/results/0/closes_at"),
        ([{**WEEK[0], "opens_at": "24:00"}], "/results/0/opens_at"),
        ([{**WEEK[0], "weekday": "holiday"}], "/results/0/weekday"),
    ):
        refused = await world.client.put(path, headers=at(manager, 3), json={"results": wrong})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_day_is_closed_opened_and_freed_again(world: World, accounts: Accounts) -> None:
    centre = await world.centre(await world.municipality())
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/centres/{centre}/closures"
    made = await world.client.put(f"{path}/2026-05-01", headers=manager, json={"kind": "closed", "reason": "工事"})
    assert made.status_code == 201, made.text
    assert made.json() == {"day": "2026-05-01", "kind": "closed", "reason": "工事", "version": 2}
    again = await world.client.put(f"{path}/2026-05-01", headers=manager, json={"kind": "open"})
    assert (again.status_code, again.json()["code"]) == (428, "precondition_required")
    changed = await world.client.put(f"{path}/2026-05-01", headers=at(manager, 2), json={"kind": "open"})
    assert (changed.status_code, changed.json()["version"]) == (200, 3)
    span = "?from=2026-04-01&to=2026-05-31"
    listed = (await world.client.get(path + span, headers=manager)).json()
    assert listed == {"version": 3, "results": [{"day": "2026-05-01", "kind": "open", "reason": None}]}
    assert (await world.client.get(path, headers=manager)).status_code == 422
    for malformed in ("2026-5-1", "20260501", "x", "2026-02-30"):
        answer = await world.client.put(f"{path}/{malformed}", headers=manager, json={"kind": "open"})
        assert answer.status_code == 404
    assert (await world.client.delete(f"{path}/2026-05-02", headers=at(manager, 3))).status_code == 404
    assert (await world.client.delete(f"{path}/2026-05-01", headers=at(manager, 2))).status_code == 412
    assert (await world.client.delete(f"{path}/2026-05-01", headers=at(manager, 3))).status_code == 204
    assert (await world.client.get(path + span, headers=manager)).json() == {"version": 4, "results": []}
    assert accounts.trail(centre) == ["centres.set_closure"] * 2 + ["centres.remove_closure"]


async def test_staffing_is_told_by_form_and_period(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    centre = await world.centre(own)
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    path = f"/v1/centres/{centre}/staffing"
    made = await world.client.post(path, headers=manager, json=FULL_TIME)
    assert made.status_code == 201, made.text
    part_time = {**FULL_TIME, "employment": "part_time", "is_dedicated": False, "person_count": 3}
    assert (await world.client.post(path, headers=manager, json=part_time)).status_code == 201
    rows = (await world.client.get(path, headers=ward)).json()
    assert [row["person_count"] for row in rows["results"]] == [2, 3]
    assert (await world.client.get(f"/v1/centres/{centre}", headers=ward)).json()["staffing"] == rows["results"]
    one = f"{path}/{made.json()['id']}"
    assert (await world.client.patch(one, headers=manager, json={"person_count": 1})).status_code == 428
    changed = await world.client.patch(one, headers=at(manager, 3), json={"person_count": 1, "valid_to": "2026-04-30"})
    assert (changed.json()["person_count"], changed.json()["version"]) == (1, 4), changed.text
    for wrong in ({"valid_to": "2026-03-31"}, {"person_count": -1}, {"valid_from": None}, {"employment": "none"}):
        assert (await world.client.patch(one, headers=at(manager, 4), json=wrong)).status_code == 422
    assert (await world.client.delete(one, headers=at(manager, 3))).status_code == 412
    assert (await world.client.delete(one, headers=at(manager, 4))).status_code == 204
    assert (await world.client.delete(one, headers=at(manager, 5))).status_code == 404
    assert len((await world.client.get(path, headers=ward)).json()["results"]) == 1
    trail = ["centres.add_staffing", "centres.add_staffing", "centres.change_staffing", "centres.remove_staffing"]
    assert accounts.trail(centre) == trail


async def test_what_hangs_on_a_centre_changes_the_etag_of_the_centre(world: World) -> None:
    centre = await world.centre(await world.municipality())
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/centres/{centre}"
    seen = (await world.client.get(path, headers=manager)).headers["etag"]
    assert (await world.client.get(path, headers={**manager, "If-None-Match": seen})).status_code == 304
    start = (await world.client.get("/v1/centres?changed_after=start", headers=manager)).json()
    await world.client.put(f"{path}/closures/2026-05-01", headers=manager, json={"kind": "closed"})
    fresh = await world.client.get(path, headers={**manager, "If-None-Match": seen})
    assert fresh.status_code == 200
    cursor = start["resultset"]["next_cursor"]
    changes = (await world.client.get(f"/v1/centres?changed_after={cursor}", headers=manager)).json()
    assert [row["id"] for row in changes["results"]] == [centre]


async def days(world: World, centre: str, headers: dict[str, str], first: str, last: str) -> dict[str, Any]:
    answer = await world.client.get(f"/v1/centres/{centre}/calendar?from={first}&to={last}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_calendar_says_why_a_day_is_closed(world: World) -> None:
    centre = await world.centre(await world.municipality(), opened_on=date(2026, 4, 2), covered_from=date(2026, 4, 1))
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/centres/{centre}"
    unknown = await days(world, centre, manager, "2026-04-01", "2026-04-04")
    assert unknown["hours_known"] is False
    assert [day["reason"] for day in unknown["days"]] == [
        "not_operating", "weekly_hours", "weekly_hours", "closed_weekday",
    ]  # fmt: skip
    await world.client.put(f"{path}/hours", headers=at(manager, 1), json={"results": WEEK})
    await world.client.put(f"{path}/closures/2026-05-01", headers=manager, json={"kind": "closed", "reason": "工事"})
    await world.client.put(f"{path}/closures/2026-05-03", headers=manager, json={"kind": "open"})
    may = {day["day"]: day for day in (await days(world, centre, manager, "2026-04-30", "2026-05-07"))["days"]}
    assert [(d["is_open"], d["reason"]) for d in may.values()] == [
        (True, "weekly_hours"),
        (False, "closed"),
        (False, "closed_weekday"),
        (True, "opened"),
        (False, "holiday"),
        (False, "holiday"),
        (False, "holiday"),
        (True, "weekly_hours"),
    ]
    assert may["2026-05-01"]["reason_ja"] == "工事"
    assert may["2026-05-04"]["reason_ja"] == "みどりの日"
    assert (may["2026-05-07"]["opens_at"], may["2026-05-07"]["closes_at"]) == ("08:30", "17:30")
    year_end = await days(world, centre, manager, "2026-12-28", "2027-01-04")
    assert [day["is_open"] for day in year_end["days"]] == [True, *[False] * 6, True]
    for span in ("from=2026-04-02&to=2026-04-01", "from=2026-04-01&to=2027-05-06", "from=2026-04-01", "from=x&to=y",
                 "from=2026-04-01&to=2026-04-02&x=1"):  # fmt: skip
        assert (await world.client.get(f"{path}/calendar?{span}", headers=manager)).status_code == 422


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("month=2026-10", "2026-10-01", "2026-10-31"),
        ("fiscal_year=2026", "2026-04-01", "2027-03-31"),
        ("from=2026-04&to=2027-03", "2026-04-01", "2027-03-31"),
        ("from=2026-10&to=2026-10-15", "2026-10-01", "2026-10-15"),
        ("from=2026-10-15&to=2026-11", "2026-10-15", "2026-11-30"),
    ],
)
async def test_the_days_of_a_centre_are_asked_by_day_month_or_fiscal_year(
    world: World, asked: str, first: str, last: str
) -> None:
    centre = await world.centre(await world.municipality(), opened_on=date(2026, 4, 1))
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/centres/{centre}"
    for day in (first, last):
        await world.client.put(f"{path}/closures/{day}", headers=manager, json={"kind": "open", "reason": "臨時"})
    calendar = (await world.client.get(f"{path}/calendar?{asked}", headers=manager)).json()
    assert (calendar["from"], calendar["to"]) == (first, last)
    assert (calendar["days"][0]["day"], calendar["days"][-1]["day"]) == (first, last)
    closures = (await world.client.get(f"{path}/closures?{asked}", headers=manager)).json()
    assert [row["day"] for row in closures["results"]] == sorted({first, last})
    answer = await world.client.get(f"{path}/calendar.ics?{asked}", headers=manager)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("", [("from", "required"), ("to", "required")]),
        ("from=2026-10", [("to", "required")]),
        ("from=2026-10-32&to=x", [("from", "not_a_day"), ("to", "not_a_day")]),
        ("from=1989-12&to=2026-10", [("from", "not_a_day")]),
        ("from=2026-11&to=2026-10", [("to", "ends_before_start")]),
        ("month=2026-13", [("month", "not_a_month")]),
        ("month=2026-10-01", [("month", "not_a_month")]),
        ("month=", [("month", "not_a_month")]),
        ("fiscal_year=26", [("fiscal_year", "not_a_year")]),
        ("fiscal_year=1989", [("fiscal_year", "not_a_year")]),
        ("month=2026-10&fiscal_year=2026", [("fiscal_year", "period_twice")]),
        ("month=2026-10&from=2026-10", [("month", "period_twice")]),
        ("fiscal_year=2026&to=2026-10", [("fiscal_year", "period_twice")]),
        ("months=2026-10", [("months", "unknown_parameter")]),
    ],
)
async def test_a_period_of_a_centre_that_cannot_be_read_is_named(
    world: World, asked: str, told: list[tuple[str, str]]
) -> None:
    centre = await world.centre(await world.municipality())
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    for part in ("calendar", "closures", "calendar.ics"):
        answer = await world.client.get(f"/v1/centres/{centre}/{part}?{asked}", headers=manager)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters"), answer.text
        assert [(error["parameter"], error["code"]) for error in answer.json()["errors"]] == told


@pytest.mark.parametrize("is_known", [True, False])
async def test_plans_get_the_same_calendar(world: World, is_known: bool) -> None:
    centre = await world.centre(await world.municipality())
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    if is_known:
        week = [{"weekday": "sat", "opens_at": "09:00", "closes_at": "12:00"}]
        await world.client.put(f"/v1/centres/{centre}/hours", headers=at(manager, 1), json={"results": week})
    reach = Reach(centres=(centre,), own_centres=(centre,))
    session, transaction = await world.session(actor(Role.CENTRE_STAFF, reach), write=False)
    try:
        calendar = await calendar_for(session, centre, date(2026, 4, 1), date(2027, 3, 31))
    finally:
        transaction.release()
    told = await days(world, centre, manager, "2026-04-01", "2027-03-31")
    open_days = [day["day"] for day in told["days"] if day["is_open"]]
    computed = calendar.open_days_between(date(2026, 4, 1), date(2027, 3, 31))
    assert [day.isoformat() for day in computed] == open_days
    assert len(open_days) == (51 if is_known else 241)
