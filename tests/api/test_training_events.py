"""Trainings through HTTP: dates, themes, attendance, and what an office is told of them."""

from datetime import date, timedelta

import pytest

from domain.clock import today
from domain.fiscal import month_of
from tests.accounts import Accounts
from tests.areas import Town, person_in, refused_as_missing, rollups_of, town_in
from tests.world import World

PATH = "/v1/training_events"
FOR_OFFICE = {
    "id", "centre_id", "municipality_id", "title", "status", "status_reason", "planned_on", "held_on", "starts_at",
    "ends_at", "duration_minutes", "format", "location", "office_id", "category", "theme", "audience", "capacity",
    "is_case_method", "lecturers", "description", "dates", "offices", "people", "version", "created_at", "updated_at",
    "deleted_at",
}  # fmt: skip
DAY = today() - timedelta(days=40)


def day(offset: int) -> str:
    return (DAY + timedelta(days=offset)).isoformat()


def held(**more: object) -> dict[str, object]:
    return {"category": "workforce_development", "theme": "支援者の基本的な視点", "held_on": day(0), **more}


def on(*offsets: int) -> list[dict[str, object]]:
    return [{"held_on": day(offset), "starts_at": None, "ends_at": None, "location": None} for offset in offsets]


async def made_in(world: World, town: Town, body: dict[str, object]) -> str:
    made = await world.client.post(PATH, headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_recorded_training_is_read_as_it_was_written(world: World, accounts: Accounts) -> None:
    town = await town_in(world)
    lecturers = [{"name": "講師A", "affiliation": "試験大学", "is_external": True}]
    dates = [{"held_on": day(7), "starts_at": "13:30", "ends_at": "15:30", "location": "区民会館"}, *on(0)]
    body = held(
        audience=["newcomer"], capacity=30, lecturers=lecturers, dates=dates, survey_summary="満足", themes=["ojt"]
    )
    made = await world.client.post(PATH, headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    row = made.json()
    assert row.pop("warnings") == []
    assert (row["title"], row["kind"], row["visibility"]) == ("支援者の基本的な視点", "training_event", "published")
    assert row["themes"] == ["ojt", "workforce_development"]
    assert (row["lecturers"], row["dates"], row["held_on"]) == (lecturers, [dates[1], dates[0]], day(0))
    for caller in (town.staff, town.manager, town.ward):
        assert (await world.client.get(made.headers["location"], headers=caller)).json() == row
        for query in ("", "?audience=newcomer,chief", "?category=workforce_development", "?theme=ojt"):
            assert (await world.client.get(PATH + query, headers=caller)).json()["results"] == [row]
    assert (await world.client.get(PATH + "?is_case_method=true", headers=town.staff)).json()["results"] == []
    assert accounts.trail(row["id"]) == ["training_events.record"]


@pytest.mark.parametrize(
    ("category", "theme"),
    [
        ("workforce_development", ["workforce_development"]),
        ("statutory", ["statutory_training"]),
        ("rights_protection", ["rights_protection"]),
        ("abuse_prevention", ["abuse_prevention"]),
        ("other", []),
    ],
)
async def test_the_category_stands_among_the_themes_that_counting_rules_read(
    world: World, category: str, theme: list[str]
) -> None:
    town = await town_in(world)
    path = f"{PATH}/{await made_in(world, town, held(category=category))}"
    assert (await world.client.get(path, headers=town.staff)).json()["themes"] == theme
    change = {"category": "other", "is_case_method": True}
    changed = await world.client.patch(path, headers=town.named(town.staff), json=change)
    assert changed.json()["themes"] == ["case_method"]
    back = {"category": category, "is_case_method": False, "themes": ["network"]}
    changed = await world.client.patch(path, headers=town.named(town.staff, 2), json=back)
    assert changed.json()["themes"] == ["network", *theme]


async def test_a_training_over_several_dates_counts_once_when_the_first_took_place(
    world: World, accounts: Accounts
) -> None:
    town = await town_in(world)
    months = {month_of(DAY + timedelta(days=offset)).isoformat() for offset in (0, 35)}
    training = await made_in(world, town, held(held_on=None, dates=on(35, 0, 90)))
    row = (await world.client.get(f"{PATH}/{training}", headers=town.staff)).json()
    assert (row["status"], row["held_on"], row["planned_on"]) == ("held", day(0), None)
    assert row["dates"] == on(0, 35, 90)
    counted = rollups_of(accounts, town.centre)
    assert counted == {("training_event", month_of(DAY).isoformat()): (1, 0, 0)}
    fell_out = await world.client.patch(
        f"{PATH}/{training}", headers=town.named(town.staff), json={"dates": on(35, 90), "held_on": day(35)}
    )
    assert fell_out.status_code == 200, fell_out.text
    assert (fell_out.json()["held_on"], fell_out.json()["dates"]) == (day(35), on(35, 90))
    standing = {key: sums for key, sums in rollups_of(accounts, town.centre).items() if sums[0]}
    assert standing == {("training_event", month_of(DAY + timedelta(days=35)).isoformat()): (1, 0, 0)}
    assert {key[1] for key in rollups_of(accounts, town.centre)} == months


async def test_a_training_over_several_dates_is_as_long_as_its_dates_together(world: World) -> None:
    town = await town_in(world)
    dates = [{**sitting, "starts_at": "09:00", "ends_at": "17:00"} for sitting in on(0, 7, 14, 21)]
    made = await world.client.post(PATH, headers=town.staff, json=held(dates=dates))
    assert made.json()["duration_minutes"] == 4 * 480
    path = made.headers["location"]

    async def changed(version: int, **body: object) -> int | None:
        headers = {**town.staff, "If-Match": f'"{version}"'}
        answer = await world.client.patch(path, headers=headers, json=body)
        assert answer.status_code == 200, answer.text
        length: int | None = answer.json()["duration_minutes"]
        return length

    assert await changed(1, dates=dates[:2]) == 2 * 480
    assert await changed(2, dates=[{**dates[0], "ends_at": None}, dates[1]]) is None
    assert await changed(3, duration_minutes=90) == 90
    assert await changed(4, dates=dates[:2]) == 90


async def test_a_training_ahead_is_planned_on_its_first_date_and_follows_its_dates(world: World) -> None:
    town = await town_in(world)
    path = f"{PATH}/{await made_in(world, town, held(held_on=None, dates=on(80, 70)))}"
    row = (await world.client.get(path, headers=town.staff)).json()
    assert (row["status"], row["planned_on"], row["held_on"]) == ("planned", day(70), None)
    moved = await world.client.patch(path, headers=town.named(town.staff), json={"dates": on(60, 75)})
    assert (moved.json()["planned_on"], moved.json()["dates"]) == (day(60), on(60, 75))
    early = await world.client.patch(path, headers=town.named(town.staff, 2), json={"status": "held"})
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/held_on")
    begun = await world.client.patch(
        path, headers=town.named(town.staff, 2), json={"dates": on(0, 75), "status": "held"}
    )
    assert (begun.json()["status"], begun.json()["held_on"]) == ("held", day(0))
    assert begun.json() == {**(await world.client.get(path, headers=town.staff)).json(), "warnings": []}
    stray = await world.client.patch(path, headers=town.named(town.staff, 3), json={"dates": on(1, 75)})
    assert (stray.status_code, stray.json()["code"]) == (422, "not_among_dates")


async def test_participants_left_out_are_counted_from_the_attendance(world: World, accounts: Accounts) -> None:
    town = await town_in(world)
    offices = [
        {"office_id": town.office, "participant_count": 4},
        {"office_id": town.neighbour, "participant_count": 9, "attendance": "absent"},
    ]
    by_office = await made_in(world, town, held(offices=offices))
    path = f"{PATH}/{by_office}"
    assert (await world.client.get(path, headers=town.staff)).json()["participant_count"] == 4
    changed = await world.client.patch(
        path, headers=town.named(town.staff), json={"offices": [offices[0], {**offices[1], "attendance": "present"}]}
    )
    assert changed.json()["participant_count"] == 13
    said = await world.client.patch(path, headers=town.named(town.staff, 2), json={"participant_count": 20})
    kept = await world.client.patch(path, headers=town.named(town.staff, 3), json={"offices": offices})
    assert (said.json()["participant_count"], kept.json()["participant_count"]) == (20, 20)
    people = [await person_in(world, town, office=town.office) for _ in range(3)]
    links = [
        {"person_id": person, "role": "participant", "attendance": attendance}
        for person, attendance in zip(people, ("present", "late", "absent"), strict=True)
    ]
    by_person = await made_in(world, town, held(people=links))
    assert (await world.client.get(f"{PATH}/{by_person}", headers=town.staff)).json()["participant_count"] == 2
    planned = await made_in(world, town, held(held_on=None, planned_on=day(60), offices=offices))
    assert (await world.client.get(f"{PATH}/{planned}", headers=town.staff)).json()["participant_count"] is None
    assert rollups_of(accounts, town.centre)["training_event", month_of(DAY).isoformat()] == (2, 22, 0)


async def test_an_office_sees_trainings_with_its_own_attendance_only(world: World) -> None:
    town = await town_in(world)
    own, other = [await person_in(world, town, office=office) for office in (town.office, town.neighbour)]
    body = held(
        offices=[{"office_id": town.office, "participant_count": 2}, {"office_id": town.neighbour}],
        people=[{"person_id": p, "role": "participant"} for p in (own, other)],
        lecturers=[{"name": "講師A"}],
        survey_summary="内部の集計",
        internal_note="内部メモ",
        dates=on(0, 7),
    )
    training = await made_in(world, town, body)
    row = (await world.client.get(f"{PATH}/{training}", headers=town.office_user)).json()
    assert set(row) == FOR_OFFICE
    assert [(link["office_id"], link["participant_count"]) for link in row["offices"]] == [(town.office, 2)]
    assert [link["person_id"] for link in row["people"]] == [own]
    assert (row["dates"], row["lecturers"][0]["name"]) == (on(0, 7), "講師A")
    for form in ("", ".csv", ".ndjson"):
        whole = (await world.client.get(PATH + form, headers=town.office_user)).text
        assert training in whole
        assert own in whole
        for secret in ("内部", town.neighbour, other):
            assert secret not in whole, (form, secret)
    probe = await world.client.get(f"{PATH}?office_id={town.neighbour}", headers=town.office_user)
    assert probe.json()["results"] == []
    mine = await world.client.get(f"{PATH}?office_id={town.office}", headers=town.office_user)
    assert len(mine.json()["results"]) == 1
    for member in ("survey_summary", "participant_count", "internal_note", "plan_items"):
        assert (await world.client.get(f"{PATH}?fields={member}", headers=town.office_user)).status_code == 422


async def test_offices_of_the_town_read_what_is_published_and_nobody_elsewhere_anything(world: World) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    published = await made_in(world, town, held())
    own = await made_in(world, town, held(visibility="offices_involved", offices=[{"office_id": town.office}]))
    internal = await made_in(world, town, held(visibility="centre"))

    async def seen_by(caller: dict[str, str]) -> set[str]:
        listed = await world.client.get(PATH, headers=caller)
        return {row["id"] for row in listed.json()["results"]}

    assert await seen_by(town.neighbour_user) == {published}
    assert await seen_by(town.office_user) == {published, own}
    assert await seen_by(town.ward) == {published, own}
    assert await seen_by(town.staff) == {published, own, internal}
    for stranger in (elsewhere.ward, elsewhere.manager, elsewhere.staff, elsewhere.office_user):
        assert await seen_by(stranger) == set()
        await refused_as_missing(world, stranger, PATH + "/{id}", published)
    await refused_as_missing(world, town.neighbour_user, PATH + "/{id}", own)
    await refused_as_missing(world, town.ward, PATH + "/{id}", internal)


async def test_only_centres_write_trainings(world: World) -> None:
    town = await town_in(world)
    path = f"{PATH}/{await made_in(world, town, held())}"
    reads_only = await world.program("training_events:read", municipality_id=town.municipality)
    for caller in (town.ward, town.office_user, reads_only):
        assert (await world.client.get(path, headers=caller)).status_code == 200
        assert (await world.client.post(PATH, headers=caller, json=held())).status_code == 403
        assert (await world.client.patch(path, headers=town.named(caller), json={})).status_code == 403
        assert (await world.client.delete(path, headers=town.named(caller))).status_code == 403
    assert (await world.client.get(PATH)).status_code == 401


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "meeting"}, "/category"),
        ({"theme": None}, "/theme"),
        ({"theme": ""}, "/theme"),
        ({"theme": "あ" * 201}, "/theme"),
        ({"capacity": 0}, "/capacity"),
        ({"capacity": 10_001}, "/capacity"),
        ({"audience": ["新人"]}, "/audience/0"),
        ({"lecturers": [{"name": "あ" * 61}]}, "/lecturers/0/name"),
        ({"lecturers": [{"name": "講師", "fee_yen": 1}]}, "/lecturers/0/fee_yen"),
        ({"description": "あ" * 4001}, "/description"),
        ({"survey_summary": "1234-5678-9018"}, "/survey_summary"),
        ({"dates": [{"held_on": "2026-02-30"}]}, "/dates/0/held_on"),
        ({"dates": on(0, 0)}, "/dates/1/held_on"),
        ({"dates": [{"held_on": day(0), "starts_at": "10:00", "ends_at": "10:00"}]}, "/dates/0/ends_at"),
        ({"dates": [{"held_on": day(0), "location": "あ" * 201}]}, "/dates/0/location"),
        ({"dates": on(1, 2)}, "/held_on"),
        ({"held_on": (today() + timedelta(days=2)).isoformat()}, "/held_on"),
        ({"offices": [{"office_id": "x"}]}, "/offices/0/office_id"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(
    world: World, change: dict[str, object], pointer: str
) -> None:
    town = await town_in(world)
    answer = await world.client.post(PATH, headers=town.staff, json=held() | change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await world.client.get(PATH, headers=town.staff)).json()["results"] == []


async def test_counts_follow_a_training_through_its_life(world: World, accounts: Accounts) -> None:
    town = await town_in(world)
    last = date(DAY.year, DAY.month, 1) - timedelta(days=1)
    key, former = ("training_event", month_of(DAY).isoformat()), ("training_event", month_of(last).isoformat())
    path = f"{PATH}/{await made_in(world, town, held(participant_count=5, duration_minutes=120))}"
    assert rollups_of(accounts, town.centre) == {key: (1, 5, 120)}
    steps: list[tuple[dict[str, object], dict[tuple[str, str], tuple[int, int, int]]]] = [
        ({"participant_count": 8}, {key: (1, 8, 120)}),
        ({"held_on": last.isoformat()}, {key: (0, 0, 0), former: (1, 8, 120)}),
        (
            {"status": "postponed", "status_reason": "台風", "held_on": None, "planned_on": day(70)},
            {key: (0, 0, 0), former: (0, 0, 0)},
        ),
        ({"status": "held", "held_on": day(0)}, {key: (1, 8, 120), former: (0, 0, 0)}),
    ]
    for version, (change, counted) in enumerate(steps, start=1):
        done = await world.client.patch(path, headers=town.named(town.staff, version), json=change)
        assert done.status_code == 200, done.text
        assert rollups_of(accounts, town.centre) == counted, change
    assert (await world.client.delete(path, headers=town.named(town.staff, 4))).status_code == 412
    assert (await world.client.delete(path, headers=town.staff)).status_code == 428
    assert (await world.client.delete(path, headers=town.named(town.staff, 5))).status_code == 204
    assert rollups_of(accounts, town.centre)[key] == (0, 0, 0)
    for caller in (town.staff, town.office_user):
        assert (await world.client.get(path, headers=caller)).status_code == 404
    synced = await world.client.get(f"{PATH}?changed_after=start&include_deleted=true", headers=town.staff)
    assert [row["deleted_at"] is not None for row in synced.json()["results"]] == [True]
    actions = ["record", *["change"] * 4, "remove"]
    assert accounts.trail(path.rpartition("/")[2]) == [f"training_events.{action}" for action in actions]
