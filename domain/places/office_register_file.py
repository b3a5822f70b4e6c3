"""The file of the national office register (障害福祉サービス等情報公表システムのオープンデータ): read, checked, pure.

One nationwide CSV per kind of service, twice a year, all of the same 29 columns; UTF-8 with a byte order mark as it is
published, cp932 once a spreadsheet has saved it. Only the columns in ``COLUMNS`` are taken; each is found by any of its
names, so that a changed heading needs no code. Lines are counted as an editor counts them, the heading being line 1.
Source: WAM NET (独立行政法人福祉医療機構) open data, layout of 2025-09 and 2026-03.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.errors import Fault, RuleError

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "area_code": ("都道府県コード又は市区町村コード", "都道府県コード", "市区町村コード"),
    "corporation_name": ("法人の名称", "法人名"),
    "service": ("サービス種別", "サービス種類", "サービスの種類"),
    "name": ("事業所の名称", "事業所名称", "事業所名"),
    "name_kana": ("事業所の名称_かな", "事業所名称_かな", "事業所の名称_カナ", "事業所名_かな"),
    "office_number": ("事業所番号", "事業所番号(10桁)"),
    "address_area": ("事業所住所(市区町村)", "事業所所在地(市区町村)"),
    "address_rest": ("事業所住所(番地以降)", "事業所所在地(番地以降)"),
    "telephone": ("事業所電話番号", "電話番号"),
    "fax": ("事業所FAX番号", "FAX番号"),
    "url": ("事業所URL", "URL"),
}
"""What is taken of the 29 columns, by our own name; headings are compared without width, blanks and case."""
OPTIONAL: Final = frozenset({"area_code", "corporation_name", "name_kana", "telephone", "fax", "url"})
SERVICES: Final[Mapping[str, str]] = {
    "計画相談支援": "specific",
    "障害児相談支援": "child",
    "地域相談支援(地域移行支援)": "general",
    "地域相談支援(地域定着支援)": "general",
    "地域移行支援": "general",
    "地域定着支援": "general",
}
"""The services that make an office one of ours, and the designation each stands for."""
LONGEST: Final = {"corporation_name": 100, "name": 100, "name_kana": 200, "telephone": 30, "fax": 30, "url": 300}
LONGEST_ADDRESS: Final = 200
MOST_LINES: Final = 60_000

_EMPTY: Final = frozenset({"", "-", "ー", "―", "—", "なし", "無し", "無", "NULL"})
_FORMULA: Final = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_PRIVATE_USE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_NOT_ALLOWED: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_LINK: Final = re.compile(r"https?://[!-~]+")


@dataclass(slots=True)
class RegisterLine:
    """One line of the file that speaks of a consultation service. ``faults`` say what is wrong with it, if anything."""

    number: int
    kind: str
    service: str
    values: dict[str, str | None]
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    def fault(self, column: str, code: str, ja: str, en: str) -> None:
        """Note what is wrong in a column; the cell itself is not repeated."""
        self.faults.append(_fault(self.number, column, code, ja, en))

    def warn(self, column: str, code: str, ja: str, en: str) -> None:
        """Note what a person should look at."""
        self.warnings.append(_fault(self.number, column, code, ja, en))


@dataclass(slots=True)
class RegisterFile:
    """The lines that are ours, and the numbers of those of other services and other places; empty ones are in none."""

    lines: list[RegisterLine] = field(default_factory=list)
    other_services: list[int] = field(default_factory=list)
    other_places: list[int] = field(default_factory=list)


def _fault(line: int, column: str, code: str, ja: str, en: str) -> Fault:
    heading = COLUMNS[column][0] if column in COLUMNS else column
    return Fault(code, f"{line}行目「{heading}」: {ja}", f"Line {line}, {heading}: {en}", pointer=f"/{line}/{heading}")


def _refused(code: str, ja: str, en: str, *faults: Fault) -> RuleError:
    return RuleError(code, ja, en, faults=faults)


def text_of(body: bytes) -> str:
    """Decode a file: UTF-8 with or without a byte order mark, or else cp932.

    Raises:
        RuleError: ``file_empty``, or ``encoding_unknown`` with the line that is neither.
    """
    if not body.strip():
        raise _refused("file_empty", "ファイルが空です。", "The file is empty.")
    line = 1
    for encoding in () if body.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp932"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError as error:
            line = body.count(b"\n", 0, error.start) + 1
    raise _refused(
        "encoding_unknown",
        f"文字コードが UTF-8 でも Shift_JIS(cp932)でもありません({line}行目)。",
        f"This is neither UTF-8 nor cp932 (line {line}).",
        Fault("encoding_unknown", f"{line}行目を読めません。", f"Line {line} cannot be read.", pointer=f"/{line}"),
    )


def file_of(body: bytes, is_local: Callable[[str, str], bool]) -> RegisterFile:
    """Read a file and check the lines that are ours cell by cell; what is not ours is only counted.

    ``is_local`` judges a line by its area code and the first part of its address; it is asked once for each pair.

    Raises:
        RuleError: what makes the file as a whole unreadable: encoding, headings, a broken line, too many lines.
    """
    rows = _rows_of(text_of(body))
    _, heading = next(rows, (1, []))
    places = _places_of(heading)
    file = RegisterFile()
    services: dict[str, str] = {}
    local: dict[tuple[str, str], bool] = {}
    for number, row in rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(heading):
            raise _refused(
                "line_broken",
                f"{number}行目の列の数({len(row)})が、見出し({len(heading)})と違います。",
                f"Line {number} has {len(row)} columns, the heading {len(heading)}.",
                Fault("line_broken", f"{number}行目", f"Line {number}", pointer=f"/{number}"),
            )
        told = row[places["service"]]
        service = services.get(told)
        if service is None:
            service = services[told] = _plain(told)
        area = (row[places["area_code"]] if "area_code" in places else "", row[places["address_area"]])
        if area not in local:
            local[area] = is_local(_plain(area[0]), area[1])
        if service not in SERVICES:
            file.other_services.append(number)
        elif not local[area]:
            file.other_places.append(number)
        else:
            file.lines.append(_line_of(number, service, {name: row[place] for name, place in places.items()}))
    return file


def _rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Run through the rows with the number of the line each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error:
            raise _refused(
                "line_broken",
                f"{begins}行目から先を CSV として読めません(引用符の対応など)。",
                f"From line {begins} on this is not CSV (check the quotes).",
                Fault("line_broken", f"{begins}行目", f"Line {begins}", pointer=f"/{begins}"),
            ) from None
        if row is None:
            return
        if begins > MOST_LINES:
            raise _refused("too_many_lines", f"{MOST_LINES}行までにしてください。", f"Send at most {MOST_LINES} lines.")
        yield begins, row
        begins = reader.line_num + 1


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _heading(text: str) -> str:
    # A remark in brackets follows some headings: NO(※システム内の固有の番号、連番).
    return re.sub(r"\(※.*\)$", "", _plain(text)).lower()


def _places_of(heading: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    by_heading: dict[str, list[int]] = {}
    for place, cell in enumerate(heading):
        by_heading.setdefault(_heading(cell), []).append(place)
    faults = []
    for name, aliases in COLUMNS.items():
        places = next((by_heading[_heading(alias)] for alias in aliases if _heading(alias) in by_heading), [])
        if len(places) == 1:
            found[name] = places[0]
        elif places:
            ja, en = "この見出しが2度あります。", "This heading occurs twice."
            faults.append(_fault(1, name, "column_repeated", ja, en))
        elif name not in OPTIONAL:
            faults.append(_fault(1, name, "column_missing", "この列がありません。", "This column is missing."))
    if faults:
        raise _refused(
            "columns_wrong",
            "見出しの行に必要な列がそろっていません。本文には CSV ファイルそのものを入れてください。",
            "The heading lacks columns that are needed. Send the CSV file itself as the body.",
            *faults,
        )
    return found


def _line_of(number: int, service: str, cells: Mapping[str, str]) -> RegisterLine:
    line = RegisterLine(number, SERVICES[service], service, {})
    for name in COLUMNS:
        line.values[name] = _cell(line, name, cells.get(name, ""))
    for name in ("name", "office_number", "address_area"):
        if line.values[name] is None and not any(f.pointer == f"/{number}/{COLUMNS[name][0]}" for f in line.faults):
            line.fault(name, "required", "空です。", "It is empty.")
    link = line.values["url"]
    if link is not None and not _LINK.fullmatch(link):
        line.values["url"] = None
        line.warn("url", "url_left_out", "URLの形ではないため取り込みません。", "This is not a URL; it is left out.")
    _check_number(line)
    address = f"{line.values.pop('address_area') or ''}{line.values.pop('address_rest') or ''}"
    line.values["address"] = address or None
    if len(address) > LONGEST_ADDRESS:
        line.fault("address_rest", "too_long", "長すぎます。", "It is too long.")
    return line


def _cell(line: RegisterLine, name: str, raw: str) -> str | None:
    text = raw.strip()
    if text in _EMPTY or _plain(text) in _EMPTY:
        return None
    if _PRIVATE_USE.search(text):
        line.fault(name, "gaiji_not_supported", "外字が含まれています。", "It holds a private-use character (gaiji).")
    elif _NOT_ALLOWED.search(text):
        ja, en = "使えない制御文字が含まれています。", "It holds a control character."
        line.fault(name, "character_not_allowed", ja, en)
    elif text.startswith(_FORMULA):
        line.fault(name, "formula_cell", "数式のようなセルです。", "It looks like a formula.")
    elif len(text) > LONGEST.get(name, LONGEST_ADDRESS):
        line.fault(name, "too_long", "長すぎます。", "It is too long.")
    else:
        return text
    return None


def _check_number(line: RegisterLine) -> None:
    text = line.values["office_number"]
    if text is None:
        return
    number = _plain(text)
    if len(number) == 10 and number.isascii() and number.isdigit():
        line.values["office_number"] = number
        return
    line.values["office_number"] = None
    ja = "10桁の数字ではありません(表計算ソフトで先頭の0が失われていないか確かめてください)。"
    en = "It is not ten digits (a spreadsheet may have dropped leading zeros)."
    line.fault("office_number", "office_number_form", ja, en)
