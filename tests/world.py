"""A small world for tests: municipalities, centres, offices and callers, each test with its own.

Rows are put in through the product's own narrowed writes, by actors made for the purpose, so that both walls are up
while the tests prepare too. Tokens are real: signed by the application's keys, with session rows behind them.
"""

import itertools
import os
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from sqlmodel import SQLModel

from api.access import MACHINE_ASSIGNMENT
from domain.access import Actor, Place, PlaceKind, Reach, Role, permissions_of
from domain.credentials import Assignment, MachineClient, MachineGrant, SignInSession, UserAccount
from domain.database import Database, Session, scope_of
from domain.folding import folded
from domain.places.centres import Centre, CentreCoverage
from domain.places.municipalities import Municipality
from domain.places.offices import Office
from domain.statements import insert_into
from domain.statements.columns import new_id

_NUMBERS = itertools.count(int.from_bytes(os.urandom(2)))


def local_government_code(prefecture: str = "") -> str:
    """Make a code of 6 digits with a valid check digit, new for each call of this process.

    Without a prefecture it is of none of the 47, so that it never meets a code that a test writes down or asks for.
    """
    number = next(_NUMBERS)
    stem = f"{prefecture}{number % 1000:03d}" if prefecture else f"{48000 + number % 52000}"
    total = sum(int(digit) * weight for digit, weight in zip(stem, (6, 5, 4, 3, 2), strict=True))
    return stem + str((11 - total % 11) % 10)


def actor(role: Role, reach: Reach, *, place: Place | None = None) -> Actor:
    """Make an actor that exists nowhere but here."""
    return Actor(
        role=role,
        place=place or Place(PlaceKind.DEPLOYMENT),
        reach=reach,
        permissions=permissions_of(role, None),
        subject_id=new_id(),
        session_id=new_id(),
        assignment_id=new_id(),
    )


class World:
    """What one test lives in. ``client`` speaks HTTP to the application."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.app = app
        self.client = client
        self.database: Database = app.state.database
        self.operator = actor(Role.OPERATOR, Reach(everywhere=True))

    async def put(self, by: Actor, model: type[SQLModel], **values: Any) -> dict[str, Any]:
        """Store one row as ``by``; give its values with its id."""
        is_credential = str(model.__table__.info["owned"]) == "credentials"  # type: ignore[attr-defined]
        scope = scope_of(by, self.database.dialect)
        session, transaction = await self.database.begin(scope, write=True, door=is_credential)
        try:
            if "id" in model.model_fields:
                values.setdefault("id", new_id())
            await session.run(insert_into(model), **values)
            await transaction.commit()
        finally:
            transaction.release()
        return values

    async def session(self, by: Actor, *, write: bool = True) -> tuple[Session, Any]:
        """Begin a transaction as ``by``; the caller ends it."""
        return await self.database.begin(scope_of(by, self.database.dialect), write=write)

    async def municipality(self, name: str = "試験市", **more: Any) -> str:
        """Add a municipality; give its code."""
        row = await self.put(
            self.operator,
            Municipality,
            **{
                "id": local_government_code(),
                "kind": "city",
                "prefecture": "東京都",
                "name": name,
                "name_kana": "しけんし",
                "name_folded": folded(name),
                "free_text_policy": "warn",
                "labels": {},
                **more,
            },
        )
        return str(row["id"])

    async def centre(
        self, *municipalities: str, opened_on: date = date(2024, 4, 1), covered_from: date | None = None, **more: Any
    ) -> str:
        """Add a centre that covers the municipalities since it opened; give its id."""
        row = await self.put(
            self.operator,
            Centre,
            **{
                "name": "試験基幹相談支援センター",
                "name_kana": "しけんきかん",
                "name_folded": folded("試験基幹相談支援センター"),
                "operation_mode": "commissioned",
                "does_direct_support": False,
                "functions": [],
                "opened_on": opened_on,
                **more,
            },
        )
        for code in municipalities:
            await self.put(
                self.operator,
                CentreCoverage,
                centre_id=row["id"],
                municipality_id=code,
                valid_from=covered_from or opened_on,
            )
        return str(row["id"])

    async def office(self, municipality_id: str, name: str = "試験相談室", **more: Any) -> str:
        """Add an office of a municipality; give its id."""
        ward = actor(Role.WARD_STAFF, Reach(open_municipalities=(municipality_id,)))
        row = await self.put(
            ward,
            Office,
            **{
                "municipality_id": municipality_id,
                "name": name,
                "name_kana": "しけんそうだんしつ",
                "name_folded": folded(name),
                "is_commissioned": False,
                "is_core_office": False,
                "is_community_base": False,
                "enhanced_type": "none",
                "contact_24h": "none",
                **more,
            },
        )
        return str(row["id"])

    async def sign_in(
        self,
        role: Role,
        *,
        municipality_id: str | None = None,
        centre_id: str | None = None,
        office_id: str | None = None,
    ) -> dict[str, str]:
        """Add a user in one assignment with a running session; give the headers of its requests."""
        user = await self.put(self.operator, UserAccount, login=f"u-{new_id()}", name="試験利用者", is_active=True)
        held = await self.put(
            self.operator,
            Assignment,
            user_id=user["id"],
            role=role.value,
            municipality_id=municipality_id,
            centre_id=centre_id,
            office_id=office_id,
            is_active=True,
        )
        now = datetime.now(UTC)
        signed_in = await self.put(
            self.operator,
            SignInSession,
            user_id=user["id"],
            assignment_id=held["id"],
            last_used_at=now,
            expires_at=now + timedelta(hours=12),
        )
        kind, place = (
            (PlaceKind.OFFICE, office_id)
            if office_id
            else (PlaceKind.CENTRE, centre_id)
            if centre_id
            else (PlaceKind.MUNICIPALITY, municipality_id)
            if municipality_id
            else (PlaceKind.DEPLOYMENT, "")
        )
        return self._bearer(
            sub=user["id"],
            sid=signed_in["id"],
            client_id="kikan",
            assignment_id=held["id"],
            role=role.value,
            place=str(Place(kind, place or "")),
            scope="",
        )

    async def program(
        self, *scopes: str, municipality_id: str | None = None, centre_id: str | None = None
    ) -> dict[str, str]:
        """Add a machine client with a running grant; give the headers of its requests."""
        client = await self.put(
            self.operator,
            MachineClient,
            client_id=f"c-{new_id()}",
            name="試験プログラム",
            municipality_id=municipality_id,
            centre_id=centre_id,
            scopes=list(scopes),
            is_active=True,
        )
        now = datetime.now(UTC)
        grant = await self.put(
            self.operator,
            MachineGrant,
            machine_client_id=client["id"],
            issued_at=now,
            expires_at=now + timedelta(minutes=10),
        )
        place = (
            Place(PlaceKind.CENTRE, centre_id) if centre_id else Place(PlaceKind.MUNICIPALITY, municipality_id or "")
        )
        return self._bearer(
            sub=client["id"],
            sid=grant["id"],
            client_id=client["client_id"],
            assignment_id=MACHINE_ASSIGNMENT,
            role=Role.INTEGRATION.value,
            place=str(place),
            scope=" ".join(scopes),
        )

    def _bearer(self, **claims: str) -> dict[str, str]:
        token = self.app.state.tokens.sign(now=int(time.time()), ver=1, jti=new_id(), **claims)
        return {"Authorization": f"Bearer {token}"}
