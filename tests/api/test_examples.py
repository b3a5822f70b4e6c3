"""The scripts of docs/examples do against the running service what the pages say."""

import asyncio
import csv
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from api.app import guarded
from domain import clock, fiscal
from tests.accounts import Accounts
from tests.areas import Town, town_in
from tests.world import World

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest_asyncio.fixture(loop_scope="session")
async def address(app: FastAPI) -> AsyncIterator[str]:
    """The running application on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(guarded(app), lifespan="off", ws="none", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def run(script: str, *arguments: str, address: str, client: str, secret: str) -> None:
    environment = {**os.environ, "KIKAN_URL": address, "KIKAN_CLIENT_ID": client, "KIKAN_CLIENT_SECRET": secret}
    started = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLES / script, *arguments, env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, told = await started.communicate()
    assert started.returncode == 0, told.decode()


async def visit(world: World, town: Town) -> dict[str, str]:
    today = clock.today()
    body = {"office_id": town.office, "municipality_id": town.municipality, "held_on": today.isoformat()}
    answer = await world.client.post("/v1/office_visits", json=body, headers=town.staff)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def test_the_script_of_the_readme_saves_the_monthly_counts(
    world: World, accounts: Accounts, address: str, tmp_path: Path
) -> None:
    town = await town_in(world)
    await visit(world, town)
    client, (secret,) = await accounts.program("activity_counts:read", municipality_id=town.municipality)
    today, target = clock.today(), tmp_path / "counts.csv"
    year = str(fiscal.fiscal_year_of(today))
    await run("monthly_counts.py", year, str(target), address=address, client=client["client_id"], secret=secret)
    rows = list(csv.DictReader(target.read_text(encoding="utf-8-sig").splitlines()))
    counted = [row for row in rows if row["value"] == "1"]
    assert [(row["period"], row["kind"]) for row in counted] == [(f"{today:%Y-%m}", "office_visit")]
    assert len({row["period"] for row in rows}) == 12


async def test_the_script_of_the_sync_page_keeps_a_copy_in_step(
    world: World, accounts: Accounts, address: str, tmp_path: Path
) -> None:
    town = await town_in(world)
    kept, gone = await visit(world, town), await visit(world, town)
    client, (secret,) = await accounts.program("activities:read", municipality_id=town.municipality)
    copy = tmp_path / "copy.json"
    again = {"address": address, "client": client["client_id"], "secret": secret}
    await run("sync_activities.py", str(copy), **again)
    assert set(json.loads(copy.read_text("utf-8"))["rows"]) == {kept["id"], gone["id"]}
    path = f"/v1/office_visits/{gone['id']}"
    assert (await world.client.delete(path, headers=town.named(town.staff))).status_code == 204
    await run("sync_activities.py", str(copy), **again)
    assert set(json.loads(copy.read_text("utf-8"))["rows"]) == {kept["id"]}
