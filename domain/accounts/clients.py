"""Machine clients (連携プログラム): programs that sign in with a secret of their own, for a municipality or a centre.

A ward makes clients of its municipality that only read; the operator makes any. Whoever may make a new secret for a
client can act as the client, so a ward touches only those that it could have made. Secrets are shown once.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any

from sqlalchemy import bindparam, or_, select, update
from sqlmodel import col

from domain import audit
from domain.access import READ_ONLY_SCOPES, ROLE_PERMISSIONS, Permission, Role
from domain.accounts.assignments import sight_of
from domain.accounts.opaque_tokens import hash_of, new_token
from domain.credentials import ClientSecret, MachineClient, MachineGrant
from domain.database import Row, Session, changed
from domain.errors import NotFoundError, NotPermittedError, missing_at, rule_broken
from domain.lists import Filter, Listing
from domain.places.centres import Centre
from domain.places.municipalities import Municipality
from domain.statements import change, insert_into, update_of, within_credentials
from domain.statements.columns import Big, Id, Instant, new_id
from domain.statements.reach import Among
from domain.unchanged import says_nothing_new

SCOPES = frozenset(p.value for p in ROLE_PERMISSIONS[Role.INTEGRATION])
"""Every scope a machine client may have."""
MOST_SECRETS = 2

_COLUMNS: tuple[Any, ...] = (
    col(MachineClient.id),
    col(MachineClient.client_id),
    col(MachineClient.name),
    col(MachineClient.municipality_id),
    col(MachineClient.centre_id),
    col(MachineClient.scopes),
    col(MachineClient.is_active),
    col(MachineClient.last_used_at),
    col(MachineClient.version),
    col(MachineClient.created_at),
    col(MachineClient.updated_at),
)
_SEEN = or_(
    bindparam("admin_everywhere", type_=Big(), required=True) == 1,
    col(MachineClient.municipality_id) == bindparam("admin_municipality", required=True),
)
_ONE = within_credentials(
    select(*_COLUMNS).where(_SEEN, col(MachineClient.id) == bindparam("id", type_=Id(), required=True))
)
LIVE_SECRETS = within_credentials(
    select(col(ClientSecret.id), col(ClientSecret.machine_client_id), col(ClientSecret.created_at))
    .where(Among(col(ClientSecret.machine_client_id), "client_ids"), col(ClientSecret.revoked_at).is_(None))
    .order_by(col(ClientSecret.id))
)
_MUNICIPALITY = within_credentials(
    select(col(Municipality.id)).where(
        col(Municipality.id) == bindparam("id", required=True), col(Municipality.deleted_at).is_(None)
    )
)
_CENTRE = within_credentials(
    select(col(Centre.id)).where(
        col(Centre.id) == bindparam("id", type_=Id(), required=True), col(Centre.deleted_at).is_(None)
    )
)
_ADD = insert_into(MachineClient)
ADD_SECRET = insert_into(ClientSecret)
_CHANGE = update_of(MachineClient, "name", "scopes", "is_active")
_ROW = bindparam("row_client", type_=Id(), required=True)
_AT = bindparam("at", type_=Instant(), required=True)
REVOKE_GRANTS = change(
    update(MachineGrant)
    .where(col(MachineGrant.machine_client_id) == _ROW, col(MachineGrant.revoked_at).is_(None))
    .values(revoked_at=_AT)
)


def _sight_of(session: Session) -> dict[str, Any]:
    sight = sight_of(session)
    return {name: sight[name] for name in ("admin_everywhere", "admin_municipality")}


CLIENTS = Listing(
    "clients",
    select(*_COLUMNS).where(_SEEN),
    filters={
        "municipality_id": Filter("texts", col(MachineClient.municipality_id), "市区町村コード"),
        "centre_id": Filter("ids", col(MachineClient.centre_id), "センター"),
        "is_active": Filter("flag", col(MachineClient.is_active), "有効か(停止中は false)"),
    },
    sorts={"client_id": col(MachineClient.client_id), "id": col(MachineClient.id)},
    default_sort=("client_id", "id"),
    sight=_sight_of,
)


async def clients_shown(session: Session, rows: Sequence[Row]) -> list[Row]:
    """Add to clients which secrets are live, never what they are, and what the caller may do with each client."""
    live = defaultdict(list)
    for secret in await session.rows(LIVE_SECRETS, client_ids=[row["id"] for row in rows]):
        live[secret["machine_client_id"]].append({"id": secret["id"], "created_at": secret["created_at"]})
    return [_shown(session, {**row, "secrets": live[row["id"]]}) for row in rows]


def _shown(session: Session, client: Row) -> Row:
    """Give a client with what the caller may do with it now."""
    is_theirs = session.actor.may(Permission.CLIENTS_WRITE) and not _is_mightier(session, client)
    is_active, live_count = client["is_active"], len(client["secrets"])
    may = {
        "change": is_theirs,
        "disable": is_theirs and is_active,
        "enable": is_theirs and not is_active,
        "add_secret": is_theirs and live_count < MOST_SECRETS,
        "revoke_secret": is_theirs and live_count > 0,
    }
    return {**client, "may": may}


async def client_for(session: Session, client_id: str) -> Row:
    """Give a client of the caller's place, by its own id (not its client id).

    Raises:
        NotFoundError: there is none.
    """
    return (await clients_shown(session, [await session.one(_ONE, id=client_id, **_sight_of(session))]))[0]


async def create_client(
    session: Session, *, name: str, scopes: Sequence[str], municipality_id: str | None, centre_id: str | None
) -> Row:
    """Create a client with a first secret; give it with ``client_secret``, which is shown this once.

    Raises:
        NotFoundError: the place is missing or not the caller's.
        NotPermittedError: a scope is not the caller's to give.
        RuleError: not exactly one place, or a scope that no client may have.
    """
    with missing_at("municipality_id" if centre_id is None else "centre_id"):
        await _refuseplace_columns(session, municipality_id, centre_id)
    granted = _granted(session, scopes)
    row_id, secret = new_id(), new_token()
    public_name = f"kc-{token_hex(10)}"
    place: dict[str, Any] = {"municipality_id": municipality_id, "centre_id": centre_id}
    await session.store(
        (
            _ADD,
            {"id": row_id, "client_id": public_name, "name": name, "scopes": granted, "is_active": True, **place},
        ),
        (ADD_SECRET, {"machine_client_id": row_id, "secret_hash": hash_of(secret)}),
        audit.entry_of(
            session,
            "clients.create",
            "clients",
            row_id,
            after={"client_id": public_name, "name": name, "scopes": granted, **place},
            **place,
        ),
    )
    return {**await client_for(session, row_id), "client_secret": secret}


async def _refuseplace_columns(session: Session, municipality_id: str | None, centre_id: str | None) -> None:
    if (municipality_id is None) == (centre_id is None):
        raise rule_broken(
            "one_place",
            "municipality_id か centre_id のどちらか1つを入れてください。",
            "Give either municipality_id or centre_id.",
            field="municipality_id",
        )
    if session.actor.role is not Role.OPERATOR and municipality_id != session.actor.place.id:
        raise NotFoundError
    if municipality_id is not None:
        await session.one(_MUNICIPALITY, id=municipality_id)
    else:
        await session.one(_CENTRE, id=centre_id)


def _granted(session: Session, scopes: Sequence[str]) -> list[str]:
    """Give the scopes in one order, each once, if the caller may give them."""
    asked = sorted(set(scopes))
    if not asked:
        raise rule_broken("required", "scopes を1つ以上選んでください。", "Give at least one scope.", field="scopes")
    for position, scope in enumerate(scopes):
        if scope not in SCOPES:
            raise rule_broken(
                "scope_unknown",
                "連携プログラムに与えられない権限です。",
                "No program may have this scope.",
                field=f"scopes/{position}",
            )
    if session.actor.role is not Role.OPERATOR and not READ_ONLY_SCOPES.issuperset(asked):
        raise NotPermittedError(
            "読み取り以外の権限は与えられません。",
            "You may give read-only scopes only.",
            code="scope_not_yours_to_give",
        )
    return asked


def _is_mightier(session: Session, client: Row) -> bool:
    return session.actor.role is not Role.OPERATOR and not READ_ONLY_SCOPES.issuperset(client["scopes"])


def refuse_mightier(session: Session, client: Row) -> None:
    """Refuse a ward a client that may do more than the ward could have allowed: its secret would be a ladder.

    Raises:
        NotPermittedError: only the operator may touch it.
    """
    if _is_mightier(session, client):
        raise NotPermittedError(
            "このプログラムは運用担当者だけが変更できます。",
            "Only the operator may change this program.",
            code="client_not_yours",
        )


async def change_client(session: Session, client_id: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change the name, the scopes or the being active of a client; its running tokens end at once.

    Raises:
        NotFoundError: not of the caller's place.
        NotPermittedError: the client or a scope is not the caller's to give.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await client_for(session, client_id)
    refuse_mightier(session, before)
    changes = dict(changes)
    if "scopes" in changes:
        changes["scopes"] = _granted(session, changes["scopes"])
    if says_nothing_new(before, changes, version):
        return before
    after = changed(before, changes, session)
    await session.change(
        _CHANGE,
        row_id=client_id,
        row_version=version,
        name=after["name"],
        scopes=after["scopes"],
        is_active=after["is_active"],
    )
    await session.store(
        (REVOKE_GRANTS, {"row_client": client_id, "at": session.now}),
        audit.entry_of(
            session,
            "clients.change",
            "clients",
            client_id,
            before={n: before[n] for n in changes},
            after=changes,
            **place_columns(before),
        ),
    )
    return _shown(session, after)


def place_columns(client: Row) -> dict[str, Any]:
    """Give the place of a client as the audit keeps it."""
    return {"municipality_id": client["municipality_id"], "centre_id": client["centre_id"]}
