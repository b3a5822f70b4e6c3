"""What the guard refuses in a body or a query is named: the member or the parameter, never its value."""

import json

import pytest

from tests.api.guard_requests import FORM, GUARD, JSON, ask

MANY = "{" + ",".join(f'"m{i}":1' for i in range(201)) + "}"
BODIES = {
    '{"a":1,"title":"x\ue000"}': ("gaiji_not_supported", "/title"),
    '{"a":{"b_c":["x",{"d":"\\u0000"}]}}': ("character_not_allowed", "/a/b_c/1/d"),
    '{"a":{"見本 花子":["x",{"d":"\\u0000"}]}}': ("character_not_allowed", "/a"),
    '{"0312345678":{"d":"\\u0000"}}': ("character_not_allowed", ""),
    '{"a":["\u202e"]}': ("character_not_allowed", "/a/0"),
    '{"a":{"\ue000":1}}': ("gaiji_not_supported", "/a"),
    '{"\\u0000":1}': ("character_not_allowed", ""),
    '{"a":{"b":1,"b":2}}': ("duplicate_member", "/a"),
    '{"a":1,"\\u0061":2}': ("duplicate_member", ""),
    '{"a":[1,9223372036854775808]}': ("number_out_of_range", "/a/1"),
    '{"a":{"x":-1e999}}': ("number_out_of_range", "/a/x"),
    '{"rows":[{},' + MANY + "]}": ("too_many_members", "/rows/1"),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_member_at_fault_is_named(body: str) -> None:
    reply = ask(GUARD, "POST", headers=[JSON], body=body.encode())
    code, pointer = BODIES[body]
    (fault,) = json.loads(reply.body)["errors"]
    assert (reply.code, fault["code"], fault["pointer"], "parameter" in fault) == (code, code, pointer, False)
    assert fault["detail"] == json.loads(reply.body)["detail"]


QUERIES = {
    b"limit=1&q=%EE%80%80": ("gaiji_not_supported", "q"),
    b"q=a%00&limit=1": ("character_not_allowed", "q"),
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_parameter_at_fault_is_named(query: bytes) -> None:
    reply = ask(GUARD, target=b"/v1/visits?" + query)
    code, parameter = QUERIES[query]
    (fault,) = json.loads(reply.body)["errors"]
    assert (reply.code, fault["code"], fault["parameter"], "pointer" in fault) == (code, code, parameter, False)


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", b"/v1/%00", b""),
        ("GET", b"/v1?%00=1", b""),
        ("GET", b"/v1?kind=a&%E5%8C%BA=%E2%80%AE", b""),
        ("GET", b"/v1?q=%FF", b""),
        ("POST", b"/v1", b"{"),
        ("POST", b"/v1", b"[]"),
        ("POST", b"/v1", b'{"a":' * 3000),
        ("POST", b"/v1", b'{"a":NaN}'),
        ("POST", b"/v1", b'{"a":9223372036854775808,"b":' + b"[" * 5000),
    ],
)
def test_where_no_place_can_be_told_none_is(method: str, target: bytes, body: bytes) -> None:
    reply = ask(GUARD, method, target, [JSON] if body else [], body)
    assert (reply.status in (400, 422), json.loads(reply.body)["errors"]) == (True, [])


def test_nothing_is_looked_for_in_what_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.guard.whereabouts.pointer_to", None)
    monkeypatch.setattr("api.guard.whereabouts.parameter_with", None)
    assert ask(GUARD, "POST", b"/v1?q=1", [JSON], b'{"a":{"b":["\xe5\x8c\xba",1]}}').status == 200
    assert ask(GUARD, "POST", b"/oauth/token", [FORM], b"a=b").status == 200
