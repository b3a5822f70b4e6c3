"""One's own account through HTTP."""

import httpx
import pyotp
import pytest

from domain.access import READ_ONLY_SCOPES, ROLE_PERMISSIONS, Role
from tests.accounts import PASSWORD, Accounts, Person, at, bearer
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


async def test_a_second_factor_counts_from_its_first_code_and_is_removed_on_proof(accounts: Accounts) -> None:
    person, desk, headers = await begun(accounts)
    assert (await desk.put("/v1/me/totp", headers=headers, json={"code": "123456"})).status_code == 409
    assert (await desk.post("/v1/me/totp:remove", headers=headers, json={"password": PASSWORD})).status_code == 409
    started = await desk.post("/v1/me/totp", headers={**headers, "Idempotency-Key": "a"})
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
    assert (await desk.post("/v1/me/totp", headers=headers)).status_code == 409
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 401
    me = (await desk.get("/v1/me", headers=headers)).json()
    assert me["user"]["has_totp"] is True
    used = await desk.post("/v1/me/totp:remove", headers=headers, json={"code": right})
    assert used.status_code == 422, "a code is never good twice"
    for body in ({}, {"password": PASSWORD, "code": right}):
        assert (await desk.post("/v1/me/totp:remove", headers=headers, json=body)).status_code == 422
    with at(seconds=60):
        later = pyotp.TOTP(secret).now()
        removed = await desk.post("/v1/me/totp:remove", headers=headers, json={"code": later})
    assert removed.status_code == 204
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 201
    assert secret not in accounts.everything_written(["audit_entry", "idempotency_key"])
    trail = [a for a in accounts.trail(person.id) if a.startswith("me.")]
    assert trail == ["me.start_totp", "me.confirm_totp", "me.remove_totp"]


async def test_a_second_factor_is_removed_with_the_password_where_the_telephone_is_lost(accounts: Accounts) -> None:
    _, desk, headers = await begun(accounts)
    secret = (await desk.post("/v1/me/totp", headers=headers)).json()["secret"]
    await desk.put("/v1/me/totp", headers=headers, json={"code": pyotp.TOTP(secret).now()})
    wrong = await desk.post("/v1/me/totp:remove", headers=headers, json={"password": "something-else-12"})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/password")
    removed = await desk.post("/v1/me/totp:remove", headers=headers, json={"password": PASSWORD})
    assert removed.status_code == 204
