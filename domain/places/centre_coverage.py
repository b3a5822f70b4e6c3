"""Coverage of a centre (担当する市区町村): which municipality, from which month to which. For operators.

Coverage begins on the first day of a month and ends on the last day of one, and the same centre never covers the same
municipality twice at a time. What has begun is never deleted, only ended: the months behind it stay counted.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain import audit, fiscal
from domain.database import Row, Session
from domain.errors import ConflictError, NotFoundError, rule_broken
from domain.places.centres import CentreCoverage, centre_for, raise_version
from domain.places.municipalities import Municipality
from domain.statements import insert_into, update_of, within_reach
from domain.statements.columns import Id, new_id
from domain.unchanged import says_nothing_new

_COLUMNS = (
    col(CentreCoverage.id),
    col(CentreCoverage.municipality_id),
    col(CentreCoverage.valid_from),
    col(CentreCoverage.valid_to),
)
_OF_CENTRE = within_reach(
    select(*_COLUMNS)
    .where(col(CentreCoverage.centre_id) == bindparam("centre_id", type_=Id(), required=True))
    .order_by(col(CentreCoverage.valid_from), col(CentreCoverage.municipality_id))
)
_MUNICIPALITY = within_reach(
    select(col(Municipality.id)).where(
        col(Municipality.id) == bindparam("id", required=True), col(Municipality.deleted_at).is_(None)
    )
)
_ADD = insert_into(CentreCoverage)
_END = update_of(CentreCoverage, "valid_to")
FOREVER = date.max


async def coverage_of(session: Session, centre_id: str) -> Row:
    """Give all coverage of a centre, oldest first, with the version of the centre.

    Raises:
        NotFoundError: the centre is outside reach.
    """
    centre = await centre_for(session, centre_id)
    return {"version": centre["version"], "results": await session.rows(_OF_CENTRE, centre_id=centre_id)}


async def cover_municipality(session: Session, centre_id: str, new: Mapping[str, Any]) -> Row:
    """Let a centre cover a municipality from a month on; give the coverage with the new version of the centre.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: ``coverage_by_month``, ``coverage_before_opening`` or ``municipality_unknown``.
        ConflictError: it covers the municipality already in one of these months.
    """
    centre = await centre_for(session, centre_id)
    if new["valid_from"].day != 1:
        raise rule_broken(
            "coverage_by_month",
            "担当の始まりは月の初日にしてください。",
            "Coverage begins on the first day of a month.",
            field="valid_from",
        )
    if new["valid_from"] < fiscal.month_of(centre["opened_on"]):
        raise rule_broken(
            "coverage_before_opening",
            "センターの開設月より前からは担当できません。",
            "Coverage cannot begin before the month the centre opened.",
            field="valid_from",
        )
    _refuse_wrong_end(new["valid_from"], new["valid_to"])
    if await session.maybe(_MUNICIPALITY, id=new["municipality_id"]) is None:
        raise rule_broken(
            "municipality_unknown",
            "このコードの市区町村は登録されていません。",
            "There is no municipality of this code.",
            field="municipality_id",
        )
    version = await raise_version(session, centre, None)
    await _refuse_overlap(session, centre_id, {"id": None, **new})
    row = {"id": new_id(), **new}
    await session.store(
        (_ADD, {**row, "centre_id": centre_id}),
        audit.entry_of(
            session,
            "centres.cover",
            "centres",
            row["id"],
            after=new,
            centre_id=centre_id,
            municipality_id=new["municipality_id"],
        ),
    )
    return {**row, "version": version}


async def end_coverage(
    session: Session, centre_id: str, coverage_id: str, changes: Mapping[str, Any], version: int
) -> Row:
    """Change the last day of a coverage (null: no end); give it with the new version of the centre.

    Raises:
        NotFoundError: the centre or the coverage is outside reach.
        RuleError: ``coverage_by_month`` or ``coverage_ends_before_start``.
        ConflictError: it would overlap a later coverage of the same municipality.
        StaleVersionError: the centre is no longer at ``version``.
    """
    centre = await centre_for(session, centre_id)
    rows = await session.rows(_OF_CENTRE, centre_id=centre_id)
    before = next((row for row in rows if row["id"] == coverage_id), None)
    if before is None:
        raise NotFoundError
    as_it_is = {**before, "version": centre["version"]}
    if says_nothing_new(as_it_is, changes, version):
        return as_it_is
    raised = await raise_version(session, centre, version)
    after = {**before, **changes}
    _refuse_wrong_end(after["valid_from"], after["valid_to"])
    await _refuse_overlap(session, centre_id, after)
    await session.run(_END, row_id=coverage_id, valid_to=after["valid_to"])
    await session.store(
        audit.entry_of(
            session,
            "centres.end_coverage",
            "centres",
            coverage_id,
            before={"valid_to": before["valid_to"]},
            after={"valid_to": after["valid_to"]},
            centre_id=centre_id,
            municipality_id=before["municipality_id"],
        )
    )
    return {**after, "version": raised}


def _refuse_wrong_end(first: date, last: date | None) -> None:
    if last is None:
        return
    if last != fiscal.last_day_of_month(last):
        raise rule_broken(
            "coverage_by_month",
            "担当の終わりは月の末日にしてください。",
            "Coverage ends on the last day of a month.",
            field="valid_to",
        )
    if last < first:
        raise rule_broken(
            "coverage_ends_before_start",
            "担当の終わりが始まりより前です。",
            "Coverage ends before it begins.",
            field="valid_to",
        )


async def _refuse_overlap(session: Session, centre_id: str, wanted: Mapping[str, Any]) -> None:
    last = wanted["valid_to"] or FOREVER
    for row in await session.rows(_OF_CENTRE, centre_id=centre_id):
        is_other = row["municipality_id"] == wanted["municipality_id"] and row["id"] != wanted["id"]
        if is_other and row["valid_from"] <= last and (row["valid_to"] or FOREVER) >= wanted["valid_from"]:
            raise ConflictError(
                "coverage_overlaps",
                "このセンターは、この期間に同じ市区町村を既に担当しています。",
                "This centre already covers the municipality in a part of this period.",
            )
