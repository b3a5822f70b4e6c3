"""Refresh tokens (更新トークン): each is used once and gives the next one.

Using one again ends the whole session, for somebody else may have the token; but for one repetition within ten
seconds of the first use, for an answer that was lost on the way.
"""

from datetime import timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from domain import audit
from domain.accounts.assignments import assignments_of, described
from domain.accounts.opaque_tokens import hash_of, new_token
from domain.accounts.sign_in_sessions import (
    GIVE_TOKEN,
    IDLE,
    SignedIn,
    acting,
    end_one,
    end_session,
    office_labels,
    owner_of,
)
from domain.credentials import Assignment, RefreshToken, SignInSession, UserAccount
from domain.database import Row, Session
from domain.errors import UnauthenticatedError
from domain.statements import change, within_credentials
from domain.statements.columns import Id, Instant
from domain.steps import Steps

GRACE = timedelta(seconds=10)

_AT = bindparam("at", type_=Instant(), required=True)
_USE = change(
    update(RefreshToken)
    .where(col(RefreshToken.token_hash) == bindparam("row_hash", required=True), col(RefreshToken.used_at).is_(None))
    .values(used_at=_AT)
)
_REPEAT = change(
    update(RefreshToken)
    .where(
        col(RefreshToken.token_hash) == bindparam("row_hash", required=True),
        col(RefreshToken.repeated_at).is_(None),
        col(RefreshToken.used_at) >= bindparam("since", type_=Instant(), required=True),
    )
    .values(repeated_at=_AT)
)
_TOUCH = change(
    update(SignInSession)
    .where(
        col(SignInSession.id) == bindparam("row_session_id", type_=Id(), required=True),
        col(SignInSession.revoked_at).is_(None),
    )
    .values(last_used_at=_AT)
)
_REFRESHED = within_credentials(
    select(
        col(SignInSession.id),
        col(SignInSession.user_id),
        col(SignInSession.assignment_id),
        col(SignInSession.last_used_at),
        col(SignInSession.expires_at),
        col(SignInSession.revoked_at),
        col(UserAccount.is_active).label("user_is_active"),
        col(Assignment.is_active).label("assignment_is_active"),
    )
    .select_from(RefreshToken)
    .join(SignInSession, col(SignInSession.id) == col(RefreshToken.session_id))
    .join(UserAccount, col(UserAccount.id) == col(SignInSession.user_id))
    .join(Assignment, col(Assignment.id) == col(SignInSession.assignment_id))
    .where(col(RefreshToken.token_hash) == bindparam("token_hash", required=True))
)


async def refresh_session(steps: Steps, refresh_token: str) -> SignedIn:
    """Give a new refresh token for a used one.

    Raises:
        UnauthenticatedError: unknown, used before (which ends the session), or of a session that has ended.
    """
    kept = hash_of(refresh_token)
    async with steps.read() as session:
        known = await session.maybe(_REFRESHED, token_hash=kept)
        row = None if known is None else await _running(session, known)
    if known is None or row is None:
        raise UnauthenticatedError
    actor = acting(known["user_id"], known["id"], row)
    token = new_token()
    async with steps.write(actor) as session:
        is_accepted = await _spent(session, kept)
        if is_accepted:
            if await session.run(_TOUCH, row_session_id=actor.session_id, at=session.now) == 0:
                raise UnauthenticatedError
            await session.store(
                (GIVE_TOKEN, {"token_hash": hash_of(token), "session_id": actor.session_id, "issued_at": session.now}),
                audit.entry_of(session, "sessions.refresh", "sessions", actor.session_id, **owner_of(row)),
            )
        else:
            await end_one(session, actor, "refresh_reuse", row)
    if not is_accepted:
        raise UnauthenticatedError
    labels = await office_labels(steps, [row])
    return SignedIn(actor.subject_id, actor.session_id, described(row, labels), token)


async def _running(session: Session, known: Row) -> Row | None:
    """Give the assignment of a session that still runs."""
    has_ended = (
        known["revoked_at"] is not None
        or not known["user_is_active"]
        or not known["assignment_is_active"]
        or known["expires_at"] <= session.now
        or known["last_used_at"] + IDLE <= session.now
    )
    if has_ended:
        return None
    held = await assignments_of(session, known["user_id"])
    return next(a for a in held if a["id"] == known["assignment_id"])


async def _spent(session: Session, kept: str) -> bool:
    """Spend a refresh token; tell whether this use was one that is let pass."""
    if await session.run(_USE, row_hash=kept, at=session.now):
        return True
    return await session.run(_REPEAT, row_hash=kept, at=session.now, since=session.now - GRACE) > 0


async def end_by_refresh_token(steps: Steps, refresh_token: str) -> bool:
    """End the session of a refresh token; whoever holds it may. Tell whether there was a session to end."""
    async with steps.read() as session:
        known = await session.maybe(_REFRESHED, token_hash=hash_of(refresh_token))
        held = [] if known is None else await assignments_of(session, known["user_id"])
    if known is None:
        return False
    row = next(a for a in held if a["id"] == known["assignment_id"])
    return await end_session(steps, acting(known["user_id"], known["id"], row), row)
