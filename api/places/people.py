"""People (職員) of offices and centres; never service users."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.requests import Request

from api.access import allow
from api.answers import Answer, Stream, created, item, nothing
from api.batches import Batch, BatchOut, BatchQuery, Entered, run_batch
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Day, Incoming, Page, Shape, Uuid, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.lists import ListRequest
from domain.places import people_records

router = area("people")

PersonId = Annotated[str, Path(alias="id", description="Id of the person (職員).")]
Employment = Literal["full_time", "part_time"]
QualificationCode = Literal[
    "consultation_specialist",
    "chief_specialist",
    "consultation_assistant",
    "social_worker",
    "psychiatric_social_worker",
    "public_health_nurse",
    "care_manager",
    "service_manager",
    "child_service_manager",
    "peer_counselor",
    "initial_training",
    "current_training",
    "chief_training",
]


class Qualification(Incoming):
    """A qualification or finished statutory training (資格・修了研修)."""

    code: QualificationCode = Field(description="Code (資格).", examples=["social_worker"])
    obtained_on: Day | None = Field(default=None, description="Obtained or finished on (取得日・修了日).")
    renewal_due_on: Day | None = Field(default=None, description="Renewal due on (更新期限).")


Qualifications = Annotated[list[Qualification], Field(max_length=13)]
PersonName = Annotated[str, text(60)]
Kana = Annotated[str, text(120)]


class PersonIn(Incoming):
    """A person to be entered at an office or a centre."""

    office_id: Uuid | None = Field(default=None, description="The office; or else the centre (事業所).")
    centre_id: Uuid | None = Field(default=None, description="The centre; or else the office (センター).")
    name: PersonName = Field(description="Name (氏名).", examples=["相談 花子"])
    name_kana: Kana = Field(description="Reading (よみ).", examples=["そうだん はなこ"])
    post: Annotated[str, text(60)] | None = Field(default=None, description="Post (職名).")
    employment: Employment = Field(description="Full or part time (常勤・非常勤).")
    is_dedicated: bool = Field(default=False, description="Works here only (専従).")
    is_chief_specialist: bool = Field(default=False, description="Chief specialist (主任相談支援専門員).")
    joined_on: Day | None = Field(default=None, description="First day (入職日).")
    left_on: Day | None = Field(default=None, description="Last day (退職日).")
    qualifications: Qualifications = Field(default_factory=list, description="Qualifications (資格).")


class PersonChange(Incoming):
    """What may change of a person. The place does not; ``left_on`` lets one leave."""

    name: PersonName = unchanged("Name (氏名).")
    name_kana: Kana = unchanged("Reading (よみ).")
    post: Annotated[str, text(60)] | None = unchanged("Post (職名).")
    employment: Employment = unchanged("Full or part time (常勤・非常勤).")
    is_dedicated: bool = unchanged("Works here only (専従).")
    is_chief_specialist: bool = unchanged("Chief specialist (主任相談支援専門員).")
    joined_on: Day | None = unchanged("First day (入職日).")
    left_on: Day | None = unchanged("Last day (退職日).")
    qualifications: Qualifications = unchanged("Qualifications (資格); replaced as a whole.")


class PersonOut(Shape):
    """A person in one post (職員)."""

    id: str
    office_id: str | None = Field(description="The office, for people of an office.")
    centre_id: str | None = Field(description="The centre, for people of a centre.")
    municipality_id: str | None = Field(description="The office's municipality.")
    name: str = Field(description="Name (氏名).")
    name_kana: str = Field(description="Reading (よみ).")
    post: str | None = Field(description="Post (職名).")
    employment: str = Field(description="full_time (常勤), part_time (非常勤).")
    is_dedicated: bool = Field(description="Works here only (専従).")
    is_chief_specialist: bool = Field(description="Chief specialist (主任相談支援専門員).")
    joined_on: date | None
    left_on: date | None = Field(description="Last day (退職日).")
    qualifications: list[Qualification] = Field(description="Qualifications (資格).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@router.get("", response_model=Page[PersonOut])
async def list_people(
    session: Annotated[Session, allow(Permission.PEOPLE_READ)],
    listing: Annotated[ListRequest, listed(people_records.PEOPLE, PersonOut)],
) -> Answer | Stream:
    """List people within reach in the order of their readings (職員の一覧)."""
    return await page_of(session, people_records.PEOPLE, listing, PersonOut, enrich=people_records.in_order)


@router.post("", response_model=PersonOut, status_code=201, responses=problems(404))
async def add_person(session: Annotated[Session, allow(Permission.PEOPLE_WRITE)], body: PersonIn) -> Answer:
    """Enter a person at an office or a centre (職員の登録)."""
    row = await people_records.add_person(session, body.model_dump())
    return created(row, f"/v1/people/{row['id']}")


@router.post("/batch", response_model=BatchOut)
async def add_people(
    session: Annotated[Session, allow(Permission.PEOPLE_WRITE)],
    request: Request,
    query: Annotated[BatchQuery, Query()],
    body: Batch[PersonIn],
) -> Answer:
    """Enter up to 500 people, all or none (職員の一括登録)."""

    async def enter(new: dict[str, Any]) -> Entered:
        return await people_records.add_person(session, new), ()

    return await run_batch(request, body.rows, enter, dry_run=query.dry_run)


@router.get("/{id}", response_model=PersonOut)
async def read_person(session: Annotated[Session, allow(Permission.PEOPLE_READ)], person_id: PersonId) -> Answer:
    """Read one person (職員)."""
    return item(await people_records.person_for(session, person_id))


@router.patch("/{id}", response_model=PersonOut)
async def change_person(
    session: Annotated[Session, allow(Permission.PEOPLE_WRITE)],
    person_id: PersonId,
    version: Annotated[int, if_match()],
    body: PersonChange,
) -> Answer:
    """Change a person, or let one leave by a last day (職員の変更・退職)."""
    changes = body.model_dump(exclude_unset=True)
    return item(await people_records.change_person(session, person_id, changes, version))


@router.delete("/{id}", status_code=204)
async def remove_person(
    session: Annotated[Session, allow(Permission.PEOPLE_WRITE)],
    person_id: PersonId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Remove a person who was entered wrongly; who has left gets a last day instead (職員の削除)."""
    await people_records.remove_person(session, person_id, version)
    return nothing()
