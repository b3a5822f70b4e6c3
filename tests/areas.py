"""What tests of the activity areas need: a municipality with everybody in it, people, the rollups past all walls."""

from dataclasses import dataclass
from typing import Any

from domain.access import Reach, Role
from domain.folding import folded
from domain.places.people import Person
from tests.accounts import Accounts
from tests.world import World, actor

Headers = dict[str, str]
MISSING = "00000000-0000-7000-8000-000000000000"


@dataclass
class Town:
    """A municipality with a centre, two offices and the callers of each role."""

    municipality: str
    centre: str
    office: str
    neighbour: str
    ward: Headers
    manager: Headers
    staff: Headers
    office_user: Headers
    neighbour_user: Headers

    def named(self, headers: Headers, version: int = 1) -> Headers:
        """Add the version that a change is about."""
        return {**headers, "If-Match": f'"{version}"'}


async def town_in(world: World) -> Town:
    """Make a municipality with everybody in it."""
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    office = await world.office(municipality)
    neighbour = await world.office(municipality, "隣の相談室")
    return Town(
        municipality,
        centre,
        office,
        neighbour,
        await world.sign_in(Role.WARD_STAFF, municipality_id=municipality),
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre),
        await world.sign_in(Role.CENTRE_STAFF, centre_id=centre),
        await world.sign_in(Role.OFFICE_USER, municipality_id=municipality, office_id=office),
        await world.sign_in(Role.OFFICE_USER, municipality_id=municipality, office_id=neighbour),
    )


async def person_in(world: World, town: Town, *, office: str | None) -> str:
    """Add a person of an office, or of the centre; give its id."""
    reach = Reach(own_centres=(town.centre,), open_municipalities=(town.municipality,))
    places = {"municipality_id": town.municipality, "office_id": office} if office else {"centre_id": town.centre}
    row = await world.put(
        actor(Role.CENTRE_STAFF, reach),
        Person,
        name="試験 職員",
        name_kana="しけんしょくいん",
        name_folded=folded("試験 職員"),
        employment="full_time",
        is_dedicated=True,
        is_chief_specialist=False,
        **places,
    )
    return str(row["id"])


def rollups_of(accounts: Accounts, centre: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Give what is counted for a centre: (kind, month) → held, participants, minutes."""
    rows = accounts.select(
        "SELECT kind, month, sum(held_count), sum(participant_count), sum(duration_minutes) FROM activity_rollup"
        f" WHERE centre_id = '{centre}' GROUP BY kind, month"
    )
    return {(row[0], str(row[1])): (row[2], row[3], row[4]) for row in rows}


async def refused_as_missing(world: World, caller: Headers, path: str, own: str) -> None:
    """Hold that a foreign id is answered in the very words of a missing one."""
    foreign = await world.client.get(path.format(id=own), headers=caller)
    absent = await world.client.get(path.format(id=MISSING), headers=caller)
    assert foreign.status_code == absent.status_code == 404

    def masked(answer: Any, named: str) -> str:
        return str(answer.text.replace(named, "").replace(answer.json()["request_id"], ""))

    assert masked(foreign, own) == masked(absent, MISSING)
