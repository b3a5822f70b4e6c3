"""Local government codes (全国地方公共団体コード): five digits of JIS X 0401/0402 and a check digit.

The first two digits name the prefecture, so a code and a prefecture can contradict each other; three towns are called
美里町, so a name alone names nobody. Pure.
"""

from typing import Final

PREFECTURES: Final = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県",
    "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県",
    "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県",
    "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip
"""The 47 prefectures in the order of their numbers, 北海道 being 01."""

DESIGNATED_CITIES: Final = {
    "011002": "札幌市",
    "041009": "仙台市",
    "111007": "さいたま市",
    "121002": "千葉市",
    "141003": "横浜市",
    "141305": "川崎市",
    "141500": "相模原市",
    "151009": "新潟市",
    "221007": "静岡市",
    "221309": "浜松市",
    "231002": "名古屋市",
    "261009": "京都市",
    "271004": "大阪市",
    "271403": "堺市",
    "281000": "神戸市",
    "331007": "岡山市",
    "341002": "広島市",
    "401005": "北九州市",
    "401307": "福岡市",
    "431001": "熊本市",
}
"""The designated cities (政令指定都市): wards of two of them in one prefecture share their names (緑区, 北区)."""

CODE_LENGTH: Final = 6
_WEIGHTS: Final = (6, 5, 4, 3, 2)


def check_digit(stem: str) -> str:
    """Compute the sixth digit of a code from its first five.

    >>> check_digit("13110"), check_digit("43348")
    ('5', '9')
    """
    total = sum(int(digit) * weight for digit, weight in zip(stem, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


def is_local_government_code(code: str) -> bool:
    """Tell whether a text is six digits of which the last is the check digit of the others.

    >>> [is_local_government_code(c) for c in ("131105", "131211", "141062", "432113", "432130", "433489")]
    [True, True, True, True, True, True]
    >>> all(map(is_local_government_code, DESIGNATED_CITIES))
    True
    >>> is_local_government_code("131106"), is_local_government_code("１３１１０５")
    (False, False)
    """
    if len(code) != CODE_LENGTH or not (code.isascii() and code.isdigit()):
        return False
    return prefecture_of(code) is not None and check_digit(code[:5]) == code[5]


def prefecture_of(code: str) -> str | None:
    """Name the prefecture of a code by its first two digits; None where there is no such prefecture.

    >>> prefecture_of("141062"), prefecture_of("990000")
    ('神奈川県', None)
    """
    number = int(code[:2])
    return PREFECTURES[number - 1] if 1 <= number <= len(PREFECTURES) else None
