"""Activities by the key that another system knows them by (外部キー): entered, replaced, or left as they are.

One mechanism for every area. Each entering and replacing goes through the area's own functions, so that a key opens
no second way into the ledger. A key is of one centre and one source system, and keeps its activity for good: that of
a deleted one is not given to another.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select

from domain.database import Row, Session
from domain.drivers import SerializationError
from domain.errors import ConflictError, Fault, NotFoundError, PreconditionMissingError, RuleError
from domain.ledger import Saved, looked_up
from domain.ledger.entry import MEMBERS, Entry, completed
from domain.ledger.links import OFFICE_MEMBERS, ORGANIZATION_MEMBERS, PERSON_MEMBERS, Links
from domain.ledger.tables import BY_HAND, BY_RULE, Activity
from domain.statements import within_reach
from domain.statements.columns import Id

LONGEST_SOURCE, LONGEST_ID = 40, 100
_KNOWN = within_reach(
    select(col(Activity.id), col(Activity.kind), col(Activity.deleted_at)).where(
        col(Activity.centre_id) == bindparam("centre_id", type_=Id(), required=True),
        col(Activity.external_source) == bindparam("source", required=True),
        col(Activity.external_id) == bindparam("external_id", required=True),
    )
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An activity as it stands, and as what was sent would make it.

    ``entry.told`` holds the members that the area adds to the activity, ``before`` the same members.
    """

    before: Row
    entry: Entry
    warnings: tuple[Fault, ...] = ()


Upserted = tuple[Saved, bool]
"""An activity as it is now with warnings, and whether it is new."""


@dataclass(frozen=True, slots=True)
class ExternalKeys:
    """The keys of one area: the kinds of its activities, and its ways to enter, to draft and to replace one.

    All three take the activity whole. ``draft`` changes nothing.
    """

    kinds: Collection[str]
    record: Callable[[Session, Mapping[str, Any]], Awaitable[Saved]]
    draft: Callable[[Session, str, Mapping[str, Any]], Awaitable[Draft]]
    replace: Callable[[Session, str, Mapping[str, Any], int], Awaitable[Saved]]

    async def upsert(
        self, session: Session, centre_id: str, key: tuple[str, str], fields: Mapping[str, Any], version: int | None
    ) -> Upserted:
        """Enter or replace the activity that ``key``, a source system and its id there, stands for.

        Sending what is stored already changes nothing and needs no version.

        Raises:
            PreconditionMissingError: it exists, would change, and no version was named.
            ConflictError: the key is of an activity of another kind, or of a deleted one.
            NotFoundError, RuleError, StaleVersionError: as ``record`` and ``replace``.
        """
        source, external_id = key
        _refuse_bad_key(source, external_id)
        if centre_id not in session.actor.reach.own_centres:
            raise NotFoundError("centre_id")
        whole = {**fields, "external_source": source, "external_id": external_id}
        known = await session.maybe(_KNOWN, centre_id=centre_id, source=source, external_id=external_id)
        if known is None:
            return await self._enter(session, whole), True
        self._refuse_other(known)
        draft = await self.draft(session, known["id"], whole)
        warnings = await _warnings_if_same(session, draft)
        if warnings is not None:
            return (draft.before, draft.warnings + warnings), False
        if version is None:
            raise PreconditionMissingError
        return await self.replace(session, known["id"], whole, version), False

    async def _enter(self, session: Session, whole: Mapping[str, Any]) -> Saved:
        try:
            return await self.record(session, whole)
        except ConflictError as error:
            if error.code != "external_id_taken":
                raise
            # Somebody entered it since it was looked for: run again, this request finds it and is a replacement.
            raise SerializationError from None

    def _refuse_other(self, known: Row) -> None:
        if known["deleted_at"] is not None:
            raise ConflictError(
                "external_id_of_deleted",
                "この外部キーの活動は削除されています。別の外部キーを使ってください。",
                "The activity of this external id is deleted. Use another external id.",
            )
        if known["kind"] not in self.kinds:
            raise ConflictError(
                "external_id_of_other_kind",
                "この外部キーは別の種別の活動のものです。その種別の窓口で変更してください。",
                "This external id is of an activity of another kind. Change it in the area of its kind.",
            )


def _refuse_bad_key(source: str, external_id: str) -> None:
    for parameter, value, most in (("source", source, LONGEST_SOURCE), ("id", external_id, LONGEST_ID)):
        if not 1 <= len(value) <= most:
            ja, en = f"1~{most}文字にしてください。", f"Use 1 to {most} characters."
            raise RuleError("key_invalid", ja, en, faults=(Fault("key_invalid", ja, en, parameter=parameter),))


async def _warnings_if_same(session: Session, draft: Draft) -> tuple[Fault, ...] | None:
    """Give the warnings about a draft that would change nothing; None where it would change something."""
    before, entry = draft.before, draft.entry
    activity = completed(entry.kind, entry.members, session.today)
    activity |= {"centre_id": before["centre_id"]}
    links, frame = await looked_up(session, activity, entry)
    sent = {name: activity[name] for name in MEMBERS} | dict(entry.told)
    if any(before[name] != value for name, value in sent.items()) or not _has_links(before, links, entry):
        return None
    return frame.warnings_about(entry.texts, activity["municipality_id"])


def _has_links(before: Row, links: Links, entry: Entry) -> bool:
    asked = (
        ("offices", links.offices, OFFICE_MEMBERS),
        ("people", links.people, PERSON_MEMBERS),
        ("organizations", links.organizations, ORGANIZATION_MEMBERS),
    )
    if any(_rows_of(before[name], members) != _rows_of(told, members) for name, told, members in asked):
        return False
    return _has_items(before, entry.plan_item_ids)


def _rows_of(links: Iterable[Mapping[str, Any]], members: tuple[str, ...]) -> list[str]:
    """Write links so that they compare whatever their order."""
    return sorted(repr([link[name] for name in members]) for link in links)


def _has_items(before: Row, named: Collection[str] | None) -> bool:
    """Tell whether plan items stand as asked: those named and no others, or, with none named, what the rules found."""
    if named is None:
        return bool(before["plan_items_by"] == BY_RULE)
    linked = {link["item_id"] for link in before["plan_items"]}
    return bool(before["plan_items_by"] == BY_HAND and linked == set(named))
