"""Yearly work plans (年間事業計画): generate, adopt, submit, approve or return; and their progress."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, Stream, created, document, item, nothing
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Day, Incoming, Note, Page, Shape, Uuid, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.errors import missing_at
from domain.lists import ListRequest
from domain.plans import work_plan_steps, work_plans

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


@router.delete("/{id}", status_code=204, responses=problems(409))
async def remove_work_plan(session: Writer, id: Plan, version: Version) -> Answer:
    """Remove a draft that was made wrongly; the year's plan can then be made again (案の削除)."""
    await work_plans.remove_plan(session, id, version)
    return nothing()


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
