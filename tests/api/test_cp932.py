"""Lists as Shift_JIS files: what it lacks is told with its place, or replaced and counted."""

import csv
import io

import pytest

from tests.towns import Town
from tests.world import World

LACKING = "\U00020bb7田 神\ufa19"
"""𠮷, which cp932 lacks, and 神 of a form that it has."""


async def offices(world: World, town: Town) -> list[str]:
    made = []
    for name in ("青葉相談室", LACKING, "\U00020bb7\U00020bb7"):
        body = {"municipality_id": town.code, "name": name, "name_kana": "よしだ", "internal_note": LACKING}
        answer = await world.client.post("/v1/offices", headers=town.ward, json=body)
        assert answer.status_code == 201, answer.text
        made.append(str(answer.json()["id"]))
    return made


async def test_a_character_that_is_lacking_is_told_with_its_row_and_member(world: World, town: Town) -> None:
    _, second, _ = await offices(world, town)
    for accept, suffix in (({}, ".csv"), ({"Accept": "text/csv"}, "")):
        path = f"/v1/offices{suffix}?charset=cp932&sort=id"
        refused = await world.client.get(path, headers=town.ward | accept)
        (fault,) = refused.json()["errors"]
        assert (refused.status_code, fault["parameter"], fault["code"]) == (422, "charset", "not_in_charset")
        for told in (second, "name", "U+20BB7", "replace=true"):
            assert told in fault["detail"]
        assert "\U00020bb7" not in refused.text
    fitting = await world.client.get("/v1/offices.csv?charset=cp932&fields=id,municipality_id", headers=town.ward)
    assert fitting.status_code == 200


async def test_characters_are_replaced_and_counted_where_that_is_asked(world: World, town: Town) -> None:
    await offices(world, town)
    path = "/v1/offices.csv?charset=cp932&replace=true&sort=id&fields=id,name"
    file = await world.client.get(path, headers=town.ward)
    assert (file.status_code, file.headers["x-replaced-characters"]) == (200, "3")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("cp932"), newline="")))
    assert [row["name"] for row in rows] == ["試験相談室", "青葉相談室", "〓田 神\ufa19", "〓〓"]
    none = await world.client.get(f"{path}&q=%E9%9D%92%E8%91%89", headers=town.ward)
    assert (none.headers["x-replaced-characters"], len(none.content.splitlines())) == ("0", 2)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?charset=cp932", ["charset"]),
        (".ndjson?charset=cp932", ["charset"]),
        (".ndjson?charset=cp932&replace=true", ["charset", "replace"]),
        (".csv?replace=true", ["replace"]),
        (".csv?charset=utf-8&replace=true", ["replace"]),
        ("?replace=true", ["replace"]),
    ],
)
async def test_the_encoding_of_a_file_is_refused_where_there_is_none(
    world: World, town: Town, query: str, names: list[str]
) -> None:
    refused = await world.client.get(f"/v1/offices{query}", headers=town.ward)
    assert refused.status_code == 422
    assert [fault["parameter"] for fault in refused.json()["errors"]] == names


async def test_what_changes_nothing_is_taken(world: World, town: Town) -> None:
    for query in ("?charset=utf-8", ".ndjson?charset=utf-8", ".csv?replace=false", ".csv?charset=cp932&replace=false"):
        answer = await world.client.get(f"/v1/offices{query}", headers=town.ward)
        assert (answer.status_code, "x-replaced-characters" in answer.headers) == (200, False), query
