"""What free text must not hold is found however it is written, and ordinary text is left alone."""

import random

import pytest

from domain.places.free_text import findings_in, is_my_number

MY_NUMBER = "123456789018"


@pytest.mark.parametrize(
    "text",
    [
        MY_NUMBER,
        f"番号は{MY_NUMBER}です",
        "1234 5678 9018",
        "1234-5678-9018",
        "１２３４５６７８９０１８",
        "1234－5678－9018",
        "1234‐5678−9018",
        "1234・5678・9018".replace("・", "."),
        "1234\u200b56789018",
        "一行目\n二行目は1234\u200b5678\u00ad9018です\n",
        "①②③④5678 9018",
    ],
)
def test_a_my_number_is_found_however_it_is_written(text: str) -> None:
    assert "my_number_found" in findings_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "123456789012",
        "1234567890185",
        "81234567890189",
        "法人番号 1234567890181",
        "2026年10月1日 10:30~12:00 に訪問",
        "事業所番号1330100692",
        "1234 5678 901 8",
        "1234\n5678\n9018",
    ],
)
def test_other_numbers_are_not_my_numbers(text: str) -> None:
    assert "my_number_found" not in findings_in(text)


def test_one_in_eleven_random_numbers_has_a_check_digit_that_fits() -> None:
    numbers = random.Random(7)
    fits = sum(is_my_number(f"{numbers.randrange(10**12):012d}") for _ in range(20_000))
    # Remainders 0 and 1 both give 0, so the share is a tenth, not an eleventh.
    assert 0.09 < fits / 20_000 < 0.11


@pytest.mark.parametrize(
    "text",
    [
        "03-1234-5678",
        "０９０－１２３４－５６７８",
        "(03)1234-5678",
        "09012345678",
        "0312345678",
        "+81-90-1234-5678",
        "0120 123 456",
    ],
)
def test_telephone_numbers_are_found(text: str) -> None:
    assert findings_in(f"連絡先 {text} まで") == ("phone_number_found",)


@pytest.mark.parametrize(
    "text",
    [
        "昭和50年3月2日生",
        "S50.3.2生まれ",
        "1975年3月2日生まれ",
        "生年月日：1975/3/2",
        "誕生日は平成2年4月1日",
        "昭和５０年３月２日",
        "平成元年12月31日生",
    ],
)
def test_dates_of_birth_are_found(text: str) -> None:
    assert findings_in(text) == ("birth_date_found",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026年10月1日に訪問した。次回は2026-11-05。",
        "令和8年4月1日から担当",
        "平成24年法律第51号",
        "年2回以上、8:30~17:30、03の区分",
        "区分03-1を確認",
        "受給者 12名、うち65歳以上 3名",
        "新規の生活介護 2026年4月1日",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert findings_in(text, ["相談 花子", "林"]) == ()


@pytest.mark.parametrize("text", ["相談花子さん", "相談　花子", "相談 花子", "そうだん花子と相談花子"])
def test_names_of_registered_people_are_found_in_any_spacing(text: str) -> None:
    assert findings_in(text, ["相談 花子"]) == ("person_name_found",)


def test_old_forms_of_kanji_do_not_hide_a_name() -> None:
    assert findings_in("渡邊様より", ["渡辺様"]) == ("person_name_found",)
