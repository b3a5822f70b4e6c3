"""Sealing stored secrets anew with a new key, at once (kikan keys reseal)."""

import pyotp
import pytest

from domain.access import Reach, Role
from domain.accounts.resealing import Resealed, reseal
from domain.accounts.secret_keys import SecretKeys
from domain.demo.acting import acting, as_actor
from tests.accounts import Accounts, at, enrolled
from tests.world import World


async def resealed_with(world: World, keys: SecretKeys) -> Resealed:
    operator = acting(Role.OPERATOR, Reach(everywhere=True))
    return await as_actor(world.database, operator, lambda session: reseal(session, keys), door=True)


def stored_of(accounts: Accounts, person_id: str) -> str:
    return str(accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person_id}'")[0][0])


async def test_who_did_not_sign_in_meanwhile_needs_the_old_key_no_more(
    world: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = await enrolled(accounts)
    sealed_for_stranger = stored_of(accounts, stranger.id)
    old, new = SecretKeys.generate(), SecretKeys.generate()
    monkeypatch.setitem(world.app.state._state, "secret_keys", SecretKeys.from_text(old))
    people = [await enrolled(accounts), await enrolled(accounts)]
    both, only_new = SecretKeys.from_text(f"{new},{old}"), SecretKeys.from_text(new)
    first = await resealed_with(world, both)
    assert first.changed == 2
    assert first.unreadable >= 1, "what no key opens is told, and left as it is"
    assert stored_of(accounts, stranger.id) == sealed_for_stranger
    second = await resealed_with(world, both)
    assert (second.changed, second.current) == (0, first.current + 2)
    monkeypatch.setitem(world.app.state._state, "secret_keys", only_new)
    for person in people:
        assert only_new.opened(stored_of(accounts, person.id), person.id) == person.totp
        with at(seconds=60):
            await accounts.signed_in(person, totp=pyotp.TOTP(person.totp or "").now())
