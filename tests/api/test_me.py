"""One's own account through HTTP."""

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import bindparam, update
from sqlmodel import col

from domain.access import READ_ONLY_SCOPES, ROLE_PERMISSIONS, Role
from domain.accounts import sign_in
from domain.accounts.secret_keys import SecretKeys
from domain.credentials import UserAccount
from domain.statements import change
from domain.statements.columns import Big, Id
from tests.accounts import PASSWORD, Accounts, Person, at, bearer, enrolled
from tests.world import World

NEW = "totemo-nagai-aikotoba"


async def begun(accounts: Accounts) -> tuple[Person, httpx.AsyncClient, dict[str, str]]:
    person = await accounts.ward_officer()
    desk = accounts.desk()
    return person, desk, bearer(await accounts.signed_in(person, desk))


async def test_a_person_reads_who_it_is_and_what_it_may(world: World, accounts: Accounts) -> None:
    own = await world.municipality("豊見城市")
    office = await world.office(own, "うみ相談室")
    person = await accounts.person(
        (Role.WARD_STAFF, {"municipality_id": own}), (Role.OFFICE_USER, {"municipality_id": own, "office_id": office})
    )
    signed_in = await accounts.signed_in(person, assignment_id=person.assignments[0])
    answer = await world.client.get("/v1/me", headers=bearer(signed_in))
    assert answer.status_code == 200, answer.text
    me = answer.json()
    assert me["user"] == {"id": person.id, "login": person.login, "name": "試験 花子", "has_totp": False}
    assert me["client"] is None
    assert me["assignment"]["place_label_ja"] == "豊見城市"
    assert [a["place_label_ja"] for a in me["assignments"]] == ["豊見城市", "うみ相談室"]
    assert me["permissions"] == sorted(p.value for p in ROLE_PERMISSIONS[Role.WARD_STAFF])
    again = await world.client.get("/v1/me", headers={**bearer(signed_in), "If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_program_reads_who_it_is(world: World) -> None:
    own = await world.municipality()
    headers = await world.program("offices:read", municipality_id=own)
    me = (await world.client.get("/v1/me", headers=headers)).json()
    assert me["user"] is None
    assert me["client"]["client_id"].startswith("c-")
    assert set(me["permissions"]) == {"offices:read", "me:read", "frequencies:parse"}
    assert "offices:read" in READ_ONLY_SCOPES
    changed = await world.client.put(
        "/v1/me/password", headers=headers, json={"old_password": "x", "new_password": NEW}
    )
    assert changed.status_code == 403


async def test_changing_the_password_ends_every_other_session(world: World, accounts: Accounts) -> None:
    person, desk, headers = await begun(accounts)
    other = await accounts.signed_in(person)
    body = {"old_password": PASSWORD, "new_password": NEW}
    answer = await desk.put("/v1/me/password", headers=headers, json=body)
    assert answer.status_code == 204, answer.text
    accounts.forget_principals()
    assert (await desk.get("/v1/me", headers=headers)).status_code == 200
    assert (await desk.get("/v1/me", headers=bearer(other))).status_code == 401
    ended = await desk.post("/v1/sessions/refresh", json={"refresh_token": other["refresh_token"]})
    assert ended.status_code == 401
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 401
    assert (await desk.post("/v1/sessions", json=person.body(password=NEW))).status_code == 201
    assert "me.change_password" in accounts.trail(person.id)
    assert NEW not in accounts.everything_written(["audit_entry", "user_account"])


@pytest.mark.parametrize(
    ("old", "new", "pointer", "code"),
    [
        ("something-else-12", NEW, "/old_password", "password_wrong"),
        (PASSWORD, "short", "/new_password", "password_too_short"),
        (PASSWORD, "password1234", "/new_password", "password_too_common"),
        (PASSWORD, PASSWORD, "/new_password", "password_unchanged"),
    ],
)
async def test_a_new_password_needs_the_old_one_and_some_strength(
    accounts: Accounts, old: str, new: str, pointer: str, code: str
) -> None:
    _, desk, headers = await begun(accounts)
    answer = await desk.put("/v1/me/password", headers=headers, json={"old_password": old, "new_password": new})
    assert answer.status_code == 422
    assert (answer.json()["errors"][0]["pointer"], answer.json()["code"]) == (pointer, code)


async def test_the_old_password_cannot_be_guessed_with_a_stolen_token(accounts: Accounts) -> None:
    person, desk, headers = await begun(accounts)
    body = {"old_password": "something-else-12", "new_password": NEW}
    statuses = [(await desk.put("/v1/me/password", headers=headers, json=body)).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]
    # The thief locks nobody out: signing in counts apart.
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 201


async def test_a_second_factor_is_removed_without_the_password_only_by_a_sign_in_with_it_just_made(
    accounts: Accounts,
) -> None:
    person, desk, headers = await begun(accounts)
    absent = await desk.delete("/v1/me/totp", headers=headers)
    assert (absent.status_code, absent.json()["code"]) == (409, "totp_absent")
    person = await enrolled(accounts)
    desk = accounts.desk()
    code = pyotp.TOTP(person.totp or "").now()
    signed_in = await accounts.signed_in(person, desk, totp=code)
    headers = bearer(signed_in)
    with at(minutes=5, seconds=10):
        refreshed = await desk.post("/v1/sessions/refresh", json={"refresh_token": signed_in["refresh_token"]})
        late = await desk.delete("/v1/me/totp", headers=bearer(refreshed.json()))
        assert (late.status_code, late.json()["code"]) == (403, "fresh_sign_in_required")
    assert (await desk.get("/v1/me", headers=headers)).json()["user"]["has_totp"] is True
    assert (await desk.delete("/v1/me/totp", headers=headers)).status_code == 204
    assert (await desk.get("/v1/me", headers=headers)).json()["user"]["has_totp"] is False
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 201
    assert accounts.trail(person.id)[-1] == "me.remove_totp"


async def test_a_session_older_than_the_second_factor_does_not_remove_it(accounts: Accounts) -> None:
    _, desk, headers = await begun(accounts)
    secret = (await desk.post("/v1/me/totp", headers=headers, json={"password": PASSWORD})).json()["secret"]
    assert (await desk.put("/v1/me/totp", headers=headers, json={"code": pyotp.TOTP(secret).now()})).status_code == 204
    refused = await desk.delete("/v1/me/totp", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "fresh_sign_in_required")


async def test_a_second_factor_counts_from_its_first_code_and_is_removed_on_proof(accounts: Accounts) -> None:
    person, desk, headers = await begun(accounts)
    proof = {"password": PASSWORD}
    assert (await desk.put("/v1/me/totp", headers=headers, json={"code": "123456"})).status_code == 409
    assert (await desk.post("/v1/me/totp:remove", headers=headers, json=proof)).status_code == 409
    started = await desk.post("/v1/me/totp", headers={**headers, "Idempotency-Key": "a"}, json=proof)
    assert started.headers["cache-control"] == "no-store"
    secret = started.json()["secret"]
    assert started.json()["otpauth_uri"].startswith("otpauth://totp/kikan:")
    assert f"secret={secret}" in started.json()["otpauth_uri"]
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 201, "not yet confirmed"
    right = pyotp.TOTP(secret).now()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    refused = await desk.put("/v1/me/totp", headers=headers, json={"code": wrong})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/code")
    assert (await desk.put("/v1/me/totp", headers=headers, json={"code": right})).status_code == 204
    assert (await desk.put("/v1/me/totp", headers=headers, json={"code": right})).status_code == 409
    assert (await desk.post("/v1/me/totp", headers=headers, json=proof)).status_code == 409
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 401
    me = (await desk.get("/v1/me", headers=headers)).json()
    assert me["user"]["has_totp"] is True
    for body in ({}, {"code": right}, {**proof, "code": right}):
        assert (await desk.post("/v1/me/totp:remove", headers=headers, json=body)).status_code == 422, body
    assert (await desk.post("/v1/me/totp:remove", headers=headers, json=proof)).status_code == 204
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 201
    assert secret not in accounts.everything_written(["audit_entry", "idempotency_key", "user_account"])
    trail = [a for a in accounts.trail(person.id) if a.startswith("me.")]
    assert trail == ["me.start_totp", "me.confirm_totp", "me.remove_totp"]


async def guesses(desk: httpx.AsyncClient, path: str, headers: dict[str, str], count: int) -> list[int]:
    body = {"password": "something-else-12"}
    return [(await desk.post(path, headers=headers, json=body)).status_code for _ in range(count)]


@pytest.mark.parametrize("path", ["/v1/me/totp", "/v1/me/totp:remove"])
async def test_a_stolen_token_alone_neither_enrols_nor_removes_a_second_factor(accounts: Accounts, path: str) -> None:
    person = await accounts.ward_officer() if path == "/v1/me/totp" else await enrolled(accounts)
    desk = accounts.desk()
    code = {} if person.totp is None else {"totp": pyotp.TOTP(person.totp).now()}
    headers = bearer(await accounts.signed_in(person, desk, **code))
    before = accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person.id}'")
    assert (await desk.post(path, headers=headers, json={})).status_code == 422
    wrong = await desk.post(path, headers=headers, json={"password": "something-else-12"})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["errors"][0]["pointer"]) == (
        422, "password_wrong", "/password"
    )  # fmt: skip
    assert await guesses(desk, path, headers, 5) == [422] * 4 + [429], "committed though each try is refused"
    full = await desk.post(path, headers=headers, json={"password": PASSWORD})
    assert full.status_code == 429, "even the right one has to wait now"
    assert accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person.id}'") == before
    assert accounts.trail(person.id).count("me.refuse_password") == 5


async def test_a_right_password_gives_its_try_back(accounts: Accounts) -> None:
    _, desk, headers = await begun(accounts)
    for _ in range(4):
        assert await guesses(desk, "/v1/me/totp", headers, 1) == [422]
        assert (await desk.post("/v1/me/totp", headers=headers, json={"password": PASSWORD})).status_code == 201
    assert await guesses(desk, "/v1/me/totp", headers, 2) == [422, 429]


def readings_of(stored: str) -> Iterator[bytes]:
    """Everything that a thief of the database reads out of a text without a key."""
    for part in (stored, *re.split(r"[.:$|]", stored)):
        yield part.encode()
        yield part[::-1].encode()
        for alphabet in (b"+/", b"-_"):
            with suppress(ValueError):
                yield base64.b64decode(part + "=" * (-len(part) % 4), altchars=alphabet)
        for decode in (bytes.fromhex, base64.b32decode, base64.a85decode, base64.b85decode):
            with suppress(ValueError):
                yield decode(part)


def reveals(stored: str, secret: str) -> bool:
    told = (secret.encode(), secret.lower().encode(), base64.b32decode(secret), base64.b32decode(secret).hex().encode())
    return any(form in reading for reading in readings_of(stored) for form in told)


async def stored_after_enrolment(accounts: Accounts) -> tuple[str, Person]:
    person = await enrolled(accounts)
    return accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person.id}'")[0][0], person


async def test_a_stolen_copy_of_the_database_gives_no_codes(
    world: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, person = await stored_after_enrolment(accounts)
    secret = person.totp or ""
    assert not reveals(stored, secret)
    keys: SecretKeys = world.app.state.secret_keys
    assert keys.opened(stored, person.id) == secret, "the service itself reads it"
    assert SecretKeys.from_text(SecretKeys.generate()).opened(stored, person.id) is None
    other = await accounts.ward_officer()
    assert keys.opened(stored, other.id) is None, "moved to another account it opens no more"
    # What was planted must be seen: stored in clear, encoded, or its raw bytes as hex behind a prefix.
    planted: list[Callable[[str], str]] = [
        str,
        lambda clear: base64.b64encode(clear.encode()).decode(),
        lambda clear: base64.urlsafe_b64encode(base64.b32decode(clear)).decode(),
        lambda clear: f"v1.{base64.b32decode(clear).hex()}",
    ]
    for form in planted:
        with monkeypatch.context() as defect:
            defect.setattr(SecretKeys, "sealed", lambda _self, clear, _owner, form=form: form(clear))
            begun_by, desk, headers = await begun(accounts)
            started = await desk.post("/v1/me/totp", headers=headers, json={"password": PASSWORD})
            assert started.status_code == 201, started.text
        found = accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{begun_by.id}'")[0][0]
        assert reveals(found, started.json()["secret"])


async def test_a_new_key_takes_over_as_people_sign_in(
    world: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = SecretKeys.generate(), SecretKeys.generate()
    monkeypatch.setitem(world.app.state._state, "secret_keys", SecretKeys.from_text(old))
    present, (_, absent) = await stored_after_enrolment(accounts), await stored_after_enrolment(accounts)
    stored, person = present
    monkeypatch.setitem(world.app.state._state, "secret_keys", SecretKeys.from_text(f"{new},{old}"))
    code = pyotp.TOTP(person.totp or "").now()
    await accounts.signed_in(person, totp=code)
    resealed = accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person.id}'")[0][0]
    assert resealed != stored
    only_new = SecretKeys.from_text(new)
    assert only_new.opened(resealed, person.id) == person.totp
    monkeypatch.setitem(world.app.state._state, "secret_keys", only_new)
    with at(seconds=60):
        await accounts.signed_in(person, totp=pyotp.TOTP(person.totp or "").now())
    again = accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person.id}'")[0][0]
    assert again == resealed, "nothing is sealed anew without need"
    # Who did not sign in while both keys were there is refused like anybody, and the audit says why.
    code = pyotp.TOTP(absent.totp or "").now()
    assert (await accounts.desk().post("/v1/sessions", json=absent.body(totp=code))).status_code == 401
    reasons = accounts.select(f"SELECT after FROM audit_entry WHERE entity_id = '{absent.id}' ORDER BY id DESC LIMIT 1")
    assert "unreadable_secret" in str(reasons[0][0])


_FORGETFUL = change(
    update(UserAccount)
    .where(col(UserAccount.id) == bindparam("row_id", type_=Id(), required=True))
    .values(
        totp_last_step=bindparam("step", type_=Big(), required=True),
        totp_secret=bindparam("new_totp_secret", required=True),
    )
)


async def factor_exchanged_during_a_sign_in(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> tuple[int, bool]:
    """Sign in with a code of the old app while a new one is enrolled; give the answer, and whether the new one stays."""
    person = await enrolled(accounts)
    desk = accounts.desk()
    headers = bearer(await accounts.signed_in(person, desk, totp=pyotp.TOTP(person.totp or "").now()))
    start_session = sign_in.start_session
    enrolment: list[str] = []

    async def late(*asked: Any, **more: Any) -> Any:
        proof = {"password": PASSWORD}
        assert (await desk.post("/v1/me/totp:remove", headers=headers, json=proof)).status_code == 204
        enrolment.append((await desk.post("/v1/me/totp", headers=headers, json=proof)).json()["secret"])
        earlier = pyotp.TOTP(enrolment[0]).at(datetime.now(UTC), counter_offset=-1)
        assert (await desk.put("/v1/me/totp", headers=headers, json={"code": earlier})).status_code == 204
        return await start_session(*asked, **more)

    with at(seconds=60), monkeypatch.context() as meanwhile:
        meanwhile.setattr(sign_in, "start_session", late)
        code = pyotp.TOTP(person.totp or "").now()
        answer = await accounts.desk().post("/v1/sessions", json=person.body(totp=code))
    keys: SecretKeys = accounts.world.app.state.secret_keys
    stored = accounts.select(f"SELECT totp_secret FROM user_account WHERE id = '{person.id}'")[0][0]
    return answer.status_code, keys.opened(stored, person.id) == enrolment[0]


async def test_a_code_of_the_old_app_signs_nobody_in_once_a_new_one_is_enrolled(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await factor_exchanged_during_a_sign_in(accounts, monkeypatch) == (401, True)
    monkeypatch.setattr(sign_in, "HOLD_CODE", _FORGETFUL)
    assert await factor_exchanged_during_a_sign_in(accounts, monkeypatch) == (201, False), "the proof sees it come back"
