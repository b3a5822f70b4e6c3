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


async def test_a_sync_takes_neither_an_order_nor_a_cursor_of_a_page(world: World, town: Town) -> None:
    await world.office(town.code, "別の相談室")
    cursor = (await asked(world, "/v1/offices?limit=1", town.ward)).headers["x-next-cursor"]
    for suffix in ("", ".csv", ".ndjson"):
        for more in ("sort=id", f"cursor={cursor}", f"cursor={cursor}&sort=id"):
            answer = await world.client.get(f"/v1/offices{suffix}?changed_after=start&{more}", headers=town.ward)
            names = sorted(part.partition("=")[0] for part in more.split("&"))
            told = sorted((fault["parameter"], fault["code"]) for fault in answer.json()["errors"])
            assert (answer.status_code, told) == (422, [(name, "not_combinable") for name in names])
    await asked(world, "/v1/offices?changed_after=start&limit=1&count=true&fields=id&include_deleted=true", town.ward)


async def test_counts_take_a_cursor_with_an_explanation_only(world: World, town: Town) -> None:
    for query, status in (("cursor=x", 422), ("cursor=x&explain=false", 422), ("explain=true", 200)):
        answer = await world.client.get(f"/v1/activity_counts?fiscal_year=2026&{query}", headers=town.ward)
        assert answer.status_code == status, answer.text
        if status == 422:
            (fault,) = answer.json()["errors"]
            assert (fault["parameter"], fault["code"]) == ("cursor", "not_combinable")
