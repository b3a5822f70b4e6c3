"""Reflection sheets through HTTP, and both walls beneath them: only the visited office lets its ward read."""

from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, update
from sqlmodel import col, select

from domain.access import Actor, Reach, Role
from domain.activities import reflection_sheets as sheets
from domain.clock import today
from domain.drivers import ConstraintError
from domain.errors import NotFoundError
from domain.statements import Write, as_it_is, within_reach
from domain.statements.columns import Id
from domain.statements.reach import narrowing
from tests.accounts import Accounts
from tests.areas import MISSING, Town, refused_as_missing, town_in
from tests.world import World, actor

SIX = [
    "empowerment_advocacy", "whole_life", "team_support", "needs_based", "neutrality_fairness", "quality_of_life",
]  # fmt: skip
BODY: dict[str, Any] = {
    "is_simplified": True,
    "note": "全体のメモ",
    "lines": [
        {"viewpoint": "quality_of_life", "strengths": "暮らしを聴く", "note": None},
        {"viewpoint": "whole_life", "strengths": "家族も見る", "note": "連携先"},
    ],
}
CONSENT = {"shared_with_ward": True}


async def visit_in(world: World, town: Town) -> str:
    body = {"office_id": town.office, "held_on": today().isoformat()}
    made = await world.client.post("/v1/office_visits", headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    return f"/v1/office_visits/{made.json()['id']}/reflection_sheet"


async def written_in(world: World, town: Town, *, shared: bool = False) -> str:
    path = await visit_in(world, town)
    made = await world.client.put(path, headers=town.staff, json=BODY)
    assert made.status_code == 201, made.text
    if shared:
        done = await world.client.put(path + "/consent", headers=town.named(town.office_user), json=CONSENT)
        assert done.status_code == 200, done.text
    return path


async def test_the_first_set_of_viewpoints_is_there_for_all_who_sign_in(world: World) -> None:
    town = await town_in(world)
    for caller in (town.ward, town.manager, town.staff, town.office_user):
        listed = await world.client.get("/v1/viewpoint_sets?code=six_viewpoints", headers=caller)
        assert listed.status_code == 200, listed.text
        first = listed.json()["results"][-1]
        assert [view["code"] for view in first["viewpoints"]] == SIX
        assert [view["position"] for view in first["viewpoints"]] == [1, 2, 3, 4, 5, 6]
        assert "サポートブック" in first["source"]
        assert "生活の質の向上" in (await world.client.get("/v1/viewpoint_sets.csv", headers=caller)).text
    program = await world.program("reflection_sheets:read", municipality_id=town.municipality)
    for caller in (program, await world.sign_in(Role.OPERATOR)):
        assert (await world.client.get("/v1/viewpoint_sets", headers=caller)).status_code == 403
    assert (await world.client.get("/v1/viewpoint_sets")).status_code == 401


async def test_a_sheet_is_read_as_it_was_written_in_the_order_of_the_viewpoints(
    world: World, accounts: Accounts
) -> None:
    town = await town_in(world)
    path = await visit_in(world, town)
    for caller in (town.staff, town.office_user, town.ward):
        assert (await world.client.get(path, headers=caller)).status_code == 404
    made = await world.client.put(path, headers=town.staff, json=BODY)
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (201, path, '"1"')
    row = made.json()
    assert row.pop("warnings") == []
    assert [line["viewpoint"] for line in row["lines"]] == ["whole_life", "quality_of_life"]
    assert row["lines"][0] == {
        "viewpoint": "whole_life", "label_ja": "総合的な生活支援", "strengths": "家族も見る", "note": "連携先"
    }  # fmt: skip
    assert (row["is_simplified"], row["shared_with_ward"], row["office_id"]) == (True, False, town.office)
    for caller in (town.staff, town.manager, town.office_user):
        assert (await world.client.get(path, headers=caller)).json() | {"may": row["may"]} == row
    assert accounts.trail(row["id"]) == ["reflection_sheets.write"]
    assert "家族も見る" not in accounts.everything_written(["audit_entry"])


async def test_a_sheet_is_written_anew_only_over_the_version_that_was_read(world: World, accounts: Accounts) -> None:
    town = await town_in(world)
    path = await visit_in(world, town)
    assert (await world.client.put(path, headers=town.named(town.staff), json=BODY)).status_code == 412
    assert (await world.client.put(path, headers=town.staff, json=BODY)).status_code == 201
    assert (await world.client.put(path, headers=town.staff, json=BODY)).status_code == 428
    anew = {"lines": [{"viewpoint": "team_support", "strengths": "顔が見える"}]}
    done = await world.client.put(path, headers=town.named(town.manager), json=anew)
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert (done.json()["note"], done.json()["is_simplified"]) == (None, False)
    assert [line["viewpoint"] for line in done.json()["lines"]] == ["team_support"]
    assert done.json() == {**(await world.client.get(path, headers=town.staff)).json(), "warnings": []}
    assert (await world.client.put(path, headers=town.named(town.staff), json=anew)).status_code == 412
    assert accounts.trail(done.json()["id"]) == ["reflection_sheets.write", "reflection_sheets.change"]


async def test_a_ward_reads_a_sheet_while_its_office_consents_and_never_otherwise(
    world: World, accounts: Accounts
) -> None:
    town = await town_in(world)
    path = await written_in(world, town)
    visit = path.split("/")[3]
    template = "/v1/office_visits/{id}/reflection_sheet"
    await refused_as_missing(world, town.ward, template, visit)
    shared = await world.client.put(path + "/consent", headers=town.named(town.office_user), json=CONSENT)
    assert (shared.status_code, shared.headers["etag"]) == (200, '"2"')
    seen = await world.client.get(path, headers=town.ward)
    assert seen.status_code == 200, seen.text
    assert shared.json() == (await world.client.get(path, headers=town.office_user)).json()
    assert seen.json() == shared.json() | {"may": seen.json()["may"]}
    assert [line["strengths"] for line in seen.json()["lines"]] == ["家族も見る", "暮らしを聴く"]
    withdrawn = await world.client.put(
        path + "/consent", headers=town.named(town.office_user, 2), json={"shared_with_ward": False}
    )
    assert withdrawn.json()["shared_with_ward"] is False
    await refused_as_missing(world, town.ward, template, visit)
    flags = accounts.select(
        "SELECT before, after FROM audit_entry WHERE action = 'reflection_sheets.consent'"
        f" AND office_id = '{town.office}' ORDER BY id"
    )
    assert ['"shared_with_ward":true' in text for pair in flags for text in pair] == [False, True, True, False]


async def test_a_change_of_the_sheet_takes_the_consent_back(world: World) -> None:
    town = await town_in(world)
    path = await written_in(world, town, shared=True)
    changed = await world.client.put(path, headers=town.named(town.staff, 2), json=BODY | {"note": "書き足し"})
    assert changed.json()["shared_with_ward"] is False
    assert [warning["code"] for warning in changed.json()["warnings"]] == ["consent_taken_back"]
    assert (await world.client.get(path, headers=town.ward)).status_code == 404
    stale = await world.client.put(path + "/consent", headers=town.named(town.office_user, 2), json=CONSENT)
    assert stale.status_code == 412
    again = await world.client.put(path + "/consent", headers=town.named(town.office_user, 3), json=CONSENT)
    assert again.status_code == 200
    assert (await world.client.get(path, headers=town.ward)).json()["note"] == "書き足し"


async def test_only_the_office_consents_and_only_centres_write(world: World) -> None:
    town = await town_in(world)
    path = await written_in(world, town, shared=True)
    operator = await world.sign_in(Role.OPERATOR)
    scopes = ("reflection_sheets:read", "reflection_sheets:write", "reflection_sheets:consent", "office_visits:read")
    program = await world.program(*scopes, centre_id=town.centre)
    for caller in (town.ward, town.staff, town.manager, operator, program):
        named = town.named(caller, 2)
        assert (await world.client.put(path + "/consent", headers=named, json=CONSENT)).status_code == 403
    for caller in (town.ward, town.office_user, town.neighbour_user, operator, program):
        assert (await world.client.put(path, headers=town.named(caller, 2), json=BODY)).status_code == 403
    for caller in (operator, program):
        assert (await world.client.get(path, headers=caller)).status_code == 403
    assert (await world.client.get(path)).status_code == 401
    bare = await world.client.put(path + "/consent", headers=town.office_user, json=CONSENT)
    assert bare.status_code == 428


async def test_nobody_outside_learns_that_a_sheet_exists(world: World) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    path = await written_in(world, town, shared=True)
    visit, template = path.split("/")[3], "/v1/office_visits/{id}/reflection_sheet"
    for stranger in (elsewhere.ward, elsewhere.staff, elsewhere.office_user, town.neighbour_user):
        await refused_as_missing(world, stranger, template, visit)
    for stranger in (elsewhere.office_user, town.neighbour_user):
        named = town.named(stranger, 2)
        assert (await world.client.put(path + "/consent", headers=named, json=CONSENT)).status_code == 404
    assert (await world.client.put(path, headers=elsewhere.staff, json=BODY)).status_code == 404
    assert (await world.client.put(path.replace(visit, MISSING), headers=town.staff, json=BODY)).status_code == 404
    removed = await world.client.delete(f"/v1/office_visits/{visit}", headers=town.named(town.staff))
    assert removed.status_code == 204
    for caller in (town.staff, town.ward, town.office_user):
        assert (await world.client.get(path, headers=caller)).status_code == 404


async def test_only_a_visit_has_a_sheet_and_a_sheet_ties_it_to_its_office(world: World) -> None:
    town = await town_in(world)
    meeting = {"kind": "meeting", "title": "会議", "held_on": today().isoformat(), "office_id": town.office}
    other = (await world.client.post("/v1/activities", headers=town.staff, json=meeting)).json()["id"]
    wrong = await world.client.put(f"/v1/office_visits/{other}/reflection_sheet", headers=town.staff, json=BODY)
    assert wrong.status_code == 404
    visit = (await written_in(world, town)).removesuffix("/reflection_sheet")
    moved = await world.client.patch(visit, headers=town.named(town.staff), json={"office_id": town.neighbour})
    assert (moved.status_code, moved.json()["code"]) == (422, "sheet_ties_office")
    same = {"office_id": town.office, "message": "ありがとうございました"}
    kept = await world.client.patch(visit, headers=town.named(town.staff), json=same)
    assert kept.status_code == 200, kept.text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"score": 5}, "/score"),
        ({"lines": [{"viewpoint": "whole_life", "score": 5}]}, "/lines/0/score"),
        ({"lines": [{"viewpoint": "whole_life", "strengths": 5}]}, "/lines/0/strengths"),
        ({"lines": [{"viewpoint": "speed"}]}, "/lines/0/viewpoint"),
        ({"lines": [{"viewpoint": "whole_life"}, {"viewpoint": "whole_life"}]}, "/lines/1/viewpoint"),
        ({"lines": [{"viewpoint": "whole_life", "note": "あ" * 2001}]}, "/lines/0/note"),
        ({"lines": [{"viewpoint": "whole_life", "note": "1234 5678 9018"}]}, "/lines/0/note"),
        ({"note": "あ" * 2001}, "/note"),
        ({"shared_with_ward": True}, "/shared_with_ward"),
        ({"viewpoint_set_id": MISSING}, "/viewpoint_set_id"),
        ({"viewpoint_set_id": "six"}, "/viewpoint_set_id"),
        ({"is_simplified": "yes"}, "/is_simplified"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(
    world: World, change: dict[str, object], pointer: str
) -> None:
    town = await town_in(world)
    path = await visit_in(world, town)
    answer = await world.client.put(path, headers=town.staff, json=BODY | change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await world.client.get(path, headers=town.staff)).status_code == 404


def of_office(town: Town) -> Actor:
    near = (town.centre,)
    reach = Reach(centres=near, near_centres=near, municipalities=(town.municipality,), offices=(town.office,))
    return actor(Role.OFFICE_USER, reach)


def of_ward(town: Town) -> Actor:
    of, code = (town.centre,), (town.municipality,)
    return actor(Role.WARD_STAFF, Reach(of, ward_centres=of, free_centres=of, municipalities=code))


def of_centre(town: Town) -> Actor:
    of, code = (town.centre,), (town.municipality,)
    return actor(Role.CENTRE_STAFF, Reach(of, of, municipalities=code, open_municipalities=code))


SHEET_ID = within_reach(
    select(sheets.ReflectionSheet.id, sheets.ReflectionSheet.set_id).where(
        col(sheets.ReflectionSheet.visit_id) == bindparam("visit_id", type_=Id(), required=True)
    )
)
CONTENT = {"is_simplified": False, "note": "書き換え", "shared_with_ward": False}


async def hit_by(world: World, by: Actor, path: str, write: Write, **values: Any) -> int:
    """Run one write of the product as somebody else and roll it back; give the rows it touched."""
    session, transaction = await world.session(by)
    try:
        row = await session.one(SHEET_ID, visit_id=path.split("/")[3])
        if write.owner is not None:
            return await session.run(write, sheet_id=row["id"], set_id=row["set_id"], **values)
        return await session.run(write, row_id=row["id"], row_version=2, set_id=row["set_id"], **CONTENT)
    finally:
        transaction.release()


async def test_the_statements_let_an_office_consent_and_nothing_else(world: World) -> None:
    town = await town_in(world)
    path = await written_in(world, town, shared=True)
    office, centre, ward = of_office(town), of_centre(town), of_ward(town)
    touched = {
        (name, who.role.value): await hit_by(world, who, path, write)
        for who in (office, centre, ward)
        for name, write in (
            ("consent", sheets._CONSENT),
            ("consent of notes", sheets._CONSENT_OF_NOTES),
            ("rewrite", sheets._REWRITE),
            ("clear", sheets._CLEAR),
        )
    }
    assert {key for key, rows in touched.items() if rows} == {
        ("consent", "office_user"),
        ("consent of notes", "office_user"),
        ("rewrite", "centre_staff"),
        ("clear", "centre_staff"),
    }


async def test_without_its_own_predicate_an_office_would_rewrite_its_sheet(world: World) -> None:
    town = await town_in(world)
    path = await written_in(world, town, shared=True)
    table = sheets.ReflectionSheet.__table__  # type: ignore[attr-defined]
    statement = update(table).where(table.c.id == bindparam("row_id", type_=Id()), narrowing(table)).values(note="x")
    defect = Write(table, {"postgresql": statement, "sqlite": statement}, as_it_is)
    assert await hit_by(world, of_office(town), path, defect) == 1


async def test_no_row_of_a_sheet_begins_as_a_shared_one_or_as_an_offices(world: World) -> None:
    town = await town_in(world)
    path = await written_in(world, town, shared=True)
    for who, shared in ((of_office(town), False), (of_centre(town), True), (of_ward(town), False)):
        with pytest.raises(NotFoundError):
            await hit_by(world, who, path, sheets._ENTER_NOTE, **note_of(town, path, shared=shared))
    own = note_of(town, path, shared=False)
    assert await hit_by(world, of_centre(town), path, sheets._ENTER_NOTE, **own) == 1


def note_of(town: Town, path: str, *, shared: bool) -> dict[str, Any]:
    owners = {"centre_id": town.centre, "municipality_id": town.municipality, "office_id": town.office}
    return {"visit_id": path.split("/")[3], "viewpoint": "team_support", **owners, "shared_with_ward": shared}


COPY = """INSERT INTO reflection_note
  SELECT sheet_id, 'team_support', set_id, visit_id, centre_id, municipality_id, office_id, {shared}, NULL, NULL
  FROM reflection_note WHERE office_id = '{office}' LIMIT 1"""
SHARE = "UPDATE reflection_note SET shared_with_ward = true WHERE office_id = '{office}'"
REWORD = "UPDATE reflection_note SET strengths = 'x', shared_with_ward = false WHERE office_id = '{office}'"
CLEAR = "DELETE FROM reflection_note WHERE office_id = '{office}'"
REFUSED = "row_security"


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("who", "sql", "done"),
    [
        (of_office, SHARE, 2),
        (of_office, CLEAR, 0),
        (of_office, COPY.replace("{shared}", "false"), REFUSED),
        (of_centre, REWORD, 2),
        (of_centre, CLEAR, 2),
        (of_centre, COPY.replace("{shared}", "false"), 1),
        (of_centre, COPY.replace("{shared}", "true"), REFUSED),
        (of_centre, SHARE, REFUSED),
        (of_ward, SHARE, 0),
        (of_ward, REWORD, 0),
        (of_ward, CLEAR, 0),
        (of_ward, COPY.replace("{shared}", "true"), REFUSED),
    ],
)
async def test_the_database_alone_keeps_consent_to_the_office(
    world: World, postgres_addresses: dict[str, str], who: Any, sql: str, done: int | str
) -> None:
    town = await town_in(world)
    await written_in(world, town, shared=True)
    statement = sql.replace("{office}", town.office)
    _, transaction = await world.session(who(town))
    try:
        found: int | str = await transaction.execute(statement, ())
    except ConstraintError as error:
        found = error.kind
    finally:
        await transaction.rollback()
    assert found == done
    with psycopg.connect(postgres_addresses["maintenance"]) as unfenced:
        assert unfenced.execute(statement.encode()).rowcount > 0
        unfenced.rollback()


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
async def test_the_database_alone_shows_a_ward_no_sheet_without_consent(world: World) -> None:
    town = await town_in(world)
    path = await written_in(world, town)
    seen = []
    for version, shared in ((1, True), (2, False)):
        for who in (of_ward, of_office, of_centre):
            _, transaction = await world.session(who(town), write=False)
            for table in ("reflection_sheet", "reflection_note"):
                rows = await transaction.rows(f"SELECT 1 FROM {table} WHERE office_id = '{town.office}'", ())
                seen.append(len(rows))
            transaction.release()
        named = town.named(town.office_user, version)
        done = await world.client.put(path + "/consent", headers=named, json={"shared_with_ward": shared})
        assert done.status_code == 200
    assert seen == [0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]
