"""Areas over the ledger (事業所訪問, SV, 研修): what recording, changing and reading have in common in all of them.

An area has a table of its own with one row per activity and the same id, one shape of it for staff and one for
offices, and rules of its own. Everything written passes the ledger, and its free text is screened first.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import SQLModel, col, select

from domain.access import Role
from domain.activities.activities import FILTERS as LEDGER_FILTERS
from domain.activities.activities import SORTS, centre_named
from domain.activities.external_keys import Draft
from domain.database import Row, Session
from domain.errors import Fault
from domain.ledger import COLUMNS, Saved, record, remove, revise
from domain.ledger.details import SHOWN_BY
from domain.ledger.entry import Entry, entry_from, merged
from domain.ledger.links import ITEMS_OF, OFFICES_OF, ORGANIZATIONS_OF, PEOPLE_OF
from domain.ledger.tables import Activity, ActivityOffice
from domain.lists import Filter, Listing
from domain.lists.child_filters import ChildFilter
from domain.statements import Query, Write, insert_into, update_of, within_reach
from domain.statements.columns import Id
from domain.unchanged import says_nothing_new

_LEFT_OUT = ("kind", "body", "centre_role", "office_id")
FILTERS = {name: asked for name, asked in LEDGER_FILTERS.items() if name not in _LEFT_OUT}
"""Filters that the lists of all areas have."""
TOOK_PART = ChildFilter.of(
    "ids",
    "参加事業所",
    parent=col(Activity.id),
    child=col(ActivityOffice.activity_id),
    value=col(ActivityOffice.office_id),
)
"""Keeps activities that any of the offices is linked to. An office is told about its own links only."""

_SEEN_BY_OFFICE = (
    "id", "centre_id", "municipality_id", "title", "status", "status_reason", "planned_on", "held_on", "starts_at",
    "ends_at", "duration_minutes", "format", "location", "office_id",
)  # fmt: skip
_STAMPS = ("version", "created_at", "updated_at", "deleted_at")

Whole = Callable[[Row, Mapping[str, Any]], Mapping[str, Any]]
"""Says what an activity is after a change, from what it was and what was sent."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the rules of an area make of what was sent.

    ``details`` is the whole row of the area's own table, ``defaults`` what left-out members of the activity become;
    ``warnings`` stop nothing. ``told`` is what the audit row says besides.
    """

    kind: str
    details: Mapping[str, Any]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Fault, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)


class ActivityArea:
    """One area.

    ``said`` holds its rules: it turns the whole of an activity as sent into what is stored, or refuses. ``texts``
    are its members of free text, ``repeated`` the members of the activity that its table repeats. ``for_staff`` and
    ``for_office`` are the columns that each sees beyond those of the activity.
    """

    def __init__(
        self,
        name: str,
        model: type[SQLModel],
        said: Callable[[Mapping[str, Any]], Said],
        *,
        for_staff: Sequence[Any],
        for_office: Sequence[Any],
        filters: Mapping[str, Filter],
        texts: tuple[str, ...],
        repeated: tuple[str, ...] = (),
    ) -> None:
        fields = [name for name in model.model_fields if name not in ("id", "centre_id", *SHOWN_BY)]
        self._name = name
        self._said = said
        self._texts = texts
        self._repeated = repeated
        self._details = tuple(name for name in fields if name not in repeated)
        self._enter = insert_into(model)
        self._update = update_of(model, *self._details, *repeated, *SHOWN_BY)
        self._remove = update_of(model, "deleted_at")
        row_id: Any = model.id  # type: ignore[attr-defined]
        joined = col(row_id) == col(Activity.id)
        links = (OFFICES_OF, PEOPLE_OF, ORGANIZATIONS_OF, ITEMS_OF)
        whole = (*COLUMNS, *(getattr(model, name) for name in self._details), *links, *for_staff)
        seen = (
            *(getattr(Activity, name) for name in _SEEN_BY_OFFICE),
            *for_office,
            *(getattr(Activity, name) for name in _STAMPS),
        )

        def listing(columns: Sequence[Any]) -> Listing:
            return Listing(
                name,
                select(*columns).select_from(Activity).join(model, joined),
                filters={**FILTERS, **filters},
                sorts=SORTS,
                default_sort=("-held_on", "-id"),
                search=col(Activity.title_folded),
                changed=col(Activity.changed_tx),
                deleted=col(Activity.deleted_at),
            )

        def one(columns: Sequence[Any]) -> Query:
            of = col(Activity.id) == bindparam("id", type_=Id(), required=True)
            stands = col(Activity.deleted_at).is_(None)
            return within_reach(select(*columns).select_from(Activity).join(model, joined).where(of, stands))

        self.listing = listing(whole)
        self.listing_for_office = listing(seen)
        self._one = one(whole)
        self._one_for_office = one(seen)

    async def row_for(self, session: Session, activity_id: str) -> Row:
        """Give one activity in the shape of the caller's role: an office never sees what is internal.

        Raises:
            NotFoundError: it is missing or outside reach.
        """
        is_office = session.actor.role is Role.OFFICE_USER
        return await session.one(self._one_for_office if is_office else self._one, id=activity_id)

    async def record(self, session: Session, fields: Mapping[str, Any]) -> Saved:
        """Enter an activity of this area.

        Raises:
            NotFoundError, RuleError, ConflictError: as ``domain.ledger.record``, and by the area's own rules.
        """
        said = self._said(fields)
        entry = self._entry(fields, said, self._enter, fields.keys())
        row, warnings = await record(session, centre_named(session, fields), entry)
        return row | dict(said.details), said.warnings + warnings

    async def change(
        self,
        session: Session,
        activity_id: str,
        changes: Mapping[str, Any],
        version: int,
        *,
        whole: Whole = merged,
    ) -> Saved:
        """Change an activity of this area; ``whole`` says what it is then, from what it was and what was sent.

        Raises:
            StaleVersionError: it is no longer at ``version``.
            NotFoundError, RuleError, ConflictError: as ``record``.
        """
        said, draft = await self._drafted(session, activity_id, changes, whole)
        if says_nothing_new(draft.before, changes, version):
            return draft.before, said.warnings
        row, warnings = await revise(session, draft.before, version, draft.entry)
        return row | dict(said.details), said.warnings + warnings

    async def draft(
        self, session: Session, activity_id: str, changes: Mapping[str, Any], *, whole: Whole = merged
    ) -> Draft:
        """Say what an activity of this area would become, without changing it; as ``change``."""
        return (await self._drafted(session, activity_id, changes, whole))[1]

    async def _drafted(
        self, session: Session, activity_id: str, changes: Mapping[str, Any], whole: Whole
    ) -> tuple[Said, Draft]:
        before = await session.one(self._one, id=activity_id)
        fields = whole(before, changes)
        said = self._said(fields)
        return said, Draft(before, self._entry(fields, said, self._update, changes.keys()), said.warnings)

    async def remove(self, session: Session, activity_id: str, version: int) -> None:
        """Take an activity out of the ledger, leaving a tombstone.

        Raises:
            StaleVersionError: it is no longer at ``version``.
            NotFoundError, RuleError: as ``domain.ledger.remove``.
        """
        before = await session.one(self._one, id=activity_id)
        await remove(session, before, version, area=self._name, details=self._remove)

    def _entry(self, fields: Mapping[str, Any], said: Said, write: Write, sent: Collection[str]) -> Entry:
        own = {**said.details, **{name: fields.get(name) for name in self._repeated}}
        told = {**said.details, **said.told}
        return entry_from(
            said.kind,
            fields,
            area=self._name,
            defaults=said.defaults,
            details=((write, own),),
            told=told,
            texts=self._texts,
            sent=sent,
        )
