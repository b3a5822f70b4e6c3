"""How every operation runs: one route class that binds, opens the door, runs, commits and answers.

FastAPI declares the operations and writes the contract; at start-up each signature is read once into a list of
binders, and a request then costs no dependency solving. The order is always the same: caller, permission,
preconditions, parameters, body, transaction, one call into the domain, commit, answer.
"""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, get_args, get_origin

from fastapi import APIRouter, params
from fastapi.datastructures import Default
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api import preconditions, problems
from api.access import Access, Principals
from api.answers import Answer, Stream
from api.forms import form_binder
from api.limits import Limits
from api.lists import Listed, canonical_id, chunks_of, list_request
from domain import audit, idempotency
from domain.database import Database, Session
from domain.drivers import DriverError
from domain.errors import KikanError, NotFoundError, NotPermittedError, RuleError, UnavailableError
from domain.steps import Steps

HANDLER_SECONDS = 10.0
_FORMAT = re.compile(r"\.(csv|ndjson|xlsx|ics)$")

Binder = Callable[[Request, bytes], Any]


@dataclass(slots=True)
class Doors:
    """What operations need of the application: the database, the callers, the limits."""

    database: Database
    principals: Principals
    limits: Limits


class UndeclaredOperationError(RuntimeError):
    """A route with neither a permission nor the public mark, or with a parameter nobody can bind."""


class Operation(APIRoute):
    """One declared operation. The contract comes from FastAPI, the serving from here."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kw: Any) -> None:
        super().__init__(path, endpoint, **kw)
        self.access: Access | None = None
        self.session_name = ""
        self.listed: Listed | None = None
        self.matches_version = False
        self.body_model: TypeAdapter[Any] | None = None
        self.query_model: type[BaseModel] | None = None
        self._binders: list[tuple[str, Binder]] = []
        for parameter in inspect.signature(endpoint).parameters.values():
            self._bind(parameter)
        if self.access is None:
            raise UndeclaredOperationError(f"{self.methods} {path}: names no permission and is not marked public")
        method = next(iter(self.methods or {"GET"}))
        self.writes = self.access.writes if self.access.writes is not None else method != "GET"
        self.forced_format = found.group(1) if (found := _FORMAT.search(path)) else None
        self.is_repeatable = method == "POST" and self.writes and self.access.repeatable
        self.app = self.handle

    def _bind(self, parameter: inspect.Parameter) -> None:
        name, annotation = parameter.name, parameter.annotation
        marks: Sequence[Any] = ()
        if get_origin(annotation) is Annotated:
            annotation, *marks = get_args(annotation)
        for mark in marks:
            if isinstance(mark, params.Depends):
                self._bind_mark(name, mark.dependency)
                return
            if isinstance(mark, params.Path):
                self._binders.append((name, _path_binder(name, mark.alias or name)))
                return
            if isinstance(mark, params.Form):
                self._binders.append((name, form_binder(annotation)))
                return
            if isinstance(mark, params.Query):
                self.query_model = annotation
                self._binders.append((name, _query_binder(annotation)))
                return
        if annotation is Request:
            self._binders.append((name, lambda request, _body: request))
        elif inspect.isclass(annotation) and issubclass(annotation, BaseModel):
            self.body_model = TypeAdapter(annotation)
            self._binders.append((name, _body_binder(self.body_model)))
        else:
            raise UndeclaredOperationError(f"{self.path}: nobody binds {name}")

    def _bind_mark(self, name: str, mark: Any) -> None:
        if isinstance(mark, Access):
            self.access, self.session_name = mark, name
        elif isinstance(mark, Listed):
            self.listed = mark
            self._binders.append((name, lambda request, _b, m=mark: list_request(request, m, self.forced_format)))
        elif isinstance(mark, preconditions.IfMatch):
            self.matches_version = not mark.is_optional
            self._binders.append((name, _version_binder(mark)))
        else:
            raise UndeclaredOperationError(f"{self.path}: nobody binds {name}")

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Every refusal becomes its problem detail here."""
        request = Request(scope, receive, send)
        if self.methods and scope["method"] not in self.methods:
            await problems.wrong_method(request, self.methods)(scope, receive, send)
            return
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                response = await self._answered(request)
        except KikanError as error:
            response = self.refused(request, error)
        except DriverError as error:
            response = problems.of_driver(request, error)
        except TimeoutError:
            response = self.refused(request, UnavailableError())
        await response(scope, receive, send)

    def refused(self, request: Request, error: KikanError) -> Response:
        """Build the answer to a refusal: a problem detail, unless the operation follows another standard."""
        return problems.of_error(request, error)

    async def _answered(self, request: Request) -> Response:
        doors: Doors = request.app.state.doors
        access = self.access
        assert access is not None  # noqa: S101 - held by the constructor
        if access.permission is None:
            caller = doors.principals.nobody
            limited: Mapping[str, str] = {}
        else:
            caller = await doors.principals.scope_for(request)
            limited = doors.limits.spend(caller.actor.session_id)
            if not caller.actor.may(access.permission):
                raise NotPermittedError
        body = await request.body() if self.writes else b""
        bound = {name: binder(request, body) for name, binder in self._binders}
        request_id = getattr(request.state, "request_id", "-")
        if access.steps:
            steps = Steps(doors.database, caller, request_id)
            return _response(request, await self.endpoint(**{self.session_name: steps}, **bound), limited)
        key = preconditions.key_named(request) if self.is_repeatable else None
        begun = doors.database.begin(caller, write=self.writes, door=access.door, request_id=request_id)
        session, transaction = await begun
        try:
            answer = await self._run(session, bound, key, request, body)
            if self.writes:
                await transaction.commit()
        finally:
            transaction.release()
        if isinstance(answer, Stream):
            return await self._streamed(doors, caller, answer, request)
        return _response(request, answer, limited)

    async def _run(
        self, session: Session, bound: dict[str, Any], key: str | None, request: Request, body: bytes
    ) -> Answer | Stream | Response:
        if key is None:
            made: Answer | Stream | Response = await self.endpoint(**{self.session_name: session}, **bound)
            return made
        kept = await idempotency.reserve(session, key, preconditions.fingerprint_of(request, body))
        if kept is not None:
            headers = {**kept.headers, "Idempotency-Replayed": "true"}
            etag = headers.pop("ETag", None)
            return Answer(kept.body, status=kept.status, etag=etag, headers=headers)
        answer: Answer = await self.endpoint(**{self.session_name: session}, **bound)
        headers = dict(answer.headers)
        if answer.etag is not None:
            headers["ETag"] = answer.etag
        await idempotency.keep(session, key, answer.status, headers, answer.body)
        return answer

    async def _streamed(self, doors: Doors, caller: Any, stream: Stream, request: Request) -> Response:
        """Send a whole list in a transaction of its own. Its audit row is written before the first byte leaves."""
        request_id = getattr(request.state, "request_id", "-")
        session, transaction = await doors.database.begin(caller, write=True, request_id=request_id)
        try:
            asked = sorted(stream.request.filters)
            after = {"format": stream.request.format, "filters": asked}
            await session.store(audit.entry_of(session, f"{stream.listing.name}.export", stream.listing.name, "*",
                                               after=after))
            await transaction.commit()
        finally:
            transaction.release()
        is_csv = stream.request.format == "csv"
        media = f"text/csv; charset={'Shift_JIS' if stream.request.charset == 'cp932' else 'utf-8'}" if is_csv else (
            "application/x-ndjson"
        )
        headers = {"Content-Disposition": f'attachment; filename="{stream.file_name}"', "Cache-Control": "no-store"}

        async def parts() -> Any:
            reading, own = await doors.database.begin(caller, write=False, long=True, request_id=request_id)
            try:
                async for chunk in chunks_of(reading, stream):
                    yield chunk
            finally:
                own.release()

        if stream.request.charset == "cp932":
            # A character that cp932 lacks must fail before the first byte, so this one is made whole first.
            with SpooledTemporaryFile(max_size=8 * 1024 * 1024) as whole:
                async for chunk in parts():
                    whole.write(chunk)
                whole.seek(0)
                return Response(whole.read(), 200, headers, media_type=media)
        return StreamingResponse(parts(), 200, headers, media_type=media)


def _response(request: Request, answer: Answer | Response, limited: Mapping[str, str]) -> Response:
    if isinstance(answer, Response):
        return answer
    headers = {**answer.headers, **limited}
    if answer.etag is not None:
        headers["ETag"] = f'"{answer.etag}"'
        headers.setdefault("Cache-Control", "private, no-cache")
        if request.method == "GET" and preconditions.is_unchanged(request, answer.etag):
            return Response(None, 304, headers)
    if answer.status == 204:  # noqa: PLR2004 - the status is the word here
        return Response(None, 204, headers)
    return Response(answer.body, answer.status, headers, media_type=answer.media_type)


def _path_binder(name: str, placeholder: str) -> Binder:
    def bind_id(request: Request, _body: bytes) -> Any:
        try:
            return canonical_id(request.path_params[placeholder])
        except ValueError:
            # A malformed id names nothing, exactly like an id of somebody else's.
            raise NotFoundError from None

    def bind_text(request: Request, _body: bytes) -> Any:
        return request.path_params[placeholder]

    return bind_id if name.endswith("id") else bind_text


def _version_binder(mark: preconditions.IfMatch) -> Binder:
    def bind(request: Request, _body: bytes) -> Any:
        if mark.is_optional and "if-match" not in request.headers:
            return None
        return preconditions.version_named(request)

    return bind


def _query_binder(model: type[BaseModel]) -> Binder:
    def bind(request: Request, _body: bytes) -> Any:
        items = request.query_params.multi_items()
        if len({name for name, _ in items}) != len(items):
            raise problems.invalid_parameters(
                (problems.Fault("repeated", "同じパラメーターが2度あります。", "A parameter is given twice."),)
            )
        try:
            return model.model_validate(dict(items))
        except ValidationError as error:
            raise problems.invalid_parameters(problems.faults_of(error, of_query=True)) from None

    return bind


def _body_binder(adapter: TypeAdapter[Any]) -> Binder:
    def bind(_request: Request, body: bytes) -> Any:
        try:
            return adapter.validate_json(body or b"{}")
        except ValidationError as error:
            raise problems.invalid_content(problems.faults_of(error)) from None

    return bind


class Area(APIRouter):
    """The router of one area. Every list gets its CSV and NDJSON twins, with the same filters and rights."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **kw: Any) -> None:
        """Declare one operation. Its answer is bytes already, so the shape comes from ``response_model`` only."""
        if isinstance(kw.get("response_model"), type(Default(None))):
            kw["response_model"] = None
        super().add_api_route(path, endpoint, **kw)
        marks = (p.annotation for p in inspect.signature(endpoint).parameters.values())
        depends = [m for a in marks if get_origin(a) is Annotated for m in get_args(a) if isinstance(m, params.Depends)]
        if any(isinstance(m.dependency, Listed) for m in depends):
            twin = {**kw, "include_in_schema": False, "response_model": None}
            for suffix in (".csv", ".ndjson"):
                super().add_api_route(path + suffix, endpoint, **twin)


def area(noun: str, *, prefix: str = "/v1", kind: type[Operation] = Operation) -> Area:
    """Make the router of one area: its noun is the path, the tag and the file."""
    return Area(prefix=f"{prefix}/{noun}", tags=[noun], route_class=kind, generate_unique_id_function=_named)


def _named(route: APIRoute) -> str:
    return route.name


__all__ = ["Awaitable", "Doors", "Operation", "RuleError", "area"]
