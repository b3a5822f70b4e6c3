"""Logs: one JSON line an event, without values that people typed, tokens or addresses with secrets."""

import logging
import sys
from typing import Any

import structlog

from domain.settings import Settings

_NEVER = frozenset({"authorization", "password", "token", "secret", "totp", "refresh_token", "body", "query"})


def configure(settings: Settings) -> None:
    """Set logging up for a serving process."""
    logging.basicConfig(stream=sys.stderr, level=settings.log_level, format="%(message)s", force=True)
    for noisy in ("uvicorn.access", "asyncpg"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    renderer: Any = structlog.processors.JSONRenderer() if settings.is_production else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=False),
            _without_secrets,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.log_level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _without_secrets(_logger: Any, _name: str, event: Any) -> Any:
    return {key: "[hidden]" if key in _NEVER else value for key, value in event.items()}
