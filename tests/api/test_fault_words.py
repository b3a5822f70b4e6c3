"""Faults of members and parameters say what would be right: the bound, the kind of value, the list, the place."""

from typing import Any, Self

import pytest
from pydantic import BaseModel, ValidationError, model_validator

from api.problems import FieldFaultError, faults_of
from domain.clock import today
from tests.towns import Town
from tests.world import World

PERSON = {"name": "見本 花子", "name_kana": "みほん はなこ", "employment": "full_time"}
SAID: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "too long a text": ({"name": "あ" * 500}, "/name", "too_long", "60文字まで"),
    "no text at all": ({"name": ""}, "/name", "too_short", "1"),
    "another kind of value": ({"name": 5}, "/name", "wrong_type", "文字列"),
    "no day": ({"joined_on": "tomorrow"}, "/joined_on", "wrong_form", "YYYY-MM-DD"),
    "no flag": ({"is_dedicated": "maybe"}, "/is_dedicated", "wrong_type", "true か false"),
    "none of the list": ({"employment": "sometimes"}, "/employment", "not_in_list", "full_time, part_time"),
}


@pytest.mark.parametrize("case", SAID)
async def test_a_fault_says_what_would_be_right(world: World, town: Town, case: str) -> None:
    change, pointer, code, told = SAID[case]
    body = {**PERSON, "office_id": town.office, **change}
    refused = await world.client.post("/v1/people", headers=town.ward, json=body)
    (fault,) = refused.json()["errors"]
    assert (refused.status_code, fault["pointer"]) == (422, pointer)
    assert fault["code"].startswith(code.split("_")[0]) or code in fault["code"], fault
    assert told in fault["detail"]
    assert "tomorrow" not in fault["detail"]
    english = await world.client.post("/v1/people", headers={**town.ward, "Accept-Language": "en"}, json=body)
    assert english.json()["errors"][0]["detail"].isascii()


async def test_a_number_says_its_bound(world: World, town: Town) -> None:
    body = {"kind": "meeting", "title": "会議", "held_on": today().isoformat(), "participant_count": -1}
    refused = await world.client.post("/v1/activities", headers=town.manager, json=body)
    (fault,) = refused.json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/participant_count", "too_small")
    assert "0以上" in fault["detail"]


class Whole(BaseModel):
    """A shape with a rule about the whole of it."""

    a: int

    @model_validator(mode="after")
    def refuse(self) -> Self:
        raise FieldFaultError("never", "決して。", "Not ever.")


def test_the_whole_body_is_pointed_to_by_an_empty_pointer() -> None:
    for content, code, pointer in (
        ('{"a":1}', "never", ""),
        ("[]", "wrong_type", ""),
        ('{"a":"x"}', "wrong_form", "/a"),
    ):
        with pytest.raises(ValidationError) as refused:
            Whole.model_validate_json(content)
        (fault,) = faults_of(refused.value)
        assert (fault.code, fault.pointer, fault.parameter) == (code, pointer, None)


@pytest.mark.parametrize(
    ("body", "line", "column"),
    [(b'{"a": 1,\n "b": x}', 2, 7), (b"{", 1, 2), (b'{"a":1}}', 1, 8), ('{"区" 1}'.encode(), 1, 6)],
)
async def test_what_is_no_json_is_told_with_its_place(world: World, body: bytes, line: int, column: int) -> None:
    for language, told in (("ja", f"({line}行目{column}文字目)"), ("en", f"(line {line}, column {column})")):
        headers = {"Content-Type": "application/json", "Accept-Language": language}
        refused = await world.client.post("/v1/sessions", headers=headers, content=body)
        assert (refused.status_code, refused.json()["code"]) == (400, "malformed_json")
        assert refused.json()["detail"].endswith(told)
