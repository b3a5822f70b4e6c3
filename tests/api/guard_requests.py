"""One request to the guard as a direct ASGI call, and an application behind it that answers with what reached it."""

import asyncio
import json
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.guard import Guard

Header = tuple[bytes, bytes]
JSON: Header = (b"content-type", b"application/json")
MERGE: Header = (b"content-type", b"application/merge-patch+json")
FORM: Header = (b"content-type", b"application/x-www-form-urlencoded")
CSV: Header = (b"content-type", b"text/csv")
LENGTH: Header = (b"content-length", b"2")


class Reply(NamedTuple):
    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["code"])


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers with what reached it."""
    message = await receive()
    seen = {"method": scope["method"], "body": message["body"].decode("latin-1"), "json": scope["state"].get("json")}
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


def ask(
    app: ASGIApp,
    method: str = "GET",
    target: bytes = b"/v1/visits",
    headers: Iterable[Header] = (),
    body: bytes | list[bytes] = b"",
    *,
    announced: bool = True,
) -> Reply:
    """One request, its body in as many pieces as given, and the one whole answer to it."""
    pieces = [body] if isinstance(body, bytes) else list(body)
    sent: list[Message] = []

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    size = sum(map(len, pieces))
    named = [*headers, *([(b"content-length", b"%d" % size)] if size and announced else [])]
    asyncio.run(app(scope_of(method, target, named), receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    return Reply(sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"])


def scope_of(method: str, target: bytes, headers: list[Header]) -> Scope:
    path, _, query = target.partition(b"?")
    decoded = unquote(path.decode("latin-1"))
    return {
        "type": "http", "method": method, "path": decoded, "raw_path": path, "query_string": query, "headers": headers,
        "http_version": "1.1", "scheme": "http", "root_path": "", "server": ("kikan.example", 80), "client": None,
    }  # fmt: skip


GUARD = Guard(echo, import_paths=frozenset({"/v1/imports"}))
