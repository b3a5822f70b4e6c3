"""Promise 6 (reliability): the same Idempotency-Key has one effect, however often and from wherever it comes.

Duplicates of every key are sent at once to a real server process; with KIKAN_PROVE=1 it is killed and started again
in between, and the clients repeat what was not answered. The control sends the same requests without a key.
"""

import asyncio
import os
import random
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from domain.clock import today
from tests.proofs.server_process import Server, place_on

IS_FULL = os.environ.get("KIKAN_PROVE") == "1"
KEYS, DUPLICATES = (200, 20) if IS_FULL else (20, 5)
KILLS = 6 if IS_FULL else 0
AT_ONCE = 40


async def send_all(server: Server, headers: dict[str, str], office: str, *, with_key: bool) -> dict[str, set[bytes]]:
    """Send every key's duplicates in mixed order, repeating what no answer came for; give the bodies by key."""
    work = [number for number in range(KEYS) for _ in range(DUPLICATES)]
    random.Random(6).shuffle(work)
    bodies: dict[str, set[bytes]] = defaultdict(set)
    statuses: Counter[int] = Counter()
    gate = asyncio.Semaphore(AT_ONCE)
    started_again = asyncio.Event()
    started_again.set()

    async def one(http: httpx.AsyncClient, number: int) -> None:
        body = {"office_id": office, "held_on": today().isoformat(), "title": f"visit {number}"}
        key = {"Idempotency-Key": f"key-{number}"} if with_key else {}
        async with gate:
            while True:
                await started_again.wait()
                try:
                    answer = await http.post("/v1/office_visits", json=body, headers=headers | key)
                except httpx.HTTPError:
                    if not with_key:
                        return
                    await asyncio.sleep(0.05)
                    continue
                if answer.status_code == 503:
                    await asyncio.sleep(0.05)
                    continue
                break
        statuses[answer.status_code] += 1
        bodies[f"visit {number}"].add(answer.content)

    async def killer() -> None:
        for _ in range(KILLS):
            await asyncio.sleep(0.6)
            started_again.clear()
            await asyncio.to_thread(server.kill9)
            await asyncio.to_thread(server.start)
            started_again.set()

    async with httpx.AsyncClient(base_url=server.url, timeout=20.0) as http:
        await asyncio.gather(killer(), *(one(http, number) for number in work))
    assert set(statuses) == {201}
    return bodies


@pytest.fixture
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Any]:
    """A database of each kind: its address, and a way to read it past all walls."""
    if request.param == "sqlite":
        path = tmp_path / "kikan.db"

        def read(sql: str) -> list[Any]:
            connection = sqlite3.connect(path)
            try:
                return connection.execute(sql).fetchall()
            finally:
                connection.close()

        return f"sqlite:///{path}", read
    addresses = request.getfixturevalue("postgres_addresses")

    def read_postgres(sql: str) -> list[Any]:
        with psycopg.connect(addresses["maintenance"]) as connection:
            return connection.execute(sql.encode()).fetchall()

    return addresses["api"], read_postgres


@pytest.mark.parametrize("deployment", ["sqlite", "postgresql"], indirect=True)
async def test_every_key_has_exactly_one_effect(deployment: tuple[str, Any], tmp_path: Path) -> None:
    address, read = deployment
    centre, office, headers = await place_on(tmp_path, address)
    with Server(tmp_path, address) as server:
        bodies = await send_all(server, headers, office, with_key=True)
    counted = dict(read(f"SELECT title, count(*) FROM activity WHERE centre_id = '{centre}' GROUP BY title"))
    assert counted == {f"visit {number}": 1 for number in range(KEYS)}
    assert {key: len(found) for key, found in bodies.items()} == dict.fromkeys(bodies, 1)
    assert read(f"SELECT sum(held_count) FROM activity_rollup WHERE centre_id = '{centre}'") == [(KEYS,)]


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
async def test_without_a_key_every_duplicate_has_its_own_effect(deployment: tuple[str, Any], tmp_path: Path) -> None:
    address, read = deployment
    centre, office, headers = await place_on(tmp_path, address)
    with Server(tmp_path, address) as server:
        await send_all(server, headers, office, with_key=False)
    (total,) = read(f"SELECT count(*) FROM activity WHERE centre_id = '{centre}'")[0]
    assert total > KEYS * 2
