"""五十音 order of readings, and the one text that a name is searched and sorted by.

Readings are typed in hiragana or katakana, with small and voiced kana and long-vowel marks; a list of names must not
fall apart by that. Source: JIS X 4061 (comparison first by the kana without marks, then with them).
"""

import unicodedata
from typing import Final

import jaconv

from domain.folding import folded

_SMALL: Final = str.maketrans("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ")
_VOICES: Final = "\u3099\u309a"
_ROWS: Final = {
    "あ": "あかさたなはまやらわ",
    "い": "いきしちにひみり",
    "う": "うくすつぬふむゆる",
    "え": "えけせてねへめれ",
    "お": "おこそとのほもよろを",
}
_VOWELS: Final = {kana: vowel for vowel, row in _ROWS.items() for kana in row}


def kana_order(reading: str) -> str:
    """Write a reading so that plain comparison sorts it in 五十音 order.

    Hiragana without voicing and small forms, long marks as the vowel they lengthen. Blanks do not count.

    >>> sorted(["がっこう", "カイ", "きく", "かき"], key=kana_order)
    ['カイ', 'かき', 'がっこう', 'きく']
    >>> kana_order("センター") == kana_order("せんたあ")
    True
    """
    plain = jaconv.kata2hira(unicodedata.normalize("NFKC", reading).lower())
    bare = "".join(c for c in unicodedata.normalize("NFD", plain) if c not in _VOICES).translate(_SMALL)
    written: list[str] = []
    for letter in bare:
        if letter == "ー" and written:
            written.append(_VOWELS.get(written[-1], written[-1]))
        elif not letter.isspace():
            written.append(letter)
    return "".join(written)


def name_index(name: str, reading: str, *, most: int) -> str:
    """Build what a list sorts and searches names by, at most ``most`` characters.

    First the order of the reading in hiragana, which a folded search text (katakana) never meets by chance, then the
    folded name and the folded reading.

    >>> folded("めぐろ") in name_index("目黒区", "めぐろく", most=240)
    True
    """
    return f"{kana_order(reading)} {folded(name)} {folded(reading)}"[:most]
