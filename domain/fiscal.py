"""Fiscal years (年度), months and their Japanese labels.

A fiscal year runs from 1 April to 31 March and is named by the calendar year of its April. Every day is a day in
Asia/Tokyo (``clock.today()`` gives the present one); a month is its first day. Pure: nothing here asks the clock.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

FIRST_MONTH = 4
EARLIEST, LATEST = 1926, 2199
ERAS = (("令和", "R", 2019), ("平成", "H", 1989), ("昭和", "S", 1926))
"""Era, its letter and its first calendar year, newest first. 1 May 2019 falls into fiscal year 令和元年度."""


def fiscal_year_of(day: date) -> int:
    """Name the fiscal year that holds a day.

    >>> fiscal_year_of(date(2026, 3, 31)), fiscal_year_of(date(2026, 4, 1))
    (2025, 2026)
    """
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def first_day(fiscal_year: int) -> date:
    """Give 1 April of the fiscal year."""
    return date(fiscal_year, FIRST_MONTH, 1)


def last_day(fiscal_year: int) -> date:
    """Give 31 March, the last day of the fiscal year."""
    return date(fiscal_year + 1, FIRST_MONTH - 1, 31)


def month_of(day: date) -> date:
    """Give the month of a day, as its first day."""
    return day.replace(day=1)


def last_day_of_month(month: date) -> date:
    """Give the last day of the month of a day.

    >>> last_day_of_month(date(2028, 2, 1))
    datetime.date(2028, 2, 29)
    """
    return month.replace(day=monthrange(month.year, month.month)[1])


def months_after(month: date, count: int) -> date:
    """Give the month ``count`` months later; a negative count goes back.

    >>> months_after(date(2026, 11, 1), 3), months_after(date(2026, 1, 1), -1)
    (datetime.date(2027, 2, 1), datetime.date(2025, 12, 1))
    """
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """List the months from that of ``first`` to that of ``last``, both included; empty where ``last`` lies before.

    >>> len(months_between(date(2026, 4, 30), date(2027, 3, 1)))
    12
    """
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(months_after(first, step) for step in range(count))


def months_of(fiscal_year: int) -> tuple[date, ...]:
    """List the twelve months of a fiscal year, April first."""
    return months_between(first_day(fiscal_year), last_day(fiscal_year))


def month_in(fiscal_year: int, number: int) -> date:
    """Find the month with this calendar number (1-12) in a fiscal year.

    >>> month_in(2026, 4), month_in(2026, 2)
    (datetime.date(2026, 4, 1), datetime.date(2027, 2, 1))
    """
    return date(fiscal_year + (number < FIRST_MONTH), number, 1)


def closed_months(fiscal_year: int, on: date) -> int:
    """Count the months of the fiscal year whose last day has passed: 0 in April, 12 after 31 March.

    >>> [closed_months(2026, day) for day in (date(2026, 4, 30), date(2026, 5, 1), date(2027, 3, 31), date(2027, 4, 1))]
    [0, 1, 11, 12]
    """
    passed = (on.year - fiscal_year) * 12 + on.month - FIRST_MONTH
    return min(12, max(0, passed))


def operation_year(opened_on: date, fiscal_year: int) -> int:
    """Number a fiscal year in the life of a centre: the fiscal year of its opening is 1, below 1 it was not open.

    >>> operation_year(date(2025, 10, 1), 2025), operation_year(date(2025, 10, 1), 2026)
    (1, 2)
    """
    return fiscal_year - fiscal_year_of(opened_on) + 1


def fiscal_year_of_operation(opened_on: date, operation_year: int) -> int:
    """Name the fiscal year that is the centre's ``operation_year``-th.

    >>> fiscal_year_of_operation(date(2026, 3, 31), 2)
    2026
    """
    return fiscal_year_of(opened_on) + operation_year - 1


def month_code(month: date) -> str:
    """Write a month as ``YYYY-MM``.

    >>> month_code(date(2026, 4, 1))
    '2026-04'
    """
    return f"{month:%Y-%m}"


def parse_month(code: str) -> date:
    """Read ``YYYY-MM`` and nothing else, as the first day of that month.

    Raises:
        ValueError: the text has another form or names no month; the message is Japanese.
    """
    found = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", code)
    if not found:
        raise ValueError("年月は「2026-04」の形で指定してください。")
    return date(_plausible(int(found[1])), int(found[2]), 1)


def fiscal_year_label_ja(fiscal_year: int) -> str:
    """Label a fiscal year by its era.

    >>> fiscal_year_label_ja(2018), fiscal_year_label_ja(2019), fiscal_year_label_ja(2026)
    ('平成30年度', '令和元年度', '令和8年度')
    """
    for era, _, began in ERAS:
        if fiscal_year >= began:
            number = fiscal_year - began + 1
            return f"{era}{'元' if number == 1 else number}年度"
    return f"{fiscal_year}年度"


def month_label_ja(month: date) -> str:
    """Label a month.

    >>> month_label_ja(date(2026, 10, 1))
    '2026年10月'
    """
    return f"{month.year}年{month.month}月"


@dataclass(frozen=True, slots=True)
class Period:
    """A run of whole months: a month, quarter, half or fiscal year. Both ends are included."""

    code: str
    first_month: date
    last_month: date
    label_ja: str

    @property
    def months(self) -> tuple[date, ...]:
        """Its months in order."""
        return months_between(self.first_month, self.last_month)


def period_of_month(month: date) -> Period:
    """Make the period that is one month."""
    return Period(month_code(month), month_of(month), month_of(month), month_label_ja(month))


def period_of_fiscal_year(fiscal_year: int) -> Period:
    """Make the period that is one fiscal year.

    >>> period_of_fiscal_year(2026).code
    'FY2026'
    """
    months = months_of(fiscal_year)
    return Period(f"FY{fiscal_year}", months[0], months[-1], fiscal_year_label_ja(fiscal_year))


def period_of_quarter(fiscal_year: int, quarter: int) -> Period:
    """Make the period of a fiscal quarter: 1 = April to June, 4 = January to March."""
    months = months_of(fiscal_year)[quarter * 3 - 3 : quarter * 3]
    return Period(
        f"FY{fiscal_year}-Q{quarter}", months[0], months[-1], f"{fiscal_year_label_ja(fiscal_year)}第{quarter}四半期"
    )


def period_of_half(fiscal_year: int, half: int) -> Period:
    """Make the period of a fiscal half: 1 = April to September, 2 = October to March."""
    months = months_of(fiscal_year)[half * 6 - 6 : half * 6]
    label = f"{fiscal_year_label_ja(fiscal_year)}{'上' if half == 1 else '下'}半期"
    return Period(f"FY{fiscal_year}-H{half}", months[0], months[-1], label)


_ERA_NUMBER = r"(?:(?P<era>令和|平成|昭和|[RHS])(?P<n>[0-9]{1,2}|元))"
_MONTH = re.compile(rf"(?:{_ERA_NUMBER}|(?P<year>[0-9]{{4}}))[年/.-](?P<month>[0-9]{{1,2}})月?", re.IGNORECASE)
_YEAR = re.compile(
    rf"(?:{_ERA_NUMBER}(?:年度)?|FY(?P<fy>[0-9]{{4}})|(?P<year>[0-9]{{4}})年度)"
    r"(?:-?Q(?P<q>[1-4])|第(?P<quarter>[1-4一二三四])四半期|-?H(?P<h>[12])|(?P<half>[上下])半?期)?",
    re.IGNORECASE,
)
_KANJI = {"一": 1, "二": 2, "三": 3, "四": 4}


def parse_period(text: str) -> Period:
    """Read a month, quarter, half or fiscal year as people write it.

    Accepts ``2026-04``, ``2026年4月``, ``令和8年4月``, ``FY2026``, ``2026年度``, ``令和8年度``, ``R8``, ``FY2026-Q1``,
    ``令和8年度第1四半期``, ``FY2026-H2``, ``令和8年度下半期``; width, blanks and letter case do not matter.

    >>> parse_period("R8").code, parse_period("令和元年度").code, parse_period("2026年4月").code
    ('FY2026', 'FY2019', '2026-04')

    Raises:
        ValueError: the text is none of these; the message is Japanese.
    """
    plain = "".join(unicodedata.normalize("NFKC", text[:40]).split())
    if month := _MONTH.fullmatch(plain):
        number = int(month["month"])
        if 1 <= number <= 12:
            return period_of_month(date(_year_named(month), number, 1))
    elif year := _YEAR.fullmatch(plain):
        fiscal_year = _year_named(year)
        if quarter := year["q"] or year["quarter"]:
            return period_of_quarter(fiscal_year, _KANJI.get(quarter) or int(quarter))
        if half := year["h"] or year["half"]:
            return period_of_half(fiscal_year, 1 if half in {"1", "上"} else 2)
        return period_of_fiscal_year(fiscal_year)
    raise ValueError("期間は「2026-04」「FY2026」「FY2026-Q1」「FY2026-H2」「令和8年度」などの形で指定してください。")


def calendar_year_of_era(era: str, number: int) -> int:
    """Turn an era year into a calendar year; the era is a name or its letter.

    >>> calendar_year_of_era("令和", 8), calendar_year_of_era("h", 31)
    (2026, 2019)
    """
    return next(began for name, letter, began in ERAS if era.upper() in {name, letter}) + number - 1


def _year_named(found: re.Match[str]) -> int:
    if found["era"]:
        number = 1 if found["n"] == "元" else int(found["n"])
        return _plausible(calendar_year_of_era(found["era"], number) if number else 0)
    groups = found.groupdict()
    return _plausible(int(groups.get("fy") or groups["year"]))


def _plausible(year: int) -> int:
    if not EARLIEST <= year <= LATEST:
        raise ValueError(f"年は{EARLIEST}年から{LATEST}年までで指定してください。")
    return year
