"""Supervision and case conferences through HTTP: consent, lead times, and what an office is told of them."""

from datetime import date, timedelta

import pytest

from domain.clock import today
from domain.fiscal import month_of
from tests.accounts import Accounts
from tests.areas import Town, person_in, refused_as_missing, rollups_of, town_in
from tests.world import World

PATH = "/v1/supervision_sessions"
FOR_OFFICE = {
    "id", "centre_id", "municipality_id", "title", "status", "status_reason", "planned_on", "held_on", "starts_at",
    "ends_at", "duration_minutes", "format", "location", "office_id", "session_type", "case_label", "has_consent",
    "has_after_talk", "after_talk_note", "summary", "offices", "people", "version", "created_at", "updated_at",
    "deleted_at",
}  # fmt: skip


def held(town: Town, **more: object) -> dict[str, object]:
    return {
        "session_type": "group",
        "held_on": today().isoformat(),
        "offices": [{"office_id": town.office, "side": "presenter"}],
        **more,
    }


def with_secrets(town: Town, **more: object) -> dict[str, object]:
    """A session with something in every member that an office must not see."""
    return held(
        town,
        **{
            "fee_yen": 33333,
            "internal_summary": "内部の概要",
            "internal_note": "内部メモ",
            "summary": "公開の概要",
            "case_label": "符号X-7",
            "has_consent": True,
            "has_after_talk": True,
            "after_talk_note": "語り合い",
            "supervisor_asked_on": "2025-01-07",
            "case_asked_on": "2025-01-08",
            **more,
        },
    )


async def made_in(world: World, town: Town, body: dict[str, object]) -> str:
    made = await world.client.post(PATH, headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_a_recorded_session_is_read_as_it_was_written(world: World, accounts: Accounts) -> None:
    town = await town_in(world)
    supervisor = await person_in(world, town, office=None)
    presenter = await person_in(world, town, office=town.office)
    people = [
        {"person_id": supervisor, "role": "supervisor", "mode": "remote", "attendance": "present"},
        {"person_id": presenter, "role": "presenter", "mode": "onsite", "attendance": "present"},
    ]
    made = await world.client.post(PATH, headers=town.staff, json=with_secrets(town, people=people))
    assert made.status_code == 201, made.text
    row = made.json()
    assert row.pop("warnings") == []
    assert (row["title"], row["kind"], row["visibility"]) == ("GSV", "supervision_session", "offices_involved")
    assert (row["fee_yen"], row["has_consent"], row["case_asked_on"]) == (33333, True, "2025-01-08")
    for caller in (town.staff, town.manager, town.ward):
        read = (await world.client.get(made.headers["location"], headers=caller)).json()
        by_role = sorted(read.pop("people"), key=lambda link: link["role"], reverse=True)
        assert by_role == people
        assert read == {name: value for name, value in row.items() if name != "people"}
        listed = (await world.client.get(PATH, headers=caller)).json()["results"]
        assert [found["id"] for found in listed] == [row["id"]]
    assert accounts.trail(row["id"]) == ["supervision_sessions.record"]


@pytest.mark.parametrize(
    ("session_type", "kind", "visibility", "title"),
    [
        ("individual", "supervision_session", "offices_involved", "個別SV"),
        ("public", "supervision_session", "published", "公開SV"),
        ("case_conference", "case_conference", "offices_involved", "事例検討会"),
    ],
)
async def test_each_type_enters_the_ledger_as_its_kind(
    world: World, session_type: str, kind: str, visibility: str, title: str
) -> None:
    town = await town_in(world)
    made = await world.client.post(PATH, headers=town.staff, json=held(town, session_type=session_type))
    row = made.json()
    assert (row["kind"], row["visibility"], row["title"]) == (kind, visibility, title)
    found = await world.client.get(f"{PATH}?session_type={session_type}&office_id={town.office}", headers=town.staff)
    assert [each["id"] for each in found.json()["results"]] == [row["id"]]
    in_ledger = await world.client.get(f"/v1/activities?kind={kind}", headers=town.staff)
    assert [each["id"] for each in in_ledger.json()["results"]] == [row["id"]]


async def test_an_office_sees_its_session_without_what_is_internal(world: World) -> None:
    town = await town_in(world)
    own, other, of_centre = [
        await person_in(world, town, office=office) for office in (town.office, town.neighbour, None)
    ]
    body = with_secrets(
        town,
        offices=[{"office_id": town.office}, {"office_id": town.neighbour}],
        people=[{"person_id": p, "role": "participant"} for p in (own, other, of_centre)],
    )
    session = await made_in(world, town, body)
    seen = await world.client.get(f"{PATH}/{session}", headers=town.office_user)
    assert seen.status_code == 200, seen.text
    row = seen.json()
    assert set(row) == FOR_OFFICE
    assert (row["case_label"], row["after_talk_note"], row["summary"]) == ("符号X-7", "語り合い", "公開の概要")
    assert [link["office_id"] for link in row["offices"]] == [town.office]
    assert [link["person_id"] for link in row["people"]] == [own]
    for form in ("", ".csv", ".ndjson"):
        whole = await world.client.get(PATH + form, headers=town.office_user)
        assert whole.status_code == 200
        assert session in whole.text
        for secret in ("内部", "33333", "2025-01-0", town.neighbour, other, of_centre):
            assert secret not in whole.text, (form, secret)
    for member in ("fee_yen", "internal_summary", "internal_note", "plan_items", "organizations"):
        asked = await world.client.get(f"{PATH}?fields={member}", headers=town.office_user)
        assert asked.status_code == 422


async def test_a_published_session_keeps_its_case_from_offices_that_were_not_in_it(world: World) -> None:
    town = await town_in(world)
    session = await made_in(world, town, with_secrets(town, session_type="public"))
    taking_part = (await world.client.get(f"{PATH}/{session}", headers=town.office_user)).json()
    assert taking_part["case_label"] == "符号X-7"
    reading = (await world.client.get(f"{PATH}/{session}", headers=town.neighbour_user)).json()
    assert (reading["summary"], reading["case_label"], reading["after_talk_note"]) == ("公開の概要", None, None)
    assert (reading["offices"], reading["people"]) == ([], [])
    for form in ("", ".csv", ".ndjson"):
        whole = (await world.client.get(PATH + form, headers=town.neighbour_user)).text
        assert session in whole
        for secret in ("符号X-7", "語り合い", "内部", "33333", town.office):
            assert secret not in whole, (form, secret)
    probe = await world.client.get(f"{PATH}?office_id={town.office}", headers=town.neighbour_user)
    assert probe.json()["results"] == []


async def test_nobody_outside_learns_that_a_session_exists(world: World) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    session = await made_in(world, town, held(town))
    for stranger in (
        elsewhere.ward, elsewhere.manager, elsewhere.staff, elsewhere.office_user, town.neighbour_user,
        await world.program("supervision_sessions:read", municipality_id=elsewhere.municipality),
    ):  # fmt: skip
        await refused_as_missing(world, stranger, PATH + "/{id}", session)
        listed = await world.client.get(f"{PATH}?count=true", headers=stranger)
        assert (listed.json()["results"], listed.json()["resultset"]["count"]) == ([], 0)
    for link in ({"offices": [{"office_id": elsewhere.office}]}, {"centre_id": elsewhere.centre}):
        foreign = await world.client.post(PATH, headers=town.staff, json=held(town) | link)
        assert foreign.status_code == 404


async def test_only_centres_write_sessions(world: World) -> None:
    town = await town_in(world)
    session = await made_in(world, town, held(town))
    reads_only = await world.program("supervision_sessions:read", centre_id=town.centre)
    for caller in (town.ward, town.office_user, reads_only):
        assert (await world.client.get(f"{PATH}/{session}", headers=caller)).status_code == 200
        assert (await world.client.post(PATH, headers=caller, json=held(town))).status_code == 403
        named = town.named(caller)
        assert (await world.client.patch(f"{PATH}/{session}", headers=named, json={})).status_code == 403
        assert (await world.client.delete(f"{PATH}/{session}", headers=named)).status_code == 403
    writes = await world.program("supervision_sessions:write", centre_id=town.centre)
    assert (await world.client.post(PATH, headers=writes, json=held(town))).status_code == 201
    assert (await world.client.get(PATH, headers=writes)).status_code == 403
    assert (await world.client.get(PATH)).status_code == 401


async def test_a_case_is_held_only_with_consent(world: World) -> None:
    town = await town_in(world)
    refused = await world.client.post(PATH, headers=town.staff, json=held(town, case_label="A"))
    assert refused.status_code == 422
    assert refused.json()["code"] == "consent_required"
    assert refused.json()["errors"][0]["pointer"] == "/has_consent"
    later = (today() + timedelta(days=5)).isoformat()
    planned = await made_in(world, town, {"session_type": "group", "planned_on": later, "case_label": "A"})
    hold = {"held_on": today().isoformat()}
    without = await world.client.patch(f"{PATH}/{planned}", headers=town.named(town.staff), json=hold)
    assert (without.status_code, without.json()["code"]) == (422, "consent_required")
    with_it = await world.client.patch(
        f"{PATH}/{planned}", headers=town.named(town.staff), json=hold | {"has_consent": True}
    )
    assert with_it.status_code == 200, with_it.text
    taken_back = await world.client.patch(
        f"{PATH}/{planned}", headers=town.named(town.staff, 2), json={"has_consent": False}
    )
    assert taken_back.status_code == 422


@pytest.mark.parametrize(("asked_on", "codes"), [("2027-01-15", []), ("2027-01-16", ["supervisor_asked_late"])])
async def test_asking_a_supervisor_late_is_told_and_never_refused(
    world: World, asked_on: str, codes: list[str]
) -> None:
    town = await town_in(world)
    body = {"session_type": "case_conference", "planned_on": "2027-04-15", "supervisor_asked_on": asked_on}
    made = await world.client.post(PATH, headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    assert [warning["code"] for warning in made.json()["warnings"]] == codes
    assert all(warning["pointer"] == "/supervisor_asked_on" for warning in made.json()["warnings"])


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"session_type": "inspection"}, "/session_type"),
        ({"session_type": None}, "/session_type"),
        ({"case_label": "あ" * 41}, "/case_label"),
        ({"case_label": ""}, "/case_label"),
        ({"after_talk_note": "あ" * 2001}, "/after_talk_note"),
        ({"summary": "あ" * 4001}, "/summary"),
        ({"internal_summary": "個人番号 1234-5678-9018"}, "/internal_summary"),
        ({"fee_yen": -1}, "/fee_yen"),
        ({"fee_yen": 10_000_001}, "/fee_yen"),
        ({"fee_yen": "3000"}, "/fee_yen"),
        ({"has_consent": None}, "/has_consent"),
        ({"supervisor_asked_on": "2026-13-01"}, "/supervisor_asked_on"),
        ({"people": [{"person_id": "x", "role": "supervisor"}]}, "/people/0/person_id"),
        ({"score": 3}, "/score"),
    ],
)
async def test_bad_input_names_the_field_and_stores_nothing(
    world: World, change: dict[str, object], pointer: str
) -> None:
    town = await town_in(world)
    answer = await world.client.post(PATH, headers=town.staff, json=held(town) | change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await world.client.get(PATH, headers=town.staff)).json()["results"] == []


async def test_counts_follow_a_session_through_its_life(world: World, accounts: Accounts) -> None:
    town = await town_in(world)
    day = date(today().year - (today().month < 3), 2, 10)
    february, march = month_of(day).isoformat(), day.replace(month=3).replace(day=1).isoformat()
    body = {"session_type": "individual", "planned_on": day.isoformat()}
    session = await made_in(world, town, body)
    assert rollups_of(accounts, town.centre) == {}
    steps = [
        ({"held_on": day.isoformat(), "participant_count": 2, "duration_minutes": 60}, {february: (1, 2, 60)}),
        ({"participant_count": 3}, {february: (1, 3, 60)}),
        ({"held_on": march}, {february: (0, 0, 0), march: (1, 3, 60)}),
        (
            {"status": "cancelled", "status_reason": "体調不良", "held_on": None},
            {february: (0, 0, 0), march: (0, 0, 0)},
        ),
        ({"status": "held", "held_on": day.isoformat()}, {february: (1, 3, 60), march: (0, 0, 0)}),
    ]
    for version, (change, counted) in enumerate(steps, start=1):
        done = await world.client.patch(f"{PATH}/{session}", headers=town.named(town.staff, version), json=change)
        assert done.status_code == 200, done.text
        expected = {("supervision_session", month): sums for month, sums in counted.items()}
        assert rollups_of(accounts, town.centre) == expected, change
    await made_in(world, town, held(town, session_type="case_conference", held_on=day.isoformat()))
    assert rollups_of(accounts, town.centre)["case_conference", february][0] == 1
    gone = await world.client.delete(f"{PATH}/{session}", headers=town.named(town.staff, 6))
    assert gone.status_code == 204
    assert rollups_of(accounts, town.centre)["supervision_session", february] == (0, 0, 0)
    actions = ["record", *["change"] * 5, "remove"]
    assert accounts.trail(session) == [f"supervision_sessions.{action}" for action in actions]


async def test_a_change_needs_the_version_that_was_read(world: World) -> None:
    town = await town_in(world)
    session = await made_in(world, town, held(town))
    path, change = f"{PATH}/{session}", {"summary": "まとめ", "session_type": "individual"}
    assert (await world.client.patch(path, headers=town.staff, json=change)).status_code == 428
    done = await world.client.patch(path, headers=town.named(town.staff), json=change)
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    assert done.json() == {**(await world.client.get(path, headers=town.staff)).json(), "warnings": []}
    assert (await world.client.patch(path, headers=town.named(town.staff), json=change)).status_code == 412
    assert (await world.client.delete(path, headers=town.named(town.staff))).status_code == 412
    assert (await world.client.delete(path, headers=town.named(town.staff, 2))).status_code == 204
    synced = await world.client.get(f"{PATH}?changed_after=start&include_deleted=true", headers=town.staff)
    assert [row["deleted_at"] is not None for row in synced.json()["results"]] == [True]
    assert (await world.client.get(path, headers=town.office_user)).status_code == 404


async def test_a_supervision_never_becomes_a_case_conference(world: World) -> None:
    town = await town_in(world)
    session = await made_in(world, town, held(town))
    change = {"session_type": "case_conference"}
    refused = await world.client.patch(f"{PATH}/{session}", headers=town.named(town.staff), json=change)
    assert (refused.status_code, refused.json()["code"]) == (422, "kind_fixed")
