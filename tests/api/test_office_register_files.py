"""Register files that are not as they should be, through HTTP: named by line and column, nothing stored."""

import pytest

from tests.register_files import HEADING, Line, counts, desk_of, file_of, line, number
from tests.world import World


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
