"""How every operation runs: one route class that binds, opens the door, runs, commits and answers.

FastAPI declares the operations and writes the contract; at start-up each signature is read once into a list of
binders, and a request then costs no dependency solving. The order is always the same: caller, permission,
preconditions, parameters, body, transaction, one call into the domain, commit, answer.
"""

import asyncio
import inspect
import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_args, get_origin

from fastapi import APIRouter, params
from fastapi.datastructures import Default
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from api import preconditions, problems
from api.accepts import VARIES
from api.access import Access, Principals
from api.answers import Answer, RawHeaders, Sent, Stream
from api.binding import Binder, body_binder, path_binder, query_binder, refuse_query, version_binder
from api.forms import form_binder
from api.limits import LimitReachedError, Limits
from api.lists import Listed, list_request
from api.responses import limited_as_told, response_of
from api.streaming import streamed
from domain import idempotency
from domain.database import Database, Session, commit
from domain.database import Scope as Caller
from domain.drivers import DriverError, SerializationError
from domain.errors import KikanError, NotPermittedError, StaleVersionError, UnavailableError
from domain.steps import Steps

HANDLER_SECONDS = 10.0
_FORMAT = re.compile(r"\.(csv|ndjson|xlsx|ics)$")


@dataclass(slots=True)
class Doors:
    """What operations need of the application: the database, the callers, the limits."""

    database: Database
    principals: Principals
    limits: Limits


class UndeclaredOperationError(RuntimeError):
    """A route with neither a permission nor the public mark, or with a parameter nobody can bind."""


class Operation(APIRoute):
    """One declared operation. The contract comes from FastAPI, the serving from here.

    A query parameter that nothing declares is refused, unless ``ignores_query`` follows another standard.
    """

    ignores_query: ClassVar[bool] = False

    def __init__(self, path: str, endpoint: Callable[..., Any], **kw: Any) -> None:
        super().__init__(path, endpoint, **kw)
        self.access: Access
        self.session_name = ""
        self.listed: Listed | None = None
        self.matches_version = False
        self.version_name = ""
        self.body_model: type[BaseModel] | None = None
        self.query_model: type[BaseModel] | None = None
        self.read_signature()
        if not hasattr(self, "access"):
            raise UndeclaredOperationError(f"{self.methods} {path}: names no permission and is not marked public")
        method = next(iter(self.methods or {"GET"}))
        self.served = {method, "HEAD"} if method == "GET" else {method}
        self.writes: bool = self.access.writes if self.access.writes is not None else method != "GET"
        self.is_repeatable: bool = method == "POST" and self.writes and self.access.repeatable
        declared = (self.query_model, self.listed)
        self.takes_query = self.ignores_query or any(part is not None for part in declared)
        self.app = self.handle

    def read_signature(self) -> None:
        """Make the binders of the endpoint's parameters; which file is asked for stands in the path."""
        found = _FORMAT.search(self.path)
        self.forced_format: str | None = found.group(1) if found else None
        self._binders: list[tuple[str, Binder]] = []
        for parameter in inspect.signature(self.endpoint).parameters.values():
            self._bind(parameter)
        self.varies = self.listed is not None and self.forced_format is None

    def twin(self, suffix: str) -> "Operation":
        """Make the same operation under a path with a suffix of a file, outside the contract.

        A copy: having the framework look at the signature of every list anew took a tenth of the start.
        """
        made = copy(self)
        made.path = self.path + suffix
        made.path_regex, made.path_format, made.param_convertors = compile_path(made.path)
        made.include_in_schema = False
        made.read_signature()
        made.app = made.handle
        return made

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
                self._binders.append((name, path_binder(name, mark.alias or name)))
                return
            if isinstance(mark, params.Form):
                self._binders.append((name, form_binder(annotation)))
                return
            if isinstance(mark, params.Query):
                self.query_model = annotation
                self._binders.append((name, query_binder(annotation)))
                return
        if annotation is Request:
            self._binders.append((name, lambda request, _body: request))
        elif inspect.isclass(annotation) and issubclass(annotation, BaseModel):
            self.body_model = annotation
            self._binders.append((name, body_binder(annotation)))
        else:
            raise UndeclaredOperationError(f"{self.path}: nobody binds {name}")

    def _bind_mark(self, name: str, mark: Any) -> None:
        if isinstance(mark, Access):
            self.access, self.session_name = mark, name
        elif isinstance(mark, Listed):
            self.listed = mark
            self._binders.append((name, lambda request, _body: list_request(request, mark, self.forced_format)))
        elif isinstance(mark, preconditions.IfMatch):
            self.matches_version = not mark.is_optional
            self.version_name = name
            self._binders.append((name, version_binder(mark)))
        else:
            raise UndeclaredOperationError(f"{self.path}: nobody binds {name}")

    def build_shapes(self) -> None:
        """Build what reads this operation's requests, so that the first of them does not."""
        for shape in (self.body_model, self.query_model):
            if shape is not None:
                shape.model_rebuild()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request. Every refusal becomes its problem detail here."""
        request = Request(scope, receive, send)
        if scope["method"] not in self.served:
            await self.wrong_method(request, ", ".join(sorted(self.served)))(scope, receive, send)
            return
        response: Response | Sent
        try:
            async with asyncio.timeout(HANDLER_SECONDS):
                response = await self._answered(request)
        except KikanError as error:
            if isinstance(error, LimitReachedError):
                scope["state"]["limited"] = error.headers
            response = limited_as_told(request, self.refused(request, error))
        except DriverError as error:
            response = limited_as_told(request, problems.of_driver(request, error))
        except TimeoutError:
            response = limited_as_told(request, self.refused(request, UnavailableError()))
        if isinstance(response, Sent):
            await response.to(send)
        else:
            await response(scope, receive, send)

    def wrong_method(self, request: Request, allowed: str) -> Response:
        """Build the answer to a method that the path does not have; ``allowed`` names those it has."""
        return problems.wrong_method(request, allowed)

    def refused(self, request: Request, error: KikanError) -> Response:
        """Build the answer to a refusal: a problem detail, unless the operation follows another standard."""
        return problems.of_error(request, error)

    async def _answered(self, request: Request) -> Response | Sent:
        doors: Doors = request.app.state.doors
        access = self.access
        if access.permission is None:
            caller = doors.principals.nobody
            limited: RawHeaders = ()
        else:
            caller = await doors.principals.scope_for(request)
            limited = request.scope["state"]["limited"] = doors.limits.spend(caller.actor.session_id)
            if not caller.actor.may(access.permission):
                raise NotPermittedError
        if not self.takes_query and request.scope["query_string"]:
            refuse_query(request)
        body = await request.body() if self.writes or self.body_model is not None else b""
        bound = {name: binder(request, body) for name, binder in self._binders}
        if access.steps:
            steps = Steps(doors.database, caller, request.scope["state"]["request_id"])
            return response_of(request, await self.endpoint(**{self.session_name: steps}, **bound), limited)
        key = preconditions.key_named(request) if self.is_repeatable else None
        try:
            answer = await self._once(doors, caller, bound, key, request, body)
        except (SerializationError, StaleVersionError) as error:
            answer = await self._once(doors, caller, self._again(error, bound, request), key, request, body)
        if self.varies:
            limited = (*limited, *VARIES)
        if isinstance(answer, Stream):
            file = await streamed(doors.database, caller, answer, request)
            file.raw_headers.extend(limited)
            return file
        return response_of(request, answer, limited)

    def _again(
        self, error: SerializationError | StaleVersionError, bound: dict[str, Any], request: Request
    ) -> dict[str, Any]:
        """Give what to run again with, where nothing is stored and the same request may simply succeed.

        Another transaction got in the way; or several versions were named, or any, and now it is known which there is.
        """
        if isinstance(error, SerializationError):
            return bound
        meant = preconditions.version_meant(request, error.current)
        if meant is None:
            raise error
        return {**bound, self.version_name: meant}

    async def _once(
        self, doors: Doors, caller: Caller, bound: dict[str, Any], key: str | None, request: Request, body: bytes
    ) -> Answer | Stream | Response:
        """Run the operation in one transaction of its own."""
        session, transaction = await doors.database.begin(
            caller, write=self.writes, door=self.access.door, request_id=request.scope["state"]["request_id"]
        )
        try:
            answer = await self._run(session, bound, key, request, body)
            if self.writes and not (isinstance(answer, Answer) and answer.is_rehearsal):
                await commit(transaction)
        finally:
            transaction.release()
        return answer

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


class Area(APIRouter):
    """The router of one area. Every list gets its CSV and NDJSON twins, with the same filters and rights.

    One that is a calendar gets its twin for calendar programs too.
    """

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **kw: Any) -> None:
        """Declare one operation. Its answer is bytes already, so the shape comes from ``response_model`` only."""
        if isinstance(kw.get("response_model"), type(Default(None))):
            kw["response_model"] = None
        super().add_api_route(path, endpoint, **kw)
        marks = (p.annotation for p in inspect.signature(endpoint).parameters.values())
        depends = [m for a in marks if get_origin(a) is Annotated for m in get_args(a) if isinstance(m, params.Depends)]
        lists = [m.dependency for m in depends if isinstance(m.dependency, Listed)]
        if lists:
            declared = self.routes[-1]
            if isinstance(declared, Operation):
                suffixes = (".csv", ".ndjson", *((".ics",) if lists[0].is_calendar else ()))
                self.routes.extend(declared.twin(suffix) for suffix in suffixes)


def area(noun: str, *, prefix: str = "/v1", kind: type[Operation] = Operation) -> Area:
    """Make the router of one area: its noun is the path, the tag and the file."""
    return Area(prefix=f"{prefix}/{noun}", tags=[noun], route_class=kind, generate_unique_id_function=_named)


def _named(route: APIRoute) -> str:
    return route.name
