"""The contract, its viewers and the pages about problems: sent once, and not again while they are the same."""

import pytest

from tests.world import World

PAGES = {
    "/openapi.json": "public, no-cache",
    "/docs": "public, no-cache",
    "/redoc": "public, no-cache",
    "/docs-assets/redoc.standalone.js": "public, max-age=3600",
    "/problems": "public, max-age=300",
    "/problems/not_found": "public, max-age=300",
    "/.well-known/jwks.json": "public, max-age=300",
}


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_not_sent_again_while_it_is_the_same(world: World, path: str, accept: str) -> None:
    asking = {"Accept": accept}
    first = await world.client.get(path, headers=asking)
    tag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, PAGES[path])
    for known in (tag, f'"else", W/{tag}', "*"):
        again = await world.client.get(path, headers={**asking, "If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("etag", "cache-control", "content-security-policy"):
            assert again.headers[name] == first.headers[name]
    other = await world.client.get(path, headers={**asking, "If-None-Match": '"else"'})
    assert (other.status_code, other.content) == (200, first.content)


async def test_a_problem_as_text_has_a_tag_of_its_own(world: World) -> None:
    tags = {
        (await world.client.get("/problems/not_found", headers={"Accept": accept})).headers["etag"]
        for accept in ("application/json", "text/plain")
    }
    assert len(tags) == 2
