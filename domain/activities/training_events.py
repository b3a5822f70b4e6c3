"""Trainings (研修会): theme, audience, dates, lecturers, attendance. Registration is a later chapter of its own.

A training over several dates is one activity and counts once, in the month of its ``held_on``: the first of its
dates that took place. Source: seed 003 items 3-(1), 3-(4), 5-(1), 5-(2); seed 004.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ForeignKeyConstraint, bindparam, delete
from sqlmodel import SQLModel, col, select

from domain.activities.activities import centre_named
from domain.activities.activity_areas import TOOK_PART, ActivityArea, Said, Whole
from domain.activities.external_keys import Draft, ExternalKeys, Upserted
from domain.activities.training_rules import (
    CATEGORIES,
    dates_in_order,
    minutes_of,
    themes_of,
    with_days,
    with_themes,
)
from domain.database import Row, Session
from domain.ledger import Saved
from domain.ledger.details import Details
from domain.ledger.entry import merged
from domain.ledger.links import OFFICES_OF, PEOPLE_OF
from domain.ledger.tables import VISIBILITIES, Activity
from domain.lists import Filter
from domain.statements import change, insert_into, within_reach
from domain.statements.columns import Big, Codes, Day, Document, Flag, Id, column, one_of, ref, rule, words
from domain.statements.comparisons import Among
from domain.statements.documents import objects
from domain.statements.reach import Owner, owned


class TrainingEvent(Details, table=True):
    """What a training adds to its activity. ``lecturers`` is a list of ``{"name", "affiliation", "is_external"}``."""

    __tablename__ = "training_event"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "id"], ["activity.centre_id", "activity.id"]),
        one_of("category", *CATEGORIES),
        rule("capacity_plausible", "capacity IS NULL OR (capacity >= 1 AND capacity <= 10000)"),
        one_of("visibility", *VISIBILITIES),
        owned(Owner.ACTIVITY_DETAILS),
    )

    category: str = words(24)
    theme: str = words(200)
    audience: list[str] = column(Codes())
    capacity: int | None = column(Big(), optional=True)
    is_case_method: bool = column(Flag())
    lecturers: list[dict[str, Any]] = column(Document())
    description: str | None = words(4000, optional=True)
    survey_summary: str | None = words(4000, optional=True)


class TrainingDate(SQLModel, table=True):
    """One date of a training that runs over several."""

    __tablename__ = "training_date"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "training_id"], ["activity.centre_id", "activity.id"]),
        owned(Owner.ACTIVITY_PART, parent="training_id", deletable="yes"),
    )

    training_id: str = ref(primary_key=True)
    held_on: date = column(Day(), primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    starts_at: str | None = words(5, optional=True)
    ends_at: str | None = words(5, optional=True)
    location: str | None = words(200, optional=True)


_DETAILS = (
    "category", "theme", "audience", "capacity", "is_case_method", "lecturers", "description", "survey_summary",
)  # fmt: skip
_HIDDEN = ("survey_summary",)
_DATE_MEMBERS = ("held_on", "starts_at", "ends_at", "location")
_DATES_OF = objects(
    col(TrainingDate.training_id) == col(Activity.id),
    **{name: col(getattr(TrainingDate, name)) for name in _DATE_MEMBERS},
).label("dates")
_DATES_AMONG = within_reach(
    select(col(TrainingDate.training_id), *(getattr(TrainingDate, name) for name in _DATE_MEMBERS)).where(
        Among(col(TrainingDate.training_id), "training_ids")
    )
)
_ENTER_DATE = insert_into(TrainingDate)
_CLEAR_DATES = change(
    delete(TrainingDate).where(col(TrainingDate.training_id) == bindparam("row_id", type_=Id(), required=True))
)


def _said(fields: Mapping[str, Any]) -> Said:
    details = {name: fields.get(name) for name in _DETAILS}
    details |= {"audience": details["audience"] or [], "lecturers": details["lecturers"] or []}
    details["is_case_method"] = bool(details["is_case_method"])
    defaults = {"visibility": "published", "title": details["theme"]}
    return Said("training_event", details, defaults, told={"dates": fields["dates"]})


TRAININGS = ActivityArea(
    "training_events",
    TrainingEvent,
    _said,
    for_staff=(_DATES_OF,),
    for_office=(
        *(col(getattr(TrainingEvent, name)) for name in _DETAILS if name not in _HIDDEN),
        _DATES_OF,
        OFFICES_OF,
        PEOPLE_OF,
    ),
    filters={
        "office_id": TOOK_PART,
        "category": Filter("codes", col(TrainingEvent.category), "区分", CATEGORIES),
        "is_case_method": Filter("flag", col(TrainingEvent.is_case_method), "事例検討の進め方の研修か"),
        "audience": Filter("has_any", col(TrainingEvent.audience), "対象者"),
    },
    texts=("theme", "description", "survey_summary"),
)


async def with_dates(session: Session, rows: list[Row]) -> list[Row]:
    """Add its dates, in their order, to each training among activities of every kind; to the others an empty list."""
    ids = [row["id"] for row in rows if row["kind"] == "training_event"]
    found: dict[str, list[Row]] = {}
    for sitting in await session.rows(_DATES_AMONG, training_ids=ids) if ids else ():
        found.setdefault(sitting["training_id"], []).append(sitting)
    return [{**row, "dates": dates_in_order(found.get(row["id"], ()))} for row in rows]


async def in_order(_session: Session, rows: Sequence[Row]) -> list[Row]:
    """Put the dates of each training in their order."""
    return [{**row, "dates": dates_in_order(row["dates"])} for row in rows]


async def training_for(session: Session, training_id: str) -> Row:
    """Give one training in the shape of the caller's role; an office sees its own attendance only.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    row = await TRAININGS.row_for(session, training_id)
    return {**row, "dates": dates_in_order(row["dates"])}


async def record_training(session: Session, fields: Mapping[str, Any]) -> Saved:
    """Enter a training that has taken place, has begun, or is planned; give it with the warnings about its text.

    Its category and method stand among its themes, where the counting rules look. ``duration_minutes`` left out is the
    sum over its dates.

    Raises:
        NotFoundError: the centre, an office or a person is outside reach.
        RuleError: a broken rule of the dates or of the ledger.
    """
    own = themes_of(fields["category"], is_case_method=bool(fields.get("is_case_method")))
    whole = with_days({**fields, "themes": with_themes(fields.get("themes") or (), own)}, session.today)
    row, warnings = await TRAININGS.record(session, whole)
    await _enter_dates(session, row, whole["dates"])
    return row | {"dates": whole["dates"]}, warnings


async def change_training(session: Session, training_id: str, changes: Mapping[str, Any], version: int) -> Saved:
    """Change a training: hold a planned one, change its dates, enter attendance.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_training``.
    """
    row, warnings = await TRAININGS.change(session, training_id, changes, version, whole=_whole_on(session.today))
    if row["version"] == version:
        return row | {"dates": dates_in_order(row["dates"])}, warnings
    if "dates" in changes or row["dates"]:
        # Written anew each time: every date repeats the municipality of its training.
        dates = dates_in_order(changes["dates"] if "dates" in changes else row["dates"])
        await session.run(_CLEAR_DATES, row_id=training_id)
        await _enter_dates(session, row, dates)
        row["dates"] = dates
    return row, warnings


def _whole_on(today: date) -> Whole:
    return lambda before, changes: with_days(_after(before, changes), today)


def _after(before: Row, changes: Mapping[str, Any]) -> dict[str, Any]:
    fields = merged(before, changes)
    own = themes_of(fields["category"], is_case_method=fields["is_case_method"])
    former = () if "themes" in changes else themes_of(before["category"], is_case_method=before["is_case_method"])
    fields["themes"] = with_themes(fields["themes"], own, less=former)
    if "dates" in changes and "planned_on" not in changes and before["held_on"] is None and changes["dates"]:
        fields["planned_on"] = None
    was_summed = before["duration_minutes"] == minutes_of(dates_in_order(before["dates"]))
    if was_summed and "duration_minutes" not in changes:
        fields["duration_minutes"] = None
    return fields


async def _enter_dates(session: Session, row: Row, dates: Sequence[Mapping[str, Any]]) -> None:
    owners = {"training_id": row["id"], "centre_id": row["centre_id"], "municipality_id": row["municipality_id"]}
    if dates:
        await session.store(*((_ENTER_DATE, {**owners, **sitting}) for sitting in dates))


async def remove_training(session: Session, training_id: str, version: int) -> None:
    """Take a training out of the ledger, leaving a tombstone.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_training``.
    """
    await TRAININGS.remove(session, training_id, version)


async def _draft(session: Session, training_id: str, fields: Mapping[str, Any]) -> Draft:
    draft = await TRAININGS.draft(session, training_id, fields, whole=_whole_on(session.today))
    return replace(draft, before={**draft.before, "dates": dates_in_order(draft.before["dates"])})


_KEYS = ExternalKeys(("training_event",), record_training, _draft, change_training)


async def upsert_training(
    session: Session, source: str, external_id: str, fields: Mapping[str, Any], version: int | None
) -> Upserted:
    """Record the training that another system knows by its own key, or replace it; tell whether it is new.

    Its dates and lecturers are replaced as a whole.

    Raises:
        ConflictError, PreconditionMissingError, StaleVersionError: as ``ExternalKeys.upsert``.
        NotFoundError, RuleError: as ``record_training`` and ``change_training``.
    """
    whole = {**fields, **{name: fields.get(name) or [] for name in ("themes", "dates")}}
    return await _KEYS.upsert(session, centre_named(session, fields), (source, external_id), whole, version)
