"""Codes, numbers and readings that are checked or ordered by rule."""

import pytest

from domain.kana_order import kana_order, name_index
from domain.places.local_government_codes import PREFECTURES, check_digit, is_local_government_code, prefecture_of
from domain.places.office_numbers import check_digit as office_check_digit
from domain.places.office_numbers import is_checked


@pytest.mark.parametrize("code", ["131105", "131211", "141062", "141003", "432113", "432130", "433489", "011002"])
def test_real_codes_are_codes(code: str) -> None:
    assert is_local_government_code(code)


@pytest.mark.parametrize("place", range(6))
def test_any_single_wrong_digit_is_noticed(place: int) -> None:
    code = "131105"
    for digit in "0123456789":
        wrong = code[:place] + digit + code[place + 1 :]
        assert is_local_government_code(wrong) == (wrong == code)


@pytest.mark.parametrize("code", ["", "13110", "1311055", "13110x", "000000", "480000", " 31105", "131105\n"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert not is_local_government_code(code)


def test_there_are_47_prefectures_from_hokkaido_to_okinawa() -> None:
    assert (len(PREFECTURES), len(set(PREFECTURES))) == (47, 47)
    assert (prefecture_of("010000"), prefecture_of("131105"), prefecture_of("470000")) == ("北海道", "東京都", "沖縄県")


def test_the_check_digit_is_one_digit_for_every_stem() -> None:
    assert all(len(check_digit(f"{stem:05d}")) == 1 for stem in range(0, 100_000, 97))


@pytest.mark.parametrize("number", ["1370100057", "1330100692", "1370100065", "1330100726", "1330100304", "1370100107"])
def test_numbers_given_out_have_fitting_check_digits(number: str) -> None:
    assert is_checked(number)


@pytest.mark.parametrize("place", range(10))
def test_any_single_wrong_digit_of_an_office_number_is_noticed(place: int) -> None:
    number = "1330100692"
    for digit in "0123456789":
        wrong = number[:place] + digit + number[place + 1 :]
        assert is_checked(wrong) == (wrong == number)
    assert len(office_check_digit(number[:9])) == 1


def test_readings_sort_in_the_order_of_the_fifty_sounds() -> None:
    ordered = [
        "あい",
        "アイウ",
        "いえ",
        "かー",
        "カア",
        "かき",
        "がく",
        "きゃく",
        "キヤクシュ",
        "ハハ",
        "ばば",
        "ぱぱい",
        "ん",
    ]
    keys = [kana_order(reading) for reading in ordered]
    assert keys == sorted(keys)


def test_an_index_never_outgrows_its_column() -> None:
    assert len(name_index("㍿" * 100, "ﾊﾞ" * 200, most=400)) == 400
