"""Binders: for each parameter of an operation, made once at start-up, what takes its value from a request."""

from collections.abc import Callable
from datetime import date
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api import preconditions, problems
from api.parameters import BadValueError, canonical_id, day, flag, number
from api.remembered import Remembered
from domain.errors import Fault, NotFoundError

Binder = Callable[[Request, bytes], Any]


def path_binder(name: str, placeholder: str) -> Binder:
    """Take a path parameter; one whose name ends in ``id`` is an id, and a malformed one names nothing."""

    def bind_id(request: Request, _body: bytes) -> Any:
        try:
            return canonical_id(request.path_params[placeholder])
        except ValueError:
            # A malformed id names nothing, exactly like an id of somebody else's.
            raise NotFoundError from None

    def bind_text(request: Request, _body: bytes) -> Any:
        return request.path_params[placeholder]

    return bind_id if name.endswith("id") else bind_text


def version_binder(mark: preconditions.IfMatch) -> Binder:
    """Take the version that ``If-Match`` names."""

    def bind(request: Request, _body: bytes) -> Any:
        if mark.is_optional and "if-match" not in request.headers:
            return None
        return preconditions.version_named(request)

    return bind


def query_binder(model: type[BaseModel]) -> Binder:
    """Read the query as a model, in the one grammar of parameters; a repeated one is refused."""
    remembered: Remembered[BaseModel] = Remembered()
    readers = {
        (field.alias or name): reader
        for name, field in model.model_fields.items()
        if (reader := _reader_of(field.annotation)) is not None
    }

    def bind(request: Request, _body: bytes) -> Any:
        return remembered.of(request.scope["query_string"], lambda: read(request))

    def read(request: Request) -> BaseModel:
        given: dict[str, str] = {}
        faults: list[Fault] = []
        for name, text in request.query_params.multi_items():
            if name in given:
                ja, en = "同じパラメーターが2度あります。", "This parameter is given twice."
                faults.append(Fault("repeated", ja, en, parameter=name[:100]))
            given[name] = text
            try:
                readers.get(name, str)(text)
            except BadValueError as error:
                faults.append(Fault(*error.words, parameter=name))
        if faults:
            raise problems.invalid_parameters(tuple(faults))
        try:
            return model.model_validate(given)
        except ValidationError as error:
            raise problems.invalid_parameters(problems.faults_of(error, of_query=True)) from None

    return bind


def _reader_of(annotation: Any) -> Callable[[str], Any] | None:
    """Give what reads the text of a parameter of this type, where its model would take other spellings too."""
    if annotation in _READERS:
        return _READERS[annotation]
    return next((found for part in get_args(annotation) if (found := _reader_of(part)) is not None), None)


_READERS: dict[Any, Callable[[str], Any]] = {bool: flag, int: number, date: day}


def refuse_query(request: Request) -> None:
    """Refuse every query parameter, where an operation takes none: a mistyped one must not pass unseen.

    Raises:
        RuleError: ``unknown_parameter`` for each.
    """
    names = dict.fromkeys(name for name, _ in request.query_params.multi_items())
    faults = tuple(Fault(*problems.UNKNOWN_PARAMETER, parameter=name[:100]) for name in names)
    if faults:
        raise problems.invalid_parameters(faults)


def body_binder(model: type[BaseModel]) -> Binder:
    """Read the body as a model."""

    def bind(_request: Request, body: bytes) -> Any:
        try:
            return model.model_validate_json(body or b"{}")
        except ValidationError as error:
            raise problems.invalid_content(problems.faults_of(error)) from None

    return bind
