"""Promise 8 (reliability): nothing waits for ever, and trouble with the database is 503 with Retry-After, never 500.

The constants of the product are shortened through its own parameters, so that seconds become tenths; what they are in
production is asserted as well. The controls take a deadline away and see the waiting go on.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn

from api import operations, serve
from api.dispatch import Dispatch
from api.guard import Guard
from domain import drivers
from domain.access import Role
from domain.clock import today
from domain.database import Session
from domain.drivers import (
    LockTimeoutError,
    PoolTimeoutError,
    SerializationError,
    StatementTimeoutError,
    postgres_connection,
)
from domain.drivers.postgres import PostgresTransaction
from domain.drivers.sqlite import WriteTransaction
from tests.world import World

SHORT = 0.3


def test_the_deadlines_are_those_that_were_promised() -> None:
    assert serve.HEADER_SECONDS == 5.0
    assert Guard(lambda *_: None)._body_seconds == 20.0  # type: ignore[arg-type, return-value]
    assert operations.HANDLER_SECONDS == 10.0
    assert (drivers.STATEMENT_SECONDS, drivers.LOCK_SECONDS, drivers.POOL_SECONDS) == (2.0, 1.0, 3.0)
    assert postgres_connection.TRANSACTION_SETTINGS["statement_timeout"] == "2000"
    assert postgres_connection.TRANSACTION_SETTINGS["lock_timeout"] == "1000"


@pytest_asyncio.fixture(loop_scope="session")
async def port(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """The application served by uvicorn in this process, with short deadlines."""
    monkeypatch.setattr(serve, "HEADER_SECONDS", SHORT)
    app = Guard(Dispatch(world.app), body_seconds=SHORT)
    config = uvicorn.Config(app, port=0, http=serve.DeadlineProtocol, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    running = asyncio.ensure_future(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await running


async def heard(port: int, sent: bytes, *, at_most: float) -> tuple[bytes, float]:
    """Send bytes and wait; give what came back and after how many seconds the connection was closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    writer.write(sent)
    try:
        async with asyncio.timeout(at_most):
            answer = await reader.read()
    finally:
        writer.close()
    return answer, time.monotonic() - began


async def test_headers_that_never_end_close_the_connection(port: int) -> None:
    answer, seconds = await heard(port, b"GET /livez HTTP/1.1\r\nHost: kikan\r\nX-Slow: ", at_most=20)
    assert answer == b""
    assert seconds >= SHORT * 0.9
    silent, seconds = await heard(port, b"", at_most=20)
    assert (silent, seconds >= SHORT * 0.9) == (b"", True)


async def test_a_body_that_never_ends_is_told_so(port: int) -> None:
    head = b"POST /v1/office_visits HTTP/1.1\r\nHost: kikan\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"
    answer, seconds = await heard(port, head, at_most=20)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"body_timeout" in answer
    assert seconds >= SHORT * 0.9


async def test_without_the_deadline_a_slow_connection_stays_open(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve.DeadlineProtocol, "_give_up", lambda _self: None)
    with pytest.raises(TimeoutError):
        await heard(port, b"GET /livez HTTP/1.1\r\nHost: kikan\r\nX-Slow: ", at_most=SHORT * 4)


class Desk:
    """A centre's staff at an office."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.staff: dict[str, str] = {}
        self.office = ""

    async def open(self) -> None:
        municipality = await self.world.municipality()
        centre = await self.world.centre(municipality)
        self.office = await self.world.office(municipality)
        self.staff = await self.world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
        assert (await self.read()).status_code == 200

    async def read(self) -> httpx.Response:
        return await self.world.client.get("/v1/office_visits", headers=self.staff)

    async def write(self) -> httpx.Response:
        body = {"office_id": self.office, "held_on": today().isoformat()}
        return await self.world.client.post("/v1/office_visits", headers=self.staff, json=body)


def is_unavailable(answer: httpx.Response) -> bool:
    return (
        answer.status_code == 503
        and int(answer.headers["retry-after"]) >= 1
        and answer.headers["content-type"] == "application/problem+json"
        and answer.json()["code"] in ("unavailable", "temporarily_unavailable")
    )


async def test_an_exhausted_pool_is_told_with_retry_after(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(world)
    await desk.open()
    database, scope = world.database, world.app.state.doors.principals.nobody
    driver: Any = database.driver
    most = driver._pool.maximum if database.dialect == "postgresql" else driver._readers._maximum
    # Every one is lent, however slowly it opens, before the waiting is made short.
    held = [await database.begin(scope, write=False) for _ in range(most)]
    monkeypatch.setattr(drivers, "POOL_SECONDS", SHORT)
    try:
        began = time.monotonic()
        answer = await desk.read()
        assert is_unavailable(answer), answer.text
        assert time.monotonic() - began < 10
    finally:
        for _, transaction in held:
            transaction.release()
    assert (await desk.read()).status_code == 200


async def test_a_turn_to_write_that_never_comes_is_told_with_retry_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if world.database.dialect == "postgresql":
        return
    desk = Desk(world)
    await desk.open()
    monkeypatch.setattr(drivers, "POOL_SECONDS", SHORT)
    _, transaction = await world.database.begin(world.app.state.doors.principals.nobody, write=True)
    try:
        assert is_unavailable(await desk.write())
    finally:
        transaction.release()
    assert (await desk.write()).status_code == 201


async def test_a_statement_past_its_deadline_is_told_with_retry_after(world: World) -> None:
    if world.database.dialect == "sqlite":
        slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS i FROM n"
    else:
        slow = "SELECT pg_sleep(30)"
    desk = Desk(world)
    await desk.open()
    honest = Session.rows

    async def slowed(self: Session, query: Any, **values: Any) -> Any:
        if self.actor.role is Role.CENTRE_STAFF:
            await self._transaction.rows(slow, ())
        return await honest(self, query, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "rows", slowed)
        began = time.monotonic()
        answer = await desk.read()
        assert is_unavailable(answer), answer.text
        assert 1.5 < time.monotonic() - began < 9
    assert (await desk.read()).status_code == 200


async def test_a_handler_past_its_deadline_is_told_with_retry_after(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(world)
    await desk.open()
    monkeypatch.setattr(operations, "HANDLER_SECONDS", SHORT)

    async def endless(*_: object, **__: object) -> None:
        await asyncio.sleep(60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "store", endless)
        assert is_unavailable(await desk.write())
    monkeypatch.undo()
    assert (await desk.write()).status_code == 201


async def test_a_deadline_that_passes_while_it_is_stored_says_that_nobody_knows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(world)
    await desk.open()
    kind: Any = PostgresTransaction if world.database.dialect == "postgresql" else WriteTransaction
    honest = kind.commit

    async def slow(self: Any) -> None:
        await honest(self)
        await asyncio.sleep(60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "HANDLER_SECONDS", SHORT)
        patch.setattr(kind, "commit", slow)
        answer = await desk.write()
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown"), answer.text
    assert len((await desk.read()).json()["results"]) == 1


@pytest.mark.parametrize("failure", [StatementTimeoutError("57014"), LockTimeoutError("55P03"), PoolTimeoutError(),
                                     SerializationError("40001")])  # fmt: skip
async def test_trouble_with_the_database_is_never_a_500(
    failure: Exception, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(world)
    await desk.open()

    async def broken(*_: object) -> None:
        raise failure

    monkeypatch.setattr(Session, "store", broken)
    assert is_unavailable(await desk.write())
