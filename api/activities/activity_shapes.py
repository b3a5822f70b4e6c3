"""Wire shapes of what all activities share. An area's own shapes add its members to these."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from api.shapes import Code, Day, Incoming, LocalTime, MunicipalityCode, Note, Shape, Uuid, each_once, text, unchanged

Status = Literal["planned", "held", "postponed", "declined", "cancelled"]
CentreRole = Literal["host", "secretariat", "joint_secretariat", "participate", "coordinate", "backup", "operate"]
Format = Literal["onsite", "remote", "hybrid"]
Mode = Literal["onsite", "remote"]
Visibility = Literal["centre", "municipality", "offices_involved", "published"]
Disclosure = Literal["open", "closed", "unmarked"]
Codes = Annotated[list[Code], Field(max_length=20), each_once()]
Minutes = Annotated[int, Field(ge=0, le=1440)]
Participants = Annotated[int, Field(ge=0, le=100_000)]
Source = Annotated[str, text(40)]
ExternalId = Annotated[str, text(100)]
Reason = Annotated[str, text(500, may_be_blank=True)]

_SENSITIVITY = (
    "A mark for readers (取扱注意 = restricted): private in calendars; it withholds the activity from nobody."
)


class OfficeLink(Incoming):
    """An office that took part or was meant to (参加事業所)."""

    office_id: Uuid = Field(description="The office (事業所).")
    side: Literal["subject", "member", "secretariat", "observer", "presenter"] = Field(
        default="member", description="In which capacity (立場)."
    )
    mode: Mode = Field(default="onsite", description="On site or remote (会場・リモート).")
    attendance: Literal["expected", "present", "absent", "excused"] = Field(
        default="present", description="Attendance (出欠)."
    )
    participant_count: Participants | None = Field(default=None, description="People from this office (参加人数).")


class PersonLink(Incoming):
    """A person who took part, in one role (参加者)."""

    person_id: Uuid = Field(description="The person (職員).")
    role: Literal[
        "visitor",
        "supervisor",
        "supervisee",
        "presenter",
        "facilitator",
        "observer",
        "lecturer",
        "participant",
        "staff",
    ] = Field(description="In which role (役割).")
    mode: Mode = Field(default="onsite", description="On site or remote (会場・リモート).")
    attendance: Literal["expected", "present", "late", "absent", "excused"] = Field(
        default="present", description="Attendance (出欠)."
    )


class OrganizationLink(Incoming):
    """A body other than an office that took part (関係機関)."""

    organization_kind: Code = Field(description="Kind of body (機関の種類), e.g. `health_centre`.")
    name: Annotated[str, text(100)] = Field(description="Name (名称).")
    side: Literal["member", "secretariat", "observer", "advisor"] = Field(
        default="member", description="Capacity (立場)."
    )
    mode: Mode = Field(default="onsite", description="On site or remote (会場・リモート).")
    is_present: bool = Field(default=True, description="Whether it was there (出席).")


class PlanItemLink(Shape):
    """A plan item that an activity counts for (事業計画の項目)."""

    item_id: str
    linked_by: Literal["named", "rule", "corrected"] = Field(
        description="Named by the recorder, found by a counting rule, or named in a later correction."
    )


class ActivityFields(Incoming):
    """What every activity is recorded with."""

    centre_id: Uuid | None = Field(default=None, description="The centre; may be left out by its own staff (センター).")
    municipality_id: MunicipalityCode | None = Field(
        default=None,
        description="The municipality it is for; null = joint, for all covered, or for the only one (対象の市区町村).",
    )
    centre_role: CentreRole | None = Field(default=None, description="What the centre is in it (センターの役割).")
    title: Annotated[str, text(200)] | None = Field(default=None, description="Title (題名).")
    status: Status | None = Field(default=None, description="Left out: held with a `held_on`, else planned (状態).")
    status_reason: Reason | None = Field(default=None, description="Why postponed, declined or cancelled (理由).")
    planned_on: Day | None = Field(default=None, description="Planned day (予定日).")
    held_on: Day | None = Field(default=None, description="Day it took place; never in the future (実施日).")
    starts_at: LocalTime | None = Field(default=None, description="Start, local time (開始時刻).", examples=["13:30"])
    ends_at: LocalTime | None = Field(default=None, description="End, local time (終了時刻).", examples=["15:00"])
    duration_minutes: Minutes | None = Field(
        default=None, description="Length in minutes; from the times where left out (所要時間・分)."
    )
    format: Format | None = Field(default=None, description="On site, remote or hybrid (開催方法).")
    location: Annotated[str, text(200)] | None = Field(default=None, description="Place (場所).")
    participant_count: Participants | None = Field(
        default=None, description="People who took part; counted from the attendance where left out (参加人数)."
    )
    themes: Codes | None = Field(default=None, description="Theme codes; counting rules look at them (テーマ).")
    needs: Codes | None = Field(default=None, description="Need codes (ニーズ).")
    purposes: Codes | None = Field(default=None, description="Purposes; one sitting may serve several (目的).")
    counted_as: Codes | None = Field(default=None, description="Duties it openly counts for (計上先).")
    visibility: Visibility | None = Field(default=None, description="Who may see it (公開範囲).")
    disclosure: Disclosure | None = Field(default=None, description="Open or closed to the public (公開・非公開).")
    sensitivity: Literal["normal", "restricted"] | None = Field(default=None, description=_SENSITIVITY)
    follow_up_of_id: Uuid | None = Field(default=None, description="The activity it follows up (フォロー元).")
    internal_note: Note | None = Field(default=None, description="Note for the centre and its ward only (内部メモ).")
    external_source: Source | None = Field(
        default=None, description="System that knows it by its own key (外部システム)."
    )
    external_id: ExternalId | None = Field(default=None, description="Its key there (外部キー).")
    plan_item_ids: Annotated[list[Uuid], Field(max_length=30)] | None = Field(
        default=None,
        description="Plan items it counts for; left out or null: the counting rules decide; []: none (計画項目).",
    )
    offices: Annotated[list[OfficeLink], Field(max_length=200)] | None = Field(
        default=None, description="Offices that took part (参加事業所)."
    )
    people: Annotated[list[PersonLink], Field(max_length=500)] | None = Field(
        default=None, description="People who took part (参加者)."
    )
    organizations: Annotated[list[OrganizationLink], Field(max_length=100)] | None = Field(
        default=None, description="Other bodies that took part (関係機関)."
    )


class ActivityFieldsChange(ActivityFields):
    """What may change of an activity: left-out members stay, lists are replaced, the centre never changes."""

    centre_role: CentreRole = unchanged("What the centre is in it (センターの役割).")
    title: Annotated[str, text(200)] = unchanged("Title (題名).")
    status: Status = unchanged("Status (状態).")
    format: Format = unchanged("On site, remote or hybrid (開催方法).")
    themes: Codes = unchanged("Theme codes (テーマ).")
    needs: Codes = unchanged("Need codes (ニーズ).")
    purposes: Codes = unchanged("Purposes (目的).")
    counted_as: Codes = unchanged("Duties it openly counts for (計上先).")
    visibility: Visibility = unchanged("Who may see it (公開範囲).")
    disclosure: Disclosure = unchanged("Open or closed to the public (公開・非公開).")
    sensitivity: Literal["normal", "restricted"] = unchanged(_SENSITIVITY)
    offices: Annotated[list[OfficeLink], Field(max_length=200)] = unchanged("Offices, whole list (参加事業所).")
    people: Annotated[list[PersonLink], Field(max_length=500)] = unchanged("People, whole list (参加者).")
    organizations: Annotated[list[OrganizationLink], Field(max_length=100)] = unchanged(
        "Other bodies, whole list (関係機関)."
    )


class SeenByOffice(Shape):
    """What an office sees of any activity it took part in, or that is published."""

    id: str
    centre_id: str = Field(description="The centre (センター).")
    municipality_id: str | None = Field(description="The municipality it is for; null = joint (対象の市区町村).")
    title: str
    status: Status
    status_reason: str | None
    planned_on: date | None
    held_on: date | None
    starts_at: str | None
    ends_at: str | None
    duration_minutes: int | None
    format: Format
    location: str | None
    office_id: str | None = Field(description="The office it is about (対象の事業所).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class ActivityOut(Shape):
    """An activity of the ledger (活動)."""

    id: str = Field(description="UUIDv7; later ids are later records.")
    centre_id: str = Field(description="The centre (センター).")
    kind: str = Field(description="Kind of activity (種別).", examples=["office_visit"])
    municipality_id: str | None = Field(description="The municipality it is for; null = joint (対象の市区町村).")
    centre_role: CentreRole = Field(description="What the centre is in it (センターの役割).")
    title: str = Field(description="Title (題名).")
    status: Status = Field(description="Status (状態).")
    status_reason: str | None = Field(description="Why postponed, declined or cancelled (理由).")
    planned_on: date | None = Field(description="Planned day (予定日).")
    held_on: date | None = Field(description="Day it took place (実施日).")
    starts_at: str | None = Field(description="Start, local time (開始時刻).")
    ends_at: str | None = Field(description="End, local time (終了時刻).")
    duration_minutes: int | None = Field(description="Length in minutes (所要時間・分).")
    format: Format = Field(description="On site, remote or hybrid (開催方法).")
    location: str | None = Field(description="Place (場所).")
    office_id: str | None = Field(description="The office it is about (対象の事業所).")
    participant_count: int | None = Field(description="People who took part (参加人数).")
    body: str | None = Field(description="Meeting body code (会議体).")
    themes: list[str] = Field(description="Theme codes (テーマ).")
    needs: list[str] = Field(description="Need codes (ニーズ).")
    purposes: list[str] = Field(description="Purposes (目的).")
    counted_as: list[str] = Field(description="Duties it openly counts for (計上先).")
    visibility: Visibility = Field(description="Who may see it (公開範囲).")
    disclosure: Disclosure = Field(description="Open or closed to the public (公開・非公開).")
    sensitivity: Literal["normal", "restricted"] = Field(description=_SENSITIVITY)
    follow_up_of_id: str | None = Field(description="The activity it follows up (フォロー元).")
    internal_note: str | None = Field(description="Note for the centre and its ward only (内部メモ).")
    external_source: str | None = Field(description="System that knows it by its own key (外部システム).")
    external_id: str | None = Field(description="Its key there (外部キー).")
    plan_items_by: Literal["rule", "hand"] = Field(
        description="Whether the counting rules or a person decides its plan items (計画項目の決め方)."
    )
    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")] | None = Field(
        description="Month it counts in, `2026-10`; null while not held (計上月)."
    )
    origin: Literal["recorded", "imported", "generated"] = Field(description="Where the row comes from (記録の由来).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = Field(description="Set on tombstones (削除日時).")


class ActivityWhole(ActivityOut):
    """An activity with its links."""

    offices: list[OfficeLink] = Field(description="Offices that took part (参加事業所).")
    people: list[PersonLink] = Field(description="People who took part (参加者).")
    organizations: list[OrganizationLink] = Field(description="Other bodies that took part (関係機関).")
    plan_items: list[PlanItemLink] = Field(description="Plan items it counts for (計上された計画項目).")
