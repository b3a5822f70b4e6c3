"""Wire shapes of an office; an office's own users get it without the internal note."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.shapes import Code, Day, Incoming, MunicipalityCode, Shape, text, unchanged
from api.warnings import Warned

OfficeNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{10}$")]
EnhancedType = Literal["none", "I", "II", "III", "IV"]
ContactMethod = Literal["none", "own_rota", "shared_rota", "residential_facility", "other"]
DesignationKind = Literal["specific", "child", "general"]
Phone = Annotated[str, text(30)]
Url = Annotated[str, StringConstraints(max_length=300, pattern=r"^https?://[!-~]+$")]
SourceName = Annotated[str, text(40)]
ExternalKey = Annotated[str, text(100)]
_NUMBER = "Office number of 10 digits (事業所番号); a wrong check digit warns."


class Designation(Incoming):
    """A designation of an office (指定)."""

    kind: DesignationKind = Field(description="specific (指定特定), child (指定障害児), general (指定一般).")
    office_number: OfficeNumber | None = Field(default=None, description=_NUMBER, examples=["1330100692"])
    designated_on: Day | None = Field(default=None, description="Designated on (指定日).")
    expires_on: Day | None = Field(default=None, description="Valid until (有効期限).")


class Strength(Incoming):
    """What an office is good at (得意分野)."""

    code: Code = Field(description="Code.", examples=["second_line_consultation", "psychology"])
    note: Annotated[str, text(300)] | None = Field(default=None, description="In words (補足).")


Designations = Annotated[list[Designation], Field(max_length=3)]
Strengths = Annotated[list[Strength], Field(max_length=40)]


class StaffCounts(Shape):
    """How many work at an office today (職員数)."""

    person_count: int
    full_time_count: int = Field(description="Full-time (常勤).")
    dedicated_count: int = Field(description="Dedicated (専従).")
    chief_specialist_count: int = Field(description="Chief consultation support specialists (主任相談支援専門員).")
    by_qualification: dict[str, int] = Field(description="Persons by qualification code (資格別).")


class OfficeFields(Incoming):
    """What is written of an office."""

    office_number: OfficeNumber | None = Field(default=None, description=_NUMBER, examples=["1330100692"])
    name: Annotated[str, text(100)] = Field(description="Name (名称).", examples=["光の丘相談室"])
    name_kana: Annotated[str, text(200)] = Field(description="Reading (よみ).", examples=["ひかりのおかそうだんしつ"])
    corporation_name: Annotated[str, text(100)] | None = Field(default=None, description="Corporation (法人).")
    address: Annotated[str, text(200)] | None = Field(default=None, description="Address (所在地).")
    telephone: Phone | None = Field(default=None, description="Telephone (電話).")
    fax: Phone | None = Field(default=None, description="Fax.")
    url: Url | None = Field(default=None, description="Web page.")
    is_commissioned: bool = Field(default=False, description="Commissioned by the municipality (委託相談支援事業所).")
    is_core_office: bool = Field(default=False, description="Core office (コア事業所).")
    is_community_base: bool = Field(default=False, description="Community living support base (地域生活支援拠点等).")
    enhanced_type: EnhancedType = Field(default="none", description="Enhanced type (機能強化型).")
    contact_24h: ContactMethod = Field(default="none", description="24-hour contact (24時間の連絡体制).")
    contact_24h_note: Annotated[str, text(300)] | None = Field(default=None, description="How it works (補足).")
    opened_on: Day | None = Field(default=None, description="Opened on (開設日).")
    closed_on: Day | None = Field(default=None, description="Closed on (閉鎖日).")
    internal_note: Annotated[str, text(2000, least=0)] | None = Field(default=None, description="Note (内部メモ).")
    designations: Designations = Field(default_factory=list, description="Designations (指定).")
    strengths: Strengths = Field(default_factory=list, description="Strengths (得意分野).")


class OfficeUpsert(OfficeFields):
    """An office that another system knows by its own key."""

    municipality_id: MunicipalityCode = Field(description="The municipality it belongs to.", examples=["131105"])


class OfficeIn(OfficeUpsert):
    """An office to be entered."""

    external_source: SourceName | None = Field(default=None, description="System of the external key (外部システム).")
    external_id: ExternalKey | None = Field(default=None, description="Its key there (外部キー).")


class OfficeChange(Incoming):
    """What may change of an office. Its municipality does not; lists are replaced."""

    office_number: OfficeNumber | None = unchanged(_NUMBER)
    name: Annotated[str, text(100)] = unchanged("Name (名称).")
    name_kana: Annotated[str, text(200)] = unchanged("Reading (よみ).")
    corporation_name: Annotated[str, text(100)] | None = unchanged("Corporation (法人).")
    address: Annotated[str, text(200)] | None = unchanged("Address (所在地).")
    telephone: Phone | None = unchanged("Telephone (電話).")
    fax: Phone | None = unchanged("Fax.")
    url: Url | None = unchanged("Web page.")
    is_commissioned: bool = unchanged("Commissioned by the municipality (委託相談支援事業所).")
    is_core_office: bool = unchanged("Core office (コア事業所).")
    is_community_base: bool = unchanged("Community living support base (地域生活支援拠点等).")
    enhanced_type: EnhancedType = unchanged("Enhanced type (機能強化型).")
    contact_24h: ContactMethod = unchanged("24-hour contact (24時間の連絡体制).")
    contact_24h_note: Annotated[str, text(300)] | None = unchanged("How it works (補足).")
    opened_on: Day | None = unchanged("Opened on (開設日).")
    closed_on: Day | None = unchanged("Closed on (閉鎖日).")
    external_source: SourceName | None = unchanged("System of the external key (外部システム).")
    external_id: ExternalKey | None = unchanged("Its key there (外部キー).")
    internal_note: Annotated[str, text(2000, least=0)] | None = unchanged("Note (内部メモ).")
    designations: Designations = unchanged("Designations (指定); replaced as a whole.")
    strengths: Strengths = unchanged("Strengths (得意分野); replaced as a whole.")


class OfficeForOffice(Shape):
    """An office as lists and its own users see it."""

    id: str
    municipality_id: str = Field(description="The municipality it belongs to.")
    office_number: str | None = Field(description="Office number (事業所番号).")
    name: str = Field(description="Name (名称).")
    name_kana: str = Field(description="Reading (よみ).")
    corporation_name: str | None = Field(description="Corporation (法人).")
    address: str | None
    telephone: str | None
    fax: str | None
    url: str | None
    is_commissioned: bool = Field(description="Commissioned (委託).")
    is_core_office: bool = Field(description="Core office (コア事業所).")
    is_community_base: bool = Field(description="Community living support base (地域生活支援拠点等).")
    enhanced_type: str = Field(description="Enhanced type (機能強化型): none, I, II, III, IV.")
    contact_24h: str = Field(description="24-hour contact (24時間の連絡体制).")
    contact_24h_note: str | None
    opened_on: date | None
    closed_on: date | None
    external_source: str | None
    external_id: str | None
    designations: list[Designation] = Field(description="Designations (指定).")
    strengths: list[Strength] = Field(description="Strengths (得意分野).")
    staff: StaffCounts = Field(description="Counts of staff today (職員数).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class OfficeOut(OfficeForOffice):
    """An office in full."""

    internal_note: str | None = Field(description="Note for the municipality and its centres (内部メモ).")


class OfficeSaved(OfficeOut, Warned):
    """An office as it is now, with warnings about its numbers and its free text."""
