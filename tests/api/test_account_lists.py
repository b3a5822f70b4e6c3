"""The lists of users and of machine clients as files: the filters, the sight and the trail of their pages, no secret."""

import csv
import io
import json
import re
from typing import Any

import pytest

from api import exports
from domain.access import Role
from domain.accounts import assignments, clients, users
from domain.accounts.opaque_tokens import hash_of
from domain.database import Session
from tests.accounts import Accounts
from tests.paging import Headers, asked, followed
from tests.towns import Town
from tests.world import World


async def twins(world: World, path: str, headers: Headers, query: str = "") -> list[dict[str, Any]]:
    """Give the rows of a list, having seen that its page, its lines and its sheet hold the same."""
    rows = [row for page in await followed(world, f"{path}?limit=2{query}", headers) for row in page.json()["results"]]
    lines = await asked(world, f"{path}.ndjson?limit=1{query}", headers)
    assert [json.loads(line) for line in lines.text.splitlines()] == rows
    sheet = await asked(world, f"{path}.csv?limit=1{query}", headers)
    assert f'filename="{path.rpartition("/")[2]}.csv"' in sheet.headers["content-disposition"]
    cells = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))
    assert [cell["id"] for cell in cells] == [row["id"] for row in rows]
    assert all(set(cell) == set(rows[0]) for cell in cells)
    by_accept = await world.client.get(f"{path}?limit=1{query}", headers={**headers, "Accept": "text/csv"})
    assert by_accept.content == sheet.content
    return rows


async def test_users_come_as_files_with_the_same_filters_and_the_same_sight(
    world: World, town: Town, other_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "STREAM_PAGE", 2)
    rows = {row["id"]: row for row in await twins(world, "/v1/users", town.ward)}
    seen = {role: person.id for role, person in town.people.items()}
    assert {seen[Role.WARD_STAFF], seen[Role.CENTRE_MANAGER], seen[Role.OFFICE_USER]} <= rows.keys()
    assert not {seen[Role.CENTRE_STAFF], *(person.id for person in other_town.people.values())} & rows.keys()
    assert rows[seen[Role.OFFICE_USER]]["assignments"][0]["place_label_ja"] == "試験相談室"
    for query, wanted in (
        ("&role=office_user", {seen[Role.OFFICE_USER]}),
        ("&role=office_user,centre_manager&sort=-login", {r for r, v in rows.items() if v["assignments"][0]["role"] in
                                                          ("office_user", "centre_manager")}),
        (f"&q={town.people[Role.WARD_STAFF].login.upper()}", {seen[Role.WARD_STAFF]}),
        ("&is_active=true", set(rows)),
        ("&sort=id", set(rows)),
    ):  # fmt: skip
        assert {row["id"] for row in await twins(world, "/v1/users", town.ward, query)} == wanted, query
    assert (await asked(world, "/v1/users.ndjson?is_active=false", town.ward)).text == ""


async def test_clients_come_as_files_with_the_same_filters_and_the_same_sight(
    world: World, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "STREAM_PAGE", 2)
    own, other = await world.municipality(), await world.municipality()
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    operator = await world.sign_in(Role.OPERATOR)
    made = [(await accounts.program("offices:read", municipality_id=own, secrets=2))[0]["id"] for _ in range(5)]
    (foreign, _) = await accounts.program("offices:read", municipality_id=other)
    rows = await twins(world, "/v1/clients", ward)
    assert {row["id"] for row in rows} == set(made)
    assert [len(row["secrets"]) for row in rows] == [2] * 5
    stopped = await world.client.patch(
        f"/v1/clients/{made[0]}", headers={**ward, "If-Match": '"1"'}, json={"is_active": False}
    )
    assert stopped.status_code == 200
    assert [row["id"] for row in await twins(world, "/v1/clients", ward, "&is_active=false")] == made[:1]
    of_both = await twins(world, "/v1/clients", operator, f"&municipality_id={own},{other}")
    assert {row["id"] for row in of_both} == {*made, foreign["id"]}
    assert (await asked(world, f"/v1/clients.ndjson?municipality_id={other}", ward)).text == ""


async def test_no_file_of_accounts_holds_a_secret(world: World, accounts: Accounts, town: Town) -> None:
    _, secrets = await accounts.program("offices:read", municipality_id=town.code, secrets=2)
    hashes = [row[0] for row in accounts.select("SELECT password_hash FROM user_account") if row[0]]
    assert hashes
    hidden = [*secrets, *map(hash_of, secrets), *hashes]
    written_down = accounts.everything_written(["client_secret", "user_account"])
    assert all(text in written_down for text in map(hash_of, secrets)), "the hashes are what is stored"
    for path in ("/v1/users", "/v1/clients"):
        for suffix in ("", ".csv", ".ndjson"):
            told = (await asked(world, path + suffix, town.ward)).text
            assert [text for text in hidden if text in told] == []
            assert not re.search(r"password_hash|secret_hash|totp_secret|client_secret", told)


async def test_every_file_of_accounts_leaves_one_audit_row(world: World, accounts: Accounts) -> None:
    officer = await accounts.ward_officer()
    token = (await accounts.signed_in(officer))["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    for path in ("/v1/users", "/v1/clients"):
        for suffix in ("", ".csv", ".ndjson"):
            await asked(world, f"{path}{suffix}?updated_since=2026-01-01T00:00:00Z", headers)
    sql = "SELECT action, after FROM audit_entry WHERE subject_id = '{}' AND action LIKE '%.export' ORDER BY id"
    told = [(action, json.loads(after)) for action, after in accounts.select(sql.format(officer.id))]
    assert told == [
        (f"{area}.export", {"format": kind, "filters": ["updated_since"]})
        for area in ("users", "clients")
        for kind in ("csv", "ndjson")
    ]


async def test_files_of_accounts_are_for_those_who_administer_them(world: World, town: Town) -> None:
    office_user = await world.sign_in(Role.OFFICE_USER, municipality_id=town.code, office_id=town.office)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=town.centre)
    refused = [("/v1/users", office_user), ("/v1/users", staff), ("/v1/clients", office_user)]
    refused += [("/v1/clients", staff), ("/v1/clients", town.manager)]
    for path, headers in refused:
        for suffix in ("", ".csv", ".ndjson"):
            answer = await world.client.get(path + suffix, headers=headers)
            assert answer.status_code == 403, (path, suffix)
            nobody = await world.client.get(path + suffix)
            assert nobody.status_code == 401


async def strangers_told(world: World, town: Town, other_town: Town, client_id: str) -> set[str]:
    """Name the files that tell a ward or a manager of another place's accounts."""
    strange = [person.id for person in other_town.people.values()] + [client_id]
    found = set()
    for path in ("/v1/users", "/v1/clients"):
        for headers in (town.ward, town.manager):
            for suffix in (".csv", ".ndjson"):
                answer = await world.client.get(path + suffix, headers=headers)
                if any(row_id in answer.text for row_id in strange):
                    found.add(path + suffix)
    return found


async def test_files_of_accounts_tell_nothing_of_another_place(
    world: World, accounts: Accounts, town: Town, other_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, _ = await accounts.program("offices:read", municipality_id=other_town.code)
    assert await strangers_told(world, town, other_town, client["id"]) == set()
    kept = assignments.sight_of

    def blind(session: Session) -> dict[str, Any]:
        return {**kept(session), "admin_municipality": other_town.code}

    for module in (assignments, users, clients):
        monkeypatch.setattr(module, "sight_of", blind)
    every = {f"{path}{suffix}" for path in ("/v1/users", "/v1/clients") for suffix in (".csv", ".ndjson")}
    assert await strangers_told(world, town, other_town, client["id"]) == every
