"""Calls from web pages of other origins (CORS): an exact list of origins, no wildcard, no cookies. Source: Fetch."""

from typing import Final

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

METHODS: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")
READ: Final = (
    *("Authorization", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key"),
    *("Accept", "Accept-Language", "X-Request-Id"),
)
"""Headers that a page may send."""
SHOWN: Final = (
    *("ETag", "Link", "X-Next-Cursor", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"),
    *("X-Request-Id", "Idempotency-Replayed", "Content-Disposition", "X-Replaced-Characters"),
)
"""Headers of an answer that a page may read."""


def shared_with(origins: tuple[str, ...], app: ASGIApp) -> ASGIApp:
    """Let pages of these origins call the application, refusals included; without any, it stays as it is.

    Preflights are answered here, before the guard and without a database.
    """
    if not origins:
        return app
    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=METHODS, allow_headers=READ, expose_headers=SHOWN, max_age=600
    )
