"""Counts as tables: the rows of CSV and of a workbook, with codes for programs and labels for persons."""

from collections.abc import Iterator
from typing import Any

from domain.counts.cells import Counts
from domain.counts.qualities import QUALITY_JA
from domain.counts.questions import DIMENSIONS_JA


def head_of(counts: Counts) -> list[str]:
    """Give the names of the columns: new ones come last, so that a column stays where a program looks for it."""
    dimensions = (name for dimension in counts.question.dimensions for name in (dimension, f"{dimension}_ja"))
    return ["period", "period_ja", *dimensions, "metric", "value", "quality", "metric_ja", "quality_ja"]


def head_ja_of(counts: Counts) -> list[str]:
    """Give the names of the same columns in Japanese, for a workbook."""
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
