"""What a ward officer reads about a frequency: how it was read, the yearly minimum, and what else it may mean."""

import json
import re
from pathlib import Path

import pytest

from domain.frequency import DoubtCode, Kind, explain_en, explain_ja, parse, phrase_en, phrase_ja
from domain.frequency.doubts import WORDING

DATA = Path(__file__).parents[1] / "data"
PHRASES: list[str] = [
    case["phrase"]
    for name in ("frequency_phrases.json", "frequency_wordings.json")
    for case in json.loads((DATA / name).read_text("utf-8"))["cases"]
]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("年2回以上", "「年2回以上」は「年2回以上」と読みました。1年度の最低回数は2回です。"),
        ("隔月（偶数月）", "「隔月（偶数月）」は「偶数月に1回」と読みました。1年度の最低回数は6回です。"),
        (
            "偶数月第3または第4木曜日",
            "「偶数月第3または第4木曜日」は「偶数月の第3または第4木曜日のいずれか1回」と読みました。1年度の最低回数は6回です。",
        ),
        (
            "第2回",
            "「第2回」は、回数・頻度としては読みませんでした。回数の目標はありません。",
        ),
        ("開所時～", "「開所時～」は「開所時から」と読みました。開始の時期を示すもので、回数の定めはありません。"),
    ],
)
def test_a_plain_reading_is_explained_in_one_line(text: str, said: str) -> None:
    assert explain_ja(parse(text)) == said


def test_the_other_reading_is_named_where_there_is_one() -> None:
    said = explain_ja(parse("2月に1回"))
    assert "「2か月に1回」と読みました。1年度の最低回数は6回です。" in said
    assert "（別の読み方：年1回（2月））" in said
    assert "Other reading: once a fiscal year (February)." in explain_en(parse("2月に1回"))


def test_several_values_are_listed_and_left_open() -> None:
    said = explain_ja(parse("年2回 中止 月1回 年2回"))
    assert "4通りの値があり、1つに決めていません：(1) 年2回、(2) 中止・休止、(3) 月1回、(4) 年2回。" in said
    assert "合計はせず" in said


def test_phases_are_told_by_year_and_the_asked_year_by_its_fiscal_year() -> None:
    frequency = parse("初年度～ 中止 2年目～ 月1回")
    said = explain_ja(frequency, fiscal_year=2026, operation_year=2)
    assert "初年度は中止・休止、2年目以降は月1回。" in said
    assert "令和8年度（2年目）は「月1回」で、最低回数は12回です。" in said
    assert "令和7年度（初年度）は「中止・休止」で、最低回数は0回です。" in explain_ja(frequency, 2025, 1)
    assert "令和6年度は開所前のため、最低回数は0回です。" in explain_ja(frequency, 2024, 0)
    assert "In operation year 2 (fiscal year 2026): once a month; the minimum is 12." in explain_en(frequency, 2026, 2)


def test_a_year_outside_every_phase_owes_nothing() -> None:
    assert "4年目は回数の定めがある年ではないため、最低回数は0回です。" in explain_ja(parse("5年目～ 年1回"), None, 4)


def test_a_count_for_each_office_says_that_their_number_is_missing() -> None:
    said = explain_ja(parse("全事業所を年1回訪問"))
    assert "1年度の最低回数は、この記載だけでは決まりません。" in said
    assert "対象の数が必要です" in said


def test_an_aim_is_told_apart_from_a_duty() -> None:
    assert "月1回（努力目標）" in explain_ja(parse("月1回提供することを目指す"))
    assert "once a month (as an aim)" in explain_en(parse("月1回提供することを目指す"))


def test_the_part_with_its_own_theme_is_mentioned() -> None:
    assert "うち書き「うち1回は公開」" in explain_ja(parse("年2回（うち1回は公開）"))


@pytest.mark.parametrize("code", list(DoubtCode))
def test_every_doubt_has_a_sentence_in_both_languages(code: DoubtCode) -> None:
    japanese, english = WORDING[code]
    assert japanese.endswith("。")
    assert re.fullmatch(r"[A-Z][ -~]+\.", english)


def test_every_doubt_is_raised_by_some_text() -> None:
    texts = [*PHRASES, "年2回、" * 200]
    raised = {doubt.code for text in texts for doubt in parse(text).doubts}
    assert set(DoubtCode) - raised == set()


def test_every_phrase_can_be_explained_in_plain_words_of_both_languages() -> None:
    for text in PHRASES:
        frequency = parse(text)
        japanese, english = explain_ja(frequency, 2026, 2), explain_en(frequency, 2026, 2)
        assert "None" not in japanese + english, text
        assert (
            re.search(r"[一-龥ぁ-ん]", english.replace(text.strip(), "").replace("".join(frequency.sub_quotas), ""))
            is None
        )
        assert len(japanese.splitlines()) == len(english.splitlines())
        if frequency.judgment:
            assert "確認：" in japanese
            assert "Please check: " in english


def test_both_languages_know_every_kind() -> None:
    kinds = {parse(text).reading.kind: parse(text).reading for text in PHRASES}
    assert set(kinds) == set(Kind)
    assert all(phrase_ja(reading) and phrase_en(reading) for reading in kinds.values())
