"""Searching names and titles: words in any order, width, kana and form of kanji; every one of them must occur."""

from urllib.parse import quote

import pytest

from tests.paging import asked
from tests.towns import Town
from tests.world import World

NAMES = {"見本相談支援室 あおば": "みほんそうだんしえんしつ あおば", "見本相談室ふたば": "みほんそうだんしつふたば"}
AOBA, FUTABA = NAMES
SEARCHES = {
    "見本 あおば": [AOBA],
    "見本　あおば": [AOBA],
    "あおば　見本": [AOBA],
    "  見本  ": [AOBA, FUTABA],
    "見本 見本": [AOBA, FUTABA],
    "見本 相談 室": [AOBA, FUTABA],
    "見本 アオバ": [AOBA],
    "見本 ｱｵﾊﾞ": [AOBA],
    "見本相談支援室あおば": [AOBA],
    "みほん ふたば": [FUTABA],
    "ミホン\u3000ﾌﾀﾊﾞ": [FUTABA],
    "見本 もみじ": [],
    "見本 %": [],
    "_ _": [],
}


@pytest.mark.parametrize("words", SEARCHES)
async def test_every_word_must_occur_whatever_its_spelling(world: World, town: Town, words: str) -> None:
    for name, kana in NAMES.items():
        body = {"municipality_id": town.code, "name": name, "name_kana": kana}
        made = await world.client.post("/v1/offices", headers=town.ward, json=body)
        assert made.status_code == 201, made.text
    found = await asked(world, f"/v1/offices?q={quote(words)}&count=true", town.ward)
    assert sorted(row["name"] for row in found.json()["results"]) == sorted(SEARCHES[words])
    assert found.json()["resultset"]["count"] == len(SEARCHES[words])


async def test_users_are_found_by_words_too(world: World, town: Town) -> None:
    for words, count in (("新規 太郎", 1), ("太郎　新規", 1), ("新規 次郎", 0)):
        if not (await asked(world, f"/v1/users?q={quote('新規')}", town.ward)).json()["results"]:
            body = {"login": f"search-{town.code}", "name": "新規 太郎", "assignment": {"role": "ward_staff"}}
            body["assignment"] |= {"municipality_id": town.code}  # type: ignore[operator]
            made = await world.client.post("/v1/users", headers=town.ward, json=body)
            assert made.status_code == 201, made.text
        found = await asked(world, f"/v1/users?q={quote(words)}", town.ward)
        assert len(found.json()["results"]) == count, words


@pytest.mark.parametrize(
    ("words", "code"), [(" ", "search_length"), ("\ufe0f", "search_length"), ("あ " * 11, "too_many")]
)
async def test_what_holds_no_word_or_too_many_is_refused(world: World, town: Town, words: str, code: str) -> None:
    answer = await world.client.get(f"/v1/offices?q={quote(words)}", headers=town.ward)
    (fault,) = answer.json()["errors"]
    assert (answer.status_code, fault["parameter"], fault["code"]) == (422, "q", code)
