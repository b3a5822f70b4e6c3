"""Counts over the ledger (集計): JSON, CSV, NDJSON and Excel from the same question."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated, Any

import orjson
from fastapi import Query

from api.access import allow
from api.answers import JSON, Answer
from api.counts.count_files import head_ja_of, head_of, rows_of
from api.counts.count_shapes import CountsOut, CountsQuery, ExplainedQuery, FileQuery
from api.files import CSV, NDJSON, XLSX, csv_of, declared, file_of, workbook_of
from api.negotiation import Negotiated, offer_by_accept
from api.operations import area
from api.problems import invalid_parameters, problems
from domain import fiscal
from domain.access import Permission
from domain.counts import answers as count_answers
from domain.counts.cells import Counts
from domain.counts.metrics import RULE_VERSION
from domain.counts.qualities import QUALITY_JA
from domain.database import Session
from domain.errors import Fault

router = area("activity_counts", kind=Negotiated)

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
            "labels": counts.labels | {"metric": {m.key: m.name_ja for m in question.metrics}, "quality": QUALITY_JA},
        }
    )
    tail = {"totals": counts.totals} | ({} if explanation is None else {"explanation": explanation})
    body = b'%b,"observations":[%b],%b' % (head[:-1], b",".join(_observations(counts)), orjson.dumps(tail)[1:])
    return body, blake2b(body, digest_size=12).hexdigest()


@lru_cache(maxsize=64)
def _kept_body(counts: Counts) -> tuple[bytes, str]:
    return _body(counts, None)


_OFFERED: dict[int | str, dict[str, Any]] = {
    200: {"content": {media_type: {"schema": {"type": "string"}} for media_type in (CSV, NDJSON, XLSX)}},
    **problems(404),
}


@router.get("", response_model=CountsOut, responses=_OFFERED)
async def read_activity_counts(session: Reader, query: Annotated[ExplainedQuery, Query()]) -> Answer:
    """Count activities by month, kind, municipality, office, plan item … (活動の集計).

    With `.csv`, `.ndjson` or `.xlsx` after the path, or asked for by `Accept`, the numbers come as a file, without an
    explanation (集計のファイル).
    """
    if query.cursor is not None and not query.explain:
        ja, en = "cursor は explain=true のときだけ使えます。", "cursor goes with explain=true only."
        raise invalid_parameters((Fault("not_combinable", ja, en, parameter="cursor"),))
    counts, explanation = await count_answers.answer_to(
        session, query.model_dump(by_alias=True), explain=query.explain, limit=query.limit, cursor=query.cursor
    )
    body, etag = _kept_body(counts) if counts.is_kept and explanation is None else _body(counts, explanation)
    return Answer(body, media_type=JSON, etag=etag)


@router.get(".csv", response_model=None, responses=declared(CSV))
async def export_activity_counts_csv(session: Exporter, query: Annotated[FileQuery, Query()]) -> Answer:
    """Count activities, as CSV (活動の集計 CSV)."""
    counts = await count_answers.export_of(session, query.model_dump(by_alias=True), "csv")
    return csv_of([head_of(counts), *rows_of(counts)], "activity_counts", query.charset)


@router.get(".ndjson", response_model=None, responses=declared(NDJSON))
async def export_activity_counts_ndjson(session: Exporter, query: Annotated[CountsQuery, Query()]) -> Answer:
    """Count activities, one observation a line (活動の集計 NDJSON)."""
    counts = await count_answers.export_of(session, query.model_dump(by_alias=True), "ndjson")
    lines = b"".join(line + b"\n" for line in _observations(counts))
    return file_of(lines, NDJSON, "activity_counts.ndjson")


@router.get(".xlsx", response_model=None, responses=declared(XLSX))
async def export_activity_counts_xlsx(session: Exporter, query: Annotated[CountsQuery, Query()]) -> Answer:
    """Count activities, as an Excel workbook (活動の集計 Excel)."""
    counts = await count_answers.export_of(session, query.model_dump(by_alias=True), "xlsx")
    return workbook_of([head_ja_of(counts), *rows_of(counts)], "activity_counts", "集計")


offer_by_accept(router, "", {CSV: ".csv", NDJSON: ".ndjson", XLSX: ".xlsx"})
