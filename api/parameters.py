"""What the text of a query parameter may be: one grammar for lists and for every other operation.

A day is YYYY-MM-DD, a month YYYY-MM, a flag true or false, a number plain digits; several values stand by comma. A
refusal names what is allowed and never repeats what was sent.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from domain import fiscal
from domain.folding import folded
from domain.lists import LARGEST_PAGE, MOST_PERIODS, Filter, FilterKind

Span = tuple[date, date]
CHARSETS = ("utf-8", "cp932")
MOST_WORDS = 10
_YEARS = range(1990, 2200)
_OF_YEARS = f"{_YEARS[0]}-{_YEARS[-1]}"


class BadValueError(ValueError):
    """A text is no such value: a code and the reason in both languages."""

    def __init__(self, code: str, ja: str, en: str) -> None:
        super().__init__(code)
        self.words = (code, ja, en)


_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def day(text: str) -> date:
    """Read a day YYYY-MM-DD and nothing else: no week, no time."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else _refuse_day()
    except ValueError:
        return _refuse_day()


def _refuse_day() -> date:
    raise BadValueError("not_a_day", "日付は YYYY-MM-DD で入れてください。", "Give a day as YYYY-MM-DD.")


def month_bounds(text: str) -> Span:
    """Give the first and last day of a month ``YYYY-MM``."""
    try:
        first = fiscal.parse_month(text)
    except ValueError:
        ja, en = f"月は YYYY-MM({_OF_YEARS})で入れてください。", f"Give a month as YYYY-MM, {_OF_YEARS}."
        raise BadValueError("not_a_month", ja, en) from None
    return first, fiscal.last_day_of_month(first)


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in _YEARS):
        ja, en = f"年度は西暦4桁({_OF_YEARS})で入れてください。", f"Give a fiscal year as four digits, {_OF_YEARS}."
        raise BadValueError("not_a_year", ja, en)
    return int(text)


def _year_bounds(text: str) -> Span:
    return fiscal.first_day(_year(text)), fiscal.last_day(_year(text))


def _spans(text: str, bounds: Callable[[str], Span]) -> Span | tuple[Span, ...]:
    """Read periods by comma as spans of days in their order, neighbours being one."""
    merged: list[Span] = []
    for first, last in sorted(bounds(part) for part in text.split(",")):
        if merged and first <= merged[-1][1] + timedelta(days=1):
            merged[-1] = merged[-1][0], max(merged[-1][1], last)
        else:
            merged.append((first, last))
    if len(merged) > MOST_PERIODS:
        ja, en = f"離れた期間は{MOST_PERIODS}までにしてください。", f"Name at most {MOST_PERIODS} separate periods."
        raise BadValueError("too_many", ja, en)
    return merged[0] if len(merged) == 1 else tuple(merged)


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


def number(text: str) -> int:
    """Read a whole number of plain digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise BadValueError(
            "not_a_number", "0以上9桁までの整数を入れてください。", "Give a whole number from 0, up to 9 digits."
        )
    return int(text)


def _place(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) == 6):
        ja, en = "区市町村コードは6桁の数字で入れてください。", "Give the code of a municipality as six digits."
        raise BadValueError("not_a_municipality_code", ja, en)
    return text


def _each(read: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    return lambda text: [read(part) for part in text.split(",")]


_READERS: dict[FilterKind, Callable[[str], Any]] = {
    "ids": _ids,
    "from_day": day,
    "to_day": day,
    "month": lambda text: _spans(text, month_bounds),
    "fiscal_year": lambda text: _spans(text, _year_bounds),
    "from_instant": _instant,
    "flag": flag,
    "number": _each(number),
}
_BY_COLUMN = {
    "municipality_id": _each(_place),
    "parent_code": _each(_place),
    "fiscal_year": _each(_year),
    "valid_from_fiscal_year": _each(_year),
}
"""Columns whose values have one form wherever they are asked for: what can be no value of theirs must be told."""


def filtered(asked: Filter, text: str) -> Any:
    """Read the value of a filter."""
    if not text:
        raise BadValueError("empty", "値を入れてください。", "Give a value.")
    read = _BY_COLUMN.get(getattr(asked.column, "key", ""), _READERS.get(asked.kind))
    if read is not None:
        return read(text)
    values = text.split(",")
    if asked.allowed and any(v not in asked.allowed for v in values):
        ja, en = f"使えるのは {', '.join(asked.allowed)} です。", f"Use any of {', '.join(asked.allowed)}."
        raise BadValueError("not_in_list", ja, en)
    return values


def page_size(text: str) -> int:
    """Read how many rows a page has."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= LARGEST_PAGE and len(text) <= 9):
        ja, en = f"limit は1~{LARGEST_PAGE}にしてください。", f"limit must be 1 to {LARGEST_PAGE}."
        raise BadValueError("limit_out_of_range", ja, en)
    return int(text)


def chosen(text: str, allowed: Sequence[str], code: str) -> tuple[str, ...]:
    """Read names by comma, each at most once."""
    return _named(text.split(","), allowed, code)


def sorted_by(text: str, allowed: Sequence[str]) -> tuple[str, ...]:
    """Read names to sort by, with or without a leading ``-``: both directions of a name are twice."""
    names = text.split(",")
    _named([name.removeprefix("-") for name in names], allowed, "sort_unknown")
    return tuple(names)


def charset(text: str) -> str:
    """Read the encoding of a file."""
    if text not in CHARSETS:
        ja, en = f"使えるのは {', '.join(CHARSETS)} です。", f"Use any of {', '.join(CHARSETS)}."
        raise BadValueError("charset_unknown", ja, en)
    return text


def _named(names: Sequence[str], allowed: Sequence[str], code: str) -> tuple[str, ...]:
    if any(name not in allowed for name in names):
        ja, en = f"使えるのは {', '.join(allowed)} です。", f"Use any of {', '.join(allowed)}."
        raise BadValueError(code, ja, en)
    if len(set(names)) != len(names):
        raise BadValueError("repeated", "同じ名前が2度あります。", "A name is given twice.")
    return tuple(names)


def searched(text: str) -> str:
    """Read what is searched for."""
    if not 1 <= len(text.strip()) <= 100 or not folded(text):
        raise BadValueError("search_length", "q は1~100文字にしてください。", "q must be 1 to 100 characters.")
    if len(text.split()) > MOST_WORDS:
        ja, en = f"q の語は{MOST_WORDS}までにしてください。", f"Search for at most {MOST_WORDS} words."
        raise BadValueError("too_many", ja, en)
    return text
