"""What hangs on an office: its designations (指定), its strengths (得意分野) and the counts of its staff (職員数)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, delete
from sqlmodel import col

from domain.database import Row, Session
from domain.errors import rule_broken
from domain.places.offices import DESIGNATIONS, Office, OfficeDesignation, OfficeStrength
from domain.places.people import Person, PersonQualification
from domain.statements import Write, change, insert_into
from domain.statements.columns import Id
from domain.statements.documents import objects

DESIGNATIONS_OF = objects(
    col(OfficeDesignation.office_id) == col(Office.id),
    kind=col(OfficeDesignation.kind),
    office_number=col(OfficeDesignation.office_number),
    designated_on=col(OfficeDesignation.designated_on),
    expires_on=col(OfficeDesignation.expires_on),
).label("designations")
STRENGTHS_OF = objects(
    col(OfficeStrength.office_id) == col(Office.id),
    code=col(OfficeStrength.code),
    note=col(OfficeStrength.note),
).label("strengths")
PEOPLE_OF = objects(
    col(Person.office_id) == col(Office.id),
    col(Person.deleted_at).is_(None),
    id=col(Person.id),
    employment=col(Person.employment),
    is_dedicated=col(Person.is_dedicated),
    is_chief_specialist=col(Person.is_chief_specialist),
    left_on=col(Person.left_on),
).label("people")
QUALIFICATIONS_OF = objects(
    col(PersonQualification.office_id) == col(Office.id),
    person_id=col(PersonQualification.person_id),
    code=col(PersonQualification.code),
).label("qualifications")
PARTS = (DESIGNATIONS_OF, STRENGTHS_OF, PEOPLE_OF, QUALIFICATIONS_OF)
"""Everything that hangs on an office, in the statement that reads it."""

DESIGNATION_MEMBERS = ("kind", "office_number", "designated_on", "expires_on")
_DESIGNATE = insert_into(OfficeDesignation)
_STRENGTHEN = insert_into(OfficeStrength)
_OFFICE = bindparam("row_id", type_=Id(), required=True)
_UNDESIGNATE = change(delete(OfficeDesignation).where(col(OfficeDesignation.office_id) == _OFFICE))
_WEAKEN = change(delete(OfficeStrength).where(col(OfficeStrength.office_id) == _OFFICE))


def staff_counts(people: Sequence[Mapping[str, Any]], qualifications: Sequence[Mapping[str, Any]], on: date) -> Row:
    """Count who works at an office on a day; rows are as JSON has them. Pure."""
    present = {p["id"]: p for p in people if p["left_on"] is None or str(p["left_on"]) >= on.isoformat()}
    held = Counter(q["code"] for q in qualifications if q["person_id"] in present)
    return {
        "person_count": len(present),
        "full_time_count": sum(p["employment"] == "full_time" for p in present.values()),
        "dedicated_count": sum(bool(p["is_dedicated"]) for p in present.values()),
        "chief_specialist_count": sum(bool(p["is_chief_specialist"]) for p in present.values()),
        "by_qualification": dict(sorted(held.items())),
    }


async def with_parts(session: Session, rows: list[Row]) -> list[Row]:
    """Put the parts of each office in order and its people into counts."""
    for row in rows:
        row["designations"].sort(key=lambda d: DESIGNATIONS.index(d["kind"]))
        row["strengths"].sort(key=lambda s: str(s["code"]))
        row["staff"] = staff_counts(row.pop("people"), row.pop("qualifications"), session.today)
    return rows


def refuse_bad_parts(office: Mapping[str, Any]) -> None:
    """Refuse designations or strengths that name the same thing twice or end before they begin.

    Raises:
        RuleError: ``repeated`` or ``expires_before_designation``.
    """
    for member, key in (("designations", "kind"), ("strengths", "code")):
        seen: set[str] = set()
        for position, part in enumerate(office[member]):
            if part[key] in seen:
                field = f"{member}/{position}/{key}"
                raise rule_broken("repeated", "同じものが2度あります。", "The same is given twice.", field=field)
            seen.add(part[key])
    for position, part in enumerate(office["designations"]):
        first, last = part["designated_on"], part["expires_on"]
        if first is not None and last is not None and str(last) < str(first):
            raise rule_broken(
                "expires_before_designation",
                "有効期限が指定日より前です。",
                "It expires before it was designated.",
                field=f"designations/{position}/expires_on",
            )


def part_writes(office: Mapping[str, Any], *members: str) -> list[tuple[Write, dict[str, Any]]]:
    """Give the inserts of designations and strengths, or of those of them that are named."""
    owner = {"office_id": office["id"], "municipality_id": office["municipality_id"]}
    writes: dict[str, Write] = {"designations": _DESIGNATE, "strengths": _STRENGTHEN}
    return [
        (write, {**{name: _day(value) if name.endswith("_on") else value for name, value in part.items()}, **owner})
        for member, write in writes.items()
        if not members or member in members
        for part in office[member]
    ]


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


async def clear_parts(session: Session, office_id: str, *members: str) -> None:
    """Take away the designations, the strengths, or both, before others are stored in their place."""
    for member, write in (("designations", _UNDESIGNATE), ("strengths", _WEAKEN)):
        if member in members:
            await session.run(write, row_id=office_id)
