"""Rate limits per token: so many requests a minute, told in headers, refused with the time to wait."""

import pytest

from api import limits
from api.limits import WINDOW_SECONDS, Limits
from domain.errors import TooManyRequestsError


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
