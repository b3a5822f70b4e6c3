"""Counts as tables: the rows of CSV and of a workbook, with codes for programs and labels for persons."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from domain.counts.cells import Counts
from domain.counts.qualities import QUALITY_JA
from domain.counts.questions import DIMENSIONS_JA
from domain.later import later

xlsxwriter = later("xlsxwriter")

CSV = "text/csv"
NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def head_of(counts: Counts) -> list[str]:
    """Give the names of the columns: new ones come last, so that a column stays where a program looks for it."""
    dimensions = (name for dimension in counts.question.dimensions for name in (dimension, f"{dimension}_ja"))
    return ["period", "period_ja", *dimensions, "metric", "value", "quality", "metric_ja", "quality_ja"]


def _head_ja(counts: Counts) -> list[str]:
    """Give the names of the same columns in Japanese."""
    labels = (DIMENSIONS_JA[dimension] for dimension in counts.question.dimensions)
    dimensions = (name for label in labels for name in (f"{label}コード", label))
    return ["期間コード", "期間", *dimensions, "指標コード", "値", "区分コード", "指標", "区分"]


def rows_of(counts: Counts) -> Iterator[list[Any]]:
    """Give one row for each observation."""
    names = counts.question.dimensions
    for metric in counts.question.metrics:
        numbers, qualities = counts.numbers[metric.key], counts.qualities[metric.key]
        for place, (month, values) in enumerate(counts.places()):
            number = numbers[place]
            period = counts.period_of(month)
            labelled = (
                n
                for name, value in zip(names, values, strict=True)
                for n in (value, counts.labels.get(name, {}).get(value, value))
            )
            quality = qualities.get(place) or ("counted" if number else "zero")
            told = [metric.key, number, quality, metric.name_ja, QUALITY_JA[quality]]
            yield [period.code, period.label_ja, *labelled, *told]


def workbook_of(counts: Counts) -> bytes:
    """Write the table as a workbook. No text becomes a formula, a link or a number."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("集計")
    bold = book.add_format({"bold": True})
    for line, row in enumerate([_head_ja(counts), *rows_of(counts)]):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, value, bold if line == 0 else None)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
