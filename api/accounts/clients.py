"""Machine clients (連携プログラム) and their secrets."""

from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import Field

from api.access import allow
from api.accounts.account_shapes import shown_once
from api.answers import Answer, Stream, item, nothing
from api.lists import listed, page_of
from api.operations import area
from api.preconditions import if_match
from api.problems import problems
from api.shapes import Incoming, MunicipalityCode, Page, Shape, Uuid, text, unchanged
from domain.access import Permission
from domain.accounts import client_secrets, clients
from domain.database import Session
from domain.lists import ListRequest

router = area("clients")

ClientId = Annotated[str, Path(alias="id", description="Client, by its `id` (連携プログラム).")]
Reader = Annotated[Session, allow(Permission.CLIENTS_READ, door=True)]
Writer = Annotated[Session, allow(Permission.CLIENTS_WRITE, door=True)]
SecretWriter = Annotated[Session, allow(Permission.CLIENTS_WRITE, door=True, repeatable=False)]
Name = Annotated[str, text(100)]
Scopes = Annotated[list[Annotated[str, text(60)]], Field(min_length=1, max_length=60)]


class ClientIn(Incoming):
    """A new client for a municipality or for a centre."""

    name: Name = Field(description="Name (名称).", examples=["統計連携バッチ"])
    scopes: Scopes = Field(
        description="What it may do (権限). A ward gives read-only ones.", examples=[["activity_counts:read"]]
    )
    municipality_id: MunicipalityCode | None = Field(default=None, description="Its municipality (区市町村).")
    centre_id: Uuid | None = Field(default=None, description="Or its centre (センター).")


class ClientChange(Incoming):
    """What may be changed of a client."""

    name: Name = unchanged("Name (名称).")
    scopes: Scopes = unchanged("What it may do (権限).")
    is_active: bool = unchanged("False stops it at once (停止).")


class SecretOut(Shape):
    """A live secret: since when, never what it is."""

    id: str
    created_at: datetime


class ClientOut(Shape):
    """A machine client (連携プログラム)."""

    id: str
    client_id: str = Field(description="The name it signs in with at `POST /oauth/token`.")
    name: str = Field(description="Name (名称).")
    municipality_id: str | None = Field(description="Its municipality (区市町村).")
    centre_id: str | None = Field(description="Or its centre (センター).")
    scopes: list[str] = Field(description="What it may do (権限).")
    is_active: bool = Field(description="False while it is stopped (停止中は false).")
    last_used_at: datetime | None = Field(description="Last token (最終利用).")
    version: int = Field(description="Version; also the ETag.")
    created_at: datetime
    updated_at: datetime
    secrets: list[SecretOut] = Field(description="Live secrets, at most two (有効なシークレット).")
    may: dict[str, bool] = Field(
        description="What the caller may do next: change, disable, enable, add_secret, revoke_secret (できる操作).",
        examples=[{"change": True, "disable": True, "enable": False, "add_secret": True, "revoke_secret": True}],
    )


class NewClientOut(ClientOut):
    """A new client with its secret, which is shown this once."""

    client_secret: str = Field(description="Secret; shown this once (シークレット、再表示不可).")


class NewSecretOut(Shape):
    """A new secret, which is shown this once."""

    id: str
    client_id: str
    client_secret: str = Field(description="Secret; shown this once (シークレット、再表示不可).")
    created_at: datetime


@router.get("", response_model=Page[ClientOut])
async def list_clients(
    session: Reader, listing: Annotated[ListRequest, listed(clients.CLIENTS, ClientOut)]
) -> Answer | Stream:
    """List the machine clients of one's place, by client id (連携プログラムの一覧)."""
    return await page_of(session, clients.CLIENTS, listing, ClientOut, enrich=clients.clients_shown)


@router.get("/{id}", response_model=ClientOut)
async def read_client(session: Reader, client_id: ClientId) -> Answer:
    """Read one machine client (連携プログラム)."""
    return item(await clients.client_for(session, client_id))


@router.post("", status_code=201, response_model=NewClientOut, responses=problems(404))
async def create_client(session: SecretWriter, body: ClientIn) -> Answer:
    """Create a machine client; its secret is shown this once (連携プログラムの登録).

    Nothing secret is kept for an `Idempotency-Key`: a repeated request makes another client.
    """
    made = await clients.create_client(
        session,
        name=body.name,
        scopes=body.scopes,
        municipality_id=body.municipality_id,
        centre_id=body.centre_id,
    )
    return shown_once(made, location=f"/v1/clients/{made['id']}")


@router.patch("/{id}", response_model=ClientOut)
async def change_client(
    session: Writer, client_id: ClientId, version: Annotated[int, if_match()], body: ClientChange
) -> Answer:
    """Change a machine client or stop it (連携プログラムの変更・停止). Its running tokens end at once."""
    return item(await clients.change_client(session, client_id, body.model_dump(exclude_unset=True), version))


@router.post("/{id}/secrets", status_code=201, response_model=NewSecretOut, responses=problems(409))
async def add_client_secret(session: SecretWriter, client_id: ClientId) -> Answer:
    """Make a second secret, so that the program can change over (シークレットの追加). It is shown this once."""
    return shown_once(await client_secrets.add_secret(session, client_id))


@router.delete("/{id}/secrets/{secret_id}", status_code=204)
async def revoke_client_secret(
    session: Writer, client_id: ClientId, secret_id: Annotated[str, Path(description="Secret (シークレット).")]
) -> Answer:
    """Make a secret void; all running tokens of the client end (シークレットの失効)."""
    await client_secrets.revoke_secret(session, client_id, secret_id)
    return nothing()
