"""Opening hours (開所時間), closures (休所日・臨時開所日) and staffing (職員配置) of a centre.

The hours are those of a whole week and replaced as a whole. A closure row is a day on which they do not hold: closed,
or opened on purpose. Staffing tells numbers by form of employment and period, no names. Every change raises the
centre's version. Source: seed 003 items 1-(1), 2-(1) (2 full-time, 3 part-time; Monday to Friday 8:30-17:30).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from domain import audit
from domain.database import Row, Session
from domain.errors import NotFoundError, PreconditionMissingError, rule_broken
from domain.places.centres import WEEKDAYS, CentreClosure, CentreHours, CentreStaffing, centre_for, raise_version
from domain.statements import change, insert_into, put_into, update_of, within_reach
from domain.statements.columns import Day, Id, new_id
from domain.unchanged import says_nothing_new

_CENTRE = bindparam("centre_id", type_=Id(), required=True)
_ROW_CENTRE = bindparam("row_centre_id", type_=Id(), required=True)
_ROW_DAY = bindparam("row_day", type_=Day(), required=True)

HOURS_OF = within_reach(
    select(col(CentreHours.weekday), col(CentreHours.opens_at), col(CentreHours.closes_at)).where(
        col(CentreHours.centre_id) == _CENTRE
    )
)
CLOSURES_BETWEEN = within_reach(
    select(col(CentreClosure.day), col(CentreClosure.kind), col(CentreClosure.reason))
    .where(
        col(CentreClosure.centre_id) == _CENTRE,
        col(CentreClosure.day) >= bindparam("first", type_=Day(), required=True),
        col(CentreClosure.day) <= bindparam("last", type_=Day(), required=True),
    )
    .order_by(col(CentreClosure.day))
)
_STAFFING_MEMBERS = ("employment", "is_dedicated", "post", "person_count", "valid_from", "valid_to")
_STAFFING_OF = within_reach(
    select(col(CentreStaffing.id), *(getattr(CentreStaffing, name) for name in _STAFFING_MEMBERS))
    .where(col(CentreStaffing.centre_id) == _CENTRE)
    .order_by(col(CentreStaffing.valid_from), col(CentreStaffing.id))
)
_EMPTY_WEEK = change(delete(CentreHours).where(col(CentreHours.centre_id) == _ROW_CENTRE))
_OPEN_WEEKDAY = insert_into(CentreHours)
_SET_DAY = put_into(CentreClosure)
_FREE_DAY = change(
    delete(CentreClosure).where(col(CentreClosure.centre_id) == _ROW_CENTRE, col(CentreClosure.day) == _ROW_DAY)
)
_ADD_STAFFING = insert_into(CentreStaffing)
_CHANGE_STAFFING = update_of(CentreStaffing, *_STAFFING_MEMBERS)
_REMOVE_STAFFING = change(
    delete(CentreStaffing).where(col(CentreStaffing.id) == bindparam("row_id", type_=Id(), required=True))
)


async def hours_of(session: Session, centre_id: str) -> Row:
    """Give the opening hours of a week, Monday first, with the version of the centre.

    Raises:
        NotFoundError: the centre is outside reach.
    """
    centre = await centre_for(session, centre_id)
    rows = await session.rows(HOURS_OF, centre_id=centre_id)
    rows.sort(key=lambda row: WEEKDAYS.index(row["weekday"]))
    return {"version": centre["version"], "results": rows}


async def set_hours(session: Session, centre_id: str, week: Sequence[Mapping[str, Any]], version: int) -> Row:
    """Replace the opening hours of the week; a weekday that is not named is closed.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: ``weekday_repeated`` or ``closes_before_opening``.
        StaleVersionError: the centre is no longer at ``version``.
    """
    seen: set[str] = set()
    for position, hours in enumerate(week):
        if hours["weekday"] in seen:
            raise rule_broken(
                "weekday_repeated", "同じ曜日が2度あります。", "A weekday is given twice.",
                field=f"results/{position}/weekday",
            )  # fmt: skip
        seen.add(hours["weekday"])
        if hours["closes_at"] <= hours["opens_at"]:
            raise rule_broken(
                "closes_before_opening", "閉所時刻が開所時刻より後ではありません。", "It closes before it opens.",
                field=f"results/{position}/closes_at",
            )  # fmt: skip
    before = await hours_of(session, centre_id)
    await raise_version(session, {"id": centre_id}, version)
    await session.run(_EMPTY_WEEK, row_centre_id=centre_id)
    await session.store(
        *((_OPEN_WEEKDAY, {**hours, "centre_id": centre_id}) for hours in week),
        _told(session, "set_hours", centre_id, before={"hours": before["results"]}, after={"hours": list(week)}),
    )
    return await hours_of(session, centre_id)


async def closures_between(session: Session, centre_id: str, first: date, last: date) -> Row:
    """Give the days from ``first`` to ``last``, both inclusive, on which the weekly hours do not hold.

    Raises:
        NotFoundError: the centre is outside reach.
    """
    centre = await centre_for(session, centre_id)
    rows = await session.rows(CLOSURES_BETWEEN, centre_id=centre_id, first=first, last=last)
    return {"version": centre["version"], "results": rows}


async def set_closure(
    session: Session, centre_id: str, day: date, closure: Mapping[str, Any], version: int | None
) -> tuple[Row, bool]:
    """Close, or open on purpose, one day; give it with the new version of the centre, and whether it is new.

    Raises:
        NotFoundError: the centre is outside reach.
        PreconditionMissingError: the day is set already and no version was named.
        StaleVersionError: the centre is no longer at ``version``.
    """
    known = (await closures_between(session, centre_id, day, day))["results"]
    if known and version is None:
        raise PreconditionMissingError
    raised = await raise_version(session, {"id": centre_id}, version)
    row = {"day": day, **closure}
    before = known[0] if known else None
    await session.store(
        (_SET_DAY, {**row, "centre_id": centre_id}),
        _told(session, "set_closure", centre_id, before=before, after=row),
    )
    return {**row, "version": raised}, before is None


async def remove_closure(session: Session, centre_id: str, day: date, version: int) -> None:
    """Let the weekly hours hold again on a day.

    Raises:
        NotFoundError: the centre is outside reach, or the day is not set.
        StaleVersionError: the centre is no longer at ``version``.
    """
    known = (await closures_between(session, centre_id, day, day))["results"]
    if not known:
        raise NotFoundError
    await raise_version(session, {"id": centre_id}, version)
    await session.store(
        (_FREE_DAY, {"row_centre_id": centre_id, "row_day": day}),
        _told(session, "remove_closure", centre_id, before=known[0]),
    )


async def staffing_of(session: Session, centre_id: str) -> Row:
    """Give all staffing rows of a centre, oldest first, with the version of the centre.

    Raises:
        NotFoundError: the centre is outside reach.
    """
    centre = await centre_for(session, centre_id)
    return {"version": centre["version"], "results": await session.rows(_STAFFING_OF, centre_id=centre_id)}


async def add_staffing(session: Session, centre_id: str, new: Mapping[str, Any]) -> Row:
    """Say how many work at the centre in one form from a day on; give it with the new version of the centre.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: ``ends_before_start``.
    """
    _refuse_wrong_period(new)
    centre = await centre_for(session, centre_id)
    version = await raise_version(session, centre, None)
    row = {"id": new_id(), **new}
    await session.store(
        (_ADD_STAFFING, {**row, "centre_id": centre_id}),
        _told(session, "add_staffing", centre_id, after=row),
    )
    return {**row, "version": version}


async def change_staffing(
    session: Session, centre_id: str, staffing_id: str, changes: Mapping[str, Any], version: int
) -> Row:
    """Change one staffing row; give it with the new version of the centre.

    Raises:
        NotFoundError: the centre or the row is outside reach.
        RuleError: ``ends_before_start``.
        StaleVersionError: the centre is no longer at ``version``.
    """
    before = await _staffing_for(session, centre_id, staffing_id)
    as_it_is = {**before, "version": (await centre_for(session, centre_id))["version"]}
    if says_nothing_new(as_it_is, changes, version):
        return as_it_is
    after = {**before, **changes}
    _refuse_wrong_period(after)
    raised = await raise_version(session, {"id": centre_id}, version)
    await session.store(
        (_CHANGE_STAFFING, {"row_id": staffing_id, **{name: after[name] for name in _STAFFING_MEMBERS}}),
        _told(session, "change_staffing", centre_id, before=before, after=after),
    )
    return {**after, "version": raised}


async def remove_staffing(session: Session, centre_id: str, staffing_id: str, version: int) -> None:
    """Take back a staffing row that was wrong; one that has ended gets a last day instead.

    Raises:
        NotFoundError: the centre or the row is outside reach.
        StaleVersionError: the centre is no longer at ``version``.
    """
    before = await _staffing_for(session, centre_id, staffing_id)
    await raise_version(session, {"id": centre_id}, version)
    await session.store(
        (_REMOVE_STAFFING, {"row_id": staffing_id}), _told(session, "remove_staffing", centre_id, before=before)
    )


async def _staffing_for(session: Session, centre_id: str, staffing_id: str) -> Row:
    rows = (await staffing_of(session, centre_id))["results"]
    found = next((row for row in rows if row["id"] == staffing_id), None)
    if found is None:
        raise NotFoundError
    return dict(found)


def _refuse_wrong_period(row: Mapping[str, Any]) -> None:
    if row["valid_to"] is not None and row["valid_to"] < row["valid_from"]:
        raise rule_broken(
            "ends_before_start", "終わりが始まりより前です。", "It ends before it begins.", field="valid_to"
        )


def _told(
    session: Session,
    verb: str,
    centre_id: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Any:
    return audit.entry_of(
        session, f"centres.{verb}", "centres", centre_id, before=before, after=after, centre_id=centre_id
    )
