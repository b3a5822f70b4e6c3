"""What text and JSON may contain before any route sees it.

Stricter than the format where the format lets two readers understand two things (duplicate members, numbers beyond
64 bit, Infinity by overflow) and where a store, a spreadsheet or an eye would be misled (control characters, lone
surrogates, characters that turn the writing direction, private-use characters 外字). Every string that passes can be
stored by PostgreSQL and written into XML. Source: RFC 8259, RFC 7493 (I-JSON), Unicode property Bidi_Control.
"""

import json
import re
from collections.abc import Callable
from math import isfinite
from typing import Any, Final, NoReturn
from urllib.parse import unquote_to_bytes

from api.guard import whereabouts

DEEPEST: Final = 32
MOST_MEMBERS: Final = 200
MOST_VALUES: Final = 50_000

_PRIVATE_USE: Final = "\ue000-\uf8ff\U000f0000-\U0010ffff"
_FORBIDDEN: Final = "\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff" + _PRIVATE_USE
_BAD_IN_TEXT: Final = re.compile(f"[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f{_FORBIDDEN}]")
_BAD_IN_LINE: Final = re.compile(f"[\\x00-\\x1f{_FORBIDDEN}]")
_IS_PRIVATE_USE: Final = re.compile(f"[{_PRIVATE_USE}]")
_BROKEN_PERCENT: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE_TO_WATCH: Final = re.compile(rb"\\[bfu]")
_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?"


class RefusedError(Exception):
    """The request must not reach a route; ``code`` names a row of the guard's table of problems.

    ``place`` is the line and the column of a body, from 1, where it stops being JSON; ``pointer`` leads to the member
    and ``parameter`` names the query parameter at fault, where that can be told.
    """

    def __init__(self, code: str, *, place: tuple[int, int] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.place = place
        self.pointer: str | None = None
        self.parameter: str | None = None


def check_encoded(raw: bytes, malformed: str) -> None:
    """Refuse a path, query or form unless its percent-encoding is whole, its text UTF-8 and its characters allowed.

    Raises:
        RefusedError: with the code ``malformed``, or that of the character.
    """
    if not raw.translate(None, _UNRESERVED):
        return
    if not raw.isascii() or _BROKEN_PERCENT.search(raw):
        raise RefusedError(malformed)
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise RefusedError(malformed) from None
    _check_characters(text, _BAD_IN_LINE)


def parameter_at_fault(query: bytes) -> str | None:
    """Name the parameter of a query that holds a character it may not."""
    return whereabouts.parameter_with(query, lambda text: _BAD_IN_LINE.search(text) is not None)


def strict_json(body: bytes) -> dict[str, Any]:
    """The object a JSON body holds, or `RefusedError`; strings may hold tab and line ends but no other controls."""
    try:
        return _strict_json(body)
    except RefusedError as refused:
        refused.pointer = _pointer_to(refused.code, body)
        raise


def _pointer_to(code: str, body: bytes) -> str | None:
    """Find the member that broke a rule of members; the others are about the whole body."""

    def is_bad(text: str) -> bool:
        return not text.isprintable() and _BAD_IN_TEXT.search(text) is not None

    faults: dict[str, Callable[[Any], bool]] = {
        "character_not_allowed": lambda value: whereabouts.is_text(value) and is_bad(value),
        "gaiji_not_supported": lambda value: whereabouts.is_text(value) and is_bad(value),
        "duplicate_member": lambda value: whereabouts.repeated_in(value) is not None,
        "number_out_of_range": lambda value: whereabouts.is_number(value) and _is_out_of_range(value),
        "too_many_members": lambda value: whereabouts.has_more_members(value, MOST_MEMBERS),
    }
    return whereabouts.pointer_to(body, faults[code], is_bad) if code in faults else None


def _is_out_of_range(digits: str) -> bool:
    try:
        if digits.lstrip("-").isdigit():
            _integer(digits)
        else:
            _fraction(digits)
    except RefusedError:
        return True
    return False


def _strict_json(body: bytes) -> dict[str, Any]:
    try:
        text = body.decode()
        value = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise RefusedError("body_not_utf8") from None
    except json.JSONDecodeError as error:
        raise RefusedError("malformed_json", place=(error.lineno, error.colno)) from None
    except ValueError:
        raise RefusedError("malformed_json") from None
    except RecursionError:
        raise RefusedError("json_too_deep") from None
    if type(value) is not dict:
        raise RefusedError("not_an_object")
    if _needs_a_walk(body):
        _check_values(value)
    else:
        _check_characters(text, _BAD_IN_TEXT)
    return value


def _needs_a_walk(body: bytes) -> bool:
    """Tell whether depth, number of values or an escaped character could break a rule; most bodies are too small."""
    return (
        body.count(b"{") + body.count(b"[") > DEEPEST
        or body.count(b",") >= MOST_VALUES
        or (b"\\" in body and _ESCAPE_TO_WATCH.search(body) is not None)
    )


def _check_values(value: dict[str, Any]) -> None:
    level: list[dict[str, Any] | list[Any]] = [value]
    depth = values = 0
    while level:
        depth += 1
        values += sum(map(len, level))
        if depth > DEEPEST:
            raise RefusedError("json_too_deep")
        if values > MOST_VALUES:
            raise RefusedError("too_many_values")
        inner: list[dict[str, Any] | list[Any]] = []
        for container in level:
            items = [*container, *container.values()] if type(container) is dict else container
            for item in items:
                if type(item) is str:
                    _check_characters(item, _BAD_IN_TEXT)
                elif type(item) is dict or type(item) is list:
                    inner.append(item)
        level = inner


def _check_characters(text: str, forbidden: re.Pattern[str]) -> None:
    if text.isprintable():
        return
    found = forbidden.search(text)
    if found is not None:
        is_gaiji = _IS_PRIVATE_USE.match(found.group()) is not None
        raise RefusedError("gaiji_not_supported" if is_gaiji else "character_not_allowed")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MOST_MEMBERS:
        raise RefusedError("too_many_members")
    members = dict(pairs)
    if len(members) != len(pairs):
        raise RefusedError("duplicate_member")
    return members


def _integer(digits: str) -> int:
    number = int(digits) if len(digits) <= 20 else 2**63
    if not -(2**63) <= number < 2**63:
        raise RefusedError("number_out_of_range")
    return number


def _fraction(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        raise RefusedError("number_out_of_range")
    return number


def _no_constant(_: str) -> NoReturn:
    raise RefusedError("malformed_json")


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_fraction, parse_constant=_no_constant
)
