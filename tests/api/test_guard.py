"""The input guard: which requests it refuses and which it passes on."""

import asyncio
import json
from urllib.parse import quote

import pytest
from starlette.types import Message

from api.guard import Guard
from api.guard.problems import refusal
from tests.api.guard_requests import CSV, FORM, GUARD, JSON, LENGTH, MERGE, Header, ask, echo, scope_of

REFUSED_TARGETS = {
    (414, "target_too_long"): [b"/" + b"a" * 8192, b"/" + b"a" * 8000 + b"?" + b"b" * 191],
    (400, "query_too_long"): [b"/v1?q=" + b"a" * 4095],
    (400, "malformed_target"): [
        b"/v1/%", b"/v1?q=%zz", b"/v1?q=%E3%81", b"/v1?q=%ED%A0%80", b"/v1?q=%C0%AF", b"/v1?q=%FF", "/v1?q=区".encode(),
    ],
    (422, "character_not_allowed"): [
        b"/v1/%00", b"/v1?q=a%0Ab", b"/v1?q=%1b", b"/v1?q=%C2%85", b"/v1?q=%E2%80%AE", b"/v1?%00=1", b"/v1?q=%EF%BF%BE",
    ],
    (422, "gaiji_not_supported"): [b"/v1?q=%EE%80%80", b"/v1/%F3%B0%80%80", b"/v1?q=%F4%80%80%80"],
}  # fmt: skip


@pytest.mark.parametrize(("status", "code"), REFUSED_TARGETS)
def test_a_target_no_route_may_see_is_refused(status: int, code: str) -> None:
    for target in REFUSED_TARGETS[status, code]:
        reply = ask(GUARD, target=target)
        assert (reply.status, reply.code) == (status, code), target[:80]


def test_targets_up_to_the_limit_and_in_japanese_pass() -> None:
    whole = [b"/" + b"a" * 8191, b"/v1?q=" + b"a" * 4094, quote("/v1/神原").encode()]
    for target in [*whole, b"/v1?q=%E8%B6%B3+%E7%AB%8B&x", b"/v1?a=%25zz"]:
        assert ask(GUARD, target=target).status == 200, target[:80]


def test_a_path_is_judged_where_the_server_tells_only_the_decoded_one() -> None:
    async def ask_for(path: str) -> int:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        scope = scope_of("GET", b"/", [])
        await GUARD({**scope, "path": path, "raw_path": None}, receive, send)
        return int(sent[0]["status"])

    statuses = {path: asyncio.run(ask_for(path)) for path in ("/v1/神", "/v1/%", "/v1/\0", "/v1/\ue000", "/v1/\ud800")}
    assert list(statuses.values()) == [200, 200, 422, 422, 400]


REFUSED_HEADERS: list[tuple[str, list[Header], int, str]] = [
    ("GET", [(b"x", b"v" * 32_768)], 431, "headers_too_large"),
    ("GET", [(b"x", b"v")] * 6_600, 431, "headers_too_large"),
    *[("GET", [(name, b"1")] * 2, 400, "duplicate_header") for name in (
        b"authorization", b"content-type", b"content-length", b"host", b"idempotency-key", b"if-match",
        b"transfer-encoding", b"content-encoding",
    )],
    ("POST", [JSON, (b"content-length", b"2"), (b"transfer-encoding", b"chunked")], 400, "ambiguous_length"),
    *[("POST", [JSON, (b"content-length", length)], 400, "malformed_header") for length in (
        b"", b"-1", b"+2", b"2,2", b"0x2", b"9" * 16,
    )],
    ("POST", [(b"content-type", b"a" * 257)], 400, "malformed_header"),
    ("GET", [(b"x", b"a\0b")], 400, "malformed_header"),
    ("GET", [(b"x", b"a\r\nb: c")], 400, "malformed_header"),
    ("GET", [(b"if-match", '"版"'.encode())], 400, "malformed_header"),
    *[("POST", [JSON, (b"content-encoding", coding)], 415, "content_encoding_not_supported") for coding in (
        b"gzip", b"br", b"", b"identity, gzip",
    )],
    *[("POST", [(b"content-type", t)], 415, "media_type_not_supported") for t in (
        b"", b"text/plain", b"text/csv", b"multipart/form-data; boundary=x", b"application/merge-patch+json",
        b"application/x-www-form-urlencoded", b"application/json, text/html", b"application/vnd.api+json",
        b"application/x-ndjson", b"application/jsonl",
    )],
    *[("PUT", [(b"content-type", t)], 415, "charset_not_supported") for t in (
        b"application/json; charset=cp932", b'application/json;charset="utf-16"',
        b"application/json; charset=utf-8; charset=x",
    )],
    *[(method, [JSON, LENGTH], 400, "body_not_allowed") for method in ("GET", "HEAD", "DELETE", "OPTIONS", "BREW")],
    ("DELETE", [(b"transfer-encoding", b"chunked")], 400, "body_not_allowed"),
]  # fmt: skip


def test_headers_that_are_ambiguous_or_unsuited_are_refused() -> None:
    for method, headers, status, code in REFUSED_HEADERS:
        reply = ask(GUARD, method, headers=headers, body=b"{}", announced=False)
        assert (reply.status, reply.code) == (status, code), headers[:2]


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("POST", b"/v1/visits", [JSON]),
        ("PUT", b"/v1/visits", [(b"content-type", b'Application/JSON ; charset="UTF-8";')]),
        ("PATCH", b"/v1/visits", [MERGE]),
        ("PATCH", b"/v1/visits", [JSON, (b"content-encoding", b"Identity")]),
        ("POST", b"/v1/visits", [JSON, (b"transfer-encoding", b"chunked")]),
        ("POST", b"/v1/visits", [JSON, (b"x-note", "区".encode()), (b"x-note", b"a\tb")]),
        ("POST", b"/v1/visits", [JSON, (b"x-http-method-override", b"DELETE")]),
        ("POST", b"/v1/imports", [CSV]),
        ("POST", b"/v1/imports", [(b"content-type", b"text/csv; charset=cp932")]),
        ("POST", b"/v1/imports", [(b"content-type", b"multipart/form-data; boundary=x")]),
        ("POST", b"/oauth/token", [FORM]),
    ],
)
def test_a_suited_body_reaches_the_route_whole_and_once(method: str, target: bytes, headers: list[Header]) -> None:
    is_chunked = (b"transfer-encoding", b"chunked") in headers
    reply = ask(GUARD, method, target, headers, [b"{}", b"", b" "], announced=not is_chunked)
    seen = json.loads(reply.body)
    is_json = b"json" in headers[0][1].lower()
    assert seen == {"method": method, "body": "{} ", "json": {} if is_json else None}


def details_of(code: str) -> str:
    """The English sentence of one of the guard's codes."""
    return str(json.loads(refusal(code, "/", "-", english=True)[1])["detail"])


@pytest.mark.parametrize("headers", [[], [JSON], [(b"content-type", b"text/plain")], [JSON, (b"content-length", b"0")]])
def test_an_empty_body_is_for_the_route_to_judge(headers: list[Header]) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "GET"):
        assert json.loads(ask(GUARD, method, headers=headers).body)["body"] == ""


def test_a_form_is_held_to_the_rules_of_a_query() -> None:
    for body, code in ((b"a=%zz", "malformed_form"), (b"a=%FF", "malformed_form"), (b"a=%00", "character_not_allowed")):
        reply = ask(GUARD, "POST", b"/oauth/token", [FORM], body)
        assert json.loads(reply.body)["error_description"] == details_of(code)
    assert ask(GUARD, "POST", b"/v1/oauth/token", [FORM], b"a=b").code == "media_type_not_supported"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(announced: bool) -> None:
    guard = Guard(echo, body_limit=100, import_limit=200, import_paths=frozenset({"/v1/imports"}))
    fits, exceeds = b'{"a":"' + b"x" * 92 + b'"}', b'{"a":"' + b"x" * 93 + b'"}'
    assert ask(guard, "POST", headers=[JSON], body=[fits[:60], fits[60:]], announced=announced).status == 200
    reply = ask(guard, "POST", headers=[JSON], body=[exceeds[:60], exceeds[60:]], announced=announced)
    assert (reply.status, reply.code) == (413, "body_too_large")
    for size, status in ((200, 200), (201, 413)):
        assert ask(guard, "POST", b"/v1/imports", [CSV], b"x" * size, announced=announced).status == status


def test_a_refused_body_closes_the_connection_and_a_refused_query_does_not() -> None:
    assert ask(GUARD, "POST", headers=[CSV], body=b"a,b").headers[b"connection"] == b"close"
    assert b"connection" not in ask(GUARD, target=b"/v1?q=%").headers


def test_a_body_that_does_not_arrive_in_time_is_given_up() -> None:
    sent: list[Message] = []

    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Guard(echo, body_seconds=0.01)(scope_of("POST", b"/v1", [JSON, LENGTH]), never, send))
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "body_timeout"
