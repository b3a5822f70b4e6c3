"""Activities (活動) as the ledger has them, of every kind; and the plain way to record the kinds without an area.

Kinds with an area of their own (visits, supervision, trainings) are recorded there, with their details.
"""

from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from domain.activities.external_keys import Draft, ExternalKeys, Upserted
from domain.database import Session
from domain.errors import rule_broken
from domain.ledger import COLUMNS, Saved, activity_for, record, remove, revise
from domain.ledger.entry import Entry, entry_from, merged
from domain.ledger.tables import CENTRE_ROLES, KINDS, STATUSES, Activity, ActivityPlanItem
from domain.lists import Filter, Listing
from domain.lists.child_filters import ChildFilter
from domain.unchanged import says_nothing_new

WITH_AREA = frozenset({"office_visit", "supervision_session", "case_conference", "training_event"})
PLAIN_KINDS = tuple(kind for kind in KINDS if kind not in WITH_AREA)

FILTERS = {
    "centre_id": Filter("ids", col(Activity.centre_id), "センター"),
    "municipality_id": Filter("texts", col(Activity.municipality_id), "市区町村コード"),
    "office_id": Filter("ids", col(Activity.office_id), "事業所"),
    "kind": Filter("codes", col(Activity.kind), "種別", KINDS),
    "status": Filter("codes", col(Activity.status), "状態", STATUSES),
    "centre_role": Filter("codes", col(Activity.centre_role), "センターの役割", CENTRE_ROLES),
    "body": Filter("texts", col(Activity.body), "会議体コード"),
    "theme": Filter("has_any", col(Activity.themes), "テーマ"),
    "origin": Filter("codes", col(Activity.origin), "記録の由来", ("recorded", "imported", "generated")),
    "held_from": Filter("from_day", col(Activity.occurs_on), "この日以降"),
    "held_to": Filter("to_day", col(Activity.occurs_on), "この日まで"),
    "month": Filter("month", col(Activity.occurs_on), "月(YYYY-MM)"),
    "fiscal_year": Filter("fiscal_year", col(Activity.occurs_on), "年度(西暦)"),
    "follow_up_of_id": Filter("ids", col(Activity.follow_up_of_id), "フォロー元の活動"),
    "plan_item_id": ChildFilter.of(
        "ids",
        "計上された計画項目",
        parent=col(Activity.id),
        child=col(ActivityPlanItem.activity_id),
        value=col(ActivityPlanItem.item_id),
    ),
    "external_source": Filter("texts", col(Activity.external_source), "外部システム"),
    "external_id": Filter("texts", col(Activity.external_id), "外部キー"),
}
"""Filters that every list over the ledger has."""
SORTS = {"held_on": col(Activity.occurs_on), "id": col(Activity.id)}

ACTIVITIES = Listing(
    "activities",
    select(*COLUMNS),
    filters=FILTERS,
    sorts=SORTS,
    default_sort=("-held_on", "-id"),
    search=col(Activity.title_folded),
    changed=col(Activity.changed_tx),
    deleted=col(Activity.deleted_at),
)


def centre_named(session: Session, fields: Mapping[str, Any]) -> str:
    """Give the centre an activity is recorded for: the one named, or the caller's own where it has just one.

    Raises:
        RuleError: none is named and the caller has not exactly one.
    """
    if fields.get("centre_id"):
        return str(fields["centre_id"])
    own = session.actor.reach.own_centres
    if len(own) != 1:
        raise rule_broken("required", "センターを指定してください。", "Name the centre.", field="centre_id")
    return own[0]


def _refuse_kind_with_area(kind: str) -> None:
    if kind in WITH_AREA:
        raise rule_broken(
            "kind_has_area",
            "この種別は専用の窓口(office_visits など)で記録・変更してください。",
            "Record and change this kind in its own area (office_visits and so on).",
            field="kind",
        )


def _entry_of(fields: Mapping[str, Any]) -> Entry:
    """Build the entry of a whole activity as sent."""
    _refuse_kind_with_area(fields["kind"])
    entry = entry_from(fields["kind"], fields, area="activities")
    if not entry.members["title"].strip():
        raise rule_broken("required", "題名を入れてください。", "Give a title.", field="title")
    return entry


async def record_activity(session: Session, fields: Mapping[str, Any]) -> Saved:
    """Enter an activity of a kind without an area of its own.

    Raises:
        RuleError, NotFoundError, ConflictError: as ``domain.ledger.record``.
    """
    return await record(session, centre_named(session, fields), _entry_of(fields))


async def change_activity(session: Session, activity_id: str, changes: Mapping[str, Any], version: int) -> Saved:
    """Change an activity of a kind without an area of its own.

    Raises:
        StaleVersionError, NotFoundError, RuleError: as ``domain.ledger.revise``.
    """
    before = await activity_for(session, activity_id)
    _refuse_kind_with_area(before["kind"])
    if says_nothing_new(before, changes, version):
        return before, ()
    entry = entry_from(before["kind"], merged(before, changes), area="activities", sent=changes.keys())
    return await revise(session, before, version, entry)


async def remove_activity(session: Session, activity_id: str, version: int) -> None:
    """Take an activity out of the ledger.

    Raises:
        StaleVersionError, NotFoundError, RuleError: as ``domain.ledger.remove``.
    """
    before = await activity_for(session, activity_id)
    _refuse_kind_with_area(before["kind"])
    await remove(session, before, version, area="activities")


async def _draft(session: Session, activity_id: str, fields: Mapping[str, Any]) -> Draft:
    before = await activity_for(session, activity_id)
    if fields["kind"] != before["kind"]:
        raise rule_broken("kind_fixed", "種別は変えられません。", "The kind cannot change.", field="kind")
    return Draft(before, _entry_of(fields))


async def _replace_activity(session: Session, activity_id: str, fields: Mapping[str, Any], version: int) -> Saved:
    draft = await _draft(session, activity_id, fields)
    return await revise(session, draft.before, version, draft.entry)


_KEYS = ExternalKeys(PLAIN_KINDS, record_activity, _draft, _replace_activity)


async def upsert_activity(
    session: Session, source: str, external_id: str, fields: Mapping[str, Any], version: int | None
) -> Upserted:
    """Record the activity that another system knows by its own key, or replace it; tell whether it is new.

    Raises:
        RuleError: it would become one of another kind, or as ``record_activity``.
        ConflictError, PreconditionMissingError, StaleVersionError, NotFoundError: as ``ExternalKeys.upsert``.
    """
    return await _KEYS.upsert(session, centre_named(session, fields), (source, external_id), fields, version)
