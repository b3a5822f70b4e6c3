"""Serving: uvicorn with our deadlines, and the application as it must be started."""

import asyncio
import ctypes
import gc
import socket
import sys
from collections.abc import Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import create_app, guarded
from api.contract import operations_of
from api.logs import configure
from domain.settings import Settings
from domain.statements import settling

HEADER_SECONDS = 5.0


class DeadlineProtocol(HttpToolsProtocol):
    """HTTP/1.1 that closes a connection whose request line and headers are not there within five seconds.

    uvicorn has no such deadline: a thousand connections that never finish their headers would stay open.
    """

    def connection_made(self, transport: Any) -> None:
        """Start waiting for the first request."""
        super().connection_made(transport)
        self._header_deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def on_headers_complete(self) -> None:
        """Stop waiting: the headers are there."""
        self._header_deadline.cancel()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Wait again where the first bytes of a next request arrive on a kept connection."""
        if self._header_deadline.cancelled() and getattr(self.cycle, "response_complete", True):
            self._header_deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)
        super().data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline with the connection."""
        self._header_deadline.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


def application() -> Any:
    """Build what uvicorn serves.

    Production compiles every statement and builds every shape before the first request; elsewhere that happens beside
    the first ones, so that a start takes no longer than it must.
    """
    settings = Settings()
    configure(settings)
    app = create_app(settings, beside=None if settings.is_production else _settled_beside)
    if settings.is_production:
        for _ in _settling(app):
            pass
        _freeze()
    return guarded(app)


def _settling(app: FastAPI) -> Iterator[None]:
    """Make what requests need and the start does not, a piece at each step."""
    yield from settling(app.state.database.dialect)
    for operation in operations_of(app):
        operation.build_shapes()
        yield


async def _settled_beside(app: FastAPI) -> None:
    for _ in _settling(app):
        await asyncio.sleep(0)
    _freeze()


def _freeze() -> None:
    """Take what a fresh process holds out of garbage collection, and give back what it is done with."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    uvicorn.run(
        "api.serve:application",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        http=DeadlineProtocol,
        loop="uvloop" if sys.platform != "win32" else "auto",
        ws="none",
        access_log=False,
        server_header=False,
        date_header=True,
        reset_contextvars=True,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=15,
        h11_max_incomplete_event_size=32 * 1024,
        log_config=None,
        **proxy_options(settings),
    )


def proxy_options(settings: Settings) -> dict[str, Any]:
    """Say whose ``X-Forwarded-For`` uvicorn believes: left to itself, it believes every caller on this machine."""
    proxies = settings.proxies()
    return {"proxy_headers": bool(proxies), "forwarded_allow_ips": list(proxies)}


def free_port(host: str, wanted: int) -> int:
    """Give ``wanted``, or the next port above it that is free."""
    for port in range(wanted, wanted + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {wanted} on")
