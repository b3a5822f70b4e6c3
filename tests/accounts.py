"""What tests of signing in and of accounts need: people with passwords, desks to sign in from, the audit trail."""

import base64
import itertools
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import httpx
import psycopg
import pyotp
import time_machine
from pwdlib.hashers.argon2 import Argon2Hasher

from api.app import guarded
from domain.access import Role
from domain.accounts.opaque_tokens import hash_of, new_token
from domain.credentials import Assignment, ClientSecret, MachineClient, UserAccount
from domain.settings import Settings
from domain.statements.columns import new_id
from tests.world import World

PASSWORD = "canary-nagai-aikotoba"
Held = tuple[Role, dict[str, str]]


@lru_cache
def hash_of_password() -> str:
    """A hash that says of itself that it is cheap, so that tests need not wait for each sign-in."""
    return Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)


@dataclass
class Person:
    id: str
    login: str
    assignments: list[str]
    totp: str | None = field(default=None, repr=False)

    def body(self, **more: Any) -> dict[str, Any]:
        return {"login": self.login, "password": PASSWORD, **more}


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


class Accounts:
    """People and programs of a world. Every desk has a network address of its own, so that no test limits another."""

    _addresses = itertools.count(int.from_bytes(os.urandom(3)))

    def __init__(self, world: World, settings: Settings, maintenance: str | None) -> None:
        self.world = world
        self._settings = settings
        self._maintenance = maintenance
        self._desks: list[httpx.AsyncClient] = []

    def desk(self, address: str | None = None) -> httpx.AsyncClient:
        number = next(self._addresses) % 2**24
        address = address or f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        transport = httpx.ASGITransport(app=guarded(self.world.app), client=(address, 50000))
        made = httpx.AsyncClient(transport=transport, base_url="http://kikan.test")
        self._desks.append(made)
        return made

    async def close(self) -> None:
        for desk in self._desks:
            await desk.aclose()

    async def person(self, *held: Held, has_password: bool = True, is_active: bool = True) -> Person:
        user = await self.world.put(
            self.world.operator,
            UserAccount,
            login=f"p-{new_id()}",
            name="試験 花子",
            is_active=is_active,
            password_hash=hash_of_password() if has_password else None,
        )
        assignments = [
            (
                await self.world.put(
                    self.world.operator,
                    Assignment,
                    user_id=user["id"],
                    role=role.value,
                    is_active=True,
                    **{"municipality_id": None, "centre_id": None, "office_id": None, **place},
                )
            )["id"]
            for role, place in held
        ]
        return Person(user["id"], user["login"], assignments)

    async def ward_officer(self, municipality_id: str | None = None) -> Person:
        code = municipality_id or await self.world.municipality()
        return await self.person((Role.WARD_STAFF, {"municipality_id": code}))

    async def program(self, *scopes: str, municipality_id: str, secrets: int = 1) -> tuple[dict[str, Any], list[str]]:
        client = await self.world.put(
            self.world.operator,
            MachineClient,
            client_id=f"c-{new_id()}",
            name="試験プログラム",
            municipality_id=municipality_id,
            scopes=list(scopes),
            is_active=True,
        )
        made = [new_token() for _ in range(secrets)]
        for secret in made:
            await self.world.put(
                self.world.operator, ClientSecret, machine_client_id=client["id"], secret_hash=hash_of(secret)
            )
        return client, made

    async def signed_in(self, person: Person, desk: httpx.AsyncClient | None = None, **more: Any) -> dict[str, Any]:
        answer = await (desk or self.desk()).post("/v1/sessions", json=person.body(**more))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    @property
    def maintenance_address(self) -> str:
        """The address of the role that keeps the database in order; on SQLite the same file."""
        return self._maintenance or self._settings.database_address()

    def forget_principals(self) -> None:
        """Ask every caller again at the next request, as happens by itself after one second."""
        self.world.app.state.doors.principals._known.clear()

    def select(self, sql: str) -> list[tuple[Any, ...]]:
        """Read past all walls, as nobody can through HTTP."""
        if self._maintenance is None:
            path = self._settings.database_address().removeprefix("sqlite:///")
            with sqlite3.connect(path) as connection:
                found = connection.execute(sql).fetchall()
            connection.close()
            return found
        with psycopg.connect(self._maintenance) as postgres:
            return postgres.execute(sql.encode()).fetchall()

    def trail(self, entity_id: str) -> list[str]:
        """Give the actions of the audit rows about a thing, in order."""
        assert "'" not in entity_id
        rows = self.select(f"SELECT action FROM audit_entry WHERE entity_id = '{entity_id}' ORDER BY id")
        return [row[0] for row in rows]

    def everything_written(self, tables: Sequence[str]) -> str:
        """Give whole tables as one text, to look for what must not be there."""
        return repr([self.select(f"SELECT * FROM {table}") for table in tables])


def bearer(signed_in: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {signed_in['access_token']}"}


def at(**later: float) -> Any:
    """Move the clock; it goes on from there."""
    return time_machine.travel(datetime.now(UTC) + timedelta(**later), tick=True)


async def enrolled(accounts: Accounts) -> Person:
    """A ward officer with a second factor."""
    person = await accounts.ward_officer()
    desk = accounts.desk()
    headers = bearer(await accounts.signed_in(person, desk))
    started = await desk.post("/v1/me/totp", headers=headers, json={"password": PASSWORD})
    assert started.status_code == 201, started.text
    person.totp = started.json()["secret"]
    with at(seconds=-60):
        code = pyotp.TOTP(person.totp).now()
        confirmed = await desk.put("/v1/me/totp", headers=headers, json={"code": code})
    assert confirmed.status_code == 204, confirmed.text
    return person
