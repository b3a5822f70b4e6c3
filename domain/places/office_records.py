"""Records of offices: the list, one office in full, and how an office is entered, changed, replaced and removed.

Staff of the municipality and of the centres that cover it keep them; an office reads its own record, without the
internal note. Designations and strengths are members of the office: a change replaces the list.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import col

from domain import audit
from domain.access import Role
from domain.database import Row, Session
from domain.errors import ConflictError, Fault, PreconditionMissingError, RuleError, missing_at, rule_broken
from domain.kana_order import name_index
from domain.lists import Filter, Listing
from domain.lists.child_filters import ChildFilter, HoldsOn
from domain.places.free_text import screened
from domain.places.office_numbers import number_warnings
from domain.places.office_parts import PARTS, clear_parts, part_writes, refuse_bad_parts, with_parts
from domain.places.offices import (
    DESIGNATIONS,
    ENHANCED_TYPES,
    OFFICE_COLUMNS,
    OFFICE_MEMBERS,
    Office,
    OfficeDesignation,
    OfficeStrength,
)
from domain.statements import insert_into, update_of, within_reach
from domain.statements.columns import Id, new_id
from domain.unchanged import says_nothing_new

WRITTEN = (*OFFICE_MEMBERS, "internal_note")
LISTS = ("designations", "strengths")
LONGEST_SOURCE, LONGEST_KEY = 40, 100


OFFICES = Listing(
    "offices",
    select(*OFFICE_COLUMNS, *PARTS),
    filters={
        "municipality_id": Filter("texts", col(Office.municipality_id), "市区町村コード"),
        "enhanced_type": Filter("codes", col(Office.enhanced_type), "機能強化型", ENHANCED_TYPES),
        "designation": ChildFilter.of(
            "codes",
            "指定の種類",
            parent=col(Office.id),
            child=col(OfficeDesignation.office_id),
            value=col(OfficeDesignation.kind),
            allowed=DESIGNATIONS,
        ),
        "strength": ChildFilter.of(
            "texts",
            "得意分野",
            parent=col(Office.id),
            child=col(OfficeStrength.office_id),
            value=col(OfficeStrength.code),
        ),
        "is_commissioned": Filter("flag", col(Office.is_commissioned), "委託相談支援事業所か"),
        "is_core_office": Filter("flag", col(Office.is_core_office), "コア事業所か"),
        "is_community_base": Filter("flag", col(Office.is_community_base), "地域生活支援拠点等か"),
        "office_number": Filter("texts", col(Office.office_number), "事業所番号"),
        "external_source": Filter("texts", col(Office.external_source), "外部システム"),
        "external_id": Filter("texts", col(Office.external_id), "外部キー"),
        "open_on": HoldsOn.between("この日に開所している", first=col(Office.opened_on), last=col(Office.closed_on)),
        "opened_from": Filter("from_day", col(Office.opened_on), "この日以降に開設"),
        "closed_from": Filter("from_day", col(Office.closed_on), "この日以降に閉鎖"),
        "closed_to": Filter("to_day", col(Office.closed_on), "この日までに閉鎖"),
    },
    sorts={"name_kana": col(Office.name_folded), "id": col(Office.id), "municipality_id": col(Office.municipality_id)},
    default_sort=("name_kana", "id"),
    search=col(Office.name_folded),
    changed=col(Office.changed_tx),
    deleted=col(Office.deleted_at),
)

_STANDS = (col(Office.id) == bindparam("id", type_=Id(), required=True), col(Office.deleted_at).is_(None))
_WHOLE = within_reach(select(*OFFICE_COLUMNS, col(Office.internal_note), *PARTS).where(*_STANDS))
_FOR_OFFICE = within_reach(select(*OFFICE_COLUMNS, *PARTS).where(*_STANDS))
_BY_EXTERNAL_ID = within_reach(
    select(col(Office.id)).where(
        col(Office.municipality_id) == bindparam("municipality_id", required=True),
        col(Office.external_source) == bindparam("source", required=True),
        col(Office.external_id) == bindparam("external_id", required=True),
        col(Office.deleted_at).is_(None),
    )
)
ADD_OFFICE = insert_into(Office)
CHANGE_OFFICE = update_of(Office, *WRITTEN, "name_folded")
_REMOVE = update_of(Office, "deleted_at")


def index_of(office: Mapping[str, Any]) -> str:
    """Build what the office is searched and sorted by."""
    return name_index(office["name"], office["name_kana"], most=400)


async def whole_office(session: Session, office_id: str) -> Row:
    """Give one office with designations, strengths and counts of its staff; to an office without the internal note.

    Raises:
        NotFoundError: it is missing, removed or outside reach.
    """
    query = _FOR_OFFICE if session.actor.role is Role.OFFICE_USER else _WHOLE
    return (await with_parts(session, [await session.one(query, id=office_id)]))[0]


async def add_office(session: Session, new: Mapping[str, Any]) -> tuple[Row, tuple[Fault, ...]]:
    """Enter an office of a municipality within reach; give it in full, with warnings.

    Raises:
        NotFoundError: the municipality is not within reach today.
        RuleError: its dates, keys, designations or strengths contradict each other; a My Number in its notes.
        ConflictError: its number or its external key is taken in this municipality.
    """
    _refuse_contradictions(new)
    warnings = await _warnings_of(session, new)
    office_id = new_id()
    office = {**new, "id": office_id}
    values = {name: value for name, value in office.items() if name not in LISTS}
    with missing_at("municipality_id"):
        await session.store(
            (ADD_OFFICE, {**values, "name_folded": index_of(new)}),
            *part_writes(office),
            _told(session, "add", office, after=new),
        )
    return await whole_office(session, office_id), warnings


async def change_office(
    session: Session, office_id: str, changes: Mapping[str, Any], version: int
) -> tuple[Row, tuple[Fault, ...]]:
    """Change an office; give it in full, with warnings about what was changed.

    Raises:
        NotFoundError: outside reach.
        RuleError, ConflictError: as ``add_office``.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await whole_office(session, office_id)
    if says_nothing_new(before, changes, version):
        return before, ()
    after = {**before, **changes}
    _refuse_contradictions(after)
    empty: dict[str, Any] = {"office_number": None, "designations": [], "strengths": []}
    warnings = await _warnings_of(session, {**empty, **changes, "municipality_id": before["municipality_id"]})
    await session.change(
        CHANGE_OFFICE,
        row_id=office_id,
        row_version=version,
        name_folded=index_of(after),
        **{name: after[name] for name in WRITTEN},
    )
    replaced = [name for name in LISTS if name in changes]
    await clear_parts(session, office_id, *replaced)
    await session.store(
        *(part_writes(after, *replaced) if replaced else ()),
        _told(session, "change", before, before={name: before[name] for name in changes}, after=changes),
    )
    return await whole_office(session, office_id), warnings


async def remove_office(session: Session, office_id: str, version: int) -> None:
    """Remove an office that was entered wrongly; one that has closed gets ``closed_on`` instead.

    Raises:
        NotFoundError: outside reach.
        ConflictError: people still work there.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await whole_office(session, office_id)
    if before["staff"]["person_count"]:
        raise ConflictError(
            "office_has_people",
            "在職中の職員がいるため、削除できません。閉鎖した事業所には閉鎖日を入れてください。",
            "People still work there; it cannot be removed. Give an office that has closed its closing day.",
        )
    await session.change(_REMOVE, row_id=office_id, row_version=version, deleted_at=session.now)
    told = {name: before[name] for name in (*WRITTEN, *LISTS)}
    await session.store(_told(session, "remove", before, before=told))


async def upsert_office(
    session: Session, source: str, external_id: str, new: Mapping[str, Any], version: int | None
) -> tuple[Row, tuple[Fault, ...], bool]:
    """Enter or replace the office that another system knows by its own key; also tell whether it is new.

    Sending what is stored already changes nothing and needs no version.

    Raises:
        PreconditionMissingError: it exists, would change, and no version was named.
        NotFoundError, RuleError, ConflictError, StaleVersionError: as ``add_office`` and ``change_office``.
    """
    _refuse_bad_key(source, external_id)
    office = {**new, "external_source": source, "external_id": external_id}
    known = await session.maybe(
        _BY_EXTERNAL_ID, municipality_id=new["municipality_id"], source=source, external_id=external_id
    )
    if known is None:
        return *(await add_office(session, office)), True
    before = await whole_office(session, known["id"])
    differing = {name: office[name] for name in (*WRITTEN, *LISTS) if _differs(before[name], office[name])}
    if not differing:
        return before, await _warnings_of(session, office), False
    if version is None:
        raise PreconditionMissingError
    return *(await change_office(session, known["id"], differing, version)), False


def _differs(stored: Any, sent: Any) -> bool:
    if isinstance(sent, list):
        return sorted(map(_comparable, stored)) != sorted(map(_comparable, sent))
    return bool(stored != sent)


def _comparable(part: Mapping[str, Any]) -> str:
    return repr({name: value.isoformat() if isinstance(value, date) else value for name, value in sorted(part.items())})


def _refuse_bad_key(source: str, external_id: str) -> None:
    for parameter, value, most in (("source", source, LONGEST_SOURCE), ("id", external_id, LONGEST_KEY)):
        if not 1 <= len(value) <= most:
            ja, en = f"1~{most}文字にしてください。", f"Use 1 to {most} characters."
            raise RuleError("key_invalid", ja, en, faults=(Fault("key_invalid", ja, en, parameter=parameter),))


def _refuse_contradictions(office: Mapping[str, Any]) -> None:
    if (office["external_id"] is None) != (office["external_source"] is None):
        raise rule_broken(
            "external_id_needs_source",
            "外部キーと外部システム名は、両方を入れてください。",
            "Give external_id and external_source together.",
            field="external_source",
        )
    opened, closed = office["opened_on"], office["closed_on"]
    if opened is not None and closed is not None and closed < opened:
        raise rule_broken(
            "closes_before_opening", "閉鎖日が開設日より前です。", "It closes before it opens.", field="closed_on"
        )
    refuse_bad_parts(office)


async def _warnings_of(session: Session, office: Mapping[str, Any]) -> tuple[Fault, ...]:
    texts = {name: office.get(name) for name in ("internal_note", "contact_24h_note")}
    texts |= {f"strengths/{position}/note": s["note"] for position, s in enumerate(office["strengths"])}
    found = await screened(session, texts, municipality_ids=(office["municipality_id"],))
    return (*number_warnings(office), *found)


def _told(session: Session, verb: str, office: Mapping[str, Any], **more: Any) -> Any:
    owners = {"municipality_id": office["municipality_id"], "office_id": office["id"]}
    return audit.entry_of(session, f"offices.{verb}", "offices", office["id"], **owners, **more)
