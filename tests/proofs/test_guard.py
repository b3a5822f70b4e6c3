"""Promise 4 (reliability), the part of the guard: malformed requests never reach a route and never make a 5xx.

More than ten thousand requests are grown from valid ones by seeded mutations of target, headers, body and JSON. With
KIKAN_PROVE=1 there are ten times as many. The two controls, without a rule and without a guard, meet every eighth.
"""

import asyncio
import json
import os
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Scope
from structlog.testing import capture_logs

from api.guard import Guard
from api.guard import json_bodies as guard_json
from tests.proofs.request_mutations import CANARY, Case, mutated

IS_FULL = os.environ.get("KIKAN_PROVE") == "1"
COUNT = 115_000 if IS_FULL else 11_500
CONTROL_STEP = 8


class Reply(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes


def note_app() -> FastAPI:
    """A small honest application as a tutorial writes it: JSON in, a row stored, all rows out."""
    app = FastAPI(openapi_url=None)
    rows = sqlite3.connect(":memory:")
    rows.execute("CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, minutes INTEGER, whole TEXT)")
    rows.execute("CREATE INDEX note_title ON note (title)")
    app.state.rows = rows

    @app.post("/v1/notes")
    @app.put("/v1/notes")
    @app.patch("/v1/notes")
    async def store(note: dict[str, Any]) -> dict[str, Any]:
        kept = (str(note.get("title")), note.get("minutes"), json.dumps(note))
        rows.execute("INSERT INTO note (title, minutes, whole) VALUES (?, ?, ?)", kept)
        return note

    @app.get("/v1/notes")
    async def found(request: Request, q: str = "") -> list[str]:
        return [title for (title,) in rows.execute("SELECT title FROM note WHERE title = ?", (q,))]

    @app.delete("/v1/notes/{note_id}")
    async def forget(note_id: str) -> dict[str, str]:
        rows.execute("DELETE FROM note WHERE title = ?", (note_id,))
        return {}

    @app.post("/oauth/token")
    async def token(request: Request) -> dict[str, str]:
        return {name: str(value) for name, value in (await request.form()).items()}

    return app


def cases(step: int = 1) -> Iterator[Case]:
    return (mutated(number) for number in range(0, COUNT, step))


async def reply_to(app: ASGIApp, case: Case) -> Reply:
    headers = case.headers
    if case.body and not {b"content-length", b"transfer-encoding"} & {name for name, _ in headers}:
        headers = (*headers, (b"content-length", b"%d" % len(case.body)))
    scope: Scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": case.method, "scheme": "http",
        "path": unquote(case.path.decode("latin-1")), "raw_path": case.path, "query_string": case.query,
        "root_path": "", "headers": list(headers), "client": ("127.0.0.1", 1), "server": ("kikan.example", 80),
    }  # fmt: skip
    waiting = [case.body[: len(case.body) // 2], case.body[len(case.body) // 2 :]]
    sent: list[Message] = []

    async def receive() -> Message:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent[1:])
    assert [message["type"] for message in sent[:2]] == ["http.response.start", "http.response.body"]
    return Reply(sent[0]["status"], dict(sent[0]["headers"]), body)


def is_well_formed_problem(reply: Reply) -> bool:
    problem = json.loads(reply.body)
    return (
        reply.headers[b"content-type"] == b"application/problem+json"
        and int(reply.headers[b"content-length"]) == len(reply.body)
        and list(problem) == ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"]
        and problem["status"] == reply.status
        and problem["type"] == f"/problems/{problem['code']}"
        and problem["request_id"] == reply.headers[b"x-request-id"].decode()
        and all(fault["code"] == problem["code"] and is_told(fault) for fault in problem["errors"])
        and CANARY not in reply.body.decode()
    )


def is_told(fault: dict[str, str]) -> bool:
    """Tell whether a fault names one member or one parameter."""
    return sorted(fault) in (["code", "detail", "pointer"], ["code", "detail", "parameter"])


def is_token_error(reply: Reply, case: Case) -> bool:
    """Tell an error answer for clients of the token endpoints, which must be as their standards have it."""
    if not (case.path.startswith(b"/oauth/") and reply.body.startswith(b'{"error":')):
        return False
    told = json.loads(reply.body)
    assert list(told) == ["error", "error_description"], case
    assert reply.body.isascii(), case
    assert CANARY not in reply.body.decode(), case
    assert reply.headers[b"content-type"] == b"application/json", case
    assert reply.headers[b"cache-control"] == b"no-store", case
    assert (told["error"] == "server_error") == (reply.status == 500), case
    return True


class Outcome(NamedTuple):
    statuses: Counter[int]
    codes: Counter[str]
    poison: set[str]


def outcome_with_guard(step: int = 1) -> Outcome:
    """Send the requests through the guard; every refusal must be a well-formed problem that repeats no value."""
    app = note_app()
    guard = Guard(app)
    outcome = Outcome(Counter(), Counter(), set())

    async def ask_all() -> None:
        for case in cases(step):
            reply = await reply_to(guard, case)
            outcome.statuses[reply.status] += 1
            assert {b"x-request-id", b"x-content-type-options", b"cache-control"} <= reply.headers.keys()
            if reply.headers.get(b"content-type") == b"application/problem+json":
                assert is_well_formed_problem(reply), case
                outcome.codes[json.loads(reply.body)["code"]] += 1
            elif is_token_error(reply, case):
                outcome.codes[json.loads(reply.body)["error"]] += 1

    asyncio.run(ask_all())
    outcome.poison.update(poison_in(app))
    return outcome


def poison_in(app: FastAPI) -> set[str]:
    """The stored rows that can never leave again; the application is closed with it."""
    rows = app.state.rows.execute("SELECT whole FROM note").fetchall()
    app.state.rows.close()
    return {row for (row,) in rows if not is_clean(row)}


def is_clean(row: str) -> bool:
    """Tell whether a stored row can be written as JSON and as XML, and so can leave again."""
    try:
        text = json.dumps(json.loads(row), ensure_ascii=False, allow_nan=False)
        text.encode()
    except ValueError:
        return False
    return not any(0xE000 <= ord(letter) <= 0xF8FF or letter in "\x7f\u202e\ufffe" for letter in text)


def test_no_malformed_request_makes_a_5xx_or_leaves_poison_behind() -> None:
    with capture_logs() as logs:
        outcome = outcome_with_guard()
    assert logs == []
    assert max(outcome.statuses) < 500
    assert sum(outcome.codes.values()) >= 0.9 * COUNT > 10_000
    assert len(outcome.codes) >= 20
    assert outcome.codes["invalid_request"] > 100, "the token endpoint refuses in its own words"
    assert outcome.poison == set()


def test_with_characters_unchecked_poison_and_500_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard_json, "_check_characters", lambda text, forbidden: None)
    with capture_logs() as logs:
        outcome = outcome_with_guard(CONTROL_STEP)
    assert outcome.statuses[500] == outcome.codes["internal_error"] == len(logs) > 0
    assert outcome.poison


def test_the_same_requests_break_the_application_without_its_guard() -> None:
    app = note_app()
    outcomes: Counter[str] = Counter()

    async def ask_all() -> None:
        for case in cases(CONTROL_STEP):
            try:
                reply = await reply_to(app, case)
            except (ValueError, TypeError, OverflowError, RecursionError, sqlite3.Error) as crash:
                outcomes[type(crash).__name__] += 1
            else:
                outcomes[str(reply.status)] += 1

    asyncio.run(ask_all())
    crashes = {name for name in outcomes if not name.isdigit()} | {name for name in outcomes if name.startswith("5")}
    assert len(crashes) >= 3
    assert len(poison_in(app)) >= 20
