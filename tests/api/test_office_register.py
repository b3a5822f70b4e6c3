"""Import of the national office register through HTTP: what becomes of its lines, and who may."""

import pytest

from domain.access import Role
from tests.accounts import Accounts
from tests.register_files import CHILD, SETTLEMENT, TRANSITION, Desk, counts, desk_of, file_of, line, number
from tests.world import World


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp932"])
async def test_the_lines_of_one_office_become_one_office_with_its_designations(
    world: World, accounts: Accounts, encoding: str
) -> None:
    desk = await desk_of(world)
    body = file_of(
        line("光の丘相談室", number(1)),
        line("光の丘相談室", number(1, "7"), CHILD),
        line("光の丘相談室", number(1), TRANSITION),
        line("光の丘相談室", number(1), SETTLEMENT),
        line("隣の相談室", number(2)),
        encoding=encoding,
    )
    rehearsed = await desk.send(body, "&dry_run=true")
    assert rehearsed.status_code == 200, rehearsed.text
    assert counts(rehearsed.json()) == (2, 0, 0)
    assert await desk.offices() == []
    applied = await desk.send(body)
    assert (applied.status_code, counts(applied.json())) == (200, (2, 0, 0)), applied.text
    assert [row["line"] for row in applied.json()["results"]] == [2, 3, 4, 5, 6]
    first, second = sorted(await desk.offices(), key=lambda office: office["office_number"])
    assert (first["name"], first["office_number"], first["address"]) == (
        "光の丘相談室", number(1), "東京都試験市１－２－３",
    )  # fmt: skip
    assert [(d["kind"], d["office_number"]) for d in first["designations"]] == [
        ("specific", number(1)), ("child", number(1, "7")), ("general", number(1)),
    ]  # fmt: skip
    assert [d["kind"] for d in second["designations"]] == ["specific"]
    assert accounts.trail(first["id"]) == ["offices.import"]
    again = await desk.send(body)
    assert counts(again.json()) == (0, 0, 2)
    assert {row["status"] for row in again.json()["results"]} == {"unchanged"}
    assert accounts.trail(first["id"]) == ["offices.import"]
    assert {office["version"] for office in await desk.offices()} == {1}


async def test_one_file_for_each_service_ends_in_the_same_office(world: World) -> None:
    desk = await desk_of(world)
    plan, child = file_of(line("甲", number(3))), file_of(line("甲", number(3, "7"), CHILD))
    assert counts((await desk.send(child)).json()) == (1, 0, 0)
    assert counts((await desk.send(plan)).json()) == (0, 1, 0)
    for body in (plan, child, plan):
        assert counts((await desk.send(body)).json()) == (0, 0, 1)
    [office] = await desk.offices()
    assert office["office_number"] == number(3)
    assert [d["office_number"] for d in office["designations"]] == [number(3), number(3, "7")]


async def test_what_the_register_does_not_know_stays(world: World) -> None:
    desk = await desk_of(world)
    made = await world.client.post(
        "/v1/offices",
        headers=desk.caller,
        json={
            "municipality_id": desk.own,
            "name": "甲 相談室",
            "name_kana": "こう",
            "enhanced_type": "II",
            "internal_note": "内緒",
            "fax": "03-9999-9999",
            "strengths": [{"code": "psychology"}],
            "designations": [{"kind": "specific", "designated_on": "2020-04-01", "expires_on": "2026-03-31"}],
        },
    )
    assert made.status_code == 201
    outcome = await desk.send(file_of(line("甲相談室", number(4)), line("甲相談室", number(4, "7"), CHILD)))
    assert counts(outcome.json()) == (0, 1, 0), outcome.text
    [office] = await desk.offices()
    assert office["id"] == made.json()["id"]
    assert (office["enhanced_type"], office["fax"], office["name"]) == ("II", "03-9999-9999", "甲相談室")
    assert office["strengths"] == [{"code": "psychology", "note": None}]
    assert office["designations"][0] == {
        "kind": "specific", "office_number": number(4), "designated_on": "2020-04-01", "expires_on": "2026-03-31",
    }  # fmt: skip
    assert outcome.json()["results"][0]["changes"] == [
        "office_number", "name", "name_kana", "corporation_name", "address", "telephone", "url", "designations",
    ]  # fmt: skip
    read = await world.client.get(f"/v1/offices/{office['id']}", headers=desk.caller)
    assert read.json()["internal_note"] == "内緒"


async def test_other_municipalities_and_services_are_skipped_and_counted(world: World) -> None:
    desk = await desk_of(world)
    foreign = {"事業所住所（市区町村）": "東京都別の市"}
    broken = {**foreign, "事業所番号": "x", "事業所の名称": "\ue000"}
    body = file_of(
        line("甲", number(5)),
        line("乙", number(6), **foreign),
        line("丙", number(7), "居宅介護"),
        line("丁", number(8), "放課後等デイサービス"),
        line("戊", number(9), **broken),
    )
    outcome = (await desk.send(body)).json()
    assert counts(outcome) == (1, 0, 0)
    assert (outcome["line_count"], outcome["other_service_line_count"], outcome["other_municipality_line_count"]) == (
        5, 2, 2,
    )  # fmt: skip
    assert outcome["skipped"] == [
        {"reason": "other_municipality", "from_line": 3, "to_line": 3},
        {"reason": "other_municipality", "from_line": 6, "to_line": 6},
        {"reason": "other_service", "from_line": 4, "to_line": 5},
    ]
    assert [office["name"] for office in await desk.offices()] == ["甲"]


async def test_numbers_that_occur_twice_are_merged_warned_of_or_refused(world: World) -> None:
    desk = await desk_of(world)
    repeated = await desk.send(file_of(line("甲", number(16)), line("甲", number(16))), "&dry_run=true")
    assert [w["code"] for w in repeated.json()["results"][1]["warnings"]] == ["line_repeated"]
    assert counts(repeated.json()) == (1, 0, 0)
    renamed = await desk.send(file_of(line("甲", number(16)), line("甲改", number(16), TRANSITION)), "&dry_run=true")
    assert [w["code"] for w in renamed.json()["results"][1]["warnings"]] == ["name_differs"]
    body = file_of(line("甲", number(16)), line("乙", number(16)))
    refused = await desk.send(body)
    assert (refused.status_code, refused.json()["code"]) == (422, "duplicate_number")
    assert refused.json()["errors"][0]["pointer"] == "/3/事業所番号"
    assert "2行目" in refused.json()["errors"][0]["detail"]
    two = await desk.send(file_of(line("甲", number(16)), line("甲", number(17))), "&dry_run=true")
    assert [w["code"] for w in two.json()["results"][1]["warnings"]] == ["second_number"]


async def test_a_wrong_check_digit_is_warned_of_and_imported(world: World) -> None:
    desk = await desk_of(world)
    right = number(18)
    wrong = right[:9] + str((int(right[9]) + 1) % 10)
    outcome = await desk.send(file_of(line("甲", wrong), line("乙", "１３３０１００６９２")))
    assert [[w["code"] for w in row["warnings"]] for row in outcome.json()["results"]] == [["check_digit_mismatch"], []]
    assert {office["office_number"] for office in await desk.offices()} == {wrong, "1330100692"}


async def test_two_registered_offices_for_one_line_are_told_apart_by_a_person(world: World) -> None:
    desk = await desk_of(world)
    for stem in (19, 20):
        body = {"municipality_id": desk.own, "name": "甲", "name_kana": "こう", "office_number": number(stem)}
        assert (await world.client.post("/v1/offices", headers=desk.caller, json=body)).status_code == 201
    refused = await desk.send(file_of(line("甲", number(19)), line("甲", number(20), CHILD)))
    assert (refused.status_code, refused.json()["code"]) == (422, "office_ambiguous")


async def test_wards_towns_and_cities_take_what_lies_in_them(world: World) -> None:
    place = "事業所住所（市区町村）"
    area = "都道府県コード又は市区町村コード"
    kanagawa = {"prefecture": "神奈川県"}
    yokohama = await world.municipality("横浜市", kind="designated_city", **kanagawa)
    ward = {"kind": "designated_city_ward", "parent_code": yokohama, **kanagawa}
    lines = [
        {place: "神奈川県横浜市保土ヶ谷区"},
        {place: "神奈川県横浜市西区"},
        {place: "熊本県下益城郡美里町"},
        {place: "埼玉県児玉郡美里町"},
        {place: "東京都府中市"},
        {place: "広島県府中市"},
        {place: "府中市"},
    ]
    body = file_of(*(line(f"所{i}", number(30 + i), **more) for i, more in enumerate(lines)))
    for name, more, expected in (
        ("保土ケ谷区", ward, {2}),
        ("横浜市", {"kind": "designated_city", **kanagawa}, {2, 3}),
        ("美里町", {"kind": "town", "prefecture": "熊本県"}, {4}),
        ("府中市", {"kind": "city", "prefecture": "東京都"}, {6}),
    ):
        desk = await desk_of(world, name=name, **more)
        outcome = (await desk.send(body, "&dry_run=true")).json()
        assert {row["line"] for row in outcome["results"]} == expected, name
    desk = await desk_of(world, name="別名市")
    by_code = file_of(line("甲", number(40), **{area: desk.own[:5], place: "どこか"}))
    assert counts((await desk.send(by_code)).json()) == (1, 0, 0)


async def test_only_who_may_import_imports_and_only_within_reach(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    centre = await world.centre(own)
    body = file_of(line("甲", number(21)))
    for caller in (
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre),
        await world.sign_in(Role.CENTRE_STAFF, centre_id=centre),
        await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=await world.office(own)),
        await world.sign_in(Role.OPERATOR),
        await world.program("offices:read", "offices:write", municipality_id=own),
    ):
        assert (await Desk(world, own, caller).send(body)).status_code == 403
    stranger = await world.sign_in(Role.WARD_STAFF, municipality_id=other)
    foreign = await Desk(world, own, stranger).send(body)
    missing = await Desk(world, "999999", stranger).send(body)
    assert (foreign.status_code, foreign.json()["detail"]) == (404, missing.json()["detail"])
    program = await world.program("offices:read", "offices:import", centre_id=centre)
    assert counts((await Desk(world, own, program).send(body)).json()) == (1, 0, 0)
    past = await world.centre()
    operator = await world.sign_in(Role.OPERATOR)
    await world.client.post(
        f"/v1/centres/{past}/coverage",
        headers=operator,
        json={"municipality_id": own, "valid_from": "2024-04-01", "valid_to": "2024-04-30"},
    )
    ended = await world.program("offices:import", centre_id=past)
    assert (await Desk(world, own, ended).send(body)).status_code == 404
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    nameless = await world.client.post(
        "/v1/offices/register_imports", headers={**ward, "Content-Type": "text/csv"}, content=body
    )
    assert (nameless.status_code, nameless.json()["errors"][0]["parameter"]) == (422, "municipality_id")


async def test_the_same_key_imports_once(world: World) -> None:
    desk = await desk_of(world)
    body = file_of(line("甲", number(22)))
    first = await desk.send(body, "", **{"Idempotency-Key": f"r-{desk.own}"})
    second = await desk.send(body, "", **{"Idempotency-Key": f"r-{desk.own}"})
    assert (second.headers["idempotency-replayed"], second.json()) == ("true", first.json())
    other = await desk.send(body + b"\r\n", "", **{"Idempotency-Key": f"r-{desk.own}"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
