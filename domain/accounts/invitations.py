"""Invitations (招待): one-time links for a first password, or for a new one after it was forgotten.

The link is shown once to who makes it and kept as a hash. A newer link makes the older ones void, and so does one more
assignment: who holds a link holds all that the account may. Every transaction takes the account's row first.
"""

from datetime import timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from domain import audit
from domain.accounts import passwords
from domain.accounts.opaque_tokens import hash_of, new_token
from domain.accounts.sign_in_counters import count_try, of_address
from domain.accounts.sign_in_sessions import end_sessions_of_user
from domain.credentials import Invitation, UserAccount
from domain.database import Row, Session
from domain.errors import RuleError, rule_broken
from domain.statements import change, insert_into, within_credentials
from domain.statements.columns import Id, Instant
from domain.steps import Steps

LIFETIME = timedelta(hours=72)

_INVITE = insert_into(Invitation)
_AT = bindparam("at", type_=Instant(), required=True)
_ROW_USER = bindparam("row_user_id", type_=Id(), required=True)
_HOLD = change(
    update(UserAccount).where(col(UserAccount.id) == _ROW_USER).values(updated_at=col(UserAccount.updated_at))
)
_VOID = change(
    update(Invitation)
    .where(col(Invitation.user_id) == _ROW_USER, col(Invitation.used_at).is_(None))
    .values(used_at=_AT)
)
_USE = change(
    update(Invitation)
    .where(
        col(Invitation.token_hash) == bindparam("row_hash", required=True),
        col(Invitation.used_at).is_(None),
        col(Invitation.expires_at) > _AT,
    )
    .values(used_at=_AT)
)
_OPEN = within_credentials(
    select(col(Invitation.user_id), col(Invitation.purpose), col(UserAccount.login))
    .join(UserAccount, col(UserAccount.id) == col(Invitation.user_id))
    .where(
        col(Invitation.token_hash) == bindparam("token_hash", required=True),
        col(Invitation.used_at).is_(None),
        col(Invitation.expires_at) > bindparam("now", type_=Instant(), required=True),
        col(UserAccount.is_active),
    )
)
_FIRST_PASSWORD = change(
    update(UserAccount)
    .where(col(UserAccount.id) == _ROW_USER, col(UserAccount.is_active))
    .values(
        password_hash=bindparam("new_password_hash", required=True),
        totp_secret=None,
        totp_confirmed_at=None,
        totp_last_step=None,
        version=col(UserAccount.version) + 1,
        updated_at=bindparam("updated_at", type_=Instant(), required=True),
    )
)


async def hold_account(session: Session, user_id: str) -> None:
    """Lock the account's row until the transaction ends."""
    await session.run(_HOLD, row_user_id=user_id)


async def void_links(session: Session, user_id: str) -> None:
    """Make every open link of a user void; after its account's row was locked or changed."""
    await session.run(_VOID, row_user_id=user_id, at=session.now)


async def invite(session: Session, user_id: str, *, has_password: bool) -> Row:
    """Make a one-time link for a user; give its token, which is shown this once, and what it is for.

    Whether the caller may is for ``domain.accounts.users`` to say.
    """
    token = new_token()
    purpose = "reset" if has_password else "invite"
    expires_at = session.now + LIFETIME
    await session.store(
        (_VOID, {"row_user_id": user_id, "at": session.now}),
        (
            _INVITE,
            {"token_hash": hash_of(token), "user_id": user_id, "purpose": purpose, "expires_at": expires_at},
        ),
        audit.entry_of(session, "users.invite", "users", user_id, after={"purpose": purpose}),
    )
    return {"token": token, "purpose": purpose, "expires_at": expires_at}


async def accept_invitation(steps: Steps, token: str, password: str, *, address: str, tries_per_minute: int) -> None:
    """Set the password of the user whom a link was made for; every session and any second factor of it end.

    Raises:
        RuleError: the link is unknown, used or too old, which look alike; or the password is too weak.
        TooManyRequestsError: too many tries from this address.
    """
    await count_try(steps, of_address(address, tries_per_minute))
    kept = hash_of(token)
    async with steps.read() as session:
        found = await session.maybe(_OPEN, token_hash=kept, now=session.now)
    if found is None:
        raise _void()
    passwords.refuse_weak(password, found["login"])
    made = await passwords.hashed(password)
    async with steps.write() as session:
        if await session.run(_FIRST_PASSWORD, row_user_id=found["user_id"], new_password_hash=made) == 0:
            raise _void()
        if await session.run(_USE, row_hash=kept, at=session.now) == 0:
            raise _void()
        ended = await end_sessions_of_user(session, found["user_id"], "password_reset")
        await session.store(
            audit.entry_of(
                session,
                "users.accept_invitation",
                "users",
                found["user_id"],
                after={"purpose": found["purpose"], "ended_sessions": ended},
            )
        )


def _void() -> RuleError:
    return rule_broken(
        "invitation_void",
        "この招待は無効です。使用済みか、期限が切れています。もう一度発行してもらってください。",
        "This invitation is void: used, or too old. Ask for a new one.",
        field="token",
    )
