"""What lists refuse of their parameters, each refusal named, and what they take."""

import pytest

from domain.access import Role
from tests.paging import asked, followed, lists_of
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


async def meetings_on(world: World, manager: dict[str, str], *days: str) -> None:
    for day in days:
        body = {"kind": "meeting", "title": "会議", "held_on": day}
        made = await world.client.post("/v1/activities", headers=manager, json=body)
        assert made.status_code == 201, made.text


DAYS = ("2024-04-01", "2025-03-31", "2025-05-10", "2025-06-01", "2025-08-31", "2026-01-15")
PERIODS = {
    "month=2025-05": ["2025-05-10"],
    "month=2025-05,2025-06": ["2025-05-10", "2025-06-01"],
    "month=2025-08,2025-05": ["2025-05-10", "2025-08-31"],
    "month=2025-05,2025-08,2026-01,2024-04": ["2024-04-01", "2025-05-10", "2025-08-31", "2026-01-15"],
    "month=2025-05,2025-05": ["2025-05-10"],
    "month=2025-05,2025-07": ["2025-05-10"],
    "fiscal_year=2024,2025": list(DAYS),
    "fiscal_year=2023,2025": ["2025-05-10", "2025-06-01", "2025-08-31", "2026-01-15"],
    "fiscal_year=2024&month=2025-03,2025-05": ["2025-03-31"],
}


async def test_several_months_and_years_are_asked_for_at_once(world: World, town: Town) -> None:
    await meetings_on(world, town.manager, *DAYS)
    for query, expected in PERIODS.items():
        for paged in ("", "&limit=1"):
            pages = await followed(world, f"/v1/activities?{query}&sort=held_on,id{paged}", town.manager)
            assert [row["held_on"] for page in pages for row in page.json()["results"]] == expected, query
        counted = await asked(world, f"/v1/activities?{query}&count=true&limit=1", town.manager)
        assert counted.json()["resultset"]["count"] == len(expected), query


async def test_plans_of_several_years_are_asked_for_at_once(world: World, town: Town) -> None:
    for query in ("fiscal_year=2025,2026", "fiscal_year=2026"):
        assert (await asked(world, f"/v1/work_plans?{query}", town.manager)).json()["results"] == []


NO_VALUES = {
    "/v1/activities?held_from=2026-04-02&held_to=2026-04-01": ("held_to", "ends_before_start", ""),
    "/v1/office_visits?follow_up_due_from=2026-04-02&follow_up_due_to=2026-04-01":
        ("follow_up_due_to", "ends_before_start", ""),
    "/v1/activities?fiscal_year=1989": ("fiscal_year", "not_a_year", "1990-2199"),
    "/v1/activities?fiscal_year=2026,2200": ("fiscal_year", "not_a_year", "1990-2199"),
    "/v1/work_plans?fiscal_year=99999": ("fiscal_year", "not_a_year", "1990-2199"),
    "/v1/activities?month=2026-05,": ("month", "not_a_month", "YYYY-MM"),
    "/v1/activities?month=" + ",".join(f"20{year}-05" for year in range(13, 26)): ("month", "too_many", "12"),
    "/v1/activities?municipality_id=abc": ("municipality_id", "not_a_municipality_code", "6"),
    "/v1/offices?municipality_id=131105,13110": ("municipality_id", "not_a_municipality_code", "6"),
    "/v1/people?municipality_id=%EF%BC%91%EF%BC%93%EF%BC%91%EF%BC%91%EF%BC%90%EF%BC%95":
        ("municipality_id", "not_a_municipality_code", "6"),
    "/v1/centres?municipality_id=x": ("municipality_id", "not_a_municipality_code", "6"),
    "/v1/municipalities?parent_code=x": ("parent_code", "not_a_municipality_code", "6"),
    "/v1/offices?fields=-id": ("fields", "field_unknown", "name_kana"),
    "/v1/offices?fields=id,id": ("fields", "repeated", ""),
    "/v1/offices.csv?charset=-cp932": ("charset", "charset_unknown", "utf-8, cp932"),
    "/v1/offices.csv?charset=utf-8,cp932": ("charset", "charset_unknown", "utf-8, cp932"),
    "/v1/activities?kind=tea": ("kind", "not_in_list", "office_visit"),
    "/v1/offices?enhanced_type=none,x": ("enhanced_type", "not_in_list", "none"),
}  # fmt: skip


@pytest.mark.parametrize("path", NO_VALUES)
async def test_what_no_row_can_have_is_refused_and_told(world: World, town: Town, path: str) -> None:
    answer = await world.client.get(path, headers=town.manager)
    (fault,) = answer.json()["errors"]
    parameter, code, told = NO_VALUES[path]
    assert (answer.status_code, fault["parameter"], fault["code"]) == (422, parameter, code)
    assert told in fault["detail"]


async def test_every_closed_list_of_codes_refuses_others_and_open_ones_take_any(world: World, town: Town) -> None:
    for path, route in lists_of(world.app).items():
        assert route.listed
        if path == "/v1/clients":
            continue
        for name, found in route.listed.listing.filters.items():
            if found.kind in ("codes", "has_any", "texts") and "municipality" not in name and name != "parent_code":
                answer = await world.client.get(f"{path}?{name}=no_such_code", headers=town.ward)
                assert answer.status_code == (422 if found.allowed else 200), (path, name)
            assert found.kind != "codes" or found.allowed, (path, name)
