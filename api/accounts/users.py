"""Users and their assignments (利用者と所属), within the place of who administers them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from api.access import allow
from api.accounts.account_shapes import AssignmentOut, Login, OpaqueToken, shown_once
from api.answers import Answer, Stream, created, item, nothing
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Incoming, MunicipalityCode, Page, Shape, Uuid, text, unchanged
from domain.access import Permission, Place, Role
from domain.accounts import user_assignments, users
from domain.accounts.role_grants import place_from
from domain.database import Session
from domain.lists import ListRequest

router = area("users")

Name = Annotated[str, text(60)]
RoleName = Literal["ward_staff", "centre_manager", "centre_staff", "office_user", "operator"]
UserId = Annotated[str, Path(alias="id", description="User (利用者).")]
Reader = Annotated[Session, allow(Permission.USERS_READ, door=True)]
Writer = Annotated[Session, allow(Permission.USERS_WRITE, door=True)]
SecretWriter = Annotated[Session, allow(Permission.USERS_WRITE, door=True, repeatable=False)]


class AssignmentIn(Incoming):
    """A role at a place. Which place it takes depends on the role; an operator takes none."""

    role: RoleName = Field(description="Role (役割).", examples=["office_user"])
    municipality_id: MunicipalityCode | None = Field(default=None, description="For `ward_staff` (区市町村).")
    centre_id: Uuid | None = Field(default=None, description="For `centre_manager` and `centre_staff` (センター).")
    office_id: Uuid | None = Field(default=None, description="For `office_user` (事業所).")


class UserIn(Incoming):
    """A new user with a first assignment."""

    login: Login = Field(
        description="Login, lower case, unique in the deployment (ログイン名).", examples=["suzuki@meguro"]
    )
    name: Name = Field(description="Name (氏名).", examples=["鈴木 花子"])
    assignment: AssignmentIn = Field(description="First assignment (最初の所属).")


class UserChange(Incoming):
    """What may be changed of a user."""

    name: Name = unchanged("Name (氏名).")
    is_active: bool = unchanged("False disables the account at once (停止).")


class UserOut(Shape):
    """A user (利用者)."""

    id: str
    login: str = Field(description="Login (ログイン名).")
    name: str = Field(description="Name (氏名).")
    is_active: bool = Field(description="False while the account is disabled (停止中は false).")
    has_password: bool = Field(description="False until an invitation was accepted (招待を受け入れるまで false).")
    has_totp: bool = Field(description="A second factor is enrolled (二段階認証が有効).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    assignments: list[AssignmentOut] = Field(description="Those within the caller's place (範囲内の所属).")
    may: dict[str, bool] = Field(
        description="What the caller may do next: change, disable, enable, invite, add_assignment (できる操作).",
        examples=[{"change": True, "disable": True, "enable": False, "invite": True, "add_assignment": True}],
    )


class InvitationOut(Shape):
    """A one-time link for a password. The token is shown this once."""

    token: OpaqueToken = Field(description="For `POST /v1/invitations:accept` (招待のトークン).")
    purpose: str = Field(description="`invite` for a first password, `reset` for a forgotten one.")
    expires_at: datetime


@router.get("", response_model=Page[UserOut])
async def list_users(session: Reader, listing: Annotated[ListRequest, listed(users.USERS, UserOut)]) -> Answer | Stream:
    """List the users within one's place, by login (利用者の一覧).

    A ward sees its own staff, the users of its offices and the managers of centres that cover it; a centre manager
    the people of the centre; the operator ward staff, operators and the managers of centres that cover several
    municipalities.
    """
    return await page_of(session, users.USERS, listing, UserOut, enrich=users.users_shown)


@router.get("/{id}", response_model=UserOut)
async def read_user(session: Reader, user_id: UserId) -> Answer:
    """Read one user within one's place (利用者)."""
    return item(await users.user_for(session, user_id))


@router.post("", status_code=201, response_model=UserOut, responses=problems(404, 409))
async def create_user(session: Writer, body: UserIn) -> Answer:
    """Create a user in one assignment (利用者の登録). An invitation then lets it choose its password."""
    made = await users.create_user(
        session,
        login=body.login,
        name=body.name,
        role=Role(body.assignment.role),
        place=_place(body.assignment, under="assignment/"),
    )
    return created(made, f"/v1/users/{made['id']}")


def _place(sent: AssignmentIn, *, under: str = "") -> Place:
    return place_from(Role(sent.role), sent.municipality_id, sent.centre_id, sent.office_id, under=under)


@router.patch("/{id}", response_model=UserOut, responses=problems(409))
async def change_user(
    session: Writer, user_id: UserId, version: Annotated[int, if_match()], body: UserChange
) -> Answer:
    """Change the name of a user, disable it or enable it again (利用者の変更・停止). Disabling ends its sessions."""
    return item(await users.change_user(session, user_id, body.model_dump(exclude_unset=True), version))


@router.post("/{id}/assignments", status_code=201, response_model=UserOut, responses=problems(409))
async def add_assignment(session: Writer, user_id: UserId, body: AssignmentIn) -> Answer:
    """Give a user one more assignment (所属の追加). Nobody changes the own ones. Open links of the user become void.

    At a centre that covers several municipalities a ward makes managers only of users without a password.
    """
    made = await users.add_assignment(session, user_id, role=Role(body.role), place=_place(body))
    return created(made, f"/v1/users/{user_id}")


@router.delete("/{id}/assignments/{assignment_id}", status_code=204, responses=problems(409))
async def end_assignment(
    session: Writer,
    user_id: UserId,
    assignment_id: Annotated[str, Path(description="Assignment (所属).")],
    version: Annotated[int, if_match()],
) -> Answer:
    """End an assignment; its sessions end at once (所属の終了). `If-Match` takes the version of the assignment."""
    await user_assignments.end_assignment(session, user_id, assignment_id, version)
    return nothing()


@router.post("/{id}/invitations", status_code=201, response_model=InvitationOut, responses=problems(409))
async def invite_user(session: SecretWriter, user_id: UserId) -> Answer:
    """Make a one-time link for a first or forgotten password, valid for 72 hours (招待・再設定リンクの発行).

    The token is shown this once; older links of the user become void, and so does this one when the user is given
    another assignment. A ward makes none for the manager of a centre that also covers other municipalities: the
    operator or a manager of that centre does.
    """
    return shown_once(await users.invite_user(session, user_id))
