"""Health and metrics: whether the process lives, whether it can serve, and numbers for operators.

None of these says anything about anybody's data. ``/metrics`` needs its own token wherever one is configured, and in
production one must be.
"""

import hmac
import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.drivers import DriverError
from migrations import HEAD

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PATHS = ("/livez", "/readyz", "/metrics")


class Metrics:
    """Request counts and durations by route template, never by path, which holds ids."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("kikan_requests_total", "Requests served.", labels, registry=self.registry)
        self.seconds = Histogram(
            "kikan_request_seconds",
            "Time to serve a request.",
            ("method", "route"),
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.ready = Gauge("kikan_ready", "1 while the service can serve.", registry=self.registry)
        self._lines: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        line = self._lines.get((method, route, status))
        if line is None:
            # Looking a labelled line up costs more than counting it, and there are few: routes times statuses.
            line = self.requests.labels(method, route, str(status)), self.seconds.labels(method, route)
            self._lines[(method, route, status)] = line
        line[0].inc()
        line[1].observe(seconds)


class Measured:
    """Pure ASGI middleware that counts requests by their route template."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve and count one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, counted)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            self._metrics.count(method, route, status, time.perf_counter() - began)


def attach(app: FastAPI, metrics: Metrics) -> None:
    """Add the routes."""

    async def livez(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        faults = await _faults(app)
        metrics.ready.set(0 if faults else 1)
        return JSONResponse({"status": "ok" if not faults else "not_ready", "faults": faults}, 503 if faults else 200)

    async def metrics_page(request: Request) -> Response:
        token = app.state.settings.metrics_token
        if token is not None:
            given = request.headers.get("authorization", "").encode()
            if not hmac.compare_digest(given, f"Bearer {token.get_secret_value()}".encode()):
                return JSONResponse({"status": "unauthorized"}, 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    routes: dict[str, Callable[[Request], Awaitable[Response]]] = {
        "/livez": livez,
        "/readyz": readyz,
        "/metrics": metrics_page,
    }
    for path, endpoint in routes.items():
        app.router.add_route(path, endpoint, methods=["GET"], include_in_schema=False)


async def _faults(app: FastAPI) -> list[str]:
    """Give what keeps the service from serving: the database does not take writes, or migrations are behind."""
    faults: list[str] = []
    try:
        if await app.state.database.version() != HEAD:
            faults.append("migrations")
    except DriverError:
        faults.append("database")
    return faults
