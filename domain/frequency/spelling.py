"""One spelling for frequency texts: width, dashes, kanji numerals, か月, 回 and ごと are written in one way.

``normalise`` changes no meaning and is idempotent; every pass is linear in the length of the text.
"""

import re
import unicodedata

KANJI_DIGITS = {kanji: value for value, kanji in enumerate("〇一二三四五六七八九")} | {"壱": 1, "弐": 2, "参": 3}
_KANJI = "〇一二三四五六七八九十百壱弐参拾"

_CIRCLED = dict.fromkeys((*range(0x2460, 0x2474), *range(0x2776, 0x2794), *range(0x3280, 0x328A)), "\n")
"""Circled numbers head a line. NFKC would glue them on: ②月1回 must not become 2月1回."""
_INVISIBLE = (0xAD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10))
_BEFORE_NFKC: dict[int, str] = _CIRCLED | dict.fromkeys(_INVISIBLE, "")
_AFTER_NFKC = str.maketrans(
    {
        **dict.fromkeys("〜∼〰∿", "~"),
        **dict.fromkeys("⇒➡⇨➔➜⟶", "→"),
        **dict.fromkeys("■□●○◎◆◇★☆※▪▫•‣▶▷►", "\n"),
        **dict.fromkeys("[{〔【〈《「『", "("),
        **dict.fromkeys("]}〕】〉》」』", ")"),
        "\u2044": ".",  # NFKC writes ½ as 1⁄2: no number of times
        **dict.fromkeys("‐‑‒–—―−─━", "-"),
    }
)
_BLANK = re.compile(r"(?<=[年月週間にき])(?:[〇○◯●□■△_＿XxＸｘ]{1,4}|[(（][ 　]{0,4}[)）])(?=回)|若干(?=回)")
"""A number still to be filled in: 年○回, 月（　）回."""
_LIST_SIGN = r"(?: ?[~・、,-] ?|から|ないし|乃至|または|又は|もしくは|若しくは|か)"
_COUNTER = r"(?:回|度|か月|[ヶケカヵ箇個]月|[ヶケカヵ箇か]?年|月(?!曜)|週|日(?!曜)|人|名|件|事業所|営業日)"
_NUMBER = rf"[0-9{_KANJI}]{{1,4}}"

_DASH = re.compile(
    r"(?P<date>(?<![0-9])[0-9]{4}[-/.][0-9]{1,2}(?:[-/.][0-9]{1,2})?)"
    rf"|(?<=[0-9{_KANJI}月火水木金土日時分半曜回末頃)目度]) ?[-ー] ?(?=[0-9{_KANJI}月火水木金土日第午(初])"
)
_THOUSANDS = re.compile(r"(?<![0-9,])([0-9]{1,3}),([0-9]{3})(?![0-9,])")
_ORDINALS = re.compile(rf"(?<=第)(?:(?!四半期)[{_KANJI}])+(?:[・、,](?:(?!四半期)[{_KANJI}])+)*")
_COUNTED = re.compile(
    rf"(?<![{_KANJI}])[{_KANJI}]{{1,4}}(?=(?:{_LIST_SIGN}第?{_NUMBER}){{0,4}}{_COUNTER}|時(?:から|半|[~0-9]))"
    rf"|(?<![{_KANJI}])(?:[二三四五六七八九十]|[{_KANJI}]{{2,3}})(?=時)|(?<![{_KANJI}])[{_KANJI}]{{1,3}}(?=時間)"
    rf"|(?<=[時間])[{_KANJI}]{{1,3}}(?=分)|(?<=令和|平成|昭和)[{_KANJI}]{{1,3}}(?=年)"
)
_PASSES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=[0-9数何]) ?[ヶケカヵか箇個] ?(?=[月年](?!曜))"), "か"),
    (re.compile(r"(?<=[0-9数何])か年"), "年間"),
    (re.compile(r"(?:ひと|一)(?:と|ト)?(?:月|つき)(?=に|おき|ごと|毎)"), "1か月"),
    (re.compile(r"(?:ふた|二)(?:た|タ)?(?:月|つき)(?=に|おき|ごと|毎)"), "2か月"),
    (re.compile(r"(?<=[0-9数何]) ?度(?![合数])"), "回"),
    (
        re.compile(
            r"(?:(?<=[年月週期日間所人会区域校件名設体])|(?<=年度))毎(?![年月週日回朝夕]|四半期|半期|学期|営業|開所日|会計)"
        ),
        "ごと",
    ),
    (re.compile(r"又は|若しくは|もしくは|あるいは|或いは|或は"), "または"),
    (re.compile(r"および|並びに|ならびに"), "及び"),
    (re.compile(r"おおむね|おおよそ|大凡|大体|だいたい"), "概ね"),
    (re.compile(r"づつ"), "ずつ"),
    (re.compile(r"毎(?=[月火水木金土日]曜)"), "毎週"),
    (re.compile(r"(?<=[0-9])(か月|週間?|年)(?=(?:~|ないし|乃至|または|から)[0-9]{1,2}\1(?:に|ごと|おき))"), ""),
    (re.compile(r"(?<=[年月週])(?:一|イチ)(?=に?(?:開催|実施)|訪問|定例|ペース|程度|くらい|ぐらい|[、。) ]|$)"), "1"),
    (re.compile(r"半年(?:~|ないし|乃至|または|から)1年(?=に|ごと)"), "6~12か月"),
    (re.compile(r"(?<![0-9])(([年月週])[0-9]{1,3}回(?:~|ないし|乃至|または))\2(?=[0-9]{1,3}回)"), r"\1"),
    (re.compile(r"(?<![0-9])1年半(?=[にごお])"), "18か月"),
    (re.compile(r"(?<![0-9])2年半(?=[にごお])"), "30か月"),
    (re.compile(r"(?<=[~ら・、,と])翌年?の?(?=[0-9]{1,2}月)"), ""),
    (
        re.compile(r"(?<=[0-9数])(?<!:[0-9]{2}) (?=(?:か月|[回年週人名件半]|月(?!曜|[0-9]+回)|日(?!曜)|[時分])(?!\)))"),
        "",
    ),
    (re.compile(r"(?<=[第計全約各に]) (?=[0-9])"), ""),
    (re.compile(r"(?:(?<![0-9か].)(?<=[年月週])|(?<=年間)) (?=[0-9]{1,4}(?:[~、・,]|回))"), ""),
    (re.compile(r"(?<=[令平昭][和成]) (?=[0-9元])|(?<=[0-9元]年) (?=[0-9]{1,2}月)|(?<=月) (?=[0-9]{1,2}日)"), ""),
    (re.compile(rf"(?<=[0-9時分半月日火水木金土曜)]) ?~ ?(?=[0-9{_KANJI}午月火水木金土日(第])"), "~"),
    (re.compile(r" ?([/:+]) ?"), r"\1"),
)


def normalise(text: str) -> str:
    """Give the one spelling of a frequency text.

    >>> normalise("年２～３回（うち一度は公開）"), normalise("二箇月に一度"), normalise("第二・第四火曜")
    ('年2~3回(うち1回は公開)', '2か月に1回', '第2・第4火曜')
    """
    named = _BLANK.sub("何", text.translate(_BEFORE_NFKC))
    plain = unicodedata.normalize("NFKC", named).translate(_AFTER_NFKC)
    while (settled := _settled(plain)) != plain:
        plain = settled
    return plain


def _settled(text: str) -> str:
    """Run every rewriting once. Each leaves fewer blanks, kanji numerals or variants, so repeating comes to an end."""
    plain = " ".join(text.split())
    plain = _DASH.sub(lambda found: found["date"] or "~", plain)
    plain = _THOUSANDS.sub(r"\1\2", plain)
    plain = _ORDINALS.sub(lambda found: _digits_in(found[0]), plain)
    plain = _COUNTED.sub(lambda found: _digits(found[0], found.string[found.end() : found.end() + 1]), plain)
    for pattern, replacement in _PASSES:
        plain = pattern.sub(replacement, plain)
    return plain.strip()


def _digits_in(listed: str) -> str:
    return re.sub(rf"[{_KANJI}]+", lambda found: _digits(found[0], ""), listed)


def _digits(kanji: str, following: str) -> str:
    """Write a kanji numeral in digits: 十二 = 12, 二三回 = 2~3回 (two or three, not 23)."""
    if len(kanji) == 2 and following in {"回", "度"} and not set(kanji) & set("十百拾〇"):
        first, second = (KANJI_DIGITS[sign] for sign in kanji)
        if second == first + 1:
            return f"{first}~{second}"
    if not set(kanji) & set("十百拾"):
        return "".join(str(KANJI_DIGITS[sign]) for sign in kanji)
    total, digit = 0, 0
    for sign in kanji:
        if sign in KANJI_DIGITS:
            digit = digit * 10 + KANJI_DIGITS[sign]
        else:
            total, digit = total + (digit or 1) * (100 if sign == "百" else 10), 0
    return str(total + digit)
