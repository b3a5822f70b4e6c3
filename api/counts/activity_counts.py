"""Counts over the ledger (集計): JSON, CSV, NDJSON and Excel from the same question."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from typing import Annotated, Any

import orjson
from fastapi import Query

from api.access import allow
from api.answers import JSON, Answer
from api.counts.count_shapes import CountsOut, CountsQuery, ExplainedQuery, FileQuery
from api.exports import csv_lines, refuse_charset
from api.operations import area
from api.problems import invalid_parameters, problems
from domain import fiscal
from domain.access import Permission
from domain.counts import answers as count_answers
from domain.counts.cells import Counts
from domain.counts.metrics import RULE_VERSION
from domain.database import Session
from domain.errors import Fault
from domain.later import later

router = area("activity_counts")
xlsxwriter = later("xlsxwriter")

Reader = Annotated[Session, allow(Permission.ACTIVITY_COUNTS_READ)]
Exporter = Annotated[Session, allow(Permission.ACTIVITY_COUNTS_READ, writes=True)]


@lru_cache(maxsize=512)
def _prefixes(counts_shape: tuple[Any, ...]) -> tuple[bytes, ...]:
    """Make what stands before the number of every cell; the same question has the same cells."""
    period, months, names, combinations, metric = counts_shape
    made = []
    for month in months:
        found = period if month is None else fiscal.period_of_month(month)
        head = orjson.dumps({"code": found.code, "label_ja": found.label_ja})
        for values in combinations:
            dimensions = orjson.dumps(dict(zip(names, values, strict=True)))
            made.append(b'{"period":%b,"dimensions":%b,"metric":%b,"value":' % (head, dimensions, orjson.dumps(metric)))
    return tuple(made)


_ZERO = b'0,"quality":"zero"}'


def _observations(counts: Counts) -> Iterator[bytes]:
    question = counts.question
    for metric in question.metrics:
        shape = (question.period, counts.months, question.dimensions, counts.combinations, metric.key)
        qualities = counts.qualities[metric.key]
        for place, (prefix, number) in enumerate(zip(_prefixes(shape), counts.numbers[metric.key], strict=True)):
            if number:
                yield b'%b%d,"quality":"counted"}' % (prefix, number)
            elif number == 0:
                yield prefix + _ZERO
            else:
                yield b'%bnull,"quality":"%b"}' % (prefix, qualities[place].encode())


def _body(counts: Counts, explanation: Any) -> tuple[bytes, str]:
    """Give the bytes and their ETag."""
    question, period = counts.question, counts.question.period
    head = orjson.dumps(
        {
            "period": {
                "from": fiscal.month_code(period.first_month),
                "to": fiscal.month_code(period.last_month),
                "code": period.code,
                "label_ja": period.label_ja,
            },
            "group_by": question.group_by,
            "metrics": [metric.key for metric in question.metrics],
            "rule_version": RULE_VERSION,
            "basis": "live",
            "labels": counts.labels,
        }
    )
    tail = {"totals": counts.totals} | ({} if explanation is None else {"explanation": explanation})
    body = b'%b,"observations":[%b],%b' % (head[:-1], b",".join(_observations(counts)), orjson.dumps(tail)[1:])
    return body, blake2b(body, digest_size=12).hexdigest()


@lru_cache(maxsize=64)
def _kept_body(counts: Counts) -> tuple[bytes, str]:
    return _body(counts, None)


@router.get("", response_model=CountsOut, responses=problems(404))
async def read_activity_counts(session: Reader, query: Annotated[ExplainedQuery, Query()]) -> Answer:
    """Count activities by month, kind, municipality, office, plan item … (活動の集計)."""
    if query.cursor is not None and not query.explain:
        ja, en = "cursor は explain=true のときだけ使えます。", "cursor goes with explain=true only."
        raise invalid_parameters((Fault("not_combinable", ja, en, parameter="cursor"),))
    counts, explanation = await count_answers.answer_to(
        session, query.model_dump(by_alias=True), explain=query.explain, limit=query.limit, cursor=query.cursor
    )
    body, etag = _kept_body(counts) if counts.is_kept and explanation is None else _body(counts, explanation)
    return Answer(body, media_type=JSON, etag=etag)


def _rows(counts: Counts) -> Iterator[list[Any]]:
    """Give the table: a head, then one row for each observation with codes and labels."""
    question = counts.question
    names = question.dimensions
    yield ["period", "period_ja", *(n for name in names for n in (name, f"{name}_ja")), "metric", "value", "quality"]
    for metric in question.metrics:
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
            yield [period.code, period.label_ja, *labelled, metric.key, number, quality]


def _file(body: bytes, media_type: str, ending: str) -> Answer:
    answer = Answer(body, media_type=media_type, etag=blake2b(body, digest_size=12).hexdigest())
    answer.headers["Content-Disposition"] = f'attachment; filename="activity_counts.{ending}"'
    return answer


def _file_of(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Declare an answer that is a file."""
    return {
        200: {"content": {media_type: {"schema": {"type": "string"}}}, "description": "The file (ファイル)."},
        **problems(404),
    }


@router.get(".csv", response_model=None, responses=_file_of("text/csv"))
async def export_activity_counts_csv(session: Exporter, query: Annotated[FileQuery, Query()]) -> Answer:
    """Count activities, as CSV (活動の集計 CSV)."""
    counts = await count_answers.export_of(session, query.model_dump(by_alias=True), "csv")
    text = csv_lines(list(_rows(counts)))
    if query.charset == "cp932":
        refuse_charset(text)
        return _file(text.encode("cp932"), "text/csv; charset=Shift_JIS", "csv")
    return _file(b"\xef\xbb\xbf" + text.encode(), "text/csv; charset=utf-8", "csv")


@router.get(".ndjson", response_model=None, responses=_file_of("application/x-ndjson"))
async def export_activity_counts_ndjson(session: Exporter, query: Annotated[CountsQuery, Query()]) -> Answer:
    """Count activities, one observation a line (活動の集計 NDJSON)."""
    counts = await count_answers.export_of(session, query.model_dump(by_alias=True), "ndjson")
    return _file(b"".join(line + b"\n" for line in _observations(counts)), "application/x-ndjson", "ndjson")


@router.get(
    ".xlsx",
    response_model=None,
    responses=_file_of("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
)
async def export_activity_counts_xlsx(session: Exporter, query: Annotated[CountsQuery, Query()]) -> Answer:
    """Count activities, as an Excel workbook (活動の集計 Excel)."""
    counts = await count_answers.export_of(session, query.model_dump(by_alias=True), "xlsx")
    return _file(_workbook(counts), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")


def _workbook(counts: Counts) -> bytes:
    """Write the table as a workbook. No text becomes a formula, a link or a number."""
    out = BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    sheet = book.add_worksheet("集計")
    bold = book.add_format({"bold": True})
    for line, row in enumerate(_rows(counts)):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value is not None:
                sheet.write_string(line, column, value, bold if line == 0 else None)
    sheet.freeze_panes(1, 0)
    book.close()
    return out.getvalue()
