"""Supervision (スーパービジョン: individual, group = GSV, public) and case conferences (事例検討会).

A case is an opaque label; consent to share it is recorded, its content is not. Source: seeds 002, 003, 004.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ForeignKeyConstraint, case
from sqlmodel import col

from domain import fiscal
from domain.activities.activities import centre_named
from domain.activities.activity_areas import TOOK_PART, ActivityArea, Said
from domain.activities.external_keys import ExternalKeys, Upserted
from domain.database import Row, Session
from domain.errors import Fault, rule_broken
from domain.ledger import Saved
from domain.ledger.details import Details
from domain.ledger.links import OFFICES_OF, PEOPLE_OF
from domain.ledger.tables import VISIBILITIES, Activity
from domain.lists import Filter
from domain.statements.columns import Big, Day, Flag, column, one_of, rule, words
from domain.statements.reach import Overlaps, Owner, owned

SESSION_TYPES = ("individual", "group", "public", "case_conference")
TITLES = {"individual": "個別SV", "group": "GSV", "public": "公開SV", "case_conference": "事例検討会"}
LEAD_MONTHS = 3
"""How long before the day a supervisor from outside is to be asked. Source: seed 003, note on 3-(2)."""


class SupervisionSession(Details, table=True):
    """What a session adds to its activity."""

    __tablename__ = "supervision_session"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "id"], ["activity.centre_id", "activity.id"]),
        one_of("session_type", *SESSION_TYPES),
        rule("fee_plausible", "fee_yen IS NULL OR (fee_yen >= 0 AND fee_yen <= 10000000)"),
        one_of("visibility", *VISIBILITIES),
        owned(Owner.ACTIVITY_DETAILS),
    )

    session_type: str = words(16)
    case_label: str | None = words(40, optional=True)
    has_consent: bool = column(Flag())
    has_after_talk: bool = column(Flag())
    after_talk_note: str | None = words(2000, optional=True)
    supervisor_asked_on: date | None = column(Day(), optional=True)
    case_asked_on: date | None = column(Day(), optional=True)
    fee_yen: int | None = column(Big(), optional=True)
    summary: str | None = words(4000, optional=True)
    internal_summary: str | None = words(4000, optional=True)


_DETAILS = (
    "session_type", "case_label", "has_consent", "has_after_talk", "after_talk_note", "supervisor_asked_on",
    "case_asked_on", "fee_yen", "summary", "internal_summary",
)  # fmt: skip
_FLAGS = ("has_consent", "has_after_talk")


def _said(fields: Mapping[str, Any]) -> Said:
    details = {name: fields.get(name) for name in _DETAILS}
    details |= {name: bool(details[name]) for name in _FLAGS}
    kind = fields["session_type"]
    ledger_kind = "case_conference" if kind == "case_conference" else "supervision_session"
    if fields.get("kind") not in (None, ledger_kind):
        raise rule_broken(
            "kind_fixed",
            "事例検討会とスーパービジョンは互いに変えられません。取り消して、新しく記録してください。",
            "A case conference and a supervision do not become each other. Remove it and record it anew.",
            field="session_type",
        )
    is_held = fields.get("status") == "held" or (fields.get("status") is None and fields.get("held_on") is not None)
    if is_held and (details["case_label"] or "").strip() and not details["has_consent"]:
        raise rule_broken(
            "consent_required",
            "事例を扱った記録には、本人の同意の確認が必要です。",
            "A session held on a case needs the consent of the person.",
            field="has_consent",
        )
    visibility = "published" if kind == "public" else "offices_involved"
    return Said(ledger_kind, details, {"visibility": visibility, "title": TITLES[kind]}, _lead_time(fields))


def _lead_time(fields: Mapping[str, Any]) -> tuple[Fault, ...]:
    asked, day = fields.get("supervisor_asked_on"), fields.get("held_on") or fields.get("planned_on")
    if asked is None or day is None or not is_asked_late(asked, day):
        return ()
    return (
        Fault(
            "supervisor_asked_late",
            "外部のスーパーバイザーへの依頼が、開催日の3か月前より後です。",
            "The supervisor was asked less than three months before the day.",
            pointer="/supervisor_asked_on",
        ),
    )


def is_asked_late(asked_on: date, day: date) -> bool:
    """Tell whether a supervisor from outside was asked less than three months before the day.

    The day of the month counts, and the last day of a month where it has no such day.

    >>> is_asked_late(date(2026, 7, 15), date(2026, 10, 15)), is_asked_late(date(2026, 7, 16), date(2026, 10, 15))
    (False, True)
    >>> is_asked_late(date(2026, 2, 28), date(2026, 5, 31))
    False
    """
    month = fiscal.months_after(fiscal.month_of(day), -LEAD_MONTHS)
    last = fiscal.last_day_of_month(month)
    return asked_on > last.replace(day=min(day.day, last.day))


def _own(name: str) -> Any:
    """Give a column that an office sees only of sessions it is linked to, not of those it may read as published."""
    linked = Overlaps(col(Activity.office_ids), "reach_offices")
    return case((linked, getattr(SupervisionSession, name)), else_=None).label(name)


SESSIONS = ActivityArea(
    "supervision_sessions",
    SupervisionSession,
    _said,
    for_staff=(),
    for_office=(
        col(SupervisionSession.session_type),
        _own("case_label"),
        col(SupervisionSession.has_consent),
        col(SupervisionSession.has_after_talk),
        _own("after_talk_note"),
        col(SupervisionSession.summary),
        OFFICES_OF,
        PEOPLE_OF,
    ),
    filters={
        "office_id": TOOK_PART,
        "session_type": Filter("codes", col(SupervisionSession.session_type), "種類", SESSION_TYPES),
        "has_after_talk": Filter("flag", col(SupervisionSession.has_after_talk), "アフタートークの有無"),
    },
    texts=("case_label", "after_talk_note", "summary", "internal_summary"),
)


async def session_for(session: Session, session_id: str) -> Row:
    """Give one session in the shape of the caller's role.

    An office sees its own link and people only, and the case of sessions it took part in.

    Raises:
        NotFoundError: it is missing or outside reach.
    """
    return await SESSIONS.row_for(session, session_id)


async def record_session(session: Session, fields: Mapping[str, Any]) -> Saved:
    """Enter a session that has taken place or is planned; give it with the warnings about it.

    A case conference is a kind of its own in the ledger, everything else is supervision.

    Raises:
        NotFoundError: the centre, an office or a person is outside reach.
        RuleError: a case without consent, or a rule of the ledger.
    """
    return await SESSIONS.record(session, fields)


async def change_session(session: Session, session_id: str, changes: Mapping[str, Any], version: int) -> Saved:
    """Change a session: hold a planned one, add consent, summary or talk.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_session``; also where a case conference would become supervision.
    """
    return await SESSIONS.change(session, session_id, changes, version)


async def remove_session(session: Session, session_id: str, version: int) -> None:
    """Take a session out of the ledger, leaving a tombstone.

    Raises:
        StaleVersionError: it is no longer at ``version``.
        NotFoundError, RuleError: as ``record_session``.
    """
    await SESSIONS.remove(session, session_id, version)


_KEYS = ExternalKeys(("supervision_session", "case_conference"), record_session, SESSIONS.draft, change_session)


async def upsert_session(
    session: Session, source: str, external_id: str, fields: Mapping[str, Any], version: int | None
) -> Upserted:
    """Record the session that another system knows by its own key, or replace it; tell whether it is new.

    Raises:
        ConflictError, PreconditionMissingError, StaleVersionError: as ``ExternalKeys.upsert``.
        NotFoundError, RuleError: as ``record_session`` and ``change_session``.
    """
    return await _KEYS.upsert(session, centre_named(session, fields), (source, external_id), fields, version)
