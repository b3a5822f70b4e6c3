"""The days that a caller asks about: from a day or month to another, one month, or a fiscal year. Pure."""

import re
from collections.abc import Mapping
from datetime import date

from domain import fiscal
from domain.errors import Fault, RuleError

_YEARS = range(1990, 2200)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def span_of(asked: Mapping[str, str | None]) -> tuple[date, date]:
    """Give the first and the last day of what is asked by ``from`` and ``to``, ``month`` or ``fiscal_year``.

    A month in ``from`` means its first day, in ``to`` its last.

    >>> [day.isoformat() for day in span_of({"from": "2026-10", "to": "2026-11"})]
    ['2026-10-01', '2026-11-30']
    >>> [day.isoformat() for day in span_of({"fiscal_year": "2026"})]
    ['2026-04-01', '2027-03-31']

    Raises:
        RuleError: no period is given, or more than one, or it cannot be read; each parameter is named.
    """
    given = {name: text for name, text in asked.items() if text is not None}
    ways = [way for way in ("month", "fiscal_year") if way in given]
    if len(ways) > 1 or (ways and given.keys() & {"from", "to"}):
        ja, en = "期間の指定は1つだけにしてください。", "Give the period in one way only."
        raise _refused(Fault("period_twice", ja, en, parameter=ways[-1]))
    if ways == ["month"]:
        return _month(given["month"])
    if ways == ["fiscal_year"]:
        return _fiscal_year(given["fiscal_year"])
    return _between(given)


def _between(given: Mapping[str, str]) -> tuple[date, date]:
    faults = []
    found: dict[str, date] = {}
    for place, name in enumerate(("from", "to")):
        if name not in given:
            ja = "期間を、始めと終わり(from と to)、月(month)、年度(fiscal_year)のどれかで入れてください。"
            en = "Give the period by `from` and `to`, by `month` or by `fiscal_year`."
            faults.append(Fault("required", ja, en, parameter=name))
            continue
        ends = _day_or_month(given[name])
        if ends is None:
            ja, en = "YYYY-MM-DD か YYYY-MM で入れてください。", "Give a day as YYYY-MM-DD or a month as YYYY-MM."
            faults.append(Fault("not_a_day", ja, en, parameter=name))
        else:
            found[name] = ends[place]
    if faults:
        raise _refused(*faults)
    if found["to"] < found["from"]:
        ja, en = "終わりが始まりより前です。", "It ends before it begins."
        raise _refused(Fault("ends_before_start", ja, en, parameter="to"))
    return found["from"], found["to"]


def _day_or_month(text: str) -> tuple[date, date] | None:
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            return (day, day) if day.year in _YEARS else None
        first = fiscal.parse_month(text)
    except ValueError:
        return None
    return (first, fiscal.last_day_of_month(first)) if first.year in _YEARS else None


def _month(text: str) -> tuple[date, date]:
    ends = None if _DAY.fullmatch(text) else _day_or_month(text)
    if ends is None:
        ja, en = "月は YYYY-MM で入れてください。", "Give a month as YYYY-MM."
        raise _refused(Fault("not_a_month", ja, en, parameter="month"))
    return ends


def _fiscal_year(text: str) -> tuple[date, date]:
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in _YEARS):
        ja, en = "年度は西暦4桁で入れてください。", "Give a fiscal year as four digits."
        raise _refused(Fault("not_a_year", ja, en, parameter="fiscal_year"))
    return fiscal.first_day(int(text)), fiscal.last_day(int(text))


def _refused(*faults: Fault) -> RuleError:
    return RuleError(
        "invalid_parameters",
        "パラメーターに誤りがあります。errors をご覧ください。",
        "The parameters are not valid. See errors.",
        faults=faults,
    )
