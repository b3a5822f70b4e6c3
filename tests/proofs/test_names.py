"""Promise 16 (reliability): a name is stored as it was typed, and found however it is typed.

NFC would change 神 U+FA19; private-use characters (外字) and controls of direction are refused, each by its code.
"""

from typing import Any

import pytest

from domain import folding
from tests.proofs.estates import Estate, callers_at
from tests.world import World

TYPED = (
    "\ufa19社",
    "高橋相談室",
    "髙橋相談室",
    "渡邊福祉",
    "斉藤ｵﾌｨｽ",
    "ＡＢＣセンター",
    "さくら　ケア",
    "か\u3099くえん",
    "葛\U000e0100飾支援",
    "①番館",
    "𠮷田相談室",
)
FOUND_BY = (
    ("\ufa19社", "神社"),
    ("\ufa19社", "\ufa19社"),
    ("髙橋相談室", "高橋"),
    ("高橋相談室", "髙橋"),
    ("斉藤ｵﾌｨｽ", "オフィス"),
    ("斉藤ｵﾌｨｽ", "おふぃす"),
    ("ＡＢＣセンター", "abc"),
    ("ＡＢＣセンター", "ＡＢＣｾﾝﾀｰ"),
    ("か\u3099くえん", "がくえん"),
    ("𠮷田相談室", "吉田"),
    ("葛\U000e0100飾支援", "葛飾"),
    ("渡邊福祉", "渡辺"),
)
REFUSED = (
    ("外字\ue000", "gaiji_not_supported"),
    ("外字\U000f0001", "gaiji_not_supported"),
    ("\u202e逆", "character_not_allowed"),
    ("\u2066隔離\u2069", "character_not_allowed"),
)


async def estate_of(world: World) -> Estate:
    municipality = await world.municipality()
    estate = Estate(municipality, await world.centre(municipality), await world.office(municipality))
    await callers_at(world, estate)
    return estate


async def entered(world: World, estate: Estate, name: str) -> Any:
    body = {"municipality_id": estate.municipality, "name": name, "name_kana": "よみ"}
    return await world.client.post("/v1/offices", headers=estate.callers["ward_staff"], json=body)


@pytest.mark.parametrize("name", TYPED)
async def test_a_name_is_read_exactly_as_it_was_typed(world: World, name: str) -> None:
    estate = await estate_of(world)
    made = await entered(world, estate, name)
    assert made.status_code == 201, made.text
    assert made.json()["name"] == name
    read = await world.client.get(made.headers["location"], headers=estate.callers["ward_staff"])
    assert read.json()["name"] == name


@pytest.mark.parametrize(("name", "typed"), FOUND_BY)
async def test_a_name_is_found_in_any_spelling(world: World, name: str, typed: str) -> None:
    estate = await estate_of(world)
    assert (await entered(world, estate, name)).status_code == 201
    found = await world.client.get("/v1/offices", params={"q": typed}, headers=estate.callers["ward_staff"])
    assert [row["name"] for row in found.json()["results"]] == [name]


@pytest.mark.parametrize(("name", "code"), REFUSED)
async def test_what_no_other_system_can_show_is_refused(world: World, name: str, code: str) -> None:
    estate = await estate_of(world)
    before = await world.client.get("/v1/offices?count=true", headers=estate.callers["ward_staff"])
    answer = await entered(world, estate, name)
    assert answer.status_code == 422
    assert code in answer.text
    assert name not in answer.text
    after = await world.client.get("/v1/offices?count=true", headers=estate.callers["ward_staff"])
    assert after.json()["resultset"] == before.json()["resultset"]


async def test_without_folding_other_spellings_find_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    estate = await estate_of(world)
    assert (await entered(world, estate, "髙橋相談室")).status_code == 201
    assert folding.folded("髙橋") == folding.folded("高橋")
    monkeypatch.setattr("domain.lists.folded", lambda text: text)
    found = await world.client.get("/v1/offices", params={"q": "髙橋"}, headers=estate.callers["ward_staff"])
    assert found.json()["results"] == []
