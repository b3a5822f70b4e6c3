"""Signing in, staying signed in and signing out, through HTTP."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import structlog
import time_machine
from sqlalchemy import bindparam, update
from sqlmodel import col

from domain import passwords, refresh_tokens, sign_in
from domain.access import Role
from domain.columns import Id
from domain.credentials import UserAccount
from domain.database import database_at, scope_of
from domain.sign_in_upkeep import forget_ended
from domain.statements import change
from domain.users import COMMAND_LINE
from tests.accounts import PASSWORD, Accounts, Person, basic, bearer, hash_of_password
from tests.world import World


def at(**later: float) -> Any:
    return time_machine.travel(datetime.now(UTC) + timedelta(**later), tick=True)


async def enrolled(accounts: Accounts) -> Person:
    """A ward officer with a second factor."""
    person = await accounts.ward_officer()
    desk = accounts.desk()
    headers = bearer(await accounts.signed_in(person, desk))
    started = await desk.post("/v1/me/totp", headers=headers)
    assert started.status_code == 201, started.text
    person.totp = started.json()["secret"]
    with at(seconds=-60):
        code = pyotp.TOTP(person.totp).now()
        confirmed = await desk.put("/v1/me/totp", headers=headers, json={"code": code})
    assert confirmed.status_code == 204, confirmed.text
    return person


async def test_signing_in_gives_tokens_and_the_assignment(world: World, accounts: Accounts) -> None:
    own = await world.municipality("目黒区")
    person = await accounts.ward_officer(own)
    answer = await accounts.desk().post("/v1/sessions", json=person.body(login=f" {person.login.upper()} "))
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["token_type"] == "Bearer"
    assert found["expires_in"] == 600
    assert found["assignment"]["id"] == person.assignments[0]
    assert found["assignment"]["role"] == "ward_staff"
    assert found["assignment"]["place"] == f"municipality:{own}"
    assert found["assignment"]["place_label_ja"] == "目黒区"
    seen = await world.client.get("/v1/municipalities", headers=bearer(found))
    assert [row["id"] for row in seen.json()["results"]] == [own]
    session_id = answer.headers["location"].rpartition("/")[2]
    assert accounts.trail(session_id) == ["sessions.start"]


async def test_every_refused_sign_in_gives_the_same_answer_and_an_audit_row(accounts: Accounts) -> None:
    desk = accounts.desk()
    known = await accounts.ward_officer()
    disabled = await accounts.person((Role.OPERATOR, {}), is_active=False)
    invited = await accounts.person((Role.OPERATOR, {}), has_password=False)
    careful = await enrolled(accounts)
    wrong = {
        "unknown_login": {"login": "nobody-here", "password": PASSWORD},
        "wrong_password": known.body(password="something-else-12"),
        "disabled": disabled.body(),
        "no_password_yet": invited.body(),
        "code_missing": careful.body(),
        "code_wrong": careful.body(totp="000000"),
        "code_garbage": careful.body(totp="１２３４５６"),
    }
    headers = {"X-Request-Id": "same-request-id"}
    answers = [await desk.post("/v1/sessions", json=body, headers=headers) for body in wrong.values()]
    assert {a.status_code for a in answers} == {401}
    assert len({a.content for a in answers}) == 1
    assert len({str(sorted((k, v) for k, v in a.headers.items())) for a in answers}) == 1
    assert accounts.trail(known.id) == ["sessions.refuse"]
    assert accounts.trail(disabled.id) == ["sessions.refuse"]
    assert accounts.trail(careful.id).count("sessions.refuse") == 3


async def test_an_unknown_login_costs_as_much_hashing_as_a_known_one(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    verify = passwords.HASHER.verify

    def watched(password: str, kept: str) -> bool:
        hashed.append(kept)
        return verify(password, kept)

    monkeypatch.setattr(passwords.HASHER, "verify", watched)
    known = await accounts.ward_officer()
    await accounts.desk().post("/v1/sessions", json=known.body(password="something-else-12"))
    await accounts.desk().post("/v1/sessions", json={"login": "nobody-here-2", "password": PASSWORD})
    assert hashed == [hash_of_password(), passwords.NO_PASSWORD]


async def test_a_one_time_code_is_good_once(accounts: Accounts) -> None:
    person = await enrolled(accounts)
    desk = accounts.desk()
    code = pyotp.TOTP(person.totp or "").now()
    assert (await desk.post("/v1/sessions", json=person.body(totp=code))).status_code == 201
    assert (await desk.post("/v1/sessions", json=person.body(totp=code))).status_code == 401
    with at(seconds=60):
        later = pyotp.TOTP(person.totp or "").now()
        assert (await desk.post("/v1/sessions", json=person.body(totp=later))).status_code == 201


async def one_code_three_times(accounts: Accounts) -> list[int]:
    person = await enrolled(accounts)
    code = pyotp.TOTP(person.totp or "").now()
    answers = await asyncio.gather(
        *(accounts.desk().post("/v1/sessions", json=person.body(totp=code)) for _ in range(3))
    )
    return sorted(a.status_code for a in answers)


async def test_one_code_used_three_times_at_once_signs_in_once(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await one_code_three_times(accounts) == [201, 401, 401]
    monkeypatch.setattr(sign_in, "HOLD_CODE", _HOLD_NOTHING)
    assert await one_code_three_times(accounts) == [201, 201, 201], "the proof sees a code that is not used up"


async def test_several_assignments_must_be_chosen_from(world: World, accounts: Accounts) -> None:
    own = await world.municipality("宇城市")
    centre = await world.centre(own, name="宇城基幹")
    office = await world.office(own, "みかん相談室")
    person = await accounts.person(
        (Role.WARD_STAFF, {"municipality_id": own}),
        (Role.CENTRE_MANAGER, {"centre_id": centre}),
        (Role.OFFICE_USER, {"municipality_id": own, "office_id": office}),
    )
    desk = accounts.desk()
    asked = await desk.post("/v1/sessions", json=person.body())
    assert asked.status_code == 409
    assert asked.headers["content-type"] == "application/problem+json"
    assert asked.json()["code"] == "assignment_id_required"
    assert asked.json()["errors"][0]["pointer"] == "/assignment_id"
    offered = {a["place_label_ja"]: a for a in asked.json()["assignments"]}
    assert {a["id"] for a in offered.values()} == set(person.assignments)
    assert set(offered) == {"宇城市", "宇城基幹", "みかん相談室"}
    chosen = offered["みかん相談室"]
    signed_in = await accounts.signed_in(person, desk, assignment_id=chosen["id"])
    assert signed_in["assignment"] == chosen
    assert (await world.client.get("/v1/me", headers=bearer(signed_in))).json()["assignment"] == chosen
    stranger = await accounts.ward_officer()
    refused = await desk.post("/v1/sessions", json=person.body(assignment_id=stranger.assignments[0]))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/assignment_id")


async def test_who_holds_no_assignment_is_told_so_after_the_right_password_only(accounts: Accounts) -> None:
    person = await accounts.person()
    desk = accounts.desk()
    assert (await desk.post("/v1/sessions", json=person.body(password="something-else-12"))).status_code == 401
    right = await desk.post("/v1/sessions", json=person.body())
    assert (right.status_code, right.json()["code"]) == (403, "no_assignment")


async def eight_wrong_passwords(accounts: Accounts, person: Person) -> list[int]:
    wrong = person.body(password="something-else-12")
    answers = await asyncio.gather(*(accounts.desk().post("/v1/sessions", json=wrong) for _ in range(8)))
    return sorted(a.status_code for a in answers)


async def test_the_sixth_wrong_password_waits_even_when_all_come_at_once(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await accounts.ward_officer()
    # A window of fifteen minutes may turn between two tries, so the clock stands well inside of one.
    start = datetime.now(UTC).replace(minute=2, second=0) + timedelta(hours=1)
    with time_machine.travel(start, tick=True):
        assert await eight_wrong_passwords(accounts, person) == [401] * 5 + [429] * 3
        locked = await accounts.desk().post("/v1/sessions", json=person.body())
        assert locked.status_code == 429
        assert 0 < int(locked.headers["retry-after"]) <= 15 * 60
    with time_machine.travel(start + timedelta(minutes=16), tick=True):
        assert (await accounts.desk().post("/v1/sessions", json=person.body())).status_code == 201

    async def count_nothing(*_: object) -> None:
        pass

    monkeypatch.setattr(sign_in, "count_try", count_nothing)
    uncounted = await eight_wrong_passwords(accounts, person)
    assert uncounted == [401] * 8, "the proof sees a counter that does not count"


async def test_right_passwords_never_add_up(accounts: Accounts) -> None:
    person = await accounts.ward_officer()
    for _ in range(6):
        await accounts.signed_in(person)


async def test_an_address_has_thirty_tries_a_minute_whoever_is_tried(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords.HASHER, "verify", lambda _password, _kept: False)
    desk = accounts.desk()
    with time_machine.travel(datetime.now(UTC).replace(second=5) + timedelta(minutes=1), tick=True):
        statuses = [
            (await desk.post("/v1/sessions", json={"login": f"guess-{n}", "password": "x"})).status_code
            for n in range(33)
        ]
    assert statuses == [401] * 30 + [429] * 3
    assert (await accounts.desk().post("/v1/sessions", json={"login": "guess", "password": "x"})).status_code == 401


async def test_only_one_password_is_hashed_at_a_time(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = 0, 0
    verify = passwords.HASHER.verify

    def watched(password: str, kept: str) -> bool:
        nonlocal running, most
        running += 1
        most = max(most, running)
        found = verify(password, kept)
        running -= 1
        return found

    monkeypatch.setattr(passwords.HASHER, "verify", watched)
    people = [await accounts.ward_officer() for _ in range(3)]
    await asyncio.gather(*(accounts.signed_in(person) for person in people))
    assert most == 1


async def test_a_refresh_token_is_used_once_and_gives_the_next(world: World, accounts: Accounts) -> None:
    person = await accounts.ward_officer()
    first = await accounts.signed_in(person)
    answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    assert answer.status_code == 200, answer.text
    second = answer.json()
    assert second.keys() == first.keys()
    assert second["assignment"] == first["assignment"]
    assert second["refresh_token"] != first["refresh_token"]
    assert (await world.client.get("/v1/me", headers=bearer(second))).status_code == 200


async def refreshed(world: World, token: str) -> int:
    answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": token})
    return answer.status_code


async def test_a_lost_answer_may_be_asked_for_once_more_within_ten_seconds(world: World, accounts: Accounts) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    assert [await refreshed(world, token) for _ in range(3)] == [200, 200, 401]


async def reused_later(world: World, accounts: Accounts) -> tuple[list[int], dict[str, Any]]:
    """Use a refresh token again after fifteen seconds, then its successor; give the statuses and the successor."""
    first = await accounts.signed_in(await accounts.ward_officer())
    answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": first["refresh_token"]})
    with at(seconds=15):
        statuses = [await refreshed(world, token) for token in (first["refresh_token"], answer.json()["refresh_token"])]
    return statuses, answer.json()


async def test_using_a_refresh_token_again_later_ends_the_session(
    world: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses, second = await reused_later(world, accounts)
    assert statuses == [401, 401]
    accounts.forget_principals()
    assert (await world.client.get("/v1/me", headers=bearer(second))).status_code == 401
    ended = accounts.select("SELECT after FROM audit_entry WHERE action = 'sessions.end' ORDER BY id DESC LIMIT 1")
    assert ended == [('{"reason":"refresh_reuse"}',)]

    async def always(*_: object) -> bool:
        return True

    monkeypatch.setattr(refresh_tokens, "_spent", always)
    assert (await reused_later(world, accounts))[0] == [200, 200], "the proof sees a token that is not used up"


async def test_two_at_once_with_one_refresh_token_are_one_use_and_its_repetition(
    world: World, accounts: Accounts
) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    statuses = await asyncio.gather(*(refreshed(world, token) for _ in range(4)))
    assert sorted(statuses) == [200, 200, 401, 401]


async def test_a_session_ends_after_eight_idle_hours(world: World, accounts: Accounts) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    with at(hours=7, minutes=59):
        answer = await world.client.post("/v1/sessions/refresh", json={"refresh_token": token})
        assert answer.status_code == 200
    with at(hours=16):
        assert await refreshed(world, answer.json()["refresh_token"]) == 401


async def test_a_session_ends_after_twelve_hours_however_busy(world: World, accounts: Accounts) -> None:
    token = (await accounts.signed_in(await accounts.ward_officer()))["refresh_token"]
    for hours in (6, 11.9):
        with at(hours=hours):
            token = (await world.client.post("/v1/sessions/refresh", json={"refresh_token": token})).json()[
                "refresh_token"
            ]
    with at(hours=12, minutes=1):
        assert await refreshed(world, token) == 401


async def test_signing_out_ends_the_tokens_within_a_second(world: World, accounts: Accounts) -> None:
    signed_in = await accounts.signed_in(await accounts.ward_officer())
    headers = bearer(signed_in)
    assert (await world.client.delete("/v1/sessions/current", headers=headers)).status_code == 204
    await asyncio.sleep(1.02)
    assert (await world.client.get("/v1/me", headers=headers)).status_code == 401
    assert await refreshed(world, signed_in["refresh_token"]) == 401


async def test_people_see_and_end_their_own_sessions_and_no_others(world: World, accounts: Accounts) -> None:
    person, stranger = await accounts.ward_officer(), await accounts.ward_officer()
    here, there = await accounts.signed_in(person), await accounts.signed_in(person)
    other = await accounts.signed_in(stranger)
    listed = (await world.client.get("/v1/sessions", headers=bearer(here))).json()["results"]
    assert [row["is_current"] for row in listed] == [False, True]
    others = (await world.client.get("/v1/sessions", headers=bearer(other))).json()["results"]
    assert len(others) == 1
    path = f"/v1/sessions/{listed[0]['id']}"
    foreign = await world.client.delete(path, headers=bearer(other))
    missing = await world.client.delete(f"/v1/sessions/{person.id}", headers=bearer(other))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json()["detail"] == missing.json()["detail"]
    assert (await world.client.delete(path, headers=bearer(here))).status_code == 204
    accounts.forget_principals()
    assert (await world.client.get("/v1/me", headers=bearer(there))).status_code == 401
    assert (await world.client.get("/v1/me", headers=bearer(here))).status_code == 200


async def test_a_password_changed_while_signing_in_starts_no_session(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await accounts.ward_officer()
    loop = asyncio.get_running_loop()
    verify = passwords.HASHER.verify

    def meanwhile(password: str, kept: str) -> bool:
        found = verify(password, kept)
        asyncio.run_coroutine_threadsafe(_new_hash(accounts, person), loop).result(5)
        return found

    monkeypatch.setattr(passwords.HASHER, "verify", meanwhile)
    assert (await accounts.desk().post("/v1/sessions", json=person.body())).status_code == 401


_HOLD_NOTHING = change(
    update(UserAccount)
    .where(col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True))
    .values(updated_at=col(UserAccount.updated_at))
)
_REPLACE = change(
    update(UserAccount)
    .where(col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True))
    .values(password_hash=bindparam("new_password_hash", required=True))
)


async def _new_hash(accounts: Accounts, person: Person) -> None:
    database = accounts.world.database
    scope = scope_of(accounts.world.operator, database.dialect)
    session, transaction = await database.begin(scope, write=True, door=True)
    try:
        assert await session.run(_REPLACE, row_id=person.id, new_password_hash=passwords.NO_PASSWORD) == 1
        await transaction.commit()
    finally:
        transaction.release()


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
