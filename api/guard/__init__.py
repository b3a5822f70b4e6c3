"""The input guard in front of the framework: what it refuses, no route ever sees.

Pure ASGI, wrapped around the whole application. It reads a body once, within a size and a time, and hands the checked
bytes on; the object of a JSON body is left in ``scope["state"]["json"]``, the id of the request in ``"request_id"``.
Every answer leaves with that id and the protective headers. It is also the last resort for crashes: an answer with
status 500 is always the refusal of this file, whatever the framework or a debugger meant to show.
Header names are expected in lower case, as ASGI promises. Source: RFC 9110, RFC 9457.
"""

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from traceback import walk_tb
from typing import Final

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from api.guard.headers import (
    announces_body,
    check_bodiless,
    check_headers,
    check_target,
    media_type_of,
    raw_path,
    watched_headers,
)
from api.guard.json_bodies import RefusedError, check_encoded, strict_json
from api.guard.problems import prefers_english, problem_bytes, refusal, token_refusal

__all__ = ["Guard", "problem_bytes"]

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_PLAIN_PATH: Final = re.compile(rb"/[A-Za-z0-9._~:/@!$&'()*+,;=%-]{0,1024}")
_WITH_BODY: Final = frozenset(("POST", "PUT", "PATCH"))
_JSON: Final = "application/json"
_MERGE_PATCH: Final = "application/merge-patch+json"
_FORM: Final = "application/x-www-form-urlencoded"
_TOKENS: Final = "/oauth/"
_IMPORTS: Final = frozenset(("text/csv", "multipart/form-data"))
_PROTECTION: Final = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))
_NO_CONTENT: Final = (b"content-security-policy", b"default-src 'none'")
_NO_STORE: Final = (b"cache-control", b"no-store")
_ROOT: Final = Path(__file__).resolve().parents[2]
_OURS: Final = (f"{_ROOT / 'api'}/", f"{_ROOT / 'domain'}/")

_log = structlog.get_logger("kikan.guard")


class Guard:
    """Refuse what no route may see, and let no crash show itself.

    ``import_paths`` are the exact paths that take CSV and multipart, up to ``import_limit`` bytes. Forms are taken
    below ``/oauth/`` only. Every other body is JSON of up to ``body_limit`` bytes.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_limit: int = 1_048_576,
        import_limit: int = 5_242_880,
        import_paths: frozenset[str] = frozenset(),
        body_seconds: float = 20.0,
    ) -> None:
        self._app = app
        self._body_limit = body_limit
        self._import_limit = import_limit
        self._import_paths = import_paths
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection scope: HTTP guarded, lifespan as it is, websockets never."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched, is_repeated = watched_headers(scope["headers"])
        answer = _Answer(scope, send, _request_id(watched))
        try:
            check_headers(scope["headers"], watched, is_repeated=is_repeated)
            check_target(scope)
            if scope["method"] in _WITH_BODY:
                receive = await self._admitted_body(scope, watched, receive)
            else:
                check_bodiless(watched)
        except RefusedError as refused:
            await answer.problem(refused.code, refused, hang_up=announces_body(watched))
        except ClientDisconnect:
            return
        else:
            await self._answered(scope, receive, answer)

    async def _admitted_body(self, scope: Scope, watched: dict[bytes, bytes], receive: Receive) -> Receive:
        """Read and check the body, and return the way to read it again."""
        if announces_body(watched):
            self._media_type(scope, watched)
        body = await self._whole_body(scope, watched, receive)
        self._check_body(scope, watched, body)
        return _replay(body, receive)

    async def _answered(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            return
        except Exception as crash:
            _report(crash, scope["method"], answer.request_id)
        else:
            if not answer.is_started:
                _report(None, scope["method"], answer.request_id)
        if not answer.is_started:
            await answer.problem("internal_error")

    async def _whole_body(self, scope: Scope, watched: dict[bytes, bytes], receive: Receive) -> bytes:
        limit = self._import_limit if scope["path"] in self._import_paths else self._body_limit
        if int(watched.get(b"content-length", b"0")) > limit:
            raise RefusedError("body_too_large")
        chunks: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self._body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    chunk = message.get("body", b"")
                    size += len(chunk)
                    if size > limit:
                        raise RefusedError("body_too_large")
                    chunks.append(chunk)
                    if not message.get("more_body", False):
                        return b"".join(chunks)
        except TimeoutError:
            raise RefusedError("body_timeout") from None

    def _check_body(self, scope: Scope, watched: dict[bytes, bytes], body: bytes) -> None:
        """Check the content by its media type; an empty body, of whatever type, is for the route to judge."""
        if not body:
            return
        media_type = self._media_type(scope, watched)
        if media_type == _FORM:
            check_encoded(body, "malformed_form")
        elif media_type not in _IMPORTS:
            scope["state"]["json"] = strict_json(body)

    def _media_type(self, scope: Scope, watched: dict[bytes, bytes]) -> str:
        media_type, charset = media_type_of(watched.get(b"content-type", b""))
        if media_type in _IMPORTS and scope["path"] in self._import_paths:
            return media_type
        if (
            media_type == _JSON
            or (media_type == _MERGE_PATCH and scope["method"] == "PATCH")
            or (media_type == _FORM and scope["path"].startswith(_TOKENS))
        ):
            if charset != "utf-8":
                raise RefusedError("charset_not_supported")
            return media_type
        raise RefusedError("media_type_not_supported")


class _Answer:
    """The way out: adds the headers, and keeps any 500 of the application back."""

    __slots__ = ("_is_kept_back", "_scope", "_send", "is_started", "request_id")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._is_kept_back = False
        self.is_started = False
        self.request_id = request_id
        scope.setdefault("state", {})["request_id"] = request_id

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 500:
                self._is_kept_back = True
                return
            self.is_started = True
            message["headers"] = self._protected(message.get("headers", ()))
        elif self._is_kept_back:
            return
        try:
            await self._send(message)
        except OSError:
            raise ClientDisconnect from None

    async def problem(self, code: str, refused: RefusedError | None = None, *, hang_up: bool = False) -> None:
        """Answer with one of the guard's problems; ``hang_up`` where a body may not have been read."""
        status, headers, body = self._told(code, refused)
        headers.append((b"content-length", b"%d" % len(body)))
        if hang_up:
            headers.append((b"connection", b"close"))
        self.is_started = True
        with suppress(OSError):
            await self._send({"type": "http.response.start", "status": status, "headers": self._protected(headers)})
            await self._send({"type": "http.response.body", "body": body})

    def _told(self, code: str, refused: RefusedError | None) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Give status, headers and body of a refusal, in the form that clients of the path expect."""
        if self._scope["path"].startswith(_TOKENS):
            status, body = token_refusal(code)
            return status, [(b"content-type", b"application/json"), _NO_STORE, (b"pragma", b"no-cache")], body
        english = prefers_english(self._scope["headers"])
        path = raw_path(self._scope)
        instance = path.decode("ascii") if _PLAIN_PATH.fullmatch(path) else "/"
        status, body = refusal(code, instance, self.request_id, english=english, refused=refused)
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-language", b"en" if english else b"ja"),
            (b"vary", b"Accept-Language"),
        ]
        return status, headers, body

    def _protected(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        protected = [*headers, (b"x-request-id", self.request_id.encode("ascii")), *_PROTECTION]
        names = {name for name, _ in protected}
        if b"content-security-policy" not in names:
            protected.append(_NO_CONTENT)
        if b"cache-control" not in names:
            protected.append(_NO_STORE)
        return protected


def _request_id(watched: dict[bytes, bytes]) -> str:
    given = watched.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode("ascii")
    return str(uuid7())


def _replay(body: bytes, receive: Receive) -> Receive:
    is_handed_over = False

    async def replay() -> Message:
        nonlocal is_handed_over
        if is_handed_over:
            return await receive()
        is_handed_over = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _report(crash: Exception | None, method: str, request_id: str) -> None:
    """Log a crash once: types, codes of the database and our own frames, never a message, which may carry values."""
    types: list[str] = []
    codes: list[str] = []
    frames: list[str] = []
    cause: BaseException | None = crash
    while cause is not None and len(types) < 5:
        types.append(type(cause).__qualname__)
        codes += [str(code) for name in ("sqlstate", "constraint_name") if (code := getattr(cause, name, None))]
        cause = cause.__cause__ or cause.__context__
    if crash is not None:
        for frame, line in walk_tb(crash.__traceback__):
            file = frame.f_code.co_filename
            if file.startswith(_OURS):
                frames.append(f"{Path(file).relative_to(_ROOT)}:{line} {frame.f_code.co_name}")
    _log.error("request_failed", request_id=request_id, method=method, types=types, codes=codes, frames=frames)
