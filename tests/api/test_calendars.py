"""What calendar programs get: the activities and the closing days as events, in the shape of the caller's role."""

import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import icalendar
import pytest

from api import calendar_files, exports
from api.calendars import Event
from api.contract import operations_of
from domain.access import Role
from domain.clock import TOKYO, today
from tests.areas import Headers, Town, person_in, town_in
from tests.world import World

ZONE = ZoneInfo("Asia/Tokyo")
DAY = today() - timedelta(days=3)
SOON = today() + timedelta(days=10)
AREAS = ("office_visits", "supervision_sessions", "training_events", "activities")
MEMBERS = {
    "UID", "SUMMARY", "CATEGORIES", "STATUS", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "LOCATION",
    "TRANSP", "CLASS",
}  # fmt: skip
"""All that an event may hold."""


def at(day: date, time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=ZONE)


def body_of(area: str, town: Town, **more: Any) -> dict[str, Any]:
    own: dict[str, dict[str, Any]] = {
        "office_visits": {"office_id": town.office},
        "supervision_sessions": {"session_type": "group", "offices": [{"office_id": town.office}]},
        "training_events": {"category": "workforce_development", "theme": "初任者研修"},
        "activities": {"kind": "meeting", "title": "運営会議"},
    }
    return {**own[area], "held_on": DAY.isoformat(), **more}


async def made(world: World, town: Town, area: str, **more: Any) -> dict[str, Any]:
    answer = await world.client.post(f"/v1/{area}", headers=town.staff, json=body_of(area, town, **more))
    assert answer.status_code == 201, answer.text
    row: dict[str, Any] = answer.json()
    return row


async def calendar(world: World, path: str, headers: Headers) -> tuple[icalendar.Calendar, httpx.Response]:
    answer = await world.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert faults_in(answer.content) == []
    found = icalendar.Calendar.from_ical(answer.content)
    assert isinstance(found, icalendar.Calendar)
    return found, answer


async def events(world: World, path: str, headers: Headers) -> dict[str, icalendar.Event]:
    """Give the events by their UID."""
    found, _ = await calendar(world, path, headers)
    by_uid = {str(event["UID"]): event for event in found.events}
    assert len(by_uid) == len(found.events)
    for event in found.events:
        assert set(event) <= MEMBERS
        assert event.errors == []
    return by_uid


def faults_in(content: bytes) -> list[str]:
    """Say what RFC 5545 would not have: other line ends, long lines, control characters, unfinished parts."""
    lines = content.split(b"\r\n")
    found = ["does not end with a line end"] if lines.pop() else []
    found += [f"line of {len(line)} octets" for line in lines if len(line) > 75]
    text = content.decode()
    bare = text.replace("\r\n", "")
    found += [f"U+{ord(c):04X}" for c in bare if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029"]
    unfolded = text.replace("\r\n ", "").splitlines()
    if (unfolded[0], unfolded[-1]) != ("BEGIN:VCALENDAR", "END:VCALENDAR") or unfolded.count("BEGIN:VCALENDAR") != 1:
        found.append("not one calendar")
    open_parts: list[str] = []
    for line in unfolded:
        if line.startswith("BEGIN:"):
            open_parts.append(line[6:])
        elif line.startswith("END:") and (not open_parts or open_parts.pop() != line[4:]):
            found.append(f"{line} out of place")
    return found + open_parts


@pytest.mark.parametrize(
    ("area", "label", "title"),
    [
        ("office_visits", "事業所訪問", "試験相談室"),
        ("supervision_sessions", "スーパービジョン", "GSV"),
        ("training_events", "研修会", "初任者研修"),
        ("activities", "会議", "運営会議"),
    ],
)
async def test_an_activity_is_an_event_with_its_id_version_times_and_place(
    world: World, area: str, label: str, title: str
) -> None:
    town = await town_in(world)
    row = await made(world, town, area, starts_at="13:30", ends_at="15:00", location="会館, 2階; 北")
    for path in {f"/v1/{area}.ics", "/v1/activities.ics"}:
        for caller in (town.staff, town.manager, town.ward):
            found = await events(world, path, caller)
            (event,) = found.values()
            assert str(event["UID"]) == f"{row['id']}@kikan"
            assert (event.start, event.end) == (at(DAY, "13:30"), at(DAY, "15:00"))
            assert event["DTSTART"].params["TZID"] == "Asia/Tokyo"
            assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (f"{label}:{title}", "会館, 2階; 北")
            assert [str(one) for one in event["CATEGORIES"].cats] == [label]
            assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 1)
            changed_at = datetime.fromisoformat(row["updated_at"]).replace(microsecond=0)
            assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == changed_at
            assert not {"TRANSP", "CLASS"} & set(event)
    change = {"title": "改めて", "sensitivity": "restricted"}
    await world.client.patch(f"/v1/{area}/{row['id']}", headers=town.named(town.staff), json=change)
    (event,) = (await events(world, f"/v1/{area}.ics", town.staff)).values()
    assert (str(event["SUMMARY"]), event["SEQUENCE"], str(event["CLASS"])) == (f"{label}:改めて", 2, "CONFIDENTIAL")


@pytest.mark.parametrize(
    ("times", "start", "end"),
    [
        ({}, DAY, DAY + timedelta(days=1)),
        ({"duration_minutes": 60}, DAY, DAY + timedelta(days=1)),
        ({"starts_at": "23:30"}, at(DAY, "23:30"), at(DAY, "23:30")),
        ({"starts_at": "23:30", "duration_minutes": 60}, at(DAY, "23:30"), at(DAY + timedelta(days=1), "00:30")),
        ({"starts_at": "09:00", "ends_at": "10:00", "duration_minutes": 30}, at(DAY, "09:00"), at(DAY, "10:00")),
    ],
)
async def test_an_event_has_the_times_that_are_recorded_and_else_its_day(
    world: World, times: dict[str, Any], start: date, end: date
) -> None:
    town = await town_in(world)
    await made(world, town, "activities", **times)
    (event,) = (await events(world, "/v1/activities.ics", town.staff)).values()
    assert (event.start, event.end) == (start, end)
    assert ("TRANSP" in event) is not isinstance(start, datetime)


@pytest.mark.parametrize(
    ("state", "status", "summary"),
    [
        ({"held_on": None, "planned_on": SOON.isoformat()}, "TENTATIVE", "会議:運営会議"),
        ({}, "CONFIRMED", "会議:運営会議"),
        ({"status": "postponed"}, "TENTATIVE", "【延期】会議:運営会議"),
        ({"status": "declined"}, "CANCELLED", "【辞退】会議:運営会議"),
        ({"status": "cancelled"}, "CANCELLED", "【中止】会議:運営会議"),
    ],
)
async def test_an_event_tells_whether_it_takes_place(
    world: World, state: dict[str, Any], status: str, summary: str
) -> None:
    town = await town_in(world)
    reason = {"held_on": None, "planned_on": SOON.isoformat(), "status_reason": "台風"} if "status" in state else {}
    await made(world, town, "activities", **reason, **state)
    (event,) = (await events(world, "/v1/activities.ics", town.staff)).values()
    assert (str(event["STATUS"]), str(event["SUMMARY"])) == (status, summary)
    assert "台風" not in event.to_ical().decode()


async def test_a_training_over_several_dates_is_an_event_on_each(world: World) -> None:
    town = await town_in(world)
    days = [DAY - timedelta(days=7), DAY, SOON]
    dates = [
        {"held_on": days[0].isoformat()},
        {"held_on": days[1].isoformat(), "starts_at": "10:00", "ends_at": "12:00", "location": "別会場"},
        {"held_on": days[2].isoformat(), "starts_at": "10:00"},
    ]
    row = await made(world, town, "training_events", held_on=None, dates=dates, location="会館", starts_at="13:00")
    other = await made(world, town, "activities")
    own, rest = f"{row['id']}@kikan", [f"{row['id']}.{day:%Y%m%d}@kikan" for day in days[1:]]
    for path, caller in (("/v1/training_events.ics", town.staff), ("/v1/training_events.ics", town.office_user),
                         ("/v1/activities.ics", town.staff)):  # fmt: skip
        found = await events(world, path, caller)
        assert found.pop(f"{other['id']}@kikan", None) is None or path == "/v1/activities.ics"
        assert set(found) == {own, *rest}
        told = [(found[uid].start, str(found[uid]["LOCATION"])) for uid in (own, *rest)]
        assert told == [(at(days[0], "13:00"), "会館"), (at(days[1], "10:00"), "別会場"), (at(SOON, "10:00"), "会館")]
        assert found[rest[0]].end == at(days[1], "12:00")
    change = {"dates": dates[1:], "held_on": days[1].isoformat()}
    moved = await world.client.patch(f"/v1/training_events/{row['id']}", headers=town.named(town.staff), json=change)
    assert moved.status_code == 200, moved.text
    found = await events(world, "/v1/training_events.ics", town.staff)
    assert {uid: event.start for uid, event in found.items()} == {
        own: at(days[1], "10:00"), rest[1]: at(SOON, "10:00")
    }  # fmt: skip


async def test_an_office_sees_its_own_events_and_nothing_internal(world: World) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    people = [{"person_id": await person_in(world, town, office=town.office), "role": "participant"}]
    secrets = {"internal_note": "ないしょ", "sensitivity": "restricted", "people": people}
    for area, more in (
        ("office_visits", {"findings": "気づき", "internal_findings": "ないしょ", "message": "伝言"}),
        ("supervision_sessions", {"summary": "概要", "internal_summary": "ないしょ", "fee_yen": 33333}),
        ("training_events", {"description": "内容", "survey_summary": "ないしょ"}),
        ("activities", {}),
    ):
        await made(world, town, area, location="会場", **secrets, **more)
    await made(world, town, "office_visits", office_id=town.neighbour, title="隣への訪問")
    for area in AREAS[:3]:
        found = await events(world, f"/v1/{area}.ics", town.office_user)
        listed = await world.client.get(f"/v1/{area}", headers=town.office_user)
        assert set(found) == {f"{row['id']}@kikan" for row in listed.json()["results"]}
        (event,) = found.values()
        assert str(event["LOCATION"]) == "会場"
        assert "CLASS" not in event
        for caller in (town.office_user, town.staff, town.ward):
            _, answer = await calendar(world, f"/v1/{area}.ics", caller)
            for word in ("ないしょ", "気づき", "伝言", "概要", "内容", "33333", "試験 職員", people[0]["person_id"]):
                assert word not in answer.text.replace("\r\n ", ""), (area, word)
            assert ("隣への訪問" in answer.text) is (area == "office_visits" and caller is not town.office_user)
        for stranger in (elsewhere.ward, elsewhere.staff, elsewhere.office_user):
            assert await events(world, f"/v1/{area}.ics", stranger) == {}
    assert (await world.client.get("/v1/activities.ics", headers=town.office_user)).status_code == 403
    operator = await world.sign_in(Role.OPERATOR)
    for area in AREAS:
        assert (await world.client.get(f"/v1/{area}.ics", headers=operator)).status_code == 403
        assert (await world.client.get(f"/v1/{area}.ics")).status_code == 401


@pytest.mark.parametrize("area", AREAS)
async def test_a_calendar_takes_the_filters_of_its_list(world: World, area: str) -> None:
    town = await town_in(world)
    past, planned = await made(world, town, area), await made(
        world, town, area, held_on=None, planned_on=SOON.isoformat(), title="これから"
    )  # fmt: skip
    for asked, expected in (
        ("", {past["id"], planned["id"]}),
        ("?status=planned", {planned["id"]}),
        (f"?held_from={today()}", {planned["id"]}),
        (f"?held_to={today()}&limit=1&sort=held_on", {past["id"]}),
        ("?q=これから", {planned["id"]}),
    ):
        assert set(await events(world, f"/v1/{area}.ics{asked}", town.staff)) == {f"{i}@kikan" for i in expected}
    by_accept = {**town.staff, "Accept": "text/calendar, */*;q=0.1"}
    assert set(await events(world, f"/v1/{area}?status=held", by_accept)) == {f"{past['id']}@kikan"}
    for asked, parameter in (("colour=red", "colour"), ("fields=id", "fields"), ("charset=cp932", "charset")):
        refused = await world.client.get(f"/v1/{area}.ics?{asked}", headers=town.staff)
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["parameter"] == parameter


async def test_lists_that_are_no_calendars_offer_none(world: World) -> None:
    town = await town_in(world)
    assert (await world.client.get("/v1/offices.ics", headers=town.staff)).status_code == 404
    answer = await world.client.get("/v1/offices", headers={**town.staff, "Accept": "text/calendar"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")


async def test_every_list_that_is_declared_a_calendar_is_one(world: World) -> None:
    town = await town_in(world)
    declared = [r.path for r in operations_of(world.app) if r.listed and r.listed.is_calendar and r.include_in_schema]
    assert sorted(declared) == sorted(f"/v1/{area}" for area in AREAS)
    for path in declared:
        found, answer = await calendar(world, f"{path}.ics", town.staff)
        assert [part.name for part in found.subcomponents] == ["VTIMEZONE"]
        assert str(found["X-WR-CALNAME"])
        assert answer.headers["content-disposition"] == f'attachment; filename="{path.removeprefix("/v1/")}.ics"'
        assert answer.headers["cache-control"] == "no-store"


async def test_a_deleted_activity_is_cancelled_where_tombstones_are_asked_for(world: World) -> None:
    town = await town_in(world)
    row = await made(world, town, "activities")
    await world.client.delete(f"/v1/activities/{row['id']}", headers=town.named(town.staff))
    assert await events(world, "/v1/activities.ics", town.staff) == {}
    (event,) = (await events(world, "/v1/activities.ics?include_deleted=true", town.staff)).values()
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CANCELLED", 2)


async def test_a_calendar_is_whole_however_many_pages_it_takes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    town = await town_in(world)
    rows = [body_of("activities", town, title=f"会議{n}") for n in range(23)]
    assert (await world.client.post("/v1/activities/batch", headers=town.staff, json={"rows": rows})).is_success
    monkeypatch.setattr(exports, "STREAM_PAGE", 5)
    found = await events(world, "/v1/activities.ics", town.staff)
    assert sorted(str(event["SUMMARY"]) for event in found.values()) == sorted(f"会議:会議{n}" for n in range(23))


HOSTILE = (
    '甲,乙;丙\\丁:戊"己',
    "改行\nATTENDEE:mailto:a@example.jp\nEND:VEVENT",
    "長い題" * 60,
    "\\n は改行ではない\\",
    "神\U0002000b🙂",
)


@pytest.mark.parametrize("title", HOSTILE)
async def test_any_text_comes_back_as_it_was_and_adds_nothing(world: World, title: str) -> None:
    town = await town_in(world)
    await made(world, town, "activities", title=title, location=title)
    (event,) = (await events(world, "/v1/activities.ics", town.staff)).values()
    expected = title.replace("\n", " ")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (f"会議:{expected}", expected)


def event_with(text: str) -> bytes:
    told = Event("u@kikan", text, "会議", DAY, None, "CONFIRMED", 1, datetime.now(TOKYO), text)
    return calendar_files.head("名") + calendar_files.event(told) + calendar_files.tail()


def test_no_control_character_reaches_a_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(map(chr, (*range(0xA0), 0x2028, 0x2029))) + "おわり"
    assert faults_in(event_with(text)) == []
    monkeypatch.setattr(calendar_files, "_CONTROLS", {})
    assert "U+0007" in faults_in(event_with(text))
    planted = event_with("甲").replace("甲".encode(), "甲\r\nEND:VEVENT".encode(), 1)
    assert faults_in(planted) != []


def test_the_library_is_not_loaded_before_the_first_calendar() -> None:
    root = Path(__file__).parents[2]
    for wanted, expected in (("api.serve, api.routes", "False"), ("api.calendar_files", "True")):
        code = f"import sys, {wanted}; print('icalendar' in sys.modules)"
        told = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True, text=True)
        assert told.stdout.strip() == expected, wanted


async def test_the_closing_days_of_a_centre_are_a_calendar(world: World) -> None:
    town = await town_in(world)
    centre = f"/v1/centres/{town.centre}"
    for day, closure in (
        ("2026-06-05", {"kind": "closed", "reason": "研修のため, 休み"}),
        ("2026-06-06", {"kind": "open", "reason": "相談会"}),
    ):
        assert (await world.client.put(f"{centre}/closures/{day}", headers=town.manager, json=closure)).is_success
    version = (await world.client.get(centre, headers=town.staff)).json()["version"]
    span = "from=2026-05-01&to=2026-06-30"
    for caller in (town.staff, town.ward, town.office_user):
        found = await events(world, f"{centre}/calendar.ics?{span}", caller)
        told = {event.start: str(event["SUMMARY"]) for event in found.values()}
        assert told == {
            date(2026, 5, 4): "休所:みどりの日",
            date(2026, 5, 5): "休所:こどもの日",
            date(2026, 5, 6): "休所:振替休日",
            date(2026, 6, 5): "休所:研修のため, 休み",
            date(2026, 6, 6): "臨時開所:相談会",
        }
        assert f"{town.centre}.20260605@kikan" in found
        assert {event["SEQUENCE"] for event in found.values()} == {version}
    answer = await world.client.get(f"{centre}/calendar.ics?{span}", headers=town.staff)
    unchanged = {**town.staff, "If-None-Match": answer.headers["etag"]}
    assert (await world.client.get(f"{centre}/calendar.ics?{span}", headers=unchanged)).status_code == 304
    days = (await world.client.get(f"{centre}/calendar?{span}", headers=town.staff)).json()["days"]
    weekly = ("weekly_hours", "closed_weekday")
    assert {day["day"] for day in days if day["reason"] not in weekly} == {f"{day}" for day in told}


async def test_the_closing_days_of_a_foreign_centre_are_missing(world: World) -> None:
    town, elsewhere = await town_in(world), await town_in(world)
    path = f"/v1/centres/{town.centre}/calendar.ics"
    for stranger in (elsewhere.staff, elsewhere.ward, elsewhere.office_user):
        assert (await world.client.get(f"{path}?from=2026-05-01&to=2026-05-02", headers=stranger)).status_code == 404
    for asked in ("from=2026-05-02&to=2026-05-01", "from=2026-05-01&to=2028-05-01", "from=2026-05-01", ""):
        assert (await world.client.get(f"{path}?{asked}", headers=town.staff)).status_code == 422
