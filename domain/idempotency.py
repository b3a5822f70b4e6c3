"""Answers kept for repeated requests: the same Idempotency-Key gives the same answer for 24 hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import SQLModel, col

from domain.database import Session
from domain.errors import Fault, RuleError
from domain.statements import change, insert_if_new, within_reach
from domain.statements.columns import Big, Document, Instant, column, words
from domain.statements.reach import Owner, owned


class IdempotencyKey(SQLModel, table=True):
    """One remembered answer of one caller."""

    __tablename__ = "idempotency_key"
    __table_args__ = (owned(Owner.CALLER, deletable="yes"),)

    caller_id: str = words(60, primary_key=True)
    key: str = words(128, primary_key=True)
    fingerprint: str = words(64)
    status: int = column(Big())
    headers: dict[str, str] = column(Document())
    body: str = words(2_000_000)
    created_at: datetime = column(Instant())


KEPT = timedelta(hours=24)

_RESERVE = insert_if_new(IdempotencyKey)
_KEPT_ANSWER = within_reach(
    select(
        col(IdempotencyKey.fingerprint),
        col(IdempotencyKey.status),
        col(IdempotencyKey.headers),
        col(IdempotencyKey.body),
        col(IdempotencyKey.created_at),
    ).where(col(IdempotencyKey.key) == bindparam("key", required=True))
)
_KEEP = change(
    update(IdempotencyKey)
    .where(col(IdempotencyKey.key) == bindparam("row_key", required=True))
    .values(
        status=bindparam("status", type_=Big(), required=True),
        headers=bindparam("headers", type_=Document(), required=True),
        body=bindparam("body", required=True),
    )
)
_FORGET = change(
    delete(IdempotencyKey).where(
        col(IdempotencyKey.key) == bindparam("row_key", required=True),
        col(IdempotencyKey.created_at) <= bindparam("until", type_=Instant(), required=True),
    )
)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer given before."""

    status: int
    headers: dict[str, str]
    body: bytes


async def reserve(session: Session, key: str, fingerprint: str) -> KeptAnswer | None:
    """Take a key for this request, or give the answer that the same request got before.

    The row is written first, in the transaction of the effect: of several at once one runs, the others wait for it
    and then find its answer. A key older than 24 hours is as good as new.

    Raises:
        RuleError: the key was used for another request.
    """
    values = {
        "caller_id": session.scope.values["reach_caller"],
        "key": key,
        "fingerprint": fingerprint,
        "status": 0,
        "headers": {},
        "body": "",
        "created_at": session.now,
    }
    if await session.run(_RESERVE, **values):
        return None
    kept = await session.one(_KEPT_ANSWER, key=key)
    if kept["created_at"] <= session.now - KEPT:
        await session.run(_FORGET, row_key=key, until=session.now - KEPT)
        if await session.run(_RESERVE, **values):
            return None
        kept = await session.one(_KEPT_ANSWER, key=key)
    if kept["fingerprint"] != fingerprint:
        ja = "この Idempotency-Key は、内容の違う要求に既に使われています。"
        en = "This Idempotency-Key was already used for a different request."
        raise RuleError(
            "idempotency_key_reused",
            ja,
            en,
            faults=(Fault("idempotency_key_reused", ja, en, parameter="Idempotency-Key"),),
        )
    return KeptAnswer(kept["status"], kept["headers"], kept["body"].encode())


async def keep(session: Session, key: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Keep the answer of this request under its key, for the same caller, for 24 hours."""
    await session.run(_KEEP, row_key=key, status=status, headers=dict(headers), body=body.decode())
