"""Rate limits per token, with the headers that tell a program how much is left."""

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from domain.errors import TooManyRequestsError


class Limits:
    """Requests per minute and session or machine grant, counted in this process."""

    def __init__(self, per_minute: int) -> None:
        self._item = RateLimitItemPerMinute(per_minute)
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._policy = f'"token";q={per_minute};w=60'

    def spend(self, session_id: str) -> dict[str, str]:
        """Count one request; give the headers that say what is left.

        Raises:
            TooManyRequestsError: the minute is used up.
        """
        allowed = self._limiter.hit(self._item, session_id)
        stats = self._limiter.get_window_stats(self._item, session_id)
        if not allowed:
            raise TooManyRequestsError(60)
        return {"RateLimit-Policy": self._policy, "RateLimit": f'"token";r={stats.remaining};t=60'}
