"""What the text of a query parameter may be: one grammar for lists and for every other operation.

A day is YYYY-MM-DD, a month YYYY-MM, a flag true or false, a number plain digits; several values stand by comma. A
refusal names what is allowed and never repeats what was sent.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from domain import fiscal
from domain.lists import LARGEST_PAGE, Filter, FilterKind

_YEARS = range(1990, 2200)


class BadValueError(ValueError):
    """A text is no such value: a code and the reason in both languages."""

    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(code)
        self.words = (code, ja, en)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else _refuse_day()
    except ValueError:
        return _refuse_day()


def _refuse_day() -> date:
    raise BadValueError("not_a_day", "日付は YYYY-MM-DD で入れてください。", "Give a day as YYYY-MM-DD.")


def month_bounds(text: str) -> tuple[date, date]:
    """Give the first and last day of a month ``YYYY-MM``."""
    try:
        first = fiscal.parse_month(text)
    except ValueError:
        raise BadValueError("not_a_month", "月は YYYY-MM で入れてください。", "Give a month as YYYY-MM.") from None
    return first, fiscal.last_day_of_month(first)


def _year_bounds(text: str) -> tuple[date, date]:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in _YEARS):
        raise BadValueError("not_a_year", "年度は西暦4桁で入れてください。", "Give a fiscal year as four digits.")
    return fiscal.first_day(int(text)), fiscal.last_day(int(text))


_INSTANT = re.compile(r"(19|20|21)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.upper()) if _INSTANT.fullmatch(text) else _refuse_instant()
    except ValueError:
        return _refuse_instant()


def _refuse_instant() -> datetime:
    ja = "日時は 2026-10-01T09:00:00+09:00 のように、時差まで入れてください(+ は %2B と書きます)。"
    en = "Give an instant with its offset, such as 2026-10-01T09:00:00+09:00 (+ is written %2B)."
    raise BadValueError("not_an_instant", ja, en)


_CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def canonical_id(text: str) -> str:
    """Write an id in its one form.

    Raises:
        ValueError: it is no id.
    """
    if _CANONICAL.fullmatch(text):
        return text
    found = str(UUID(text))
    if found != text.lower():
        raise ValueError(text)
    return found


def _ids(text: str) -> list[str]:
    try:
        return [canonical_id(part) for part in text.split(",")]
    except ValueError:
        raise BadValueError("not_an_id", "ID の形が違います。", "This is not an id.") from None


def flag(text: str) -> bool:
    """Read true or false."""
    if text not in ("true", "false"):
        raise BadValueError("not_a_flag", "true か false を入れてください。", "Give true or false.")
    return text == "true"


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BadValueError("not_a_number", "0以上の整数を入れてください。", "Give a whole number from 0.")
    return int(text)


_READERS: dict[FilterKind, Callable[[str], Any]] = {
    "ids": _ids,
    "from_day": _day,
    "to_day": _day,
    "month": month_bounds,
    "fiscal_year": _year_bounds,
    "from_instant": _instant,
    "flag": flag,
    "number": _number,
}


def filtered(asked: Filter, text: str) -> Any:
    """Read the value of a filter."""
    if not text:
        raise BadValueError("empty", "値を入れてください。", "Give a value.")
    read = _READERS.get(asked.kind)
    if read is not None:
        return read(text)
    values = text.split(",")
    if asked.allowed and any(v not in asked.allowed for v in values):
        raise BadValueError("not_in_list", "決められた値のどれかにしてください。", "Use one of the listed values.")
    return values


def page_size(text: str) -> int:
    """Read how many rows a page has."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE and len(text) <= 9):
        ja, en = f"limit は1~{LARGEST_PAGE}にしてください。", f"limit must be 1 to {LARGEST_PAGE}."
        raise BadValueError("limit_out_of_range", ja, en)
    return int(text)


def chosen(text: str, allowed: Sequence[str], code: str) -> tuple[str, ...]:
    """Read names by comma, with or without a leading ``-``, each at most once: both directions of a name are twice."""
    names = tuple(text.split(","))
    plain = [name.removeprefix("-") for name in names]
    if any(name not in allowed for name in plain):
        ja, en = f"使えるのは {', '.join(allowed)} です。", f"Use any of {', '.join(allowed)}."
        raise BadValueError(code, ja, en)
    if len(set(plain)) != len(plain):
        raise BadValueError("repeated", "同じ名前が2度あります。", "A name is given twice.")
    return names


def searched(text: str) -> str:
    """Read what is searched for."""
    if not 1 <= len(text.strip()) <= 100:
        raise BadValueError("search_length", "q は1~100文字にしてください。", "q must be 1 to 100 characters.")
    return text
