"""Machine grants (連携プログラムの認可): the sign-in of programs by client credentials, revocation, introspection.

Source: RFC 6749 sections 2.3.1 and 4.4, RFC 7009, RFC 7662.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from domain import audit
from domain.access import NOWHERE, Actor, Place, Role, permissions_of
from domain.accounts.opaque_tokens import hash_of, is_among
from domain.accounts.principals import Grant, actor_for, place_of
from domain.accounts.refresh_tokens import end_by_refresh_token
from domain.accounts.sign_in_counters import Counter, count_try, of_address, of_client
from domain.accounts.sign_in_sessions import end_session
from domain.credentials import ClientSecret, MachineClient, MachineGrant
from domain.database import Row
from domain.errors import RuleError, UnauthenticatedError
from domain.statements import change, insert_into, within_credentials
from domain.statements.columns import Id, Instant, new_id
from domain.steps import Steps

LIFETIME = timedelta(minutes=10)

OAuthCode = Literal[
    "invalid_client", "invalid_request", "invalid_scope", "unsupported_grant_type", "unauthorized_client"
]


class OAuthError(RuleError):
    """A refusal in the words of RFC 6749 section 5.2."""

    def __init__(self, code: OAuthCode, detail_ja: str, detail_en: str) -> None:
        super().__init__(code, detail_ja, detail_en)


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """What a program brought in its Authorization header; None for either where it cannot be read."""

    client_id: str | None
    secret: str | None = field(repr=False)
    address: str
    tries_per_minute: int


@dataclass(frozen=True, slots=True)
class MachineToken:
    """What an access token for a program is made of."""

    grant_id: str
    client: Row
    place: Place
    scopes: tuple[str, ...]


_CLIENT = within_credentials(
    select(
        col(MachineClient.id),
        col(MachineClient.client_id),
        col(MachineClient.municipality_id),
        col(MachineClient.centre_id),
        col(MachineClient.scopes),
        col(MachineClient.is_active),
        col(MachineClient.version),
    ).where(col(MachineClient.client_id) == bindparam("client_id", required=True))
)
_HASHES = within_credentials(
    select(col(ClientSecret.secret_hash)).where(
        col(ClientSecret.machine_client_id) == bindparam("machine_client_id", type_=Id(), required=True),
        col(ClientSecret.revoked_at).is_(None),
    )
)
_GRANT = insert_into(MachineGrant)
_USED = change(
    update(MachineClient)
    .where(col(MachineClient.id) == bindparam("row_client", type_=Id(), required=True))
    .values(last_used_at=bindparam("at", type_=Instant(), required=True))
)
_REVOKE = change(
    update(MachineGrant)
    .where(
        col(MachineGrant.id) == bindparam("row_grant", type_=Id(), required=True),
        col(MachineGrant.machine_client_id) == bindparam("row_client", type_=Id(), required=True),
        col(MachineGrant.revoked_at).is_(None),
    )
    .values(revoked_at=bindparam("at", type_=Instant(), required=True))
)
_NO_HASH = hash_of("")


async def authenticated_client(steps: Steps, credentials: ClientCredentials, *, counts_address: bool = True) -> Row:
    """Give the client whose secret was brought. The try is counted before anything is compared.

    Programs behind one address ask about tokens often: without ``counts_address`` only tries that name no client that
    there is are counted by address, so that guesses stay counted.

    Raises:
        OAuthError: ``invalid_client``, for whatever reason.
        TooManyRequestsError: too many tries of this client or from this address.
    """
    most = credentials.tries_per_minute
    counters: list[Counter] = []
    if counts_address or (await _named(steps, credentials))[0] is None:
        counters.append(of_address(credentials.address, most))
    if credentials.client_id is not None:
        counters.append(of_client(credentials.client_id, most))
    await count_try(steps, *counters)
    client, hashes = await _named(steps, credentials)
    is_right = is_among(credentials.secret or "", hashes)
    if client is not None and is_right and client["is_active"] and credentials.secret:
        return client
    if client is not None:
        async with steps.write() as session:
            after = {"address": credentials.address, "reason": "wrong_secret" if client["is_active"] else "disabled"}
            await session.store(audit.entry_of(session, "oauth.refuse", "oauth", client["id"], after=after))
    raise OAuthError("invalid_client", "クライアントを確認できません。", "The client could not be authenticated.")


async def _named(steps: Steps, credentials: ClientCredentials) -> tuple[Row | None, list[str]]:
    """Give the client that is named and the hashes of its secrets; for none, one that nothing hashes to."""
    if credentials.client_id is not None:
        async with steps.read() as session:
            client = await session.maybe(_CLIENT, client_id=credentials.client_id)
            if client is not None:
                rows = await session.rows(_HASHES, machine_client_id=client["id"])
                return client, [row["secret_hash"] for row in rows]
    return None, [_NO_HASH]


async def grant_token(steps: Steps, client: Row, grant_type: str, scope: str | None) -> MachineToken:
    """Grant a client a token with the scopes it asks for, or with all of its own.

    Raises:
        OAuthError: ``unsupported_grant_type``, or ``invalid_scope``: more than the client has.
    """
    if grant_type != "client_credentials":
        raise OAuthError(
            "unsupported_grant_type",
            "使えるのは client_credentials だけです。",
            "Only client_credentials is supported.",
        )
    asked = frozenset((scope or "").split(" ")) - {""} or frozenset(client["scopes"])
    if not asked <= frozenset(client["scopes"]):
        raise OAuthError(
            "invalid_scope", "このクライアントにない権限が含まれています。", "A scope is not one of this client's."
        )
    grant_id = new_id()
    actor = _machine(client, grant_id)
    async with steps.write(actor) as session:
        await session.store(
            (
                _GRANT,
                {
                    "id": grant_id,
                    "machine_client_id": client["id"],
                    "issued_at": session.now,
                    "expires_at": session.now + LIFETIME,
                },
            ),
            (_USED, {"row_client": client["id"], "at": session.now}),
            audit.entry_of(
                session, "oauth.grant", "oauth", grant_id, after={"scopes": sorted(asked)}, **_place(client)
            ),
        )
    return MachineToken(grant_id, client, actor.place, tuple(sorted(asked)))


def _machine(client: Row, grant_id: str) -> Actor:
    return Actor(
        role=Role.INTEGRATION,
        place=place_of(Role.INTEGRATION, client),
        reach=NOWHERE,
        permissions=permissions_of(Role.INTEGRATION, frozenset()),
        subject_id=client["id"],
        session_id=grant_id,
        assignment_id="machine",
        is_machine=True,
    )


def _place(client: Row) -> dict[str, Any]:
    return {"municipality_id": client["municipality_id"], "centre_id": client["centre_id"]}


async def revoke(steps: Steps, client: Row | None, grant: Grant | None, token: str) -> None:
    """Make a token void; one that is unknown or void already is no fault.

    A program, which has proved who it is, revokes its own access tokens. A person revokes the own session by holding
    a refresh or access token of it; ``grant`` is what a valid access token says, None for any other token.

    Raises:
        OAuthError: the token is a program's and this program did not bring it.
    """
    if grant is not None and grant.scopes is not None:
        await _revoke_own(steps, client, grant)
    elif client is not None:
        if grant is not None:
            raise _not_yours()
    elif grant is not None:
        actor = await _actor_or_none(steps, grant)
        if actor is not None:
            await end_session(steps, actor)
    else:
        await end_by_refresh_token(steps, token)


async def _revoke_own(steps: Steps, client: Row | None, grant: Grant) -> None:
    if client is None:
        raise OAuthError("invalid_client", "クライアントの認証が必要です。", "The client must authenticate itself.")
    if client["id"] != grant.subject_id:
        raise _not_yours()
    async with steps.write(_machine(client, grant.session_id)) as session:
        values = {"row_grant": grant.session_id, "row_client": client["id"], "at": session.now}
        if await session.run(_REVOKE, **values):
            await session.store(audit.entry_of(session, "oauth.revoke", "oauth", grant.session_id, **_place(client)))


def _not_yours() -> OAuthError:
    return OAuthError("unauthorized_client", "ほかに発行されたトークンです。", "The token was issued to somebody else.")


async def _actor_or_none(steps: Steps, grant: Grant) -> Actor | None:
    async with steps.read() as session:
        try:
            return replace(await actor_for(session, grant), reach=NOWHERE)
        except UnauthenticatedError:
            return None


async def is_live(steps: Steps, client: Row, grant: Grant | None) -> bool:
    """Tell a program whether one of its own tokens still holds; of anybody else's token it learns nothing."""
    if grant is None or grant.scopes is None or grant.subject_id != client["id"]:
        return False
    return await _actor_or_none(steps, grant) is not None
