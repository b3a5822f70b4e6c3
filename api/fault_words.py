"""What is said of a member or parameter that does not fit its shape: the bound, the kind of value, the list.

The bounds are ours and stand in the contract; a value that a caller sent is never repeated. Codes stay the same
whatever the words.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

Words = tuple[str, str, str]

_PLAIN: Final[dict[str, Words]] = {
    "missing": ("required", "必ず入れてください。", "This is required."),
    "extra_forbidden": ("unknown_member", "この項目はありません。", "There is no such member."),
    "blank": ("blank", "空白だけでは入れられません。", "White space alone is no content."),
    "repeated": ("repeated", "同じ値が2度あります。", "A value is given twice."),
    "json_invalid": ("not_json", "JSON として読めません。", "This is not JSON."),
    "none_required": ("not_allowed", "ここには値を入れられません。", "No value is allowed here."),
    "finite_number": ("invalid", "有限の数にしてください。", "Give a finite number."),
}
_KINDS: Final = (
    ("string", "文字列", "a text"),
    ("int", "整数", "a whole number"),
    ("float", "数", "a number"),
    ("decimal", "数", "a number"),
    ("bool", "true か false", "true or false"),
    ("datetime", "2026-10-01T09:00:00+09:00 の形の日時", "an instant such as 2026-10-01T09:00:00+09:00"),
    ("timezone", "時差のある日時", "an instant with its offset"),
    ("date", "YYYY-MM-DD の日付", "a day as YYYY-MM-DD"),
    ("time", "HH:MM の時刻", "a time as HH:MM"),
    ("uuid", "UUID の形の ID", "an id in the form of a UUID"),
    ("list", "配列", "a list"),
    ("tuple", "配列", "a list"),
    ("set", "配列", "a list"),
    ("dict", "オブジェクト", "an object"),
    ("model", "オブジェクト", "an object"),
)
"""The beginning of what pydantic calls a fault, and the kind of value that was asked for."""
_QUOTED: Final = re.compile(r"'([^']*)'")


def words_for(kind: str, about: Mapping[str, Any]) -> Words:
    """Say a fault by what pydantic calls it and what it knows ``about`` the bound."""
    return _PLAIN.get(kind) or _of_size(kind, about) or _of_number(kind, about) or _of_form(kind, about)


def _of_size(kind: str, about: Mapping[str, Any]) -> Words | None:
    least, most = about.get("min_length"), about.get("max_length")
    if kind == "string_too_long":
        return (
            "too_long",
            f"長すぎます。{most}文字までにしてください。",
            f"This is too long: at most {most} characters.",
        )
    if kind == "string_too_short":
        return "too_short", f"短すぎます。{least}文字以上にしてください。", f"This is too short: {least} or more."
    if kind == "too_long":
        return "too_many", f"数が多すぎます。{most}までにしてください。", f"There are too many: at most {most}."
    if kind == "too_short":
        return "too_few", f"数が足りません。{least}以上にしてください。", f"There are too few: at least {least}."
    return None


def _of_number(kind: str, about: Mapping[str, Any]) -> Words | None:
    if kind == "greater_than_equal":
        least = about.get("ge")
        return "too_small", f"小さすぎます。{least}以上にしてください。", f"This is too small: {least} or more."
    if kind == "greater_than":
        below = about.get("gt")
        return "too_small", f"小さすぎます。{below}より大きくしてください。", f"This is too small: more than {below}."
    if kind == "less_than_equal":
        most = about.get("le")
        return "too_large", f"大きすぎます。{most}以下にしてください。", f"This is too large: at most {most}."
    if kind == "less_than":
        above = about.get("lt")
        return "too_large", f"大きすぎます。{above}より小さくしてください。", f"This is too large: less than {above}."
    return None


def _of_form(kind: str, about: Mapping[str, Any]) -> Words:
    if kind in ("enum", "literal_error"):
        expected = str(about.get("expected", ""))
        listed = ", ".join(_QUOTED.findall(expected)) or expected
        return "not_in_list", f"使えるのは {listed} です。", f"Use one of {listed}."
    if kind == "string_pattern_mismatch":
        form = about.get("pattern")
        return "wrong_form", f"書き方が決まりと違います。形は {form} です。", f"This is not of the form {form}."
    found = next(((ja, en) for start, ja, en in _KINDS if kind.startswith(start)), None)
    if found is None:
        return "invalid", "値が正しくありません。", "This value is not valid."
    ja, en = found
    if kind.endswith(("_type", "_from_float")):
        return "wrong_type", f"値の種類が違います。{ja}にしてください。", f"This is of the wrong type: give {en}."
    return (
        "wrong_form",
        f"書き方が決まりと違います。{ja}にしてください。",
        f"This is not of the form asked for: give {en}.",
    )
