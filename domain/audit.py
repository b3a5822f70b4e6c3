"""Audit rows: who changed what, from what to what. Written in the transaction of the effect, never read or changed
by the service itself: on PostgreSQL its role may only INSERT.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import SQLModel

from domain.database import Session
from domain.statements import Write, insert_into
from domain.statements.columns import Big, Instant, column, key, ref, words
from domain.statements.reach import Owner, owned


class AuditEntry(SQLModel, table=True):
    """One effect. ``before`` and ``after`` are JSON text, null where there was or is nothing."""

    __tablename__ = "audit_entry"
    __table_args__ = (owned(Owner.AUDIT),)

    id: str = key()
    at: datetime = column(Instant())
    request_id: str = words(64)
    role: str = words(16)
    subject_id: str = words(60)
    session_id: str = words(60)
    action: str = words(60)
    area: str = words(40)
    entity_id: str = words(60)
    centre_id: str | None = ref(optional=True)
    municipality_id: str | None = words(6, optional=True)
    office_id: str | None = ref(optional=True)
    before: str | None = words(200000, optional=True)
    after: str | None = words(200000, optional=True)


class TransactionClock(SQLModel, table=True):
    """The number of the last writing transaction. SQLite only counts here; PostgreSQL has numbers of its own."""

    __tablename__ = "transaction_clock"
    __table_args__ = (owned(Owner.CREDENTIALS),)

    id: int = column(Big(), primary_key=True)
    value: int = column(Big())


_ENTER = insert_into(AuditEntry)


def entry_of(  # noqa: PLR0913 - what an auditor asks for
    session: Session,
    action: str,
    area: str,
    entity_id: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    centre_id: str | None = None,
    municipality_id: str | None = None,
    office_id: str | None = None,
) -> tuple[Write, dict[str, Any]]:
    """Build the audit row of an effect, to be stored together with it.

    ``before`` and ``after`` hold the fields of the row as they were and are; ``action`` is ``<area>.<verb>``.
    """
    actor = session.actor
    return _ENTER, {
        "at": session.now,
        "request_id": session.request_id,
        "role": actor.role.value,
        "subject_id": actor.subject_id,
        "session_id": actor.session_id,
        "action": action,
        "area": area,
        "entity_id": entity_id,
        "centre_id": centre_id,
        "municipality_id": municipality_id,
        "office_id": office_id,
        "before": None if before is None else orjson.dumps(before, default=str).decode(),
        "after": None if after is None else orjson.dumps(after, default=str).decode(),
    }
