"""How long a verified caller is believed without asking again: at most one second, and never beyond the token."""

import time
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from api import access
from tests.accounts import Accounts, bearer
from tests.world import World


@dataclass
class Clock:
    """A monotonic clock that stands until it is moved."""

    tick: float = 1000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(access, "time", SimpleNamespace(monotonic=lambda: clock.tick, time=time.time))
    return clock


async def standing_after(seconds: float, world: World, accounts: Accounts, clock: Clock) -> tuple[int, int]:
    """Sign a person in and out; give the answers at once and ``seconds`` later."""
    person = await accounts.ward_officer()
    mine = await accounts.signed_in(person)
    assert (await world.client.get("/v1/me", headers=bearer(mine))).status_code == 200
    assert (await world.client.delete("/v1/sessions/current", headers=bearer(mine))).status_code == 204
    at_once = await world.client.get("/v1/me", headers=bearer(mine))
    clock.tick += seconds
    later = await world.client.get("/v1/me", headers=bearer(mine))
    return at_once.status_code, later.status_code


async def test_who_has_lost_access_is_refused_within_a_second(world: World, accounts: Accounts, clock: Clock) -> None:
    assert await standing_after(access.PRINCIPAL_SECONDS, world, accounts, clock) == (200, 401)


async def test_who_would_be_believed_for_longer_would_still_be_let_in(
    world: World, accounts: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "PRINCIPAL_SECONDS", 600.0)
    assert await standing_after(1.0, world, accounts, clock) == (200, 200)


async def test_callers_that_came_together_are_not_asked_about_together_again(
    world: World, accounts: Accounts, clock: Clock
) -> None:
    own = await world.municipality()
    known: dict[str, Any] = world.app.state.doors.principals._known
    believed = []
    for _ in range(12):
        signed_in = await accounts.signed_in(await accounts.ward_officer(own))
        assert (await world.client.get("/v1/me", headers=bearer(signed_in))).status_code == 200
        believed.append(known[signed_in["access_token"]][0] - clock.tick)
    shortest = access.PRINCIPAL_SECONDS * (1 - access.SPREAD)
    assert all(shortest <= seconds <= access.PRINCIPAL_SECONDS for seconds in believed)
    assert len(set(believed)) > len(believed) // 2


async def test_nobody_is_believed_beyond_the_token(
    world: World, accounts: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "PRINCIPAL_SECONDS", 3600.0)
    signed_in = await accounts.signed_in(await accounts.ward_officer())
    assert (await world.client.get("/v1/me", headers=bearer(signed_in))).status_code == 200
    known: dict[str, Any] = world.app.state.doors.principals._known
    until, _ = known[signed_in["access_token"]]
    assert 0 < until - clock.tick <= signed_in["expires_in"]
