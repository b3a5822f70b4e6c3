"""The secrets of machine clients (シークレット): at most two live at once, so that a program can change over."""

from sqlalchemy import bindparam, update
from sqlmodel import col

from domain import audit
from domain.accounts.clients import (
    ADD_SECRET,
    LIVE_SECRETS,
    MOST_SECRETS,
    REVOKE_GRANTS,
    client_for,
    place_columns,
    refuse_mightier,
)
from domain.accounts.opaque_tokens import hash_of, new_token
from domain.credentials import ClientSecret, MachineClient
from domain.database import Row, Session
from domain.errors import ConflictError, NotFoundError
from domain.statements import change
from domain.statements.columns import Id, Instant, new_id

_ROW = bindparam("row_client", type_=Id(), required=True)
_LOCK = change(
    update(MachineClient).where(col(MachineClient.id) == _ROW).values(updated_at=col(MachineClient.updated_at))
)
_REVOKE_SECRET = change(
    update(ClientSecret)
    .where(
        col(ClientSecret.id) == bindparam("row_secret", type_=Id(), required=True),
        col(ClientSecret.machine_client_id) == _ROW,
        col(ClientSecret.revoked_at).is_(None),
    )
    .values(revoked_at=bindparam("at", type_=Instant(), required=True))
)


async def add_secret(session: Session, client_id: str) -> Row:
    """Give a client a second secret, so that it can change over; the secret is shown this once.

    Raises:
        NotFoundError: not of the caller's place.
        NotPermittedError: the client is not the caller's to change.
        ConflictError: two are live already.
    """
    client = await client_for(session, client_id)
    refuse_mightier(session, client)
    # Of two at once, the second waits for the row here and then counts the first one's secret too.
    await session.run(_LOCK, row_client=client_id)
    if len(await session.rows(LIVE_SECRETS, client_ids=[client_id])) >= MOST_SECRETS:
        raise ConflictError(
            "two_secrets_live",
            "有効なシークレットは2つまでです。古い方を先に失効させてください。",
            "At most two secrets may be live. Revoke the older one first.",
        )
    secret_id, secret = new_id(), new_token()
    await session.store(
        (ADD_SECRET, {"id": secret_id, "machine_client_id": client_id, "secret_hash": hash_of(secret)}),
        audit.entry_of(
            session, "clients.add_secret", "clients", client_id, after={"secret_id": secret_id}, **place_columns(client)
        ),
    )
    return {"id": secret_id, "client_id": client["client_id"], "client_secret": secret, "created_at": session.now}


async def revoke_secret(session: Session, client_id: str, secret_id: str) -> None:
    """Make a secret void; all running tokens of the client end, whichever secret they came from.

    Raises:
        NotFoundError: the client is not of the caller's place, or the secret is not a live one of it.
        NotPermittedError: the client is not the caller's to change.
    """
    client = await client_for(session, client_id)
    refuse_mightier(session, client)
    if await session.run(_REVOKE_SECRET, row_secret=secret_id, row_client=client_id, at=session.now) == 0:
        raise NotFoundError
    await session.store(
        (REVOKE_GRANTS, {"row_client": client_id, "at": session.now}),
        audit.entry_of(
            session,
            "clients.revoke_secret",
            "clients",
            client_id,
            before={"secret_id": secret_id},
            **place_columns(client),
        ),
    )
