"""Sign-in sessions (サインイン中のセッション): begun by a proof of identity, kept alive by single-use refresh tokens.

How somebody proved who they are is not asked here: a ``Proof`` comes from a password today and may come from a
municipality's single sign-on tomorrow. A session is one user in one assignment, and the family of its refresh tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from domain import audit
from domain.access import NOWHERE, Actor, Permission, Reach, Role
from domain.accounts.assignments import assignments_of, described, office_names
from domain.accounts.opaque_tokens import hash_of, new_token
from domain.accounts.principals import place_of
from domain.accounts.sign_in_counters import Counter, give_back
from domain.credentials import RefreshToken, SignInSession
from domain.database import Row, Session
from domain.errors import ConflictError, Fault, KikanError, NotPermittedError, UnauthenticatedError, rule_broken
from domain.statements import Write, change, insert_into, within_credentials
from domain.statements.columns import Big, Id, Instant, new_id
from domain.steps import Steps

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Proof:
    """Who somebody has proved to be, and what must still be so when the session begins.

    ``holds`` is a write with its values that changes the account's row if nothing relevant has changed since the
    proof, and no row otherwise; it also marks a one-time code as used. ``counter`` gets its try back.
    """

    user_id: str
    method: str
    holds: tuple[Write, dict[str, Any]]
    counter: Counter | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that runs, as much of it as an access token tells, with the refresh token that goes with it."""

    user_id: str
    session_id: str
    assignment: Row
    refresh_token: str


class AssignmentChoiceError(ConflictError):
    """Several assignments and no choice. Carries those there are."""

    def __init__(self, choices: Sequence[Row]) -> None:
        ja = "所属が複数あります。assignment_id で1つを選んでください。"
        en = "There are several assignments. Choose one by assignment_id."
        super().__init__(
            "assignment_id_required",
            ja,
            en,
            faults=(Fault("assignment_id_required", ja, en, pointer="/assignment_id"),),
        )
        self.choices = choices


_START = insert_into(SignInSession)
GIVE_TOKEN = insert_into(RefreshToken)
_SESSION = bindparam("row_session_id", type_=Id(), required=True)
_AT = bindparam("at", type_=Instant(), required=True)
_END = change(
    update(SignInSession)
    .where(
        col(SignInSession.id) == _SESSION,
        col(SignInSession.user_id) == bindparam("row_user_id", type_=Id(), required=True),
        col(SignInSession.revoked_at).is_(None),
    )
    .values(revoked_at=_AT, revoked_for=bindparam("reason", required=True))
)
_END_OF_USER = change(
    update(SignInSession)
    .where(
        col(SignInSession.user_id) == bindparam("row_user_id", type_=Id(), required=True),
        col(SignInSession.id) != bindparam("but_session_id", type_=Id(), required=True),
        col(SignInSession.revoked_at).is_(None),
    )
    .values(revoked_at=_AT, revoked_for=bindparam("reason", required=True))
)
_END_OF_ASSIGNMENT = change(
    update(SignInSession)
    .where(
        col(SignInSession.assignment_id) == bindparam("row_assignment_id", type_=Id(), required=True),
        col(SignInSession.revoked_at).is_(None),
    )
    .values(revoked_at=_AT, revoked_for=bindparam("reason", required=True))
)
_OWN = within_credentials(
    select(
        col(SignInSession.id),
        col(SignInSession.assignment_id),
        col(SignInSession.agent),
        col(SignInSession.created_at),
        col(SignInSession.last_used_at),
        col(SignInSession.expires_at),
    )
    .where(
        col(SignInSession.user_id) == bindparam("user_id", type_=Id(), required=True),
        col(SignInSession.revoked_at).is_(None),
        col(SignInSession.expires_at) > bindparam("now", type_=Instant(), required=True),
        col(SignInSession.last_used_at) > bindparam("idle_since", type_=Instant(), required=True),
    )
    .order_by(col(SignInSession.id).desc())
    .limit(bindparam("most", type_=Big(), required=True))
)
_ANY_OWN = within_credentials(
    select(col(SignInSession.id)).where(
        col(SignInSession.id) == bindparam("id", type_=Id(), required=True),
        col(SignInSession.user_id) == bindparam("user_id", type_=Id(), required=True),
    )
)
NO_SESSION = "00000000-0000-0000-0000-000000000000"
MOST_LISTED = 200


async def start_session(
    steps: Steps, proof: Proof, *, assignment_id: str | None = None, agent: str | None = None
) -> SignedIn:
    """Begin a session of who gave the proof, in one assignment; the only one, or the one chosen.

    Raises:
        UnauthenticatedError: the account has changed since the proof, or the one-time code was used meanwhile.
        AssignmentChoiceError: there are several assignments and none was chosen.
        NotPermittedError: there is no assignment.
        RuleError: the chosen one is none of the user's.
    """
    async with steps.read() as session:
        running = [a for a in await assignments_of(session, proof.user_id) if a["is_active"]]
    labels = await office_labels(steps, running)
    choices = [described(a, labels) for a in running]
    try:
        chosen = _chosen(choices, assignment_id)
    except KikanError:
        # The identity was proved: a list to choose from is no failed try, however often it is asked for.
        if proof.counter is not None:
            async with steps.write() as session:
                await give_back(session, proof.counter)
        raise
    row = next(a for a in running if a["id"] == chosen["id"])
    actor = acting(proof.user_id, new_id(), row)
    token = new_token()
    async with steps.write(actor) as session:
        if await session.run(proof.holds[0], **proof.holds[1]) == 0:
            raise refused_sign_in()
        if proof.counter is not None:
            await give_back(session, proof.counter)
        await session.store(
            (
                _START,
                {
                    "id": actor.session_id,
                    "user_id": proof.user_id,
                    "assignment_id": row["id"],
                    "agent": agent[:200] if agent else None,
                    "last_used_at": session.now,
                    "expires_at": session.now + ABSOLUTE,
                },
            ),
            (GIVE_TOKEN, {"token_hash": hash_of(token), "session_id": actor.session_id, "issued_at": session.now}),
            audit.entry_of(
                session,
                "sessions.start",
                "sessions",
                actor.session_id,
                after={"assignment_id": row["id"], "method": proof.method},
                **owner_of(row),
            ),
        )
    return SignedIn(proof.user_id, actor.session_id, chosen, token)


def refused_sign_in() -> UnauthenticatedError:
    """Build the one refusal of every sign-in, whatever the cause."""
    return UnauthenticatedError(
        "サインインできません。ログイン名、パスワード、ワンタイムコードを確かめてください。",
        "You cannot sign in. Check your login, password and one-time code.",
        code="sign_in_refused",
    )


def _chosen(choices: Sequence[Row], assignment_id: str | None) -> Row:
    if not choices:
        raise NotPermittedError(
            "所属がありません。管理者にお問い合わせください。",
            "You hold no assignment. Ask your administrator.",
            code="no_assignment",
        )
    if assignment_id is None:
        if len(choices) > 1:
            raise AssignmentChoiceError(choices)
        return choices[0]
    found = next((a for a in choices if a["id"] == assignment_id), None)
    if found is None:
        raise rule_broken(
            "assignment_unknown",
            "あなたの所属ではありません。",
            "This is none of your assignments.",
            field="assignment_id",
        )
    return found


def acting(user_id: str, session_id: str, assignment: Row) -> Actor:
    """Give who has proved an identity but holds no token yet: known to the audit, without reach or permission."""
    role = Role(assignment["role"])
    return Actor(
        role=role,
        place=place_of(role, assignment),
        reach=NOWHERE,
        permissions=frozenset[Permission](),
        subject_id=user_id,
        session_id=session_id,
        assignment_id=assignment["id"],
    )


async def office_labels(steps: Steps, assignments: Sequence[Row]) -> dict[str, str]:
    """Give the names of the offices of assignments whose holder has proved an identity."""
    ids = tuple(sorted({a["office_id"] for a in assignments if a["office_id"]}))
    if not ids:
        return {}
    async with steps.read(replace(steps.caller, reach=Reach(offices=ids))) as session:
        return await office_names(session, assignments)


def owner_of(row: Row) -> dict[str, Any]:
    """Give the place of an assignment as the audit keeps it."""
    return {name: row[name] for name in ("municipality_id", "centre_id", "office_id")}


async def end_one(session: Session, actor: Actor, reason: str, row: Row | None = None) -> int:
    """End the session of an actor, with its audit row; give 0 where it had ended before."""
    ended = await session.run(
        _END, row_session_id=actor.session_id, row_user_id=actor.subject_id, at=session.now, reason=reason
    )
    if ended:
        await session.store(
            audit.entry_of(
                session,
                "sessions.end",
                "sessions",
                actor.session_id,
                after={"reason": reason},
                **({} if row is None else owner_of(row)),
            )
        )
    return ended


async def sessions_of(session: Session) -> list[Row]:
    """Give the caller's own running sessions, the newest first."""
    found = await session.rows(
        _OWN, user_id=session.actor.subject_id, now=session.now, idle_since=session.now - IDLE, most=MOST_LISTED
    )
    return [{**row, "is_current": row["id"] == session.actor.session_id} for row in found]


async def end_own_session(session: Session, session_id: str) -> None:
    """End one of the caller's own sessions, the current one too. Ending it twice is no fault.

    Raises:
        NotFoundError: it is not the caller's.
    """
    actor = replace(session.actor, session_id=session_id)
    if await end_one(session, actor, "signed_out") == 0:
        await session.one(_ANY_OWN, id=session_id, user_id=actor.subject_id)


async def end_sessions_of_user(session: Session, user_id: str, reason: str, *, but: str = NO_SESSION) -> int:
    """End every session of a user but one.

    Runs after the account's row was changed in the same transaction, as a statement of its own: a sign-in that was
    under way holds that row, and its session is seen only once it is let go.
    """
    return await session.run(_END_OF_USER, row_user_id=user_id, but_session_id=but, at=session.now, reason=reason)


async def end_sessions_of_assignment(session: Session, assignment_id: str, reason: str) -> int:
    """End every session in an assignment; after its row was changed, like ``end_sessions_of_user``."""
    return await session.run(_END_OF_ASSIGNMENT, row_assignment_id=assignment_id, at=session.now, reason=reason)


async def end_session(steps: Steps, actor: Actor, row: Row | None = None) -> bool:
    """End the session of an actor that has proved who it is."""
    async with steps.write(replace(actor, reach=NOWHERE)) as session:
        return await end_one(session, actor, "revoked", row) > 0
