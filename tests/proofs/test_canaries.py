"""Promise 9 (reliability): no value that people send comes back in logs, error bodies or metrics.

Unique words are sent as every text, query, header, password and token (names of unknown members are told, so that
a typing error is found; they are no values), on requests that succeed, that break
rules and constraints, and while the database fails; then everything that was logged or answered with a problem is read.
"""

import io
import itertools
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from api import logs as logging_setup
from api import problems
from api.contract import operations_of
from domain.clock import today
from domain.database import Session
from domain.drivers import (
    ConstraintError,
    DatabaseUnavailableError,
    LockTimeoutError,
    PoolTimeoutError,
    StatementError,
    StatementTimeoutError,
    UnacceptableValueError,
)
from domain.settings import Settings
from tests.proofs.asks import ASKS
from tests.proofs.estates import Estate, filled_estate
from tests.world import World

CANARY = "kanaria9x"
NUMBERS = itertools.count()
FAILURES = (
    ConstraintError("ck_activity_title_length", "check", "23514"),
    ConstraintError("uq_activity_x", "unique", "23505"),
    ConstraintError("fk_activity_x", "foreign_key", "23503"),
    StatementTimeoutError("57014"),
    LockTimeoutError("55P03"),
    PoolTimeoutError(),
    DatabaseUnavailableError("08006"),
    UnacceptableValueError("22P02"),
    StatementError("42601"),
    RuntimeError("an unknown defect that carries kanaria9x0"),
)


def canary() -> str:
    return f"{CANARY}{next(NUMBERS)}"


@pytest.fixture
def heard(settings: Settings) -> Iterator[io.StringIO]:
    """Everything that structlog and the standard library's logging say, as production writes it."""
    ear = io.StringIO()
    handler = logging.StreamHandler(ear)
    # The tests' own HTTP client names the addresses that it asks; it is no part of the product.
    handler.addFilter(lambda record: not record.name.startswith(("httpx", "httpcore")))
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    kept = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            logging_setup._without_secrets,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(ear),
        cache_logger_on_first_use=False,
    )
    yield ear
    structlog.configure(**kept)
    root.handlers[:] = before
    root.setLevel(level)


def with_canaries(value: Any) -> Any:
    """Put a canary into every text of a body that may hold any text."""
    if isinstance(value, dict):
        free = ("title", "name", "note", "text", "reason", "findings", "location", "meeting", "summary", "theme")
        return {
            name: canary() if name in free and isinstance(inner, str) else with_canaries(inner)
            for name, inner in value.items()
        }
    return [with_canaries(inner) for inner in value] if isinstance(value, list) else value


class Told:
    """The error bodies and other answers that must be free of canaries."""

    def __init__(self, world: World, estate: Estate) -> None:
        self.world, self.estate = world, estate
        self.problems: list[str] = []
        self.asked = 0

    async def ask(self, method: str, path: str, role: str = "centre_staff", **more: Any) -> int:
        headers = {**self.estate.callers[role], **more.pop("headers", {})}
        answer = await self.world.client.request(method, path, headers=headers, **more)
        self.asked += 1
        if answer.status_code >= 400:
            body = answer.text
            # The address of the request is repeated by RFC 9457's ``instance``; what stands in a query is not.
            self.problems.append(body.replace(path.split("?", maxsplit=1)[0], ""))
        return answer.status_code


async def everything_asked(told: Told) -> None:
    """Send canaries everywhere: well-formed, refused, unknown, in queries, headers, passwords and tokens."""
    estate = told.estate
    for route in operations_of(told.world.app):
        ask = ASKS.get(route.name)
        if ask is None or route.path.endswith((".csv", ".ndjson", ".ics")):
            continue
        path = route.path
        for name in (*(estate.ids.get(i, estate.centre) for i in ask.ids), *(ask.fills or {}).values()):
            path = path[: path.index("{")] + name + path[path.index("}") + 1 :]
        method = next(iter(route.methods))
        body = ask.body(estate) if ask.body else {}
        for sent in (with_canaries(body), {**body, "unknown": canary()}, {**body, "title": canary() * 80}, [canary()]):
            for role in ("centre_staff", "ward_staff"):
                if route.name == "sign_out":
                    continue
                await told.ask(method, path, role, json=sent, headers={"If-Match": '"1"', "X-Note": canary()})
        await told.ask(method, f"{path}?unknown={canary()}&q={canary()}", json=body)
    for headers in (
        {"Authorization": f"Bearer {canary()}"},
        {"Authorization": f"Basic {canary()}"},
        {"Idempotency-Key": canary() * 30},
        {"If-Match": canary()},
        {"Accept-Language": canary(), "Cookie": f"a={canary()}"},
        {"Content-Type": canary()},
    ):
        await told.ask("POST", "/v1/office_visits", headers=headers, json={"title": canary()})
    await told.ask("POST", "/v1/sessions", "nobody", json={"login": canary(), "password": canary() * 2})
    await told.ask("POST", "/v1/sessions/refresh", "nobody", json={"refresh_token": canary() * 4})
    await told.ask("PUT", "/v1/me/password", json={"old_password": canary() * 2, "new_password": canary() * 2})
    form = {"grant_type": canary(), "client_secret": canary()}
    await told.ask("POST", "/oauth/token", "nobody", data=form)
    await told.ask("POST", "/v1/office_visits", content=f'{{"title": "{canary()}", "title": 1}}',
                   headers={"Content-Type": "application/json"})  # fmt: skip


async def failing(told: Told, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record visits while the database fails in every way it can."""
    statuses = []
    for failure in FAILURES:
        with monkeypatch.context() as patch:

            async def broken(_self: Session, *_writes: Any, with_failure: Exception = failure) -> None:
                raise with_failure

            patch.setattr(Session, "store", broken)
            body = {
                "office_id": told.estate.office,
                "held_on": today().isoformat(),
                "title": canary(),
                "findings": canary(),
            }
            statuses.append(await told.ask("POST", "/v1/office_visits", json=body))
    return statuses


async def test_nothing_that_was_sent_is_logged_or_answered(
    world: World, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(world, await filled_estate(world))
    heard.truncate(0)
    await everything_asked(told)
    statuses = await failing(told, monkeypatch)
    assert set(statuses) <= {404, 409, 422, 500, 503}, statuses
    assert 500 in statuses
    assert 503 in statuses
    metrics = (await world.client.get("/metrics")).text
    assert told.asked > 500
    assert len(told.problems) > 300
    lines = heard.getvalue().splitlines()
    assert [line for line in lines if CANARY in line] == []
    assert any("RuntimeError" in line or "StatementError" in line for line in lines), lines[-3:]
    assert [text for text in told.problems if CANARY in text] == []
    assert CANARY not in metrics


async def test_a_log_line_with_the_words_of_the_failure_shows_a_canary(
    world: World, heard: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told(world, await filled_estate(world))
    honest = problems.log

    class Talkative:
        def error(self, event: str, **more: Any) -> None:
            honest.error(event, said="an unknown defect that carries kanaria9x0", **more)

        warning = error

    monkeypatch.setattr(problems, "log", Talkative())
    await failing(told, monkeypatch)
    assert CANARY in heard.getvalue()
