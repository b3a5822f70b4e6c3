"""Changing the key of stored secrets at once (鍵の取り替え), for who does not sign in while both keys are there."""

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlmodel import col

from domain.accounts.secret_keys import SecretKeys
from domain.credentials import UserAccount
from domain.database import Session
from domain.statements import change, within_credentials
from domain.statements.columns import Id

_SEALED = within_credentials(
    select(col(UserAccount.id), col(UserAccount.totp_secret)).where(col(UserAccount.totp_secret).is_not(None))
)
_RESEAL = change(
    update(UserAccount)
    .where(
        col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True),
        col(UserAccount.totp_secret) == bindparam("row_totp_secret", required=True),
    )
    .values(totp_secret=bindparam("new_totp_secret", required=True))
)


@dataclass(frozen=True, slots=True)
class Resealed:
    """What became of the stored secrets: sealed anew, sealed by the first key already, opened by none of the keys."""

    changed: int
    current: int
    unreadable: int


async def reseal(session: Session, keys: SecretKeys) -> Resealed:
    """Seal every stored secret with the first key. Who signs in meanwhile keeps the newer seal: that row is left alone.

    Nothing is audited: neither the secrets nor anybody's account changes.
    """
    changed = current = unreadable = 0
    for account in await session.rows(_SEALED):
        sealed, owner = account["totp_secret"], account["id"]
        secret = keys.opened(sealed, owner)
        if secret is None:
            unreadable += 1
            continue
        renewed = keys.renewed(sealed, secret, owner)
        if renewed == sealed:
            current += 1
            continue
        await session.run(_RESEAL, row_id=owner, row_totp_secret=sealed, new_totp_secret=renewed)
        changed += 1
    return Resealed(changed, current, unreadable)
