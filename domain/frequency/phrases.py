"""A reading in plain words, Japanese and English, as an officer would write it again."""

from collections.abc import Callable

from domain.frequency.reading import COUNTABLE, WEEKDAYS, Kind, Reading, Weekday

_KANJI = "月火水木金土日"
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ENGLISH_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last"}

_NAMING_MONTHS = frozenset({Kind.PER_YEAR, Kind.PER_MONTH, Kind.EVERY_N_MONTHS, Kind.NTH_WEEKDAY})

_OPEN_JA = {
    Kind.AS_NEEDED: "随時（必要に応じて）",
    Kind.TIMELY: "適時（適切な時期に）",
    Kind.CONTINUOUS: "通年・常時",
    Kind.UNDETERMINED: "未定（回数が決まっていない）",
    Kind.SUSPENDED: "中止・休止",
    Kind.FROM_OPENING: "開所時から",
    Kind.OPENING_HOURS: "開所時間",
    Kind.PHASED: "年によって変わる回数",
    Kind.MULTIPLE_VALUES: "複数の値",
    Kind.NOT_A_FREQUENCY: "回数・頻度ではない記載",
}
_OPEN_EN = {
    Kind.AS_NEEDED: "as needed",
    Kind.TIMELY: "at the appropriate time",
    Kind.CONTINUOUS: "continuously",
    Kind.UNDETERMINED: "not yet decided",
    Kind.SUSPENDED: "suspended",
    Kind.FROM_OPENING: "from the opening on",
    Kind.OPENING_HOURS: "opening hours",
    Kind.PHASED: "changing over the years",
    Kind.MULTIPLE_VALUES: "several values",
    Kind.NOT_A_FREQUENCY: "not a frequency",
}


def phrase_ja(reading: Reading) -> str:
    """Write a reading in Japanese.

    >>> phrase_ja(Reading(kind=Kind.EVERY_N_MONTHS, min_count=1, interval_months=3, mandatory=True))
    '3か月に1回以上'
    """
    core = _CORE_JA[reading.kind](reading) if reading.kind in _CORE_JA else _OPEN_JA[reading.kind]
    if reading.kind is Kind.OPENING_HOURS and reading.weekdays:
        core = f"開所時間 {_days_ja(reading.weekdays)}"
    if months := _other_months_ja(reading):
        core = f"{core}（{months}）"
    if reading.kind in COUNTABLE and reading.min_count and not reading.mandatory:
        core = f"{core}（努力目標）"
    if reading.approximate:
        core = f"概ね{core}"
    if reading.in_principle:
        core = f"原則として{core}"
    if reading.exclude_months:
        core += f"（{_months_ja(reading.exclude_months)}を除く）"
    core += _times(reading, " {}～{}", " {}～", "（1回{}分）")
    return f"{core}、ほかに随時" if reading.also_as_needed else core


def phrase_en(reading: Reading) -> str:
    """Write a reading in English.

    >>> phrase_en(Reading(kind=Kind.EVERY_N_MONTHS, min_count=1, interval_months=3, mandatory=True))
    'at least once every 3 months'
    """
    core = _CORE_EN[reading.kind](reading) if reading.kind in _CORE_EN else _OPEN_EN[reading.kind]
    if reading.kind is Kind.OPENING_HOURS and reading.weekdays:
        core = f"opening hours, {_days_en(reading.weekdays)}"
    if reading.months and reading.kind not in _NAMING_MONTHS:
        core = f"{core} ({_months_en(reading.months)})"
    if reading.kind in COUNTABLE and reading.min_count and not reading.mandatory:
        core = f"{core} (as an aim)"
    if reading.approximate:
        core = f"about {core}"
    if reading.in_principle:
        core = f"in principle {core}"
    if reading.exclude_months:
        core += f", except in {_months_en(reading.exclude_months)}"
    core += _times(reading, ", {} to {}", ", from {}", ", {} minutes each")
    return f"{core}, and more as needed" if reading.also_as_needed else core


def _times(reading: Reading, both: str, start: str, length: str) -> str:
    if reading.time_start and reading.time_end:
        return both.format(reading.time_start, reading.time_end)
    if reading.time_start:
        return start.format(reading.time_start)
    return length.format(reading.duration_minutes) if reading.duration_minutes else ""


def count_ja(reading: Reading) -> str:
    """Write the count with its bounds: 2回, 2～3回, 2回以上, 3回以内, 数回."""
    low, high = reading.min_count, reading.max_count
    if low is None:
        return "数回"
    if high is None:
        return f"{low}回以上"
    if low == high:
        return f"{low}回"
    return f"{high}回以内" if low == 0 else f"{low}～{high}回"


def _count_en(reading: Reading) -> str:
    low, high = reading.min_count, reading.max_count
    if low is None:
        return "several times"
    if high is None:
        return f"at least {_times_en(low)}"
    if low == high:
        return _times_en(low)
    return f"at most {_times_en(high)}" if low == 0 else f"{low} to {high} times"


def _times_en(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _months_ja(months: tuple[int, ...]) -> str:
    return "、".join(f"{month}月" for month in months)


def _months_en(months: tuple[int, ...]) -> str:
    return ", ".join(_ENGLISH_MONTHS[month - 1] for month in months)


def _days_ja(days: tuple[Weekday, ...]) -> str:
    if days == WEEKDAYS:
        return "毎日"
    if days == WEEKDAYS[:5]:
        return "月～金曜日"
    return "・".join(_KANJI[day.number] for day in days) + "曜日"


def _days_en(days: tuple[Weekday, ...]) -> str:
    return ", ".join(_ENGLISH_DAYS[day.number] for day in days)


def _nth_ja(reading: Reading) -> str:
    if not reading.nth_weeks:
        return ""
    sign = "または" if reading.nth_mode == "any" else "・"
    names = ("最終" if week == -1 else f"第{week}" for week in reading.nth_weeks)
    return sign.join(names) + (_days_ja(reading.weekdays) if reading.weekdays else "週")


def _nth_en(reading: Reading) -> str:
    if not reading.nth_weeks:
        return ""
    sign = " or " if reading.nth_mode == "any" else " and "
    weeks = sign.join(_ORDINALS[week] for week in reading.nth_weeks)
    return f"{weeks} {_days_en(reading.weekdays) if reading.weekdays else 'week'}"


def _detail_ja(reading: Reading) -> str:
    """The pattern beside a count: named weekdays, day of the month."""
    detail = _nth_ja(reading) or (_days_ja(reading.weekdays) if reading.weekdays else "")
    if reading.day_of_month:
        last = "月末" if reading.approximate else "月末日"
        day = last if reading.day_of_month == -1 else f"{reading.day_of_month}日"
        detail = f"{day}、{detail}" if detail else day
    return f"（{detail}）" if detail else ""


def _detail_en(reading: Reading) -> str:
    detail = _nth_en(reading) or (_days_en(reading.weekdays) if reading.weekdays else "")
    if reading.day_of_month:
        detail = "end of the month" if reading.day_of_month == -1 else f"day {reading.day_of_month}"
    return f" ({detail})" if detail else ""


def _months_named_ja(reading: Reading, otherwise: str) -> str:
    if reading.month_parity in {"even", "odd"}:
        return "偶数月" if reading.month_parity == "even" else "奇数月"
    return _months_ja(reading.months) if reading.months else otherwise


def _months_named_en(reading: Reading, otherwise: str) -> str:
    if reading.month_parity in {"even", "odd"}:
        return f"every {reading.month_parity} month"
    return _months_en(reading.months) if reading.months else otherwise


def _other_months_ja(reading: Reading) -> str:
    """Months that the core leaves out because its kind rarely has any."""
    if reading.kind in _NAMING_MONTHS:
        return _months_ja(reading.months or ()) if reading.month_parity in {"even", "odd"} else ""
    return _months_named_ja(reading, "")


def _year_ja(reading: Reading) -> str:
    months = _months_named_ja(reading, "")
    if reading.months and len(reading.months) == 1 and reading.day_of_month:
        day = "末" if reading.day_of_month == -1 else f"{reading.day_of_month}日"
        return f"年{count_ja(reading)}（{months}{day}）"
    interval = f"{reading.interval_months}か月ごと" if reading.interval_months and not months else ""
    named = months or interval
    return f"年{count_ja(reading)}" + (f"（{named}）" if named else "") + _detail_ja(reading)


def _year_en(reading: Reading) -> str:
    named = _months_named_en(reading, f"every {reading.interval_months} months" if reading.interval_months else "")
    return f"{_count_en(reading)} a fiscal year" + (f" ({named})" if named else "") + _detail_en(reading)


def _nth_weekday_ja(reading: Reading) -> str:
    every = f"{reading.interval_months}か月ごと" if reading.interval_months else "毎月"
    either = f"のいずれか{count_ja(reading)}" if reading.nth_mode == "any" else ""
    counted = f"（{count_ja(reading)}）" if reading.nth_mode == "all" and reading.max_count is None else ""
    return f"{_months_named_ja(reading, every)}の{_nth_ja(reading)}{either}{counted}"


def _nth_weekday_en(reading: Reading) -> str:
    when = _months_named_en(reading, "every month")
    if reading.interval_months:
        when = f"every {reading.interval_months} months"
    counted = f" ({_count_en(reading)})" if reading.nth_mode == "any" or reading.max_count is None else ""
    return f"on the {_nth_en(reading)} of {when}{counted}"


def _every_months_ja(reading: Reading) -> str:
    if reading.month_parity in {"even", "odd"}:
        return f"{_months_named_ja(reading, '')}に{count_ja(reading)}{_detail_ja(reading)}"
    named = f"（{_months_ja(reading.months)}）" if reading.months else ""
    return f"{reading.interval_months}か月に{count_ja(reading)}{named}{_detail_ja(reading)}"


def _weekly_ja(reading: Reading) -> str:
    if not reading.weekdays:
        return f"週{count_ja(reading)}"
    if reading.weekdays == WEEKDAYS and reading.min_count == reading.max_count == len(WEEKDAYS):
        return "毎日"
    return f"毎週{_days_ja(reading.weekdays)}（週{count_ja(reading)}）"


_CORE_JA: dict[Kind, Callable[[Reading], str]] = {
    Kind.PER_YEAR: _year_ja,
    Kind.PER_HALF: lambda reading: f"半期ごとに{count_ja(reading)}{_detail_ja(reading)}",
    Kind.PER_QUARTER: lambda reading: f"四半期ごとに{count_ja(reading)}{_detail_ja(reading)}",
    Kind.PER_MONTH: lambda reading: (
        (f"{_months_ja(reading.months)}の毎月" if reading.months else "月") + count_ja(reading) + _detail_ja(reading)
    ),
    Kind.PER_WEEK: _weekly_ja,
    Kind.EVERY_N_MONTHS: _every_months_ja,
    Kind.EVERY_N_WEEKS: lambda reading: f"{reading.interval_weeks}週間に{count_ja(reading)}{_detail_ja(reading)}",
    Kind.EVERY_N_YEARS: lambda reading: f"{reading.interval_years}年に{count_ja(reading)}{_detail_ja(reading)}",
    Kind.NTH_WEEKDAY: _nth_weekday_ja,
}
_CORE_EN: dict[Kind, Callable[[Reading], str]] = {
    Kind.PER_YEAR: _year_en,
    Kind.PER_HALF: lambda reading: f"{_count_en(reading)} in each fiscal half{_detail_en(reading)}",
    Kind.PER_QUARTER: lambda reading: f"{_count_en(reading)} in each fiscal quarter{_detail_en(reading)}",
    Kind.PER_MONTH: lambda reading: (
        f"{_count_en(reading)} a month"
        + _detail_en(reading)
        + (f" in {_months_en(reading.months)}" if reading.months else "")
    ),
    Kind.PER_WEEK: lambda reading: f"{_count_en(reading)} a week{_detail_en(reading)}",
    Kind.EVERY_N_MONTHS: lambda reading: (
        f"{_count_en(reading)} "
        + _months_named_en(reading, f"every {reading.interval_months} months")
        + _detail_en(reading)
    ),
    Kind.EVERY_N_WEEKS: lambda reading: (
        f"{_count_en(reading)} every {reading.interval_weeks} weeks{_detail_en(reading)}"
    ),
    Kind.EVERY_N_YEARS: lambda reading: (
        f"{_count_en(reading)} every {reading.interval_years} years{_detail_en(reading)}"
    ),
    Kind.NTH_WEEKDAY: _nth_weekday_en,
}
