"""Wire shapes of a centre and of what hangs on it; offices get a narrower one."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import ConfigDict, Field, StringConstraints

from api.shapes import Day, Incoming, LocalTime, Shape, each_once, text, unchanged
from api.warnings import Warned
from domain.places.spans import span_of

CentreId = Annotated[str, Path(alias="id", description="Id of the centre (センター).")]
OperationMode = Literal["direct", "commissioned", "designated_manager"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FunctionCode = Literal[
    "abuse_prevention", "area_building", "backup_support", "case_conference", "community_base",
    "community_base_coordination", "community_transition", "comprehensive_consultation", "council_secretariat",
    "group_supervision", "guardianship", "individual_support", "liaison", "local_system", "rights_protection",
    "training",
]  # fmt: skip
Functions = Annotated[list[FunctionCode], Field(max_length=40), each_once()]
Mail = Annotated[str, StringConstraints(max_length=200, pattern=r"^[!-?A-~]{1,64}@[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)+$")]
Phone = Annotated[str, text(30)]


class CoverageOut(Shape):
    """Months in which the centre covers a municipality (担当)."""

    id: str
    municipality_id: str = Field(description="Local government code.")
    valid_from: date = Field(description="First day, the first of a month.")
    valid_to: date | None = Field(description="Last day, the last of a month; null without end.")


class WeekdayHours(Incoming):
    """Opening hours of one weekday (開所時間)."""

    weekday: Weekday = Field(description="Day of the week (曜日).")
    opens_at: LocalTime = Field(description="Opens at, local time.", examples=["08:30"])
    closes_at: LocalTime = Field(description="Closes at, local time.", examples=["17:30"])


class ClosureOut(Shape):
    """A day on which the weekly hours do not hold (臨時休所・臨時開所)."""

    day: date
    kind: Literal["closed", "open"]
    reason: str | None


class StaffingOut(Shape):
    """How many work at the centre in one form (職員配置)."""

    id: str
    employment: Literal["full_time", "part_time"] = Field(description="Full or part time (常勤・非常勤).")
    is_dedicated: bool = Field(description="Works for the centre only (専従).")
    post: str | None = Field(description="Post (職種).")
    person_count: int = Field(description="Number of persons (人数).")
    valid_from: date
    valid_to: date | None


class CentreRow(Shape):
    """A centre, as lists and offices see it (センター)."""

    id: str
    name: str = Field(description="Name (名称).", examples=["目黒区基幹相談支援センター"])
    name_kana: str = Field(description="Reading (よみ).")
    nickname: str | None = Field(description="Nickname (愛称).", examples=["きょうせい"])
    operation_mode: str = Field(description="direct (直営), commissioned (委託), designated_manager (指定管理).")
    operator_name: str | None = Field(description="Who runs it: corporation or municipal section (運営主体).")
    does_direct_support: bool = Field(description="Whether it supports persons itself (個別支援を行うか).")
    functions: list[str] = Field(description="Functions, as codes (機能).")
    opened_on: date = Field(description="Opened on (開設日).")
    closed_on: date | None = Field(description="Closed on (閉鎖日).")
    address: str | None = Field(description="Address (所在地).")
    telephone: str | None = Field(description="Telephone (電話).")
    fax: str | None = Field(description="Fax.")
    mail: str | None = Field(description="Mail address (メール).")
    municipality_ids: list[str] = Field(description="Municipalities covered today (現在担当する市区町村).")
    version: int = Field(description="Version of the centre with all that hangs on it; also the ETag.")
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class CentreForOffice(CentreRow):
    """A centre as an office user reads it: no staffing, no internal note."""

    hours: list[WeekdayHours] = Field(description="Opening hours of the week (開所時間).")
    closures: list[ClosureOut] = Field(description="Closures since the fiscal year began (休所日).")


class CentreOut(CentreForOffice):
    """A centre in full."""

    internal_note: str | None = Field(description="Note for the centre and its municipalities (内部メモ).")
    coverage: list[CoverageOut] = Field(description="Coverage, past and future too (担当).")
    staffing: list[StaffingOut] = Field(description="Staffing (職員配置).")


class CentreSaved(CentreOut, Warned):
    """A centre as it is now, with warnings about its free text."""


class CentreIn(Incoming):
    """A centre to be set up."""

    name: Annotated[str, text(100)] = Field(description="Name (名称).", examples=["目黒区基幹相談支援センター"])
    name_kana: Annotated[str, text(200)] = Field(description="Reading (よみ).")
    nickname: Annotated[str, text(60)] | None = Field(default=None, description="Nickname (愛称).")
    operation_mode: OperationMode = Field(description="Mode of operation (運営形態).")
    operator_name: Annotated[str, text(100)] | None = Field(default=None, description="Who runs it (運営主体).")
    does_direct_support: bool = Field(default=False, description="Whether it supports persons itself (個別支援).")
    functions: Functions = Field(
        default_factory=list, description="Functions (機能).", examples=[["area_building", "community_transition"]]
    )
    opened_on: Day = Field(description="Opened on; its fiscal year is the first operation year (開設日).")
    closed_on: Day | None = Field(default=None, description="Closed on (閉鎖日).")
    address: Annotated[str, text(200)] | None = Field(default=None, description="Address (所在地).")
    telephone: Phone | None = Field(default=None, description="Telephone (電話).")
    fax: Phone | None = Field(default=None, description="Fax.")
    mail: Mail | None = Field(default=None, description="Mail address (メール).")
    internal_note: Annotated[str, text(2000, least=0)] | None = Field(default=None, description="Note (内部メモ).")


class CentreChange(Incoming):
    """What may change of a centre. Names, operation and opening are the operator's to change."""

    name: Annotated[str, text(100)] = unchanged("Name (名称); operators only.")
    name_kana: Annotated[str, text(200)] = unchanged("Reading (よみ); operators only.")
    nickname: Annotated[str, text(60)] | None = unchanged("Nickname (愛称).")
    operation_mode: OperationMode = unchanged("Mode of operation (運営形態); operators only.")
    operator_name: Annotated[str, text(100)] | None = unchanged("Who runs it (運営主体); operators only.")
    does_direct_support: bool = unchanged("Whether it supports persons itself (個別支援); operators only.")
    functions: Functions = unchanged("Functions (機能).")
    opened_on: Day = unchanged("Opened on (開設日); operators only.")
    closed_on: Day | None = unchanged("Closed on (閉鎖日); operators only.")
    address: Annotated[str, text(200)] | None = unchanged("Address (所在地).")
    telephone: Phone | None = unchanged("Telephone (電話).")
    fax: Phone | None = unchanged("Fax.")
    mail: Mail | None = unchanged("Mail address (メール).")
    internal_note: Annotated[str, text(2000, least=0)] | None = unchanged("Note (内部メモ).")


class Span(Incoming):
    """A run of days, both ends included: `from` and `to`, or one month, or a fiscal year."""

    from_: str | None = Field(
        default=None,
        alias="from",
        description="First day, or the month it begins with (開始).",
        examples=["2026-04-01"],
    )
    to: str | None = Field(default=None, description="Last day, or its month (終了).", examples=["2027-03-31"])
    month: str | None = Field(default=None, description="Instead: one month (月).", examples=["2026-10"])
    fiscal_year: str | None = Field(default=None, description="Instead: fiscal year (年度).", examples=["2026"])

    def days(self) -> tuple[date, date]:
        """Give the first and the last day.

        Raises:
            RuleError: there is no period, more than one, or one that cannot be read.
        """
        return span_of(self.model_dump(by_alias=True))


class CalendarDay(Shape):
    """One day of a centre."""

    day: date
    weekday: str
    is_open: bool
    opens_at: str | None = Field(description="Local time; null where closed or not known.")
    closes_at: str | None
    reason: str = Field(
        description="weekly_hours, opened (open); closed, closed_weekday, holiday, year_end, not_operating (closed)."
    )
    reason_ja: str | None = Field(description="The reason for a person, e.g. the name of the holiday.")


class CalendarOut(Shape):
    """The opening days of a centre (開所日)."""

    model_config = ConfigDict(populate_by_name=True)

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    hours_known: bool = Field(description="False: no hours are told, Monday to Friday is assumed.")
    days: list[CalendarDay]
