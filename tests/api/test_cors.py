"""Calls from web pages of other origins: who may, what they may send and read, and that nobody else notices."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from starlette.middleware.cors import CORSMiddleware

from api import cors
from api.app import create_app, guarded
from api.contract import operations_of
from api.guard import Guard
from domain.access import Role
from domain.settings import Settings
from tests.world import World

OURS = "https://plan.example"
PORT = "https://plan.example:8443"
FOREIGN = ("https://evil.example", "http://plan.example", "https://plan.example.evil.example", "https://plan.example:1")
AS_JSON, AS_FORM = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
ASKS = {"Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization, if-match"}


@pytest_asyncio.fixture(loop_scope="session")
async def page(world: World, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """What a page can reach of the running application where two origins are configured."""
    opened = settings.model_copy(update={"cors_origins": (OURS, PORT)})
    before = world.app.state.settings
    world.app.state.settings = opened
    transport = httpx.ASGITransport(app=guarded(world.app))
    world.app.state.settings = before
    async with httpx.AsyncClient(transport=transport, base_url="http://kikan.test") as client:
        yield client


def told(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


async def test_a_page_of_a_listed_origin_reads_an_answer_and_its_headers(world: World, page: httpx.AsyncClient) -> None:
    headers = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    for origin in (OURS, PORT):
        answer = await page.get("/v1/municipalities", headers={**headers, "Origin": origin})
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in answer.headers["vary"]
        shown = set(answer.headers["access-control-expose-headers"].split(", "))
        assert shown >= {"ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "X-Request-Id", "Retry-After"}
        assert {"Idempotency-Replayed", "X-Next-Cursor"} <= shown
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("origin", [*FOREIGN, "null", "*", ""])
async def test_a_page_of_any_other_origin_reads_nothing(page: httpx.AsyncClient, origin: str) -> None:
    answer = await page.get("/v1/municipalities", headers={"Origin": origin})
    assert answer.status_code == 401
    assert "access-control-allow-origin" not in answer.headers
    assert "Origin" in answer.headers["vary"], (
        "no cache may give this answer to a page that may read it, or the other way"
    )
    asked = await page.options("/v1/municipalities", headers={"Origin": origin, **ASKS})
    assert asked.status_code == 400
    assert "access-control-allow-origin" not in asked.headers


async def test_refusals_of_every_layer_can_be_read_by_the_page(page: httpx.AsyncClient) -> None:
    headers = {"Origin": OURS}
    answers = {
        "guard": await page.get("/v1/municipalities?q=%00", headers=headers),
        "size": await page.post("/v1/sessions", headers={**headers, **AS_JSON}, content=b"{" + b" " * 1_048_577),
        "form": await page.post("/oauth/token", headers={**headers, **AS_FORM}, content=b"%zz"),
        "token": await page.get("/v1/municipalities", headers=headers),
        "path": await page.get("/v1/nowhere", headers=headers),
        "method": await page.put("/v1/municipalities", headers=headers, json={}),
        "shape": await page.post("/v1/sessions", headers=headers, json={}),
    }
    assert [answer.status_code for answer in answers.values()] == [422, 413, 400, 401, 404, 405, 422]
    assert [name for name, answer in answers.items() if answer.headers.get("access-control-allow-origin") != OURS] == []


async def test_behind_the_guard_its_refusals_could_not_be_read(world: World) -> None:
    wrong_way = Guard(cors.shared_with((OURS,), world.app))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=wrong_way), base_url="http://kikan.test") as client:
        refused = await client.get("/v1/municipalities?q=%00", headers={"Origin": OURS})
        passed_on = await client.get("/livez", headers={"Origin": OURS})
    assert (refused.status_code, told(refused)) == (422, {}), "the proof sees a refusal without the header"
    assert passed_on.headers["access-control-allow-origin"] == OURS


async def test_a_preflight_is_answered_without_the_database(
    page: httpx.AsyncClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def noted(*_: Any, **__: Any) -> Any:
        asked.append("begin")
        raise AssertionError

    monkeypatch.setattr(type(world.database.driver), "begin", noted)
    for method in cors.METHODS:
        answer = await page.options(
            "/v1/office_visits",
            headers={
                "Origin": OURS,
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": ", ".join(name.lower() for name in cors.READ),
            },
        )
        assert answer.status_code == 200, answer.text
        assert answer.headers["access-control-allow-origin"] == OURS
        assert method in answer.headers["access-control-allow-methods"].split(", ")
        assert set(cors.READ) <= set(answer.headers["access-control-allow-headers"].split(", "))
        assert "access-control-allow-credentials" not in answer.headers
    assert asked == []
    signed_in = await page.post("/v1/sessions", headers={"Origin": OURS}, json={"login": "nobody", "password": "x"})
    assert signed_in.status_code >= 400
    assert asked, "the proof sees a request that does ask the database"


@pytest.mark.parametrize(
    "asked", [{"Access-Control-Request-Method": "BREW"}, {**ASKS, "Access-Control-Request-Headers": "x-anything"}]
)
async def test_a_preflight_for_more_than_the_service_takes_is_refused(
    page: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    assert (await page.options("/v1/office_visits", headers={"Origin": OURS, **asked})).status_code == 400


async def test_without_origins_nothing_is_said_and_nothing_is_in_the_way(world: World) -> None:
    answer = await world.client.get("/v1/municipalities", headers={"Origin": OURS})
    assert told(answer) == {}
    assert "origin" not in answer.headers["vary"].lower()
    asked = await world.client.options("/v1/municipalities", headers={"Origin": OURS, **ASKS})
    assert (asked.status_code, told(asked)) == (204, {}), "what the path can do, and nothing for another origin"
    assert type(guarded(world.app)._app) is Guard
    assert isinstance(cors.shared_with((OURS,), Guard(world.app)), CORSMiddleware)


def test_the_methods_are_those_of_the_service(world: World) -> None:
    served = {method for route in operations_of(world.app) for method in route.methods or ()}
    assert served == set(cors.METHODS)


def test_the_setting_reaches_the_service(tmp_path: Any) -> None:
    app = create_app(Settings.model_validate({"var": tmp_path, "cors_origins": [OURS]}))
    assert isinstance(guarded(app)._app, CORSMiddleware)
