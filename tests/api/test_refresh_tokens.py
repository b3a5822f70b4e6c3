"""Staying signed in and signing out, through HTTP."""

import asyncio
from typing import Any

import pytest

from domain.accounts import refresh_tokens
from tests.accounts import Accounts, at, bearer
from tests.world import World


async def test_a_refresh_token_is_used_once_and_gives_the_next(world: World, accounts: Accounts) -> None:
    person = await accounts.ward_officer()
    first = await accounts.signed_in(person)
    answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    assert answer.status_code == 200, answer.text
    second = answer.json()
    assert second.keys() == first.keys()
    assert second["assignment"] == first["assignment"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await world.client.get("/v1/me", headers=bearer(second))).status_code == 200


async def refreshed(world: World, token: str) -> int:
    answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": token})
    return answer.status_code


async def test_a_lost_answer_may_be_asked_for_once_more_within_ten_seconds(world: World, accounts: Accounts) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    assert [await refreshed(world, token) for _ in range(3)] == [200, 200, 401]


async def reused_later(world: World, accounts: Accounts) -> tuple[list[int], dict[str, Any]]:
    """Use a refresh token again after fifteen seconds, then its successor; give the statuses and the successor."""
    first = await accounts.signed_in(await accounts.ward_officer())
    answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    with at(seconds=15):
        statuses = [await refreshed(world, token) for token in (first["refresh_token"], answer.json()["refresh_token"])]
    return statuses, answer.json()


async def test_using_a_refresh_token_again_later_ends_the_session(
    world: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses, second = await reused_later(world, accounts)
    assert statuses == [401, 401]
    accounts.forget_principals()
    assert (await world.client.get("/v1/me", headers=bearer(second))).status_code == 401
    ended = accounts.select("SELECT after FROM audit_entry WHERE action = 'sessions.end' ORDER BY id DESC LIMIT 1")
    assert ended == [('{"reason":"refresh_reuse"}',)]

    async def always(*_: object) -> bool:
        return True

    monkeypatch.setattr(refresh_tokens, "_spent", always)
    assert (await reused_later(world, accounts))[0] == [200, 200], "the proof sees a token that is not used up"


async def test_two_at_once_with_one_refresh_token_are_one_use_and_its_repetition(
    world: World, accounts: Accounts
) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    statuses = await asyncio.gather(*(refreshed(world, token) for _ in range(4)))
    assert sorted(statuses) == [200, 200, 401, 401]


async def test_a_session_ends_after_eight_idle_hours(world: World, accounts: Accounts) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    with at(hours=7, minutes=59):
        answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": token})
        assert answer.status_code == 200
    with at(hours=16):
        assert await refreshed(world, answer.json()["refresh_token"]) == 401


async def test_a_session_ends_after_twelve_hours_however_busy(world: World, accounts: Accounts) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    for hours in (6, 11.9):
        with at(hours=hours):
            token = (await world.client.post("/v1/sessions/refresh", json={"refresh_token": token})).json()[
                "refresh_token"
            ]
    with at(hours=12, minutes=1):
        assert await refreshed(world, token) == 401


async def test_signing_out_ends_the_tokens_within_a_second(world: World, accounts: Accounts) -> None:
    signed_in = await accounts.signed_in(await accounts.ward_officer())
    headers = bearer(signed_in)
    assert (await world.client.delete("/v1/sessions/current", headers=headers)).status_code == 204
    await asyncio.sleep(1.02)
    assert (await world.client.get("/v1/me", headers=headers)).status_code == 401
    assert await refreshed(world, signed_in["refresh_token"]) == 401


async def test_people_see_and_end_their_own_sessions_and_no_others(world: World, accounts: Accounts) -> None:
    person, stranger = await accounts.ward_officer(), await accounts.ward_officer()
    here, there = await accounts.signed_in(person), await accounts.signed_in(person)
    other = await accounts.signed_in(stranger)
    listed = (await world.client.get("/v1/sessions", headers=bearer(here))).json()["results"]
    assert [row["is_current"] for row in listed] == [False, True]
    others = (await world.client.get("/v1/sessions", headers=bearer(other))).json()["results"]
    assert len(others) == 1
    path = f"/v1/sessions/{listed[0]['id']}"
    foreign = await world.client.delete(path, headers=bearer(other))
    missing = await world.client.delete(f"/v1/sessions/{person.id}", headers=bearer(other))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert (await world.client.delete(path, headers=bearer(here))).status_code == 204
    accounts.forget_principals()
    assert (await world.client.get("/v1/me", headers=bearer(there))).status_code == 401
    assert (await world.client.get("/v1/me", headers=bearer(here))).status_code == 200
