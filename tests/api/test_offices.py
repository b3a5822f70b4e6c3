"""Offices through HTTP: entering, reading, changing, upserting, and who may."""

from typing import Any

from domain.access import Role
from domain.statements.columns import new_id
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
SHOWN_TO_OFFICES = {
    "id", "municipality_id", "office_number", "name", "name_kana", "corporation_name", "address", "telephone", "fax",
    "url", "is_commissioned", "is_core_office", "is_community_base", "enhanced_type", "contact_24h", "contact_24h_note",
    "opened_on", "closed_on", "external_source", "external_id", "designations", "strengths", "staff", "version",
    "created_at", "updated_at", "deleted_at",
}  # fmt: skip


def at(headers: dict[str, str], version: int) -> dict[str, str]:
    return {**headers, "If-Match": f'"{version}"'}


async def test_a_ward_enters_an_office_and_reads_it_back(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    made = await world.client.post("/v1/offices", headers=ward, json={**OFFICE, "municipality_id": own})
    assert made.status_code == 201, made.text
    body = made.json()
    assert body.pop("warnings") == []
    assert {**body, **OFFICE} == body
    assert body["staff"]["person_count"] == 0
    read = await world.client.get(made.headers["location"], headers=ward)
    assert (read.json(), read.headers["etag"]) == (body, '"1"')
    assert accounts.trail(body["id"]) == ["offices.add"]
    listed = (await world.client.get("/v1/offices", headers=ward)).json()["results"]
    assert listed == [{name: value for name, value in body.items() if name != "internal_note"}]


async def test_a_wrong_check_digit_warns_and_never_refuses(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    wrong = {
        **OFFICE,
        "municipality_id": own,
        "office_number": "1330100693",
        "designations": [{"kind": "child", "office_number": "1370100066"}],
    }
    made = await world.client.post("/v1/offices", headers={**ward, "Accept-Language": "en"}, json=wrong)
    assert made.status_code == 201, made.text
    assert [(w["pointer"], w["code"]) for w in made.json()["warnings"]] == [
        ("/office_number", "check_digit_mismatch"),
        ("/designations/0/office_number", "check_digit_mismatch"),
    ]
    assert "check digit" in made.json()["warnings"][0]["detail"]
    assert "1330100693" not in str(made.json()["warnings"])
    kept = await world.client.patch(f"/v1/offices/{made.json()['id']}", headers=at(ward, 1), json={"telephone": "1"})
    assert kept.json()["warnings"] == []


async def test_bad_members_are_refused_by_name(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    for wrong, pointer in (
        ({"office_number": "133010069"}, "/office_number"),
        ({"office_number": "１３３０１００６９２"}, "/office_number"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 101}, "/name"),
        ({"name": None}, "/name"),
        ({"url": "javascript:1"}, "/url"),
        ({"enhanced_type": "V"}, "/enhanced_type"),
        ({"is_core_office": "true"}, "/is_core_office"),
        ({"closed_on": "2020-03-31"}, "/closed_on"),
        ({"external_id": "7"}, "/external_source"),
        ({"unknown": 1}, "/unknown"),
        ({"designations": [{"kind": "specific"}, {"kind": "specific"}]}, "/designations/1/kind"),
        ({"designations": [{"kind": "child", "designated_on": "2026-04-01", "expires_on": "2026-03-31"}]},
         "/designations/0/expires_on"),
        ({"strengths": [{"code": "a"}, {"code": "a"}]}, "/strengths/1/code"),
        ({"strengths": [{"code": "心理"}]}, "/strengths/0/code"),
        ({"opened_on": "1800-01-01"}, "/opened_on"),
        ({"internal_note": "個人番号 1234-5678-9018"}, "/internal_note"),
    ):  # fmt: skip
        answer = await world.client.post("/v1/offices", headers=ward, json={**OFFICE, "municipality_id": own, **wrong})
        assert answer.status_code == 422, (wrong, answer.text)
        assert answer.json()["errors"][0]["pointer"] == pointer, answer.text
    assert (await world.client.get("/v1/offices", headers=ward)).json()["results"] == []


async def test_a_number_is_used_once_in_a_municipality_and_free_again_after_removal(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    first = await world.client.post("/v1/offices", headers=ward, json={**OFFICE, "municipality_id": own})
    again = await world.client.post("/v1/offices", headers=ward, json={**OFFICE, "municipality_id": own})
    assert (again.status_code, again.json()["code"]) == (409, "office_number_taken")
    elsewhere = await world.sign_in(Role.WARD_STAFF, municipality_id=other)
    second = await world.client.post("/v1/offices", headers=elsewhere, json={**OFFICE, "municipality_id": other})
    assert second.status_code == 201
    path = f"/v1/offices/{first.json()['id']}"
    assert (await world.client.delete(path, headers=ward)).status_code == 428
    assert (await world.client.delete(path, headers=at(ward, 2))).status_code == 412
    assert (await world.client.delete(path, headers=at(ward, 1))).status_code == 204
    assert (await world.client.get(path, headers=ward)).status_code == 404
    third = await world.client.post("/v1/offices", headers=ward, json={**OFFICE, "municipality_id": own})
    assert third.status_code == 201
    synced = (await world.client.get("/v1/offices?changed_after=start&include_deleted=true", headers=ward)).json()
    assert [bool(row["deleted_at"]) for row in synced["results"]] == [True, False]


async def test_a_change_replaces_lists_and_leaves_the_rest(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    centre = await world.centre(own)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    made = (await world.client.post("/v1/offices", headers=staff, json={**OFFICE, "municipality_id": own})).json()
    path = f"/v1/offices/{made['id']}"
    changes = {"strengths": [{"code": "children", "note": None}], "contact_24h": "own_rota", "internal_note": None}
    assert (await world.client.patch(path, headers=staff, json=changes)).status_code == 428
    changed = await world.client.patch(path, headers=at(staff, 1), json=changes)
    assert changed.status_code == 200, changed.text
    expected = {**made, **changes, "version": 2, "updated_at": changed.json()["updated_at"]}
    assert changed.json() == expected
    read = (await world.client.get(path, headers=staff)).json()
    assert {**read, "warnings": []} == changed.json()
    emptied = await world.client.patch(path, headers=at(staff, 2), json={"designations": [], "strengths": []})
    assert (emptied.json()["designations"], emptied.json()["strengths"]) == ([], [])
    assert (await world.client.patch(path, headers=at(staff, 2), json=changes)).status_code == 412
    assert (await world.client.patch(path, headers=at(staff, 3), json={"name": None})).status_code == 422
    assert (await world.client.patch(path, headers=at(staff, 3), json={"municipality_id": own})).status_code == 422
    assert accounts.trail(made["id"]) == ["offices.add", "offices.change", "offices.change"]


async def test_an_office_sees_itself_without_the_note_and_no_other(world: World) -> None:
    own = await world.municipality()
    office = await world.office(own, internal_note="内々の話")
    neighbour = await world.office(own, "隣の相談室")
    caller = await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=office)
    read = await world.client.get(f"/v1/offices/{office}", headers=caller)
    assert set(read.json()) == SHOWN_TO_OFFICES
    listed = (await world.client.get("/v1/offices?count=true", headers=caller)).json()
    assert ([row["id"] for row in listed["results"]], listed["resultset"]["count"]) == ([office], 1)
    unseen = await world.client.get(f"/v1/offices/{neighbour}", headers=caller)
    missing = await world.client.get(f"/v1/offices/{new_id()}", headers=caller)
    assert (unseen.status_code, unseen.json()["detail"]) == (404, missing.json()["detail"])
    for form in ("", ".csv", ".ndjson"):
        text = (await world.client.get(f"/v1/offices{form}", headers=caller)).text
        assert "内々の話" not in text
        assert neighbour not in text
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    assert set((await world.client.get(f"/v1/offices/{office}", headers=ward)).json()) == {
        *SHOWN_TO_OFFICES, "internal_note",
    }  # fmt: skip


async def test_another_municipality_sees_and_changes_nothing(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    office = await world.office(own)
    for caller in (
        await world.sign_in(Role.WARD_STAFF, municipality_id=other),
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=await world.centre(other)),
        await world.sign_in(Role.CENTRE_STAFF, centre_id=await world.centre(other)),
        await world.program("offices:read", "offices:write", municipality_id=other),
    ):
        assert (await world.client.get("/v1/offices", headers=caller)).json()["results"] == []
        named = await world.client.get(f"/v1/offices?municipality_id={own}&q=試験", headers=caller)
        assert named.json()["results"] == []
        path = f"/v1/offices/{office}"
        assert (await world.client.get(path, headers=caller)).status_code == 404
        assert (await world.client.patch(path, headers=at(caller, 1), json={"fax": "1"})).status_code == 404
        assert (await world.client.delete(path, headers=at(caller, 1))).status_code == 404
        entered = await world.client.post("/v1/offices", headers=caller, json={**OFFICE, "municipality_id": own})
        assert entered.status_code == 404
        put = await world.client.put(
            "/v1/offices/by_external_id/s/1", headers=caller, json={**OFFICE, "municipality_id": own}
        )
        assert put.status_code == 404
        batch = await world.client.post(
            "/v1/offices/batch", headers=caller, json={"rows": [{**OFFICE, "municipality_id": own}]}
        )
        assert (batch.status_code, batch.json()["errors"][0]["code"]) == (422, "not_found")


async def test_who_does_not_keep_offices_cannot_write_them(world: World) -> None:
    own = await world.municipality()
    office = await world.office(own)
    for caller in (
        await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=office),
        await world.sign_in(Role.OPERATOR),
        await world.program("offices:read", municipality_id=own),
    ):
        path = f"/v1/offices/{office}"
        body = {**OFFICE, "municipality_id": own}
        answers = (
            await world.client.post("/v1/offices", headers=caller, json=body),
            await world.client.patch(path, headers=at(caller, 1), json={"fax": "1"}),
            await world.client.delete(path, headers=at(caller, 1)),
            await world.client.put("/v1/offices/by_external_id/s/1", headers=caller, json=body),
            await world.client.post("/v1/offices/batch", headers=caller, json={"rows": [body]}),
        )
        assert {answer.status_code for answer in answers} == {403}
    operator = await world.sign_in(Role.OPERATOR)
    assert (await world.client.get("/v1/offices", headers=operator)).status_code == 403


async def test_offices_are_found_by_what_they_are_and_can(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    plain = {"municipality_id": own, "name": "普通の相談室", "name_kana": "ふつう"}
    full = {**OFFICE, "municipality_id": own, "closed_on": "2026-03-31"}
    for body in (full, plain):
        assert (await world.client.post("/v1/offices", headers=ward, json=body)).status_code == 201
    both = ["光の丘相談室", "普通の相談室"]
    for query, names in (
        ("", both),
        ("designation=child", both[:1]),
        ("designation=general", []),
        ("designation=general,specific", both[:1]),
        ("strength=psychology", both[:1]),
        ("strength=psychology,second_line_consultation", both[:1]),
        ("enhanced_type=none", both[1:]),
        ("is_core_office=true", both[:1]),
        ("is_community_base=false", both),
        ("office_number=1330100692", both[:1]),
        ("open_on=2026-04-01", both[1:]),
        ("open_on=2026-03-31", both),
        ("closed_to=2026-03-31", both[:1]),
        ("q=ひかり", both[:1]),
        ("q=ヒカリ", both[:1]),
        (f"municipality_id={own}", both),
        ("sort=-name_kana", both[::-1]),
    ):
        listed = await world.client.get(f"/v1/offices?{query}", headers=ward)
        assert [row["name"] for row in listed.json()["results"]] == names, query
    for wrong in ("designation=foo", "enhanced_type=V", "is_core_office=1", "open_on=x", "designations=child"):
        assert (await world.client.get(f"/v1/offices?{wrong}", headers=ward)).status_code == 422
    exported = await world.client.get("/v1/offices.csv?fields=name,staff&is_core_office=true", headers=ward)
    assert exported.content.decode("utf-8-sig").splitlines()[1].startswith("光の丘相談室,")
