"""Progress of a yearly plan (進捗): what is done, due and next for every item on a day, as JSON and as files."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, document
from api.files import XLSX, Charset, csv_of, declared, workbook_of
from api.operations import area
from api.shapes import Day, Incoming, Shape
from domain.access import Permission
from domain.database import Session
from domain.plans.progress_answers import answer_to, export_of
from domain.plans.work_plan_progress import EVIDENCE_SHOWN

router = area("work_plans")


class Asked(Incoming):
    """What is asked of progress: the day, and which items."""

    on: Annotated[Day, Field(strict=False)] | None = Field(
        default=None, description="The day to judge by; left out: today in Tokyo (基準日)."
    )
    pace: str | None = Field(
        default=None,
        max_length=200,
        description="Only items of these paces, by comma; left out: all (進捗の状態による絞り込み).",
        examples=["behind,due_soon"],
    )


class ProgressQuery(Asked):
    """What is asked of progress, with how much evidence."""

    evidence_limit: Annotated[int, Field(ge=0, le=EVIDENCE_SHOWN, strict=False)] = Field(
        default=EVIDENCE_SHOWN, description="Ids of activities per item (根拠の件数)."
    )


class FileQuery(Asked):
    """What is asked of progress as a file."""

    charset: Charset = Field(default="utf-8", description="For CSV: `utf-8` (with BOM) or `cp932`.")


class MissedWindow(Shape):
    """A closed window without its minimum."""

    from_: date = Field(alias="from", description="First day.")
    to: date = Field(description="Last day.")
    minimum: int = Field(description="What it asked for (必要回数).")


class SubQuotaState(Shape):
    """A part of the count that must have a theme of its own (うち1回は…)."""

    count: int = Field(description="How many (回数).")
    theme: str | None = Field(description="Theme in words (テーマ).")
    theme_code: str | None = Field(description="Theme code that activities carry; null: cannot be counted.")
    text: str | None = Field(description="The words of the document (原文).")
    done: int | None = Field(description="Held so far (実績).")
    remaining: int | None = Field(description="Still missing (残り).")


class LeadTime(Shape):
    """When preparing must start (準備の開始)."""

    what: str = Field(description="What must be done (内容).")
    months_before: int = Field(description="Lead time in months (何か月前).")
    starts_on: date = Field(description="Day on which it must start (開始日).")
    due_on: date = Field(description="Day it prepares for (期限).")


class ItemProgress(Shape):
    """Progress of one item."""

    item_id: str
    code: str = Field(description="Code of the item (項目番号).", examples=["3-(1)"])
    title: str = Field(description="Title (委託業務).")
    centre_role: str = Field(description="Role of the centre; participation counts where it participates (役割).")
    target_text: str | None = Field(description="Target in force as written (目標回数の原文).", examples=["年2回以上"])
    window_policy: str | None = Field(description="in_year, fixed_windows or rolling; null: nothing falls due.")
    done: int = Field(description="Held up to the day (実績).")
    planned: int = Field(description="Planned and not held (予定).")
    due_so_far: int | None = Field(description="Should have been held by the day (当日までの必要回数).")
    required_in_year: int | None = Field(description="Required in the year; null: no number follows (年間必要回数).")
    remaining: int | None = Field(description="Still missing in the year (残り).")
    maximum: int | None = Field(description="Greatest number; null: none (上限).")
    pace: Literal[
        "not_started", "on_track", "due_soon", "behind", "achieved", "exceeded", "no_target", "suspended",
        "undetermined",
    ] = Field(description="Pace (進捗の状態).")  # fmt: skip
    pace_ja: str = Field(description="Its label.", examples=["順調"])
    next_due_on: date | None = Field(
        description="Last day for the next one; past where overdue, never before a revision (次の期限)."
    )
    next_planned_on: date | None = Field(description="Next planned day (次の予定日).")
    last_possible_month: str | None = Field(
        description="Last month in which what is missing can still be done (実施できる最後の月).", examples=["2027-03"]
    )
    last_held_on: date | None = Field(description="Last held on (最終実施日).")
    silent_months: list[str] = Field(description="Closed months without any, for open-ended items (実績のない月).")
    missed_windows: list[MissedWindow] = Field(description="Closed windows without their minimum (未実施の期間).")
    sub_quotas: list[SubQuotaState] = Field(description="Parts with a theme of their own (内数).")
    lead_times: list[LeadTime] = Field(description="When preparing must start (準備の開始).")
    decision_needed: bool = Field(
        description="A number is to be decided: 未定, or a year's in a year opened midway (回数の決定が必要)."
    )
    reason: str | None = Field(description="Why the target is what it is (理由).")
    evidence: list[str] = Field(description="Ids of held activities, newest first (根拠となる活動).")


class ProgressSummary(Shape):
    """All items of the plan together, also those that ``pace`` leaves out. Done counts at most what each requires."""

    required_in_year: int = Field(description="Required by all countable items (必要回数の合計).")
    done: int = Field(description="Of these held (達成分の合計).")
    by_pace: dict[str, int] = Field(description="Items by pace (状態別の項目数).")


class ProgressOut(Shape):
    """Progress of a plan on a day."""

    plan_id: str
    centre_id: str = Field(description="Centre (センター).")
    fiscal_year: int = Field(description="Fiscal year (年度).")
    label_ja: str = Field(description="Its label.", examples=["令和8年度"])
    operation_year: int = Field(description="Year of operation (何年目).")
    on: date = Field(description="The day judged by (基準日).")
    closed_months: int = Field(description="Months of the year that have closed (経過した月数).")
    covers: Literal["all", "own_and_joint"] = Field(
        description="own_and_joint: a municipality sees activities for itself and joint ones only (集計の範囲)."
    )
    summary: ProgressSummary
    items: list[ItemProgress]


Plan = Annotated[str, Path(description="Id of the plan (年間事業計画).")]
Reader = Annotated[Session, allow(Permission.WORK_PLANS_READ)]
Exporter = Annotated[Session, allow(Permission.WORK_PLANS_READ, writes=True)]

COLUMNS = (
    "code", "title", "target_text", "done", "planned", "due_so_far", "required_in_year", "remaining", "pace_ja",
    "next_due_on", "last_possible_month",
)  # fmt: skip
"""The columns of the files: members of an item."""


@router.get("/{id}/progress", response_model=ProgressOut)
async def read_work_plan_progress(session: Reader, id: Plan, query: Annotated[ProgressQuery, Query()]) -> Answer:
    """Read what is done, due and next for every item on a day (事業計画の進捗)."""
    return document(await answer_to(session, id, on=query.on, pace=query.pace, evidence_limit=query.evidence_limit))


def _table(progress: dict[str, Any]) -> Iterator[list[Any]]:
    yield list(COLUMNS)
    yield from ([item[name] for name in COLUMNS] for item in progress["items"])


@router.get("/{id}/progress.csv", response_model=None, responses=declared("text/csv"))
async def export_work_plan_progress_csv(session: Exporter, id: Plan, query: Annotated[FileQuery, Query()]) -> Answer:
    """Read progress as CSV, one row for each item (事業計画の進捗 CSV)."""
    progress = await export_of(session, id, on=query.on, pace=query.pace, form="csv")
    return csv_of(_table(progress), "work_plan_progress", query.charset)


@router.get("/{id}/progress.xlsx", response_model=None, responses=declared(XLSX))
async def export_work_plan_progress_xlsx(session: Exporter, id: Plan, query: Annotated[Asked, Query()]) -> Answer:
    """Read progress as an Excel workbook, one row for each item (事業計画の進捗 Excel)."""
    progress = await export_of(session, id, on=query.on, pace=query.pace, form="xlsx")
    return workbook_of(_table(progress), "work_plan_progress", "進捗")
