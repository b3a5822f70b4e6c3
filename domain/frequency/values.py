"""Values inside a token: counts with their bounds, intervals, months, weeks, weekdays, dates, clock times."""

import re

from domain.frequency.clauses import Bounds, Clause, Span, Spread
from domain.frequency.reading import WEEKDAYS, Kind, NthMode, NthWeek, Unit, Weekday
from domain.frequency.words import Token

USUAL_INTERVALS = frozenset({1, 2, 3, 4, 6, 12})
"""N月に1回 means every N months for these N only; another N is a calendar month. Source: phrase collection, F092."""

_DAY_BY_KANJI = dict(zip("月火水木金土日", WEEKDAYS, strict=True))
UNITS = {"月": "month", "週": "week", "日": "day", "年": "year"}
_NTH: dict[int, NthWeek] = {-1: -1, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
_CLOCK = re.compile(r"(午前|午後|夜|夕方|朝|昼|AM|PM|am|pm)? ?([0-9]{1,2})(?::([0-9]{2})|時(?:(半)|([0-9]{1,2})分)?)")
_DATE = re.compile(
    r"(?P<year>(?:令和|平成|昭和|[RHSrhs]|[0-9]{2}(?=[0-9]{2}))(?:[0-9]{1,2}|元)[年/.-])?"
    r"(?P<month>[0-9]{1,2})(?:[月/.-](?P<day>[0-9]{1,2})?)?(?![0-9])"
)
_LATE = frozenset({"午後", "夜", "夕方", "PM", "pm"})


def bounds_in(token: Token) -> Bounds:
    """Read a count: 2～3回 is 2 to 3, 2回以上 is open above, 3回未満 at most 2, 数回 and 1.5回 have none."""
    numbers, text = token.numbers, token.text
    if not numbers or "." in text:
        return Bounds(None, None)
    low, high = min(numbers), max(numbers)
    if len(numbers) > 1 and re.search("以上.*[0-9]", text):
        return Bounds(low, high - ("未満" in text))
    plain = Bounds(low, high, listed=bool(re.search(r"[0-9][、・,][0-9]", text)))
    return bounded(plain, text)


def bounded(count: Bounds, words: str) -> Bounds:
    """Apply 以上, 以内, 未満, 超 … to a count."""
    if count.low is None or count.high is None:
        return count
    if re.search("以上|下回らない|下限|最低", words):
        return Bounds(count.low, None, listed=count.listed)
    if re.search("以内|以下|まで|上限|限度|超えない", words):
        return count if count.low < count.high else Bounds(0, count.high)
    if "超" in words or "上回" in words:
        return Bounds(count.high + 1, None)
    if "未満" in words:
        return Bounds(0, max(0, count.high - 1))
    if words.endswith("~"):
        return Bounds(count.low, None, open_end=True)
    return count


def span_in(token: Token) -> Span:
    """Read an interval: 2か月ごと, 2～3年に1回, 半年に1回, 6月以内ごと."""
    text = token.text
    if text.startswith("半"):
        return Span(1, 1, "half_year" if text[1] == "年" else "half_month")
    unit = next(UNITS[sign] for sign in text if sign in UNITS)
    gap, within = "おき" in text, "以内" in text
    if "年" in text and "月" in text:
        months = token.numbers[0] * 12 + token.numbers[1]
        return Span(months, months, "month", gap=gap, within=within, each="ごと" in text)
    shortest, longest = max(1, min(token.numbers)), max(1, *token.numbers)
    return Span(shortest, longest, unit, gap=gap, within=within, each="ごと" in text)


def rate_in(token: Token) -> tuple[Unit | None, Span | None]:
    """Read what stands after a slash: 回/月, 回/2か月."""
    named = {"半期": Unit.HALF, "四半期": Unit.QUARTER, "年": Unit.YEAR, "年度": Unit.YEAR, "月": Unit.MONTH}
    name = token.text.strip("/")
    if name in named:
        return named[name], None
    if name in {"週", "週間"}:
        return Unit.WEEK, None
    if not token.numbers and name != "半年":
        name = f"1{name}"
    return None, span_in(Token("span", name, token.start))


def months_in(token: Token) -> tuple[tuple[int, ...], Spread]:
    """Read named months in the order written; a range is filled up over the turn of the year. Nothing if one is none.

    >>> months_in(Token("months", "10月~1月", 0))[0]
    (10, 11, 12, 1)
    """
    months: list[int] = []
    ranged = False
    for number, sign in re.findall(r"([0-9]{1,2})月?([^0-9]*)", token.text):
        month = int(number)
        if not 1 <= month <= 12:
            return (), Spread.EACH
        if ranged:
            months += [(months[-1] + step) % 12 + 1 for step in range((month - months[-1]) % 12 - 1)]
        months.append(month)
        ranged = "~" in sign or "から" in sign
    spread = Spread.EACH
    if "~" in token.text or "から" in token.text:
        spread = Spread.RANGE
    elif "または" in token.text or re.search(r"月か|/", token.text):
        spread = Spread.ANY
    return tuple(dict.fromkeys(months)), spread


def part_of_year_in(token: Token) -> tuple[tuple[int, ...], int]:
    """Read a named half, named quarters or an end of the fiscal year as months, and how many parts were named."""
    text = token.text
    if token.sort == "quarters":
        numbers = token.numbers
        if "~" in text or "から" in text:
            numbers = tuple(range(min(numbers), max(numbers) + 1))
        months = [(3 + 3 * (quarter - 1) + step) % 12 + 1 for quarter in sorted(set(numbers)) for step in range(3)]
        return tuple(months), len(set(numbers))
    if token.sort == "half_named":
        first = text.startswith(("上", "前")) or "前半" in text
        return ((4, 5, 6, 7, 8, 9) if first else (10, 11, 12, 1, 2, 3)), 1
    if "年度" in text:
        return ((3,) if text.endswith("末") else (4,)), 1
    return ((12,) if text == "年末" else (1,)), 1


def note_part_of_month(clause: Clause, token: Token) -> None:
    """Note 上旬 … 頃 as approximate and 末 as the last day of a single named month."""
    if re.search("旬|初め|前半|後半|頃|ごろ|ころ", token.text):
        clause.mentioned.add("approximate")
    if "末" in token.text and len(clause.months) == 1:
        clause.day_of_month = -1


def note_about(clause: Clause, token: Token) -> None:
    """Note 頃 after a day as approximate, まで as a deadline."""
    if re.search("頃|ごろ|前後", token.text):
        clause.mentioned.add("approximate")
    if "まで" in token.text:
        clause.mentioned.add("deadline")


def note_days_of_month(clause: Clause, token: Token, *, counted: bool) -> None:
    """Note 毎月15日; several days (毎月1・15日) only raise the count, where there is none yet."""
    note_about(clause, token)
    days = tuple(day for day in token.numbers if 1 <= day <= 31)
    if len(days) == 1 and len(token.numbers) == 1:
        clause.day_of_month = days[0]
    else:
        clause.mentioned.add("days_listed")
        if not counted and "~" not in token.text:
            clause.count = Bounds(len(token.numbers), len(token.numbers))


def date_in(token: Token) -> tuple[int, int | None, bool] | None:
    """Read month and day of a date, and whether it names a year; None for another month, or a date of something else.

    >>> date_in(Token("date", "令和8年10月", 0)), date_in(Token("date", "2/10", 0))
    ((10, None, True), (2, 10, False))
    """
    found = _DATE.match(token.text)
    if found is None or re.search("[付改施適変策時現]", token.text):
        return None
    month, day = int(found["month"]), int(found["day"]) if found["day"] else None
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return None
    return month, day, found["year"] is not None


def nth_weeks_in(token: Token) -> tuple[tuple[NthWeek, ...], NthMode]:
    """Read 第3または第4, 第1・3, 第1～第3, 最終; または makes it any one of them."""
    weeks: list[int] = []
    ranged = False
    for word, sign in re.findall(r"([1-6]|最終|最後|月末)([^0-9最]*)", token.text):
        week = int(word) if word.isdigit() else -1
        if ranged and week > 0:
            weeks += list(range(weeks[-1] + 1, week))
        weeks.append(week)
        ranged = "~" in sign or "から" in sign
    named: tuple[NthWeek, ...] = tuple(_NTH[week] for week in dict.fromkeys(weeks))
    return named, "any" if is_either(token.text) else "all"


def is_either(words: str) -> bool:
    """Say whether one of the things named will do: 火曜または木曜, 火曜か木曜; 火曜から木曜 names them all."""
    return bool(re.search("または|か(?!ら)", words))


def weekdays_in(token: Token) -> tuple[Weekday, ...]:
    """Read weekdays in the order named; 月～金 is filled up, 平日 is Monday to Friday.

    >>> [str(day) for day in weekdays_in(Token("weekdays", "火・木曜日", 0))]
    ['tue', 'thu']
    """
    text = token.text.replace("曜日", "曜").replace("月末", "")
    if text.startswith("平日"):
        return WEEKDAYS[:5]
    days: list[Weekday] = []
    ranged = False
    for sign in re.findall(r"[月火水木金土日]|~|から", text):
        if sign in _DAY_BY_KANJI:
            day = _DAY_BY_KANJI[sign]
            if ranged and days:
                last = days[-1].number
                days += [WEEKDAYS[(last + step) % 7] for step in range(1, (day.number - last) % 7)]
            days.append(day)
        ranged = sign not in _DAY_BY_KANJI
    return tuple(dict.fromkeys(days))


def note_start(clause: Clause, token: Token) -> None:
    """Note a clock time as the start; 13～15時 gives both ends."""
    if token.sort == "hours":
        part = next((word for word in _LATE if token.text.startswith(word)), "")
        start, end = token.numbers
        clause.time_start = _clock(part, start, 0)
        if part:
            clause.mentioned.add("afternoon")
        note_end(clause, Token("time", f"{end}時", token.start))
        return
    found = _CLOCK.match(token.text)
    if found is None:
        clause.time_start = "12:00"
        return
    clause.time_start = _clock(found[1], int(found[2]), _minute(found))
    if found[1] in _LATE:
        clause.mentioned.add("afternoon")


def note_end(clause: Clause, token: Token) -> None:
    """Note a clock time as the end; 午後 of the start holds for the end too, and 10時～3時 ends in the afternoon."""
    found = _CLOCK.match(token.text)
    start = clause.time_start
    if start is None:
        return
    if found is None:
        clause.time_end = "12:00"
        return
    hour, minute = int(found[2]), _minute(found)
    carried = not found[1] and hour < 12 and "afternoon" in clause.mentioned
    if not found[1] and hour < 12 and f"{hour:02}:{minute:02}" <= start < f"{hour + 12:02}:{minute:02}":
        carried = True
    clause.time_end = _clock("午後" if carried else found[1], hour, minute)
    if carried:
        clause.mentioned.add("time_carried")


def _minute(found: re.Match[str]) -> int:
    return 30 if found[4] else int(found[3] or found[5] or 0)


def _clock(part: str, hour: int, minute: int) -> str | None:
    if part in _LATE and hour < 12:
        hour += 12
    if hour == 24 and minute == 0:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None


def minutes_in(token: Token) -> int:
    """Read a length: 1時間半 and 1.5時間 are 90, 40分 is 40."""
    hours, found, rest = token.text.partition("時間")
    if not found:
        return token.numbers[0]
    minutes = int(rest.removesuffix("分") or 0) if rest != "半" else 30
    return round(float(hours) * 60) + minutes


def minutes_between(start: str, end: str) -> int:
    """Count the minutes from one clock time to the next, over midnight if need be."""
    first, last = (int(clock[:2]) * 60 + int(clock[3:]) for clock in (start, end))
    return (last - first) % 1440


def clock_after(start: str, minutes: int) -> str:
    """Give the clock time so many minutes later.

    >>> clock_after("18:30", 120)
    '20:30'
    """
    total = (int(start[:2]) * 60 + int(start[3:]) + minutes) % 1440
    return f"{total // 60:02}:{total % 60:02}"


def merged_open(first: Kind, second: Kind) -> Kind | None:
    """Merge two open-ended words of one clause: the more particular one holds; None where they stand apart."""
    if first is second:
        return first
    pair = {first, second}
    if pair == {Kind.AS_NEEDED, Kind.TIMELY}:
        return Kind.TIMELY
    return Kind.AS_NEEDED if pair == {Kind.AS_NEEDED, Kind.CONTINUOUS} else None
