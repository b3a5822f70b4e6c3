"""Signing in, through HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import time_machine
from sqlalchemy import bindparam, update
from sqlmodel import col

from domain.access import Role
from domain.accounts import passwords, sign_in
from domain.credentials import UserAccount
from domain.database import scope_of
from domain.statements import change
from domain.statements.columns import Id
from tests.accounts import PASSWORD, Accounts, Person, at, bearer, enrolled, hash_of_password
from tests.world import World


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


async def test_a_right_password_without_a_choice_is_no_failed_try(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    held = (Role.WARD_STAFF, {"municipality_id": own}), (Role.CENTRE_MANAGER, {"centre_id": await world.centre(own)})
    person = await accounts.person(*held)
    desk, stranger = accounts.desk(), await accounts.ward_officer(own)
    bodies = [person.body(), person.body(assignment_id=stranger.assignments[0])] * 4
    answers = [(await desk.post("/v1/sessions", json=body)).status_code for body in bodies]
    assert answers == [409, 422] * 4
    wrong = person.body(password="something-else-12")
    refused = [(await desk.post("/v1/sessions", json=wrong)).status_code for _ in range(6)]
    assert refused == [401] * 5 + [429], "wrong ones still add up"
    nobody = await accounts.person()
    assert {(await desk.post("/v1/sessions", json=nobody.body())).status_code for _ in range(7)} == {403}


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
