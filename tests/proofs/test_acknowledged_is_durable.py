"""Promise 7 (reliability), through HTTP: a visit that was answered with 201 is there after kill -9.

Clients record visits at a real server process that is killed in the middle of writing (with KIKAN_PROVE=1 many times,
and PostgreSQL with it) and started again. Every acknowledged visit must be stored, once, and the rollups must be what
the ledger gives. The control is a server that answers before it commits.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from domain.clock import today
from domain.deployment import create_roles, migrate
from tests.postgres import TestServer
from tests.proofs.server_process import Server, place_on

IS_FULL = os.environ.get("KIKAN_PROVE") == "1"
ROUNDS = 12 if IS_FULL else 1
CLIENTS = 8
ENOUGH, SECONDS = (200, 20.0) if IS_FULL else (30, 20.0)
Select = Callable[[str], list[tuple[Any, ...]]]
HASTY = """
import asyncio
from domain.drivers import postgres

promised, tasks = set(), []


def hasten(kind):
    honest_commit, honest_release = kind.commit, kind.release

    async def commit(self):
        promised.add(id(self))

        async def later():
            await asyncio.sleep(0.4)
            promised.discard(id(self))
            await honest_commit(self)

        tasks.append(asyncio.ensure_future(later()))

    def release(self):
        if id(self) not in promised:
            honest_release(self)

    kind.commit, kind.release = commit, release


hasten(postgres.PostgresTransaction)
"""


@pytest.fixture(scope="module")
def durable_server() -> Iterator[TestServer]:
    with TestServer(durable=True) as server:
        yield server


async def record_until_killed(
    url: str, body: dict[str, Any], headers: dict[str, str], kill: Callable[[], None], enough: int
) -> set[str]:
    """Let clients record visits, kill in the middle of it, and give the ids that were acknowledged."""
    acknowledged: set[str] = set()

    async def client(http: httpx.AsyncClient) -> None:
        while True:
            try:
                answer = await http.post("/v1/office_visits", json=body, headers=headers)
            except httpx.HTTPError:
                return
            if answer.status_code == 201:
                acknowledged.add(answer.json()["id"])
            else:
                assert answer.status_code == 503, answer.text

    async with httpx.AsyncClient(base_url=url, timeout=30.0) as http:
        running = [asyncio.ensure_future(client(http)) for _ in range(CLIENTS)]
        deadline = time.monotonic() + SECONDS
        while len(acknowledged) < enough and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(kill)
        for task in asyncio.as_completed(running):
            await task
    return acknowledged


def disagreeing_rollups(select: Select, centre: str) -> tuple[int, int]:
    """Give how many visits the rollup tells and how many the ledger holds."""
    # One statement, one moment: what was on its way when the server died may still be committed by PostgreSQL.
    ((told, held, details, audited),) = select(
        f"""SELECT (SELECT coalesce(sum(held_count), 0) FROM activity_rollup WHERE centre_id = '{centre}'),
        (SELECT count(*) FROM activity WHERE centre_id = '{centre}' AND status = 'held' AND deleted_at IS NULL),
        (SELECT count(*) FROM office_visit WHERE centre_id = '{centre}'),
        (SELECT count(*) FROM audit_entry WHERE centre_id = '{centre}' AND action = 'office_visits.record')"""
    )
    assert held == details == audited
    return int(told), int(held)


async def acknowledged_and_lost(
    var: Path, address: str, select: Select, *, kill_more: Callable[[], None] | None = None,
    revive: Callable[[], None] | None = None, rounds: int = ROUNDS, prelude: str = "", enough: int = ENOUGH,
) -> tuple[int, int]:  # fmt: skip
    centre, office, headers = await place_on(var, address)
    body = {"office_id": office, "held_on": today().isoformat(), "starts_at": "10:00", "ends_at": "11:00"}
    acknowledged: set[str] = set()
    server = Server(var, address, prelude=prelude)
    for _ in range(rounds):
        with server:

            def kill() -> None:
                if kill_more:
                    kill_more()
                server.kill9()

            acknowledged |= await record_until_killed(server.url, body, headers, kill, enough)
        if revive:
            revive()
    stored = {str(row[0]) for row in select(f"SELECT id FROM activity WHERE centre_id = '{centre}'")}
    told, held = disagreeing_rollups(select, centre)
    assert told == held
    return len(acknowledged), len(acknowledged - stored)


def reader_of(path: Path) -> Select:
    def select(sql: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(path)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return select


async def on_sqlite(folder: Path, **more: Any) -> tuple[int, int]:
    path = folder / "kikan.db"
    found = await acknowledged_and_lost(folder, f"sqlite:///{path}", reader_of(path), **more)
    assert reader_of(path)("PRAGMA integrity_check") == [("ok",)]
    return found


async def on_postgres(server: TestServer, folder: Path, name: str, **more: Any) -> tuple[int, int]:
    owner = server.create_database(name)
    api, _ = create_roles(owner)
    migrate(owner)

    def select(sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(owner) as connection:
            return connection.execute(sql.encode()).fetchall()

    return await acknowledged_and_lost(folder, api, select, **more)


async def test_no_acknowledged_visit_is_lost_on_sqlite(tmp_path: Path) -> None:
    acknowledged, lost = await on_sqlite(tmp_path)
    assert acknowledged >= 10 * ROUNDS
    assert lost == 0


async def test_no_acknowledged_visit_is_lost_on_postgresql(durable_server: TestServer, tmp_path: Path) -> None:
    kill_more = durable_server.kill9 if IS_FULL else None
    revive = durable_server.restart if IS_FULL else None
    acknowledged, lost = await on_postgres(durable_server, tmp_path, "durable", kill_more=kill_more, revive=revive)
    assert acknowledged >= 10 * ROUNDS
    assert lost == 0


async def test_a_server_that_answers_before_it_commits_is_found_out(tmp_path: Path, durable_server: TestServer) -> None:
    acknowledged, lost = await on_postgres(durable_server, tmp_path, "hasty", rounds=1, prelude=HASTY, enough=3)
    assert acknowledged > 0
    assert lost > 0
