"""Users (利用者) as those who administer them see them: accounts and their assignments, within the caller's place.

Who sees whom stands in ``domain.accounts.assignments``, who may give or touch what in ``domain.accounts.role_grants``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlmodel import col

from domain import audit
from domain.access import ROLE_PERMISSIONS, Actor, Permission, Place, PlaceKind, Reach, Role
from domain.accounts.assignments import described, office_names, seen, seen_of, seen_user, sight_of
from domain.accounts.invitations import hold_account, invite
from domain.accounts.role_grants import Beyond, beyond_of, refuse_unadministered, refuse_ungrantable, refuse_uninvited
from domain.accounts.sign_in_sessions import end_sessions_of_user
from domain.accounts.user_assignments import OTHER_OPERATOR, give_assignment, refuse_last_operator
from domain.credentials import Assignment, UserAccount
from domain.database import Row, Session, changed
from domain.errors import ConflictError
from domain.lists import Filter, Listing, Search
from domain.statements import insert_into, update_of, within_credentials
from domain.statements.columns import Id, new_id
from domain.unchanged import says_nothing_new

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


_COLUMNS: tuple[Any, ...] = (
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


@dataclass(frozen=True, slots=True)
class _Holding(Filter):
    """Keeps users with one of the roles, held in an assignment that the caller sees."""

    def clause(self, name: str, *, is_one: bool) -> Any:
        """Build the clause; its roles come under the filter's own name."""
        is_asked = Filter.clause(self, name, is_one=is_one)
        of_user = col(Assignment.user_id) == col(UserAccount.id)
        return exists(select(col(Assignment.id)).where(of_user, is_asked, seen()))


def _sight(session: Session) -> dict[str, Any]:
    return sight_of(session)


USERS = Listing(
    "users",
    select(*_COLUMNS).where(seen_user()),
    filters={
        "role": _Holding(
            "codes", col(Assignment.role), "役割", tuple(role.value for role in Role if role is not Role.INTEGRATION)
        ),
        "is_active": Filter("flag", col(UserAccount.is_active), "有効か(停止中は false)"),
    },
    sorts={"login": col(UserAccount.login), "id": col(UserAccount.id)},
    default_sort=("login", "id"),
    search=Search(
        (col(UserAccount.login), func.lower(col(UserAccount.name))),
        spelled=str.lower,
        told="Part of the login or of the name (ログイン名・氏名の検索).",
    ),
    sight=_sight,
)
_ONE = within_credentials(
    select(*_COLUMNS).where(col(UserAccount.id) == bindparam("id", type_=Id(), required=True), seen_user())
)
_ADD = insert_into(UserAccount)
_ASSIGN = insert_into(Assignment)
_CHANGE = update_of(UserAccount, "name", "is_active")


async def users_shown(session: Session, rows: Sequence[Row]) -> list[Row]:
    """Add to users their assignments, as far as the caller may see them, and what the caller may do with them."""
    ids = [row["id"] for row in rows]
    beyond = await beyond_of(session, ids)
    seen_here = await seen_of(session, ids)
    offices = await office_names(session, seen_here)
    held = defaultdict(list)
    for assignment in seen_here:
        held[assignment["user_id"]].append(described(assignment, offices))
    return [{**row, "assignments": held[row["id"]], "may": _may_of(session, row, beyond)} for row in rows]


def _may_of(session: Session, user: Row, beyond: Beyond) -> dict[str, bool]:
    """Tell what the caller may do with a user now; nobody administers the own account or one that reaches beyond."""
    is_other = session.actor.may(Permission.USERS_WRITE) and user["id"] != session.actor.subject_id
    is_theirs, is_active = is_other and user["id"] not in beyond.administering, user["is_active"]
    return {
        "change": is_theirs,
        "disable": is_theirs and is_active,
        "enable": is_theirs and not is_active,
        "invite": is_other and is_active and user["id"] not in beyond.inviting,
        "add_assignment": is_other,
    }


async def user_for(session: Session, user_id: str) -> Row:
    """Give a user within the caller's place.

    Raises:
        NotFoundError: there is none.
    """
    found = await session.one(_ONE, id=user_id, **sight_of(session))
    return (await users_shown(session, [found]))[0]


async def create_user(session: Session, *, login: str, name: str, role: Role, place: Place) -> Row:
    """Create a user in one assignment. It signs in once it has accepted an invitation.

    Raises:
        NotPermittedError: the role is not the caller's to give.
        NotFoundError: the place is not the caller's.
        ConflictError: the login is taken.
    """
    columns = await refuse_ungrantable(session, role, place, under="assignment/")
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
    if says_nothing_new(before, changes, version):
        return before
    after = changed(before, changes, session)
    after["may"] = _may_of(session, after, await beyond_of(session, [user_id]))
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
        ConflictError: the user holds this assignment already, or it reaches further than the caller and the account
            has a password.
    """
    await give_assignment(session, await user_for(session, user_id), role=role, place=place)
    return await user_for(session, user_id)


async def invite_user(session: Session, user_id: str) -> Row:
    """Make a one-time link with which a user sets a first or a new password; its token is shown this once.

    Raises:
        NotFoundError: not within the caller's place.
        NotPermittedError: the account reaches further than the caller, or is the caller's own.
        ConflictError: the user is disabled.
    """
    await user_for(session, user_id)
    # Whoever gives this account an assignment meanwhile waits, and then finds the link and makes it void.
    await hold_account(session, user_id)
    found = await user_for(session, user_id)
    await refuse_uninvited(session, user_id)
    if not found["is_active"]:
        raise ConflictError("user_disabled", "停止中の利用者です。", "This user is disabled.")
    return await invite(session, user_id, has_password=found["has_password"])
