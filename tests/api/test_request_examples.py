"""Every example of a request in the contract is one that the service takes, sent as it stands by who may send it.

Only what belongs to a world is put in its place: ids, the municipality's code, logins, secrets and codes that are shown
once. Days that a clock set back would find in the future become today.
"""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pyotp
import pytest

from api.contract import operations_of
from api.contract.requests import REQUESTS
from api.contract.words import TYPICAL
from domain.access import Role
from tests.accounts import PASSWORD, Accounts, Person, basic, bearer
from tests.contract.declared import contract
from tests.proofs.asks import ASKS
from tests.proofs.estates import DAY, Estate, filled_estate
from tests.world import World, local_government_code

Headers = dict[str, str]
BY_WARD = {
    *("create_user", "change_user", "add_assignment", "create_client", "change_client", "change_municipality"),
    *("add_office", "add_offices", "upsert_office", "change_office", "import_office_register"),
    *("add_person", "add_people", "change_person", "return_work_plan", "approve_work_plan"),
}
BY_OPERATOR = {"add_municipality", "add_centre", "cover_municipality", "end_coverage"}
BY_STAFF = ("visit", "sheet", "session", "training_event", "activit")
BY_ITSELF = {
    *("sign_in_person", "refresh_session", "issue_token", "revoke_token", "introspect_token", "accept_invitation"),
    *("change_password", "start_totp", "confirm_totp", "remove_totp"),
}
"""Sent by a person or a program about the own account."""
LAST = ("adopt_work_plan", "submit_work_plan", "return_work_plan", "adopt_work_plan", "submit_work_plan",
        "approve_work_plan", "revise_target", "end_coverage")  # fmt: skip
"""What needs the state that an earlier one leaves, in that order, and what others would not survive."""


def sender(name: str) -> str:
    if name in BY_WARD:
        return "ward_staff"
    if name in BY_OPERATOR:
        return "operator"
    if name == "share_reflection_sheet":
        return "office_user"
    return "centre_staff" if any(part in name for part in BY_STAFF) else "centre_manager"


def bodies() -> dict[str, tuple[str, str, str, Any]]:
    """Give media type, method, path and example of each operation that takes a body, from the committed contract."""
    found = {}
    for path, methods in contract()["paths"].items():
        for method, operation in methods.items():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                found[operation["operationId"]] = (media_type, method.upper(), path, content["example"])
    return found


class Sending:
    """Sends the examples to one world."""

    def __init__(self, world: World, accounts: Accounts, estate: Estate) -> None:
        self.world, self.accounts, self.estate = world, accounts, estate
        self.matches = {route.name: route.matches_version for route in operations_of(world.app)}
        self.recorded = ""
        self.placed = {
            TYPICAL["office_id"]: estate.office,
            TYPICAL["centre_id"]: estate.centre,
            TYPICAL["municipality_id"]: estate.municipality,
            "suzuki@meguro": f"suzuki-{estate.municipality}",
        }

    def at_home(self, example: Any) -> Any:
        """Put this world's ids where the example has its own."""
        if isinstance(example, dict):
            told = {name: self.at_home(value) for name, value in example.items()}
            return told | ({"held_on": min(told["held_on"], DAY)} if "held_on" in told else {})
        if isinstance(example, list):
            return [self.at_home(value) for value in example]
        return self.placed.get(example, example) if isinstance(example, str) else example

    async def send(self, name: str) -> httpx.Response:
        media_type, method, path, example = bodies()[name]
        ask, body = ASKS[name], self.at_home(example)
        ids = dict(self.estate.ids)
        if name == "add_municipality":
            body["id"] = local_government_code("13")
        elif name == "cover_municipality":
            body["municipality_id"] = await self.world.municipality()
        elif name in ("change_user", "add_assignment"):
            person = await self.accounts.ward_officer(self.estate.municipality)
            ids["user"] = person.id
        elif name == "replace_work_programme":
            ids["programme"] = self.recorded
        for filled in (*(ids[thing] for thing in ask.ids), *(ask.fills or {}).values()):
            start, end = path.index("{"), path.index("}") + 1
            path = path[:start] + filled + path[end:]
        headers = self.estate.callers[sender(name)] | {"Content-Type": media_type}
        if self.matches[name] or name == "write_reflection_sheet":
            headers["If-Match"] = await self.version_at(path, headers)
        content = body if isinstance(body, str) else json.dumps(body)
        if ask.query is not None and name == "import_office_register":
            path += f"?municipality_id={self.estate.municipality}"
        answer = await self.world.client.request(method, path, headers=headers, content=content.encode())
        if name == "record_work_programme" and answer.is_success:
            self.recorded = answer.json()["id"]
        return answer

    async def version_at(self, path: str, headers: Headers) -> str:
        """Give the ETag of what is changed: of the nearest resource above whose tag is a version."""
        while True:
            answer = await self.world.client.get(path, headers={"Authorization": headers["Authorization"]})
            etag = answer.headers.get("etag", "")
            if answer.status_code == 200 and etag.strip('"').isdigit() and len(etag) < 10:
                return str(etag)
            path = path.rpartition("/")[0]
            assert path.count("/") > 1, "no version above"


async def test_every_example_about_the_work_is_taken(world: World, accounts: Accounts) -> None:
    sending = Sending(world, accounts, await filled_estate(world))
    others = [name for name in bodies() if name not in BY_ITSELF and name not in LAST]
    refused = []
    for name in (*others, *LAST):
        answer = await sending.send(name)
        if not answer.is_success:
            refused.append(f"{name}: {answer.status_code} {answer.text}")
    assert refused == [], "\n".join(refused)


async def test_every_example_about_the_own_account_is_taken(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    person = await accounts.ward_officer(own)
    client, (secret,) = await accounts.program("activity_counts:read", "work_plans:read", municipality_id=own)
    desk, program = accounts.desk(), basic(client["client_id"], secret)
    examples = bodies()
    known = {"login": person.login, "password": PASSWORD, "old_password": PASSWORD}

    async def taken(name: str, headers: Headers | None = None, **placed: str) -> httpx.Response:
        media_type, method, path, example = examples[name]
        body = example | {member: value for member, value in (known | placed).items() if member in example}
        sent = {"data": body} if "form" in media_type else {"json": body}
        answer = await desk.request(method, path, headers=headers or {}, **sent)
        assert answer.is_success, f"{name}: {answer.status_code} {answer.text}"
        return answer

    signed_in = (await taken("sign_in_person")).json()
    signed_in = (await taken("refresh_session", refresh_token=signed_in["refresh_token"])).json()
    me = bearer(signed_in)
    factor = (await taken("start_totp", me)).json()["secret"]
    await taken("confirm_totp", me, code=pyotp.TOTP(factor).now())
    await taken("remove_totp", me)
    await taken("change_password", me)
    for name in ("issue_token", "introspect_token", "revoke_token"):
        await taken(name, program)
    await taken("accept_invitation", token=await link_for(world, accounts, own))
    assert set(examples) == BY_ITSELF | (set(examples) & set(ASKS)), "an operation that nobody sends an example to"


async def link_for(world: World, accounts: Accounts, municipality: str) -> str:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=municipality)
    person: Person = await accounts.ward_officer(municipality)
    answer = await world.client.post(f"/v1/users/{person.id}/invitations", headers=ward)
    return str(answer.json()["token"])


def test_every_example_of_a_request_is_written_by_hand() -> None:
    assert set(bodies()) == set(REQUESTS)


SPOILT: dict[str, Callable[[dict[str, Any]], Any]] = {
    "create_user": lambda body: body["assignment"].pop("office_id"),
    "add_people": lambda body: body["rows"][1].pop("office_id"),
    "record_activity": lambda body: body.pop("held_on"),
    "record_work_programme": lambda body: body.update(valid_from_fiscal_year=1990.0),
}


@pytest.mark.parametrize("name", SPOILT)
async def test_an_example_that_the_service_refuses_would_be_told(
    world: World, accounts: Accounts, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoilt = json.loads(json.dumps(bodies()))
    SPOILT[name](spoilt[name][3])
    monkeypatch.setitem(globals(), "bodies", lambda: spoilt)
    sending = Sending(world, accounts, await filled_estate(world))
    assert (await sending.send(name)).status_code == 422
