"""Requests grown from valid ones by seeded mutations of target, headers, body and JSON."""

import json
import random
from typing import Any, NamedTuple
from urllib.parse import quote

CANARY = "canary7f3a"
NOTE = {
    "title": f"訪問 {CANARY}",
    "held_on": "2026-11-20",
    "minutes": 90,
    "rate": 1.5,
    "tags": ["a", "b"],
    "of": {"x": None},
}


class Case(NamedTuple):
    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


VALID = (
    Case("GET", b"/v1/notes", b"q=" + quote(f"足立 {CANARY}").encode() + b"&limit=50", ((b"accept", b"*/*"),), b""),
    Case("DELETE", f"/v1/notes/{quote('訪問')}".encode(), b"", ((b"if-match", b'"3"'),), b""),
    Case("POST", b"/v1/notes", b"", ((b"content-type", b"application/json"), (b"idempotency-key", b"k-1")), b"json"),
    Case("PUT", b"/v1/notes", b"", ((b"content-type", b"application/json; charset=utf-8"),), b"json"),
    Case("PATCH", b"/v1/notes", b"", ((b"content-type", b"application/merge-patch+json"),), b"json"),
    Case(
        "POST", b"/oauth/token", b"", ((b"content-type", b"application/x-www-form-urlencoded"),), b"a=%E8%A8%AA&b=c+d"
    ),
)

BAD_VALUES = (
    "NaN", "-NaN", "Infinity", "-Infinity", "1e999", "-1e999", str(2**63), str(-(2**63) - 1), "1" * 400, "1" * 5000,
    "01", "0x1", "+1", ".5", "1.", "True", "undefined", "", "'a'", '"a', '"\\x"', '"\\u12"', '"\t\x01"', '"a\nb"',
    '"\\u0000"', '"a\\u0000b"', '"\\b"', '"\\f"', '"\\u001b"', '"\x7f"', '"\x85"', '"\\u0085"', '"\\ud800"',
    '"\\udc00a"', '"\\udc00\\ud800"', '"\ud800"', '"\u202e"', '"\\u202e"', '"\u2066"', '"\u200f"', '"\u061c"',
    '"\ue000"', '"\\ue000"', '"神\uf8ff"', '"\U000f0000"', '"\\udb80\\udc00"', '"\U0010fffd"', '"\ufffe"', '"\\uffff"',
    "[" * 40 + "]" * 40, "[" * 1500, '{"a":' * 40 + "1" + "}" * 40,
    "{" + ",".join(f'"m{i}":1' for i in range(201)) + "}", "[1,]", "{,}", '{"a":1,"a":2}', '{"a":1,"\\u0061":2}',
    '[{"b":1,"b":1}]', '{"\\u0000":1}', '{"\ue000":1}', '{"\\ud800":1}', "{1:2}",
)  # fmt: skip
BAD_BODIES = (
    b" ", b"null", b"1", b'"x"', b"[]", b"[{}]", b"{", b"{}{}", b"{}x", b"{} // x", b"\xef\xbb\xbf{}", b"\x00",
    b"\xff", b'{"a":"\xed\xa0\x80"}', b'{"a":"\xc0\x80"}', b'{"a":"\xf5\x80\x80\x80"}', b"\x1f\x8b\x08", b"[" * 5000,
    b'{"a":' * 3000, b'{"a":[' + b"0," * 50_000 + b"0]}", '{"a":"訪問"}'.encode("cp932"), '{"a":1}'.encode("utf-16"),
    '{"a":1}'.encode("utf-32"),
)  # fmt: skip
BAD_TEXTS = (
    b"%", b"%2", b"%zz", b"%u3042", b"%00", b"%0A", b"%0d%0a", b"%1b", b"%7F", b"%C2%85", b"%FF", b"%C0%AF",
    b"%ED%A0%80", b"%E3%81", b"%E2%80%AE", b"%E2%81%A6", b"%EE%80%80", b"%F3%B0%80%80", b"%EF%BF%BE", b"\xe8\xb6\xb3",
    b"\x00", b"\x7f", b"\n",
)  # fmt: skip
BAD_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-type", b"application/json"), (b"content-length", b"1"), (b"content-length", b"-1"),
    (b"content-length", b"1e3"), (b"content-length", b"9" * 30), (b"content-length", b"5, 5"),
    (b"content-length", b""), (b"content-length", b"2000000"), (b"transfer-encoding", b"chunked"),
    (b"content-encoding", b"gzip"), (b"content-encoding", b"identity, br"), (b"content-encoding", b"\xff"),
    (b"x-any", b"a\x00b"), (b"x-any", b"a\r\nb: c"), (b"x-any", b"\x1b[31m"), (b"x-any", b"v" * 40_000),
    (b"idempotency-key", "鍵".encode()), (b"if-match", b'"\xff"'), (b"authorization", b"Bearer \xe8\xa8\xaa"),
    (b"host", b"a\x7fb"),
)  # fmt: skip
BAD_TYPES = (
    b"", b"text/plain", b"application/xml", b"text/csv", b"multipart/form-data; boundary=x", b"application/jsonx",
    b"application/json, text/html", b"application/json; charset=utf-16", b"application/json; charset=shift_jis",
    b"\xff", b'application/json; charset="utf-7"', b"application/json; charset=utf-8; charset=cp932", b"json",
    b"a" * 300,
)  # fmt: skip


def with_json(case: Case, text: str) -> Case:
    return case._replace(body=text.encode("utf-8", "surrogatepass"))


def bad_value(case: Case, dice: random.Random) -> Case:
    note: dict[str, Any] = {**NOTE, "tags": ["a", "b"], "of": {"x": None}}
    place = dice.choice(("title", "minutes", "new", "tag", "inner"))
    holder, key = {"tag": (note["tags"], 1), "inner": (note["of"], "x")}.get(place, (note, place))
    holder[key] = "@@"
    return with_json(case, json.dumps(note, ensure_ascii=dice.random() < 0.5).replace('"@@"', dice.choice(BAD_VALUES)))


def bad_body(case: Case, dice: random.Random) -> Case:
    return case._replace(body=dice.choice(BAD_BODIES))


def repeated_member(case: Case, dice: random.Random) -> Case:
    name, value = dice.choice(list(NOTE.items()))
    spelt = name if dice.random() < 0.5 else f"\\u{ord(name[0]):04x}{name[1:]}"
    return with_json(case, f'{{"{spelt}": {json.dumps(value)}, {json.dumps(NOTE)[1:]}')


def damaged_body(case: Case, dice: random.Random) -> Case:
    body = bytearray(case.body)
    for _ in range(dice.randrange(1, 4)):
        at = dice.randrange(len(body))
        match dice.randrange(4):
            case 0:
                body[at] ^= 1 << dice.randrange(8)
            case 1:
                body[at : at + dice.randrange(1, 9)] = b""
            case 2:
                body[at:at] = bytes([dice.choice((0, 8, 0x1B, 0x22, 0x2C, 0x5C, 0x7F, 0x80, 0xC0, 0xFF))])
            case _:
                body[at] = dice.randrange(256)
        body = body or bytearray(b"x")
    return case._replace(body=bytes(body))


def bad_text(case: Case, dice: random.Random) -> Case:
    text = dice.choice(BAD_TEXTS)
    match dice.randrange(4 if case.body and b"form" in case.headers[0][1] else 3):
        case 0:
            return case._replace(path=case.path + b"/" + text)
        case 1:
            return case._replace(query=case.query + b"&q=" + text)
        case 2:
            return case._replace(query=b"%s=%s" % (dice.choice((b"q", b"x", text)), b"a" * dice.randrange(60) + text))
        case _:
            return case._replace(body=case.body + b"&c=" + text)


def too_long(case: Case, dice: random.Random) -> Case:
    if dice.random() < 0.5:
        return case._replace(query=b"q=" + b"a" * dice.randrange(4095, 9000))
    return case._replace(path=b"/v1/notes/" + b"a" * dice.randrange(8183, 12_000))


def bad_header(case: Case, dice: random.Random) -> Case:
    return case._replace(headers=(*case.headers, dice.choice(BAD_HEADERS)))


def repeated_header(case: Case, dice: random.Random) -> Case:
    names = (b"authorization", b"content-type", b"host", b"idempotency-key", b"if-match", b"content-encoding")
    once = (dice.choice(names), b"identity")
    return case._replace(headers=(*case.headers, once, once))


def bad_type(case: Case, dice: random.Random) -> Case:
    return case._replace(
        headers=((b"content-type", dice.choice(BAD_TYPES)), *case.headers[1:]), body=case.body or b"{}"
    )


def bad_method(case: Case, dice: random.Random) -> Case:
    method = dice.choice(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "BREW"))
    return case._replace(method=method, body=case.body or b"{}")


def mutated(number: int) -> Case:
    """The request of one seed; about three in a hundred are still valid."""
    dice = random.Random(number)
    case = dice.choices(VALID, (2, 1, 3, 3, 3, 2))[0]
    any_case = (bad_text, too_long, bad_header, repeated_header, bad_type, bad_method)
    json_case = (bad_value, bad_value, bad_value, repeated_member, bad_body, damaged_body, damaged_body)
    if case.body == b"json":
        case = with_json(case, json.dumps(NOTE, ensure_ascii=False))
        return dice.choice((*json_case, *any_case))(case, dice)
    return dice.choice((*any_case, damaged_body) if case.body else any_case)(case, dice)
