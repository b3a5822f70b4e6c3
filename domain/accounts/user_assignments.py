"""The assignments of a user (利用者の所属): giving one more, ending one, and the operator that must remain."""

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import col

from domain import audit
from domain.access import Place, Role
from domain.accounts.assignments import seen_assignment_for
from domain.accounts.invitations import void_links
from domain.accounts.principals import place_of
from domain.accounts.role_grants import is_joint_centre, refuse_ungrantable
from domain.accounts.sign_in_sessions import end_sessions_of_assignment
from domain.credentials import Assignment, UserAccount
from domain.database import Row, Session
from domain.errors import ConflictError, NotPermittedError
from domain.statements import change, insert_into, update_of, within_credentials
from domain.statements.columns import Big, Id, Instant, new_id

_HOLDS_OPERATOR = within_credentials(
    select(col(Assignment.id)).where(
        col(Assignment.user_id) == bindparam("user_id", type_=Id(), required=True),
        col(Assignment.role) == Role.OPERATOR.value,
        col(Assignment.is_active),
    )
)
OTHER_OPERATOR = within_credentials(
    select(col(Assignment.id))
    .join(UserAccount, col(UserAccount.id) == col(Assignment.user_id))
    .where(
        col(Assignment.role) == Role.OPERATOR.value,
        col(Assignment.is_active),
        col(UserAccount.is_active),
        col(UserAccount.id) != bindparam("user_id", type_=Id(), required=True),
    )
    .limit(1)
)
_LOCK_OPERATORS = change(
    update(Assignment)
    .where(col(Assignment.role) == Role.OPERATOR.value, col(Assignment.is_active))
    .values(updated_at=col(Assignment.updated_at))
)
_RAISE = change(
    update(UserAccount)
    .where(
        col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True),
        or_(
            bindparam("may_have_password", type_=Big(), required=True) == 1,
            col(UserAccount.password_hash).is_(None),
        ),
    )
    .values(
        version=col(UserAccount.version) + 1,
        updated_at=bindparam("updated_at", type_=Instant(), required=True),
    )
)
"""The assignments of a user are part of it as callers read it, so its version rises with them."""
_ASSIGN = insert_into(Assignment)
_END_ASSIGNMENT = update_of(Assignment, "is_active")


async def refuse_last_operator(session: Session, user_id: str) -> None:
    """Refuse what would leave the deployment without an active operator.

    Raises:
        ConflictError: the user is the last one.
    """
    if await session.maybe(_HOLDS_OPERATOR, user_id=user_id) is None:
        return
    # Of two operators who disable each other, the second waits here and then finds nobody left.
    await session.run(_LOCK_OPERATORS)
    if await session.maybe(OTHER_OPERATOR, user_id=user_id) is None:
        raise ConflictError(
            "last_operator",
            "最後の運用担当者は停止できません。",
            "The last active operator cannot be disabled.",
        )


async def give_assignment(session: Session, user: Row, *, role: Role, place: Place) -> None:
    """Give a user within the caller's place (as ``users.user_for`` gives it) one more assignment.

    Raises:
        NotFoundError: the place is not the caller's.
        NotPermittedError: the role is not the caller's to give, or the user is the caller.
        ConflictError: the user holds this assignment already, or it reaches further than the caller and the account
            has a password.
    """
    user_id = user["id"]
    _refuse_self(session, user_id)
    columns = await refuse_ungrantable(session, role, place, under="")
    if any(a["role"] == role.value and a["place"] == str(place) and a["is_active"] for a in user["assignments"]):
        raise ConflictError("assignment_exists", "この所属は既にあります。", "The user holds this assignment already.")
    await _raise_account(session, user_id, given_at=columns["centre_id"])
    await void_links(session, user_id)
    assignment_id = new_id()
    await session.store(
        (_ASSIGN, {"id": assignment_id, "user_id": user_id, "role": role.value, "is_active": True, **columns}),
        audit.entry_of(
            session,
            "users.give_assignment",
            "users",
            user_id,
            after={"assignment_id": assignment_id, "role": role.value, "place": str(place)},
            **columns,
        ),
    )


async def _raise_account(session: Session, user_id: str, *, given_at: str | None = None) -> None:
    """Raise the version of an account whose assignments change, and hold its row until the transaction ends.

    A ward may know the password of an account it once made a link for. The manager of a joint centre reaches rows of
    other municipalities, so that assignment goes to an account that nobody has signed in with.
    """
    is_wider = session.actor.role is Role.WARD_STAFF and await is_joint_centre(session, given_at)
    if await session.run(_RAISE, row_id=user_id, may_have_password=0 if is_wider else 1) == 0:
        raise ConflictError(
            "account_in_use",
            "複数の市区町村を担当するセンターの管理者には、まだパスワードのない専用のアカウントを登録してください。",
            "The manager of a centre for several municipalities needs an account of its own, without a password yet.",
        )


def _refuse_self(session: Session, user_id: str) -> None:
    if user_id == session.actor.subject_id:
        raise NotPermittedError(
            "自分自身の所属は変更できません。", "You cannot change your own assignments.", code="own_account"
        )


async def end_assignment(session: Session, user_id: str, assignment_id: str, version: int) -> None:
    """End an assignment; its sessions end at once. An assignment that has ended stays in the list, inactive.

    Raises:
        NotFoundError: the user or the assignment is not within the caller's place.
        NotPermittedError: the role is not the caller's to take, or the user is the caller.
        ConflictError: it is the assignment of the last active operator.
        StaleVersionError: it is no longer at ``version``.
    """
    held = await seen_assignment_for(session, user_id, assignment_id)
    _refuse_self(session, user_id)
    role = Role(held["role"])
    place = place_of(role, held)
    columns = await refuse_ungrantable(session, role, place)
    if held["is_active"] and role is Role.OPERATOR:
        await refuse_last_operator(session, user_id)
    await _raise_account(session, user_id)
    await session.change(_END_ASSIGNMENT, row_id=assignment_id, row_version=version, is_active=False)
    await end_sessions_of_assignment(session, assignment_id, "assignment_ended")
    await session.store(
        audit.entry_of(
            session,
            "users.end_assignment",
            "users",
            user_id,
            before={"assignment_id": assignment_id, "role": role.value, "place": str(place)},
            **columns,
        )
    )
