"""Reflection sheets (振り返りシート): strengths and notes under viewpoints, without any score.

A sheet belongs to one visit. The centre writes it, the visited office reads it, and only the office itself lets its
ward read it. That consent is to what stands there: a change of the sheet takes it back. Source: seed 004; domain
sources 10.11.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, bindparam, delete, update
from sqlmodel import SQLModel, col, select

from domain import audit
from domain.access import Permission
from domain.activities.viewpoint_sets import Viewpoint, position_of, set_for
from domain.database import Row, Session, changed
from domain.errors import Fault, PreconditionMissingError, StaleVersionError, rule_broken
from domain.ledger.tables import Activity
from domain.places.free_text import screened
from domain.statements import change, insert_into, update_of, within_reach
from domain.statements.columns import Big, Flag, Id, Instant, column, key, new_id, ref, words
from domain.statements.documents import objects
from domain.statements.reach import Owner, owned


class ReflectionSheet(SQLModel, table=True):
    """The sheet of one visit. ``shared_with_ward`` is the office's own consent; without it no ward reads the sheet."""

    __tablename__ = "reflection_sheet"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "visit_id"], ["activity.centre_id", "activity.id"]),
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        ForeignKeyConstraint(["set_id"], ["viewpoint_set.id"]),
        UniqueConstraint("centre_id", "visit_id"),
        owned(Owner.SHEET, parent="visit_id"),
    )

    id: str = key()
    visit_id: str = ref()
    centre_id: str = ref()
    municipality_id: str = words(6)
    office_id: str = ref()
    set_id: str = ref()
    is_simplified: bool = column(Flag())
    shared_with_ward: bool = column(Flag())
    note: str | None = words(2000, optional=True)
    version: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())


class ReflectionNote(SQLModel, table=True):
    """What was seen under one viewpoint: strengths first. Repeats the sheet's consent, so that each row is fenced."""

    __tablename__ = "reflection_note"
    __table_args__ = (
        ForeignKeyConstraint(["sheet_id"], ["reflection_sheet.id"]),
        ForeignKeyConstraint(["set_id", "viewpoint"], ["viewpoint.set_id", "viewpoint.code"]),
        owned(Owner.SHEET, parent="visit_id", deletable="yes"),
    )

    sheet_id: str = ref(primary_key=True)
    viewpoint: str = words(40, primary_key=True)
    set_id: str = ref()
    visit_id: str = ref()
    centre_id: str = ref()
    municipality_id: str = words(6)
    office_id: str = ref()
    shared_with_ward: bool = column(Flag())
    strengths: str | None = words(2000, optional=True)
    note: str | None = words(2000, optional=True)


_BY_VISIT = bindparam("visit_id", type_=Id(), required=True)
_BY_SHEET = col(ReflectionNote.sheet_id) == bindparam("row_id", type_=Id(), required=True)
_SHARED = bindparam("shared_with_ward", type_=Flag(), required=True)

_VISIT = within_reach(
    select(col(Activity.centre_id), col(Activity.municipality_id), col(Activity.office_id)).where(
        col(Activity.id) == _BY_VISIT,
        col(Activity.kind) == bindparam("kind", required=True),
        col(Activity.deleted_at).is_(None),
    )
)
_SHEET_COLUMNS: tuple[Any, ...] = (
    col(ReflectionSheet.id),
    col(ReflectionSheet.visit_id),
    col(ReflectionSheet.centre_id),
    col(ReflectionSheet.municipality_id),
    col(ReflectionSheet.office_id),
    col(ReflectionSheet.set_id).label("viewpoint_set_id"),
    col(ReflectionSheet.is_simplified),
    col(ReflectionSheet.shared_with_ward),
    col(ReflectionSheet.note),
    objects(
        col(ReflectionNote.sheet_id) == col(ReflectionSheet.id),
        col(Viewpoint.set_id) == col(ReflectionNote.set_id),
        col(Viewpoint.code) == col(ReflectionNote.viewpoint),
        viewpoint=col(ReflectionNote.viewpoint),
        label_ja=col(Viewpoint.label_ja),
        position=col(Viewpoint.position),
        strengths=col(ReflectionNote.strengths),
        note=col(ReflectionNote.note),
    ).label("lines"),
    col(ReflectionSheet.version),
    col(ReflectionSheet.created_at),
    col(ReflectionSheet.updated_at),
)
_SHEET = within_reach(
    select(*_SHEET_COLUMNS)
    .select_from(ReflectionSheet)
    .join(Activity, col(Activity.id) == col(ReflectionSheet.visit_id))
    .where(col(ReflectionSheet.visit_id) == _BY_VISIT, col(Activity.deleted_at).is_(None))
)
_OFFICE_OF = within_reach(select(col(ReflectionSheet.office_id)).where(col(ReflectionSheet.visit_id) == _BY_VISIT))

_ENTER = insert_into(ReflectionSheet)
_ENTER_NOTE = insert_into(ReflectionNote)
_REWRITE = update_of(ReflectionSheet, "set_id", "is_simplified", "note", "shared_with_ward")
_CLEAR = change(delete(ReflectionNote).where(_BY_SHEET))
_CONSENT = update_of(ReflectionSheet, "shared_with_ward")
_CONSENT_OF_NOTES = change(update(ReflectionNote).where(_BY_SHEET).values(shared_with_ward=_SHARED))

_CONSENT_TAKEN_BACK = Fault(
    "consent_taken_back",
    "内容を変えたため、区市町村への共有の同意は取り消されました。事業所にもう一度確認してもらってください。",
    "The sheet has changed, so the office's consent to share it is gone. Ask the office again.",
    pointer="/shared_with_ward",
)


async def sheet_for(session: Session, visit_id: str) -> Row:
    """Give the sheet of a visit, its lines in the order of the viewpoints.

    Raises:
        NotFoundError: there is none, or it is outside reach; for a ward also while the office has not consented.
    """
    return _shown(session, await session.one(_SHEET, visit_id=visit_id))


def _shown(session: Session, sheet: Row) -> Row:
    """Give a sheet as the wire shows it: its lines in their order, and what the caller may do with it now."""
    lines = sorted(sheet["lines"], key=position_of)
    consents, is_shared = session.actor.may(Permission.REFLECTION_SHEETS_CONSENT), sheet["shared_with_ward"]
    may = {
        "write": session.actor.may(Permission.REFLECTION_SHEETS_WRITE),
        "share": consents and not is_shared,
        "unshare": consents and is_shared,
    }
    return {**sheet, "lines": [{k: v for k, v in line.items() if k != "position"} for line in lines], "may": may}


async def write_sheet(
    session: Session, visit_id: str, fields: Mapping[str, Any], version: int | None
) -> tuple[Row, bool, tuple[Fault, ...]]:
    """Write the sheet of a visit, new or anew; give it, whether it is new, and the warnings about it.

    Raises:
        NotFoundError: there is no such visit within reach.
        PreconditionMissingError: a sheet is there and no version was named.
        StaleVersionError: it is no longer at ``version``, or there is none yet.
        RuleError: a viewpoint is not of the set or comes twice, or the text holds a My Number.
    """
    visit = await session.one(_VISIT, visit_id=visit_id, kind="office_visit")
    before = await session.maybe(_SHEET, visit_id=visit_id)
    if before is None and version is not None:
        raise StaleVersionError
    if before is not None and version is None:
        raise PreconditionMissingError
    own_set = None if before is None else str(before["viewpoint_set_id"])
    viewpoints = await set_for(session, fields.get("viewpoint_set_id") or own_set)
    lines = _lines_of(fields["lines"], {view["code"]: view for view in viewpoints["viewpoints"]})
    warnings = await _screened(session, fields, visit["municipality_id"])
    sheet = {
        "id": new_id() if before is None else before["id"],
        "visit_id": visit_id,
        **visit,
        "viewpoint_set_id": viewpoints["id"],
        "is_simplified": fields["is_simplified"],
        "shared_with_ward": False,
        "note": fields.get("note"),
        "lines": lines,
    }
    await _stored(session, before, version, sheet)
    if before is None:
        stamps = {"version": 1, "created_at": session.now, "updated_at": session.now}
        return _shown(session, sheet | stamps), True, warnings
    if before["shared_with_ward"]:
        warnings = (_CONSENT_TAKEN_BACK, *warnings)
    return _shown(session, changed(before, sheet, session)), False, warnings


async def _stored(session: Session, before: Row | None, version: int | None, sheet: Row) -> None:
    owners = {name: sheet[name] for name in ("visit_id", "centre_id", "municipality_id", "office_id")}
    content = {
        "set_id": sheet["viewpoint_set_id"],
        "is_simplified": sheet["is_simplified"],
        "note": sheet["note"],
        "shared_with_ward": False,
    }
    of_note = {**owners, "sheet_id": sheet["id"], "set_id": sheet["viewpoint_set_id"], "shared_with_ward": False}
    notes = [
        (_ENTER_NOTE, {**of_note, **{name: line[name] for name in ("viewpoint", "strengths", "note")}})
        for line in sheet["lines"]
    ]
    if before is None:
        told = _entry(session, "write", None, sheet)
        await session.store((_ENTER, {**owners, **content, "id": sheet["id"]}), *notes, told)
        return
    # The sheet first: whoever changes it at the same time then waits here and finds its version gone.
    await session.change(_REWRITE, row_id=sheet["id"], row_version=version, **content)
    await session.run(_CLEAR, row_id=sheet["id"])
    await session.store(*notes, _entry(session, "change", before, sheet))


async def share_sheet(session: Session, visit_id: str, *, shared: bool, version: int) -> Row:
    """Give or take back the office's consent that its ward reads the sheet. For the office itself only.

    Raises:
        NotFoundError: there is no such sheet of the caller's office.
        StaleVersionError: it is no longer at ``version``: consent is to what was read.
    """
    before = await session.one(_SHEET, visit_id=visit_id)
    after = changed(before, {"shared_with_ward": shared}, session)
    await session.change(_CONSENT, row_id=before["id"], row_version=version, shared_with_ward=shared)
    await session.run(_CONSENT_OF_NOTES, row_id=before["id"], shared_with_ward=shared)
    await session.store(_entry(session, "consent", before, after))
    return _shown(session, after)


async def refuse_other_office(session: Session, visit_id: str, office_id: str) -> None:
    """Refuse to move a visit to another office once a sheet was written about this one.

    Raises:
        RuleError: ``sheet_ties_office``.
    """
    tied = await session.maybe(_OFFICE_OF, visit_id=visit_id)
    if tied is not None and tied["office_id"] != office_id:
        raise rule_broken(
            "sheet_ties_office",
            "振り返りシートがあるため、訪問先の事業所は変えられません。",
            "The visit has a reflection sheet, so its office cannot change.",
            field="office_id",
        )


def _lines_of(lines: list[Mapping[str, Any]], viewpoints: Mapping[str, Row]) -> list[Row]:
    told: dict[str, Row] = {}
    for number, line in enumerate(lines):
        code = line["viewpoint"]
        if code not in viewpoints:
            raise rule_broken(
                "viewpoint_unknown",
                "この視点セットに無い視点です。",
                "This viewpoint is not of the set.",
                field=f"lines/{number}/viewpoint",
            )
        if code in told:
            raise rule_broken(
                "repeated", "同じ視点が2度あります。", "A viewpoint comes twice.", field=f"lines/{number}/viewpoint"
            )
        view = viewpoints[code]
        told[code] = {
            "viewpoint": code,
            "label_ja": view["label_ja"],
            "position": view["position"],
            "strengths": line.get("strengths"),
            "note": line.get("note"),
        }
    return list(told.values())


async def _screened(session: Session, fields: Mapping[str, Any], municipality_id: str) -> tuple[Fault, ...]:
    texts = {"note": fields.get("note")}
    for number, line in enumerate(fields["lines"]):
        texts |= {f"lines/{number}/{name}": line.get(name) for name in ("strengths", "note")}
    return await screened(session, texts, municipality_ids=[municipality_id])


def _entry(session: Session, verb: str, before: Row | None, after: Row) -> Any:
    """Build the audit row. The words of a sheet stay out: those who audit may be those who pay or inspect."""

    def told(sheet: Row) -> Row:
        kept = {name: sheet[name] for name in ("viewpoint_set_id", "is_simplified", "shared_with_ward")}
        return {**kept, "viewpoints": sorted(line["viewpoint"] for line in sheet["lines"])}

    return audit.entry_of(
        session,
        f"reflection_sheets.{verb}",
        "reflection_sheets",
        after["id"],
        before=None if before is None else told(before),
        after=told(after),
        centre_id=after["centre_id"],
        municipality_id=after["municipality_id"],
        office_id=after["office_id"],
    )
