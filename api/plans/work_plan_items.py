"""Items of a yearly work plan and the revisions of their targets (年間事業計画の項目・目標回数の変更)."""

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, created, document, item
from api.operations import area
from api.plans.counting_rule import CountingRule
from api.preconditions import if_match
from api.shapes import Day, Incoming, Shape, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.frequency.reading import Reading
from domain.plans import target_revisions, work_plan_lines

router = area("work_plans")


class NoMembers(Incoming):
    """An empty body."""


class OnDay(Incoming):
    """The day of an answer."""

    on: Annotated[Day, Field(strict=False)] | None = Field(
        default=None, description="Targets in force on this day; left out: today in Tokyo (基準日)."
    )


class Nothing(Incoming):
    """No parameters: a mistyped one is refused."""


class Section(Shape):
    """Section of the programme (節)."""

    number: int
    title: str


class TargetOut(Shape):
    """A target (目標回数)."""

    text: str = Field(description="As written (原文).", examples=["年2回以上"])
    reading: Reading = Field(description="How it is read (読み方).")
    window_policy: str | None = Field(description="in_year, fixed_windows or rolling; null: nothing falls due.")


class OtherTarget(Shape):
    """A further phase of the same year, for other content lines (その他の目標)."""

    text: str = Field(description="As written (原文).", examples=["随時"])
    reading: Reading = Field(description="How it is read (読み方).")
    applies_to_contents: list[int] | None = Field(description="Content lines, counted from 0; null: all.")


class PlanItemOut(Shape):
    """One item of a plan, with the target in force."""

    id: str
    code: str = Field(description="Code (項目番号).", examples=["3-(1)"])
    title: str = Field(description="Title (委託業務).")
    section: Section
    centre_role: str = Field(description="Role of the centre in this year (センターの役割).")
    target: TargetOut | None = Field(description="The countable target; null: none in this year (目標回数).")
    required_in_year: int | None = Field(description="Required in the year; null: no number follows (年間必要回数).")
    maximum_in_year: int | None = Field(description="Greatest number; null: none (上限).")
    reason: str | None = Field(description="Why: suspended, not started, revised … (理由).")
    is_started: bool = Field(description="False: it starts in a later operation year (開始済み).")
    starts_in_operation_year: int | None = Field(description="Operation year in which it starts (開始年次).")
    decision_needed: bool = Field(
        description="A number is to be decided: 未定, or a year's in a year opened midway (回数の決定が必要)."
    )
    applies_to_contents: list[int] | None = Field(description="Content lines of the target; null: all.")
    other_targets: list[OtherTarget] = Field(description="Further phases of the year (その他の目標).")
    sub_quotas: list[dict[str, Any]] = Field(description="Parts with a theme of their own (内数).")
    lead_times: list[dict[str, Any]] = Field(description="What must be prepared how long before (準備期間).")
    contents: list[str] = Field(description="Content lines (事業内容).")
    notes: list[str] = Field(description="Notes (確認事項).")
    counting_rules: list[dict[str, Any]] = Field(description="What counts when nothing is named (算入の決まり).")
    doubt: str | None = Field(description="Doubts about the reading (疑義).")
    revision_count: int = Field(description="Revisions of the target (変更回数).")


class PlanItemWhole(PlanItemOut):
    """An item by itself; its version is the plan's."""

    version: int = Field(description="Version of the plan; also the ETag.")


class PlanItemChange(Incoming):
    """What may change of an item itself; its target changes by revisions."""

    notes: Annotated[list[Annotated[str, text(1000)]], Field(max_length=50)] = unchanged("Notes (確認事項).")
    counting_rules: Annotated[list[CountingRule], Field(max_length=30)] = unchanged(
        "What counts when nothing is named; the year is linked anew (算入の決まり)."
    )


class LinksOut(Shape):
    """What linking anew has changed."""

    links_changed: int = Field(description="Links added or taken away (変わった結び付き).")


class PlanItems(Shape):
    """The items of a plan in order."""

    results: list[PlanItemOut]


class RevisionIn(Incoming):
    """A new target from a day on."""

    effective_on: Day = Field(description="First day of the new target (適用開始日).", examples=["2026-10-01"])
    to_text: Annotated[str, text(200)] = Field(description="The new target (変更後の回数).", examples=["年3回"])
    to_reading: Reading | None = Field(
        default=None, description="How it is read; needed where the text holds several values (読み方)."
    )
    reason: Annotated[str, text(500, may_be_blank=True)] = Field(description="Why (変更の理由).")
    decided_at: Annotated[str, text(200)] | None = Field(
        default=None, description="Where it was decided (決定した会議).", examples=["第3回基幹運営会議"]
    )


class TargetThen(Shape):
    """A target before or after a revision."""

    text: str | None
    reading: Reading | None
    required_in_year: int | None


class RevisionOut(Shape):
    """A revision of a target (目標回数の変更)."""

    id: str
    item_id: str
    effective_on: date = Field(description="First day of the new target (適用開始日).")
    from_: TargetThen = Field(alias="from", description="What was in force (変更前).")
    to: TargetThen = Field(description="What takes its place (変更後).")
    reason: str = Field(description="Why (変更の理由).")
    decided_at: str | None = Field(description="Where it was decided (決定した会議).")
    created_by: str
    created_at: datetime


class Revisions(Shape):
    """The revisions of a target, earliest first."""

    results: list[RevisionOut]


Plan = Annotated[str, Path(description="Id of the plan (年間事業計画).")]
Item = Annotated[str, Path(description="Id of the item (項目).")]
Reader = Annotated[Session, allow(Permission.WORK_PLANS_READ)]
Writer = Annotated[Session, allow(Permission.WORK_PLANS_WRITE)]


@router.get("/{id}/items", response_model=PlanItems)
async def list_work_plan_items(session: Reader, id: Plan, query: Annotated[OnDay, Query()]) -> Answer:
    """List the items of a plan with the targets in force (事業計画の項目)."""
    return document({"results": await work_plan_lines.lines_of(session, id, on=query.on)})


@router.get("/{id}/items/{item_id}", response_model=PlanItemWhole)
async def read_work_plan_item(session: Reader, id: Plan, item_id: Item, query: Annotated[OnDay, Query()]) -> Answer:
    """Read one item of a plan (事業計画の項目)."""
    return item(await work_plan_lines.line_of(session, id, item_id, on=query.on))


@router.patch("/{id}/items/{item_id}", response_model=PlanItemWhole)
async def change_work_plan_item(
    session: Writer, id: Plan, item_id: Item, version: Annotated[int, if_match()], body: PlanItemChange
) -> Answer:
    """Change notes or counting rules of an item; If-Match names the plan's version (項目の変更)."""
    changes = body.model_dump(exclude_unset=True, exclude_none=True)
    return item(await work_plan_lines.change_line(session, id, item_id, changes, version))


@router.post("/{id}/links", response_model=LinksOut)
async def link_work_plan(session: Writer, id: Plan, _body: NoMembers) -> Answer:
    """Link the year's activities to the items by their rules once more; the centre's manager (算入のやり直し)."""
    return document(await work_plan_lines.link_again(session, id))


@router.get("/{id}/items/{item_id}/target_revisions", response_model=Revisions)
async def list_target_revisions(
    session: Reader, id: Plan, item_id: Item, _query: Annotated[Nothing, Query()]
) -> Answer:
    """List how a target changed over the year (目標回数の変更履歴)."""
    return document({"results": await target_revisions.revisions_of(session, id, item_id)})


@router.post("/{id}/items/{item_id}/target_revisions", response_model=RevisionOut, status_code=201)
async def revise_target(session: Writer, id: Plan, item_id: Item, body: RevisionIn) -> Answer:
    """Change a target from a day on; days before keep theirs (目標回数の変更)."""
    row = await target_revisions.revise_target(session, id, item_id, body.model_dump())
    return created(row, f"/v1/work_plans/{id}/items/{item_id}/target_revisions")
