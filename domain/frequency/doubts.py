"""Doubts about a reading: where another reading of the words is defensible, which one, and why.

Each code has one sentence in Japanese and one in English; ``frequency_explanation`` adds the other reading, if there
is one. Source of the rules: phrase collection (notes of the cases), domain sources section 9.
"""

from dataclasses import dataclass
from enum import StrEnum

from domain.frequency.reading import Reading


class DoubtCode(StrEnum):
    """Why a person should look at the reading."""

    APPROXIMATE = "approximate"
    IN_PRINCIPLE = "in_principle"
    AIM = "aim"
    COUNT_LISTED = "count_listed"
    COUNT_UNNAMED = "count_unnamed"
    COUNT_WITHOUT_WORD = "count_without_word"
    OPEN_END = "open_end"
    UPPER_BOUND_ONLY = "upper_bound_only"
    DAYS_COUNTED = "days_counted"
    DAYS_LISTED = "days_listed"
    DAYS_INTERVAL = "days_interval"
    DAILY = "daily"
    YEAR_ASSUMED = "year_assumed"
    SERIES = "series"
    PER_OFFICE = "per_office"
    EACH_OF_UNKNOWN = "each_of_unknown"
    MULTIPLIED = "multiplied"
    COUNT_CONFIRMED = "count_confirmed"
    COUNT_AND_PATTERN = "count_and_pattern"
    INTERVAL_OR_MONTH = "interval_or_month"
    MONTH_NOT_INTERVAL = "month_not_interval"
    MONTH_NAMED = "month_named"
    MONTHS_SHARED = "months_shared"
    PART_OF_YEAR = "part_of_year"
    HALF_YEAR = "half_year"
    HALF_MONTH = "half_month"
    INTERVAL_RANGE = "interval_range"
    INTERVAL_GAP = "interval_gap"
    INTERVAL_UNEVEN = "interval_uneven"
    INTERVAL_WITHIN = "interval_within"
    UNIT_ALONE = "unit_alone"
    TERM = "term"
    MONTHLY_WORD = "monthly_word"
    MONTH_IMPLIED = "month_implied"
    MONTH_EDGE = "month_edge"
    DEADLINE = "deadline"
    HOLIDAY_RULE = "holiday_rule"
    STARTS_LATE = "starts_late"
    LIMITED_TIME = "limited_time"
    WEEKS_OF_YEAR = "weeks_of_year"
    WEEK_OF_MONTH = "week_of_month"
    WEEKDAY_WITHOUT_WEEK = "weekday_without_week"
    TIME_CARRIED = "time_carried"
    AVAILABILITY = "availability"
    OPENING_HOURS = "opening_hours"
    REGULAR = "regular"
    DETAIL_OPEN = "detail_open"
    LOOSELY_AS_NEEDED = "loosely_as_needed"
    TIMELY_OR_AS_NEEDED = "timely_or_as_needed"
    AT_LEAST_BESIDE_NEED = "at_least_beside_need"
    SEVERAL_VALUES = "several_values"
    PHASE_CUT = "phase_cut"
    PHASE_GOES_ON = "phase_goes_on"
    PHASE_GAP = "phase_gap"
    PHASE_SHARED = "phase_shared"
    PHASE_ELSEWISE = "phase_elsewise"
    PHASE_WITHOUT_VALUE = "phase_without_value"
    PHASE_YEAR = "phase_year"
    PHASE_UNCLEAR = "phase_unclear"
    FISCAL_YEAR_NAMED = "fiscal_year_named"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One doubt; ``other`` is the reading that would hold if the doubt is right, where it can be said."""

    code: DoubtCode
    other: Reading | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A reading together with the doubts about it."""

    reading: Reading
    doubts: tuple[Doubt, ...] = ()


WORDING: dict[DoubtCode, tuple[str, str]] = {
    DoubtCode.APPROXIMATE: (
        "「程度」「概ね」などの幅のある言い方です。示された数を目安の最低回数とし、上回っても超過とはしません。",
        "The number is approximate; it is taken as the minimum, and more is never too much.",
    ),
    DoubtCode.IN_PRINCIPLE: (
        "「原則」とあるため、理由のある例外が認められます。",
        "In principle: exceptions are allowed with a reason.",
    ),
    DoubtCode.AIM: (
        "努力目標と読みました。達成率は示しますが、不足とは扱いません。",
        "An aim: attainment is shown, but falling short is no shortfall.",
    ),
    DoubtCode.COUNT_LISTED: (
        "数が並べて書かれているため、その間の回数と読みました。",
        "Numbers side by side are read as a range.",
    ),
    DoubtCode.COUNT_UNNAMED: (
        "具体的な数が書かれていません。回数を確認してください。",
        "No number is given; please ask.",
    ),
    DoubtCode.COUNT_WITHOUT_WORD: ("「回」が省かれています。", "The word for times is left out."),
    DoubtCode.OPEN_END: ("末尾の「～」を「以上」と読みました。", "The trailing sign is read as at least."),
    DoubtCode.UPPER_BOUND_ONLY: (
        "上限だけが書かれています。最低回数は0回になります。",
        "Only an upper bound is given, so the minimum is 0.",
    ),
    DoubtCode.DAYS_COUNTED: (
        "日数で書かれています。1日を1回と数えました。開所日数の意味かもしれません。",
        "Given in days; one day counts once. It may mean opening days.",
    ),
    DoubtCode.DAYS_LISTED: (
        "毎月の日付が複数あります。回数だけを残しました。",
        "Several days of the month are named; only their number is kept.",
    ),
    DoubtCode.DAYS_INTERVAL: (
        "日数や半端な間隔は、年度・月の回数にきれいに直せません。",
        "An interval in days or with a half does not divide into months or years.",
    ),
    DoubtCode.DAILY: (
        "毎日と読みました。休業日の分は開所日の暦で除かれます。",
        "Read as daily; closed days are taken off by the calendar.",
    ),
    DoubtCode.YEAR_ASSUMED: (
        "期間が書かれていないため、1年度の回数と読みました。",
        "No period is given; a fiscal year is assumed.",
    ),
    DoubtCode.SERIES: (
        "合計・シリーズの回数です。年間計画の中の回数なので、1年度の回数と読みました。",
        "A total or series; within an annual plan it is read as the number of a fiscal year.",
    ),
    DoubtCode.PER_OFFICE: (
        "事業所など1か所ごとの回数です。全体の最低回数には対象の数が必要です。",
        "The count is for each office or the like; a total needs their number.",
    ),
    DoubtCode.EACH_OF_UNKNOWN: (
        "「各」が何を指すかが書かれていないため、全体の最低回数は出せません。",
        "It is not said what each refers to, so no total follows.",
    ),
    DoubtCode.MULTIPLIED: ("「×」の掛け算はしていません。", "The multiplication is not carried out."),
    DoubtCode.COUNT_CONFIRMED: (
        "回数と間隔の両方が書かれ、年間の最低回数が一致しています。",
        "A count and a pattern are both given and agree.",
    ),
    DoubtCode.COUNT_AND_PATTERN: (
        "回数と、月や曜日の指定とが、そのままでは一致しません。",
        "The count and the months or weekdays do not match as they stand.",
    ),
    DoubtCode.INTERVAL_OR_MONTH: (
        "「N月に1回」は法令の書き方にならい、Nか月に1回と読みました。",
        "Read as an interval, as in statutes, not as the calendar month.",
    ),
    DoubtCode.MONTH_NOT_INTERVAL: (
        "間隔としては使われない数なので、その月に行うと読みました。",
        "Not a usual interval, so read as the calendar month.",
    ),
    DoubtCode.MONTH_NAMED: (
        "月だけが書かれているため、その月に1回ずつと読みました。",
        "Only months are named: once in each.",
    ),
    DoubtCode.MONTHS_SHARED: ("挙げられた月ごとに1回と読みました。", "Read as once in each month named."),
    DoubtCode.PART_OF_YEAR: ("年度の一部だけを指しています。", "Only a part of the fiscal year is meant."),
    DoubtCode.HALF_YEAR: (
        "「半年」は前回から6か月の間隔と読みました。上半期・下半期に分ける読み方もあります。",
        "Half a year is read as six months since the last time, not as fiscal halves.",
    ),
    DoubtCode.HALF_MONTH: ("「半月」を月2回と読みました。", "Half a month is read as twice a month."),
    DoubtCode.INTERVAL_RANGE: (
        "間隔に幅があるため、長い方を最低回数の根拠にしました。",
        "The interval is a range; the longer one gives the minimum.",
    ),
    DoubtCode.INTERVAL_GAP: (
        "「おき」は、間を数えるかどうかで読み方が分かれます。",
        "The word for at intervals of can be counted in two ways.",
    ),
    DoubtCode.INTERVAL_UNEVEN: (
        "間隔が12か月を割り切らないため、年度内に確実に収まる回数を最低回数としました。",
        "The interval does not divide a year; the minimum is what surely fits in.",
    ),
    DoubtCode.INTERVAL_WITHIN: (
        "「以内に」を、その間隔で繰り返すと読みました。一度だけの期限かもしれません。",
        "Read as repeating within that time; it may be a deadline met only once.",
    ),
    DoubtCode.UNIT_ALONE: (
        "期間だけが書かれているため、期間ごとに1回と読みました。",
        "Only the period is named: once in each.",
    ),
    DoubtCode.TERM: ("学期は年3回と数えました。", "School terms are counted as three a year."),
    DoubtCode.MONTHLY_WORD: (
        "「月例」「月次」「月刊」を毎月1回と読みました。",
        "A monthly word is read as once a month.",
    ),
    DoubtCode.MONTH_IMPLIED: ("「毎月」が省かれていると読みました。", "Every month is implied."),
    DoubtCode.MONTH_EDGE: ("月末・月初の指定です。", "The beginning or end of the month is meant."),
    DoubtCode.DEADLINE: ("日付は締切です。", "The day is a deadline."),
    DoubtCode.STARTS_LATE: (
        "年度の途中から始まる書き方です。開始前の月の扱いは自治体が決めます。",
        "It starts inside the year; the municipality decides about the months before.",
    ),
    DoubtCode.LIMITED_TIME: (
        "限られた期間だけの回数です。期間の始まりと終わりは回数に含めていません。",
        "It holds for a limited time only; when it begins and ends is not part of the reading.",
    ),
    DoubtCode.HOLIDAY_RULE: (
        "休日の場合の決まりが書かれています。開所日の暦による振替と違うことがあります。",
        "The text has a rule of its own for holidays.",
    ),
    DoubtCode.WEEKS_OF_YEAR: (
        "1年度は52週と1～2日あるため、52週で数えました。休業日は開所日の暦で除かれます。",
        "A fiscal year has 52 weeks and a day or two; 52 are counted, closed days are taken off by the calendar.",
    ),
    DoubtCode.WEEK_OF_MONTH: (
        "「N週目」を、その月のN番目の曜日（曜日がなければN番目の7日間）と読みました。",
        "Week N is read as the Nth such weekday of the month.",
    ),
    DoubtCode.WEEKDAY_WITHOUT_WEEK: (
        "第何週の曜日かが書かれていません。曜日は条件として残しました。",
        "The week of the weekday is not said; the weekday is kept as a condition.",
    ),
    DoubtCode.TIME_CARRIED: ("終わりの時刻も午後と読みました。", "The end is read as p.m. too."),
    DoubtCode.AVAILABILITY: (
        "回数ではなく、常に対応できる体制の意味と読みました。",
        "Read as a duty to be available, not as a count.",
    ),
    DoubtCode.OPENING_HOURS: (
        "開所の曜日・時間と読みました。活動の回数ではありません。",
        "Read as opening hours, not an activity.",
    ),
    DoubtCode.REGULAR: (
        "定期的に行う必要はありますが、回数が書かれていません。回数を確認してください。",
        "Regular, but without a number; please ask for one.",
    ),
    DoubtCode.DETAIL_OPEN: ("日程などが未定で、回数は書かれていません。", "Details are open, and no number is given."),
    DoubtCode.LOOSELY_AS_NEEDED: (
        "「随時」と同じく、回数の定めなしと読みました。",
        "Read like as needed, without a number.",
    ),
    DoubtCode.TIMELY_OR_AS_NEEDED: (
        "「適時」と「必要に応じて」の両方が書かれています。",
        "Both timely and as needed are written.",
    ),
    DoubtCode.AT_LEAST_BESIDE_NEED: (
        "随時のうちの最低回数と読みました。",
        "Read as the least number within what is done as needed.",
    ),
    DoubtCode.SEVERAL_VALUES: (
        "複数の値があります。合計はせず、どれを目標とするかを人が選びます。",
        "Several values: they are never added up; a person chooses.",
    ),
    DoubtCode.PHASE_CUT: (
        "「～」で始まる期間を、次に書かれた年の前までと読みました。",
        "An open phase is read as ending before the next one.",
    ),
    DoubtCode.PHASE_GOES_ON: (
        "最後の年に「～」がありませんが、以後も続くと読みました。その年だけとも読めます。",
        "The last phase is read as going on; it may mean that year only.",
    ),
    DoubtCode.PHASE_YEAR: (
        "その年だけの回数と読みました。次の年からの回数は書かれていません。",
        "Read as that year only; nothing is said about later years.",
    ),
    DoubtCode.PHASE_UNCLEAR: (
        "書かれた年に回数を1つずつ当てはめることができません。",
        "The years named cannot be given one value each.",
    ),
    DoubtCode.PHASE_GAP: ("回数の書かれていない年が間にあります。", "There are years in between without a value."),
    DoubtCode.PHASE_SHARED: (
        "開始年度と回数が別々に並んでいるため、順に対応させました。",
        "Years and values stand apart; they are matched in order.",
    ),
    DoubtCode.PHASE_ELSEWISE: (
        "年の指定のない回数を、ほかの年すべての回数と読みました。",
        "The value without a year is read as holding in all other years.",
    ),
    DoubtCode.PHASE_WITHOUT_VALUE: ("回数の書かれていない開始年度があります。", "A phase has no value."),
    DoubtCode.FISCAL_YEAR_NAMED: (
        "年度が書かれていますが、センターの開所年度が分からないため、何年目かに直していません。",
        "A fiscal year is named; without the opening year it cannot be placed among the operation years.",
    ),
    DoubtCode.TOO_LONG: (
        "文が長すぎるため読みませんでした。回数の部分だけを入力してください。",
        "Too long to be a frequency.",
    ),
}
"""Code → one sentence in Japanese, one in English."""
