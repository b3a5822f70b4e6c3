"""What leaves through the guard: the problem document, the protective headers, and no crash, whatever happened."""

import asyncio
import json
from uuid import UUID

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from api.guard import Guard, problem_bytes
from api.guard import problems as guard_problems
from api.guard.problems import prefers_english, token_refusal
from tests.api.guard_requests import FORM, GUARD, JSON, LENGTH, Header, ask, echo, scope_of

SECRET = "himitsu no kotoba"


def no_body() -> Receive:
    waiting = [{"type": "http.request", "body": b""}]

    async def receive() -> Message:
        if not waiting:
            await asyncio.sleep(3600)
        return waiting.pop()

    return receive


def sent_by(app: ASGIApp, scope: Scope, receive: Receive | None = None) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive or no_body(), send))
    return sent


def test_a_refusal_is_a_problem_in_japanese_or_english_that_repeats_no_value() -> None:
    for language, title, english in (
        (b"ja,en;q=0.5", "内容に誤りがあります", b"ja"),
        (b"en-GB,en;q=0.9,ja;q=0.8", "Invalid content", b"en"),
    ):
        reply = ask(
            GUARD, "POST", b"/v1/visits?q=1", [JSON, (b"accept-language", language)], b'{"a":"\xee\x80\x80himitsu"}'
        )
        problem = json.loads(reply.body)
        assert problem == {
            "type": "/problems/gaiji_not_supported",
            "title": title,
            "status": 422,
            "detail": problem["detail"],
            "instance": "/v1/visits",
            "code": "gaiji_not_supported",
            "request_id": reply.headers[b"x-request-id"].decode(),
            "errors": [{"pointer": "/a", "code": "gaiji_not_supported", "detail": problem["detail"]}],
        }
        assert reply.headers[b"content-type"] == b"application/problem+json"
        assert reply.headers[b"content-language"] == english
        assert reply.headers[b"vary"] == b"Accept-Language"
        assert b"himitsu" not in reply.body


TOKEN_REFUSALS: dict[str, tuple[str, bytes, list[Header], bytes, int]] = {
    "a plain body": ("POST", b"/oauth/token", [(b"content-type", b"text/plain")], b"a=b", 415),
    "another charset": ("POST", b"/oauth/revoke", [(FORM[0], FORM[1] + b"; charset=cp932")], b"token=a", 415),
    "a broken form": ("POST", b"/oauth/introspect", [FORM], b"token=%zz", 400),
    "a control character": ("POST", b"/oauth/token", [FORM], b"grant_type=%00", 400),
    "too large a body": ("POST", b"/oauth/token", [FORM], b"a" * 1_048_577, 413),
    "a header twice": (
        "POST",
        b"/oauth/token",
        [FORM, (b"authorization", b"a"), (b"authorization", b"b")],
        b"a=b",
        400,
    ),
    "too many headers": ("POST", b"/oauth/token", [FORM, (b"x", b"v" * 32_768)], b"a=b", 431),
    "too long an address": ("POST", b"/oauth/token?" + b"a" * 8_192, [FORM], b"a=b", 414),
    "a body of no use": ("GET", b"/oauth/token", [FORM, LENGTH], b"", 400),
}


@pytest.mark.parametrize("case", TOKEN_REFUSALS.values(), ids=TOKEN_REFUSALS.keys())
def test_clients_of_the_token_endpoints_are_refused_in_the_words_of_their_standard(
    case: tuple[str, bytes, list[Header], bytes, int],
) -> None:
    method, target, headers, body, status = case
    reply = ask(GUARD, method, target, [*headers, (b"accept-language", b"ja")], body)
    told = json.loads(reply.body)
    assert (reply.status, told["error"], list(told)) == (status, "invalid_request", ["error", "error_description"])
    assert reply.headers[b"content-type"] == b"application/json"
    assert (reply.headers[b"cache-control"], reply.headers[b"pragma"]) == (b"no-store", b"no-cache")
    assert UUID(reply.headers[b"x-request-id"].decode())
    elsewhere = ask(GUARD, method, target.replace(b"/oauth/", b"/v1/oauth/"), headers, body)
    assert elsewhere.headers[b"content-type"] == b"application/problem+json", "nobody else is answered like this"


def test_a_crash_of_a_token_endpoint_is_the_fault_of_the_server() -> None:
    async def crashing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError(SECRET)

    with capture_logs() as logs:
        reply = ask(Guard(crashing), "POST", b"/oauth/token", [FORM], b"a=b")
    assert (reply.status, json.loads(reply.body)["error"], len(logs)) == (500, "server_error", 1)
    assert SECRET.encode() not in reply.body


def test_every_refusal_fits_into_an_error_description() -> None:
    # RFC 6749 section 5.2: printable ASCII without quotation mark and backslash.
    allowed = {*range(0x20, 0x7F)} - {0x22, 0x5C}
    for code in guard_problems._DETAILS:
        status, body = token_refusal(code)
        # The standard knows no 422.
        assert (status, set(json.loads(body)["error_description"].encode()) <= allowed) == (
            {422: 400}.get(guard_problems._DETAILS[code][0], guard_problems._DETAILS[code][0]), True
        ), code  # fmt: skip


def test_an_address_that_is_itself_at_fault_is_not_repeated() -> None:
    for target in (b"/v1/<b>%", "/v1/区".encode(), b"/" + b"a" * 9000):
        assert json.loads(ask(GUARD, target=target).body)["instance"] == "/"


def test_english_is_preferred_only_where_it_ranks_above_japanese() -> None:
    english = (b"en", b"EN-us", b"fr,en;q=0.1", b"ja;q=0.5,en;q=0.8", b"en,ja", b"de;q=1.0, en ; q=0.9")
    japanese = (
        b"",
        b"ja",
        b"*",
        b"ja,en",
        b"en;q=0.5,ja",
        b"en;q=0",
        b"fr",
        b"enm",
        b"\xff;q=\xff",
        b"x" * 5000 + b",en",
    )
    for accepted in english:
        assert prefers_english([(b"accept-language", accepted)]), accepted
    for accepted in japanese:
        assert not prefers_english([(b"accept-language", accepted)]), accepted
    assert not prefers_english([])


def test_every_problem_of_the_guard_says_itself_in_both_languages() -> None:
    for code, (status, japanese, english) in guard_problems._DETAILS.items():
        assert status in guard_problems._TITLES, code
        assert english.isascii(), code
        assert japanese.endswith("。"), code


def test_the_builder_keeps_the_errors_it_is_given() -> None:
    fault = {"pointer": "/held_on", "code": "required", "detail": "x"}
    problem = json.loads(problem_bytes("invalid", 422, "t", "d", "/v1", "id", [fault]))
    assert problem["errors"] == [fault]
    assert list(problem) == ["type", "title", "status", "detail", "instance", "code", "request_id", "errors"]


def test_a_request_id_of_a_known_shape_is_kept_and_any_other_replaced() -> None:
    for given in (b"abcdefgh", b"A-1._z00", b"0" * 64):
        assert ask(GUARD, headers=[(b"x-request-id", given)]).headers[b"x-request-id"] == given
    for given in (b"", b"short", b"0" * 65, b"abcdefgh\n", b"abc defgh", "要求番号".encode(), b"<script>alert"):
        reply = ask(GUARD, headers=[(b"x-request-id", given)])
        assert UUID(reply.headers[b"x-request-id"].decode()).version == 7
    twice = [(b"x-request-id", b"abcdefgh"), (b"x-request-id", b"ABCDEFGH")]
    reply = ask(GUARD, headers=twice)
    assert reply.status == 200
    assert UUID(reply.headers[b"x-request-id"].decode()).version == 7


def test_the_route_learns_the_request_id() -> None:
    learnt: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        learnt.append(scope["state"]["request_id"])
        await echo(scope, receive, send)

    reply = ask(Guard(app))
    assert [reply.headers[b"x-request-id"].decode()] == learnt


def test_every_answer_carries_the_protective_headers_but_its_own_policies_win() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/docs")
    async def docs() -> StreamingResponse:
        policies = {"Content-Security-Policy": "default-src 'self'", "Cache-Control": "max-age=60"}
        return StreamingResponse(iter([b"a", b"b"]), headers=policies)

    guard = Guard(app)
    plain = {message["type"]: message for message in sent_by(guard, scope_of("GET", b"/missing", []))}
    headers = dict(plain["http.response.start"]["headers"])
    assert headers[b"content-security-policy"] == b"default-src 'none'"
    assert headers[b"cache-control"] == b"no-store"
    own = sent_by(guard, scope_of("GET", b"/docs", []))[0]["headers"]
    assert dict(own)[b"content-security-policy"] == b"default-src 'self'"
    assert dict(own)[b"cache-control"] == b"max-age=60"
    for answered in (headers, dict(own), ask(GUARD, target=b"/%").headers):
        assert answered[b"x-content-type-options"] == b"nosniff"
        assert answered[b"referrer-policy"] == b"no-referrer"
        assert b"x-request-id" in answered
    assert len({name for name, _ in own}) == len(own)


@pytest.mark.parametrize("debug", [False, True])
def test_a_crash_is_answered_without_detail_and_logged_once_without_its_message(debug: bool) -> None:
    app = FastAPI(openapi_url=None, debug=debug)

    @app.get("/crash")
    async def crash() -> None:
        cause = ConnectionError(SECRET)
        cause.sqlstate = "57P01"  # type: ignore[attr-defined]  # as drivers do
        raise ValueError(SECRET) from cause

    with capture_logs() as logs:
        reply = ask(Guard(app), target=b"/crash", headers=[(b"accept-language", b"en")])
    assert (reply.status, reply.code) == (500, "internal_error")
    assert reply.headers[b"content-type"] == b"application/problem+json"
    assert SECRET.encode() not in reply.body
    assert [entry["event"] for entry in logs] == ["request_failed"]
    assert logs[0]["types"] == ["ValueError", "ConnectionError"]
    assert logs[0]["codes"] == ["57P01"]
    assert logs[0]["frames"]
    assert all(frame.startswith(("api/", "domain/")) for frame in logs[0]["frames"])
    assert SECRET not in repr(logs)


def test_a_500_made_on_purpose_and_no_answer_at_all_end_as_the_same_problem() -> None:
    async def leaking(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": SECRET.encode()})

    async def mute(scope: Scope, receive: Receive, send: Send) -> None:
        return None

    for app in (leaking, mute):
        with capture_logs() as logs:
            reply = ask(Guard(app))
        assert (reply.status, reply.code) == (500, "internal_error")
        assert [(entry["event"], entry["types"]) for entry in logs] == [("request_failed", [])]


def test_a_crash_in_the_middle_of_an_answer_is_logged_and_the_answer_stays_unfinished() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise RuntimeError(SECRET)

    with capture_logs() as logs:
        sent = sent_by(Guard(app), scope_of("GET", b"/", []))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert [entry["types"] for entry in logs] == [["RuntimeError"]]


def test_clients_that_leave_are_no_crash() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    async def closed(message: Message) -> None:
        raise BrokenPipeError

    async def waiting_for_body(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await StreamingResponse(iter(["a", "b"]))(scope, receive, send)

    with capture_logs() as logs:
        asyncio.run(Guard(streaming)({**scope_of("GET", b"/", []), "asgi": {"version": "3.0"}}, no_body(), closed))
        assert sent_by(Guard(waiting_for_body), scope_of("POST", b"/", [JSON, LENGTH]), gone) == []
        assert sent_by(Guard(app), scope_of("GET", b"/", [])) == []
        asyncio.run(GUARD(scope_of("GET", b"/", []), no_body(), closed))
        asyncio.run(GUARD(scope_of("GET", b"/%", []), no_body(), closed))
    assert logs == []


def test_a_broken_connection_to_elsewhere_is_a_crash_and_not_a_client_that_left() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise ConnectionRefusedError(SECRET)

    with capture_logs() as logs:
        assert ask(Guard(app)).status == 500
    assert [entry["types"] for entry in logs] == [["ConnectionRefusedError"]]


def test_a_cancelled_request_stays_cancelled() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    with capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        sent_by(Guard(app), scope_of("GET", b"/", []))
    assert logs == []


def test_after_the_body_the_route_hears_of_the_connection_itself() -> None:
    heard: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        heard.extend([await receive(), await receive()])
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    assert ask(Guard(app), "POST", headers=[JSON], body=b"{}").status == 204
    assert heard == [{"type": "http.request", "body": b"{}", "more_body": False}, {"type": "http.disconnect"}]


def test_websockets_are_refused_and_the_lifespan_passes() -> None:
    reached: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["type"])

    assert [message["type"] for message in sent_by(Guard(app), {"type": "websocket"})] == ["websocket.close"]
    sent_by(Guard(app), {"type": "lifespan"})
    assert reached == ["lifespan"]
