"""Rate limits per token, with the headers that tell a program how much is left.

A fixed window of a minute for each session or machine grant, counted in this process. The arithmetic of a window is
three lines; a library for it cost more than reading the token.
"""

import time

from api.answers import RawHeaders
from domain.errors import TooManyRequestsError

WINDOW_SECONDS = 60
_MOST_KEYS = 20_000


class LimitReachedError(TooManyRequestsError):
    """The minute of a token is used up; ``headers`` say so to a program."""

    def __init__(self, retry_after_seconds: int, headers: RawHeaders) -> None:
        super().__init__(retry_after_seconds)
        self.headers = headers


class Limits:
    """Requests per minute and session or machine grant."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._windows: dict[str, tuple[int, float]] = {}
        self._policy = b"ratelimit-policy", b'"token";q=%d;w=%d' % (per_minute, WINDOW_SECONDS)

    def spend(self, session_id: str) -> RawHeaders:
        """Count one request; give the headers that say what is left, as they leave.

        Raises:
            LimitReachedError: the minute is used up; says in how many seconds it begins again.
        """
        now = time.monotonic()
        count, until = self._windows.get(session_id, (0, 0.0))
        if until <= now:
            if len(self._windows) >= _MOST_KEYS:
                self._windows = {key: window for key, window in self._windows.items() if window[1] > now}
            count, until = 0, now + WINDOW_SECONDS
        count += 1
        self._windows[session_id] = count, until
        seconds = max(1, round(until - now))
        headers = self._policy, (b"ratelimit", b'"token";r=%d;t=%d' % (max(0, self._most - count), seconds))
        if count > self._most:
            raise LimitReachedError(seconds, headers)
        return headers
