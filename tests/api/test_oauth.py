"""Tokens for programs, and the keys they are checked with, through HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from joserfc import jwt
from joserfc.jwk import KeySet

from api.tokens import LONGEST_LIFETIME_SECONDS
from domain.access import Role
from domain.accounts.oauth_grants import LIFETIME
from tests.accounts import Accounts, basic, bearer
from tests.world import World

GRANT = {"grant_type": "client_credentials"}


async def granted(accounts: Accounts, *scopes: str, municipality_id: str) -> tuple[dict[str, str], dict[str, Any]]:
    client, (secret,) = await accounts.program(*scopes, municipality_id=municipality_id)
    headers = basic(client["client_id"], secret)
    answer = await accounts.desk().post("/oauth/token", data=GRANT, headers=headers)
    assert answer.status_code == 200, answer.text
    return headers, answer.json()


async def test_a_program_gets_a_token_and_reads_with_it_what_its_scopes_say(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    client, (secret,) = await accounts.program("municipalities:read", "offices:read", municipality_id=own)
    answer = await accounts.desk().post(
        "/oauth/token",
        data={**GRANT, "scope": "municipalities:read", "audience": "ignored"},
        headers=basic(client["client_id"], secret),
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    token = answer.json()
    assert token.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 600, "municipalities:read")
    seen = await world.client.get("/v1/municipalities", headers=bearer(token))
    assert [row["id"] for row in seen.json()["results"]] == [own]
    assert (await world.client.get("/v1/offices", headers=bearer(token))).status_code in (403, 404)
    used = accounts.select(f"SELECT last_used_at FROM machine_client WHERE id = '{client['id']}'")
    assert used[0][0] is not None


def test_a_grant_lives_as_long_as_its_token() -> None:
    assert LIFETIME.total_seconds() == LONGEST_LIFETIME_SECONDS


async def test_without_a_scope_all_of_the_client_are_granted(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    _, token = await granted(accounts, "offices:read", "municipalities:read", municipality_id=own)
    assert token["scope"] == "municipalities:read offices:read"


async def test_who_cannot_be_authenticated_gets_one_answer(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    client, (secret,) = await accounts.program("offices:read", municipality_id=own)
    desk = accounts.desk()
    tries: list[dict[str, str]] = [
        {},
        basic(client["client_id"], "wrong"),
        basic(client["client_id"], ""),
        basic("nobody", secret),
        {"Authorization": f"Bearer {secret}"},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic"},
        basic("日本", "語"),
    ]
    answers = [await desk.post("/oauth/token", data=GRANT, headers=headers) for headers in tries]
    assert {a.status_code for a in answers} == {401}
    assert {a.headers["www-authenticate"] for a in answers} == {'Basic realm="kikan", charset="UTF-8"'}
    assert len({a.content for a in answers}) == 1
    assert answers[0].json()["error"] == "invalid_client"
    assert answers[0].content.isascii()
    assert accounts.trail(client["id"]) == ["oauth.refuse"] * 2
    in_body = await desk.post("/oauth/token", data={**GRANT, "client_id": client["client_id"], "client_secret": secret})
    assert in_body.status_code == 401, "only client_secret_basic"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({**GRANT, "scope": "offices:read offices:write"}, "invalid_scope"),
        ({**GRANT, "scope": "everything"}, "invalid_scope"),
    ],
)
async def test_a_wrong_request_is_refused_in_the_words_of_the_standard(
    world: World, accounts: Accounts, form: dict[str, str], error: str
) -> None:
    client, (secret,) = await accounts.program("offices:read", municipality_id=await world.municipality())
    headers = {**basic(client["client_id"], secret), "Content-Type": "application/x-www-form-urlencoded"}
    answer = await accounts.desk().post("/oauth/token", data=form, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_parameter_given_twice_is_refused(world: World, accounts: Accounts) -> None:
    client, (secret,) = await accounts.program("offices:read", municipality_id=await world.municipality())
    headers = {**basic(client["client_id"], secret), "Content-Type": "application/x-www-form-urlencoded"}
    body = b"grant_type=client_credentials&grant_type=client_credentials"
    answer = await accounts.desk().post("/oauth/token", content=body, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_what_the_guard_refuses_is_refused_in_the_words_of_the_standard(accounts: Accounts) -> None:
    desk = accounts.desk()
    plain = await desk.post("/oauth/token", content=b"a=b", headers={"Content-Type": "text/plain"})
    assert (plain.status_code, plain.json()["error"]) == (415, "invalid_request"), plain.text
    assert plain.headers["content-type"] == "application/json"
    assert plain.headers["cache-control"] == "no-store"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect"):
        answer = await desk.post(path, content=b"token=%FF", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text


async def test_both_of_two_live_secrets_are_good(world: World, accounts: Accounts) -> None:
    client, secrets = await accounts.program("offices:read", municipality_id=await world.municipality(), secrets=2)
    for secret in secrets:
        headers = basic(client["client_id"], secret)
        assert (await accounts.desk().post("/oauth/token", data=GRANT, headers=headers)).status_code == 200


async def test_tries_are_limited_by_client_and_by_address(world: World, accounts: Accounts) -> None:
    client, (secret,) = await accounts.program("offices:read", municipality_id=await world.municipality())
    wrong = basic(client["client_id"], "wrong")
    with time_machine.travel(datetime.now(UTC).replace(second=5) + timedelta(minutes=1), tick=True):
        answers = await asyncio.gather(
            *(accounts.desk().post("/oauth/token", data=GRANT, headers=wrong) for _ in range(32))
        )
        assert sorted(a.status_code for a in answers) == [401] * 30 + [429] * 2
        full = await accounts.desk().post("/oauth/token", data=GRANT, headers=basic(client["client_id"], secret))
        assert (full.status_code, full.json()["error"]) == (429, "temporarily_unavailable")
        assert 0 < int(full.headers["retry-after"]) <= 60
        desk = accounts.desk()
        statuses = [
            (await desk.post("/oauth/token", data=GRANT, headers=basic(f"guess-{n}", "x"))).status_code
            for n in range(31)
        ]
        assert statuses == [401] * 30 + [429]


async def test_programs_behind_one_address_ask_about_tokens_without_limiting_each_other(
    world: World, accounts: Accounts
) -> None:
    own = await world.municipality()
    desk = accounts.desk()
    with time_machine.travel(datetime.now(UTC).replace(second=5) + timedelta(minutes=1), tick=True):
        for _ in range(2):
            client, (secret,) = await accounts.program("offices:read", municipality_id=own)
            headers = basic(client["client_id"], secret)
            statuses = [
                (await desk.post(f"/oauth/{act}", data={"token": "x"}, headers=headers)).status_code
                for act in ("introspect", "revoke") * 16
            ]
            assert statuses == [200] * 30 + [429] * 2
        guesses = [
            (await desk.post("/oauth/introspect", data={"token": "x"}, headers=basic(f"guess-{n}", "x"))).status_code
            for n in range(31)
        ]
        assert guesses == [401] * 30 + [429], "who names no client that there is counts by address"


async def test_a_program_revokes_its_own_token_and_no_other(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    mine, token = await granted(accounts, "municipalities:read", municipality_id=own)
    other, others = await granted(accounts, "municipalities:read", municipality_id=own)
    desk = accounts.desk()
    refused = await desk.post("/oauth/revoke", data={"token": token["access_token"]}, headers=other)
    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")
    nameless = await desk.post("/oauth/revoke", data={"token": token["access_token"]})
    assert (nameless.status_code, nameless.json()["error"]) == (401, "invalid_client")
    assert (await world.client.get("/v1/municipalities", headers=bearer(token))).status_code == 200
    for _ in range(2):
        done = await desk.post(
            "/oauth/revoke", data={"token": token["access_token"], "token_type_hint": "x"}, headers=mine
        )
        assert (done.status_code, done.content) == (200, b"")
    garbage = await desk.post("/oauth/revoke", data={"token": "garbage"}, headers=mine)
    assert garbage.status_code == 200
    await asyncio.sleep(1.02)
    assert (await world.client.get("/v1/municipalities", headers=bearer(token))).status_code == 401
    assert (await world.client.get("/v1/municipalities", headers=bearer(others))).status_code == 200


@pytest.mark.parametrize("kind", ["refresh_token", "access_token"])
async def test_a_person_ends_the_own_session_by_its_token(world: World, accounts: Accounts, kind: str) -> None:
    person = await accounts.ward_officer()
    signed_in, other = await accounts.signed_in(person), await accounts.signed_in(person)
    desk = accounts.desk()
    for _ in range(2):
        assert (await desk.post("/oauth/revoke", data={"token": signed_in[kind]})).status_code == 200
    assert (await desk.post("/oauth/revoke", data={"token": "garbage"})).status_code == 200
    accounts.forget_principals()
    assert (await world.client.get("/v1/me", headers=bearer(signed_in))).status_code == 401
    assert (await world.client.get("/v1/me", headers=bearer(other))).status_code == 200


async def test_a_program_looks_into_its_own_tokens_only(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    mine, token = await granted(accounts, "municipalities:read", municipality_id=own)
    _, others = await granted(accounts, "municipalities:read", municipality_id=own)
    person = await accounts.signed_in(await accounts.ward_officer(own))
    desk = accounts.desk()

    async def told(text: str) -> dict[str, Any]:
        answer: httpx.Response = await desk.post("/oauth/introspect", data={"token": text}, headers=mine)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    live = await told(token["access_token"])
    assert live["active"] is True
    assert (live["scope"], live["token_type"]) == ("municipalities:read", "Bearer")
    for text in (others["access_token"], person["access_token"], person["refresh_token"], "garbage"):
        assert await told(text) == {"active": False}
    await desk.post("/oauth/revoke", data={"token": token["access_token"]}, headers=mine)
    assert await told(token["access_token"]) == {"active": False}
    nameless = await desk.post("/oauth/introspect", data={"token": token["access_token"]})
    assert nameless.status_code == 401


async def test_the_published_keys_check_our_tokens(world: World, accounts: Accounts) -> None:
    answer = await world.client.get("/.well-known/jwks.json")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert all(key.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"} for key in answer.json()["keys"])
    signed_in = await accounts.signed_in(await accounts.person((Role.OPERATOR, {})))
    read = jwt.decode(signed_in["access_token"], KeySet.import_key_set(answer.json()), algorithms=["ES256"])
    assert read.claims["place"] == "deployment"
    again = await world.client.get("/.well-known/jwks.json", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_a_refusal_says_in_one_line_what_is_wrong(world: World, accounts: Accounts) -> None:
    client, (secret,) = await accounts.program("offices:read", municipality_id=await world.municipality())
    desk, headers = accounts.desk(), basic(client["client_id"], secret)
    as_form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    told = {
        "grant_type: required": await desk.post("/oauth/token", headers=headers, data={"scope": "offices:read"}),
        "token: required": await desk.post("/oauth/introspect", headers=headers, data={"x": "y"}),
        "A field is given twice.": await desk.post("/oauth/revoke", headers=as_form, content=b"token=a&token=b"),
        "Control characters and characters that turn the direction are not allowed.": await desk.post(
            "/oauth/token", headers=as_form, content=b"grant_type=%00"
        ),
    }
    for text, answer in told.items():
        assert answer.status_code == 400, answer.text
        assert answer.json() == {"error": "invalid_request", "error_description": text}
        assert answer.headers["cache-control"] == "no-store"


async def test_what_is_not_there_is_told_to_clients_of_the_standard_in_its_words(accounts: Accounts) -> None:
    desk = accounts.desk()
    wrong_method = await desk.get("/oauth/token")
    assert (wrong_method.status_code, wrong_method.headers["allow"]) == (405, "OPTIONS, POST")
    missing = await desk.post("/oauth/tokens", data=GRANT)
    assert missing.status_code == 404
    for answer in (wrong_method, missing):
        assert answer.headers["content-type"] == "application/json"
        assert answer.json().keys() == {"error", "error_description"}
    assert (await desk.get("/oauthx")).headers["content-type"] == "application/problem+json"
