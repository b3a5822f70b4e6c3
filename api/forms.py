"""Form bodies (application/x-www-form-urlencoded), as the OAuth standards ask for them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.problems import faults_of, invalid_content
from domain.errors import Fault

MOST_FIELDS = 50


def form_binder(model: type[BaseModel]) -> Callable[[Request, bytes], Any]:
    """Give what reads a form as ``model``. What the model does with unknown fields is its own choice."""

    def bind(_request: Request, body: bytes) -> BaseModel:
        try:
            fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            fault = Fault("not_a_form", "フォームとして読めません。", "This is not a form.", pointer="/")
            raise invalid_content((fault,)) from None
        if len({name for name, _ in fields}) != len(fields):
            fault = Fault("repeated", "同じ項目が2度あります。", "A field is given twice.", pointer="/")
            raise invalid_content((fault,))
        try:
            return model.model_validate(dict(fields))
        except ValidationError as error:
            raise invalid_content(faults_of(error)) from None

    return bind
