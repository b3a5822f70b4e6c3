"""Strict JSON: what two readers could understand differently, or no store could keep, is refused before any route."""

import json
import sys

import pytest

from api.guard import json_bodies as guard_json
from api.guard.json_bodies import RefusedError, strict_json
from tests.api.guard_requests import GUARD, JSON, ask


def json_refusal(text: str | bytes) -> str | None:
    body = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    reply = ask(GUARD, "POST", headers=[JSON], body=body)
    return None if reply.status == 200 else reply.code


def members(count: int) -> str:
    return json.dumps({str(number): 1 for number in range(count)})


def zeros(count: int) -> str:
    return json.dumps({"a": [0] * count})


REFUSED: dict[str, list[str | bytes]] = {
    "body_not_utf8": [
        b'{"a":"\xff"}', b'{"a":"\xed\xa0\x80"}', b'{"a":"\xc0\x80"}', "{}".encode("utf-16"),
        '{"a":"区"}'.encode("cp932"),
    ],
    "malformed_json": [
        b"\xef\xbb\xbf{}", "{}".encode("utf-16-le"), "{", "{}{}", " ", '{"a":01}', '{"a":NaN}', '{"a":-Infinity}',
        '{"a":[1,]}', '{"a":"\x01"}', '{"a":"b\nc"}', '{"a":"\\x"}', "{'a':1}", '{"a":1}\x0b', '{"a":1}\u3000',
    ],
    "not_an_object": ["[]", "null", '"a"', "1"],
    "duplicate_member": ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '{"a":[{"b":{"c":1,"c":2}}]}'],
    "number_out_of_range": [
        '{"a":1e999}', '{"a":-1e999}', f'{{"a":{2**63}}}', f'{{"a":{-(2**63) - 1}}}', '{"a":' + "9" * 5000 + "}",
    ],
    "json_too_deep": [
        '{"a":' * 33 + "1" + "}" * 33, '{"a":' + "[" * 32 + "]" * 32 + "}", '{"a":' + "[" * 100_000,
    ],
    "too_many_members": [members(201), f'{{"a":[{members(201)}]}}'],
    "too_many_values": [zeros(50_001)],
    "character_not_allowed": [
        '{"a":"\x7f"}', '{"a":"\x85"}', '{"\u202e":1}', '{"a":"\\u0000"}', '{"a":["\\b"]}', '{"\\u0000":1}',
        '{"a":"\\ud800"}', '{"a":["\\udc00\\ud800"]}', '{"a":"\uffff"}', '{"a":{"b":"\\f"}}',
    ],
    "gaiji_not_supported": [
        '{"a":"\ue000"}', '{"a":"\\uf8ff"}', '{"a":"\U000f0000"}', '{"a":[["\\udbc0\\udc00"]]}', '{"\ue000":1}',
    ],
}  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_json_that_is_refused_is_refused_for_its_own_reason(code: str) -> None:
    for text in REFUSED[code]:
        assert json_refusal(text) == code, text[:80]


def test_json_up_to_the_limits_passes_as_it_was_written() -> None:
    texts = [
        '{"a":' * 32 + "1" + "}" * 32, '{"a":"[[[[{{{{' + "[" * 40 + '"}', '{"a":"' + "," * 50_001 + '"}', members(200),
        zeros(49_999), ' {"a" : [ ] }\r\n\t', '{"a":"\\\\u0000 \\\\b"}', '{"":{"":[null,true,false,""]}}',
        f'{{"a":{2**63 - 1},"b":{-(2**63)},"c":1.5e308,"d":1e-999,"e":-0,"f":0.1}}',
        '{"a":"神\ufa19髙﨑葛󠄀 \u3000\\n\\t\\r\\/\\"","b":"\\u8db3\\ud83d\\ude00"}',
    ]  # fmt: skip
    for text in texts:
        reply = ask(GUARD, "POST", headers=[JSON], body=text.encode())
        assert reply.status == 200, text[:80]
        seen = json.loads(reply.body)
        assert seen["body"].encode("latin-1") == text.encode()
        assert seen["json"] == json.loads(text)


def test_every_forbidden_character_is_found_wherever_it_stands() -> None:
    forbidden = [chr(n) for n in range(sys.maxunicode + 1) if guard_json._BAD_IN_TEXT.match(chr(n))]
    assert not any(letter.isprintable() for letter in forbidden)
    assert len(forbidden) == 29 + 33 + 12 + 2048 + 2 + 6400 + 131_072
    for letter in [*forbidden[:80], "\ue000", "\uf8ff", "\U0010ffff"]:
        for document in ({letter: 1}, {"a": letter}, {"a": [[f"x{letter}"]]}, {"a": [{f"{letter}y": 1}]}):
            for is_escaped in (True, False):
                with pytest.raises(RefusedError):
                    strict_json(json.dumps(document, ensure_ascii=is_escaped).encode("utf-8", "surrogatepass"))
