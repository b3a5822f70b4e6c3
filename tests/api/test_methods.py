"""Methods of a path: HEAD answers like GET without a body, OPTIONS and 405 name all that the path can do."""

from typing import Any

import pytest

from api import streaming
from domain.access import Role
from tests.towns import Town
from tests.world import World

ALLOWED = {
    "/v1/offices": "GET, HEAD, OPTIONS, POST",
    "/v1/offices.csv": "GET, HEAD, OPTIONS",
    "/v1/offices/{office}": "DELETE, GET, HEAD, OPTIONS, PATCH",
    "/v1/offices/batch": "OPTIONS, POST",
    "/v1/offices/by_external_id/a/b": "OPTIONS, PUT",
    "/v1/sessions": "GET, HEAD, OPTIONS, POST",
    "/v1/sessions/current": "DELETE, OPTIONS",
    "/v1/activity_counts": "GET, HEAD, OPTIONS",
    "/oauth/token": "OPTIONS, POST",
    "/problems": "GET, HEAD, OPTIONS",
    "/livez": "GET, HEAD, OPTIONS",
    "/docs": "GET, HEAD, OPTIONS",
    "/openapi.json": "GET, HEAD, OPTIONS",
}


@pytest.mark.parametrize("path", ALLOWED)
async def test_a_path_names_all_that_it_can_do(world: World, town: Town, path: str) -> None:
    address, allowed = path.format(office=town.office), ALLOWED[path]
    asked = await world.client.options(address)
    assert (asked.status_code, asked.content, asked.headers["allow"]) == (204, b"", allowed)
    assert "content-length" not in asked.headers
    for method in {"GET", "POST", "PATCH", "PUT", "DELETE", "TRACE", "BREW"} - set(allowed.split(", ")):
        refused = await world.client.request(method, address, headers=town.ward)
        assert (refused.status_code, refused.headers["allow"]) == (405, allowed), method
        told = refused.json()
        code = told["error"] if path.startswith("/oauth/") else told["code"]
        assert code == ("invalid_request" if path.startswith("/oauth/") else "method_not_allowed")


async def test_a_path_that_does_not_exist_has_no_methods(world: World) -> None:
    for path in ("/v1/nowhere", "/v1/offices/a/b/c", "/nowhere"):
        for method in ("OPTIONS", "HEAD", "PATCH"):
            assert (await world.client.request(method, path)).status_code == 404, (method, path)


def without_id(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("x-request-id", "ratelimit", "link")}


async def test_head_is_answered_like_get_without_a_body(world: World, town: Town) -> None:
    counts = "/v1/activity_counts?fiscal_year=2026"
    for path in ("/v1/offices?limit=1", f"/v1/offices/{town.office}", counts, "/problems", "/v1/me", "/openapi.json"):
        got = await world.client.get(path, headers=town.ward)
        asked = await world.client.head(path, headers=town.ward)
        assert (asked.status_code, asked.content) == (200, b""), path
        assert without_id(asked.headers) == without_id(got.headers), path
        assert int(asked.headers["content-length"]) == len(got.content)
        if "etag" in got.headers:
            known = await world.client.head(path, headers=town.ward | {"If-None-Match": got.headers["etag"]})
            assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", got.headers["etag"])
    for path in ("/v1/offices/00000000-0000-0000-0000-000000000000", "/v1/offices?x=1"):
        got = await world.client.get(path, headers=town.ward)
        asked = await world.client.head(path, headers=town.ward)
        assert (asked.status_code, asked.content) == (got.status_code, b""), path
        assert asked.headers["content-length"] == got.headers["content-length"]


async def test_head_asks_for_the_same_rights_as_get(world: World) -> None:
    centre = await world.centre(await world.municipality())
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    assert (await world.client.head("/v1/offices")).status_code == 401
    assert (await world.client.head("/v1/users", headers=staff)).status_code == 403
    assert (await world.client.head(f"/v1/centres/{await world.centre()}", headers=staff)).status_code == 404


async def test_head_of_a_file_says_what_it_is_and_exports_nothing(
    world: World, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = []
    audited = streaming._audited

    async def noting(*known: Any) -> None:
        noted.append(known)
        await audited(*known)

    monkeypatch.setattr(streaming, "_audited", noting)
    for suffix, query in ((".csv", ""), (".ndjson", ""), (".csv", "?charset=cp932")):
        asked = await world.client.head(f"/v1/offices{suffix}{query}", headers=town.ward)
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-disposition"] == f'attachment; filename="offices{suffix}"'
        assert "content-length" not in asked.headers
    assert (await world.client.head("/v1/offices.csv?cursor=x", headers=town.ward)).status_code == 422
    assert noted == []
    await world.client.get("/v1/offices.csv", headers=town.ward)
    assert len(noted) == 1


async def test_a_slash_behind_a_path_makes_another_one_and_leads_nowhere(world: World, town: Town) -> None:
    for path in ("/v1/offices/", "/v1/me/", "/oauth/token/", "/docs/", "/livez/"):
        for method in ("GET", "POST", "HEAD"):
            headers = {**town.ward, "Host": "evil.example"}
            answer = await world.client.request(method, path, headers=headers)
            assert (answer.status_code, "location" in answer.headers) == (404, False), (method, path)
            if method == "GET":
                assert answer.json().get("code") == (None if path.startswith("/oauth/") else "not_found")
