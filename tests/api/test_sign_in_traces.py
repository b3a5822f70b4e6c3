"""What signing in leaves behind: no secrets, and nothing for ever."""

import logging

import pyotp
import pytest
import structlog

from domain.accounts.sign_in_upkeep import forget_ended
from domain.accounts.users import COMMAND_LINE
from domain.database import database_at, scope_of
from tests.accounts import PASSWORD, Accounts, at, basic, enrolled
from tests.world import World


async def test_no_secret_is_written_anywhere(
    world: World, accounts: Accounts, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    person = await enrolled(accounts)
    own = await world.municipality()
    client, (secret,) = await accounts.program("municipalities:read", municipality_id=own)
    desk = accounts.desk()
    await desk.post("/v1/sessions", json={"login": "canary-typed-as-login", "password": PASSWORD})
    code = pyotp.TOTP(person.totp or "").now()
    signed_in = await accounts.signed_in(person, desk, totp=code)
    refreshed_once = await desk.post("/v1/sessions/refresh", json={"refresh_token": signed_in["refresh_token"]})
    granted = await desk.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=basic(client["client_id"], secret)
    )
    assert granted.status_code == 200, granted.text
    await desk.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=basic(client["client_id"], "canary-wrong")
    )
    malformed = await desk.post("/v1/sessions", json={"login": ["canary-shape"], "password": {"x": "canary-shape"}})
    assert malformed.status_code == 422
    assert "canary" not in malformed.text
    canaries = [
        PASSWORD,
        "canary-typed-as-login",
        "canary-wrong",
        secret,
        signed_in["refresh_token"],
        signed_in["access_token"],
        refreshed_once.json()["refresh_token"],
        granted.json()["access_token"],
    ]
    tables = ["audit_entry", "refresh_token", "sign_in_session", "sign_in_counter", "client_secret", "idempotency_key"]
    written = accounts.everything_written(tables)
    printed = capfd.readouterr()
    told = caplog.text + printed.out + printed.err
    assert [c for c in canaries if c in written or c in told] == []
    assert (person.totp or "-") not in written + told
    structlog.get_logger().info("signed_in", token=signed_in["access_token"])
    assert signed_in["access_token"] in capfd.readouterr().out + caplog.text, "the proof sees a secret in the logs"
    assert f'"{code}"' not in written + told


async def test_what_ended_long_ago_is_forgotten_and_what_runs_is_kept(world: World, accounts: Accounts) -> None:
    person = await accounts.ward_officer()
    await accounts.signed_in(person)
    with at(days=-31):
        await accounts.signed_in(person)
        own = await world.municipality()
        client, (secret,) = await accounts.program("offices:read", municipality_id=own)
        desk, headers = accounts.desk(), basic(client["client_id"], secret)
        granted = await desk.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
        assert granted.status_code == 200
    database = database_at(accounts.maintenance_address)
    await database.driver.start()
    try:
        session, transaction = await database.begin(scope_of(COMMAND_LINE, database.dialect), write=True, door=True)
        try:
            # A session, its token, the grant and three counters at least; other tests leave theirs.
            assert await forget_ended(session) >= 6
            assert await forget_ended(session) == 0
            await transaction.commit()
        finally:
            transaction.release()
    finally:
        await database.driver.stop()
    kept = accounts.select(f"SELECT id FROM sign_in_session WHERE user_id = '{person.id}'")
    assert len(kept) == 1
    assert accounts.select(f"SELECT id FROM machine_grant WHERE machine_client_id = '{client['id']}'") == []
