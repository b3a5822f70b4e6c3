"""Signing in (サインイン) with login, password and, where enrolled, a one-time code.

Unknown login, wrong password, disabled account, missing or wrong code: the same answer after the same work.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import col

from domain import audit
from domain.accounts import passwords
from domain.accounts.one_time_codes import step_of
from domain.accounts.secret_keys import SecretKeys
from domain.accounts.sign_in_counters import Counter, count_try, of_account, of_address
from domain.accounts.sign_in_sessions import Proof, SignedIn, refused_sign_in, start_session
from domain.credentials import UserAccount
from domain.database import Row
from domain.statements import Write, change, within_credentials
from domain.statements.columns import Big, Id
from domain.steps import Steps

NO_CODE_YET = -1

_BY_LOGIN = within_credentials(
    select(
        col(UserAccount.id),
        col(UserAccount.password_hash),
        col(UserAccount.totp_secret),
        col(UserAccount.totp_confirmed_at),
        col(UserAccount.totp_last_step),
        col(UserAccount.is_active),
    ).where(col(UserAccount.login) == bindparam("login", required=True))
)
_UNCHANGED = (
    col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True),
    col(UserAccount.password_hash) == bindparam("row_password_hash", required=True),
    col(UserAccount.is_active),
)
HOLD_PASSWORD = change(
    update(UserAccount)
    .where(*_UNCHANGED, col(UserAccount.totp_confirmed_at).is_(None))
    .values(updated_at=col(UserAccount.updated_at))
)
"""Locks the account's row, unless its password has changed or a second factor has come since it was read."""
HOLD_CODE = change(
    update(UserAccount)
    .where(
        *_UNCHANGED,
        col(UserAccount.totp_secret) == bindparam("row_totp_secret", required=True),
        func.coalesce(col(UserAccount.totp_last_step), NO_CODE_YET) < bindparam("step", type_=Big(), required=True),
    )
    .values(
        totp_last_step=bindparam("step", type_=Big(), required=True),
        totp_secret=bindparam("new_totp_secret", required=True),
    )
)
"""The same for the second factor, and uses up the time step of a one-time code: no code is ever good twice.

Here a secret that an older key sealed is stored as the first key seals it: keys change as people sign in.
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What somebody typed, and from where. Never shown: people also type passwords where the login goes."""

    login: str = field(repr=False)
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    address: str = "unknown"
    tries_per_minute: int = 30


async def sign_in(
    steps: Steps, attempt: Attempt, keys: SecretKeys, *, assignment_id: str | None, agent: str | None
) -> SignedIn:
    """Prove an identity by password and begin a session; ``agent`` is how the caller's program names itself.

    Raises:
        UnauthenticatedError, TooManyRequestsError: see ``proved_by_password``.
        AssignmentChoiceError, NotPermittedError, RuleError: see ``sign_in_sessions.start_session``.
    """
    proof = await proved_by_password(steps, attempt, keys)
    return await start_session(steps, proof, assignment_id=assignment_id, agent=agent)


async def proved_by_password(steps: Steps, attempt: Attempt, keys: SecretKeys) -> Proof:
    """Prove an identity by login, password and, where enrolled, a one-time code.

    The try is counted and committed before anything is hashed; a refused one leaves an audit row.

    Raises:
        UnauthenticatedError: for whatever reason.
        TooManyRequestsError: too many tries for this login or from this address.
    """
    login = attempt.login.strip().lower()
    counter = of_account(login)
    await count_try(steps, of_address(attempt.address, attempt.tries_per_minute), counter)
    async with steps.read() as session:
        account = await session.maybe(_BY_LOGIN, login=login)
        now = session.now
    is_right = await passwords.is_right(attempt.password, account["password_hash"] if account else None)
    if account is None:
        reason = "unknown_login"
    elif not is_right:
        reason = "wrong_password"
    elif not account["is_active"]:
        reason = "disabled"
    elif account["totp_confirmed_at"] is None:
        return Proof(account["id"], "password", _held(HOLD_PASSWORD, account), counter)
    else:
        held = _held_by_code(account, attempt.code or "", now, keys)
        if not isinstance(held, str):
            return Proof(account["id"], "password_and_code", held, counter)
        reason = held
    await _refuse(steps, account, reason, attempt, counter)
    raise refused_sign_in()


def _held(write: Write, account: Row, **more: Any) -> tuple[Write, dict[str, Any]]:
    return write, {"row_id": account["id"], "row_password_hash": account["password_hash"], **more}


def _held_by_code(account: Row, code: str, now: datetime, keys: SecretKeys) -> tuple[Write, dict[str, Any]] | str:
    """Give what holds the account by a right one-time code, or why the code does not prove anything."""
    sealed, user_id = account["totp_secret"], account["id"]
    secret = keys.opened(sealed, user_id)
    if secret is None:
        return "unreadable_secret"
    step = step_of(secret, code, now)
    if step is None or step <= (account["totp_last_step"] or NO_CODE_YET):
        return "wrong_code"
    renewed = keys.renewed(sealed, secret, user_id)
    return _held(HOLD_CODE, account, step=step, row_totp_secret=sealed, new_totp_secret=renewed)


async def _refuse(steps: Steps, account: Row | None, reason: str, attempt: Attempt, counter: Counter) -> None:
    """Leave an audit row of a refused sign-in; of an unknown login only the hash that the counter goes by."""
    async with steps.write() as session:
        await session.store(
            audit.entry_of(
                session,
                "sessions.refuse",
                "sessions",
                account["id"] if account else counter.subject[:60],
                after={"reason": reason, "address": attempt.address},
            )
        )
