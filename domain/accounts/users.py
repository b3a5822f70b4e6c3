"""Users (利用者) as those who administer them see them: accounts and their assignments, within the caller's place.

Who sees whom stands in ``domain.accounts.assignments``, who may give or touch what in ``domain.accounts.role_grants``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlmodel import col

from domain import audit
from domain.access import ROLE_PERMISSIONS, Actor, Place, PlaceKind, Reach, Role
from domain.accounts.assignments import described, office_names, seen, seen_of, seen_user, sight_of
from domain.accounts.invitations import invite
from domain.accounts.role_grants import refuse_unadministered, refuse_ungrantable
from domain.accounts.sign_in_sessions import end_sessions_of_user
from domain.accounts.user_assignments import OTHER_OPERATOR, give_assignment, refuse_last_operator
from domain.credentials import Assignment, UserAccount
from domain.database import Row, Session, changed
from domain.errors import ConflictError
from domain.lists import cursor_refused, decoded, encoded
from domain.statements import insert_into, update_of, within_credentials
from domain.statements.columns import Big, Id, new_id

COMMAND_LINE = Actor(
    role=Role.OPERATOR,
    place=Place(PlaceKind.DEPLOYMENT),
    reach=Reach(everywhere=True),
    permissions=ROLE_PERMISSIONS[Role.OPERATOR],
    subject_id="command-line",
    session_id="none",
    assignment_id="none",
)
"""Who acts where somebody sits at the server itself."""


@dataclass(frozen=True, slots=True)
class UserSearch:
    """What a caller asks of the list. Empty text matches everything; ``after`` is a cursor."""

    text: str = ""
    role: str = ""
    is_active: bool | None = None
    limit: int = 50
    after: str | None = None
    count: bool = False


_COLUMNS = (
    col(UserAccount.id),
    col(UserAccount.login),
    col(UserAccount.name),
    col(UserAccount.is_active),
    col(UserAccount.password_hash).is_not(None).label("has_password"),
    col(UserAccount.totp_confirmed_at).is_not(None).label("has_totp"),
    col(UserAccount.version),
    col(UserAccount.created_at),
    col(UserAccount.updated_at),
)
_TEXT: Any = bindparam("text", required=True)
_ROLE: Any = bindparam("role", required=True)
_FOUND = (
    seen_user(),
    or_(
        _TEXT == "",
        col(UserAccount.login).like(_TEXT, escape="\\"),
        func.lower(col(UserAccount.name)).like(_TEXT, escape="\\"),
    ),
    or_(
        _ROLE == "",
        exists(
            select(col(Assignment.id)).where(
                col(Assignment.user_id) == col(UserAccount.id), col(Assignment.role) == _ROLE, seen()
            )
        ),
    ),
    or_(
        bindparam("of_any_state", type_=Big(), required=True) == 1,
        col(UserAccount.is_active) == bindparam("is_active", type_=UserAccount.is_active.type, required=True),  # type: ignore[attr-defined]
    ),
)
_PAGE = within_credentials(
    select(*_COLUMNS)
    .where(*_FOUND, col(UserAccount.login) > bindparam("after", required=True))
    .order_by(col(UserAccount.login))
    .limit(bindparam("most", type_=Big(), required=True))
)
_COUNT = within_credentials(select(func.count(col(UserAccount.id)).label("count")).where(*_FOUND))
_ONE = within_credentials(
    select(*_COLUMNS).where(col(UserAccount.id) == bindparam("id", type_=Id(), required=True), seen_user())
)
_ADD = insert_into(UserAccount)
_ASSIGN = insert_into(Assignment)
_CHANGE = update_of(UserAccount, "name", "is_active")


async def users_in(session: Session, search: UserSearch) -> tuple[list[Row], str | None, int | None]:
    """Give a page of the users within the caller's place by login, the next cursor and, where asked, the count.

    Raises:
        RuleError: the cursor is none of this list.
    """
    escaped = search.text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    values = {
        "text": f"%{escaped}%" if search.text else "",
        "role": search.role,
        "of_any_state": 1 if search.is_active is None else 0,
        "is_active": bool(search.is_active),
        **sight_of(session),
    }
    rows = await session.rows(_PAGE, after=_after(search.after), most=search.limit + 1, **values)
    count = (await session.one(_COUNT, **values))["count"] if search.count else None
    more = len(rows) > search.limit
    rows = rows[: search.limit]
    return await _with_assignments(session, rows), encoded([rows[-1]["login"]]) if more else None, count


def _after(cursor: str | None) -> str:
    if cursor is None:
        return ""
    parts = decoded(cursor, "cursor")
    if len(parts) != 1 or type(parts[0]) is not str:
        raise cursor_refused("cursor")
    return parts[0]


async def _with_assignments(session: Session, rows: Sequence[Row]) -> list[Row]:
    """Add to users their assignments, as far as the caller may see them."""
    held = await seen_of(session, [row["id"] for row in rows])
    offices = await office_names(session, held)
    return [{**row, "assignments": [described(a, offices) for a in held if a["user_id"] == row["id"]]} for row in rows]


async def user_for(session: Session, user_id: str) -> Row:
    """Give a user within the caller's place.

    Raises:
        NotFoundError: there is none.
    """
    found = await session.one(_ONE, id=user_id, **sight_of(session))
    return (await _with_assignments(session, [found]))[0]


async def create_user(session: Session, *, login: str, name: str, role: Role, place: Place) -> Row:
    """Create a user in one assignment. It signs in once it has accepted an invitation.

    Raises:
        NotPermittedError: the role is not the caller's to give.
        NotFoundError: the place is not the caller's.
        ConflictError: the login is taken.
    """
    columns = await refuse_ungrantable(session, role, place)
    user_id = new_id()
    await session.store(
        (_ADD, {"id": user_id, "login": login, "name": name, "is_active": True}),
        (_ASSIGN, {"user_id": user_id, "role": role.value, "is_active": True, **columns}),
        audit.entry_of(
            session,
            "users.create",
            "users",
            user_id,
            after={"login": login, "name": name, "role": role.value, "place": str(place)},
            **columns,
        ),
    )
    return await user_for(session, user_id)


async def create_first_operator(session: Session, *, login: str, name: str) -> Row:
    """Create the first operator of a deployment, for the command line; give the user with an invitation.

    Raises:
        ConflictError: there is an operator already, or the login is taken.
    """
    if await session.maybe(OTHER_OPERATOR, user_id=new_id()) is not None:
        raise ConflictError("operator_exists", "運用担当者は既にいます。", "There is an operator already.")
    made = await create_user(session, login=login, name=name, role=Role.OPERATOR, place=Place(PlaceKind.DEPLOYMENT))
    return {"user": made, "invitation": await invite(session, made["id"], has_password=False)}


async def change_user(session: Session, user_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change the name of a user, or disable or enable it. Disabling ends its sessions at once.

    Raises:
        NotFoundError: not within the caller's place.
        NotPermittedError: the account reaches beyond it, or is the caller's own.
        ConflictError: it is the last active operator.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await user_for(session, user_id)
    await refuse_unadministered(session, user_id)
    after = changed(before, changes, session)
    if before["is_active"] and not after["is_active"]:
        await refuse_last_operator(session, user_id)
    await session.change(_CHANGE, row_id=user_id, row_version=version, name=after["name"], is_active=after["is_active"])
    if not after["is_active"]:
        await end_sessions_of_user(session, user_id, "disabled")
    await session.store(
        audit.entry_of(session, "users.change", "users", user_id, before={n: before[n] for n in changes}, after=changes)
    )
    return after


async def add_assignment(session: Session, user_id: str, *, role: Role, place: Place) -> Row:
    """Give a user within the caller's place one more assignment; give the user as it is now.

    Raises:
        NotFoundError: the user or the place is not the caller's.
        NotPermittedError: the role is not the caller's to give, or the user is the caller.
        ConflictError: the user holds this assignment already.
    """
    await give_assignment(session, await user_for(session, user_id), role=role, place=place)
    return await user_for(session, user_id)


async def invite_user(session: Session, user_id: str) -> Row:
    """Make a one-time link with which a user sets a first or a new password; its token is shown this once.

    Raises:
        NotFoundError: not within the caller's place.
        NotPermittedError: the account reaches beyond it, or is the caller's own.
        ConflictError: the user is disabled.
    """
    found = await user_for(session, user_id)
    await refuse_unadministered(session, user_id)
    if not found["is_active"]:
        raise ConflictError("user_disabled", "停止中の利用者です。", "This user is disabled.")
    return await invite(session, user_id, has_password=found["has_password"])
