"""A 404 for an id inside a body says which member named it, and tells a foreign id from a missing one in nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.clock import today
from tests.areas import Town, town_in
from tests.world import World, local_government_code

DAY = today().isoformat()
MISSING = "0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"
Body = Callable[[Town, str], dict[str, Any]]


def _login(role: str, **place: str) -> dict[str, Any]:
    return {"login": "somebody-new", "name": "新規", "assignment": {"role": role, **place}}


def _person(**place: str) -> dict[str, Any]:
    return {"name": "相談 花子", "name_kana": "そうだん", "employment": "full_time", **place}


def _meeting(**more: Any) -> dict[str, Any]:
    return {"kind": "meeting", "title": "会議", "held_on": DAY, **more}


OFFICE: dict[str, tuple[str, str, Body]] = {
    "/office_id": ("staff", "/v1/office_visits", lambda _, named: {"office_id": named, "held_on": DAY}),
    "/offices/1/office_id": (
        "staff",
        "/v1/activities",
        lambda t, named: _meeting(offices=[{"office_id": t.office}, {"office_id": named}]),
    ),
    "/assignment/office_id": ("ward", "/v1/users", lambda _, named: _login("office_user", office_id=named)),
    "/office_id of a person": ("staff", "/v1/people", lambda _, named: _person(office_id=named)),
    "/rows/1/office_id": (
        "staff",
        "/v1/people/batch",
        lambda t, named: {"rows": [_person(office_id=t.office), _person(office_id=named)]},
    ),
}
CENTRE: dict[str, tuple[str, str, Body]] = {
    "/centre_id": ("staff", "/v1/activities", lambda _, named: _meeting(centre_id=named)),
    "/centre_id of a session": (
        "staff",
        "/v1/supervision_sessions",
        lambda _, named: {"session_type": "group", "held_on": DAY, "centre_id": named},
    ),
    "/centre_id of a training": (
        "staff",
        "/v1/training_events",
        lambda _, named: {"category": "statutory", "theme": "研修", "held_on": DAY, "centre_id": named},
    ),
    "/centre_id of a person": ("staff", "/v1/people", lambda _, named: _person(centre_id=named)),
    "/centre_id of a text": ("staff", "/v1/frequencies:parse", lambda _, named: {"text": "年2回", "centre_id": named}),
    "/centre_id of a plan": ("manager", "/v1/work_plans", lambda _, named: {"centre_id": named, "fiscal_year": 2027}),
    "/centre_id of a programme": (
        "manager",
        "/v1/work_programmes",
        lambda _, named: {"centre_id": named, "title": "一覧", "valid_from_fiscal_year": 2027},
    ),
    "/assignment/centre_id": ("ward", "/v1/users", lambda _, named: _login("centre_manager", centre_id=named)),
}
MUNICIPALITY: dict[str, tuple[str, str, Body]] = {
    "/municipality_id": (
        "ward",
        "/v1/offices",
        lambda _, named: {"name": "相談室", "name_kana": "そうだん", "municipality_id": named},
    ),
    "/municipality_id of a client": (
        "ward",
        "/v1/clients",
        lambda _, named: {"name": "連携", "scopes": ["offices:read"], "municipality_id": named},
    ),
    "/assignment/municipality_id": ("ward", "/v1/users", lambda _, named: _login("ward_staff", municipality_id=named)),
}


async def told(world: World, caller: dict[str, str], path: str, body: dict[str, Any]) -> tuple[int, str, list[str]]:
    headers = {**caller, "X-Request-Id": "same-request-id"}
    answer = await world.client.post(path, headers=headers, json=body)
    faults = answer.json()["errors"]
    assert {fault["code"] for fault in faults} == {"not_found"}, answer.text
    return answer.status_code, answer.text, [fault["pointer"] for fault in faults]


@pytest.mark.parametrize("case", [*OFFICE, *CENTRE, *MUNICIPALITY])
async def test_the_member_that_named_it_is_told(world: World, case: str) -> None:
    town, far = await town_in(world), await town_in(world)
    who, path, body = (OFFICE | CENTRE | MUNICIPALITY)[case]
    foreign, missing = (
        (far.office, MISSING)
        if case in OFFICE
        else (far.centre, MISSING)
        if case in CENTRE
        else (far.municipality, local_government_code())
    )
    caller = getattr(town, who)
    answers = [await told(world, caller, path, body(town, named)) for named in (foreign, missing)]
    assert answers[0] == answers[1]
    assert answers[0][0] == (422 if "/rows/" in case else 404)
    assert answers[0][2] == [case.partition(" of ")[0]]


async def test_every_member_that_is_missing_is_told_at_once(world: World) -> None:
    town, far = await town_in(world), await town_in(world)
    body = {"office_id": MISSING, "held_on": DAY, "offices": [{"office_id": town.office}, {"office_id": far.office}],
            "people": [{"person_id": MISSING, "role": "visitor"}]}  # fmt: skip
    status, _, pointers = await told(world, town.staff, "/v1/office_visits", body)
    assert status == 404
    assert pointers == ["/office_id", "/offices/1/office_id", "/people/0/person_id"]


async def test_what_the_address_names_has_no_member(world: World) -> None:
    town = await town_in(world)
    answer = await world.client.get(f"/v1/office_visits/{MISSING}", headers=town.staff)
    assert (answer.status_code, answer.json()["errors"]) == (404, [])
    asked = {**town.ward, "Content-Type": "text/csv"}
    path = f"/v1/offices/register_imports?municipality_id={local_government_code()}"
    answer = await world.client.post(path, headers=asked, content="事業所番号\r\n".encode())
    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (404, "municipality_id")
