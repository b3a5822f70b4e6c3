"""Readings that may govern a target: a text with one clear reading, or the reading a person confirmed for it.

Several values in one text are never added up and never guessed from; a person chooses.
"""

from typing import Any

from domain.errors import Fault, RuleError, rule_broken
from domain.frequency import Frequency, Kind, Reading, parse, phrase_en, phrase_ja

UNCONFIRMED = frozenset({Kind.MULTIPLE_VALUES, Kind.NOT_A_FREQUENCY})
_MOST_SHOWN = 10


def confirmed_reading(
    text: str, given: Any | None, *, text_field: str, reading_field: str, opening_fiscal_year: int | None = None
) -> Reading:
    """Give the reading of a frequency text, or the one given for it.

    ``given`` is the JSON form of a reading. The fields name the members of the body that a refusal hangs on.

    Raises:
        RuleError: ``several_values`` with every candidate, ``not_a_frequency``, or a given reading that is none.
    """
    if given is not None:
        return _given(given, reading_field)
    found = parse(text, opening_fiscal_year=opening_fiscal_year)
    if found.reading.kind is Kind.MULTIPLE_VALUES:
        raise several_values(found, text_field, reading_field)
    if found.reading.kind is Kind.NOT_A_FREQUENCY:
        raise rule_broken(
            "not_a_frequency",
            "回数として読み取れません。読み方(reading)を添えるか、書き直してください。",
            "This does not read as a frequency. Give its reading, or write it differently.",
            field=text_field,
        )
    return found.reading


def _given(given: Any, field: str) -> Reading:
    try:
        reading = Reading.from_json(given)
    except ValueError:
        raise rule_broken(
            "reading_invalid", "読み方の形が正しくありません。", "This is not a reading.", field=field
        ) from None
    if reading.kind in UNCONFIRMED:
        raise rule_broken(
            "reading_unconfirmed",
            "値が1つに決まっていない読み方は使えません。どれか1つを選んでください。",
            "This reading leaves the value open. Choose one.",
            field=field,
        )
    return reading


def several_values(found: Frequency, text_field: str, reading_field: str) -> RuleError:
    """Build the refusal of a text with several values: one fault for the text, one for each candidate."""
    ja = "回数が複数あり、1つに決められません。候補から1つを選び、読み方(reading)として送ってください。"
    en = "The text holds several values. Choose one of the candidates and send it as the reading."
    faults = [Fault("several_values", ja, en, pointer=f"/{text_field}")]
    faults += [
        Fault(
            "candidate",
            f"候補{number}: {phrase_ja(candidate.reading)}",
            f"Candidate {number}: {phrase_en(candidate.reading)}",
            pointer=f"/{reading_field}",
        )
        for number, candidate in enumerate(found.candidates[:_MOST_SHOWN], start=1)
    ]
    return RuleError("several_values", ja, en, faults=tuple(faults))
