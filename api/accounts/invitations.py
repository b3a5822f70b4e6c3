"""Accepting an invitation (招待の受け入れ): a first password, or a new one after it was forgotten."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request

from api.access import public
from api.accounts.account_shapes import OpaqueToken, Password, address_of, tries_per_minute
from api.answers import Answer, nothing
from api.operations import area
from api.shapes import Incoming
from domain.accounts import invitations
from domain.steps import Steps

router = area("invitations")


class Acceptance(Incoming):
    """The token of the link, and the password chosen."""

    token: OpaqueToken = Field(description="Token of the one-time link (招待のトークン).")
    password: Password = Field(description="Password, 12 characters or more (パスワード、12文字以上).")


@router.post(":accept", status_code=204)
async def accept_invitation(request: Request, steps: Annotated[Steps, public(steps=True)], body: Acceptance) -> Answer:
    """Set a password with a one-time link (招待の受け入れ). Every session and any second factor of the user end."""
    await invitations.accept_invitation(
        steps, body.token, body.password, address=address_of(request), tries_per_minute=tries_per_minute(request)
    )
    return nothing()
