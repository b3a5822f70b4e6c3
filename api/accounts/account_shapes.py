"""Wire shapes that signing in, one's own account and the administration of accounts share."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints
from starlette.requests import Request

from api.answers import Answer, encoded
from api.shapes import Shape, text
from domain.accounts.passwords import MOST
from domain.accounts.secret_keys import SecretKeys

Login = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@+-]{2,99}$")]
Password = Annotated[str, text(MOST, may_be_blank=True)]
OneTimeCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
OpaqueToken = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
"""Headers of an answer that holds a secret: nobody on the way may keep it."""


class AssignmentOut(Shape):
    """An assignment (所属): role and place."""

    id: str = Field(description="Id; `assignment_id` of a sign-in.")
    role: str = Field(description="Role (役割).", examples=["ward_staff"])
    role_label_ja: str = Field(description="Role for a person to read (役割の名称).", examples=["区市町村職員"])
    place: str = Field(
        description="Place: `municipality:<code>`, `centre:<id>`, `office:<id>` or `deployment`.",
        examples=["municipality:131105"],
    )
    place_label_ja: str | None = Field(description="Name of the place (場所の名称).", examples=["目黒区"])
    municipality_id: str | None = Field(description="Local government code (全国地方公共団体コード).")
    centre_id: str | None = Field(description="Centre (基幹相談支援センター).")
    office_id: str | None = Field(description="Office (相談支援事業所).")
    is_active: bool = Field(description="False once it has ended (終了した所属は false).")
    version: int = Field(description="Version; `If-Match` to end it.")


def shown_once(content: Any, *, location: str | None = None) -> Answer:
    """Answer with something secret that is never shown again (201)."""
    made = Answer(encoded(content), status=201, headers=dict(NO_STORE))
    if location is not None:
        made.headers["Location"] = location
    return made


def address_of(request: Request) -> str:
    """Give the network address of the caller as the server sees it."""
    return request.client.host if request.client is not None else "unknown"


def secret_keys_of(request: Request) -> SecretKeys:
    """Give the keys that secrets of accounts are kept sealed with."""
    keys: SecretKeys = request.app.state.secret_keys
    return keys


def tries_per_minute(request: Request) -> int:
    """Give how many sign-ins a minute one address may try here."""
    most: int = request.app.state.settings.sign_in_limit_per_minute
    return most
