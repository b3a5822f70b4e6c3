"""One's own account (自分のアカウント): who one is, changing the password, enrolling a second factor."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlmodel import col

from domain import audit
from domain.accounts import one_time_codes, passwords
from domain.accounts.assignments import assignments_of, described
from domain.accounts.secret_keys import SecretKeys
from domain.accounts.sign_in_counters import count_try, give_back, of_proof
from domain.accounts.sign_in_sessions import end_sessions_of_user, office_labels
from domain.credentials import MachineClient, SignInSession, UserAccount
from domain.database import Row, Session
from domain.errors import ConflictError, NotPermittedError, RuleError, rule_broken
from domain.statements import change, within_credentials
from domain.statements.columns import Big, Id, Instant
from domain.steps import Steps

FRESH = timedelta(minutes=5)
"""How long after a sign-in what it proved need not be proved again."""

_ACCOUNT = within_credentials(
    select(
        col(UserAccount.id),
        col(UserAccount.login),
        col(UserAccount.name),
        col(UserAccount.password_hash),
        col(UserAccount.totp_secret),
        col(UserAccount.totp_confirmed_at),
        col(UserAccount.totp_last_step),
    ).where(col(UserAccount.id) == bindparam("id", type_=Id(), required=True))
)
_CLIENT = within_credentials(
    select(col(MachineClient.id), col(MachineClient.client_id), col(MachineClient.name)).where(
        col(MachineClient.id) == bindparam("id", type_=Id(), required=True)
    )
)
_SESSION_BEGUN = within_credentials(
    select(col(SignInSession.created_at)).where(col(SignInSession.id) == bindparam("id", type_=Id(), required=True))
)
_ROW = col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True)
_UPDATED = bindparam("updated_at", type_=Instant(), required=True)
_STEP = bindparam("step", type_=Big(), required=True)
_IS_NEWER_STEP = func.coalesce(col(UserAccount.totp_last_step), -1) < _STEP
_PASSWORD = col(UserAccount.password_hash) == bindparam("row_password_hash", required=True)
_SET_PASSWORD = change(
    update(UserAccount)
    .where(_ROW, _PASSWORD)
    .values(
        password_hash=bindparam("new_password_hash", required=True),
        version=col(UserAccount.version) + 1,
        updated_at=_UPDATED,
    )
)
_ENROL = change(
    update(UserAccount)
    .where(_ROW, _PASSWORD, col(UserAccount.totp_confirmed_at).is_(None))
    .values(totp_secret=bindparam("sealed", required=True), totp_last_step=None, updated_at=_UPDATED)
)
_CONFIRM = change(
    update(UserAccount)
    .where(
        _ROW,
        col(UserAccount.totp_confirmed_at).is_(None),
        col(UserAccount.totp_secret) == bindparam("row_secret", required=True),
        _IS_NEWER_STEP,
    )
    .values(
        totp_confirmed_at=bindparam("at", type_=Instant(), required=True),
        totp_last_step=_STEP,
        version=col(UserAccount.version) + 1,
        updated_at=_UPDATED,
    )
)
_REMOVE = change(
    update(UserAccount)
    .where(_ROW, _PASSWORD, col(UserAccount.totp_secret).is_not(None))
    .values(
        totp_secret=None,
        totp_confirmed_at=None,
        totp_last_step=None,
        version=col(UserAccount.version) + 1,
        updated_at=_UPDATED,
    )
)


async def profile_of(steps: Steps) -> Row:
    """Give who the caller is: user or client, the assignment of this token, all assignments, permissions."""
    actor = steps.caller
    permissions = sorted(p.value for p in actor.permissions)
    async with steps.read() as session:
        if actor.is_machine:
            client = await session.one(_CLIENT, id=actor.subject_id)
            return _profile(None, client, None, [], permissions)
        account = await session.one(_ACCOUNT, id=actor.subject_id)
        running = [a for a in await assignments_of(session, actor.subject_id) if a["is_active"]]
    labels = await office_labels(steps, running)
    held = [described(a, labels) for a in running]
    current = next((a for a in held if a["id"] == actor.assignment_id), None)
    user = {
        "id": account["id"],
        "login": account["login"],
        "name": account["name"],
        "has_totp": account["totp_confirmed_at"] is not None,
    }
    return _profile(user, None, current, held, permissions)


def _profile(user: Row | None, client: Row | None, current: Row | None, held: list[Row], permissions: list[str]) -> Row:
    return {"user": user, "client": client, "assignment": current, "assignments": held, "permissions": permissions}


async def change_password(steps: Steps, old: str, new: str) -> None:
    """Change the caller's password; every other session of the caller ends.

    Raises:
        RuleError: the old password is wrong, or the new one too weak or the same.
        TooManyRequestsError: the old one was wrong too often.
    """
    account = await _account_of(steps)
    passwords.refuse_weak(new, account["login"], field="new_password")
    if new == old:
        raise rule_broken(
            "password_unchanged",
            "前と違うパスワードにしてください。",
            "Choose a different password.",
            field="new_password",
        )
    await _prove_password(steps, account, old, field="old_password")
    made = await passwords.hashed(new)
    async with steps.write() as session:
        await session.change(
            _SET_PASSWORD, row_id=account["id"], row_password_hash=account["password_hash"], new_password_hash=made
        )
        await give_back(session, of_proof(account["id"]))
        ended = await end_sessions_of_user(session, account["id"], "password_changed", but=session.actor.session_id)
        await session.store(_entry(session, "me.change_password", {"ended_sessions": ended}))


async def _account_of(steps: Steps) -> Row:
    async with steps.read() as session:
        return await session.one(_ACCOUNT, id=steps.caller.subject_id)


async def _prove_password(steps: Steps, account: Row, password: str, *, field: str) -> None:
    await count_try(steps, of_proof(account["id"]))
    if not await passwords.is_right(password, account["password_hash"]):
        async with steps.write() as session:
            await session.store(_entry(session, "me.refuse_password", {"field": field}))
        raise rule_broken("password_wrong", "パスワードが違います。", "The password is wrong.", field=field)


def _entry(session: Session, action: str, after: Row | None = None) -> Any:
    return audit.entry_of(session, action, "me", session.actor.subject_id, after=after)


async def start_totp(steps: Steps, keys: SecretKeys, password: str) -> Row:
    """Begin to enrol an authenticator app, on proof by password: give its secret and address, shown this once.

    Raises:
        ConflictError: a second factor is enrolled already.
        RuleError: the password is wrong.
        TooManyRequestsError: it was wrong too often.
        StaleVersionError: the account changed meanwhile.
    """
    account = await _account_of(steps)
    if account["totp_confirmed_at"] is not None:
        raise ConflictError(
            "totp_enrolled",
            "二段階認証は既に有効です。先に解除してください。",
            "A second factor is enrolled already. Remove it first.",
        )
    await _prove_password(steps, account, password, field="password")
    secret = one_time_codes.new_secret()
    sealed = keys.sealed(secret, account["id"])
    async with steps.write() as session:
        await session.change(_ENROL, row_id=account["id"], row_password_hash=account["password_hash"], sealed=sealed)
        await give_back(session, of_proof(account["id"]))
        await session.store(_entry(session, "me.start_totp"))
    return {"secret": secret, "otpauth_uri": one_time_codes.address_of(secret, account["login"])}


async def confirm_totp(steps: Steps, keys: SecretKeys, code: str) -> None:
    """End the enrolment with a first code; from now on every sign-in needs one.

    Raises:
        ConflictError: nothing was begun, or it is confirmed already.
        RuleError: the code is wrong.
        TooManyRequestsError: the code was wrong too often.
    """
    account = await _account_of(steps)
    sealed = account["totp_secret"]
    secret = None if sealed is None else keys.opened(sealed, account["id"])
    if secret is None or account["totp_confirmed_at"] is not None:
        raise ConflictError(
            "totp_not_started", "二段階認証の登録が始まっていません。", "No enrolment of a second factor has begun."
        )
    await count_try(steps, of_proof(account["id"]))
    async with steps.write() as session:
        step = one_time_codes.step_of(secret, code, session.now)
        if (
            step is None
            or await session.run(_CONFIRM, row_id=account["id"], row_secret=sealed, step=step, at=session.now) == 0
        ):
            raise _wrong_code()
        await give_back(session, of_proof(account["id"]))
        await session.store(_entry(session, "me.confirm_totp"))


async def remove_totp(steps: Steps, password: str) -> None:
    """Remove the second factor, on proof by password: the app may be lost.

    Raises:
        ConflictError: there is none, confirmed or begun.
        RuleError: the password is wrong.
        TooManyRequestsError: it was wrong too often.
        StaleVersionError: the account changed meanwhile.
    """
    account = await _enrolled_account_of(steps)
    await _prove_password(steps, account, password, field="password")
    async with steps.write() as session:
        await session.change(_REMOVE, row_id=account["id"], row_password_hash=account["password_hash"])
        await give_back(session, of_proof(account["id"]))
        await session.store(_entry(session, "me.remove_totp", {"proof": "password"}))


async def remove_totp_after_sign_in(steps: Steps) -> None:
    """Remove the second factor where the caller has just signed in with it: that proved the password and a code.

    How a session began is told by when: since the factor was confirmed, no sign-in goes without it. Refreshing a
    session makes it no younger.

    Raises:
        ConflictError: there is none, confirmed or begun.
        NotPermittedError: ``fresh_sign_in_required``, the session is older than five minutes or than the factor.
        StaleVersionError: the account changed meanwhile.
    """
    account = await _enrolled_account_of(steps)
    async with steps.write() as session:
        begun = (await session.one(_SESSION_BEGUN, id=session.actor.session_id))["created_at"]
        confirmed = account["totp_confirmed_at"]
        if session.now - begun > FRESH or (confirmed is not None and begun <= confirmed):
            raise NotPermittedError(
                "サインインし直してから5分以内に行うか、POST /v1/me/totp:remove でパスワードを送ってください。",
                "Sign in again and do this within five minutes, or send your password to POST /v1/me/totp:remove.",
                code="fresh_sign_in_required",
            )
        await session.change(_REMOVE, row_id=account["id"], row_password_hash=account["password_hash"])
        await session.store(_entry(session, "me.remove_totp", {"proof": "fresh_sign_in"}))


async def _enrolled_account_of(steps: Steps) -> Row:
    account = await _account_of(steps)
    if account["totp_secret"] is None:
        raise ConflictError("totp_absent", "二段階認証は登録されていません。", "No second factor is enrolled.")
    return account


def _wrong_code() -> RuleError:
    return rule_broken(
        "code_wrong", "コードが違うか、既に使われています。", "The code is wrong or was used already.", field="code"
    )
