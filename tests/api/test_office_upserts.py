"""Offices that another system knows, and the screening of what is noted about them, through HTTP."""

from typing import Any

from domain.access import Role
from tests.accounts import Accounts
from tests.world import World

OFFICE: dict[str, Any] = {
    "office_number": "1330100692",
    "name": "光の丘相談室",
    "name_kana": "ひかりのおかそうだんしつ",
    "corporation_name": "社会福祉法人試験会",
    "telephone": "03-0000-0000",
    "url": "https://office.example/",
    "enhanced_type": "II",
    "contact_24h": "shared_rota",
    "is_core_office": True,
    "opened_on": "2020-04-01",
    "internal_note": "新任が多い",
    "designations": [
        {"kind": "specific", "office_number": "1330100692", "designated_on": "2020-04-01", "expires_on": "2026-03-31"},
        {"kind": "child", "office_number": "1370100065", "designated_on": None, "expires_on": None},
    ],
    "strengths": [{"code": "psychology", "note": "心理"}, {"code": "second_line_consultation", "note": None}],
}


def at(headers: dict[str, str], version: int) -> dict[str, str]:
    return {**headers, "If-Match": f'"{version}"'}


async def test_an_upsert_enters_replaces_and_leaves_alone(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    program = await world.program("offices:read", "offices:write", municipality_id=own)
    path = "/v1/offices/by_external_id/ward_ledger/K-7"
    body = {**OFFICE, "municipality_id": own}
    made = await world.client.put(path, headers=program, json=body)
    assert (made.status_code, made.json()["external_id"]) == (201, "K-7"), made.text
    same = await world.client.put(path, headers=program, json={**body, "strengths": OFFICE["strengths"][::-1]})
    assert (same.status_code, same.json()["version"]) == (200, 1)
    other = {"municipality_id": own, "name": "新しい相談室", "name_kana": "あたらしい"}
    unnamed = await world.client.put(path, headers=program, json=other)
    assert (unnamed.status_code, unnamed.json()["code"]) == (428, "precondition_required")
    assert (await world.client.put(path, headers=at(program, 9), json=other)).status_code == 412
    replaced = await world.client.put(path, headers=at(program, 1), json=other)
    assert replaced.status_code == 200, replaced.text
    found = replaced.json()
    assert (found["name"], found["office_number"], found["designations"], found["version"]) == (
        "新しい相談室", None, [], 2,
    )  # fmt: skip
    assert accounts.trail(made.json()["id"]) == ["offices.add", "offices.change"]
    by_key = await world.client.get("/v1/offices?external_source=ward_ledger&external_id=K-7", headers=program)
    assert [row["id"] for row in by_key.json()["results"]] == [made.json()["id"]]
    too_long = await world.client.put(f"/v1/offices/by_external_id/{'x' * 41}/1", headers=program, json=body)
    assert (too_long.status_code, too_long.json()["errors"][0]["parameter"]) == (422, "source")
    taken = await world.client.post(
        "/v1/offices", headers=program, json={**other, "external_source": "ward_ledger", "external_id": "K-7"}
    )
    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")


async def test_notes_are_screened_as_the_municipality_wishes(world: World) -> None:
    warning, refusing = await world.municipality(), await world.municipality(free_text_policy="refuse")
    for own, status in ((warning, 201), (refusing, 422)):
        ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
        office = await world.office(own)
        person = {"office_id": office, "name": "相談 花子", "name_kana": "そうだん はなこ", "employment": "full_time"}
        assert (await world.client.post("/v1/people", headers=ward, json=person)).status_code == 201
        body = {
            "municipality_id": own, "name": "甲", "name_kana": "こう",
            "internal_note": "090-1234-5678 の相談花子さん、昭和60年1月2日生まれ",
        }  # fmt: skip
        answer = await world.client.post("/v1/offices", headers=ward, json=body)
        assert answer.status_code == status, answer.text
        found = answer.json()["warnings"] if status == 201 else answer.json()["errors"]
        assert [f["code"] for f in found] == ["phone_number_found", "birth_date_found", "person_name_found"]
        assert {f["pointer"] for f in found} == {"/internal_note"}
        if status == 422:
            assert answer.json()["code"] == "personal_data_found"
            assert "090" not in answer.text
