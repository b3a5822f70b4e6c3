"""A municipality with its people, for tests of who administers whom."""

from typing import Any

from domain.access import Role
from tests.accounts import Accounts, Person
from tests.world import World


def body(role: str, login: str, **place: str) -> dict[str, Any]:
    return {"login": login, "name": "新規 太郎", "assignment": {"role": role, **place}}


async def own_id(world: World, headers: dict[str, str]) -> str:
    return str((await world.client.get("/v1/me", headers=headers)).json()["user"]["id"])


class Town:
    """A municipality with a covering centre, an office, and one person in each role."""

    def __init__(self, world: World, accounts: Accounts) -> None:
        self.world, self.accounts = world, accounts

    async def build(self) -> "Town":
        world, person = self.world, self.accounts.person
        self.code = await world.municipality()
        self.centre = await world.centre(self.code)
        self.office = await world.office(self.code)
        self.ward = await world.sign_in(Role.WARD_STAFF, municipality_id=self.code)
        self.manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=self.centre)
        self.people: dict[Role, Person] = {
            Role.WARD_STAFF: await person((Role.WARD_STAFF, {"municipality_id": self.code})),
            Role.CENTRE_MANAGER: await person((Role.CENTRE_MANAGER, {"centre_id": self.centre})),
            Role.CENTRE_STAFF: await person((Role.CENTRE_STAFF, {"centre_id": self.centre})),
            Role.OFFICE_USER: await person(
                (Role.OFFICE_USER, {"municipality_id": self.code, "office_id": self.office})
            ),
        }
        return self

    def place(self, role: Role) -> dict[str, str]:
        return {
            Role.WARD_STAFF: {"municipality_id": self.code},
            Role.CENTRE_MANAGER: {"centre_id": self.centre},
            Role.CENTRE_STAFF: {"centre_id": self.centre},
            Role.OFFICE_USER: {"office_id": self.office},
        }.get(role, {})


async def listed(world: World, headers: dict[str, str], **query: str) -> dict[str, dict[str, Any]]:
    answer = await world.client.get("/v1/users", headers=headers, params={"limit": "200", **query})
    assert answer.status_code == 200, answer.text
    return {row["id"]: row for row in answer.json()["results"]}
