"""Screening of free text (自由記述): what must not be written down about a person is noticed when it is saved.

A My Number is always refused. Telephone numbers, dates of birth and names of registered people are told as warnings,
or refused where a municipality's ``free_text_policy`` says so. Nothing found is ever repeated in an answer. Whoever
saves free text calls ``screened`` once with all of it; the ledger, which reads the names and the policy with what else
it needs, calls ``warnings_in``.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import literal, select, union_all
from sqlmodel import col

from domain.database import Session
from domain.errors import Fault, RuleError
from domain.folding import folded
from domain.places.municipalities import Municipality
from domain.places.people import Person
from domain.statements import within_reach
from domain.statements.reach import Among

_DIGIT: Final = re.compile("[0-9]")
_DASH: Final = r"[-\u2010-\u2015\u2212\u30fc\u30fb. \t]"
_MY_NUMBER: Final = re.compile(rf"(?<!\d)(\d{{4}}){_DASH}?(\d{{4}}){_DASH}?(\d{{4}})(?!\d)", re.ASCII)
_PHONE: Final = re.compile(
    rf"(?<!\d)(?:\+81{_DASH}?|0)\d{{1,4}}{_DASH}\(?\d{{1,4}}\)?{_DASH}?\d{{3,4}}(?!\d)"
    rf"|\(0\d{{1,4}}\)\s?\d{{1,4}}{_DASH}\d{{3,4}}(?!\d)"
    r"|(?<!\d)0(?:[5-9]0\d{8}|[1-9]\d{8})(?!\d)",
    re.ASCII,
)
_YEAR: Final = r"(?:(?:明治|大正|昭和|平成|令和|[MTSHR])\s?(?:\d{1,2}|元)|(?:19|20)\d\d)"
_DATE: Final = rf"{_YEAR}\s?[年./-]\s?\d{{1,2}}\s?[月./-]\s?\d{{1,2}}\s?日?"
_BIRTH: Final = re.compile(
    rf"(?:生年月日|誕生日)[^\d明大昭平令MTSHR\n]{{0,6}}{_DATE}"
    rf"|{_DATE}\s?(?:生|うまれ)"
    r"|(?:明治|大正|昭和)\s?(?:\d{1,2}|元)\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?日",
    re.ASCII,
)
_SHORTEST_NAME: Final = 3
"""Shorter names are parts of ordinary words too often to be told."""

REFUSE: Final = "refuse"
"""The policy of a municipality that lets nothing be stored that looks like personal data."""

_WORDS: Final = {
    "my_number_found": (
        "個人番号(マイナンバー)と思われる12桁の番号が含まれています。保存できません。",
        "This holds what looks like a My Number. It cannot be stored.",
    ),
    "phone_number_found": (
        "電話番号と思われるものが含まれています。個人の連絡先は書かないでください。",
        "This holds what looks like a telephone number. Leave personal contacts out.",
    ),
    "birth_date_found": (
        "生年月日と思われるものが含まれています。年代などに置き換えてください。",
        "This holds what looks like a date of birth. Use an age band instead.",
    ),
    "person_name_found": (
        "登録されている職員の氏名が含まれています。書く必要があるか確かめてください。",
        "This holds the name of a registered person. Check whether it is needed.",
    ),
}


_folded_name = lru_cache(maxsize=4096)(folded)
"""Folding is slow, and every text is compared with the same few names; texts themselves are never kept."""


def is_my_number(digits: str) -> bool:
    """Tell whether twelve digits end in the check digit of a My Number.

    Source: ordinance 85 of 2014 of the Ministry of Internal Affairs and Communications, article 5.

    >>> is_my_number("123456789018"), is_my_number("123456789012")
    (True, False)
    """
    total = sum(
        int(digit) * (place + 1 if place <= 6 else place - 5)
        for place, digit in enumerate(reversed(digits[:11]), start=1)
    )
    rest = total % 11
    return int(digits[11]) == (0 if rest <= 1 else 11 - rest)


def findings_in(text: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """Name what is found in a text, as codes; ``names`` are those of registered people.

    Width, kinds of dashes and invisible characters do not hide anything.

    >>> findings_in("個人番号１２３４－５６７８－９０１８"), findings_in("03-1234-5678 へ")
    (('my_number_found',), ('phone_number_found',))
    >>> findings_in("昭和50年3月2日生")
    ('birth_date_found',)
    >>> findings_in("2026年10月1日に訪問し、法人番号1234567890123を確認")
    ()
    """
    plain = _visible(text)
    found = []
    # Each of the three holds a digit, and most texts hold none.
    if _DIGIT.search(plain):
        if any(is_my_number("".join(match.groups())) for match in _MY_NUMBER.finditer(plain)):
            found.append("my_number_found")
        if _PHONE.search(plain):
            found.append("phone_number_found")
        if _BIRTH.search(plain):
            found.append("birth_date_found")
    if names_in(plain, names):
        found.append("person_name_found")
    return tuple(found)


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Give those of the names that stand in a text, in whatever spelling."""
    told = [name for name in names if len(_folded_name(name)) >= _SHORTEST_NAME]
    compact = folded(_visible(text)) if told else ""
    return [name for name in told if _folded_name(name) in compact]


def _visible(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    # What is printable, ends of lines aside, holds no invisible character; the rest is looked at one by one.
    if "".join(plain.split()).isprintable():
        return plain
    return "".join(c for c in plain if unicodedata.category(c) != "Cf")


_KNOWN = within_reach(
    union_all(
        select(literal("name").label("kind"), col(Person.name).label("word")).where(col(Person.deleted_at).is_(None)),
        select(literal("policy").label("kind"), col(Municipality.free_text_policy).label("word")).where(
            Among(col(Municipality.id), "codes")
        ),
    )
)


async def screened(
    session: Session, texts: Mapping[str, Any], *, municipality_ids: Iterable[str] | None = None
) -> tuple[Fault, ...]:
    """Screen what is about to be saved; give the warnings for the answer, each with the pointer of its member.

    ``texts`` maps member names (or paths with slashes) to what they shall hold; what is not text is passed over.
    ``municipality_ids`` are those the text is about; without them the strictest policy within reach counts.

    Raises:
        RuleError: ``my_number_found``, or ``personal_data_found`` where the policy is to refuse.
    """
    written = written_in(texts)
    if not written:
        return ()
    codes = list(session.actor.reach.municipalities if municipality_ids is None else municipality_ids)
    known = await session.rows(_KNOWN, codes=codes)
    names = [row["word"] for row in known if row["kind"] == "name"]
    is_strict = any(row["kind"] == "policy" and row["word"] == REFUSE for row in known)
    return warnings_in(written, names, is_strict=is_strict)


def written_in(texts: Mapping[str, Any]) -> dict[str, str]:
    """Give the members that hold text at all."""
    return {name: text for name, text in texts.items() if isinstance(text, str) and text.strip()}


def warnings_in(written: Mapping[str, str], names: Sequence[str], *, is_strict: bool) -> tuple[Fault, ...]:
    """Give the warnings about texts by member; ``names`` are those of registered people.

    Raises:
        RuleError: ``my_number_found``, or ``personal_data_found`` where ``is_strict``.
    """
    # All texts at once first: hardly ever is anybody named, and then each text need not be compared with everybody.
    named = names_in("\n".join(written.values()), names)
    faults = tuple(
        Fault(code, *_WORDS[code], pointer=f"/{name}")
        for name, text in written.items()
        for code in findings_in(text, named)
    )
    numbers = tuple(fault for fault in faults if fault.code == "my_number_found")
    if numbers:
        raise RuleError("my_number_found", *_WORDS["my_number_found"], faults=numbers)
    if faults and is_strict:
        raise RuleError(
            "personal_data_found",
            "個人情報と思われるものが含まれています。この自治体の設定により保存できません。",
            "This holds what looks like personal data; this municipality does not let it be stored.",
            faults=faults,
        )
    return faults
