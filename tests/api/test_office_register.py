"""Import of the national office register through HTTP."""

import csv
import io
from typing import Any

import pytest

from domain.access import Role
from domain.office_numbers import check_digit
from tests.accounts import Accounts
from tests.world import World

HEADING = (
    "都道府県コード又は市区町村コード", "NO（※システム内の固有の番号、連番）", "指定機関名", "法人の名称", "法人の名称_かな",
    "法人番号", "法人住所（市区町村）", "法人住所（番地以降）", "法人電話番号", "法人FAX番号", "法人URL", "サービス種別",
    "事業所の名称", "事業所の名称_かな", "事業所番号", "事業所住所（市区町村）", "事業所住所（番地以降）", "事業所電話番号",
    "事業所FAX番号", "事業所URL", "事業所緯度", "事業所経度", "利用可能な時間帯（平日）", "利用可能な時間帯（土曜）",
    "利用可能な時間帯（日曜）", "利用可能な時間帯（祝日）", "定休日", "利用可能曜日特記事項（留意事項）", "定員",
)  # fmt: skip
PLAN, CHILD = "計画相談支援", "障害児相談支援"
TRANSITION, SETTLEMENT = "地域相談支援（地域移行支援）", "地域相談支援（地域定着支援）"
Line = dict[str, str]


def number(stem: int, kind: str = "3") -> str:
    text = f"13{kind}01{stem:04d}"
    return text + check_digit(text)


def line(name: str, office_number: str, service: str = PLAN, **more: str) -> Line:
    return {
        "都道府県コード又は市区町村コード": "13000",
        "NO（※システム内の固有の番号、連番）": "A0000000001",
        "法人の名称": "社会福祉法人試験会",
        "サービス種別": service,
        "事業所の名称": name,
        "事業所の名称_かな": "しけん",
        "事業所番号": office_number,
        "事業所住所（市区町村）": "東京都試験市",
        "事業所住所（番地以降）": "１－２－３",
        "事業所電話番号": "03-0000-0000",
        "事業所URL": "https://office.example/",
        **more,
    }


def file_of(*lines: Line, heading: tuple[str, ...] = HEADING, encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([row.get(name, "") for name in heading] for row in lines)
    return out.getvalue().encode(encoding)


class Desk:
    """A ward officer at work on the register."""

    def __init__(self, world: World, own: str, caller: dict[str, str]) -> None:
        self.world, self.own, self.caller = world, own, caller

    async def send(self, body: bytes, query: str = "", **headers: str) -> Any:
        path = f"/v1/offices/register_imports?municipality_id={self.own}{query}"
        return await self.world.client.post(
            path, headers={**self.caller, "Content-Type": "text/csv", **headers}, content=body
        )

    async def offices(self) -> list[dict[str, Any]]:
        listed = await self.world.client.get("/v1/offices?limit=200", headers=self.caller)
        rows: list[dict[str, Any]] = listed.json()["results"]
        return rows


async def desk_of(world: World, **more: Any) -> Desk:
    own = await world.municipality(**more)
    return Desk(world, own, await world.sign_in(Role.WARD_STAFF, municipality_id=own))


def counts(outcome: dict[str, Any]) -> tuple[int, int, int]:
    return outcome["created_count"], outcome["updated_count"], outcome["unchanged_count"]


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


@pytest.mark.parametrize(
    ("cell", "code", "heading"),
    [
        ({"事業所の名称": "=1+1"}, "formula_cell", "事業所の名称"),
        ({"事業所の名称": "＝HYPERLINK(1)"}, "formula_cell", "事業所の名称"),
        ({"事業所電話番号": "@SUM(1)"}, "formula_cell", "事業所電話番号"),
        ({"事業所番号": '="1330100692"'}, "formula_cell", "事業所番号"),
        ({"事業所番号": "133010069"}, "office_number_form", "事業所番号"),
        ({"事業所番号": "1.33E+09"}, "office_number_form", "事業所番号"),
        ({"事業所番号": ""}, "required", "事業所番号"),
        ({"事業所の名称": " "}, "required", "事業所の名称"),
        ({"事業所の名称": "甲" * 101}, "too_long", "事業所の名称"),
        ({"事業所の名称": "渡邉\ue000"}, "gaiji_not_supported", "事業所の名称"),
        ({"法人の名称": "試\u202e験"}, "character_not_allowed", "法人の名称"),
        ({"事業所の名称": "甲\n乙"}, "character_not_allowed", "事業所の名称"),
        ({"事業所の名称": "甲\x00乙"}, "character_not_allowed", "事業所の名称"),
    ],
)
async def test_a_bad_cell_is_named_by_line_and_column_and_stores_nothing(
    world: World, cell: Line, code: str, heading: str
) -> None:
    desk = await desk_of(world)
    body = file_of(line("乙", number(10)), line("甲", number(11), **cell))
    rehearsed = await desk.send(body, "&dry_run=true")
    assert rehearsed.status_code == 200, rehearsed.text
    bad = rehearsed.json()["results"][1]
    assert (bad["line"], bad["status"], bad["errors"][0]["code"]) == (3, "error", code)
    assert bad["errors"][0]["pointer"] == f"/3/{heading}"
    refused = await desk.send(body, "", **{"Accept-Language": "en"})
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert [e["pointer"] for e in refused.json()["errors"]] == [f"/3/{heading}"]
    assert "Line 3" in refused.json()["errors"][0]["detail"]
    assert await desk.offices() == []


async def test_gaiji_of_a_cp932_file_are_found(world: World) -> None:
    desk = await desk_of(world)
    body = file_of(line("甲乙", number(12)), encoding="cp932").replace("乙".encode("cp932"), b"\xf0\x40")
    refused = await desk.send(body)
    assert (refused.status_code, refused.json()["code"]) == (422, "gaiji_not_supported")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "file_empty"),
        (b"  \r\n", "file_empty"),
        (file_of(line("甲", number(13)), encoding="utf-16"), "encoding_unknown"),
        (file_of(line("甲", number(13))) + b"\xff\xfe\xfd\r\n", "encoding_unknown"),
        (file_of(line("甲", number(13)), heading=HEADING[:14]), "columns_wrong"),
        (file_of(line("甲", number(13)), heading=(*HEADING, "事業所番号")), "columns_wrong"),
        (b"\xef\xbb\xbf" + "事業所番号\r\n1".encode(), "columns_wrong"),
        (b'{"rows": []}', "columns_wrong"),
        (file_of(line("甲", number(13))) + b'"only one column"\r\n', "line_broken"),
        (file_of(line("甲", number(13))) + b'"never closed,\r\n', "line_broken"),
        (file_of(line("甲", number(13))) + b'"' + b"x" * 200_000 + b'"\r\n', "line_broken"),
        (file_of() + b"\r\n" * 60_001 + b"a,b\r\n", "too_many_lines"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_and_told_why(world: World, body: bytes, code: str) -> None:
    desk = await desk_of(world)
    for query in ("", "&dry_run=true"):
        refused = await desk.send(body, query)
        assert (refused.status_code, refused.json()["code"]) == (422, code), refused.text


async def test_the_file_must_be_csv_of_at_most_five_mebibytes(world: World) -> None:
    desk = await desk_of(world)
    filler = line("乙" * 90, number(14), **{"事業所住所（市区町村）": "東京都別の市"})
    body = file_of(line("甲", number(15)), *[filler] * 9000)
    assert 4_000_000 < len(body) < 5_242_880
    accepted = await desk.send(body)
    assert (accepted.status_code, counts(accepted.json())) == (200, (1, 0, 0)), accepted.text[:500]
    assert (await desk.send(body + b" " * 2_000_000)).status_code == 413
    other = await desk.send(body, "", **{"Content-Type": "application/octet-stream"})
    assert other.status_code == 415
    elsewhere = await world.client.post(
        "/v1/offices", headers={**desk.caller, "Content-Type": "text/csv"}, content=b"a,b"
    )
    assert elsewhere.status_code == 415


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
