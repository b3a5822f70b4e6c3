"""The application: the one place that wires settings, database, doors, areas and the contract together."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import Response

from api import contract, cors, docs, health, problems, routes
from api.access import Principals
from api.accounts import oauth
from api.dispatch import Dispatch
from api.guard import Guard
from api.keys import secret_keys, token_module
from api.limits import Limits
from api.operations import Doors
from api.places import office_register
from domain.database import database_at
from domain.settings import Settings, UnsafeSettingsError


def create_app(
    settings: Settings | None = None, *, beside: Callable[[FastAPI], Coroutine[Any, Any, None]] | None = None
) -> FastAPI:
    """Build the application from its settings; ``beside`` runs next to the first requests.

    Raises:
        UnsafeSettingsError: settings that must never serve.
        UndeclaredOperationError: a route with neither a permission nor the public mark.
    """
    gc.freeze()
    gc.enable()
    settings = settings or Settings()
    settings.refuse_unsafe()
    tokens, secrets = token_module(settings), secret_keys(settings)
    database = database_at(
        settings.database_address(),
        pool_size=settings.pool_size,
        pgbouncer=settings.pgbouncer,
        seal=secrets.cursors,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await database.driver.start()
        started = asyncio.ensure_future(beside(app)) if beside else None
        try:
            if settings.is_production and await database.is_dangerous():
                raise UnsafeSettingsError("the api role is a superuser, bypasses row security, or owns tables")
            yield
        finally:
            if started is not None:
                started.cancel()
            await database.driver.stop()

    app = FastAPI(
        title="kikan",
        version=contract.VERSION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        **contract.DESCRIPTION,
    )
    app.state.settings = settings
    app.state.tokens = tokens
    app.state.secret_keys = secrets
    app.state.database = database
    app.state.doors = Doors(database, Principals(database, tokens), Limits(settings.rate_limit_per_minute))
    # An address with a slash behind it is another one, and the way to the right one would be built from `Host`.
    app.router.redirect_slashes = False
    for router in routes.AREAS:
        app.router.routes.extend(router.routes)
    app.add_exception_handler(StarletteHTTPException, _of_framework)
    contract.attach(app)
    docs.attach(app)
    app.state.metrics = health.Metrics()
    health.attach(app, app.state.metrics)
    return app


def guarded(app: FastAPI) -> Any:
    """Put the input guard in front of the application, and CORS in front of both: what uvicorn serves."""
    takes_csv = frozenset((office_register.IMPORT_PATH,))
    guard = Guard(Dispatch(app), import_paths=takes_csv)
    return health.Measured(cors.shared_with(app.state.settings.cors_origins, guard), app.state.metrics)


async def _of_framework(request: Request, error: Any) -> Response:
    """Turn what the framework itself refuses (unknown path, method) into a problem detail, or an OAuth error."""
    if oauth.is_token_path(request.url.path):
        return oauth.refusal("invalid_request", "There is no such thing.", error.status_code, error.headers or {})
    words = {
        404: ("not_found", "指定されたものは見つかりません。", "There is no such thing."),
        405: ("method_not_allowed", "この方法(メソッド)では使えません。", "This method is not allowed here."),
    }
    code, ja, en = words.get(error.status_code, ("malformed", "要求の形が正しくありません。", "Malformed request."))
    detail = en if problems.is_english(request) else ja
    return problems.answer(request, error.status_code, code, detail, headers=error.headers)
