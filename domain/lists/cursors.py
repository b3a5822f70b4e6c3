"""Cursors of lists: the key of the last row seen, opaque and URL-safe, read back with care."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, Integer, Uuid
from sqlalchemy.types import TypeEngine

from domain.errors import Fault, RuleError


def cursor_refused(parameter: str) -> RuleError:
    """Build the refusal of a cursor that this list did not give."""
    ja, en = (
        "カーソルが正しくないか、この並び順のものではありません。",
        "The cursor is malformed or of another sort order.",
    )
    return RuleError("cursor_invalid", ja, en, faults=(Fault("cursor_invalid", ja, en, parameter=parameter),))


def encoded(values: Sequence[Any]) -> str:
    """Write a key as an opaque, URL-safe cursor."""
    return base64.urlsafe_b64encode(orjson.dumps(list(values), default=str)).rstrip(b"=").decode()


def decoded(cursor: str, parameter: str) -> list[Any]:
    """Read a cursor back.

    Raises:
        RuleError: it is not one of ours.
    """
    try:
        values = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise cursor_refused(parameter) from None
    if not isinstance(values, list):
        raise cursor_refused(parameter)
    return values


def key_value(kind: TypeEngine[Any], value: Any) -> Any:
    """Read a part of a cursor as a value of its column, so that both databases refuse alike what is none.

    Raises:
        ValueError, TypeError: it is no value of that kind.
    """
    if isinstance(kind, Integer):
        if type(value) is not int or not -(2**63) <= value < 2**63:
            raise ValueError(kind)
        return value
    if type(value) is not str:
        raise TypeError(kind)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return str(UUID(value)) if isinstance(kind, Uuid) else value
