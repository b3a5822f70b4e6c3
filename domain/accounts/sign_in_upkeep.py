"""Upkeep of signing in: forgetting sessions, tokens, links and counters that have long ended.

What happened stays in the audit. Run by the maintenance role: the service itself may delete none of it.
"""

from datetime import timedelta

from sqlalchemy import bindparam, delete, exists, select
from sqlmodel import col

from domain.credentials import Invitation, MachineGrant, RefreshToken, SignInCounter, SignInSession
from domain.database import Session
from domain.statements import change
from domain.statements.columns import Big, Instant

KEPT = timedelta(days=30)

_UNTIL = bindparam("until", type_=Instant(), required=True)
_TOKENS = change(
    delete(RefreshToken).where(
        exists(
            select(col(SignInSession.id)).where(
                col(SignInSession.id) == col(RefreshToken.session_id), col(SignInSession.expires_at) < _UNTIL
            )
        )
    )
)
_SESSIONS = change(delete(SignInSession).where(col(SignInSession.expires_at) < _UNTIL))
_LINKS = change(delete(Invitation).where(col(Invitation.expires_at) < _UNTIL))
_GRANTS = change(delete(MachineGrant).where(col(MachineGrant.expires_at) < _UNTIL))
_COUNTERS = change(
    delete(SignInCounter).where(col(SignInCounter.window_start) < bindparam("until_second", type_=Big(), required=True))
)


async def forget_ended(session: Session) -> int:
    """Delete what ended more than 30 days ago; give the number of rows."""
    until = session.now - KEPT
    # Tokens go before the sessions they point to.
    forgotten = await session.run(_TOKENS, until=until)
    for write in (_SESSIONS, _LINKS, _GRANTS):
        forgotten += await session.run(write, until=until)
    return forgotten + await session.run(_COUNTERS, until_second=int(until.timestamp()))
