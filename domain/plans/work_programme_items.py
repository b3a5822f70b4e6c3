"""Items and phases of a work programme: read whole, entered whole, each frequency text with its confirmed reading.

Superseded phases stay beside the ones that hold, each with the reason of the change where it is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, select
from sqlmodel import col

from domain import audit
from domain.database import Row, Session
from domain.errors import NotFoundError, rule_broken
from domain.plans.programme_readings import ITEM_MEMBERS, PHASE_MEMBERS, item_read, items_read, told
from domain.plans.work_programmes import (
    HEADER,
    WorkProgramme,
    WorkProgrammeItem,
    WorkProgrammePhase,
    programme_for,
)
from domain.statements import Write, change, insert_into, update_of, within_reach
from domain.statements.columns import Id, new_id
from domain.statements.documents import objects

_AT_ONCE = 20
"""Rows per statement: enough to save trips, few enough that the statement stays small."""

_PHASES_OF = objects(
    col(WorkProgrammePhase.item_id) == col(WorkProgrammeItem.id),
    position=col(WorkProgrammePhase.position),
    **{name: getattr(WorkProgrammePhase, name) for name in PHASE_MEMBERS},
).label("phases")
_ITEMS = within_reach(
    select(
        col(WorkProgrammeItem.id),
        col(WorkProgrammeItem.position),
        *(getattr(WorkProgrammeItem, name) for name in ITEM_MEMBERS),
        _PHASES_OF,
    )
    .where(col(WorkProgrammeItem.programme_id) == bindparam("programme_id", type_=Id(), required=True))
    .order_by(col(WorkProgrammeItem.position), col(WorkProgrammeItem.id))
)
_ENTER = insert_into(WorkProgramme)
_ENTER_ITEM = insert_into(WorkProgrammeItem)
_ENTER_PHASE = insert_into(WorkProgrammePhase)
_TOUCH = update_of(WorkProgramme, *HEADER)
_CHANGE_ITEM = update_of(WorkProgrammeItem, *ITEM_MEMBERS)
_DROP_PHASES = change(
    delete(WorkProgrammePhase).where(col(WorkProgrammePhase.item_id) == bindparam("item_id", type_=Id(), required=True))
)
_DROP_ITEM = change(
    delete(WorkProgrammeItem).where(col(WorkProgrammeItem.id) == bindparam("item_id", type_=Id(), required=True))
)


async def items_of_programme(session: Session, programme_id: str) -> list[Row]:
    """Give the items of a programme within reach, in its order, each with its phases in theirs."""
    rows = await session.rows(_ITEMS, programme_id=programme_id)
    for row in rows:
        row["phases"].sort(key=lambda phase: phase["position"])
        for phase in row["phases"]:
            del phase["position"]
            for name in ("reading", "applies_to_contents"):
                # SQLite keeps documents as text, and one inside another stays text.
                if isinstance(phase[name], str):
                    phase[name] = orjson.loads(phase[name])
    return rows


async def whole_programme(session: Session, programme_id: str) -> Row:
    """Give a programme with its items.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    programme = await programme_for(session, programme_id)
    return {**programme, "items": await items_of_programme(session, programme_id)}


async def programme_from_document(session: Session, document: Mapping[str, Any]) -> Row:
    """Enter a whole programme: the one way for the wire, the import and the demo.

    ``document`` is what a read gives, without the members of the server. A phase without ``reading`` takes the reading
    of its text; an item without phases takes them from its ``frequency_text``.

    Raises:
        NotFoundError: the centre is outside reach.
        RuleError: a text has no clear reading, or a code stands twice.
        ConflictError: the centre already has a programme from that fiscal year on.
    """
    owners = {"centre_id": document["centre_id"], "municipality_id": document.get("municipality_id")}
    items = items_read(document["items"])
    programme_id = new_id()
    await session.store(
        (_ENTER, {"id": programme_id, **owners, **{name: document.get(name) for name in HEADER}}),
        audit.entry_of(
            session,
            "work_programmes.record",
            "work_programmes",
            programme_id,
            after={name: document.get(name) for name in HEADER} | {"items": told(items)},
            **owners,
        ),
    )
    await _enter(session, programme_id, owners, items)
    return await whole_programme(session, programme_id)


async def replace_programme(session: Session, programme_id: str, document: Mapping[str, Any], version: int) -> Row:
    """Replace a programme whole; its centre and municipality stay. Plans made from it keep what they copied.

    Raises:
        NotFoundError: outside reach, or ``document`` names another centre.
        StaleVersionError: it is no longer at ``version``.
        RuleError, ConflictError: as ``programme_from_document``.
    """
    before = await whole_programme(session, programme_id)
    if document["centre_id"] != before["centre_id"]:
        raise rule_broken("centre_fixed", "センターは変えられません。", "The centre stays.", field="centre_id")
    owners = {"centre_id": before["centre_id"], "municipality_id": before["municipality_id"]}
    items = items_read(document["items"])
    await session.change(
        _TOUCH, row_id=programme_id, row_version=version, **{name: document.get(name) for name in HEADER}
    )
    for item in before["items"]:
        await session.run(_DROP_PHASES, item_id=item["id"])
        await session.run(_DROP_ITEM, item_id=item["id"])
    await _enter(session, programme_id, owners, items)
    await session.store(
        audit.entry_of(
            session,
            "work_programmes.replace",
            "work_programmes",
            programme_id,
            before={name: before[name] for name in HEADER} | {"items": told(before["items"])},
            after={name: document.get(name) for name in HEADER} | {"items": told(items)},
            **owners,
        )
    )
    return await whole_programme(session, programme_id)


async def add_item(session: Session, programme_id: str, item: Mapping[str, Any], version: int) -> Row:
    """Add an item at the end of a programme; give it with the programme's new version.

    Raises:
        NotFoundError, StaleVersionError, RuleError: as ``replace_programme``.
        ConflictError: the programme has an item of this code.
    """
    programme = await programme_for(session, programme_id)
    read = item_read(item)
    await _touch(session, programme, version)
    known = await items_of_programme(session, programme_id)
    position = max((row["position"] for row in known), default=0) + 1
    owners = {"centre_id": programme["centre_id"], "municipality_id": programme["municipality_id"]}
    made = await _enter(session, programme_id, owners, [read], first=position)
    await session.store(_item_entry(session, "add_item", programme, made[0], after=told([read])[0]))
    return await _item_for(session, programme_id, made[0], version + 1)


async def change_item(session: Session, programme_id: str, item_id: str, item: Mapping[str, Any], version: int) -> Row:
    """Replace an item with its phases; give it with the programme's new version.

    Raises:
        NotFoundError, StaleVersionError, RuleError, ConflictError: as ``add_item``.
    """
    programme = await programme_for(session, programme_id)
    before = await _item_for(session, programme_id, item_id, version)
    read = item_read(item)
    await _touch(session, programme, version)
    await session.run(_CHANGE_ITEM, row_id=item_id, **{name: read[name] for name in ITEM_MEMBERS})
    await session.run(_DROP_PHASES, item_id=item_id)
    owners = {"centre_id": programme["centre_id"], "municipality_id": programme["municipality_id"]}
    await session.store(
        *_phase_writes(item_id, owners, read["phases"]),
        _item_entry(session, "change_item", programme, item_id, before=told([before])[0], after=told([read])[0]),
    )
    return await _item_for(session, programme_id, item_id, version + 1)


async def remove_item(session: Session, programme_id: str, item_id: str, version: int) -> None:
    """Take an item out of a programme. Plans made from it keep what they copied.

    Raises:
        NotFoundError, StaleVersionError: as ``replace_programme``.
    """
    programme = await programme_for(session, programme_id)
    before = await _item_for(session, programme_id, item_id, version)
    await _touch(session, programme, version)
    await session.run(_DROP_PHASES, item_id=item_id)
    await session.run(_DROP_ITEM, item_id=item_id)
    await session.store(_item_entry(session, "remove_item", programme, item_id, before=told([before])[0]))


async def _item_for(session: Session, programme_id: str, item_id: str, version: int) -> Row:
    for row in await items_of_programme(session, programme_id):
        if row["id"] == item_id:
            return {**row, "version": version}
    raise NotFoundError


async def _touch(session: Session, programme: Row, version: int) -> None:
    values = {name: programme[name] for name in HEADER}
    await session.change(_TOUCH, row_id=programme["id"], row_version=version, **values)


def _item_entry(
    session: Session, verb: str, programme: Row, item_id: str, *, before: Any = None, after: Any = None
) -> tuple[Write, dict[str, Any]]:
    return audit.entry_of(
        session,
        f"work_programmes.{verb}",
        "work_programmes",
        item_id,
        before=before,
        after=after,
        centre_id=programme["centre_id"],
        municipality_id=programme["municipality_id"],
    )


async def _enter(
    session: Session,
    programme_id: str,
    owners: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    *,
    first: int = 1,
) -> list[str]:
    ids = [new_id() for _ in items]
    rows = [
        (_ENTER_ITEM, {"id": item_id, "programme_id": programme_id, "position": first + step, **owners, **members})
        for step, (item_id, item) in enumerate(zip(ids, items, strict=True))
        for members in [{name: item[name] for name in ITEM_MEMBERS}]
    ]
    phases = [
        row for item_id, item in zip(ids, items, strict=True) for row in _phase_writes(item_id, owners, item["phases"])
    ]
    for writes in (rows, phases):
        for start in range(0, len(writes), _AT_ONCE):
            await session.store(*writes[start : start + _AT_ONCE])
    return ids


def _phase_writes(
    item_id: str, owners: Mapping[str, Any], phases: Iterable[Mapping[str, Any]]
) -> list[tuple[Write, dict[str, Any]]]:
    return [
        (_ENTER_PHASE, {"item_id": item_id, "position": position, **owners, **phase})
        for position, phase in enumerate(phases, start=1)
    ]
