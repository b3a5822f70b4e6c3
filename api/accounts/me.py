"""One's own account (自分のアカウント)."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from api.access import allow
from api.accounts.account_shapes import AssignmentOut, OneTimeCode, Password, secret_keys_of, shown_once
from api.answers import Answer, document, nothing
from api.operations import area
from api.problems import problems
from api.shapes import Incoming, Shape
from domain.access import Permission
from domain.accounts import my_account
from domain.steps import Steps

router = area("me")

Own = Annotated[Steps, allow(Permission.ME_WRITE, steps=True)]


class MyUserOut(Shape):
    """The person."""

    id: str
    login: str = Field(description="Login (ログイン名).")
    name: str = Field(description="Name (氏名).")
    has_totp: bool = Field(description="A second factor is enrolled (二段階認証が有効).")


class MyClientOut(Shape):
    """The program."""

    id: str
    client_id: str = Field(description="The name it signs in with.")
    name: str = Field(description="Name (名称).")


class MeOut(Shape):
    """Who makes the request: a person (`user`) or a program (`client`)."""

    user: MyUserOut | None
    client: MyClientOut | None
    assignment: AssignmentOut | None = Field(description="The assignment of this token; null for programs.")
    assignments: list[AssignmentOut] = Field(description="Every running assignment of the person (所属の一覧).")
    permissions: list[str] = Field(
        description="What this token permits (権限).", examples=[["me:read", "office_visits:read"]]
    )


class PasswordChange(Incoming):
    """The old and the new password."""

    old_password: Password = Field(description="Present password (今のパスワード).")
    new_password: Password = Field(description="New password, 12 characters or more (新しいパスワード、12文字以上).")


class TotpStart(Incoming):
    """Proof by password: a token alone enrols nothing."""

    password: Password = Field(description="Present password (今のパスワード).")


class TotpStartOut(Shape):
    """What an authenticator app needs, shown this once."""

    secret: str = Field(description="Secret in base32.")
    otpauth_uri: str = Field(description="The same as an address, for a QR code.")


class TotpConfirmation(Incoming):
    """A first code of the authenticator app."""

    code: OneTimeCode = Field(description="Six digits (ワンタイムコード).", examples=["123456"])


class TotpRemoval(Incoming):
    """Proof by password: the authenticator app may be lost."""

    password: Password = Field(description="Present password (今のパスワード).")


@router.get("", response_model=MeOut)
async def read_me(steps: Annotated[Steps, allow(Permission.ME_READ, steps=True)]) -> Answer:
    """Tell who makes the request, with what assignments and permissions (自分の情報)."""
    return document(await my_account.profile_of(steps))


@router.put("/password", status_code=204, responses=problems(412))
async def change_password(steps: Own, body: PasswordChange) -> Answer:
    """Change one's password; every other session ends (パスワードの変更)."""
    await my_account.change_password(steps, body.old_password, body.new_password)
    return nothing()


@router.post("/totp", status_code=201, response_model=TotpStartOut, responses=problems(409, 412))
async def start_totp(request: Request, steps: Own, body: TotpStart) -> Answer:
    """Begin to enrol an authenticator app, on proof by password (二段階認証の登録開始).

    Nothing changes until a first code confirms it.
    """
    return shown_once(await my_account.start_totp(steps, secret_keys_of(request), body.password))


@router.put("/totp", status_code=204, responses=problems(409))
async def confirm_totp(request: Request, steps: Own, body: TotpConfirmation) -> Answer:
    """Confirm the authenticator app with a first code; every sign-in needs one from now on (二段階認証の有効化)."""
    await my_account.confirm_totp(steps, secret_keys_of(request), body.code)
    return nothing()


@router.delete("/totp", status_code=204, responses=problems(409, 412))
async def remove_totp_after_sign_in(steps: Own) -> Answer:
    """Remove the second factor within five minutes of signing in with it (二段階認証の解除).

    A `DELETE` has no body for a password: 403 `fresh_sign_in_required` where the session is older, or began without the
    second factor. `POST /v1/me/totp:remove` takes the password instead.
    """
    await my_account.remove_totp_after_sign_in(steps)
    return nothing()


@router.post("/totp:remove", status_code=204, responses=problems(409, 412))
async def remove_totp(steps: Own, body: TotpRemoval) -> Answer:
    """Remove the second factor, on proof by password (二段階認証の解除)."""
    await my_account.remove_totp(steps, body.password)
    return nothing()
