"""Refusals of the whole say which member or parameter they hang on."""

from typing import Any

import httpx

from domain.clock import today
from tests.areas import town_in
from tests.proofs.estates import ITEM, YEAR
from tests.world import World

DAY = today().isoformat()


def fault_of(answer: httpx.Response) -> tuple[int, str, str | None]:
    (fault,) = answer.json()["errors"]
    assert fault["code"] == answer.json()["code"]
    return answer.status_code, fault["code"], fault.get("pointer") or fault.get("parameter")


async def test_what_is_taken_is_named(world: World) -> None:
    town = await town_in(world)

    async def twice(caller: dict[str, str], path: str, body: dict[str, Any]) -> tuple[int, str, str | None]:
        assert (await world.client.post(path, headers=caller, json=body)).status_code == 201
        return fault_of(await world.client.post(path, headers=caller, json=body))

    meeting = {"kind": "meeting", "title": "会議", "held_on": DAY, "external_source": "s", "external_id": "1"}
    assert await twice(town.staff, "/v1/activities", meeting) == (409, "external_id_taken", "/external_id")
    place = {"role": "ward_staff", "municipality_id": town.municipality}
    account = {"login": f"l-{town.municipality}", "name": "新規", "assignment": place}
    assert await twice(town.ward, "/v1/users", account) == (409, "login_taken", "/login")
    office = {
        "municipality_id": town.municipality,
        "name": "相談室",
        "name_kana": "そう",
        "office_number": "1331000008",
    }
    assert await twice(town.ward, "/v1/offices", office) == (409, "office_number_taken", "/office_number")
    programme = {"centre_id": town.centre, "title": "一覧", "valid_from_fiscal_year": 2024, "items": [ITEM]}
    assert (await world.client.post("/v1/work_programmes", headers=town.manager, json=programme)).status_code == 201
    plan = {"centre_id": town.centre, "fiscal_year": YEAR}
    assert await twice(town.manager, "/v1/work_plans", plan) == (409, "plan_exists", "/fiscal_year")


async def test_a_role_that_is_not_the_callers_to_give_is_named(world: World) -> None:
    town = await town_in(world)
    role = {"role": "operator"}
    new = {"login": "somebody-mighty", "name": "新規", "assignment": role}
    refused = await world.client.post("/v1/users", headers=town.ward, json=new)
    assert fault_of(refused) == (403, "role_not_yours_to_give", "/assignment/role")
    own = (await world.client.get("/v1/users", headers=town.ward)).json()["results"]
    mine = next(user for user in own if user["may"]["change"])
    refused = await world.client.post(f"/v1/users/{mine['id']}/assignments", headers=town.ward, json=role)
    assert fault_of(refused) == (403, "role_not_yours_to_give", "/role")


async def test_a_wrong_span_of_a_calendar_names_its_end(world: World) -> None:
    town = await town_in(world)
    for span, code in (
        ("from=2026-05-01&to=2026-04-01", "ends_before_start"),
        ("from=2026-01-01&to=2029-04-01", "period_too_long"),
    ):
        for path in ("calendar", "calendar.ics"):
            answer = await world.client.get(f"/v1/centres/{town.centre}/{path}?{span}", headers=town.staff)
            assert answer.status_code == 422, path
            assert [(e["code"], e["parameter"]) for e in answer.json()["errors"]] == [(code, "to")], path
