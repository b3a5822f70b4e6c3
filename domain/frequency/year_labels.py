"""Years that a value is for, inside a token: 初年度, 2年目～, 1・3・5年目, 令和8年度以降."""

import re

from domain.fiscal import calendar_year_of_era
from domain.frequency.clauses import Label
from domain.frequency.words import Token

_TAIL = re.compile(
    r"(以降|以後|より|から|~|まで|のみ|だけ|に限り|限り|限定|中|以外|を除(?:く|き|いて))?[はにもの、: ]*$"
)


def label_in(token: Token) -> Label:
    """Read which years a label is for and whether it goes on."""
    tail = _TAIL.search(token.text)
    mark = tail[1] if tail else None
    body = token.text[: tail.start()] if tail else token.text
    continues = mark in {"以降", "以後", "より", "から", "~"}
    if token.sort == "next_label":
        return Label(0, 0, continues=continues or "その後" in token.text, step_on=True)
    if token.sort == "fiscal_label":
        years = _fiscal_years(body)
        closed = bool(mark) and not continues
        return Label(min(years), max(years), continues=continues, closed=closed, fiscal=True, apart=_apart(years, body))
    if token.sort == "first_years":
        return Label(1, token.numbers[0], closed=True)
    years = [int(number) if number.isdigit() else 1 for number in re.findall(r"[0-9]+|初年|開[所設]年", body)]
    if mark is not None and mark.startswith(("以外", "を除")):
        return _all_but(years, body)
    first, last = min(years), max(years)
    if mark == "まで" and len(years) == 1:
        first = 1
    closed, until = bool(mark) and not continues, mark == "まで"
    return Label(first, last, continues=continues, closed=closed, apart=_apart(years, body), until=until)


def _all_but(years: list[int], words: str) -> Label:
    """Name every year but these: 初年度を除き is from the second year on."""
    left_out = _apart(years, words) or range(min(years), max(years) + 1)
    others = [year for year in range(1, max(left_out) + 2) if year not in left_out]
    return Label(others[0], others[-1], continues=True, apart=_apart(others, ""), excludes=True)


def _apart(years: list[int], words: str) -> tuple[int, ...]:
    """Give years named one by one where others lie between them: 1・3年目, but neither 1・2年目 nor 1～3年目."""
    gapped = max(years) - min(years) >= len(set(years)) and "~" not in words and "から" not in words
    return tuple(sorted(set(years))) if gapped else ()


def _fiscal_years(body: str) -> list[int]:
    era = re.match(r"(令和|平成|昭和|[RHSrhs])(?=[0-9元])", body)
    numbers = [1 if sign == "元" else int(sign) for sign in re.findall(r"[0-9]+|元", body)]
    if era is None:
        return numbers
    return [calendar_year_of_era(era[1], number) for number in numbers]
