"""Which form and which language a caller gets: weights count, and caches are told what an answer hangs on."""

import pytest

from tests.towns import Town
from tests.world import World

JSON, CSV, NDJSON = "application/json", "text/csv; charset=utf-8", "application/x-ndjson"
FORMS = {
    "": JSON,
    "*/*": JSON,
    "text/csv": CSV,
    "text/csv;q=0, application/json": JSON,
    "text/csv;q=0": JSON,
    "application/json, text/csv;q=0.1": JSON,
    "application/json;q=0.1, text/csv": CSV,
    "application/json;q=0.1, text/csv;q=0.2, application/x-ndjson;q=0.3": NDJSON,
    "text/csv, */*": CSV,
    "*/*, text/csv": CSV,
    "text/csv;q=0.5, */*": JSON,
    "text/*": CSV,
    "text/*, text/csv;q=0": JSON,
    "text/csv, application/json": CSV,
    "application/json, text/csv": JSON,
    "TEXT/CSV;header=present;q=0.9, application/json;q=0.8": CSV,
    "application/xml": JSON,
    "text/csv;q=x": CSV,
    "text/html,application/xhtml+xml,*/*;q=0.8": JSON,
    ",;q=,": JSON,
}


@pytest.mark.parametrize("accept", FORMS)
async def test_a_list_comes_in_the_form_that_is_ranked_highest(world: World, town: Town, accept: str) -> None:
    answer = await world.client.get("/v1/offices", headers=town.ward | {"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, FORMS[accept])
    assert answer.headers["vary"] == "Accept"


async def test_several_accept_headers_are_one(world: World, town: Town) -> None:
    several = [*town.ward.items(), ("Accept", "application/json;q=0.1"), ("Accept", "text/csv")]
    answer = await world.client.get("/v1/offices", headers=several)
    assert answer.headers["content-type"] == CSV


async def test_a_file_by_its_own_address_hangs_on_no_header(world: World, town: Town) -> None:
    answer = await world.client.get("/v1/offices.csv", headers=town.ward | {"Accept": JSON})
    assert (answer.headers["content-type"], "vary" in answer.headers) == (CSV, False)


async def test_what_is_not_sent_again_says_what_it_hangs_on_too(world: World, town: Town) -> None:
    tag = (await world.client.get("/v1/offices", headers=town.ward)).headers["etag"]
    again = await world.client.get("/v1/offices", headers=town.ward | {"If-None-Match": tag})
    assert (again.status_code, again.headers["vary"]) == (304, "Accept")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [("application/json;q=0.1, text/plain", "text/plain; charset=utf-8"), ("text/html;q=0, application/json", JSON)],
)
async def test_a_problem_page_is_ranked_alike(world: World, accept: str, kind: str) -> None:
    page = await world.client.get("/problems/not_found", headers={"Accept": accept})
    assert (page.headers["content-type"], page.headers["vary"]) == (kind, "Accept")


@pytest.mark.parametrize(
    ("asked", "language"),
    [("ja;q=0.5,en;q=0.9", "en"), ("en;q=0", "ja"), ("en;q=0.5,ja;q=0.9", "ja"), ("de,en;q=0.1", "en"), ("enm", "ja")],
)
async def test_the_guard_and_the_operations_choose_the_same_language(world: World, asked: str, language: str) -> None:
    for path in ("/v1/offices?q=%00", "/v1/offices", "/v1/nowhere"):
        answer = await world.client.get(path, headers={"Accept-Language": asked})
        assert (answer.status_code >= 400, answer.headers["content-language"]) == (True, language), path
