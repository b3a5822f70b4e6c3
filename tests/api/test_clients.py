"""Machine clients and their secrets through HTTP."""

import asyncio
from typing import Any

import pytest

from domain.access import Role
from domain.accounts import clients
from domain.database import Session
from tests.accounts import Accounts, basic, bearer
from tests.world import World

GRANT = {"grant_type": "client_credentials"}


async def token_of(accounts: Accounts, client_id: str, secret: str) -> tuple[int, dict[str, Any]]:
    answer = await accounts.desk().post("/oauth/token", data=GRANT, headers=basic(client_id, secret))
    return answer.status_code, answer.json()


async def test_a_ward_makes_a_reading_client_whose_secret_is_shown_once(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {
        "name": "統計連携",
        "scopes": ["offices:read", "municipalities:read", "offices:read"],
        "municipality_id": own,
    }
    headers = {**ward, "Idempotency-Key": f"c-{own}"}
    answer = await world.client.post("/v1/clients", headers=headers, json=sent)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    secret = made.pop("client_secret")
    assert len(secret) == 43
    assert made["scopes"] == ["municipalities:read", "offices:read"]
    read = await world.client.get(answer.headers["location"], headers=ward)
    assert read.json() == made
    assert [row["id"] for row in (await world.client.get("/v1/clients", headers=ward)).json()["results"]] == [
        made["id"]
    ]
    again = await world.client.post("/v1/clients", headers=headers, json=sent)
    assert again.json()["id"] != made["id"], "nothing secret is kept for replay"
    written = accounts.everything_written(["client_secret", "audit_entry", "idempotency_key"])
    assert secret not in written
    status, token = await token_of(accounts, made["client_id"], secret)
    assert status == 200
    seen = await world.client.get("/v1/municipalities", headers=bearer(token))
    assert [row["id"] for row in seen.json()["results"]] == [own]
    assert accounts.trail(made["id"]) == ["clients.create"]


@pytest.mark.parametrize("scope", ["office_visits:write", "me:read", "offices:import"])
async def test_a_ward_gives_reading_scopes_only(world: World, scope: str) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {"name": "書込み", "scopes": ["offices:read", scope], "municipality_id": own}
    answer = await world.client.post("/v1/clients", headers=ward, json=sent)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_not_yours_to_give")


@pytest.mark.parametrize("scope", ["users:write", "clients:write", "municipalities:provision", "everything"])
async def test_no_program_has_a_scope_that_is_for_people(world: World, scope: str) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    sent = {"name": "何でも", "scopes": ["offices:read", scope], "municipality_id": await world.municipality()}
    answer = await world.client.post("/v1/clients", headers=operator, json=sent)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/scopes/1")


async def test_a_client_stands_in_exactly_one_place_of_its_makers(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    centre = await world.centre(own)
    ward, operator = await world.sign_in(Role.WARD_STAFF, municipality_id=own), await world.sign_in(Role.OPERATOR)
    sent = {"name": "連携", "scopes": ["offices:read"]}

    async def made(by: dict[str, str], **place: str) -> int:
        return (await world.client.post("/v1/clients", headers=by, json={**sent, **place})).status_code

    assert await made(ward, municipality_id=other) == 404
    assert await made(ward, centre_id=centre) == 404
    assert await made(operator) == 422
    assert await made(operator, municipality_id=own, centre_id=centre) == 422
    assert await made(operator, municipality_id="000000") == 404
    assert await made(operator, centre_id=centre) == 201
    assert await made(operator, municipality_id=other) == 201


@pytest.mark.parametrize("role", [Role.CENTRE_MANAGER, Role.CENTRE_STAFF])
async def test_a_centre_administers_no_clients(world: World, role: Role) -> None:
    headers = await world.sign_in(role, centre_id=await world.centre(await world.municipality()))
    assert (await world.client.get("/v1/clients", headers=headers)).status_code == 403
    sent = {"name": "連携", "scopes": ["offices:read"], "municipality_id": "131105"}
    assert (await world.client.post("/v1/clients", headers=headers, json=sent)).status_code == 403


async def leaks(world: World, headers: dict[str, str], client_id: str, secret_id: str) -> list[str]:
    """Try every route on a client of another municipality; give those that told it from none."""
    found = []
    missing = "0190aaaa-aaaa-7aaa-8aaa-aaaaaaaaaaaa"
    tries: list[tuple[str, str, dict[str, Any] | None]] = [
        ("GET", "/v1/clients/{id}", None),
        ("PATCH", "/v1/clients/{id}", {"is_active": False}),
        ("POST", "/v1/clients/{id}/secrets", None),
        ("DELETE", f"/v1/clients/{{id}}/secrets/{secret_id}", None),
    ]
    for method, path, sent in tries:
        answers = []
        for row_id in (client_id, missing):
            answer = await world.client.request(
                method,
                path.replace("{id}", row_id),
                headers={**headers, "If-Match": '"1"', "X-Request-Id": "same-request-id"},
                json=sent,
            )
            answers.append((answer.status_code, answer.text.replace(row_id, "…")))
        if answers[0] != answers[1] or answers[0][0] != 404:
            found.append(f"{method} {path}")
    listed = (await world.client.get("/v1/clients", headers=headers)).json()["results"]
    return found + ["GET /v1/clients"] * any(row["id"] == client_id for row in listed)


async def test_no_route_tells_another_municipalitys_client_from_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = await world.municipality(), await world.municipality()
    ward, stranger = [await world.sign_in(Role.WARD_STAFF, municipality_id=code) for code in (own, other)]
    sent = {"name": "連携", "scopes": ["offices:read"], "municipality_id": other}
    made = (await world.client.post("/v1/clients", headers=stranger, json=sent)).json()
    secret_id = made["secrets"][0]["id"]
    assert await leaks(world, ward, made["id"], secret_id) == []
    kept = clients.sight_of

    def blind(session: Session) -> dict[str, Any]:
        return {**kept(session), "admin_municipality": other}

    monkeypatch.setattr(clients, "sight_of", blind)
    assert len(await leaks(world, ward, made["id"], secret_id)) == 5


async def test_a_ward_gets_no_secret_of_a_client_that_may_more_than_it_could_allow(world: World) -> None:
    own = await world.municipality()
    ward, operator = await world.sign_in(Role.WARD_STAFF, municipality_id=own), await world.sign_in(Role.OPERATOR)
    sent = {"name": "記録連携", "scopes": ["office_visits:write"], "municipality_id": own}
    made = (await world.client.post("/v1/clients", headers=operator, json=sent)).json()
    path = f"/v1/clients/{made['id']}"
    assert (await world.client.get(path, headers=ward)).status_code == 200
    for answer in (
        await world.client.post(f"{path}/secrets", headers=ward),
        await world.client.patch(path, headers={**ward, "If-Match": '"1"'}, json={"scopes": ["offices:read"]}),
        await world.client.delete(f"{path}/secrets/{made['secrets'][0]['id']}", headers=ward),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "client_not_yours")
    assert (await world.client.post(f"{path}/secrets", headers=operator)).status_code == 201


async def test_a_secret_is_changed_over_without_a_gap(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {"name": "連携", "scopes": ["municipalities:read"], "municipality_id": own}
    made = (await world.client.post("/v1/clients", headers=ward, json=sent)).json()
    path = f"/v1/clients/{made['id']}/secrets"
    answers = await asyncio.gather(*(world.client.post(path, headers=ward) for _ in range(3)))
    assert sorted(a.status_code for a in answers) == [201, 409, 409], "two live secrets at most, also at once"
    second = next(a for a in answers if a.status_code == 201).json()
    for secret in (made["client_secret"], second["client_secret"]):
        assert (await token_of(accounts, made["client_id"], secret))[0] == 200
    _, running = await token_of(accounts, made["client_id"], made["client_secret"])
    first_id = made["secrets"][0]["id"]
    assert (await world.client.delete(f"{path}/{first_id}", headers=ward)).status_code == 204
    assert (await world.client.delete(f"{path}/{first_id}", headers=ward)).status_code == 404
    assert (await token_of(accounts, made["client_id"], made["client_secret"]))[0] == 401
    status, token = await token_of(accounts, made["client_id"], second["client_secret"])
    assert status == 200
    accounts.forget_principals()
    assert (await world.client.get("/v1/municipalities", headers=bearer(running))).status_code == 401
    assert (await world.client.get("/v1/municipalities", headers=bearer(token))).status_code == 200
    assert accounts.trail(made["id"]) == [
        "clients.create",
        "clients.add_secret",
        "clients.revoke_secret",
        "oauth.refuse",
    ]


async def test_a_changed_or_stopped_client_is_out_within_a_second(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {"name": "連携", "scopes": ["municipalities:read", "offices:read"], "municipality_id": own}
    made = (await world.client.post("/v1/clients", headers=ward, json=sent)).json()
    path = f"/v1/clients/{made['id']}"
    _, token = await token_of(accounts, made["client_id"], made["client_secret"])
    assert (await world.client.get("/v1/municipalities", headers=bearer(token))).status_code == 200
    assert (await world.client.patch(path, headers=ward, json={"name": "x"})).status_code == 428
    narrowed = await world.client.patch(path, headers={**ward, "If-Match": '"1"'}, json={"scopes": ["offices:read"]})
    assert narrowed.status_code == 200, narrowed.text
    assert narrowed.json()["scopes"] == ["offices:read"]
    await asyncio.sleep(1.02)
    assert (await world.client.get("/v1/municipalities", headers=bearer(token))).status_code == 401
    stale = await world.client.patch(path, headers={**ward, "If-Match": '"1"'}, json={"is_active": False})
    assert stale.status_code == 412
    tag = narrowed.headers["etag"]
    stopped = await world.client.patch(path, headers={**ward, "If-Match": tag}, json={"is_active": False})
    assert stopped.json()["is_active"] is False
    assert (await token_of(accounts, made["client_id"], made["client_secret"]))[0] == 401


async def test_clients_are_listed_page_by_page(world: World) -> None:
    own = await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    sent = {"name": "連携", "scopes": ["offices:read"], "municipality_id": own}
    made = {(await world.client.post("/v1/clients", headers=ward, json=sent)).json()["id"] for _ in range(3)}
    first = (await world.client.get("/v1/clients?limit=2", headers=ward)).json()
    cursor = first["resultset"]["next_cursor"]
    second = (await world.client.get(f"/v1/clients?limit=2&cursor={cursor}", headers=ward)).json()
    assert {row["id"] for row in first["results"] + second["results"]} == made
    assert second["resultset"]["next_cursor"] is None
    for query in ("limit=0", "limit=x", "cursor=!!", "name=x"):
        assert (await world.client.get(f"/v1/clients?{query}", headers=ward)).status_code == 422
