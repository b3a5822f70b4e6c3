"""Explaining a frequency to a person: how it was read, the yearly minimum, and what else it could mean."""

from domain.fiscal import fiscal_year_label_ja
from domain.frequency.counting import minimum_in_year, phase_in_year
from domain.frequency.doubts import WORDING, DoubtCode
from domain.frequency.parsing import Frequency
from domain.frequency.phrases import phrase_en, phrase_ja
from domain.frequency.reading import COUNTABLE, Kind, Phase, Reading

_CONSEQUENCE_JA = {
    Kind.AS_NEEDED: "回数の定めはありません。実施した件数だけを数え、不足とは扱いません。",
    Kind.TIMELY: "回数の定めはありません。相手先の時期に合わせて行うもので、「随時」とは区別します。",
    Kind.CONTINUOUS: "回数の定めはありません。年間を通じて行うものとして件数だけを示します。",
    Kind.UNDETERMINED: "回数が決まっていないため目標はありません。回数を決めることが課題として残ります。",
    Kind.SUSPENDED: "目標は0回です。実施しないことは不足とは扱いません。",
    Kind.FROM_OPENING: "開始の時期を示すもので、回数の定めはありません。",
    Kind.OPENING_HOURS: "活動の回数の目標ではありません。",
    Kind.NOT_A_FREQUENCY: "回数の目標はありません。",
}
_CONSEQUENCE_EN = {
    Kind.AS_NEEDED: "There is no number: what is done is counted, and nothing is ever short.",
    Kind.TIMELY: "There is no number: it follows the timing of others, which is not the same as as needed.",
    Kind.CONTINUOUS: "There is no number: it goes on through the year, and only volume is shown.",
    Kind.UNDETERMINED: "No number is decided, so there is no target; deciding it remains to be done.",
    Kind.SUSPENDED: "The target is 0; not holding it is no shortfall.",
    Kind.FROM_OPENING: "It says when something starts, not how often.",
    Kind.OPENING_HOURS: "It is no target for an activity.",
    Kind.NOT_A_FREQUENCY: "There is no target.",
}


def explain_ja(frequency: Frequency, fiscal_year: int | None = None, operation_year: int | None = None) -> str:
    """Explain in Japanese how a text was read; with an operation year, also what holds in that year."""
    reading = frequency.reading
    text = f"「{frequency.text.strip()}」は"
    if reading.kind is Kind.NOT_A_FREQUENCY:
        lines = [f"{text}、回数・頻度としては読みませんでした。{_CONSEQUENCE_JA[reading.kind]}"]
    elif reading.kind is Kind.MULTIPLE_VALUES:
        listed = "、".join(f"({number}) {phrase_ja(one.reading)}" for number, one in enumerate(frequency.candidates, 1))
        lines = [f"{text}、{len(frequency.candidates)}通りの値があり、1つに決めていません：{listed}。"]
    elif reading.kind is Kind.PHASED:
        phases = "、".join(f"{_years_ja(phase)}は{phrase_ja(phase.reading)}" for phase in reading.phases or ())
        lines = [f"{text}、年によって変わると読みました：{phases}。"]
    else:
        lines = [f"{text}「{phrase_ja(reading)}」と読みました。{_yearly_ja(frequency)}"]
    if operation_year is not None and _depends_on_year(reading, operation_year):
        lines.append(_in_year_ja(frequency, fiscal_year, operation_year))
    lines += [f"うち書き「{quota}」は別の条件として扱います。" for quota in frequency.sub_quotas]
    for doubt in frequency.doubts:
        other = f"（別の読み方：{phrase_ja(doubt.other)}）" if doubt.other else ""
        lines.append(f"確認：{WORDING[doubt.code][0]}{other}")
    return "\n".join(lines)


def explain_en(frequency: Frequency, fiscal_year: int | None = None, operation_year: int | None = None) -> str:
    """Explain in English how a text was read; with an operation year, also what holds in that year."""
    reading = frequency.reading
    text = f"“{frequency.text.strip()}” was read as "
    if reading.kind is Kind.NOT_A_FREQUENCY:
        lines = [f"“{frequency.text.strip()}” was not read as a frequency. {_CONSEQUENCE_EN[reading.kind]}"]
    elif reading.kind is Kind.MULTIPLE_VALUES:
        listed = "; ".join(f"({number}) {phrase_en(one.reading)}" for number, one in enumerate(frequency.candidates, 1))
        lines = [f"{text}{len(frequency.candidates)} values, none of them chosen: {listed}."]
    elif reading.kind is Kind.PHASED:
        phases = "; ".join(f"{_years_en(phase)}: {phrase_en(phase.reading)}" for phase in reading.phases or ())
        lines = [f"{text}changing over the years: {phases}."]
    else:
        lines = [f"{text}“{phrase_en(reading)}”. {_yearly_en(frequency)}"]
    if operation_year is not None and _depends_on_year(reading, operation_year):
        lines.append(_in_year_en(frequency, fiscal_year, operation_year))
    lines += [f"The part “{quota}” is a condition of its own." for quota in frequency.sub_quotas]
    for doubt in frequency.doubts:
        other = f" Other reading: {phrase_en(doubt.other)}." if doubt.other else ""
        lines.append(f"Please check: {WORDING[doubt.code][1]}{other}")
    return "\n".join(lines)


def _yearly_ja(frequency: Frequency) -> str:
    reading, least = frequency.reading, frequency.min_per_fiscal_year
    if reading.kind not in COUNTABLE:
        return _CONSEQUENCE_JA[reading.kind]
    if least is None:
        return "1年度の最低回数は、この記載だけでは決まりません。"
    if reading.kind is Kind.EVERY_N_YEARS:
        return f"{reading.interval_years}年に一度の年だけ期限が来るため、期限の来ない年度の最低回数は0回です。"
    return f"1年度の最低回数は{least}回です。"


def _yearly_en(frequency: Frequency) -> str:
    reading, least = frequency.reading, frequency.min_per_fiscal_year
    if reading.kind not in COUNTABLE:
        return _CONSEQUENCE_EN[reading.kind]
    if least is None:
        return "No yearly minimum follows from this text alone."
    if reading.kind is Kind.EVERY_N_YEARS:
        return f"It falls due in one year out of {reading.interval_years}; in the others the minimum is 0."
    return f"The minimum in a fiscal year is {least}."


def _depends_on_year(reading: Reading, operation_year: int) -> bool:
    if reading.kind in {Kind.PHASED, Kind.EVERY_N_YEARS}:
        return True
    return operation_year < 1 and reading.kind in COUNTABLE


def _is_counted(frequency: Frequency) -> bool:
    unknown = any(doubt.code is DoubtCode.EACH_OF_UNKNOWN for doubt in frequency.doubts)
    return frequency.per_unit is None and not unknown


def _least_in(frequency: Frequency, governing: Reading | None, operation_year: int) -> int | None:
    if governing is not None and not _is_counted(frequency):
        return None
    return minimum_in_year(frequency.reading, operation_year)


def _in_year_ja(frequency: Frequency, fiscal_year: int | None, operation_year: int) -> str:
    label = fiscal_year_label_ja(fiscal_year) if fiscal_year is not None else None
    if operation_year < 1:
        return f"{label or 'この年度'}は開所前のため、最低回数は0回です。"
    year = "初年度" if operation_year == 1 else f"{operation_year}年目"
    named = f"{label}（{year}）" if label else year
    governing = phase_in_year(frequency.reading, operation_year)
    least = _least_in(frequency, governing, operation_year)
    if governing is None:
        return f"{named}は回数の定めがある年ではないため、最低回数は0回です。"
    end = "最低回数は決まりません" if least is None else f"最低回数は{least}回です"
    return f"{named}は「{phrase_ja(governing)}」で、{end}。"


def _in_year_en(frequency: Frequency, fiscal_year: int | None, operation_year: int) -> str:
    named = f"operation year {operation_year}" + (f" (fiscal year {fiscal_year})" if fiscal_year is not None else "")
    if operation_year < 1:
        return "The centre was not yet open in that year, so the minimum is 0."
    governing = phase_in_year(frequency.reading, operation_year)
    least = _least_in(frequency, governing, operation_year)
    if governing is None:
        return f"In {named} nothing is due, so the minimum is 0."
    return f"In {named}: {phrase_en(governing)}; " + ("no minimum." if least is None else f"the minimum is {least}.")


def _years_ja(phase: Phase) -> str:
    first, last = phase.from_year or 1, phase.to_year
    start = "初年度" if first == 1 else f"{first}年目"
    if last is None:
        return f"{start}以降"
    return start if last == first else f"{start}～{last}年目"


def _years_en(phase: Phase) -> str:
    first, last = phase.from_year or 1, phase.to_year
    if last is None:
        return f"from year {first}"
    return f"year {first}" if last == first else f"years {first} to {last}"
