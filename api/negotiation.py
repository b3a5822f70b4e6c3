"""Files of an operation that stand at paths of their own, asked for by ``Accept`` at its path as those of lists are."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from api.accepts import accepted
from api.answers import JSON
from api.operations import Area, Operation


class Negotiated(Operation):
    """An operation that hands a request over to the one whose file it accepts.

    That one has its own binders, transaction and trail: a file is noted as an export, however it is asked for.
    """

    def __init__(self, path: str, endpoint: Any, **kw: Any) -> None:
        super().__init__(path, endpoint, **kw)
        self.files: Mapping[str, Operation] = {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or have its file served."""
        if not self.files or scope["method"] not in self.served:
            await super().handle(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept")]
            await send(message)

        file = self._file_asked(Request(scope))
        await (super().handle if file is None else file.handle)(scope, receive, told)

    def _file_asked(self, request: Request) -> Operation | None:
        return self.files.get(accepted(request, JSON, *self.files))


def offer_by_accept(router: Area, path: str, suffixes: Mapping[str, str]) -> None:
    """Let the operation at ``path`` be asked for its files: ``suffixes`` by media type lead to their operations."""
    known = {route.path: route for route in router.routes if isinstance(route, Negotiated)}
    at = f"{router.prefix}{path}"
    known[at].files = {media_type: known[f"{at}{suffix}"] for media_type, suffix in suffixes.items()}
