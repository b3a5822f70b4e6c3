"""Activities that another system knows by its own key: entered, replaced, left alone, in every area."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.access import Reach, Role
from domain.activities.external_keys import ExternalKeys
from domain.clock import today
from domain.database import Session
from domain.fiscal import month_of
from domain.ledger.closed_months import ClosedMonth
from tests.accounts import Accounts
from tests.areas import MISSING, Town, person_in, rollups_of, town_in
from tests.world import World, actor

AREAS = ("office_visits", "supervision_sessions", "training_events", "activities")
KIND = {
    "office_visits": "office_visit",
    "supervision_sessions": "supervision_session",
    "training_events": "training_event",
    "activities": "meeting",
}
DAY = today() - timedelta(days=40)


def body_of(area: str, town: Town, **more: Any) -> dict[str, Any]:
    """Make a held activity that the area takes, with nothing that could be left out."""
    own: dict[str, dict[str, Any]] = {
        "office_visits": {"office_id": town.office},
        "supervision_sessions": {"session_type": "group"},
        "training_events": {"category": "workforce_development", "theme": "初任者研修"},
        "activities": {"kind": "meeting", "title": "運営会議"},
    }
    return {**own[area], "held_on": DAY.isoformat(), **more}


async def full_body(world: World, area: str, town: Town) -> dict[str, Any]:
    """Make one with every kind of part."""
    own: dict[str, dict[str, Any]] = {
        "office_visits": {"menus": ["case", "worry"], "findings": "よい連携", "follow_up_due_on": today().isoformat()},
        "supervision_sessions": {"case_label": "事例7", "has_consent": True, "has_after_talk": True, "fee_yen": 20000},
        "training_events": {
            "lecturers": [{"name": "講師A", "affiliation": "試験大学", "is_external": True}],
            "dates": [
                {"held_on": DAY.isoformat(), "starts_at": "10:00"},
                {"held_on": "2024-05-01", "location": "会館"},
            ],
            "held_on": "2024-05-01",
            "audience": ["newcomer"],
        },
        "activities": {"body": "steering_meeting"},
    }
    return {
        **body_of(area, town),
        "starts_at": "10:00",
        "ends_at": "11:30",
        "themes": ["network", "ojt"],
        "purposes": ["think_together"],
        "internal_note": "内部",
        "offices": [
            {"office_id": town.office, "side": "presenter", "participant_count": 2},
            {"office_id": town.neighbour, "mode": "remote"},
        ],
        "people": [
            {"person_id": await person_in(world, town, office=town.office), "role": "participant"},
            {"person_id": await person_in(world, town, office=None), "role": "staff", "attendance": "late"},
        ],
        "organizations": [{"organization_kind": "health_centre", "name": "保健所", "is_present": False}],
        **own[area],
    }


def path_of(area: str, key: str = "K-7", source: str = "ward_ledger") -> str:
    return f"/v1/{area}/by_external_id/{source}/{key}"


def told_of(accounts: Accounts, activity_id: str) -> list[tuple[Any, Any]]:
    """Give what the audit rows of an activity say it was before and after."""
    sql = f"SELECT before, after FROM audit_entry WHERE entity_id = '{activity_id}' ORDER BY id"
    rows = accounts.select(sql)
    return [tuple(json.loads(part) if isinstance(part, str) else part for part in row) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize("area", AREAS)
async def test_a_key_enters_once_is_replaced_by_its_version_and_leaves_one_row(
    world: World, accounts: Accounts, area: str
) -> None:
    town = await town_in(world)
    body, month = body_of(area, town, participant_count=4), month_of(DAY).isoformat()
    made = await world.client.put(path_of(area), headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    row = made.json()
    assert (row.pop("warnings"), row["external_source"], row["external_id"]) == ([], "ward_ledger", "K-7")
    assert (made.headers["location"], made.headers["etag"]) == (f"/v1/{area}/{row['id']}", '"1"')
    assert (await world.client.get(made.headers["location"], headers=town.staff)).json() == row
    assert rollups_of(accounts, town.centre) == {(KIND[area], month): (1, 4, 0)}

    other = body_of(area, town, participant_count=9, duration_minutes=60)
    unnamed = await world.client.put(path_of(area), headers=town.staff, json=other)
    assert (unnamed.status_code, unnamed.json()["code"]) == (428, "precondition_required")
    stale = await world.client.put(path_of(area), headers=town.named(town.staff, 2), json=other)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    assert (await world.client.get(made.headers["location"], headers=town.staff)).json() == row

    replaced = await world.client.put(path_of(area), headers=town.named(town.staff), json=other)
    assert (replaced.status_code, replaced.headers["etag"]) == (200, '"2"'), replaced.text
    assert replaced.json() == {
        **(await world.client.get(made.headers["location"], headers=town.staff)).json(), "warnings": []
    }  # fmt: skip
    assert (replaced.json()["id"], replaced.json()["participant_count"]) == (row["id"], 9)
    assert rollups_of(accounts, town.centre) == {(KIND[area], month): (1, 9, 60)}
    assert accounts.trail(row["id"]) == [f"{area}.record", f"{area}.change"]
    (_, entered), (before, after) = told_of(accounts, row["id"])
    assert (entered["participant_count"], before["participant_count"], after["participant_count"]) == (4, 4, 9)
    found = await world.client.get(f"/v1/{area}?external_source=ward_ledger&external_id=K-7", headers=town.staff)
    assert [one["id"] for one in found.json()["results"]] == [row["id"]]


@pytest.mark.parametrize("area", AREAS)
async def test_what_is_stored_already_is_left_alone_whatever_the_order_of_its_parts(
    world: World, accounts: Accounts, area: str
) -> None:
    town = await town_in(world)
    body = await full_body(world, area, town)
    made = await world.client.put(path_of(area), headers=town.staff, json=body)
    assert made.status_code == 201, made.text
    again = {**body, **{name: body[name][::-1] for name in ("offices", "people", "dates") if name in body}}
    for headers in (town.staff, town.manager, town.named(town.staff, 7)):
        same = await world.client.put(path_of(area), headers=headers, json=again)
        assert (same.status_code, same.headers["etag"]) == (200, '"1"'), same.text
        stored = await world.client.get(made.headers["location"], headers=town.staff)
        assert same.json() == {**stored.json(), "warnings": []}
    assert accounts.trail(made.json()["id"]) == [f"{area}.record"]


@pytest.mark.parametrize("area", AREAS)
async def test_every_member_and_part_makes_a_difference_and_is_replaced(world: World, area: str) -> None:
    """The control of the test before: whatever differs is seen, and stored as it was sent."""
    town = await town_in(world)
    whole = await full_body(world, area, town)
    made = await world.client.put(path_of(area), headers=town.staff, json=whole)
    bare = body_of(area, town) if area != "training_events" else body_of(area, town, held_on="2024-05-01")
    version = 1
    for name in sorted(whole.keys() - bare.keys()):
        if name in ("dates", "starts_at"):
            continue
        less = {key: value for key, value in whole.items() if key != name}
        refused = await world.client.put(path_of(area), headers=town.staff, json=less)
        if name == "has_consent":
            assert refused.status_code == 422
            continue
        assert refused.status_code == 428, (name, refused.text)
        for body in (less, whole):
            done = await world.client.put(path_of(area), headers=town.named(town.staff, version), json=body)
            assert done.status_code == 200, (name, done.text)
            version += 1
            assert done.json()["version"] == version, name
    emptied = await world.client.put(path_of(area), headers=town.named(town.staff, version), json=bare)
    assert emptied.status_code == 200, emptied.text
    fresh = await world.client.put(path_of(area, "K-8"), headers=town.staff, json=bare)
    own = ("id", "version", "created_at", "updated_at", "external_id")
    told, expected = ({k: v for k, v in a.json().items() if k not in own} for a in (emptied, fresh))
    assert told == expected
    assert made.json()["id"] == emptied.json()["id"]


@pytest.mark.parametrize("area", AREAS)
async def test_a_key_lets_nothing_in_that_recording_refuses(world: World, area: str) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    refused: list[tuple[dict[str, Any], int, str]] = [
        ({"held_on": (today() + timedelta(days=2)).isoformat()}, 422, "/held_on"),
        ({"held_on": "2020-01-01"}, 422, "/held_on"),
        ({"starts_at": "10:00", "ends_at": "09:00"}, 422, "/ends_at"),
        ({"score": 5}, 422, "/score"),
        ({"internal_note": "1234 5678 9018"}, 422, "/internal_note"),
        ({"offices": [{"office_id": elsewhere.office}]}, 404, ""),
        ({"people": [{"person_id": MISSING, "role": "staff"}]}, 404, ""),
    ]
    for made_before in (False, True):
        if made_before:
            made = await world.client.put(path_of(area), headers=town.staff, json=body_of(area, town))
            assert made.status_code == 201, made.text
        for change, status, pointer in refused:
            answer = await world.client.put(
                path_of(area), headers=town.named(town.staff), json=body_of(area, town) | change
            )
            assert answer.status_code == status, (change, answer.text)
            if pointer:
                assert answer.json()["errors"][0]["pointer"] == pointer
        listed = await world.client.get(f"/v1/{area}", headers=town.staff)
        assert [row["version"] for row in listed.json()["results"]] == [1] * made_before


@pytest.mark.parametrize("area", AREAS)
async def test_a_bad_key_is_named(world: World, area: str) -> None:
    town = await town_in(world)
    for source, key, parameter in (("x" * 41, "1", "source"), ("s", "1" * 101, "id")):
        answer = await world.client.put(path_of(area, key, source), headers=town.staff, json=body_of(area, town))
        assert answer.status_code == 422, answer.text
        found = answer.json()["errors"][0]
        assert (found["code"], found["parameter"]) == ("key_invalid", parameter)
    for source, key in (("a%07b", "1"), ("s", "\ue000")):
        answer = await world.client.put(path_of(area, key, source), headers=town.staff, json=body_of(area, town))
        assert answer.status_code == 422, answer.text
    assert (await world.client.get(f"/v1/{area}", headers=town.staff)).json()["results"] == []


@pytest.mark.parametrize("area", AREAS)
async def test_only_those_who_record_may_use_a_key(world: World, area: str) -> None:
    town = await town_in(world)
    program = await world.program(f"{area}:read", f"{area}:write", centre_id=town.centre)
    reader = await world.program(f"{area}:read", centre_id=town.centre)
    body = body_of(area, town)
    for caller in (town.ward, town.office_user, reader):
        assert (await world.client.put(path_of(area), headers=caller, json=body)).status_code == 403
    assert (await world.client.put(path_of(area), headers={}, json=body)).status_code == 401
    assert (await world.client.put(path_of(area), headers=program, json=body)).status_code == 201
    for caller in (town.ward, town.office_user, reader):
        named = town.named(caller)
        assert (await world.client.put(path_of(area), headers=named, json={**body, "title": "別"})).status_code == 403


@pytest.mark.parametrize("area", AREAS)
async def test_a_key_of_another_kind_is_refused_and_never_overwritten(
    world: World, accounts: Accounts, area: str
) -> None:
    town = await town_in(world)
    made = await world.client.put(path_of(area), headers=town.staff, json=body_of(area, town))
    stored = (await world.client.get(made.headers["location"], headers=town.staff)).json()
    for other in AREAS:
        if other == area:
            continue
        for headers in (town.staff, town.named(town.staff)):
            answer = await world.client.put(path_of(other), headers=headers, json=body_of(other, town))
            assert (answer.status_code, answer.json()["code"]) == (409, "external_id_of_other_kind"), answer.text
    assert (await world.client.get(made.headers["location"], headers=town.staff)).json() == stored
    assert accounts.trail(stored["id"]) == [f"{area}.record"]


async def test_within_an_area_too_a_key_keeps_its_kind(world: World) -> None:
    town = await town_in(world)
    for area, change, pointer in (
        ("supervision_sessions", {"session_type": "case_conference"}, "/session_type"),
        ("activities", {"kind": "publicity"}, "/kind"),
    ):
        made = await world.client.put(path_of(area, area), headers=town.staff, json=body_of(area, town))
        assert made.status_code == 201, made.text
        answer = await world.client.put(
            path_of(area, area), headers=town.named(town.staff), json=body_of(area, town) | change
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "kind_fixed"), answer.text
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("area", AREAS)
async def test_each_centre_has_keys_of_its_own_and_learns_of_no_others(world: World, area: str) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    ids = []
    for here in (town, elsewhere):
        made = await world.client.put(path_of(area), headers=here.staff, json=body_of(area, here))
        assert made.status_code == 201, made.text
        ids.append(made.json()["id"])
    assert len(set(ids)) == 2

    def masked(answer: Any, *named: str) -> str:
        text: str = answer.text.replace(answer.json()["request_id"], "")
        return text.replace("K-7", "").replace("K-9", "")

    foreign = body_of(area, town, centre_id=elsewhere.centre)
    known = await world.client.put(path_of(area), headers=town.named(town.staff), json=foreign)
    unknown = await world.client.put(path_of(area, "K-9"), headers=town.named(town.staff), json=foreign)
    missing = await world.client.put(
        path_of(area, "K-9"), headers=town.staff, json=body_of(area, town, centre_id=MISSING)
    )
    assert known.status_code == unknown.status_code == missing.status_code == 404
    assert masked(known) == masked(unknown) == masked(missing)


@pytest.mark.parametrize("area", AREAS)
async def test_the_key_of_a_deleted_activity_is_not_given_to_another(
    world: World, accounts: Accounts, area: str
) -> None:
    town = await town_in(world)
    body = body_of(area, town)
    made = await world.client.put(path_of(area), headers=town.staff, json=body)
    gone = await world.client.delete(made.headers["location"], headers=town.named(town.staff))
    assert gone.status_code == 204
    for headers in (town.staff, town.named(town.staff, 2)):
        answer = await world.client.put(path_of(area), headers=headers, json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "external_id_of_deleted")
    posted = {**body, "external_source": "ward_ledger", "external_id": "K-7"}
    taken = await world.client.post(f"/v1/{area}", headers=town.staff, json=posted)
    assert (taken.status_code, taken.json()["code"]) == (409, "external_id_taken")
    assert accounts.trail(made.json()["id"]) == [f"{area}.record", f"{area}.remove"]
    assert (await world.client.put(path_of(area, "K-8"), headers=town.staff, json=body)).status_code == 201


@pytest.mark.parametrize("area", AREAS)
async def test_two_at_once_make_one_row(world: World, accounts: Accounts, area: str) -> None:
    town = await town_in(world)
    for number in range(6):
        path = path_of(area, f"K-{number}")
        bodies = [body_of(area, town, title=f"同時{number}") for _ in range(4)]
        answers = await asyncio.gather(*(world.client.put(path, headers=town.staff, json=body) for body in bodies))
        assert Counter(a.status_code for a in answers) == {201: 1, 200: 3}, [a.text for a in answers]
        assert len({a.json()["id"] for a in answers}) == 1
        assert accounts.trail(answers[0].json()["id"]) == [f"{area}.record"]
    path = path_of(area, "K-9")
    answers = await asyncio.gather(
        *(world.client.put(path, headers=town.staff, json=body_of(area, town, title=f"別{n}")) for n in range(4))
    )
    assert Counter(a.status_code for a in answers) == {201: 1, 428: 3}, [a.text for a in answers]
    listed = await world.client.get(f"/v1/{area}?count=true", headers=town.staff)
    assert listed.json()["resultset"]["count"] == 7
    month = (KIND[area], month_of(DAY).isoformat())
    assert rollups_of(accounts, town.centre)[month][0] == 7


async def test_the_slower_of_two_is_run_again_and_not_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without it PostgreSQL refuses the slower one; on SQLite writers wait for one another anyway."""

    async def entered(keys: ExternalKeys, session: Session, whole: Mapping[str, Any]) -> Any:
        return await keys.record(session, whole)

    monkeypatch.setattr(ExternalKeys, "_enter", entered)
    town = await town_in(world)
    seen: Counter[int] = Counter()
    for number in range(10):
        path = path_of("activities", f"K-{number}")
        asked = (world.client.put(path, headers=town.staff, json=body_of("activities", town)) for _ in range(4))
        seen.update(answer.status_code for answer in await asyncio.gather(*asked))
    assert seen[201] == 10
    assert (seen[409] > 0) is (world.database.dialect == "postgresql")


@pytest.mark.parametrize("area", AREAS)
async def test_in_a_closed_month_the_same_is_left_alone_and_nothing_else_passes(world: World, area: str) -> None:
    town = await town_in(world)
    body = body_of(area, town, municipality_id=town.municipality)
    assert (await world.client.put(path_of(area), headers=town.staff, json=body)).status_code == 201
    manager = actor(Role.CENTRE_MANAGER, Reach(own_centres=(town.centre,), centres=(town.centre,)))
    closed = {"centre_id": town.centre, "municipality_id": town.municipality, "month": month_of(DAY)}
    await world.put(manager, ClosedMonth, **closed, closed_at=datetime.now(UTC), reason="受理")
    assert (await world.client.put(path_of(area), headers=town.staff, json=body)).status_code == 200
    other = {**body, "title": "別"}
    refused = await world.client.put(path_of(area), headers=town.named(town.staff), json=other)
    assert (refused.status_code, refused.json()["code"]) == (422, "month_closed")
    late = await world.client.put(path_of(area, "K-8"), headers=town.staff, json=body)
    assert (late.status_code, late.json()["code"]) == (422, "month_closed")


async def test_a_visit_with_a_sheet_keeps_its_office_and_its_sheet(world: World) -> None:
    town = await town_in(world)
    body = body_of("office_visits", town)
    made = await world.client.put(path_of("office_visits"), headers=town.staff, json=body)
    sheet = f"{made.headers['location']}/reflection_sheet"
    assert (await world.client.put(sheet, headers=town.staff, json={})).status_code in (200, 201)
    moved = await world.client.put(
        path_of("office_visits"), headers=town.named(town.staff), json={**body, "office_id": town.neighbour}
    )
    assert (moved.status_code, moved.json()["code"]) == (422, "sheet_ties_office")
    renamed = await world.client.put(
        path_of("office_visits"), headers=town.named(town.staff), json={**body, "title": "別名"}
    )
    assert renamed.status_code == 200, renamed.text
    assert (await world.client.get(sheet, headers=town.staff)).status_code == 200


async def test_warnings_come_with_what_is_left_alone_too(world: World) -> None:
    town = await town_in(world)
    asked = {"supervisor_asked_on": (DAY - timedelta(days=3)).isoformat(), "summary": "03-1234-5678 へ"}
    body = body_of("supervision_sessions", town, **asked)
    told = [
        (await world.client.put(path_of("supervision_sessions"), headers=town.staff, json=body)).json()
        for _ in range(2)
    ]
    codes = [[warning["code"] for warning in row["warnings"]] for row in told]
    assert codes == [["supervisor_asked_late", "phone_number_found"]] * 2


async def test_a_title_that_came_from_the_office_is_told_from_one_that_was_written(world: World) -> None:
    town = await town_in(world)
    path = path_of("office_visits")
    body = body_of("office_visits", town)
    assert (await world.client.put(path, headers=town.staff, json=body)).json()["title"] == "試験相談室"
    named = {**body, "title": "初回の訪問"}
    assert (await world.client.put(path, headers=town.named(town.staff), json=named)).status_code == 200
    assert (await world.client.put(path, headers=town.staff, json=named)).status_code == 200
    assert (await world.client.put(path, headers=town.staff, json=body)).status_code == 428


async def test_a_training_whose_first_day_has_come_is_held(world: World) -> None:
    town = await town_in(world)
    days = [{"held_on": (date.today() + timedelta(days=n)).isoformat()} for n in (-3, 4)]  # noqa: DTZ011
    body = {"category": "other", "theme": "連続講座", "dates": days}
    made = await world.client.put(path_of("training_events"), headers=town.staff, json=body)
    assert (made.status_code, made.json()["status"], made.json()["held_on"]) == (201, "held", days[0]["held_on"])
    assert (await world.client.put(path_of("training_events"), headers=town.staff, json=body)).status_code == 200
    fewer = {**body, "dates": days[1:]}
    assert (await world.client.put(path_of("training_events"), headers=town.staff, json=fewer)).status_code == 428
    moved = await world.client.put(path_of("training_events"), headers=town.named(town.staff), json=fewer)
    assert (moved.json()["status"], moved.json()["planned_on"], moved.json()["held_on"]) == (
        "planned", days[1]["held_on"], None,
    )  # fmt: skip
