"""Invitations and resets through HTTP."""

import asyncio

import pyotp

from domain.access import Role
from tests.accounts import PASSWORD, Accounts, Person, at, bearer
from tests.towns import Town, body
from tests.world import World

NEW = "totemo-nagai-aikotoba"


async def test_an_invitation_gives_a_first_password_once(world: World, accounts: Accounts, town: Town) -> None:
    sent = body("office_user", f"invited-{town.code}", office_id=town.office)
    made = (await world.client.post("/v1/users", headers=town.ward, json=sent)).json()
    path = f"/v1/users/{made['id']}/invitations"
    older = await world.client.post(path, headers={**town.ward, "Idempotency-Key": f"i-{town.code}"})
    newer = await world.client.post(path, headers={**town.ward, "Idempotency-Key": f"i-{town.code}"})
    assert older.status_code == newer.status_code == 201
    assert newer.headers["cache-control"] == "no-store"
    assert newer.json()["purpose"] == "invite"
    assert older.json()["token"] != newer.json()["token"], "nothing secret is kept for replay"
    desk = accounts.desk()

    async def accept(token: str, password: str = NEW) -> tuple[int, str | None]:
        answer = await desk.post("/v1/invitations:accept", json={"token": token, "password": password})
        return answer.status_code, answer.json()["code"] if answer.status_code != 204 else None

    token = newer.json()["token"]
    assert await accept(older.json()["token"]) == (422, "invitation_void")
    assert await accept("unknown-token") == (422, "invitation_void")
    assert await accept(token, "password1234") == (422, "password_too_common")
    assert await accept(token, made["login"] + "-x") == (422, "password_holds_login")
    answers = await asyncio.gather(*(accept(token) for _ in range(3)))
    assert sorted(answers, key=str) == [(204, None), (422, "invitation_void"), (422, "invitation_void")]
    person = Person(made["id"], made["login"], [])
    assert (await accounts.signed_in(person, password=NEW))["assignment"]["role"] == "office_user"
    assert token not in accounts.everything_written(["invitation", "audit_entry", "idempotency_key"])
    assert accounts.trail(made["id"]) == ["users.create", "users.invite", "users.invite", "users.accept_invitation"]


async def test_an_invitation_is_void_after_three_days(world: World, accounts: Accounts, town: Town) -> None:
    person = town.people[Role.OFFICE_USER]
    token = (await world.client.post(f"/v1/users/{person.id}/invitations", headers=town.ward)).json()["token"]
    with at(hours=72, minutes=1):
        answer = await accounts.desk().post("/v1/invitations:accept", json={"token": token, "password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (422, "invitation_void")


async def test_a_reset_ends_sessions_and_the_second_factor(world: World, accounts: Accounts, town: Town) -> None:
    person = town.people[Role.OFFICE_USER]
    desk = accounts.desk()
    headers = bearer(await accounts.signed_in(person, desk))
    secret = (await desk.post("/v1/me/totp", headers=headers, json={"password": PASSWORD})).json()["secret"]
    await desk.put("/v1/me/totp", headers=headers, json={"code": pyotp.TOTP(secret).now()})
    made = (await world.client.post(f"/v1/users/{person.id}/invitations", headers=town.ward)).json()
    assert made["purpose"] == "reset"
    assert (await desk.get("/v1/me", headers=headers)).status_code == 200, "the link alone changes nothing"
    accepted = await desk.post("/v1/invitations:accept", json={"token": made["token"], "password": NEW})
    assert accepted.status_code == 204
    accounts.forget_principals()
    assert (await desk.get("/v1/me", headers=headers)).status_code == 401
    assert (await desk.post("/v1/sessions", json=person.body())).status_code == 401
    assert PASSWORD != NEW
    await accounts.signed_in(person, desk, password=NEW)
