"""Visits to offices through HTTP: the centre records, the ward reads, the office reads its own, nobody else anything."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from domain.access import Role
from domain.clock import today
from tests.world import World


@dataclass
class Place:
    """A municipality with a centre, an office and the callers of each role."""

    municipality: str
    centre: str
    office: str
    ward: dict[str, str]
    staff: dict[str, str]
    office_user: dict[str, str]


async def place_in(world: World) -> Place:
    """Make a municipality with everything in it."""
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    office = await world.office(municipality)
    return Place(
        municipality,
        centre,
        office,
        await world.sign_in(Role.WARD_STAFF, municipality_id=municipality),
        await world.sign_in(Role.CENTRE_STAFF, centre_id=centre),
        await world.sign_in(Role.OFFICE_USER, municipality_id=municipality, office_id=office),
    )


def held(place: Place, **more: object) -> dict[str, object]:
    """Make the body of a held visit."""
    return {"office_id": place.office, "held_on": today().isoformat(), "menus": ["worry"], **more}


async def test_a_recorded_visit_is_read_as_it_was_written(world: World) -> None:
    place = await place_in(world)
    body = held(
        place, starts_at="10:00", ends_at="11:30", findings="よい連携", internal_findings="内部", themes=["ojt"]
    )
    made = await world.client.post("/v1/office_visits", headers=place.staff, json=body)
    assert made.status_code == 201, made.text
    row = made.json()
    assert row.pop("warnings") == []
    assert row["status"] == "held"
    assert row["duration_minutes"] == 90
    assert row["municipality_id"] == place.municipality
    assert row["updated_at"].endswith("+09:00")
    read = await world.client.get(made.headers["location"], headers=place.staff)
    assert read.status_code == 200, read.text
    assert read.json() == row
    listed = await world.client.get("/v1/office_visits", headers=place.staff)
    assert listed.json()["results"] == [row]


async def test_an_office_sees_its_visit_without_what_is_internal(world: World) -> None:
    place = await place_in(world)
    body = held(place, findings="よい連携", internal_findings="内部", internal_note="内部メモ")
    made = await world.client.post("/v1/office_visits", headers=place.staff, json=body)
    visit = made.json()["id"]
    seen = await world.client.get(f"/v1/office_visits/{visit}", headers=place.office_user)
    assert seen.status_code == 200, seen.text
    assert seen.json()["findings"] == "よい連携"
    assert "内部" not in seen.text
    assert {"internal_note", "internal_findings", "people", "plan_items"} & set(seen.json()) == set()
    asked = await world.client.get("/v1/office_visits?fields=internal_findings", headers=place.office_user)
    assert asked.status_code == 422
    csv = await world.client.get("/v1/office_visits.csv", headers=place.office_user)
    assert csv.status_code == 200
    assert "内部" not in csv.text


async def test_nobody_outside_learns_that_a_visit_exists(world: World) -> None:
    place, elsewhere = await place_in(world), await place_in(world)
    neighbour = await world.office(place.municipality, "隣の相談室")
    other_office = await world.sign_in(Role.OFFICE_USER, municipality_id=place.municipality, office_id=neighbour)
    visit = (await world.client.post("/v1/office_visits", headers=place.staff, json=held(place))).json()["id"]
    missing = "00000000-0000-7000-8000-000000000000"
    for stranger in (elsewhere.ward, elsewhere.staff, elsewhere.office_user, other_office):
        foreign = await world.client.get(f"/v1/office_visits/{visit}", headers=stranger)
        absent = await world.client.get(f"/v1/office_visits/{missing}", headers=stranger)
        assert foreign.status_code == absent.status_code == 404
        masked = foreign.text.replace(visit, "").replace(foreign.json()["request_id"], "")
        assert masked == absent.text.replace(missing, "").replace(absent.json()["request_id"], "")
        listed = await world.client.get("/v1/office_visits?count=true", headers=stranger)
        assert listed.json()["results"] == []
        assert listed.json()["resultset"]["count"] == 0
    foreign_office = await world.client.post("/v1/office_visits", headers=elsewhere.staff, json=held(place))
    assert foreign_office.status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"held_on": (today() + timedelta(days=2)).isoformat()}, "/held_on"),
        ({"visibility": "published"}, "/visibility"),
        ({"held_on": "2020-01-01"}, "/held_on"),
        ({"held_on": "2026-02-30"}, "/held_on"),
        ({"held_on": None, "planned_on": "2027-01-10", "status": "postponed"}, "/status_reason"),
        ({"menus": ["inspection"]}, "/menus/0"),
        ({"starts_at": "25:00"}, "/starts_at"),
        ({"starts_at": "10:00", "ends_at": "09:00"}, "/ends_at"),
        ({"participant_count": -1}, "/participant_count"),
        ({"participant_count": "3"}, "/participant_count"),
        ({"score": 5}, "/score"),
        ({"title": "あ" * 201}, "/title"),
        ({"follow_up_of_id": "01890000-0000-7000-8000-000000000000"}, "/follow_up_of_id"),
        ({"plan_item_ids": ["01890000-0000-7000-8000-000000000000"]}, "/plan_item_ids"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(
    world: World, change: dict[str, object], pointer: str
) -> None:
    place = await place_in(world)
    answer = await world.client.post("/v1/office_visits", headers=place.staff, json=held(place) | change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    listed = await world.client.get("/v1/office_visits", headers=place.staff)
    assert listed.json()["results"] == []


async def test_a_planned_visit_is_held_without_becoming_two(world: World) -> None:
    place = await place_in(world)
    planned = {"office_id": place.office, "planned_on": (today() + timedelta(days=5)).isoformat()}
    made = await world.client.post("/v1/office_visits", headers=place.staff, json=planned)
    assert made.json()["status"] == "planned"
    path = made.headers["location"]
    assert (await world.client.patch(path, headers=place.staff, json={})).status_code == 428
    change = {"held_on": today().isoformat(), "findings": "できた"}
    done = await world.client.patch(path, headers={**place.staff, "If-Match": '"1"'}, json=change)
    assert done.status_code == 200, done.text
    assert done.json()["status"] == "held"
    assert done.json() == {**(await world.client.get(path, headers=place.staff)).json(), "warnings": []}
    stale = await world.client.patch(path, headers={**place.staff, "If-Match": '"1"'}, json=change)
    assert stale.status_code == 412
    removed = await world.client.delete(path, headers={**place.staff, "If-Match": '"2"'})
    assert removed.status_code == 204
    assert (await world.client.get(path, headers=place.staff)).status_code == 404
    synced = await world.client.get("/v1/office_visits?changed_after=start&include_deleted=true", headers=place.staff)
    assert [row["deleted_at"] is not None for row in synced.json()["results"]] == [True]


async def test_the_same_key_gives_the_same_answer_and_one_visit(world: World) -> None:
    place = await place_in(world)
    headers = {**place.staff, "Idempotency-Key": "visit-1"}
    first = await world.client.post("/v1/office_visits", headers=headers, json=held(place))
    again = await world.client.post("/v1/office_visits", headers=headers, json=held(place))
    assert again.status_code == 201
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["etag"] == first.headers["etag"]
    other = await world.client.post("/v1/office_visits", headers=headers, json=held(place, title="別"))
    assert other.status_code == 422
    listed = await world.client.get("/v1/office_visits", headers=place.staff)
    assert len(listed.json()["results"]) == 1


async def test_a_ward_reads_and_never_writes(world: World) -> None:
    place = await place_in(world)
    made = await world.client.post("/v1/office_visits", headers=place.staff, json=held(place))
    path = made.headers["location"]
    assert (await world.client.get(path, headers=place.ward)).status_code == 200
    for caller in (place.ward, place.office_user):
        assert (await world.client.post("/v1/office_visits", headers=caller, json=held(place))).status_code == 403
        named = {**caller, "If-Match": '"1"'}
        assert (await world.client.patch(path, headers=named, json={"findings": "x"})).status_code == 403
        assert (await world.client.delete(path, headers=named)).status_code == 403


async def test_joint_rows_are_seen_by_every_municipality_and_single_ones_by_one(world: World) -> None:
    uki, uto = await world.municipality("宇城"), await world.municipality("宇土")
    centre = await world.centre(uki, uto)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    for municipality, title in ((None, "合同"), (uki, "宇城だけ"), (uto, "宇土だけ")):
        body = {"kind": "meeting", "title": title, "held_on": today().isoformat(), "municipality_id": municipality}
        made = await world.client.post("/v1/activities", headers=staff, json=body)
        assert made.status_code == 201, made.text
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=uki)
    listed = await world.client.get("/v1/activities", headers=ward)
    assert {row["title"] for row in listed.json()["results"]} == {"合同", "宇城だけ"}


async def test_a_ward_that_left_keeps_what_was_held_while_it_was_covered(world: World) -> None:
    municipality = await world.municipality()
    centre = await world.centre(municipality, opened_on=date(2020, 4, 1), covered_from=date(2022, 4, 1))
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    for day in ("2021-05-01", "2022-05-01"):
        body = {"kind": "meeting", "title": day, "held_on": day}
        assert (await world.client.post("/v1/activities", headers=staff, json=body)).status_code == 201
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=municipality)
    listed = await world.client.get("/v1/activities", headers=ward)
    assert [row["title"] for row in listed.json()["results"]] == ["2022-05-01"]


async def test_free_text_is_screened_when_a_visit_is_saved(world: World) -> None:
    place = await place_in(world)
    body = held(place, findings="03-1234-5678 へ")
    told = await world.client.post("/v1/office_visits", headers=place.staff, json=body)
    assert told.status_code == 201, told.text
    assert [(w["pointer"], w["code"]) for w in told.json()["warnings"]] == [("/findings", "phone_number_found")]
    path, version = told.headers["location"], {**place.staff, "If-Match": '"1"'}
    refused = await world.client.patch(path, headers=version, json={"internal_findings": "1234 5678 9018"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/internal_findings"
    changed = await world.client.patch(path, headers=version, json={"findings": "よい連携"})
    assert changed.json()["warnings"] == []


async def test_visits_are_found_by_menu_and_theme(world: World) -> None:
    place = await place_in(world)
    for menu, theme in (("worry", "ojt"), ("plan", "network")):
        body = held(place, menus=[menu], themes=[theme])
        assert (await world.client.post("/v1/office_visits", headers=place.staff, json=body)).status_code == 201
    for asked in ("menu=plan", "theme=network", "menu=plan,case&theme=network,other"):
        found = await world.client.get(f"/v1/office_visits?{asked}", headers=place.staff)
        assert [row["menus"] for row in found.json()["results"]] == [["plan"]], asked
