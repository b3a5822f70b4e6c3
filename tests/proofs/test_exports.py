"""Promise 10 (reliability): CSV and NDJSON hold what the JSON of the same caller holds, and nothing a spreadsheet runs.

Text that begins like a formula, in every field of text of every list, leaves no cell that a spreadsheet would take for
one; cp932 fails before the first byte where it cannot hold a character; every export leaves one audit row.
"""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from api import exports
from api.contract import operations_of
from api.operations import Operation
from domain.access import ROLE_PERMISSIONS, Role
from domain.clock import today
from tests.proofs.estates import Estate, Filling, callers_at
from tests.world import World

TRIGGERS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
FORMULA = "{}cmd|' /C calc'!A0"
WARD, MANAGER, STAFF, OFFICE, OPERATOR = "ward_staff", "centre_manager", "centre_staff", "office_user", "operator"


def texts(names: str, most: int = 20) -> dict[str, str]:
    """Give a formula for each name, every trigger in turn."""
    return {name: FORMULA.format(TRIGGERS[i % len(TRIGGERS)])[:most] for i, name in enumerate(names.split())}


async def poisoned_estate(world: World) -> Estate:
    """Make an estate and enter, in every list, rows whose texts all begin like formulas."""
    municipality = await world.municipality(**texts("name name_kana region_grade"))
    centre = await world.centre(
        municipality, **texts("name name_kana nickname operator_name address telephone fax mail")
    )
    office = await world.office(
        municipality, **texts("name name_kana corporation_name address telephone fax contact_24h_note")
    )
    estate = Estate(municipality, centre, office)
    await callers_at(world, estate)
    filling = Filling(world, estate)
    await filling.fill()
    day = today().isoformat()
    for trigger in TRIGGERS:
        said = {name: FORMULA.format(trigger) for name in ("title", "location", "internal_note")}
        shared = {"centre_id": centre, "municipality_id": municipality, "held_on": day, **said}
        visit = {
            **shared,
            "office_id": office,
            **{n: FORMULA.format(trigger) for n in ("findings", "message", "next_action")},
        }
        await filling.sent(
            "POST", "/v1/office_visits", STAFF, {**visit, "external_source": trigger, "external_id": trigger}
        )
        await filling.sent("POST", "/v1/activities", STAFF, {**shared, "kind": "meeting"})
        await filling.sent(
            "POST", "/v1/supervision_sessions", STAFF, {**shared, "session_type": "group", "summary": trigger}
        )
        course = {**shared, "category": "workforce_development", "theme": FORMULA.format(trigger)}
        await filling.sent("POST", "/v1/training_events", STAFF, {**course, "description": FORMULA.format(trigger)})
        person = {"office_id": office, "employment": "full_time", **texts("name name_kana post")}
        await filling.sent("POST", "/v1/people", WARD, {**person, "name": FORMULA.format(trigger)})
    programme = {
        "centre_id": centre,
        "title": FORMULA.format("="),
        "source": "@x",
        "note": "-x",
        "valid_from_fiscal_year": 2032,
    }
    await filling.sent("POST", "/v1/work_programmes", MANAGER, programme)
    return estate


def lists_of(world: World) -> list[Operation]:
    return [r for r in operations_of(world.app) if r.listed and not r.path.endswith((".csv", ".ndjson", ".ics"))]


def is_formula(text: str) -> bool:
    return text.startswith((*TRIGGERS, "\t", "\r", "\n"))


async def whole_list(world: World, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor = ""
    while True:
        answer = await world.client.get(f"{path}?limit=200{cursor}", headers=headers)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["results"]
        if page["resultset"]["next_cursor"] is None or len(rows) > 2000:
            return rows
        cursor = f"&cursor={page['resultset']['next_cursor']}"


def numbers_only(text: str) -> bool:
    return text.lstrip("-").replace(".", "").isdigit()


async def test_no_cell_is_a_formula_and_every_format_holds_the_same_rows(world: World) -> None:
    estate = await poisoned_estate(world)
    poisoned = set()
    for route in lists_of(world):
        assert route.access
        assert route.access.permission
        for role in (WARD, STAFF, OFFICE):
            if route.access.permission not in ROLE_PERMISSIONS[Role(role)]:
                continue
            headers = estate.callers[role]
            rows = await whole_list(world, route.path, headers)
            lines = await world.client.get(f"{route.path}.ndjson", headers=headers)
            assert [json.loads(line) for line in lines.text.splitlines()] == rows, (route.path, role)
            sheet = await world.client.get(f"{route.path}.csv", headers=headers)
            assert sheet.status_code == 200, sheet.text
            assert sheet.content.startswith(b"\xef\xbb\xbf")
            head, *cells = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))
            assert len(cells) == len(rows)
            if rows:
                assert set(head) == set(rows[0]), (route.path, role)
            for line, row in zip(cells, rows, strict=True):
                named = dict(zip(head, line, strict=True))
                for name, value in row.items():
                    cell = named[name]
                    assert not is_formula(cell) or numbers_only(cell), (route.path, role, cell)
                    if isinstance(value, str) and is_formula(value):
                        assert cell == f"'{value}"
                        poisoned.add(route.path)
    assert len(poisoned) >= 8, poisoned


@pytest.mark.parametrize("trigger", ["\t", "\r", "\n", "\t=1+1"])
def test_control_characters_that_the_guard_keeps_out_would_not_pass_either(trigger: str) -> None:
    assert exports.cell(trigger + "x").startswith("'")
    assert exports.cell([trigger + "x"]).startswith("'")


async def test_without_the_apostrophe_formulas_come_through(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    estate = await poisoned_estate(world)
    monkeypatch.setattr(exports, "_FORMULA", ("nothing",))
    sheet = await world.client.get("/v1/office_visits.csv", headers=estate.callers[STAFF])
    cells = [cell for line in csv.reader(io.StringIO(sheet.text)) for cell in line]
    assert sum(is_formula(cell) for cell in cells) > 10


async def test_cp932_fails_before_the_first_byte(world: World) -> None:
    estate = await poisoned_estate(world)
    staff = estate.callers[STAFF]
    holds = await world.client.get("/v1/people.csv?charset=cp932", headers=staff)
    assert holds.status_code == 200, holds.text
    assert "Shift_JIS" in holds.headers["content-type"]
    assert "相談 花子" in holds.content.decode("cp932")
    person = {"office_id": estate.office, "name": "神\U0002000b", "name_kana": "かみ", "employment": "full_time"}
    assert (await world.client.post("/v1/people", headers=staff, json=person)).status_code == 201
    lacks = await world.client.get("/v1/people.csv?charset=cp932", headers=staff)
    assert lacks.status_code == 422
    assert lacks.headers["content-type"] == "application/problem+json"
    assert "U+" in lacks.json()["errors"][0]["detail"]
    assert "\U0002000b" not in lacks.text


async def test_every_export_leaves_one_audit_row(world: World, exports_of: Callable[[str], int]) -> None:
    estate = await poisoned_estate(world)
    user = estate.users[WARD]
    assert exports_of(user) == 0
    paths = [
        route.path
        for route in lists_of(world)
        if route.access and route.access.permission in ROLE_PERMISSIONS[Role.WARD_STAFF]
    ]
    for path in paths:
        for suffix in (".csv", ".ndjson"):
            assert (await world.client.get(path + suffix, headers=estate.callers[WARD])).status_code == 200
    assert exports_of(user) == 2 * len(paths)
    calendars = [route.path for route in lists_of(world) if route.listed and route.listed.is_calendar]
    for path in calendars:
        assert (await world.client.get(f"{path}.ics", headers=estate.callers[WARD])).status_code == 200
    closed = f"/v1/centres/{estate.centre}/calendar.ics?from=2026-04-01&to=2027-03-31"
    assert (await world.client.get(closed, headers=estate.callers[WARD])).status_code == 200
    assert exports_of(user) == 2 * len(paths) + len(calendars) + 1
