"""The short way from the guard to an operation: one look-up by method and path, built once from the declared routes.

The framework matches its routes one by one and wraps every request in layers that our operations do not need: they
answer every error themselves. Whatever is no operation of ours (docs, health, unknown paths) goes to the framework.

What a path can do is known here only, from all its operations together: HEAD is answered as GET without a body,
OPTIONS and a method that the path does not have with ``Allow``. Source: RFC 9110 sections 9.3.2, 9.3.7, 15.5.6.
"""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.operations import Operation

_Node = dict[str, Any]
_Methods = dict[str, tuple[Operation, tuple[str, ...]]]


class Dispatch:
    """A tree of path segments. A fixed segment wins over a placeholder, as in the order of the declared routes."""

    def __init__(self, app: FastAPI) -> None:
        self._app: ASGIApp = app
        self._owner = app
        self._fixed: dict[str, _Methods] = {}
        self._tree: _Node = {}
        self._pages: dict[str, str] = {}
        for route in app.routes:
            if isinstance(route, Operation):
                self._add(route)
            elif isinstance(route, Route) and "{" not in route.path:
                self._pages[route.path] = allowed(route.methods or ())

    def _add(self, route: Operation) -> None:
        methods = dict.fromkeys(route.methods or (), route)
        if "{" not in route.path:
            for method, operation in methods.items():
                self._fixed.setdefault(route.path, {}).setdefault(method, (operation, ()))
            return
        node = self._tree
        names = []
        for segment in route.path.strip("/").split("/"):
            is_placeholder = segment.startswith("{") and segment.endswith("}")
            if is_placeholder:
                names.append(segment[1:-1])
            elif "{" in segment:
                return
            node = node.setdefault("" if is_placeholder else segment, {})
        leaf = node.setdefault("/", {})
        for method, operation in methods.items():
            leaf.setdefault(method, (operation, tuple(names)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request by its operation, or hand it to the framework."""
        if scope["type"] == "http":
            method, path = scope["method"], scope["path"]
            methods, values = self._methods_at(path)
            found = methods.get(method)
            if method == "HEAD":
                send, found = _bodiless(send), methods.get("GET")
            if found is not None:
                operation, names = found
                scope["app"] = self._owner
                scope["route"] = operation
                scope["path_params"] = dict(zip(names, values, strict=True))
                await operation.handle(scope, receive, send)
                return
            offered = allowed(methods) if methods else self._pages.get(path)
            if offered is not None and method not in offered.split(", "):
                await self._told(Request(scope, receive), path, offered)(scope, receive, send)
                return
            if offered is not None and method == "OPTIONS":
                await Response(None, 204, {"Allow": offered})(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _told(self, request: Request, path: str, offered: str) -> Response:
        """Refuse a method that the path does not have, in the words of those that it has."""
        request.scope["app"] = self._owner
        for operation, _ in self._methods_at(path)[0].values():
            return operation.wrong_method(request, offered)
        return problems.wrong_method(request, offered)

    def _methods_at(self, path: str) -> tuple[_Methods, list[str]]:
        """Give what stands at a path, by method, and what fills its placeholders."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed, []
        node = self._tree
        values: list[str] = []
        for segment in path[1:].split("/"):
            below = node.get(segment) if segment else None
            if below is None:
                below = node.get("")
                if below is None or not segment:
                    return _NOTHING, []
                values.append(segment)
            node = below
        return node.get("/", _NOTHING), values


def _bodiless(send: Send) -> Send:
    async def without(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without


_NOTHING: _Methods = {}


def allowed(methods: Iterable[str]) -> str:
    """Write ``Allow`` for a path with these methods: who answers GET answers HEAD, and every path OPTIONS."""
    offered = {*methods, "OPTIONS"}
    return ", ".join(sorted({*offered, "HEAD"} if "GET" in offered else offered))
