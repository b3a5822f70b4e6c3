"""Folding of names: one pass over a text is all its steps, one after another."""

import jaconv

from domain import folding

SURROGATES = range(0xD800, 0xE000)


def step_by_step(text: str) -> str:
    plain = jaconv.hira2kata(text).translate(folding.SMALL_KE)
    return plain.translate(folding.OLD_FORMS).translate(folding.VARIATION_SELECTORS)


def test_one_pass_is_all_steps_for_every_character() -> None:
    # The basic plane, the kanji of the next two, and the supplement of variation selectors.
    codes = [*range(0x30000), *range(0xE0000, 0xE0200)]
    letters = "".join(chr(code) for code in codes if code not in SURROGATES)
    assert letters.translate(folding.FOLDS) == step_by_step(letters)


def test_a_step_that_is_missing_would_be_noticed() -> None:
    lacking = {code: to for code, to in folding.FOLDS.items() if code != ord("ゖ")}
    assert "ゖ".translate(folding.FOLDS) == "ケ"
    assert "ゖ".translate(lacking) != step_by_step("ゖ")
