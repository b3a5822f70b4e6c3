"""The assignments of a user (利用者の所属): giving one more, ending one, and the operator that must remain."""

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from domain import audit
from domain.access import Place, Role
from domain.accounts.assignments import seen_assignment_for
from domain.accounts.principals import place_of
from domain.accounts.role_grants import refuse_ungrantable
from domain.accounts.sign_in_sessions import end_sessions_of_assignment
from domain.credentials import Assignment, UserAccount
from domain.database import Row, Session
from domain.errors import ConflictError, NotPermittedError
from domain.statements import change, insert_into, update_of, within_credentials
from domain.statements.columns import Id, new_id

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
        ConflictError: the user holds this assignment already.
    """
    user_id = user["id"]
    _refuse_self(session, user_id)
    columns = await refuse_ungrantable(session, role, place)
    if any(a["role"] == role.value and a["place"] == str(place) and a["is_active"] for a in user["assignments"]):
        raise ConflictError("assignment_exists", "この所属は既にあります。", "The user holds this assignment already.")
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
