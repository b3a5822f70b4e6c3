"""Rate limits per token, with the headers that tell a program how much is left."""

import time

from limits import RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from domain.errors import TooManyRequestsError

_MOST_KEYS = 20_000


class Counters(Storage):
    """Counters of this process in a dict. The library's own memory storage starts a thread for every sweep."""

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[int, float]] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing here can fail."""
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Raise a counter that starts again ``expiry`` seconds after its first count."""
        now = time.time()
        count, until = self._counts.get(key, (0, 0.0))
        if until <= now:
            if len(self._counts) >= _MOST_KEYS:
                self._counts = {k: v for k, v in self._counts.items() if v[1] > now}
            count, until = 0, now + expiry
        self._counts[key] = (count + amount, until)
        return count + amount

    def get(self, key: str) -> int:
        """Give a counter, 0 once it has run out."""
        count, until = self._counts.get(key, (0, 0.0))
        return count if until > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Give when a counter starts again."""
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Say that the storage works."""
        return True

    def reset(self) -> int | None:
        """Forget every counter."""
        count = len(self._counts)
        self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._counts.pop(key, None)


class Limits:
    """Requests per minute and session or machine grant, counted in this process."""

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._counters = Counters()
        self._limiter = FixedWindowRateLimiter(self._counters)
        self._policy = f'"token";q={per_minute};w=60'

    def spend(self, session_id: str) -> dict[str, str]:
        """Count one request; give the headers that say what is left.

        Raises:
            TooManyRequestsError: the minute is used up; says in how many seconds it begins again.
        """
        allowed = self._limiter.hit(self._item, session_id)
        key = self._item.key_for(session_id)
        seconds = max(1, round(self._counters.get_expiry(key) - time.time()))
        if not allowed:
            raise TooManyRequestsError(seconds)
        left = self._item.amount - self._counters.get(key)
        return {"RateLimit-Policy": self._policy, "RateLimit": f'"token";r={left};t={seconds}'}
