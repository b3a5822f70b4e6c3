"""The activity ledger (活動台帳): the only way an activity comes in, changes or goes.

Every write keeps the row of the kind, the links, both rollups and the audit row together in one transaction, and asks
first whether the month is closed. An activity that moves keeps its row: a postponed visit is one visit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain import audit, fiscal
from domain.database import Row, Session, changed
from domain.errors import Fault, NotFoundError
from domain.ledger.details import SHOWN_BY
from domain.ledger.entry import DERIVED, MEMBERS, Entry, completed
from domain.ledger.follow_ups import refuse_foreign_predecessor
from domain.ledger.frame import Frame, frame_for
from domain.ledger.links import (
    ITEMS_OF,
    OFFICE_MEMBERS,
    OFFICES_OF,
    ORGANIZATION_MEMBERS,
    ORGANIZATIONS_OF,
    PEOPLE_OF,
    PERSON_MEMBERS,
    REMOVE_LINKS,
    UNLINK,
    Links,
    links_of,
    told_links,
)
from domain.ledger.rollups import contribution, difference, writes_of
from domain.ledger.tables import BY_HAND, BY_RULE, Activity
from domain.statements import Write, insert_into, update_of, within_reach
from domain.statements.columns import Id, new_id
from domain.statements.months import MonthOf

ENTER = insert_into(Activity)
_UPDATE = update_of(Activity, *MEMBERS, *DERIVED)
_REMOVE = update_of(Activity, "deleted_at")
COLUMNS = (
    col(Activity.id),
    col(Activity.centre_id),
    col(Activity.kind),
    *(getattr(Activity, name) for name in MEMBERS),
    col(Activity.plan_items_by),
    MonthOf(col(Activity.month)).label("month"),
    col(Activity.origin),
    col(Activity.version),
    col(Activity.created_at),
    col(Activity.updated_at),
    col(Activity.deleted_at),
)
"""An activity as the wire shows it, without its links."""

_WHOLE = within_reach(
    select(*COLUMNS, OFFICES_OF, PEOPLE_OF, ORGANIZATIONS_OF, ITEMS_OF).where(
        col(Activity.id) == bindparam("id", type_=Id(), required=True), col(Activity.deleted_at).is_(None)
    )
)


async def activity_for(session: Session, activity_id: str) -> Row:
    """Give one activity with its links.

    Raises:
        NotFoundError: it is missing, deleted or outside reach.
    """
    return await session.one(_WHOLE, id=activity_id)


Saved = tuple[Row, tuple[Fault, ...]]
"""An activity as it is now, and warnings about its free text."""


async def record(session: Session, centre_id: str, entry: Entry) -> Saved:
    """Enter an activity with everything that hangs on it; give it as ``activity_for`` would, with warnings.

    Raises:
        NotFoundError: the centre, an office, a person or the preceding activity is outside reach.
        RuleError: a rule of the ledger is broken.
        ConflictError: the external id is taken.
    """
    if centre_id not in session.actor.reach.own_centres:
        raise NotFoundError("centre_id")
    activity = completed(entry.kind, entry.members, session.today)
    activity |= {"id": new_id(), "centre_id": centre_id, "origin": entry.origin, "deleted_at": None}
    activity["plan_items_by"] = _chooser_of(entry)
    links, warnings = await _framed(session, activity, entry)
    owners = {"centre_id": centre_id, "municipality_id": activity["municipality_id"]}
    details = [
        (write, {**values, **_shown(activity), "id": activity["id"], "centre_id": centre_id})
        for write, values in entry.details
    ]
    row = _row(session, activity, links)
    await session.store(
        (ENTER, activity),
        *details,
        *links.writes(activity),
        *writes_of(difference({}, contribution(activity, links.items))),
        audit.entry_of(
            session,
            f"{entry.area}.record",
            entry.area,
            activity["id"],
            after=_told(activity, links, entry.told),
            office_id=activity["office_id"],
            **owners,
        ),
    )
    return row, warnings


async def revise(session: Session, before: Row, version: int, entry: Entry) -> Saved:
    """Change an activity: ``entry`` is the whole of what it shall be, ``before`` what ``activity_for`` gave.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError, ConflictError: as ``record``; also for the month it leaves.
    """
    activity = completed(entry.kind, entry.members, session.today)
    activity |= {name: before[name] for name in ("id", "centre_id", "origin")} | {"deleted_at": None}
    activity["plan_items_by"] = _chooser_of(entry)
    await _refuse_leaving(session, before)
    links, warnings = await _framed(session, activity, entry)
    links.items = _corrected(links.items, before["plan_items"])
    stored = {name: activity[name] for name in (*MEMBERS, *DERIVED)}
    await session.change(_UPDATE, row_id=before["id"], row_version=version, **stored)
    details = [(write, {**values, **_shown(activity), "row_id": before["id"]}) for write, values in entry.details]
    await session.store(*details, *((write, {"row_id": before["id"]}) for write in UNLINK.values()))
    old_items = [link["item_id"] for link in before["plan_items"]]
    deltas = difference(contribution(_counted(before), old_items), contribution(activity, links.items))
    before_told = {name: before[name] for name in (*MEMBERS, "offices", "people")} | {"plan_items": old_items}
    before_told |= {name: before.get(name) for name in entry.told}
    await session.store(
        *links.writes(activity),
        *writes_of(deltas),
        audit.entry_of(
            session,
            f"{entry.area}.change",
            entry.area,
            before["id"],
            before=before_told,
            after=_told(activity, links, entry.told),
            centre_id=before["centre_id"],
            municipality_id=activity["municipality_id"],
            office_id=activity["office_id"],
        ),
    )
    row = changed(before, _row(session, activity, links), session) | {"created_at": before["created_at"]}
    return row, warnings


async def remove(session: Session, before: Row, version: int, *, area: str, details: Write | None = None) -> None:
    """Take an activity out of the ledger, leaving a tombstone for those who sync.

    ``details`` marks the row of the kind's own table as deleted, where the kind has one.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        RuleError: its month is closed.
    """
    await _refuse_leaving(session, before)
    await session.change(_REMOVE, row_id=before["id"], row_version=version, deleted_at=session.now)
    items = [link["item_id"] for link in before["plan_items"]]
    details_removed = [] if details is None else [(details, {"row_id": before["id"], "deleted_at": session.now})]
    await session.store(
        (REMOVE_LINKS, {"row_id": before["id"]}),
        *details_removed,
        *writes_of(difference(contribution(_counted(before), items), {})),
        audit.entry_of(
            session,
            f"{area}.remove",
            area,
            before["id"],
            before={name: before[name] for name in MEMBERS},
            centre_id=before["centre_id"],
            municipality_id=before["municipality_id"],
            office_id=before["office_id"],
        ),
    )


async def looked_up(session: Session, activity: dict[str, Any], entry: Entry) -> tuple[Links, Frame]:
    """Look up, in one trip, what the entry names and what the activity stands in. Its plan items are not linked yet.

    Raises:
        NotFoundError: the centre, an office or a person is missing or outside reach.
    """
    told = told_links(activity, entry.offices, entry.people, entry.organizations)
    try:
        frame = await frame_for(
            session,
            activity["centre_id"],
            activity["occurs_on"],
            office_ids=list(told.offices),
            person_ids=told.person_ids,
            plan_item_ids=entry.plan_item_ids,
            is_screened=bool(entry.texts),
        )
    except NotFoundError as error:
        raise NotFoundError(*_fields_naming(error.missing, entry)) from None
    return links_of(activity, told, frame), frame


def _fields_naming(missing: frozenset[str], entry: Entry) -> list[str]:
    """Give the members of an entry that name what was not found; the centre where that was the centre itself."""
    found = ["office_id"] if entry.members["office_id"] in missing else []
    found += [f"offices/{n}/office_id" for n, link in enumerate(entry.offices) if link["office_id"] in missing]
    found += [f"people/{n}/person_id" for n, link in enumerate(entry.people) if link["person_id"] in missing]
    return found or ["centre_id"]


async def _framed(session: Session, activity: dict[str, Any], entry: Entry) -> tuple[Links, tuple[Fault, ...]]:
    """Look up what the entry names, complete the activity, screen its texts, and refuse it where its frame does."""
    links, frame = await looked_up(session, activity, entry)
    frame.refuse(activity)
    warnings = frame.warnings_about(entry.texts, activity["municipality_id"])
    await refuse_foreign_predecessor(session, activity)
    links.items = frame.items_counting(activity, entry.plan_item_ids)
    if entry.plan_item_ids is None and not links.items:
        warnings += frame.near_misses(activity)
    return links, warnings


async def _refuse_leaving(session: Session, before: Row) -> None:
    """Refuse to take an activity from where it stood, as it would be refused to enter it there."""
    standing = {**before, "occurs_on": before["held_on"] or before["planned_on"]}
    frame = await frame_for(session, before["centre_id"], standing["occurs_on"])
    frame.refuse(standing)


def _counted(row: Row) -> dict[str, Any]:
    """Give an activity as the rollups take it: its month as a day, not as the wire writes it."""
    return {**row, "month": row["held_on"] and fiscal.month_of(row["held_on"])}


def _chooser_of(entry: Entry) -> str:
    return BY_RULE if entry.plan_item_ids is None else BY_HAND


def _corrected(
    items: Mapping[str, tuple[str, str | None]], before: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[str, str | None]]:
    """Tell items that were named in a correction from those that the recorder had named."""
    former = {link["item_id"]: link["linked_by"] for link in before if link["linked_by"] != BY_RULE}
    return {
        item_id: (by if by == BY_RULE else former.get(item_id, "corrected"), municipality)
        for item_id, (by, municipality) in items.items()
    }


def _shown(activity: Mapping[str, Any]) -> dict[str, Any]:
    return {name: activity[name] for name in SHOWN_BY}


def _told(activity: Mapping[str, Any], links: Links, more: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: activity[name] for name in MEMBERS if activity[name] not in (None, [])}
    return found | {
        "offices": [link["office_id"] for link in links.offices],
        "people": [link["person_id"] for link in links.people],
        "plan_items": list(links.items),
        **more,
    }


def _row(session: Session, activity: Mapping[str, Any], links: Links) -> Row:
    """Build the row that ``activity_for`` will give once this is stored, without asking the database for it."""
    return {
        "id": activity["id"],
        "centre_id": activity["centre_id"],
        "kind": activity["kind"],
        **{name: activity[name] for name in MEMBERS},
        "plan_items_by": activity["plan_items_by"],
        "month": activity["month"] and f"{activity['month']:%Y-%m}",
        "origin": activity["origin"],
        "version": 1,
        "created_at": session.now,
        "updated_at": session.now,
        "deleted_at": None,
        "offices": [{name: link[name] for name in OFFICE_MEMBERS} for link in links.offices],
        "people": [{name: link[name] for name in PERSON_MEMBERS} for link in links.people],
        "organizations": [{name: link[name] for name in ORGANIZATION_MEMBERS} for link in links.organizations],
        "plan_items": [{"item_id": i, "linked_by": by} for i, (by, _) in links.items.items()],
    }
