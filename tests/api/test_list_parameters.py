"""What lists refuse of their parameters, each refusal named, and what they take."""

import pytest

from domain.access import Role
from tests.paging import asked, lists_of
from tests.towns import Town
from tests.world import World


async def test_a_field_to_sort_by_is_named_once_in_whatever_direction(world: World, town: Town) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    for path, route in lists_of(world.app).items():
        assert route.listed
        headers = operator if path == "/v1/clients" else town.ward
        for name in route.listed.listing.sorts:
            for sort in (f"{name},-{name}", f"-{name},{name}", f"{name},{name}", f"-{name},-{name}"):
                for suffix in ("", ".csv", ".ndjson"):
                    answer = await world.client.get(f"{path}{suffix}?sort={sort}", headers=headers)
                    (fault,) = answer.json()["errors"]
                    told = (answer.status_code, fault["parameter"], fault["code"])
                    assert told == (422, "sort", "repeated"), (path, sort)


@pytest.mark.parametrize("sort", ["login", "-id,login", "id"])
async def test_no_sort_takes_members_away(world: World, town: Town, sort: str) -> None:
    plain = (await asked(world, "/v1/users", town.ward)).json()["results"]
    sorted_ones = (await asked(world, f"/v1/users?sort={sort}", town.ward)).json()["results"]
    assert [list(row) for row in plain] == [list(row) for row in sorted_ones]
