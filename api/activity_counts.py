"""Counts over the ledger (集計): JSON, CSV, NDJSON and Excel from the same question."""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from io import BytesIO
from typing import Annotated, Any, Literal

import orjson
import xlsxwriter
from fastapi import Query
from pydantic import BaseModel, Field

from api.access import allow
from api.answers import JSON, Answer
from api.exports import csv_lines, refuse_charset
from api.operations import area
from api.problems import problems
from api.shapes import Incoming
from domain import count_answers, fiscal
from domain.access import Permission
from domain.counts import Counts
from domain.database import Session
from domain.metrics import RULE_VERSION

router = area("activity_counts")

Quality = Literal["counted", "zero", "not_started", "not_applicable"]


class CountsQuery(Incoming):
    """What is asked of the counts."""

    from_: str | None = Field(default=None, alias="from", description="First month (開始月).", examples=["2026-04"])
    to: str | None = Field(default=None, description="Last month, included (終了月).", examples=["2027-03"])
    fiscal_year: str | None = Field(
        default=None, description="Instead of months: fiscal year (年度).", examples=["2026"]
    )
    period: str | None = Field(
        default=None,
        max_length=40,
        description="Instead of months: 2026-04, FY2026, FY2026-Q1, FY2026-H2, 令和8年度 … (期間).",
        examples=["FY2026-Q1"],
    )
    group_by: str | None = Field(
        default=None,
        max_length=100,
        description="Dimensions, by comma: month, kind, municipality, centre, centre_role, office, plan_item (集計軸). "
        "Left out: month,kind.",
        examples=["month,kind"],
    )
    metric: str | None = Field(
        default=None, max_length=400, description="Metrics, by comma; left out: held_count (集計指標)."
    )
    centre_id: str | None = Field(
        default=None, max_length=3700, description="Centres, by comma; left out: all (センター)."
    )
    kind: str | None = Field(default=None, max_length=400, description="Kinds, by comma; left out: all (種別).")
    basis: Literal["live"] = Field(default="live", description="The ledger as it stands (集計の基礎).")


class ExplainedQuery(CountsQuery):
    """What is asked of the counts, with the reasons where wanted."""

    explain: Annotated[bool, Field(strict=False)] = Field(
        default=False, description="Also the rules and the ids that are in and out (内訳の説明)."
    )
    limit: Annotated[int, Field(ge=1, le=500, strict=False)] = Field(
        default=200, description="Activities explained per page (説明の件数)."
    )
    cursor: str | None = Field(default=None, max_length=300, description="`next_cursor` of the explanation before.")


class FileQuery(CountsQuery):
    """What is asked of the counts as a file."""

    charset: Literal["utf-8", "cp932"] = Field(default="utf-8", description="For CSV: `utf-8` (with BOM) or `cp932`.")


class PeriodOut(BaseModel):
    """A period (期間)."""

    code: str = Field(description="Code.", examples=["2026-04"])
    label_ja: str = Field(description="Label.", examples=["2026年4月"])


class WholePeriod(PeriodOut):
    """The period of the answer; both months are included."""

    from_: str = Field(alias="from", description="First month.")
    to: str = Field(description="Last month.")


class Observation(BaseModel):
    """One number (観測値)."""

    period: PeriodOut
    dimensions: dict[str, str] = Field(description="Values of the dimensions besides the month (集計軸の値).")
    metric: str = Field(description="Metric (集計指標).")
    value: int | None = Field(description="The number; null where it is not_started or not_applicable (値).")
    quality: Quality = Field(description="counted, zero, not_started (未開所), not_applicable (対象外).")


class ExcludedOut(BaseModel):
    """An activity that does not count."""

    id: str
    reason: str
    reason_ja: str


class ExplainedGroup(BaseModel):
    """The activities of one observation on this page."""

    metric: str
    period: PeriodOut
    dimensions: dict[str, str]
    included: list[str] = Field(description="Ids that count (算入).")
    excluded: list[ExcludedOut] = Field(description="Ids that do not, and why (除外).")


class RuleOut(BaseModel):
    """The rule of a metric."""

    metric: str
    definition_ja: str
    rule_version: str


class Explanation(BaseModel):
    """Why the numbers are what they are, page by page."""

    rules: list[RuleOut]
    groups: list[ExplainedGroup]
    limit: int
    next_cursor: str | None


class CountsOut(BaseModel):
    """The counts."""

    period: WholePeriod
    group_by: list[str] = Field(description="Dimensions (集計軸).")
    metrics: list[str] = Field(description="Metrics (集計指標).")
    rule_version: str = Field(description="Version of the rules (規則の版).")
    basis: Literal["live"]
    labels: dict[str, dict[str, str]] = Field(description="Japanese labels by dimension and value (名称).")
    observations: list[Observation]
    totals: dict[str, int | None] = Field(
        description="Each metric over the whole period; not a sum where rows overlap (合計)."
    )
    explanation: Explanation | None = Field(default=None, description="With `explain=true`.")


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


def _body(counts: Counts, explanation: Any) -> bytes:
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
    return b'%b,"observations":[%b],%b' % (head[:-1], b",".join(_observations(counts)), orjson.dumps(tail)[1:])


@router.get("", response_model=CountsOut, responses=problems(404))
async def read_activity_counts(session: Reader, query: Annotated[ExplainedQuery, Query()]) -> Answer:
    """Count activities by month, kind, municipality, office, plan item … (活動の集計)."""
    counts, explanation = await count_answers.answer_to(
        session, query.model_dump(by_alias=True), explain=query.explain, limit=query.limit, cursor=query.cursor
    )
    body = _body(counts, explanation)
    return Answer(body, media_type=JSON, etag=blake2b(body, digest_size=12).hexdigest())


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
