"""Cursors of lists: the key of the last row seen, opaque and URL-safe, read back with care.

The key of a page is what the list is sorted by, so it may be a person's name: it leaves sealed, and addresses, logs and
browser histories hold nothing to read. The key of a sync is a transaction number and an id, which say nothing; it is
kept for months, and so does not hang on a key that may be changed.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Date, Integer, Uuid
from sqlalchemy.types import TypeEngine

from domain.errors import Fault, RuleError
from domain.sealing import Seal

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
"""No key holds them, and one of the two databases takes no NUL."""


def cursor_refused(parameter: str) -> RuleError:
    """Build the refusal of a cursor that this list did not give."""
    ja, en = (
        "カーソルが正しくないか、この並び順のものではありません。",
        "The cursor is malformed or of another sort order.",
    )
    return RuleError("cursor_invalid", ja, en, faults=(Fault("cursor_invalid", ja, en, parameter=parameter),))


def sealed(seal: Seal, values: Sequence[Any], listing: str) -> str:
    """Write the key of a page of a list as a cursor that only this deployment reads."""
    return seal.closed(orjson.dumps(list(values), default=str), listing)


def opened(seal: Seal, cursor: str, listing: str) -> list[Any]:
    """Read the cursor of a page back.

    Raises:
        RuleError: it is not one of this list.
    """
    content = seal.opened(cursor, listing)
    if content is None:
        raise cursor_refused("cursor")
    values: list[Any] = orjson.loads(content)
    return values


def encoded(values: Sequence[Any]) -> str:
    """Write a key in which nothing is personal as an opaque, URL-safe cursor."""
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
    if not isinstance(values, list) or any(type(value) is str and _CONTROL.search(value) for value in values):
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
