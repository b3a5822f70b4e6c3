"""The places of the demo: seven municipalities, five centres, their offices, users and machine clients."""

import json
import secrets
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from domain.access import Reach, Role
from domain.accounts.passwords import hashed
from domain.credentials import Assignment, ClientSecret, MachineClient, UserAccount
from domain.database import Database, Session
from domain.demo.acting import OPERATOR, acting, as_actor, facts_of
from domain.kana_order import name_index
from domain.places.centre_records import index_of as centre_index
from domain.places.centres import Centre, CentreCoverage, CentreHours, CentreStaffing
from domain.places.municipalities import Municipality
from domain.places.office_records import index_of as office_index
from domain.places.offices import Office, OfficeDesignation, OfficeStrength
from domain.statements import insert_into
from domain.statements.columns import new_id

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "places.json").read_text(encoding="utf-8"))


@dataclass(slots=True)
class Loaded:
    """Ids by the keys of the facts, the day it is, and the credentials that are shown once."""

    today: date
    centres: dict[str, str] = field(default_factory=dict)
    covers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    opened_on: dict[str, date] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    office_places: dict[str, str] = field(default_factory=dict)
    users: list[dict[str, str]] = field(default_factory=list)
    clients: list[dict[str, Any]] = field(default_factory=list)
    people: dict[str, list[str]] = field(default_factory=dict)
    visits: dict[str, list[str]] = field(default_factory=dict)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def load_places(database: Database, loaded: Loaded) -> None:
    """Load municipalities, centres and offices."""

    async def provision(session: Session) -> None:
        for entry in FACTS["municipalities"]:
            await session.run(
                insert_into(Municipality),
                **facts_of(entry, "id", "kind", "parent_code", "prefecture", "name", "name_kana", "population",
                           "region_grade"),
                name_folded=name_index(entry["name"], entry["name_kana"], most=240),
                population_on=_day(entry.get("population_on")),
                free_text_policy="warn",
                labels={},
            )  # fmt: skip
        for entry in FACTS["centres"]:
            await _add_centre(session, entry, loaded)

    await as_actor(database, acting(Role.OPERATOR, OPERATOR), provision)
    codes = tuple(entry["id"] for entry in FACTS["municipalities"])

    async def register(session: Session) -> None:
        for entry in FACTS["offices"]:
            await _add_office(session, entry, loaded)

    await as_actor(database, acting(Role.WARD_STAFF, Reach(open_municipalities=codes)), register)


async def _add_centre(session: Session, entry: dict[str, Any], loaded: Loaded) -> None:
    centre_id, opened = new_id(), date.fromisoformat(entry["opened_on"])
    loaded.centres[entry["key"]] = centre_id
    loaded.covers[entry["key"]] = tuple(entry["covers"])
    loaded.opened_on[entry["key"]] = opened
    await session.run(
        insert_into(Centre),
        id=centre_id,
        opened_on=opened,
        internal_note=entry.get("note"),
        name_folded=centre_index(entry),
        **facts_of(entry, "name", "name_kana", "nickname", "operation_mode", "does_direct_support", "functions"),
    )
    for code in entry["covers"]:
        await session.run(insert_into(CentreCoverage), centre_id=centre_id, municipality_id=code, valid_from=opened)
    hours = entry["hours"]
    for weekday in hours["weekdays"]:
        await session.run(
            insert_into(CentreHours), centre_id=centre_id, weekday=weekday, **facts_of(hours, "opens_at", "closes_at")
        )
    for staff in entry["staffing"]:
        await session.run(insert_into(CentreStaffing), centre_id=centre_id, valid_from=opened, **staff)


async def _add_office(session: Session, entry: dict[str, Any], loaded: Loaded) -> None:
    office_id, code = new_id(), entry["municipality_id"]
    loaded.offices[entry["key"]] = office_id
    loaded.office_places[entry["key"]] = code
    await session.run(
        insert_into(Office),
        id=office_id,
        name_folded=office_index(entry),
        is_commissioned=entry.get("is_commissioned", False),
        is_core_office=entry.get("is_core_office", False),
        is_community_base=entry.get("is_community_base", False),
        enhanced_type=entry.get("enhanced_type", "none"),
        contact_24h=entry.get("contact_24h", "none"),
        internal_note="デモのために作った事業所です。" if entry.get("is_made_up") else entry.get("note"),
        **facts_of(entry, "municipality_id", "name", "name_kana", "contact_24h_note"),
    )
    owner = {"office_id": office_id, "municipality_id": code}
    for kind in entry["designations"]:
        await session.run(insert_into(OfficeDesignation), kind=kind, **owner)
    for strength, words in entry.get("strengths", ()):
        await session.run(insert_into(OfficeStrength), code=strength, note=words, **owner)


async def load_accounts(database: Database, loaded: Loaded) -> None:
    """Make the users and machine clients, with new passwords and secrets that are told once."""
    hashes = {entry["login"]: await _made(entry, loaded) for entry in FACTS["users"]}

    async def administer(session: Session) -> None:
        for entry in FACTS["users"]:
            user_id = new_id()
            await session.run(
                insert_into(UserAccount),
                id=user_id,
                login=entry["login"],
                name=entry["name"],
                password_hash=hashes[entry["login"]],
                is_active=True,
            )
            await session.run(
                insert_into(Assignment),
                user_id=user_id,
                role=entry["role"],
                municipality_id=entry.get("municipality_id"),
                centre_id=loaded.centres.get(entry.get("centre", "")),
                office_id=loaded.offices.get(entry.get("office", "")),
                is_active=True,
            )
        for entry in FACTS["clients"]:
            await _add_client(session, entry, loaded)

    await as_actor(database, acting(Role.OPERATOR, OPERATOR), administer, door=True)


async def _made(entry: dict[str, Any], loaded: Loaded) -> str:
    password = secrets.token_urlsafe(15)
    loaded.users.append(
        {"login": entry["login"], "password": password, "role": entry["role"], "place": _place_name(entry)}
    )
    return await hashed(password)


def _place_name(entry: dict[str, Any]) -> str:
    for kind, key in (("offices", "office"), ("centres", "centre")):
        if key in entry:
            return next(str(place["name"]) for place in FACTS[kind] if place["key"] == entry[key])
    if "municipality_id" in entry:
        return next(str(m["name"]) for m in FACTS["municipalities"] if m["id"] == entry["municipality_id"])
    return "全体"


async def _add_client(session: Session, entry: dict[str, Any], loaded: Loaded) -> None:
    row_id, secret = new_id(), secrets.token_urlsafe(32)
    await session.run(
        insert_into(MachineClient),
        id=row_id,
        client_id=entry["client_id"],
        name=entry["name"],
        municipality_id=entry.get("municipality_id"),
        centre_id=loaded.centres.get(entry.get("centre", "")),
        scopes=entry["scopes"],
        is_active=True,
    )
    await session.run(
        insert_into(ClientSecret), machine_client_id=row_id, secret_hash=sha256(secret.encode()).hexdigest()
    )
    loaded.clients.append(
        {
            "client_id": entry["client_id"],
            "client_secret": secret,
            "scopes": entry["scopes"],
            "place": _place_name(entry),
        }
    )
