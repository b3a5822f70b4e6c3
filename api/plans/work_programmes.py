"""Work programmes (委託事業内容一覧)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, Stream, created, document, item, nothing
from api.lists import listed, page_of
from api.operations import area
from api.plans.counting_rule import CentreRole, CountingRule
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Code, Incoming, MunicipalityCode, Note, Page, Shape, Uuid, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.errors import missing_at
from domain.frequency.reading import Reading
from domain.lists import ListRequest
from domain.plans import work_programme_items, work_programmes

router = area("work_programmes")

Year = Annotated[int, Field(ge=1, le=99)]
FiscalYear = Annotated[int, Field(ge=1990, le=2199)]
Line = Annotated[str, text(1000)]
Lines = Annotated[list[Line], Field(max_length=50)]
Words = Annotated[str, text(200)]
Reason = Annotated[str, text(300)]


class Nothing(Incoming):
    """No parameters: a mistyped one is refused."""


class Milestone(Incoming):
    """Something that holds besides the count: a part of it, a rhythm of years, a role from a year on."""

    kind: Code | None = Field(default=None, description="sub_quota うち1回は…, every_n_years, role.")
    raw: Words | None = Field(default=None, description="The words of the document (原文).")
    count: Annotated[int, Field(ge=1, le=1000)] | None = Field(default=None, description="How many (回数).")
    theme: Words | None = Field(default=None, description="Theme in words (テーマ).")
    theme_code: Code | None = Field(default=None, description="Theme code that activities carry.")
    interval_years: Annotated[int, Field(ge=1, le=99)] | None = Field(default=None, description="Every n years.")
    what: Words | None = Field(default=None, description="What it is about (内容).")
    from_year: Year | None = Field(default=None, description="First operation year (開始年).")
    role: Code | None = Field(default=None, description="Role of the centre (役割).")
    body: Words | None = Field(default=None, description="Meeting body in words (会議体).")


class Reminder(Incoming):
    """What must be thought of, and how long before (リマインド)."""

    what: Words = Field(description="What must be done (内容).", examples=["外部講師・SVの日程調整"])
    cycle: Words | None = Field(default=None, description="The words of the document (周期).")
    months_before: Annotated[int, Field(ge=1, le=60)] | None = Field(
        default=None, description="Lead time in months (何か月前).", examples=[3]
    )
    before: Literal["due", "start"] | None = Field(
        default=None, description="Before each due date, or before the item starts; left out: due (何の前)."
    )


class RoleFrom(Incoming):
    """The role of the centre from an operation year on (年次ごとの役割)."""

    from_year: Year = Field(description="First operation year (開始年).")
    role: CentreRole = Field(description="Role of the centre (役割).")


class AlternativeReading(Incoming):
    """Another reading that the document allows (別の読み方)."""

    label: Annotated[str, text(20)] = Field(description="Label.", examples=["B"])
    reading: Annotated[str, text(500)] = Field(description="The reading in words (読み方).")


class PhaseShape(Incoming):
    """What an item owes in a range of operation years (段階)."""

    from_year: Year = Field(description="First operation year (開始年).", examples=[1])
    to_year: Year | None = Field(default=None, description="Last operation year; null: from then on (終了年).")
    text: Words = Field(description="The frequency as written (回数の原文).", examples=["年2回以上"])
    reading: Reading | None = Field(
        default=None,
        description="How it is read; left out: as `/v1/frequencies:parse` reads the text. Needed where the text holds "
        "several values (読み方).",
    )
    applies_to_contents: Annotated[list[Annotated[int, Field(ge=0, le=49)]], Field(max_length=50)] | None = Field(
        default=None, description="Content lines it is for, counted from 0; null: all (対象の内容行)."
    )
    is_superseded: bool = Field(default=False, description="History: the value before a change (変更前の値).")
    reason: Reason | None = Field(default=None, description="Why (理由).")


class ItemShape(Incoming):
    """One line of a programme (項目)."""

    section_number: Annotated[int, Field(ge=0, le=99)] = Field(description="Number of the section (節番号).")
    section_title: Words = Field(description="Title of the section (節の題名).")
    code: Annotated[str, text(20)] = Field(description="Code of the item (項目番号).", examples=["3-(1)"])
    title: Words = Field(description="Title (委託業務).", examples=["研修会の開催"])
    centre_role: CentreRole = Field(description="Role of the centre (センターの役割).")
    start_text: Annotated[str, text(100)] | None = Field(default=None, description="Start as written (開始年度).")
    frequency_text: Words | None = Field(default=None, description="Frequency cell as written (回数欄の原文).")
    contents: Lines = Field(default=[], description="Content lines (事業内容).")
    notes: Lines = Field(default=[], description="Notes (確認事項).")
    milestones: Annotated[list[Milestone], Field(max_length=30)] = Field(default=[], description="Sub-quotas …")
    reminders: Annotated[list[Reminder], Field(max_length=30)] = Field(default=[], description="Lead times …")
    counting_rules: Annotated[list[CountingRule], Field(max_length=30)] = Field(
        default=[], description="What counts when an activity names no item (算入の決まり)."
    )
    roles_by_year: Annotated[list[RoleFrom], Field(max_length=20)] = Field(default=[], description="Roles by year.")
    alternative_readings: Annotated[list[AlternativeReading], Field(max_length=10)] = Field(
        default=[], description="Other readings of the document (別の読み方)."
    )
    confidence: Literal["high", "medium", "low"] = Field(default="high", description="How sure the reading is (確度).")
    doubt: Annotated[str, text(1000, least=0)] | None = Field(default=None, description="Doubts (疑義).")
    phases: Annotated[list[PhaseShape], Field(max_length=12)] = Field(
        default=[], description="Phases by operation year; left out: as `frequency_text` names them (段階)."
    )


class ItemOut(ItemShape):
    """An item as it stands in a programme."""

    id: str = Field(description="Id of the item.")
    position: int = Field(description="Its place in the programme (並び順).")


class ItemWhole(ItemOut):
    """An item by itself; its version is the programme's."""

    version: int = Field(description="Version of the programme; also the ETag.")


class ProgrammeIn(Incoming):
    """A whole programme."""

    centre_id: Uuid = Field(description="Centre (センター).")
    municipality_id: MunicipalityCode | None = Field(
        default=None, description="Municipality it is owed to; null: all that the centre covers (委託元)."
    )
    title: Words = Field(description="Title (題名).", examples=["基幹相談支援センター事業内容一覧"])
    valid_from_fiscal_year: FiscalYear = Field(description="First fiscal year it holds for (適用開始年度).")
    source: Annotated[str, text(300)] | None = Field(default=None, description="Source (出典).")
    note: Note | None = Field(default=None, description="Note (備考).")
    items: Annotated[list[ItemShape], Field(max_length=100)] = Field(default=[], description="Items (項目).")


class ProgrammeChange(Incoming):
    """What may change of a programme itself."""

    title: Words = unchanged("Title (題名).")
    valid_from_fiscal_year: FiscalYear = unchanged("First fiscal year it holds for (適用開始年度).")
    source: Annotated[str, text(300)] | None = unchanged("Source (出典).")
    note: Note | None = unchanged("Note (備考).")


class ProgrammeOut(Shape):
    """A programme without its items."""

    id: str
    centre_id: str = Field(description="Centre (センター).")
    municipality_id: str | None = Field(description="Municipality it is owed to; null: all (委託元).")
    title: str = Field(description="Title (題名).")
    valid_from_fiscal_year: int = Field(description="First fiscal year it holds for (適用開始年度).")
    source: str | None = Field(description="Source (出典).")
    note: str | None = Field(description="Note (備考).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class ProgrammeWhole(ProgrammeOut):
    """A programme with its items."""

    items: list[ItemOut] = Field(description="Items in order (項目).")


class ProgrammeItems(Shape):
    """The items of a programme."""

    results: list[ItemOut]


Programme = Annotated[str, Path(description="Id of the programme (委託事業内容一覧).")]
Item = Annotated[str, Path(description="Id of the item (項目).")]
Reader = Annotated[Session, allow(Permission.WORK_PROGRAMMES_READ)]
Writer = Annotated[Session, allow(Permission.WORK_PROGRAMMES_WRITE)]
Version = Annotated[int, if_match()]


@router.get("", response_model=Page[ProgrammeOut])
async def list_work_programmes(
    session: Reader, listing: Annotated[ListRequest, listed(work_programmes.PROGRAMMES, ProgrammeOut)]
) -> Answer | Stream:
    """List work programmes, newest first (委託事業内容一覧の一覧)."""
    return await page_of(session, work_programmes.PROGRAMMES, listing, ProgrammeOut)


@router.post("", response_model=ProgrammeWhole, status_code=201, responses=problems(404, 409))
async def record_work_programme(session: Writer, body: ProgrammeIn) -> Answer:
    """Enter a programme with its items and phases; every frequency text is read (委託事業内容一覧の登録)."""
    with missing_at(*(name for name in ("centre_id", "municipality_id") if getattr(body, name) is not None)):
        row = await work_programme_items.programme_from_document(session, body.model_dump())
    return created(row, f"/v1/work_programmes/{row['id']}")


@router.get("/{id}", response_model=ProgrammeWhole)
async def read_work_programme(session: Reader, id: Programme) -> Answer:
    """Read a programme with items, phases, superseded values and doubts (委託事業内容一覧)."""
    return item(await work_programme_items.whole_programme(session, id))


@router.put("/{id}", response_model=ProgrammeWhole, responses=problems(409))
async def replace_work_programme(session: Writer, id: Programme, version: Version, body: ProgrammeIn) -> Answer:
    """Replace a programme whole; plans made from it stay as they are (委託事業内容一覧の差し替え)."""
    return item(await work_programme_items.replace_programme(session, id, body.model_dump(), version))


@router.patch("/{id}", response_model=ProgrammeOut, responses=problems(409))
async def change_work_programme(session: Writer, id: Programme, version: Version, body: ProgrammeChange) -> Answer:
    """Change title, source, note or first fiscal year (委託事業内容一覧の変更)."""
    return item(await work_programmes.change_programme(session, id, body.model_dump(exclude_unset=True), version))


@router.get("/{id}/items", response_model=ProgrammeItems)
async def list_work_programme_items(session: Reader, id: Programme, _query: Annotated[Nothing, Query()]) -> Answer:
    """List the items of a programme (委託事業の項目)."""
    return document({"results": (await work_programme_items.whole_programme(session, id))["items"]})


@router.post("/{id}/items", response_model=ItemWhole, status_code=201, responses=problems(409))
async def add_work_programme_item(session: Writer, id: Programme, version: Version, body: ItemShape) -> Answer:
    """Add an item at the end of a programme (項目の追加)."""
    row = await work_programme_items.add_item(session, id, body.model_dump(), version)
    return created(row, f"/v1/work_programmes/{id}/items/{row['id']}")


@router.put("/{id}/items/{item_id}", response_model=ItemWhole, responses=problems(409))
async def replace_work_programme_item(
    session: Writer, id: Programme, item_id: Item, version: Version, body: ItemShape
) -> Answer:
    """Replace an item with its phases (項目の差し替え)."""
    return item(await work_programme_items.change_item(session, id, item_id, body.model_dump(), version))


@router.delete("/{id}/items/{item_id}", status_code=204)
async def remove_work_programme_item(session: Writer, id: Programme, item_id: Item, version: Version) -> Answer:
    """Take an item out of a programme (項目の削除)."""
    await work_programme_items.remove_item(session, id, item_id, version)
    return nothing()
