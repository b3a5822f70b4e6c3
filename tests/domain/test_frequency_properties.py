"""What holds for every frequency text, however it is spelt, joined or mangled."""

import json
import time
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.frequency import (
    COUNTABLE,
    Kind,
    Reading,
    explain_en,
    explain_ja,
    maximum_in_year,
    minimum_in_year,
    parse,
    phase_in_year,
    phrase_ja,
    window_policy_of,
)
from domain.frequency.counting import maximum_of, minimum_of
from domain.frequency.spelling import normalise

DATA = Path(__file__).parents[1] / "data"
PHRASES: list[str] = [
    case["phrase"]
    for name in ("frequency_phrases.json", "frequency_wordings.json")
    for case in json.loads((DATA / name).read_text("utf-8"))["cases"]
]
PIECES: list[str] = json.loads((DATA / "frequency_wordings.json").read_text("utf-8"))["pieces"]
READINGS = {phrase: parse(phrase).reading for phrase in PHRASES}
COUNTED = [phrase for phrase, reading in READINGS.items() if reading.kind in COUNTABLE]
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from([*PIECES, " "]), max_size=30).map("".join).map(lambda text: text[:200]),
    st.sampled_from(PHRASES),
    st.tuples(st.sampled_from(PHRASES), st.sampled_from(PIECES), st.sampled_from(PHRASES)).map("".join),
)
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def readings_in(reading: Reading) -> list[Reading]:
    return [reading, *(phase.reading for phase in reading.phases or ())]


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_parser_or_its_explanations(text: str) -> None:
    frequency = parse(text)
    assert frequency.text == text
    assert (frequency.reading.phases is not None) is (frequency.reading.kind in {Kind.PHASED, Kind.MULTIPLE_VALUES})
    assert explain_ja(frequency, 2026, 2)
    assert explain_en(frequency, 2026, 2)
    assert hash(frequency) == hash(parse(text))


@pytest.mark.parametrize(
    "text", ["9/251半期", "1回/25半期", "0回1年目0年目まで0回", "第6火曜日", "13月、0月に1回", "99時99分", "年0回"]
)
def test_numbers_that_cannot_be_are_passed_over(text: str) -> None:
    for reading in readings_in(parse(text).reading):
        assert not reading.min_count or reading.kind in {Kind.PER_HALF, Kind.PER_YEAR}
        assert reading.months is reading.nth_weeks is reading.time_start is None


@pytest.mark.parametrize(
    "text", ["1～9999か月に9999回", "9999年11か月ごと", "毎日9999回", "四半期に各9999回", "年9999回超"]
)
def test_numbers_beyond_reason_stay_within_what_can_be_stored(text: str) -> None:
    reading = parse(text).reading
    assert Reading.from_json(reading.as_json()) == reading


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_the_spelling_is_settled_after_one_pass(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(TEXTS)
@settings(max_examples=80, deadline=None)
def test_the_least_is_never_more_than_the_most(text: str) -> None:
    for reading in readings_in(parse(text).reading):
        if reading.min_count is not None and reading.max_count is not None:
            assert reading.min_count <= reading.max_count
        least, most = minimum_of(reading), maximum_of(reading)
        assert least is None or most is None or least <= most


@given(TEXTS)
@settings(max_examples=80, deadline=None)
def test_a_reading_survives_its_json(text: str) -> None:
    reading = parse(text).reading
    stored = json.loads(json.dumps(reading.as_json(), ensure_ascii=False))
    assert Reading.from_json(stored) == reading


@given(TEXTS)
@settings(max_examples=80, deadline=None)
def test_only_a_countable_minimum_above_zero_is_mandatory(text: str) -> None:
    for reading in readings_in(parse(text).reading):
        if reading.kind is Kind.PHASED:
            assert reading.mandatory is any(phase.reading.mandatory for phase in reading.phases or ())
        elif reading.mandatory:
            assert reading.kind in COUNTABLE
            assert reading.min_count


@given(TEXTS)
@settings(max_examples=80, deadline=None)
def test_phases_of_years_never_overlap(text: str) -> None:
    reading = parse(text).reading
    if reading.kind is Kind.PHASED:
        for year in range(1, 101):
            assert sum(phase.holds_in(year) for phase in reading.phases or ()) <= 1


def test_full_width_signs_change_nothing() -> None:
    changed = [phrase for phrase in PHRASES if parse(phrase.translate(WIDE)).reading != READINGS[phrase]]
    assert changed == []


def test_the_verb_at_the_end_changes_nothing_about_a_count() -> None:
    ended = zip(COUNTED, cycle(("開催", "実施", "に実施する。", "訪問")), strict=False)
    changed = [phrase + verb for phrase, verb in ended if parse(phrase + verb).reading != READINGS[phrase]]
    assert changed == []


def test_a_reading_written_out_again_is_read_the_same() -> None:
    readings = [READINGS[phrase] for phrase in COUNTED]
    assert [phrase_ja(reading) for reading in readings if parse(phrase_ja(reading)).reading != reading] == []


def test_in_principle_in_front_adds_only_itself() -> None:
    plain = [
        phrase for phrase in COUNTED if phrase.startswith(("年1", "年2", "月1", "週1", "隔", "毎月", "毎週", "四半期"))
    ]
    assert len(plain) > 100
    for phrase in plain:
        reading, found = READINGS[phrase], parse(f"原則として{phrase}").reading
        assert found == replace(reading, in_principle=True), phrase


@given(st.sampled_from(PHRASES), st.integers(-2, 12))
@settings(max_examples=80, deadline=None)
def test_the_numbers_of_a_year_agree_with_the_phase_that_governs_it(phrase: str, year: int) -> None:
    reading = parse(phrase).reading
    governing = phase_in_year(reading, year)
    least, most = minimum_in_year(reading, year), maximum_in_year(reading, year)
    if governing is None:
        assert (least, most) == (0, 0)
    elif governing.kind in COUNTABLE and governing.min_count is not None:
        assert least is not None
        assert most is None or least <= most
    elif governing.kind is Kind.SUSPENDED:
        assert (least, most) == (0, 0)
    else:
        assert least is None
    assert window_policy_of(reading) in {None, "in_year", "fixed_windows", "rolling"}


@pytest.mark.parametrize(
    "piece",
    [
        "年2回",
        "1、",
        "（",
        "各事業所",
        "1・2・",
        "～1",
        "第1か",
        "毎週火・",
        "2年目～",
        "通年 ",
        "ア",
        "か年",
        "7/15、",
    ],
)
def test_no_repetition_makes_reading_slow(piece: str) -> None:
    text = (piece * 500)[:500]
    began = time.process_time()
    parse(text)
    assert time.process_time() - began < 0.5


def test_a_long_run_of_one_sign_is_rewritten_once_and_not_sign_by_sign() -> None:
    began = time.process_time()
    normalise("か" * 490 + "年目")
    assert time.process_time() - began < 0.05


def test_the_whole_collection_is_read_well_within_the_time_of_one_request() -> None:
    times = []
    for _ in range(5):
        began = time.process_time()
        for phrase in PHRASES[:118]:
            parse(phrase)
        times.append(time.process_time() - began)
    assert min(times) < 0.1
