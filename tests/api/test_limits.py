"""Rate limits per token: so many requests a minute, told in headers, refused with the time to wait."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api import limits
from api.app import guarded
from api.limits import WINDOW_SECONDS, Limits
from domain.access import Role
from domain.errors import TooManyRequestsError
from tests.world import World


class Clock:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(limits, "time", made)
    return made


def test_what_is_left_goes_down_to_nothing_and_then_one_waits_for_the_window_to_end(clock: Clock) -> None:
    three = Limits(3)
    left = [dict(three.spend("session"))[b"ratelimit"] for _ in range(3)]
    assert left == [b'"token";r=2;t=60', b'"token";r=1;t=60', b'"token";r=0;t=60']
    clock.now += 20
    with pytest.raises(TooManyRequestsError) as refused:
        three.spend("session")
    assert refused.value.retry_after_seconds == 40
    clock.now += 40
    assert dict(three.spend("session"))[b"ratelimit"] == b'"token";r=2;t=60'


def test_sessions_do_not_spend_for_one_another(clock: Clock) -> None:
    one = Limits(1)
    one.spend("mine")
    one.spend("yours")
    with pytest.raises(TooManyRequestsError):
        one.spend("mine")


def test_windows_that_have_ended_are_forgotten(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_MOST_KEYS", 10)
    made = Limits(5)
    for number in range(10):
        made.spend(f"session {number}")
    clock.now += WINDOW_SECONDS
    made.spend("a new one")
    assert len(made._windows) == 1


@pytest_asyncio.fixture(loop_scope="session")
async def few(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """The service with a limit of five requests a minute."""
    monkeypatch.setattr(world.app.state.doors, "limits", Limits(5))
    transport = httpx.ASGITransport(app=guarded(world.app))
    async with httpx.AsyncClient(transport=transport, base_url="http://kikan.test") as client:
        yield client


async def test_every_answer_to_a_known_caller_says_what_is_left(world: World, few: httpx.AsyncClient) -> None:
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=await world.centre(await world.municipality()))
    asked = [
        await few.get("/v1/offices", headers=staff),
        await few.get("/v1/offices?unknown=1", headers=staff),
        await few.get("/v1/users", headers=staff),
        await few.get("/v1/offices/00000000-0000-0000-0000-000000000000", headers=staff),
        await few.get("/v1/offices.csv", headers=staff),
        await few.get("/v1/offices", headers=staff),
    ]
    assert [answer.status_code for answer in asked] == [200, 422, 403, 404, 200, 429]
    assert [answer.headers["ratelimit-policy"] for answer in asked] == ['"token";q=5;w=60'] * 6
    assert [answer.headers["ratelimit"].split(";")[1] for answer in asked] == ["r=4", "r=3", "r=2", "r=1", "r=0", "r=0"]
    assert asked[-1].headers["ratelimit"].partition("t=")[2] == asked[-1].headers["retry-after"]
    for answer in asked:
        assert len([name for name, _ in answer.headers.multi_items() if name == "ratelimit"]) == 1
    nobody = await few.get("/v1/offices")
    assert (nobody.status_code, "ratelimit" in nobody.headers) == (401, False)
