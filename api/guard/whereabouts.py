"""Where in a body or a query the fault is that the guard refuses: looked for once it has refused, never before.

Names of members and parameters are told, values never. What does not look like a name of ours may be a value in the
wrong place: then the place is that of the object around it.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote_to_bytes

Bad = Callable[[str], bool]

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")


class _Members(list[tuple[str, Any]]):
    """The members of an object as they were sent, repeated ones too."""


class _Number(str):
    """The digits of a number as they were sent."""

    __slots__ = ()


_AS_SENT: Final = json.JSONDecoder(object_pairs_hook=_Members, parse_int=_Number, parse_float=_Number)


def pointer_to(body: bytes, is_fault: Callable[[Any], bool], is_bad_name: Bad) -> str | None:
    """Give the JSON pointer to the first value of a body that is at fault; None where it cannot be told.

    ``is_fault`` is asked about texts, numbers (as digits) and objects (as pairs).
    """
    try:
        return _searched(_AS_SENT.decode(body.decode()), "", is_fault, is_bad_name)
    except (ValueError, RecursionError):
        return None


def _searched(value: Any, at: str, is_fault: Callable[[Any], bool], is_bad_name: Bad) -> str | None:
    if is_fault(value):
        return at
    if isinstance(value, _Members):
        for name, inner in value:
            if is_bad_name(name):
                return at
            is_ours = _NAME.fullmatch(name) is not None
            found = _searched(inner, f"{at}/{name}" if is_ours else at, is_fault, is_bad_name)
            if found is not None:
                return found if is_ours else at
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found = _searched(inner, f"{at}/{place}", is_fault, is_bad_name)
            if found is not None:
                return found
    return None


def repeated_in(value: Any) -> str | None:
    """Give the name that an object has twice, if there is one."""
    if isinstance(value, _Members):
        seen: set[str] = set()
        for name, _ in value:
            if name in seen:
                return name
            seen.add(name)
    return None


def has_more_members(value: Any, most: int) -> bool:
    """Tell whether a value is an object with more members."""
    return isinstance(value, _Members) and len(value) > most


def is_number(value: Any) -> bool:
    """Tell whether a value is a number."""
    return isinstance(value, _Number)


def is_text(value: Any) -> bool:
    """Tell whether a value is a text."""
    return type(value) is str


def parameter_with(query: bytes, is_bad: Bad) -> str | None:
    """Give the name of the first parameter of a query whose text is at fault; None where that is its name."""
    for part in query.split(b"&"):
        name, _, text = part.replace(b"+", b" ").partition(b"=")
        try:
            told = unquote_to_bytes(name).decode()
            held = unquote_to_bytes(text).decode()
        except UnicodeDecodeError:
            return None
        if is_bad(told):
            return None
        if is_bad(held):
            return told if _NAME.fullmatch(told) else None
    return None
