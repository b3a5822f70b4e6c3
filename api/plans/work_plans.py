"""Yearly work plans (年間事業計画): generate, adopt, submit, approve or return; and their progress."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, Stream, created, document, item
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Day, Incoming, Note, Page, Shape, Uuid, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.errors import missing_at
from domain.lists import ListRequest
from domain.plans import work_plan_progress, work_plan_steps, work_plans

router = area("work_plans")

Status = Literal["draft", "adopted", "submitted", "approved", "returned"]
StepNote = Annotated[str, text(2000, may_be_blank=True)]


class PlanIn(Incoming):
    """Which plan to make."""

    centre_id: Uuid = Field(description="Centre (センター).")
    fiscal_year: Annotated[int, Field(ge=1990, le=2199)] = Field(description="Fiscal year (年度).", examples=[2026])
    note: Note | None = Field(default=None, description="Note (備考).")


class PlanChange(Incoming):
    """What may change of a plan itself; targets change by target revisions."""

    note: Note | None = unchanged("Note (備考).")


class PlanOut(Shape):
    """A plan without its items."""

    id: str
    centre_id: str = Field(description="Centre (センター).")
    municipality_id: str | None = Field(description="Municipality it is owed to; null: all (委託元).")
    programme_id: str = Field(description="Programme it was made from (委託事業内容一覧).")
    fiscal_year: int = Field(description="Fiscal year (年度).", examples=[2026])
    label_ja: str = Field(description="Its label.", examples=["令和8年度"])
    operation_year: int = Field(description="Year of operation; the fiscal year of the opening is 1 (何年目).")
    starts_on: date = Field(description="First day (開始日).")
    ends_on: date = Field(description="Last day (終了日).")
    status: Status = Field(
        description="draft 案, adopted 決定, submitted 提出, approved 承認, returned 差し戻し (状態)."
    )
    note: str | None = Field(description="Note (備考).")
    may: dict[str, bool] = Field(
        description="What the caller may do next: adopt, submit, approve, return, revise_targets (できる操作).",
        examples=[{"adopt": False, "submit": True, "approve": False, "return": False, "revise_targets": True}],
    )
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class AdoptionIn(Incoming):
    """At which meeting the plan was adopted."""

    meeting: Annotated[str, text(200)] = Field(description="Meeting (会議).", examples=["令和7年度第4回基幹運営会議"])
    stepped_on: Day | None = Field(default=None, description="Day of the meeting; left out: today (決定日).")
    note: StepNote | None = Field(default=None, description="Note (備考).")


class StepIn(Incoming):
    """A note to a submission or an approval."""

    note: StepNote | None = Field(default=None, description="Note (備考).")


class ReturnIn(Incoming):
    """Why the plan comes back."""

    reason: StepNote = Field(description="Reason (差し戻しの理由).")


class StepOut(Shape):
    """A step that a plan has taken."""

    id: str
    plan_id: str
    kind: Literal["adoption", "submission", "approval", "return"] = Field(description="Kind of step (種類).")
    stepped_on: date = Field(description="Day (日付).")
    meeting: str | None = Field(description="Meeting of an adoption (会議).")
    note: str | None = Field(description="Note, or the reason of a return (備考・理由).")
    created_by: str
    created_at: datetime


class StepsOut(Shape):
    """The way of a plan, earliest step first."""

    results: list[StepOut]


class ProgressQuery(Incoming):
    """The day of a progress answer."""

    on: Annotated[Day, Field(strict=False)] | None = Field(
        default=None, description="The day to judge by; left out: today in Tokyo (基準日)."
    )
    evidence_limit: Annotated[int, Field(ge=0, le=work_plan_progress.EVIDENCE_SHOWN, strict=False)] = Field(
        default=work_plan_progress.EVIDENCE_SHOWN, description="Ids of activities per item (根拠の件数)."
    )


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
    next_due_on: date | None = Field(description="Last day for the next one; past where overdue (次の期限).")
    next_planned_on: date | None = Field(description="Next planned day (次の予定日).")
    last_possible_month: str | None = Field(
        description="Last month in which what is missing can still be done (実施できる最後の月).", examples=["2027-03"]
    )
    last_held_on: date | None = Field(description="Last held on (最終実施日).")
    silent_months: list[str] = Field(description="Closed months without any, for open-ended items (実績のない月).")
    missed_windows: list[MissedWindow] = Field(description="Closed windows without their minimum (未実施の期間).")
    sub_quotas: list[SubQuotaState] = Field(description="Parts with a theme of their own (内数).")
    lead_times: list[LeadTime] = Field(description="When preparing must start (準備の開始).")
    decision_needed: bool = Field(description="A number is still to be decided (回数の決定が必要).")
    reason: str | None = Field(description="Why the target is what it is (理由).")
    evidence: list[str] = Field(description="Ids of held activities, newest first (根拠となる活動).")


class ProgressSummary(Shape):
    """The items together. Done counts at most what each item requires."""

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
Writer = Annotated[Session, allow(Permission.WORK_PLANS_WRITE)]
Version = Annotated[int, if_match()]


class Nothing(Incoming):
    """No parameters: a mistyped one is refused."""


@router.get("", response_model=Page[PlanOut])
async def list_work_plans(
    session: Reader, listing: Annotated[ListRequest, listed(work_plans.PLANS, PlanOut)]
) -> Answer | Stream:
    """List yearly plans, newest first (年間事業計画の一覧)."""
    return await page_of(session, work_plans.PLANS, listing, PlanOut, enrich=work_plans.plans_shown)


@router.post("", response_model=PlanOut, status_code=201, responses=problems(404, 409))
async def generate_work_plan(session: Writer, body: PlanIn) -> Answer:
    """Generate the plan of a fiscal year from the programme, by the centre's operation year (年間事業計画の作成)."""
    with missing_at("centre_id"):
        row = await work_plans.generate_plan(session, body.centre_id, body.fiscal_year, body.note)
    return created(row, f"/v1/work_plans/{row['id']}")


@router.get("/{id}", response_model=PlanOut)
async def read_work_plan(session: Reader, id: Plan) -> Answer:
    """Read a plan without its items (年間事業計画)."""
    return item(await work_plans.plan_shown(session, id))


@router.patch("/{id}", response_model=PlanOut)
async def change_work_plan(session: Writer, id: Plan, version: Version, body: PlanChange) -> Answer:
    """Change the note of a plan (備考の変更)."""
    return item(await work_plans.change_plan(session, id, body.model_dump(exclude_unset=True), version))


@router.get("/{id}/steps", response_model=StepsOut)
async def list_work_plan_steps(session: Reader, id: Plan, _query: Annotated[Nothing, Query()]) -> Answer:
    """List the steps a plan has taken (計画の経過)."""
    return document({"results": await work_plan_steps.steps_of(session, id)})


@router.post("/{id}/adoptions", response_model=PlanOut, responses=problems(409))
async def adopt_work_plan(session: Writer, id: Plan, version: Version, body: AdoptionIn) -> Answer:
    """Note that a meeting adopted the plan; the centre's manager (計画の決定)."""
    return item(await work_plan_steps.take_step(session, id, "adoption", version, **body.model_dump()))


@router.post("/{id}/submissions", response_model=PlanOut, responses=problems(409))
async def submit_work_plan(session: Writer, id: Plan, version: Version, body: StepIn) -> Answer:
    """Submit the plan to the municipality; the centre's manager (計画の提出)."""
    return item(await work_plan_steps.take_step(session, id, "submission", version, **body.model_dump()))


@router.post("/{id}/approvals", response_model=PlanOut, responses=problems(409))
async def approve_work_plan(session: Writer, id: Plan, version: Version, body: StepIn) -> Answer:
    """Approve a submitted plan; the municipality, never who submitted it (計画の承認)."""
    return item(await work_plan_steps.take_step(session, id, "approval", version, **body.model_dump()))


@router.post("/{id}/returns", response_model=PlanOut, responses=problems(409))
async def return_work_plan(session: Writer, id: Plan, version: Version, body: ReturnIn) -> Answer:
    """Return a submitted plan with the reason; the municipality (計画の差し戻し)."""
    return item(await work_plan_steps.take_step(session, id, "return", version, note=body.reason))


@router.get("/{id}/progress", response_model=ProgressOut)
async def read_work_plan_progress(session: Reader, id: Plan, query: Annotated[ProgressQuery, Query()]) -> Answer:
    """Read what is done, due and next for every item on a day (事業計画の進捗)."""
    progress: dict[str, Any] = await work_plan_progress.progress_of(
        session, id, on=query.on, evidence_limit=query.evidence_limit
    )
    return document(progress)
