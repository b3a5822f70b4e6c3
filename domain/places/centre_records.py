"""Records of centres: the list, one centre in full, and how a centre is set up, changed and removed.

An operator sets up and removes; a centre's manager keeps its descriptive members. Office users get a shape of their
own, without staffing and the internal note: what they never receive is not selected.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlmodel import col

from domain import audit, fiscal
from domain.access import Permission, Role
from domain.credentials import Assignment
from domain.database import Row, Session
from domain.errors import ConflictError, Fault, NotPermittedError, rule_broken
from domain.kana_order import name_index
from domain.lists import Filter, Listing
from domain.lists.child_filters import ChildFilter
from domain.places.centres import (
    CENTRE_COLUMNS,
    CENTRE_MEMBERS,
    OPERATION_MODES,
    WEEKDAYS,
    Centre,
    CentreClosure,
    CentreCoverage,
    CentreHours,
    CentreStaffing,
    centre_for,
)
from domain.places.free_text import screened
from domain.statements import insert_into, update_of, within_credentials, within_reach
from domain.statements.columns import Day, Id, new_id
from domain.statements.documents import objects
from domain.unchanged import says_nothing_new

PROVISIONED = (
    "name", "name_kana", "operation_mode", "operator_name", "does_direct_support", "opened_on", "closed_on",
)  # fmt: skip
"""What only an operator changes."""

_COVERAGE = objects(
    col(CentreCoverage.centre_id) == col(Centre.id),
    id=col(CentreCoverage.id),
    municipality_id=col(CentreCoverage.municipality_id),
    valid_from=col(CentreCoverage.valid_from),
    valid_to=col(CentreCoverage.valid_to),
).label("coverage")
_HOURS = objects(
    col(CentreHours.centre_id) == col(Centre.id),
    weekday=col(CentreHours.weekday),
    opens_at=col(CentreHours.opens_at),
    closes_at=col(CentreHours.closes_at),
).label("hours")
_CLOSURES = objects(
    col(CentreClosure.centre_id) == col(Centre.id),
    col(CentreClosure.day) >= bindparam("closures_from", type_=Day(), required=True),
    day=col(CentreClosure.day),
    kind=col(CentreClosure.kind),
    reason=col(CentreClosure.reason),
).label("closures")
_STAFFING = objects(
    col(CentreStaffing.centre_id) == col(Centre.id),
    id=col(CentreStaffing.id),
    employment=col(CentreStaffing.employment),
    is_dedicated=col(CentreStaffing.is_dedicated),
    post=col(CentreStaffing.post),
    person_count=col(CentreStaffing.person_count),
    valid_from=col(CentreStaffing.valid_from),
    valid_to=col(CentreStaffing.valid_to),
).label("staffing")

CENTRES = Listing(
    "centres",
    select(*CENTRE_COLUMNS, _COVERAGE),
    filters={
        "municipality_id": ChildFilter.of(
            "texts",
            "担当する(した、する予定の)市区町村コード",
            parent=col(Centre.id),
            child=col(CentreCoverage.centre_id),
            value=col(CentreCoverage.municipality_id),
        ),
        "operation_mode": Filter("codes", col(Centre.operation_mode), "運営形態", OPERATION_MODES),
        "does_direct_support": Filter("flag", col(Centre.does_direct_support), "個別支援を行うか"),
        "function": Filter("has_any", col(Centre.functions), "機能"),
        "opened_from": Filter("from_day", col(Centre.opened_on), "この日以降に開設"),
        "opened_to": Filter("to_day", col(Centre.opened_on), "この日までに開設"),
    },
    sorts={"name_kana": col(Centre.name_folded), "id": col(Centre.id), "opened_on": col(Centre.opened_on)},
    default_sort=("name_kana", "id"),
    search=col(Centre.name_folded),
    changed=col(Centre.changed_tx),
    deleted=col(Centre.deleted_at),
)

_THIS = col(Centre.id) == bindparam("id", type_=Id(), required=True)
_WHOLE = within_reach(
    select(*CENTRE_COLUMNS, col(Centre.internal_note), _COVERAGE, _HOURS, _CLOSURES, _STAFFING).where(
        _THIS, col(Centre.deleted_at).is_(None)
    )
)
_FOR_OFFICE = within_reach(
    select(*CENTRE_COLUMNS, _COVERAGE, _HOURS, _CLOSURES).where(_THIS, col(Centre.deleted_at).is_(None))
)
_ADD = insert_into(Centre)
_WRITTEN = (*CENTRE_MEMBERS, "internal_note", "name_folded")
_CHANGE = update_of(Centre, *_WRITTEN)
_REMOVE = update_of(Centre, "deleted_at")
_FIRST_COVERAGE = within_reach(
    select(col(CentreCoverage.valid_from))
    .where(col(CentreCoverage.centre_id) == bindparam("id", type_=Id(), required=True))
    .order_by(col(CentreCoverage.valid_from))
    .limit(1)
)
_COVERING = within_reach(
    select(col(CentreCoverage.id)).where(
        col(CentreCoverage.centre_id) == bindparam("id", type_=Id(), required=True),
        or_(
            col(CentreCoverage.valid_to).is_(None),
            col(CentreCoverage.valid_to) >= bindparam("day", type_=Day(), required=True),
        ),
    )
)
_USERS_OF = within_credentials(
    select(col(Assignment.id))
    .where(col(Assignment.centre_id) == bindparam("id", type_=Id(), required=True), col(Assignment.is_active))
    .limit(1)
)


def covered_on(coverage: list[Row], day: date) -> list[str]:
    """Give the codes of the municipalities covered on a day, from coverage rows as JSON has them."""
    on = day.isoformat()
    covering = (c for c in coverage if c["valid_from"] <= on and (c["valid_to"] is None or on <= c["valid_to"]))
    return sorted(c["municipality_id"] for c in covering)


async def with_municipalities(session: Session, rows: list[Row]) -> list[Row]:
    """Say of each centre of a page which municipalities it covers today, in place of all its coverage."""
    for row in rows:
        row["municipality_ids"] = covered_on(row.pop("coverage"), session.today)
    return rows


async def whole_centre(session: Session, centre_id: str) -> Row:
    """Give one centre with coverage, hours, closures since the fiscal year began and, except to offices, staffing.

    Raises:
        NotFoundError: it is missing, removed or outside reach.
    """
    is_office = session.actor.role is Role.OFFICE_USER
    since = fiscal.first_day(fiscal.fiscal_year_of(session.today))
    row = await session.one(_FOR_OFFICE if is_office else _WHOLE, id=centre_id, closures_from=since)
    row["municipality_ids"] = covered_on(row["coverage"], session.today)
    row["hours"].sort(key=lambda h: WEEKDAYS.index(h["weekday"]))
    row["closures"].sort(key=lambda c: str(c["day"]))
    if is_office:
        del row["coverage"]
    else:
        row["coverage"].sort(key=lambda c: (c["valid_from"], c["municipality_id"]))
        row["staffing"].sort(key=lambda s: (s["valid_from"], s["id"]))
    return row


def index_of(row: Mapping[str, Any]) -> str:
    """Give the text that a centre is found and sorted by."""
    return name_index(f"{row['name']} {row.get('nickname') or ''}", row["name_kana"], most=400)


def _refuse_closing_before_opening(row: Mapping[str, Any]) -> None:
    if row["closed_on"] is not None and row["closed_on"] < row["opened_on"]:
        raise rule_broken(
            "closes_before_opening", "閉鎖日が開設日より前です。", "It closes before it opens.", field="closed_on"
        )


async def add_centre(session: Session, new: Mapping[str, Any]) -> tuple[Row, tuple[Fault, ...]]:
    """Set up a centre; it covers nothing yet. Give it in full, with the warnings about its free text. For operators.

    Raises:
        RuleError: it closes before it opens, or its note holds a My Number.
    """
    _refuse_closing_before_opening(new)
    warnings = await screened(session, {"internal_note": new["internal_note"]})
    centre_id = new_id()
    await session.store(
        (_ADD, {**new, "id": centre_id, "name_folded": index_of(new)}),
        audit.entry_of(session, "centres.add", "centres", centre_id, after=new, centre_id=centre_id),
    )
    return await whole_centre(session, centre_id), warnings


async def change_centre(
    session: Session, centre_id: str, changes: Mapping[str, Any], version: int
) -> tuple[Row, tuple[Fault, ...]]:
    """Change a centre; give it in full, with the warnings about its free text.

    Raises:
        NotFoundError: outside reach.
        NotPermittedError: a manager touches what only an operator changes.
        RuleError: it would close before it opens, or open after its coverage began.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await centre_for(session, centre_id)
    touched = [name for name in PROVISIONED if name in changes and changes[name] != before[name]]
    if touched and not session.actor.may(Permission.CENTRES_PROVISION):
        raise NotPermittedError(
            f"運用管理者だけが変更できる項目です: {', '.join(touched)}",
            f"Only an operator changes these: {', '.join(touched)}",
            code="provisioned_member",
        )
    if says_nothing_new(before, changes, version):
        return await whole_centre(session, centre_id), ()
    after = {**before, **changes}
    _refuse_closing_before_opening(after)
    if "opened_on" in touched:
        first = await session.maybe(_FIRST_COVERAGE, id=centre_id)
        if first is not None and first["valid_from"] < fiscal.month_of(after["opened_on"]):
            raise rule_broken(
                "opens_after_coverage",
                "開設日が、担当期間の始まりより後になります。",
                "It would open after its coverage began.",
                field="opened_on",
            )
    warnings = await screened(session, {"internal_note": changes.get("internal_note")})
    values = {**after, "name_folded": index_of(after)}
    await session.change(_CHANGE, row_id=centre_id, row_version=version, **{name: values[name] for name in _WRITTEN})
    await session.store(
        audit.entry_of(
            session,
            "centres.change",
            "centres",
            centre_id,
            before={name: before[name] for name in changes},
            after=changes,
            centre_id=centre_id,
        )
    )
    return await whole_centre(session, centre_id), warnings


async def remove_centre(session: Session, centre_id: str, version: int) -> None:
    """Remove a centre that covers nothing any more and has no users. For operators, through the credentials door.

    Raises:
        NotFoundError: outside reach.
        ConflictError: it still covers a municipality, or has active users.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await centre_for(session, centre_id)
    if await session.rows(_COVERING, id=centre_id, day=session.today) or await session.rows(_USERS_OF, id=centre_id):
        raise ConflictError(
            "centre_in_use",
            "担当中の市区町村、または有効な利用者があるため、削除できません。",
            "The centre still covers a municipality or has active users; it cannot be removed.",
        )
    await session.change(_REMOVE, row_id=centre_id, row_version=version, deleted_at=session.now)
    before_told = {name: before[name] for name in CENTRE_MEMBERS}
    await session.store(
        audit.entry_of(session, "centres.remove", "centres", centre_id, before=before_told, centre_id=centre_id)
    )
