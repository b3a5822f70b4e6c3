"""Import of the national office register into the offices of one municipality: a rehearsal, then all or nothing.

What the register does not know (strengths, enhanced type, notes) stays as it is, a blank cell erases nothing, and an
office that is in no line is left alone. The same file a second time changes nothing. How a line becomes an office is in
``office_register_groups``, how a file becomes lines in ``office_register_file``.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain import audit
from domain.database import Session
from domain.errors import Fault, NotFoundError, RuleError
from domain.places.municipalities import municipality_for
from domain.places.office_numbers import MISMATCH, is_checked
from domain.places.office_parts import DESIGNATIONS_OF, clear_parts, part_writes
from domain.places.office_records import ADD_OFFICE, CHANGE_OFFICE, WRITTEN, index_of
from domain.places.office_register_file import RegisterFile, file_of
from domain.places.office_register_groups import Group, grouped, is_local, match_offices, plan_office
from domain.places.offices import OFFICE_COLUMNS, Office
from domain.statements import within_reach
from domain.statements.columns import new_id

MOST_LOCAL_LINES: Final = 3000
MOST_FAULTS: Final = 200
MOST_RANGES: Final = 200

_EXISTING = within_reach(
    select(*OFFICE_COLUMNS, col(Office.internal_note), DESIGNATIONS_OF).where(
        col(Office.municipality_id) == bindparam("municipality_id", required=True), col(Office.deleted_at).is_(None)
    )
)


async def import_register(session: Session, municipality_id: str, body: bytes, *, dry_run: bool) -> dict[str, Any]:
    """Take the offices of a municipality over from a register file; give what became, or would become, of each line.

    Raises:
        NotFoundError: the municipality is not within reach today.
        RuleError: the file cannot be read; or, unless it is a rehearsal, any line of ours has a fault.
        ConflictError: somebody registered one of the numbers in the meantime.
    """
    municipality = await municipality_for(session, municipality_id)
    if municipality_id not in session.actor.reach.open_municipalities:
        raise NotFoundError
    file = await asyncio.to_thread(file_of, body, lambda code, area: is_local(municipality, code, area))
    local = file.lines
    if len(local) > MOST_LOCAL_LINES:
        ja = f"この市区町村の行が{MOST_LOCAL_LINES}を超えています。"
        raise RuleError("too_many_lines", ja, f"More than {MOST_LOCAL_LINES} lines are of this municipality.")
    for line in local:
        number = line.values["office_number"]
        if number is not None and not is_checked(number):
            line.warn("office_number", *MISMATCH)
    groups = grouped([line for line in local if not line.faults])
    match_offices(groups, await session.rows(_EXISTING, municipality_id=municipality_id))
    for group in groups:
        plan_office(group, municipality_id)
    faults = [fault for line in local for fault in line.faults]
    if faults and not dry_run:
        raise _refused(faults)
    if not dry_run:
        for group in groups:
            await _apply(session, group)
    told = {"dry_run": dry_run, "municipality_id": municipality_id}
    return told | _report(file, groups)


def _refused(faults: Sequence[Fault]) -> RuleError:
    codes = {fault.code for fault in faults}
    return RuleError(
        codes.pop() if len(codes) == 1 else "register_lines_refused",
        "取り込めない行があるため、何も保存していません。errors の行と列を直してください。",
        "Some lines cannot be imported, so nothing was stored. Mend the lines and columns in errors.",
        faults=tuple(faults[:MOST_FAULTS]),
    )


async def _apply(session: Session, group: Group) -> None:
    if group.status == "unchanged":
        return
    after = {**group.after, "id": group.office_id or new_id()}
    group.office_id = after["id"]
    values = {name: after[name] for name in WRITTEN} | {"name_folded": index_of(after)}
    owners = {"municipality_id": after["municipality_id"], "office_id": after["id"]}
    told = {name: after[name] for name in group.changes}
    if group.office is None:
        entry = audit.entry_of(session, "offices.import", "offices", after["id"], after=told, **owners)
        new = {**values, "id": after["id"], "municipality_id": after["municipality_id"]}
        await session.store((ADD_OFFICE, new), *part_writes(after, "designations"), entry)
        return
    before = {name: group.office[name] for name in group.changes}
    entry = audit.entry_of(session, "offices.import", "offices", after["id"], before=before, after=told, **owners)
    await session.change(CHANGE_OFFICE, row_id=after["id"], row_version=group.office["version"], **values)
    writes = []
    if "designations" in group.changes:
        await clear_parts(session, after["id"], "designations")
        writes = part_writes(after, "designations")
    await session.store(*writes, entry)


def _report(file: RegisterFile, groups: Sequence[Group]) -> dict[str, Any]:
    by_line = {line.number: group for group in groups for line in group.lines}
    results = []
    for line in file.lines:
        group = by_line.get(line.number)
        is_fit = group is not None and not line.faults
        results.append(
            {
                "line": line.number,
                "service": line.service,
                "status": group.status if group is not None and is_fit else "error",
                "office_id": group.office_id if group is not None and is_fit else None,
                "name": group.after["name"] if group is not None and is_fit else None,
                "changes": group.changes if group is not None and is_fit else [],
                "errors": line.faults,
                "warnings": line.warnings,
            }
        )
    return {
        **{f"{s}_count": sum(g.status == s for g in groups) for s in ("created", "updated", "unchanged")},
        "line_count": len(file.lines) + len(file.other_services) + len(file.other_places),
        "error_line_count": sum(bool(line.faults) for line in file.lines),
        "other_service_line_count": len(file.other_services),
        "other_municipality_line_count": len(file.other_places),
        "results": results,
        "skipped": [
            *_ranges("other_municipality", file.other_places),
            *_ranges("other_service", file.other_services),
        ],
    }


def _ranges(reason: str, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Tell runs of skipped lines by their first and last; of very scattered ones the first 200 runs."""
    found: list[dict[str, Any]] = []
    for number in numbers:
        if found and found[-1]["to_line"] == number - 1:
            found[-1]["to_line"] = number
        elif len(found) == MOST_RANGES:
            break
        else:
            found.append({"reason": reason, "from_line": number, "to_line": number})
    return found
