"""Frequencies (回数): 年2回以上, 2月に1回, 偶数月第3または第4木曜日, 初年度 年2回 2年目～ 年3回.

Pure: no clock, no database. ``parse`` never refuses a text; what is no frequency says so, and several values in one
text are candidates for a person, never added up. Source: seed 003 (回数 column), seeds 000-002, phrase collection.

>>> frequency = parse("偶数月第3または第4木曜日")
>>> frequency.min_per_fiscal_year, window_policy_of(frequency.reading)
(6, 'fixed_windows')
>>> print(explain_ja(parse("年2回以上")))
「年2回以上」は「年2回以上」と読みました。1年度の最低回数は2回です。
"""

from domain.frequency.counting import maximum_in_year, minimum_in_year, phase_in_year
from domain.frequency.dates import ClosedDayPolicy, Occurrence
from domain.frequency.doubts import Doubt, DoubtCode
from domain.frequency.explanation import explain_en, explain_ja
from domain.frequency.occurrences import Expected, WindowPolicy, expected_in, occurrences_in, window_policy_of
from domain.frequency.parsing import Frequency, parse
from domain.frequency.phrases import phrase_en, phrase_ja
from domain.frequency.reading import COUNTABLE, Kind, Phase, Reading, Unit, Weekday

__all__ = [
    "COUNTABLE",
    "ClosedDayPolicy",
    "Doubt",
    "DoubtCode",
    "Expected",
    "Frequency",
    "Kind",
    "Occurrence",
    "Phase",
    "Reading",
    "Unit",
    "Weekday",
    "WindowPolicy",
    "expected_in",
    "explain_en",
    "explain_ja",
    "maximum_in_year",
    "minimum_in_year",
    "occurrences_in",
    "parse",
    "phase_in_year",
    "phrase_en",
    "phrase_ja",
    "window_policy_of",
]
