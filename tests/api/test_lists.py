"""Pages of lists through HTTP: their ETag, the link to the next page, and what changed since an instant."""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from api import answers, lists
from api.operations import Operation
from domain.access import ROLE_PERMISSIONS, Role
from domain.accounts import users
from domain.clock import today
from domain.lists import Page
from tests.contract.declared import contract
from tests.paging import Headers, asked, followed, ids_of, lists_of
from tests.towns import Town
from tests.world import World

OTHER_PAGES = {"/v1/changes", "/v1/sessions"}
"""Pages that do not come from a listing: the feed and one's own sessions."""


def may(route: Operation, role: Role) -> bool:
    return route.access.permission in ROLE_PERMISSIONS[role]


async def meetings(world: World, staff: Headers, *titles: str) -> list[str]:
    made = []
    for title in titles:
        body = {"kind": "meeting", "title": title, "held_on": today().isoformat()}
        answer = await world.client.post("/v1/activities", headers=staff, json=body)
        assert answer.status_code == 201, answer.text
        made.append(str(answer.json()["id"]))
    return made


async def centre_staff(world: World) -> Headers:
    return await world.sign_in(Role.CENTRE_STAFF, centre_id=await world.centre(await world.municipality()))


async def test_every_page_has_a_tag_and_is_not_sent_again_while_it_is_the_same(world: World, town: Town) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    asked_of = {path: operator if path == "/v1/clients" else town.ward for path in lists_of(world.app)}
    asked_of |= dict.fromkeys(OTHER_PAGES, town.ward)
    for path, headers in asked_of.items():
        first = await asked(world, path, headers)
        tag = first.headers["etag"]
        assert re.fullmatch(r'"[0-9a-f]{24}"', tag), path
        assert first.headers["cache-control"] == "private, no-cache"
        for known in (tag, f'"else", W/{tag}', "*"):
            again = await world.client.get(path, headers={**headers, "If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), path
        other = await world.client.get(path, headers={**headers, "If-None-Match": '"else"'})
        assert (other.status_code, other.content) == (200, first.content)


async def test_a_page_is_sent_again_once_a_row_on_it_has_changed(world: World) -> None:
    staff = await centre_staff(world)
    (meeting,) = await meetings(world, staff, "会議")
    first = await asked(world, "/v1/activities", staff)
    change = {**staff, "If-Match": '"1"'}
    changed = await world.client.patch(f"/v1/activities/{meeting}", headers=change, json={"title": "変更後"})
    assert changed.status_code == 200, changed.text
    again = await world.client.get("/v1/activities", headers={**staff, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 200
    assert again.headers["etag"] != first.headers["etag"]
    assert again.json()["results"][0]["title"] == "変更後"


async def test_a_file_has_no_tag_and_leads_nowhere(world: World) -> None:
    staff = await centre_staff(world)
    await meetings(world, staff, "一", "二")
    for suffix in (".csv", ".ndjson"):
        whole = await world.client.get(f"/v1/activities{suffix}?limit=1", headers={**staff, "If-None-Match": "*"})
        assert whole.status_code == 200
        assert whole.headers["cache-control"] == "no-store"
        assert not {"etag", "link"} & whole.headers.keys()


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7, 8])
async def test_links_lead_through_all_rows_that_were_asked_for_each_once(world: World, limit: int) -> None:
    staff = await centre_staff(world)
    title = '拡大 会議 & "<50%>" #1+1; a/b?c=d'
    wanted = await meetings(world, staff, *[title] * 7)
    await meetings(world, staff, *["別の打合せ"] * 3)
    query = f"kind=meeting,other&q={quote(title)}&fields=id,title&sort=-held_on,id&limit={limit}&count=true"
    pages = await followed(world, f"/v1/activities?{query}", staff)
    assert ids_of(*pages) == sorted(wanted)
    assert len(pages) == -(-len(wanted) // limit)
    for page in pages:
        assert page.json()["resultset"]["count"] == len(wanted)
        assert {tuple(row) for row in page.json()["results"]} == {("id", "title")}
        asked_for = httpx.URL(str(page.request.url)).params
        assert (asked_for["q"], asked_for["limit"]) == (title, str(limit))
        assert len(asked_for.multi_items()) == len(set(asked_for)), "the cursor is replaced, never added twice"


async def test_a_link_that_loses_a_filter_would_be_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = await centre_staff(world)
    wanted = await meetings(world, staff, *["拡大会議"] * 3)
    await meetings(world, staff, *["別の打合せ"] * 3)
    address = f"/v1/activities?q={quote('拡大')}&limit=2&sort=id"
    assert set(ids_of(*await followed(world, address, staff))) == set(wanted)

    def forgetful(found: Page, limit: int, path: str, _asked: Any, cursor: str) -> answers.Answer:
        return answers.page(found, limit, path, {"limit": limit, "sort": "id"}, cursor)

    monkeypatch.setattr(lists, "page", forgetful)
    assert set(ids_of(*await followed(world, address, staff))) > set(wanted)


async def test_the_links_of_a_sync_end_where_the_sync_has_caught_up(world: World) -> None:
    staff = await centre_staff(world)
    wanted = await meetings(world, staff, *"一二三四五")
    pages = await followed(world, "/v1/activities?changed_after=start&limit=2&include_deleted=true", staff)
    assert ids_of(*pages) == wanted
    cursor = pages[-1].json()["resultset"]["next_cursor"]
    assert cursor == pages[-1].headers["x-next-cursor"], "the next sync begins here, though no link leads on"
    quiet = await asked(world, "/v1/activities", staff, changed_after=cursor, limit="2")
    assert (quiet.json()["results"], "link" in quiet.headers) == ([], False)
    gone = await world.client.delete(f"/v1/activities/{wanted[0]}", headers={**staff, "If-Match": '"1"'})
    assert gone.status_code == 204
    address = f"/v1/activities?changed_after={cursor}&limit=1&include_deleted=true"
    told = await followed(world, address, staff)
    assert ids_of(*told) == wanted[:1], "a full page may lead to an empty one"
    assert len(told) == 2


async def test_the_links_of_the_feed_tell_every_change_once(world: World) -> None:
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    for number in range(3):
        await world.office(municipality, f"相談室{number}")
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    whole = await asked(world, "/v1/changes", staff)
    assert "link" not in whole.headers
    assert len(ids_of(whole)) == 5
    for address in ("/v1/changes?limit=2", "/v1/changes?after=start&limit=2", "/v1/changes?limit=1&after=start"):
        pages = await followed(world, address, staff)
        assert ids_of(*pages) == ids_of(whole)
        assert pages[-1].headers["x-next-cursor"] == whole.headers["x-next-cursor"]


def test_the_contract_declares_tag_and_link_of_every_page(app: FastAPI) -> None:
    for path in {*lists_of(app), *OTHER_PAGES}:
        said = contract()["paths"][path]["get"]
        assert "304" in said["responses"], path
        assert {"$ref": "#/components/parameters/If-None-Match"} in said["parameters"]
        expected = {"ETag"} if path == "/v1/sessions" else {"ETag", "Link", "X-Next-Cursor"}
        assert expected <= said["responses"]["200"]["headers"].keys(), path


def test_every_link_leads_to_the_list_it_stands_on(app: FastAPI) -> None:
    for path, route in lists_of(app).items():
        assert route.listed
        assert path == f"/v1/{route.listed.listing.name}"


def written(instant: datetime) -> str:
    return quote(instant.isoformat())


async def test_updated_since_gives_what_changed_at_the_instant_or_later(world: World) -> None:
    staff = await centre_staff(world)
    early, late = await meetings(world, staff, "先の会議", "後の会議")
    rows = {row["id"]: row for row in (await asked(world, "/v1/activities", staff)).json()["results"]}
    first, last = (datetime.fromisoformat(rows[row]["updated_at"]) for row in (early, late))
    tick = timedelta(microseconds=1)

    async def since(text: str, **more: str) -> set[str]:
        extra = "".join(f"&{name}={quote(value)}" for name, value in more.items())
        return set(ids_of(await asked(world, f"/v1/activities?updated_since={text}{extra}", staff)))

    assert await since(written(first)) == {early, late}
    assert await since(written(first + tick)) == {late}
    assert await since(written(last)) == {late}
    assert await since(written(last + tick)) == set()
    utc = (last - timedelta(hours=9)).isoformat()[:26]
    for same in (f"{utc}Z", f"{utc.lower()}z", f"{utc}000Z", f"{utc}%2B00:00"):
        assert await since(same) == {late}, same
    assert await since(written(last - timedelta(hours=9)).replace("%2B09%3A00", "-09:00")) == set()
    assert await since("1970-01-01T00:00:00Z", q="先") == {early}
    gone = await world.client.delete(f"/v1/activities/{early}", headers={**staff, "If-Match": '"1"'})
    assert gone.status_code == 204
    assert await since(written(last + tick)) == set()
    assert await since(written(last + tick), include_deleted="true") == {early}


async def test_updated_since_goes_with_files_and_links_too(world: World) -> None:
    staff = await centre_staff(world)
    made = await meetings(world, staff, *"一二三四")
    rows = (await asked(world, "/v1/activities?sort=id", staff)).json()["results"]
    since = written(datetime.fromisoformat(rows[1]["updated_at"]))
    lines = await asked(world, f"/v1/activities.ndjson?sort=id&updated_since={since}", staff)
    assert [json.loads(line) for line in lines.text.splitlines()] == rows[1:]
    sheet = await asked(world, f"/v1/activities.csv?sort=id&updated_since={since}", staff)
    cells = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))
    assert [cell["id"] for cell in cells] == made[1:]
    pages = await followed(world, f"/v1/activities?sort=id&limit=1&updated_since={since}", staff)
    assert ids_of(*pages) == made[1:]


@pytest.mark.parametrize(
    "text",
    ["2026-10-01T09:00:00", "2026-10-01", "2026-10-01T09:00:00+09:00", "2026-10-01%2009:00:00Z", "2026-13-01T09:00:00Z",
     "2026-10-01T24:01:00Z", "2026-10-01T09:00Z", "2026-10-01T09:00:00%2B0900", "2026-10-01T09:00:00%2B25:00",
     "2026-W40-4T09:00:00Z", "0001-01-01T00:00:00%2B09:00", "9999-12-31T23:59:59-09:00", "1790000000", "yesterday",
     "2026-10-01T09:00:00.Z", "２０２６-10-01T09:00:00Z", "2026-10-01T09:00:00Z,2026-10-02T09:00:00Z"],
)  # fmt: skip
async def test_what_is_no_instant_with_its_offset_is_refused(world: World, text: str) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    for suffix in ("", ".csv", ".ndjson"):
        path = f"/v1/offices{suffix}?updated_since={text}"
        answer = await world.client.get(path, headers=ward)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["parameter"], fault["code"]) == (422, "updated_since", "not_an_instant")
        assert "時差" in fault["detail"]
    english = await world.client.get(path, headers={**ward, "Accept-Language": "en"})
    assert "offset" in english.json()["errors"][0]["detail"]


async def test_an_empty_or_repeated_instant_is_refused(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    for query, code in (("updated_since=", "empty"), ("updated_since=2026-10-01T00:00:00Z&" * 2, "repeated")):
        answer = await world.client.get(f"/v1/offices?{query}", headers=ward)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["parameter"], fault["code"]) == (422, "updated_since", code)


async def test_every_list_whose_rows_tell_when_they_changed_can_be_asked_by_it(world: World, town: Town) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    later = written(datetime.now().astimezone() + timedelta(days=1))
    without = set()
    for path, route in lists_of(world.app).items():
        headers = town.ward if may(route, Role.WARD_STAFF) else operator
        declared = {
            p.get("name", p.get("$ref", "").rpartition("/")[2]) for p in contract()["paths"][path]["get"]["parameters"]
        }
        answer = await world.client.get(f"{path}?updated_since={later}", headers=headers)
        if "updated_since" not in declared:
            without.add(path)
            assert answer.json()["errors"][0]["code"] == "unknown_parameter"
            continue
        assert (answer.status_code, answer.json()["results"]) == (200, []), path
        assert "updated_at" in (await asked(world, f"{path}.csv", headers)).text.partition("\r\n")[0], path
    assert without == {"/v1/viewpoint_sets"}


def test_every_list_can_be_followed_but_those_that_the_page_about_sync_names(app: FastAPI) -> None:
    without = {
        path.removeprefix("/v1/") for path, route in lists_of(app).items() if route.listed.listing.changed is None
    }
    assert without == {"users", "clients", "viewpoint_sets"}
    page = (Path(__file__).parents[2] / "docs" / "sync.md").read_text(encoding="utf-8")
    told = page[page.index("Three lists have no sync.") :].partition("\n\n")[0]
    assert all(f"`{name}`" in told for name in without)


async def test_a_wrong_comparison_would_be_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = users.USERS.filters["updated_since"]
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    later = written(datetime.now().astimezone() + timedelta(days=1))
    assert ids_of(await asked(world, f"/v1/users?updated_since={later}", ward)) == []
    monkeypatch.setattr(type(kept), "clause", lambda self, name, *, is_one: self.column.is_not(None))
    monkeypatch.setattr(users.USERS, "_shapes", {})
    assert len(ids_of(await asked(world, f"/v1/users?updated_since={later}", ward))) == 1
