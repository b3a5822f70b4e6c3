"""The short way from the guard to an operation: one look-up by method and path, built once from the declared routes.

The framework matches its routes one by one and wraps every request in layers that our operations do not need: they
answer every error themselves. Whatever is no operation of ours (docs, health, unknown paths) goes to the framework.
"""

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from api.operations import Operation

_Node = dict[str, Any]


class Dispatch:
    """A tree of path segments. A fixed segment wins over a placeholder, as in the order of the declared routes."""

    def __init__(self, app: FastAPI) -> None:
        self._app: ASGIApp = app
        self._owner = app
        self._fixed: dict[str, dict[str, Operation]] = {}
        self._tree: _Node = {}
        for route in app.routes:
            if isinstance(route, Operation):
                self._add(route)

    def _add(self, route: Operation) -> None:
        methods = dict.fromkeys(route.methods or (), route)
        if "{" not in route.path:
            for method, operation in methods.items():
                self._fixed.setdefault(route.path, {}).setdefault(method, operation)
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
            found = self._found(scope["method"], scope["path"])
            if found is not None:
                operation, params = found
                scope["app"] = self._owner
                scope["route"] = operation
                scope["path_params"] = params
                await operation.handle(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _found(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        fixed = self._fixed.get(path)
        if fixed is not None:
            operation = fixed.get(method)
            return None if operation is None else (operation, {})
        node = self._tree
        values = []
        for segment in path[1:].split("/"):
            below = node.get(segment) if segment else None
            if below is None:
                below = node.get("")
                if below is None or not segment:
                    return None
                values.append(segment)
            node = below
        leaf = node.get("/")
        if leaf is None or method not in leaf:
            return None
        operation, names = leaf[method]
        return operation, dict(zip(names, values, strict=True))
