"""Batches through HTTP: all or nothing, with row numbers, and a rehearsal that stores nothing."""

from typing import Any

import pytest

from api.answers import Answer
from domain.access import Role
from tests.accounts import Accounts
from tests.world import World


def rows_of(municipality_id: str, count: int) -> list[dict[str, Any]]:
    return [
        {
            "municipality_id": municipality_id,
            "name": f"相談室{number}",
            "name_kana": f"そうだんしつ{number}",
            "office_number": f"{1300000000 + number}",
        }
        for number in range(count)
    ]


async def count_of(world: World, caller: dict[str, str]) -> int:
    listed = await world.client.get("/v1/offices?count=true&limit=1", headers=caller)
    return int(listed.json()["resultset"]["count"])


async def test_five_hundred_rows_are_stored_together(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    program = await world.program("offices:read", "offices:write", municipality_id=own)
    answer = await world.client.post("/v1/offices/batch", headers=program, json={"rows": rows_of(own, 500)})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["stored_count"], len(body["results"]), body["dry_run"]) == (500, 500, False)
    assert body["results"][1]["warnings"][0]["code"] == "check_digit_mismatch"
    assert await count_of(world, program) == 500
    assert accounts.trail(body["results"][499]["id"]) == ["offices.add"]


async def test_more_or_fewer_rows_than_allowed_are_refused(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    for rows in ([], rows_of(own, 501)):
        answer = await world.client.post("/v1/offices/batch", headers=ward, json={"rows": rows})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/rows")


async def test_one_bad_row_stores_none_and_every_bad_row_is_named(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    rows = rows_of(own, 6)
    rows[1] |= {"opened_on": "2026-04-01", "closed_on": "2026-03-31"}
    rows[3] |= {"external_id": "7"}
    rows[4] |= {"municipality_id": await world.municipality()}
    rows[5] |= {"internal_note": "123456789018"}
    answer = await world.client.post("/v1/offices/batch", headers=ward, json={"rows": rows})
    assert (answer.status_code, answer.json()["code"]) == (422, "rows_refused")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/rows/1/closed_on", "closes_before_opening"),
        ("/rows/3/external_source", "external_id_needs_source"),
        ("/rows/4/municipality_id", "not_found"),
        ("/rows/5/internal_note", "my_number_found"),
    ]
    assert await count_of(world, ward) == 0
    rows[2]["name"] = 7
    shape = await world.client.post("/v1/offices/batch", headers=ward, json={"rows": rows})
    assert [e["pointer"] for e in shape.json()["errors"]][:2] == ["/rows/1/closed_on", "/rows/2/name"]


async def test_a_row_the_database_refuses_is_named_and_undoes_the_rest(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    rows = rows_of(own, 4)
    rows[2]["office_number"] = rows[0]["office_number"]
    for query in ("", "?dry_run=true"):
        answer = await world.client.post(f"/v1/offices/batch{query}", headers=ward, json={"rows": rows})
        assert answer.status_code == 422
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
            ("/rows/2/office_number", "office_number_taken")
        ]
        assert await count_of(world, ward) == 0


async def test_a_rehearsal_tells_everything_and_stores_nothing(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    keyed = {**ward, "Idempotency-Key": own}
    rehearsed = await world.client.post("/v1/offices/batch?dry_run=true", headers=keyed, json={"rows": rows_of(own, 3)})
    assert rehearsed.status_code == 200, rehearsed.text
    assert (rehearsed.json()["stored_count"], len(rehearsed.json()["results"])) == (0, 3)
    assert await count_of(world, ward) == 0
    assert accounts.trail(rehearsed.json()["results"][0]["id"]) == []
    again = await world.client.post("/v1/offices/batch?dry_run=true", headers=keyed, json={"rows": rows_of(own, 3)})
    assert "idempotency-replayed" not in again.headers
    stored = await world.client.post("/v1/offices/batch", headers=ward, json={"rows": rows_of(own, 3)})
    assert stored.json()["stored_count"] == 3
    assert await count_of(world, ward) == 3


async def test_a_rehearsal_that_is_not_undone_is_noticed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    monkeypatch.setattr(Answer, "is_rehearsal", property(lambda _: False, lambda _self, _value: None))
    await world.client.post("/v1/offices/batch?dry_run=true", headers=ward, json={"rows": rows_of(own, 1)})
    assert await count_of(world, ward) == 1


async def test_the_same_key_stores_a_batch_once(world: World) -> None:
    own = await world.municipality()
    ward = {**await world.sign_in(Role.WARD_STAFF, municipality_id=own), "Idempotency-Key": f"b-{own}"}
    first = await world.client.post("/v1/offices/batch", headers=ward, json={"rows": rows_of(own, 3)})
    second = await world.client.post("/v1/offices/batch", headers=ward, json={"rows": rows_of(own, 3)})
    assert (second.headers["idempotency-replayed"], second.content) == ("true", first.content)
    assert await count_of(world, ward) == 3
