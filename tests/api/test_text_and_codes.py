"""What is typed is stored as typed, but white space alone is no text, and no code stands twice in a list."""

from typing import Any

import httpx
import pytest

from domain.clock import today
from tests.areas import Town, town_in
from tests.world import World

DAY = today().isoformat()
BLANKS = (" ", "\n", "\u3000\t ")


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422, answer.text
    return [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]


def bodies(town: Town) -> dict[str, tuple[dict[str, str], dict[str, Any]]]:
    place = {"role": "ward_staff", "municipality_id": town.municipality}
    return {
        "/v1/offices": (town.ward, {"municipality_id": town.municipality, "name": "相談室", "name_kana": "そうだん"}),
        "/v1/people": (
            town.staff,
            {"office_id": town.office, "name": "花子", "name_kana": "はなこ", "employment": "full_time"},
        ),
        "/v1/users": (town.ward, {"login": f"blank-{town.municipality}", "name": "花子", "assignment": place}),
        "/v1/clients": (
            town.ward,
            {"name": "連携", "scopes": ["offices:read"], "municipality_id": town.municipality},
        ),
        "/v1/activities": (town.staff, {"kind": "meeting", "title": "会議", "held_on": DAY}),
        "/v1/training_events": (town.staff, {"category": "statutory", "theme": "研修", "held_on": DAY}),
    }


@pytest.mark.parametrize(
    ("path", "member"),
    [
        ("/v1/offices", "name"),
        ("/v1/offices", "telephone"),
        ("/v1/offices", "address"),
        ("/v1/people", "name_kana"),
        ("/v1/people", "post"),
        ("/v1/users", "name"),
        ("/v1/clients", "name"),
        ("/v1/activities", "title"),
        ("/v1/activities", "location"),
        ("/v1/training_events", "theme"),
    ],
)
async def test_white_space_alone_is_no_text(world: World, path: str, member: str) -> None:
    town = await town_in(world)
    caller, body = bodies(town)[path]
    for blank in BLANKS:
        answer = await world.client.post(path, headers=caller, json=body | {member: blank})
        assert faults(answer) == [(f"/{member}", "blank")]
    typed = await world.client.post(path, headers=caller, json=body | {member: " あおば 1 "})
    assert typed.status_code == 201, typed.text
    assert typed.json()[member] == " あおば 1 "


async def test_no_code_stands_twice(world: World) -> None:
    town = await town_in(world)
    visit = {"office_id": town.office, "held_on": DAY}
    for member, codes in (("menus", ["case", "case"]), ("themes", ["ojt", "plan", "ojt"]), ("needs", ["x", "x"])):
        answer = await world.client.post("/v1/office_visits", headers=town.staff, json=visit | {member: codes})
        assert faults(answer) == [(f"/{member}", "repeated")]


async def test_a_centre_takes_known_functions_and_a_mail_address(world: World) -> None:
    town = await town_in(world)
    path = f"/v1/centres/{town.centre}"

    async def changed(**changes: Any) -> httpx.Response:
        etag = (await world.client.get(path, headers=town.manager)).headers["etag"]
        return await world.client.patch(path, headers={**town.manager, "If-Match": etag}, json=changes)

    assert faults(await changed(functions=["area_building", "tea_party"])) == [("/functions/1", "not_in_list")]
    assert faults(await changed(functions=["training", "training"])) == [("/functions", "repeated")]
    assert (await changed(functions=["area_building", "training"])).status_code == 200
    for mail in ("x", "a@b", "a b@example.jp", "a@@example.jp", "a@example.jp\n", "あ@example.jp"):
        assert faults(await changed(mail=mail)) == [("/mail", "wrong_form")], mail
    assert (await changed(mail="kikan+soudan@city.example.lg.jp")).status_code == 200


async def test_signing_in_tells_nothing_more_about_blanks(world: World) -> None:
    for login, password in ((" ", "x" * 12), ("nobody-there", "   ")):
        answer = await world.client.post("/v1/sessions", json={"login": login, "password": password})
        assert answer.status_code in (401, 429), answer.text
