"""Tables as files (CSV, Excel): the same rows that an answer holds, for a spreadsheet, without cells that run."""

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from io import BytesIO
from typing import Any, Literal

from api.answers import Answer
from api.exports import cell, csv_lines, refuse_charset
from api.problems import problems
from domain.later import later

xlsxwriter = later("xlsxwriter")

CSV = "text/csv"
NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Charset = Literal["utf-8", "cp932"]
Table = Iterable[Sequence[Any]]
"""A head, then one row for each line."""


def declared(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Declare an answer that is a file."""
    return {
        200: {"content": {media_type: {"schema": {"type": "string"}}}, "description": "The file (ファイル)."},
        **problems(404),
    }


def file_of(body: bytes, media_type: str, name: str) -> Answer:
    """Give bytes as a file of that name."""
    answer = Answer(body, media_type=media_type, etag=blake2b(body, digest_size=12).hexdigest())
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def csv_of(table: Table, name: str, charset: Charset) -> Answer:
    """Give a table as CSV; UTF-8 begins with a mark, by which spreadsheets know it."""
    text = csv_lines(list(table))
    if charset == "cp932":
        refuse_charset(text)
        return file_of(text.encode("cp932"), "text/csv; charset=Shift_JIS", f"{name}.csv")
    return file_of(b"\xef\xbb\xbf" + text.encode(), "text/csv; charset=utf-8", f"{name}.csv")


def workbook_of(table: Table, name: str, sheet_ja: str) -> Answer:
    """Give a table as an Excel workbook. No text becomes a formula, a link or a number."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet(sheet_ja)
    bold = book.add_format({"bold": True})
    for line, row in enumerate(table):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value is not None:
                text = value if isinstance(value, str) else cell(value)
                sheet.write_string(line, column, text, bold if line == 0 else None)
    sheet.freeze_panes(1, 0)
    book.close()
    return file_of(out.getvalue(), XLSX, f"{name}.xlsx")
