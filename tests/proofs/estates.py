"""Estates: a municipality, a centre, an office and one of everything that hangs on them, entered through HTTP.

Four of them make the matrix: one's own; another office of the same centre; another centre of the same municipality;
another municipality. ``missing`` has the form of an estate and names nothing that exists.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.access import READ_ONLY_SCOPES, Permission, Role
from domain.clock import today
from domain.credentials import SignInSession
from domain.statements.columns import new_id
from tests.world import World, local_government_code

Headers = dict[str, str]
DAY = today().isoformat()
YEAR = today().year if today().month > 3 else today().year - 1
ITEM = {
    "section_number": 1, "section_title": "節", "code": "1-(1)", "title": "研修", "centre_role": "host",
    "frequency_text": "年2回以上",
}  # fmt: skip


@dataclass
class Estate:
    """One estate: ``ids`` by the name of the thing, ``callers`` by role."""

    municipality: str
    centre: str
    office: str
    ids: dict[str, str] = field(default_factory=dict)
    callers: dict[str, Headers] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)


def subject_of(headers: Headers) -> str:
    """Read whose token it is."""
    part = headers["Authorization"].split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["sub"])


async def callers_at(world: World, estate: Estate) -> None:
    """Sign everybody in who stands somewhere in an estate."""
    every_scope = tuple(permission.value for permission in Permission)
    place = {"municipality_id": estate.municipality, "office_id": estate.office}
    estate.callers = {
        "ward_staff": await world.sign_in(Role.WARD_STAFF, municipality_id=estate.municipality),
        "centre_manager": await world.sign_in(Role.CENTRE_MANAGER, centre_id=estate.centre),
        "centre_staff": await world.sign_in(Role.CENTRE_STAFF, centre_id=estate.centre),
        "office_user": await world.sign_in(Role.OFFICE_USER, **place),
        "integration": await world.program(*every_scope, centre_id=estate.centre),
        "operator": await world.sign_in(Role.OPERATOR),
        "without scope": await world.program(centre_id=estate.centre),
        "nobody": {},
    }
    estate.users = {role: subject_of(headers) for role, headers in estate.callers.items() if headers}


class Filling:
    """Fills one estate through HTTP, with its own callers."""

    def __init__(self, world: World, estate: Estate) -> None:
        self.world, self.estate = world, estate

    async def sent(self, method: str, path: str, role: str, body: Any = None, *, match: str | None = None) -> Any:
        headers = self.estate.callers[role] | ({"If-Match": match} if match else {})
        answer = await self.world.client.request(method, path, headers=headers, json=body)
        assert answer.status_code < 300, (method, path, role, answer.text)
        return answer.json() if answer.content else None

    async def fill(self) -> None:
        await self._ledger()
        await self._plans()
        await self._places()
        await self._accounts()

    async def _ledger(self) -> None:
        e = self.estate
        shared = {"centre_id": e.centre, "municipality_id": e.municipality, "held_on": DAY}
        linked = {**shared, "visibility": "offices_involved", "offices": [{"office_id": e.office}]}
        visit = {"centre_id": e.centre, "office_id": e.office, "held_on": DAY, "title": "訪問"}
        e.ids["visit"] = (await self.sent("POST", "/v1/office_visits", "centre_staff", visit))["id"]
        sheet = f"/v1/office_visits/{e.ids['visit']}/reflection_sheet"
        written = await self.sent("PUT", sheet, "centre_staff", {})
        tag = f'"{written["version"]}"'
        await self.sent("PUT", f"{sheet}/consent", "office_user", {"shared_with_ward": True}, match=tag)
        group = {**linked, "session_type": "group", "title": "SV"}
        e.ids["supervision"] = (await self.sent("POST", "/v1/supervision_sessions", "centre_staff", group))["id"]
        course = {**linked, "category": "workforce_development", "theme": "研修", "title": "研修"}
        e.ids["training"] = (await self.sent("POST", "/v1/training_events", "centre_staff", course))["id"]
        meeting = {**shared, "kind": "meeting", "title": "会議"}
        e.ids["activity"] = (await self.sent("POST", "/v1/activities", "centre_staff", meeting))["id"]

    async def _plans(self) -> None:
        e = self.estate
        known = await self.sent("GET", f"/v1/work_programmes?centre_id={e.centre}", "centre_manager")
        if not known["results"]:
            body = {"centre_id": e.centre, "title": "一覧", "valid_from_fiscal_year": 2024, "items": [ITEM]}
            await self.sent("POST", "/v1/work_programmes", "centre_manager", body)
            await self.sent("POST", "/v1/work_plans", "centre_manager", {"centre_id": e.centre, "fiscal_year": YEAR})
        for thing, path in (("programme", "/v1/work_programmes"), ("plan", "/v1/work_plans")):
            listed = await self.sent("GET", f"{path}?centre_id={e.centre}", "centre_manager")
            e.ids[thing] = listed["results"][0]["id"]
            items = await self.sent("GET", f"{path}/{e.ids[thing]}/items", "centre_manager")
            e.ids[f"{thing}_item"] = items["results"][0]["id"]

    async def _places(self) -> None:
        e = self.estate
        person = {"office_id": e.office, "name": "相談 花子", "name_kana": "そうだん はなこ", "employment": "full_time"}
        e.ids["person"] = (await self.sent("POST", "/v1/people", "ward_staff", person))["id"]
        e.ids |= {"office": e.office, "centre": e.centre, "municipality": e.municipality}
        covered = await self.sent("GET", f"/v1/centres/{e.centre}/coverage", "centre_manager")
        e.ids["coverage"] = covered["results"][0]["id"]
        staffing = {"employment": "full_time", "is_dedicated": True, "person_count": 2, "valid_from": "2026-04-01"}
        added = await self.sent("POST", f"/v1/centres/{e.centre}/staffing", "centre_manager", staffing)
        e.ids["staffing"] = added["id"]

    async def _accounts(self) -> None:
        e = self.estate
        account = {
            "login": f"q-{new_id()}",
            "name": "試験 太郎",
            "assignment": {"role": "office_user", "office_id": e.office},
        }
        made = await self.sent("POST", "/v1/users", "ward_staff", account)
        e.ids |= {"user": made["id"], "assignment": made["assignments"][0]["id"]}
        client = {"name": "連携", "scopes": [min(READ_ONLY_SCOPES)], "municipality_id": e.municipality}
        made = await self.sent("POST", "/v1/clients", "ward_staff", client)
        e.ids["client"] = made["id"]
        await self.fresh_secret()

    async def fresh_secret(self) -> None:
        """Give the estate's client a secret that may be revoked; the one before goes."""
        e = self.estate
        path = f"/v1/clients/{e.ids['client']}"
        while len(live := (await self.sent("GET", path, "ward_staff"))["secrets"]) > 1:
            await self.sent("DELETE", f"{path}/secrets/{live[0]['id']}", "ward_staff")
        await self.sent("POST", f"{path}/secrets", "ward_staff")
        e.ids["secret"] = (await self.sent("GET", path, "ward_staff"))["secrets"][-1]["id"]


async def second_session(world: World, user_id: str, assignment_of: Headers) -> str:
    """Give a user one more running session; give its id."""
    part = assignment_of["Authorization"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    now = datetime.now(UTC)
    row = await world.put(
        world.operator,
        SignInSession,
        user_id=user_id,
        assignment_id=claims["assignment_id"],
        last_used_at=now,
        expires_at=now + timedelta(hours=1),
    )
    return str(row["id"])


async def four_estates(world: World) -> dict[str, Estate]:
    """Make the estates of the matrix by relation, and ``missing``."""
    here, elsewhere = await world.municipality(), await world.municipality("よその市")
    mine, other = await world.centre(here), await world.centre(here, name="もう一つのセンター")
    far = await world.centre(elsewhere)
    made = {
        "own": Estate(here, mine, await world.office(here, "自分の相談室")),
        "office": Estate(here, mine, await world.office(here, "隣の相談室")),
        "centre": Estate(here, other, await world.office(here, "向こうの相談室")),
        "municipality": Estate(elsewhere, far, await world.office(elsewhere, "よその相談室")),
    }
    for estate in made.values():
        await callers_at(world, estate)
        await Filling(world, estate).fill()
    made["missing"] = Estate(local_government_code(), new_id(), new_id(), {name: new_id() for name in made["own"].ids})
    made["missing"].ids |= {
        "municipality": made["missing"].municipality,
        "centre": made["missing"].centre,
        "office": made["missing"].office,
    }
    return made


def masked(answer: httpx.Response, *estates: Estate) -> str:
    """Give an answer's text without its request id and without any id of the estates."""
    text = answer.text
    if answer.headers.get("content-type") == "application/problem+json":
        text = text.replace(answer.json()["request_id"], "")
    for estate in estates:
        for found in (*estate.ids.values(), estate.municipality, estate.centre, estate.office):
            text = text.replace(found, "…")
    return text


async def filled_estate(world: World) -> Estate:
    """Make one estate that has one of everything."""
    municipality = await world.municipality()
    estate = Estate(municipality, await world.centre(municipality), await world.office(municipality))
    await callers_at(world, estate)
    await Filling(world, estate).fill()
    return estate
