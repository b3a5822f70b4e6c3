"""Office numbers (事業所番号): ten digits, of which the last is a check digit.

Two digits of prefecture, one of the kind of service (3: Comprehensive Support Act, 7: Child Welfare Act), two of the
district, four in order, one to check: modulus 10 with weights 2 and 1 from the right, digits of a product added.
Numbers given out wrongly exist, so a mismatch warns and never refuses. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from domain.errors import Fault

LENGTH: Final = 10
MISMATCH: Final = (
    "check_digit_mismatch",
    "事業所番号の検証番号が合いません。番号に誤りがないか確かめてください。",
    "The check digit of the office number does not fit. Make sure the number is right.",
)


def check_digit(stem: str) -> str:
    """Compute the tenth digit of an office number from its first nine.

    >>> check_digit("133010069"), check_digit("137010006")
    ('2', '5')
    """
    total = 0
    for place, digit in enumerate(reversed(stem)):
        product = int(digit) * (1 if place % 2 else 2)
        total += product // 10 + product % 10
    return str((10 - total % 10) % 10)


def is_checked(number: str) -> bool:
    """Tell whether the last of ten digits is the check digit of the others.

    >>> is_checked("1330100692"), is_checked("1330100693")
    (True, False)
    """
    return check_digit(number[:-1]) == number[-1]


def number_warnings(office: Mapping[str, Any]) -> Iterable[Fault]:
    """Warn of every office number of an office, its designations' included, whose check digit does not fit."""
    if office["office_number"] is not None and not is_checked(office["office_number"]):
        yield Fault(*MISMATCH, pointer="/office_number")
    for position, designation in enumerate(office["designations"]):
        number = designation["office_number"]
        if number is not None and not is_checked(number):
            yield Fault(*MISMATCH, pointer=f"/designations/{position}/office_number")
