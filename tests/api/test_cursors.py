"""Cursors: nothing to read in them, the same in every worker, and none but a list's own is taken."""

import base64
import os
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest

from api.app import create_app, guarded
from domain.accounts.secret_keys import SecretKeys
from domain.lists import encoded
from domain.sealing import Seal
from domain.settings import Settings
from tests.paging import asked, followed, ids_of, lists_of
from tests.towns import Town
from tests.world import World

NAMES = ("見本 花子", "見本 太郎", "試験 三郎")
KANA = ("みほん はなこ", "みほん たろう", "しけん さぶろう")

READ = ("みほん", "しけん", "はな", "たろ")
"""What stands of them in the column that the list is sorted by."""


async def people(world: World, town: Town) -> list[str]:
    made = []
    for name, kana in zip(NAMES, KANA, strict=True):
        body = {"name": name, "name_kana": kana, "office_id": town.office, "employment": "full_time"}
        answer = await world.client.post("/v1/people", headers=town.ward, json=body)
        assert answer.status_code == 201, answer.text
        made.append(str(answer.json()["id"]))
    return made


def read(cursor: str) -> bytes:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


async def test_a_cursor_holds_no_name_to_read(world: World, town: Town) -> None:
    made = await people(world, town)
    for sort in ("", "&sort=name_kana,id", "&sort=-name_kana"):
        first = await asked(world, f"/v1/people?limit=1{sort}", town.ward)
        cursor = first.json()["resultset"]["next_cursor"]
        assert cursor == first.headers["x-next-cursor"]
        assert cursor in first.headers["link"]
        assert quote(cursor, safe="") == cursor, "safe in an address as it is"
        for word in (*READ, *NAMES, *made, "name_kana"):
            assert word.encode() not in read(cursor)
        pages = await followed(world, f"/v1/people?limit=1{sort}", town.ward)
        assert sorted(ids_of(*pages)) == sorted(made)


async def test_an_open_cursor_would_be_noticed(world: World, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await people(world, town)
    plain = lambda _seal, content, _bound_to: base64.urlsafe_b64encode(content).rstrip(b"=").decode()  # noqa: E731
    monkeypatch.setattr(Seal, "closed", plain)
    page = await asked(world, "/v1/people?limit=1", town.ward)
    assert any(kana.encode() in read(page.headers["x-next-cursor"]) for kana in READ)


async def test_the_same_page_has_the_same_cursor_and_so_the_same_tag(world: World, town: Town) -> None:
    await people(world, town)
    first, again = [await asked(world, "/v1/people?limit=1", town.ward) for _ in range(2)]
    assert first.headers["etag"] == again.headers["etag"]
    assert first.headers["x-next-cursor"] == again.headers["x-next-cursor"]


async def test_another_worker_takes_the_cursor(world: World, town: Town, settings: Settings) -> None:
    made = await people(world, town)
    page = await asked(world, "/v1/people?limit=1&sort=id", town.ward)
    other = create_app(settings)
    async with (
        other.router.lifespan_context(other),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=guarded(other)), base_url="http://kikan.test") as client,
    ):
        path = f"/v1/people?limit=1&sort=id&cursor={page.headers['x-next-cursor']}"
        answer = await client.get(path, headers=town.ward)
        assert answer.status_code == 200, answer.text
        assert [row["id"] for row in answer.json()["results"]] == [made[1]]


FORGED = (
    "x", "bnVsbA", "W10", encoded(["name_kana,id", "\0", "00000000-0000-0000-0000-000000000000"]), "A" * 2000, "あ", "",
    encoded(["name_kana,id", "a", "00000000-0000-0000-0000-000000000000"]), "=", "AAAA" * 8,
)  # fmt: skip


@pytest.mark.parametrize("cursor", FORGED)
async def test_a_forged_cursor_is_refused_alike_by_every_list(world: World, town: Town, cursor: str) -> None:
    for path in set(lists_of(world.app)) - {"/v1/clients"}:
        answer = await world.client.get(f"{path}?cursor={quote(cursor)}", headers=town.ward)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["parameter"], fault["code"]) == (422, "cursor", "cursor_invalid"), path


async def test_a_cursor_of_another_list_or_order_or_deployment_is_refused(world: World, town: Town) -> None:
    await people(world, town)
    await world.office(town.code, "別の相談室")
    of_offices = (await asked(world, "/v1/offices?limit=1", town.ward)).headers["x-next-cursor"]
    of_people = (await asked(world, "/v1/people?limit=1", town.ward)).headers["x-next-cursor"]
    foreign = Seal((os.urandom(32),)).closed(orjson.dumps(["name_kana,id", "a", town.office]), "people")
    for path in (f"/v1/people?cursor={of_offices}", f"/v1/people?sort=id&cursor={of_people}", f"/v1/people?cursor={foreign}",
                 f"/v1/people?cursor={of_people[:-3]}AAA", f"/v1/offices?cursor={of_people}"):  # fmt: skip
        answer = await world.client.get(path, headers=town.ward)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor_invalid"), path


SYNCED = (
    "/v1/changes?after=",
    "/v1/offices?changed_after=",
    "/v1/municipalities?changed_after=",
    "/v1/people?changed_after=",
)


@pytest.mark.parametrize("path", SYNCED)
async def test_a_sync_cursor_with_controls_is_refused_on_both_databases(world: World, town: Town, path: str) -> None:
    for text in ("\0", "a\0b", "\x1b", "\x7f", "\x85"):
        answer = await world.client.get(f"{path}{encoded([1, text])}", headers=town.ward)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor_invalid"), text


def test_every_key_opens_and_the_first_one_seals() -> None:
    old, new = SecretKeys.generate(), SecretKeys.generate()
    before, after = (SecretKeys.from_text(text).cursors for text in (old, f"{new},{old}"))
    sealed = before.closed(b"key", "people")
    assert after.opened(sealed, "people") == b"key"
    assert after.opened(sealed, "offices") is None
    assert before.opened(after.closed(b"key", "people"), "people") is None
    assert SecretKeys.from_text(new).cursors.opened(sealed, "people") is None


def test_no_key_is_shown() -> None:
    made: Any = SecretKeys.from_text(SecretKeys.generate())
    assert "Seal" not in repr(made)
    assert "0x" in repr(made.cursors)
