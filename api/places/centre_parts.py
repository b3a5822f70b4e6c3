"""What hangs on a centre: coverage (担当), hours (開所時間), closures (休所日), staffing (職員配置), calendar (開所日).

All of it shares the version of the centre: ``If-Match`` names the ETag of the centre or of any of its parts.
"""

from datetime import date
from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field

from api.access import allow
from api.answers import Answer, created, document, item, nothing, tag_of
from api.calendars import MEDIA_TYPE, calendar_file, whole_calendar
from api.operations import area
from api.places.centre_events import opening_events
from api.places.centre_shapes import CalendarOut, CentreId, ClosureOut, CoverageOut, Span, StaffingOut, WeekdayHours
from api.preconditions import if_match, if_match_where_it_exists
from api.problems import problems
from api.shapes import Day, Incoming, MunicipalityCode, Shape, text, unchanged
from domain.access import Permission
from domain.database import Session
from domain.errors import NotFoundError
from domain.places import centre_calendar, centre_coverage, centre_parts

router = area("centres")

CoverageId = Annotated[str, Path(description="Id of the coverage (担当).")]
StaffingId = Annotated[str, Path(description="Id of the staffing row (職員配置).")]
ClosureDay = Annotated[str, Path(description="The day, YYYY-MM-DD.", examples=["2026-12-28"])]
Post = Annotated[str, text(60)]
Count = Annotated[int, Field(ge=0, le=1000)]
_VERSION = Field(description="Version of the centre; also the ETag.")


class CoverageIn(Incoming):
    """A municipality that a centre shall cover."""

    municipality_id: MunicipalityCode = Field(description="Local government code.", examples=["131105"])
    valid_from: Day = Field(description="First day: the first of a month.", examples=["2026-04-01"])
    valid_to: Day | None = Field(default=None, description="Last day: the last of a month; null without end.")


class CoverageChange(Incoming):
    """The end of a coverage."""

    valid_to: Day | None = Field(description="Last day: the last of a month; null without end.")


class CoverageAt(CoverageOut):
    """A coverage with the version of its centre."""

    version: int = _VERSION


class CoverageList(Shape):
    """All coverage of a centre."""

    version: int = _VERSION
    results: list[CoverageOut]


class WeekIn(Incoming):
    """The opening hours of a week. A weekday that is left out is closed."""

    results: list[WeekdayHours] = Field(max_length=7, description="One entry for each weekday that is open.")


class WeekOut(Shape):
    """The opening hours of a week."""

    version: int = _VERSION
    results: list[WeekdayHours]


class ClosureIn(Incoming):
    """What a day shall be."""

    kind: Literal["closed", "open"] = Field(description="Closed, or opened on purpose (休所・開所).")
    reason: Annotated[str, text(200)] | None = Field(default=None, description="Reason (理由).")


class ClosureAt(ClosureOut):
    """A closure with the version of its centre."""

    version: int = _VERSION


class ClosureList(Shape):
    """Closures of a centre."""

    version: int = _VERSION
    results: list[ClosureOut]


class StaffingIn(Incoming):
    """How many work at the centre in one form."""

    employment: Literal["full_time", "part_time"] = Field(description="Full or part time (常勤・非常勤).")
    is_dedicated: bool = Field(description="Works for the centre only (専従).")
    post: Post | None = Field(default=None, description="Post (職種).")
    person_count: Count = Field(description="Number of persons (人数).", examples=[2])
    valid_from: Day = Field(description="First day.")
    valid_to: Day | None = Field(default=None, description="Last day; null without end.")


class StaffingChange(Incoming):
    """What may change of a staffing row."""

    employment: Literal["full_time", "part_time"] = unchanged("Full or part time (常勤・非常勤).")
    is_dedicated: bool = unchanged("Works for the centre only (専従).")
    post: Post | None = unchanged("Post (職種).")
    person_count: Count = unchanged("Number of persons (人数).")
    valid_from: Day = unchanged("First day.")
    valid_to: Day | None = unchanged("Last day; null without end.")


class StaffingAt(StaffingOut):
    """A staffing row with the version of its centre."""

    version: int = _VERSION


class StaffingList(Shape):
    """All staffing rows of a centre."""

    version: int = _VERSION
    results: list[StaffingOut]


def _day_named(text_of_day: str) -> date:
    """Read the day of a path; what is no day names nothing, exactly like a malformed id."""
    try:
        day = date.fromisoformat(text_of_day)
    except ValueError:
        raise NotFoundError from None
    if day.isoformat() != text_of_day:
        raise NotFoundError
    return day


@router.get("/{id}/coverage", response_model=CoverageList)
async def list_coverage(session: Annotated[Session, allow(Permission.CENTRES_READ)], centre_id: CentreId) -> Answer:
    """List which municipalities a centre covers, and when (担当する市区町村)."""
    return item(await centre_coverage.coverage_of(session, centre_id))


@router.post("/{id}/coverage", response_model=CoverageAt, status_code=201, responses=problems(409))
async def cover_municipality(
    session: Annotated[Session, allow(Permission.CENTRES_PROVISION)], centre_id: CentreId, body: CoverageIn
) -> Answer:
    """Let a centre cover a municipality from the first of a month (担当の登録)."""
    row = await centre_coverage.cover_municipality(session, centre_id, body.model_dump())
    return created(row, f"/v1/centres/{centre_id}/coverage")


@router.patch("/{id}/coverage/{coverage_id}", response_model=CoverageAt, responses=problems(409))
async def end_coverage(
    session: Annotated[Session, allow(Permission.CENTRES_PROVISION)],
    centre_id: CentreId,
    coverage_id: CoverageId,
    version: Annotated[int, if_match()],
    body: CoverageChange,
) -> Answer:
    """Change the last day of a coverage (担当の終了)."""
    row = await centre_coverage.end_coverage(session, centre_id, coverage_id, body.model_dump(), version)
    return item(row)


@router.get("/{id}/hours", response_model=WeekOut)
async def read_hours(session: Annotated[Session, allow(Permission.CENTRES_READ)], centre_id: CentreId) -> Answer:
    """Read the opening hours of a week (開所時間)."""
    return item(await centre_parts.hours_of(session, centre_id))


@router.put("/{id}/hours", response_model=WeekOut)
async def set_hours(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)],
    centre_id: CentreId,
    version: Annotated[int, if_match()],
    body: WeekIn,
) -> Answer:
    """Replace the opening hours of the week (開所時間の変更)."""
    return item(await centre_parts.set_hours(session, centre_id, body.model_dump()["results"], version))


@router.get("/{id}/closures", response_model=ClosureList)
async def list_closures(
    session: Annotated[Session, allow(Permission.CENTRES_READ)], centre_id: CentreId, span: Annotated[Span, Query()]
) -> Answer:
    """List the days on which the weekly hours do not hold (休所日・臨時開所日)."""
    return item(await centre_parts.closures_between(session, centre_id, *span.days()))


@router.put(
    "/{id}/closures/{day}",
    response_model=ClosureAt,
    responses={201: {"description": "Set for the first time.", "model": ClosureAt}, **problems(412, 428)},
)
async def set_closure(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)],
    centre_id: CentreId,
    day: ClosureDay,
    version: Annotated[int | None, if_match_where_it_exists()],
    body: ClosureIn,
) -> Answer:
    """Close, or open on purpose, one day; replacing what is set needs If-Match (休所日の登録)."""
    on = _day_named(day)
    row, is_new = await centre_parts.set_closure(session, centre_id, on, body.model_dump(), version)
    return created(row, f"/v1/centres/{centre_id}/closures/{on}") if is_new else item(row)


@router.delete("/{id}/closures/{day}", status_code=204)
async def remove_closure(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)],
    centre_id: CentreId,
    day: ClosureDay,
    version: Annotated[int, if_match()],
) -> Answer:
    """Let the weekly hours hold again on a day (休所日の取消)."""
    await centre_parts.remove_closure(session, centre_id, _day_named(day), version)
    return nothing()


@router.get("/{id}/staffing", response_model=StaffingList)
async def list_staffing(session: Annotated[Session, allow(Permission.PEOPLE_READ)], centre_id: CentreId) -> Answer:
    """List how many work at a centre in what form (職員配置)."""
    return item(await centre_parts.staffing_of(session, centre_id))


@router.post("/{id}/staffing", response_model=StaffingAt, status_code=201)
async def add_staffing(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)], centre_id: CentreId, body: StaffingIn
) -> Answer:
    """Say how many work at a centre in one form from a day on (職員配置の登録)."""
    row = await centre_parts.add_staffing(session, centre_id, body.model_dump())
    return created(row, f"/v1/centres/{centre_id}/staffing")


@router.patch("/{id}/staffing/{staffing_id}", response_model=StaffingAt)
async def change_staffing(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)],
    centre_id: CentreId,
    staffing_id: StaffingId,
    version: Annotated[int, if_match()],
    body: StaffingChange,
) -> Answer:
    """Change a staffing row (職員配置の変更)."""
    changes = body.model_dump(exclude_unset=True)
    return item(await centre_parts.change_staffing(session, centre_id, staffing_id, changes, version))


@router.delete("/{id}/staffing/{staffing_id}", status_code=204)
async def remove_staffing(
    session: Annotated[Session, allow(Permission.CENTRES_WRITE)],
    centre_id: CentreId,
    staffing_id: StaffingId,
    version: Annotated[int, if_match()],
) -> Answer:
    """Take back a staffing row that was wrong (職員配置の削除)."""
    await centre_parts.remove_staffing(session, centre_id, staffing_id, version)
    return nothing()


@router.get("/{id}/calendar", response_model=CalendarOut)
async def read_calendar(
    session: Annotated[Session, allow(Permission.CENTRES_READ)], centre_id: CentreId, span: Annotated[Span, Query()]
) -> Answer:
    """Read which days a centre is open, and why not (開所日)."""
    return document(await centre_calendar.days_of(session, centre_id, *span.days()))


@router.get("/{id}/calendar.ics", response_model=None, responses=calendar_file())
async def export_calendar(
    session: Annotated[Session, allow(Permission.CENTRES_READ, writes=True)],
    centre_id: CentreId,
    span: Annotated[Span, Query()],
) -> Answer:
    """Read the days on which the weekly hours do not hold, for calendar programs (休所日・臨時開所日の予定表)."""
    centre, days = await centre_calendar.exceptional_days_of(session, centre_id, *span.days())
    body = await whole_calendar(f"{centre['name']} 休所日", opening_events(centre, days))
    headers = {"Content-Disposition": 'attachment; filename="calendar.ics"'}
    return Answer(body, media_type=MEDIA_TYPE, etag=tag_of(body), headers=headers)
