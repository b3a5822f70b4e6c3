"""Health and metrics answer as the contract says."""

import jsonschema_rs
import pytest

from api import health
from domain.drivers import DatabaseUnavailableError
from domain.settings import Settings
from tests.contract.declared import contract
from tests.world import World


def shape_of(path: str, status: int) -> tuple[str, dict[str, object]]:
    content = contract()["paths"][path]["get"]["responses"][str(status)]["content"]
    media_type = next(iter(content))
    return media_type, content[media_type]["schema"]


async def fits(world: World, path: str, status: int) -> None:
    answer = await world.client.get(path)
    media_type, schema = shape_of(path, status)
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (status, media_type)
    if media_type == "application/json":
        jsonschema_rs.validate({**schema, "additionalProperties": False}, answer.json())


async def test_the_paths_of_health_are_those_of_the_contract() -> None:
    assert {path for path in contract()["paths"] if path in health.PATHS} == set(health.PATHS)


async def test_a_service_that_is_well_answers_as_declared(world: World) -> None:
    for path in health.PATHS:
        await fits(world, path, 200)


async def test_what_keeps_it_from_serving_is_told_as_declared(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def older() -> str:
        return "0000_before"

    async def gone() -> str:
        raise DatabaseUnavailableError

    for version, fault in ((older, "migrations"), (gone, "database")):
        monkeypatch.setattr(world.database, "version", version)
        await fits(world, "/readyz", 503)
        assert (await world.client.get("/readyz")).json()["faults"] == [fault]
    opened = world.app.state.settings
    world.app.state.settings = Settings.model_validate({"metrics_token": "t" * 20})
    try:
        await fits(world, "/metrics", 401)
    finally:
        world.app.state.settings = opened
