"""Counts through HTTP: zeros, reasons for missing numbers, identities, reach, files."""

import csv
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from domain.access import Role
from domain.counts.qualities import QUALITY_JA
from tests.meguro import Meguro
from tests.world import World

Observations = dict[tuple[str, ...], tuple[int | None, str]]


async def counted(world: World, headers: dict[str, str], **asked: str) -> dict[str, Any]:
    answer = await world.client.get("/v1/activity_counts", headers=headers, params=asked)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def by_place(body: dict[str, Any], metric: str = "held_count") -> Observations:
    return {
        (one["period"]["code"], *one["dimensions"].values()): (one["value"], one["quality"])
        for one in body["observations"]
        if one["metric"] == metric
    }


async def test_every_month_and_kind_is_given_and_zero_is_told_from_not_started(world: World) -> None:
    m = await Meguro.opened(world, date(2026, 6, 15))
    await m.record("meeting", "2026-07-10", body="steering_meeting")
    body = await counted(world, m.manager, **{"from": "2026-04", "to": "2027-03", "centre_id": m.centre_id})
    assert (body["group_by"], body["metrics"], body["period"]["code"]) == (["month", "kind"], ["held_count"], "FY2026")
    assert body["period"]["label_ja"] == "令和8年度"
    found = by_place(body)
    assert len(found) == 12 * 15
    assert found["2026-05", "meeting"] == (None, "not_started")
    assert found["2026-06", "meeting"] == (0, "zero")
    assert found["2026-07", "meeting"] == (1, "counted")
    assert found["2026-07", "office_visit"] == (0, "zero")
    assert body["totals"] == {"held_count": 1}
    assert body["labels"]["kind"]["office_visit"] == "事業所訪問"
    assert body["labels"]["metric"] == {"held_count": "実施件数"}
    assert body["labels"]["quality"]["not_started"] == "未開始"
    assert body["observations"][0]["period"] == {"code": "2026-04", "label_ja": "2026年4月"}


async def test_a_closed_centre_counts_nothing_after_its_end(world: World) -> None:
    ward_id = await world.municipality()
    centre_id = await world.centre(ward_id, opened_on=date(2020, 4, 1), closed_on=date(2025, 9, 30))
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=ward_id)
    found = by_place(await counted(world, ward, fiscal_year="2025", group_by="month", centre_id=centre_id))
    assert (found["2025-09",], found["2025-10",]) == ((0, "zero"), (None, "not_applicable"))


async def test_planned_cancelled_and_deleted_activities_are_not_counted_and_are_explained(world: World) -> None:
    m = await Meguro.opened(world)
    held = await m.record("meeting", "2026-07-10", participant_count=8, duration_minutes=90)
    planned = await m.record("meeting", planned_on="2026-07-20")
    off = await m.record("meeting", planned_on="2026-07-21", status="cancelled", status_reason="荒天")
    gone = await m.record("meeting", "2026-07-22")
    await world.client.delete(f"/v1/activities/{gone}", headers={**m.manager, "If-Match": '"1"'})
    body = await counted(
        world, m.manager, period="2026年7月", group_by="kind", kind="meeting", explain="true",
        metric="held_count,participant_count,duration_minutes",
    )  # fmt: skip
    assert body["totals"] == {"held_count": 1, "participant_count": 8, "duration_minutes": 90}
    group = next(one for one in body["explanation"]["groups"] if one["metric"] == "held_count")
    assert group["included"] == [held]
    reasons = {one["id"]: one["reason"] for one in group["excluded"]}
    assert reasons == {planned: "planned", off: "cancelled", gone: "deleted"}
    assert body["explanation"]["rules"][0]["rule_version"] == body["rule_version"]
    assert "explanation" not in await counted(world, m.manager, period="2026-07")


async def test_an_explanation_comes_in_pages(world: World) -> None:
    m = await Meguro.opened(world)
    ids = [await m.record("publicity", f"2026-05-0{number}") for number in range(1, 6)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        body = await counted(world, m.manager, fiscal_year="2026", explain="true", limit="2", **cursor)
        page = body["explanation"]
        seen += [one for group in page["groups"] for one in group["included"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
    assert seen == ids
    assert cursor == {}
    bad = await world.client.get("/v1/activity_counts", headers=m.manager, params={"explain": "true", "cursor": "zzz"})
    assert bad.status_code == 422


async def test_a_count_by_plan_item_says_which_role_was_missing(world: World) -> None:
    m = await Meguro.opened(world)
    items = await m.items(await m.plan(2026))
    guest = await m.record("meeting", "2026-07-10", body="transition_liaison", centre_role="participate")
    host = await m.record("meeting", "2026-07-11", body="transition_liaison", centre_role="host")
    body = await counted(world, m.manager, fiscal_year="2026", group_by="plan_item", explain="true")
    item_id = items["4-(1)"]["id"]
    found = by_place(body)
    assert len(found) == 18
    assert found["FY2026", item_id] == (1, "counted")
    assert found["FY2026", items["6-(2)"]["id"]] == (0, "zero")
    assert body["labels"]["plan_item"][item_id].startswith("4-(1)")
    assert body["totals"]["held_count"] == 2, "the whole ledger, not the sum of items"
    group = next(one for one in body["explanation"]["groups"] if one["dimensions"]["plan_item"] == item_id)
    assert (group["included"], [(one["id"], one["reason"]) for one in group["excluded"]]) == (
        [guest], [(host, "other_role")]
    )  # fmt: skip


class Uki:
    """One centre of three municipalities with work for two of them and for all."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.places: list[str] = []
        self.centre_id = ""
        self.staff: dict[str, str] = {}
        self.wards: list[dict[str, str]] = []
        self.offices: list[str] = []

    @classmethod
    async def with_work(cls, world: World) -> "Uki":
        u = cls(world)
        u.places = sorted([await world.municipality(name) for name in ("宇土市", "宇城市", "美里町")])
        u.centre_id = await world.centre(*u.places, opened_on=date(2024, 4, 1))
        u.staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=u.centre_id)
        u.wards = [await world.sign_in(Role.WARD_STAFF, municipality_id=place) for place in u.places]
        u.offices = [await world.office(place) for place in u.places[:2]]
        for office, days in ((u.offices[0], ("2026-05-01", "2026-06-01")), (u.offices[1], ("2026-05-02",))):
            for held_on in days:
                await u.post("/v1/office_visits", office_id=office, held_on=held_on, menus=["worry"])
        await u.post(
            "/v1/activities", kind="meeting", title="共同の会議", held_on="2026-05-03", centre_role="secretariat"
        )
        return u

    async def post(self, path: str, **body: Any) -> None:
        answer = await self.world.client.post(path, headers=self.staff, json=body)
        assert answer.status_code == 201, answer.text


async def test_municipalities_and_joint_rows_add_up_to_the_centre(world: World) -> None:
    u = await Uki.with_work(world)
    body = await counted(world, u.staff, fiscal_year="2026", group_by="municipality")
    found = by_place(body)
    one, two, three = u.places
    assert {place: found["FY2026", place][0] for place in (*u.places, "joint")} == {
        one: 2,
        two: 1,
        three: 0,
        "joint": 1,
    }
    assert found["FY2026", three] == (0, "zero")
    assert body["totals"]["held_count"] == 4
    assert body["labels"]["municipality"]["joint"] == "共同"
    for asked in ("month", "kind", "month,kind", "centre", "centre_role", "month,municipality,kind"):
        rows = (await counted(world, u.staff, fiscal_year="2026", group_by=asked))["observations"]
        assert sum(row["value"] or 0 for row in rows) == 4, asked


async def test_a_ward_counts_its_own_and_joint_rows_only(world: World) -> None:
    u = await Uki.with_work(world)
    totals = [(await counted(world, ward, fiscal_year="2026"))["totals"]["held_count"] for ward in u.wards]
    assert totals == [3, 2, 1]
    body = await counted(world, u.wards[1], fiscal_year="2026", group_by="municipality,office")
    assert {tuple(one["dimensions"].values()) for one in body["observations"]} == {(u.places[1], u.offices[1])}
    program = await world.program("activity_counts:read", municipality_id=u.places[1])
    assert (await counted(world, program, fiscal_year="2026"))["totals"]["held_count"] == 2
    shown = await counted(world, u.wards[1], fiscal_year="2026", group_by="municipality")
    assert {one["dimensions"]["municipality"] for one in shown["observations"]} == {u.places[1], "joint"}


async def test_an_office_counts_once_in_a_year_whatever_its_months(world: World) -> None:
    u = await Uki.with_work(world)
    body = await counted(
        world, u.staff, fiscal_year="2026", group_by="month", metric="held_count,distinct_office_count"
    )
    offices = by_place(body, "distinct_office_count")
    assert (offices["2026-05",], offices["2026-06",], offices["2026-07",]) == (
        (2, "counted"), (1, "counted"), (0, "zero")
    )  # fmt: skip
    assert body["totals"] == {"held_count": 4, "distinct_office_count": 2}
    by_office = await counted(world, u.staff, fiscal_year="2026", group_by="office")
    assert by_place(by_office) == {
        ("FY2026", u.offices[0]): (2, "counted"), ("FY2026", u.offices[1]): (1, "counted")
    }  # fmt: skip
    assert by_office["labels"]["office"][u.offices[0]] == "試験相談室"


async def test_an_office_that_did_not_come_is_not_reached(world: World) -> None:
    m = await Meguro.opened(world)
    came, missed, asked_off = [await world.office(m.ward_id) for _ in range(3)]
    links = [
        {"office_id": came, "participant_count": 2},
        {"office_id": missed, "attendance": "absent", "participant_count": 1},
        {"office_id": asked_off, "attendance": "expected"},
    ]
    body = {"category": "workforce_development", "theme": "研修", "held_on": "2026-05-01", "offices": links}
    made = await world.client.post("/v1/training_events", headers=m.manager, json=body)
    assert made.status_code == 201, made.text
    training = made.json()["id"]
    excused = [{"office_id": asked_off, "attendance": "excused"}]
    meeting = await m.record("meeting", "2026-05-02", body="liaison_meeting", offices=excused)
    everything = "held_count,participant_count,duration_minutes,distinct_office_count,kihon.training_support"
    asked = {"fiscal_year": "2026", "explain": "true"}
    for headers in (m.manager, m.ward):
        whole = await counted(world, headers, **asked, group_by="month", metric="held_count,distinct_office_count")
        assert whole["totals"] == {"held_count": 2, "distinct_office_count": 1}
        groups = {one["metric"]: one for one in whole["explanation"]["groups"]}
        assert groups["held_count"]["included"] == [training, meeting]
        assert groups["distinct_office_count"]["included"] == [training]
        assert groups["distinct_office_count"]["excluded"] == [
            {"id": meeting, "reason": "absent", "reason_ja": "事業所が欠席した"}
        ]
        by_office = await counted(world, headers, **asked, group_by="office", metric=everything)
        for metric, number in (("held_count", 1), ("participant_count", 2), ("kihon.training_support", 1)):
            assert by_place(by_office, metric) == {("FY2026", came): (number, "counted")}
        told = {
            one["dimensions"]["office"]: (one["included"], [(left["id"], left["reason"]) for left in one["excluded"]])
            for one in by_office["explanation"]["groups"]
            if one["metric"] == "held_count"
        }
        assert told == {
            came: ([training], []),
            missed: ([], [(training, "absent")]),
            asked_off: ([], [(training, "attendance_open"), (meeting, "absent")]),
        }
    rules = (await world.client.get("/v1/metrics", headers=m.ward)).json()["results"]
    assert all("出席" in row["definition_ja"] for row in rows_named(rules, "held_count", "distinct_office_count"))


def rows_named(rows: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [row for row in rows if row["key"] in keys]


async def test_a_national_indicator_has_its_kinds_bodies_and_years(world: World) -> None:
    m = await Meguro.opened(world, date(2019, 4, 1))
    await m.record("backup_consultation", "2026-05-01")
    await m.record("liaison_contact", "2026-05-02")
    await m.record("meeting", "2026-05-03", body="transition_liaison", centre_role="participate")
    await m.record("meeting", "2026-05-04", body="council", centre_role="participate")
    metrics = "kihon.visit_guidance,kihon.liaison,kihon.case_review"
    body = await counted(world, m.ward, fiscal_year="2026", group_by="month", metric=metrics)
    assert body["totals"] == {"kihon.visit_guidance": 1, "kihon.liaison": 2, "kihon.case_review": 0}
    by_kind = by_place(
        await counted(world, m.ward, fiscal_year="2026", group_by="kind", metric=metrics), "kihon.liaison"
    )
    assert by_kind["FY2026", "meeting"] == (1, "counted")
    assert by_kind["FY2026", "office_visit"] == (None, "not_applicable")
    before = await counted(world, m.ward, fiscal_year="2020", group_by="month", metric="kihon.visit_guidance")
    assert before["totals"] == {"kihon.visit_guidance": None}
    assert before["observations"][0]["quality"] == "not_applicable"


async def test_the_documents_own_bodies_count_for_their_indicators(world: World) -> None:
    m = await Meguro.opened(world)
    for number, body in enumerate(("office_network", "liaison_meeting", "care_provider_liaison"), start=1):
        await m.record("meeting", f"2026-05-0{number}", body=body)
    await m.record("meeting", "2026-05-04", body="joint_case_conference")
    session = {"session_type": "case_conference", "title": "事例検討会", "held_on": "2026-05-05"}
    made = await world.client.post("/v1/supervision_sessions", headers=m.manager, json=session)
    assert made.status_code == 201, made.text
    await m.record("meeting", "2026-05-06", body="consultation_section", centre_role="secretariat")
    await m.record("meeting", "2026-05-08", body="evaluation_conference")
    metrics = ("kihon.liaison", "kihon.case_review")
    asked = {"fiscal_year": "2026", "group_by": "month", "metric": ",".join(metrics), "explain": "true"}
    body = await counted(world, m.ward, **asked)
    assert body["totals"] == dict(zip(metrics, (3, 2), strict=True))
    included = {one["metric"]: len(one["included"]) for one in body["explanation"]["groups"]}
    assert included == body["totals"]
    before = await counted(world, m.ward, fiscal_year="2023", group_by="month", metric="kihon.case_review")
    assert before["observations"][0]["quality"] == "not_applicable"


async def test_the_catalogue_defines_every_metric(world: World) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    answer = await world.client.get("/v1/metrics", headers=ward)
    rows = {row["key"]: row for row in answer.json()["results"]}
    assert {"held_count", "participant_count", "duration_minutes", "distinct_office_count"} <= rows.keys()
    assert all(row["definition_ja"] and row["name_ja"] and row["rule_version"] for row in rows.values())
    assert rows["distinct_office_count"]["is_additive"] is False
    assert rows["kihon.visit_guidance"]["valid_from_fiscal_year"] == 2021


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"from": "2026-05", "to": "2026-04"}, "to"),
        ({"from": "2026-13", "to": "2027-03"}, "from"),
        ({"from": "2026-04", "to": "2026/05"}, "to"),
        ({"from": "2026-04"}, "to"),
        ({"from": "2020-01", "to": "2025-01"}, "to"),
        ({"fiscal_year": "26"}, "fiscal_year"),
        ({"period": "来年"}, "period"),
        ({"period": "FY2026", "fiscal_year": "2026"}, "period"),
        ({"group_by": "month,weekday"}, "group_by"),
        ({"group_by": "month,month"}, "group_by"),
        ({"group_by": "plan_item,kind"}, "group_by"),
        ({"group_by": "plan_item", "metric": "distinct_office_count"}, "metric"),
        ({"metric": "held"}, "metric"),
        ({"kind": "party"}, "kind"),
        ({"centre_id": "1"}, "centre_id"),
        ({"basis": "accepted"}, "basis"),
        ({"limit": "0"}, "limit"),
        ({"form": "2026-04"}, "form"),
    ],
)
async def test_a_bad_parameter_is_named(world: World, asked: dict[str, str], parameter: str) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    answer = await world.client.get("/v1/activity_counts", headers=ward, params=asked)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["parameter"] == parameter


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"group_by": "plan_item,kind"}, "計画項目(plan_item)と組み合わせられるのは、月・市区町村・センターだけです。"),
        ({"group_by": "plan_item", "kind": "meeting"}, "計画項目別の集計では種別を絞れません。"),
        ({"group_by": "plan_item", "metric": "kihon.liaison"}, "この指標は計画項目別に数えられません。"),
        ({"group_by": "weekday"}, "市区町村(municipality)、センター(centre)"),
        ({"kind": "party"}, "事業所訪問(office_visit)"),
        ({"metric": "held"}, "実施件数(held_count)"),
    ],
)
async def test_a_refusal_speaks_of_things_by_their_names(world: World, asked: dict[str, str], words: str) -> None:
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    answer = await world.client.get("/v1/activity_counts", headers=ward, params=asked)
    assert words in answer.json()["errors"][0]["detail"]


async def test_a_question_with_too_large_an_answer_is_refused(world: World) -> None:
    u = await Uki.with_work(world)
    asked = {
        "from": "2022-04", "to": "2027-03", "group_by": "month,kind,municipality,centre",
        "metric": "held_count,participant_count,duration_minutes,distinct_office_count,kihon.liaison,kihon.case_review",
    }  # fmt: skip
    answer = await world.client.get("/v1/activity_counts", headers=u.staff, params=asked)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_many_cells")


async def test_a_foreign_centre_is_missing_and_offices_count_nothing(world: World) -> None:
    m, other = await Meguro.opened(world), await Meguro.opened(world)
    await other.record("publicity", "2026-05-01")
    for centres in (other.centre_id, f"{m.centre_id},{other.centre_id}"):
        answer = await world.client.get(
            "/v1/activity_counts", headers=m.ward, params={"centre_id": centres, "fiscal_year": "2026"}
        )
        assert answer.status_code == 404
    assert (await counted(world, m.ward, fiscal_year="2026"))["totals"]["held_count"] == 0
    explained = await counted(world, m.ward, fiscal_year="2026", explain="true")
    assert explained["explanation"]["groups"] == []
    office = await world.sign_in(Role.OFFICE_USER, office_id=await world.office(m.ward_id), municipality_id=m.ward_id)
    for path in ("/v1/activity_counts", "/v1/activity_counts.csv", "/v1/activity_counts.xlsx", "/v1/metrics"):
        assert (await world.client.get(path, headers=office)).status_code == 403
        assert (await world.client.get(path)).status_code == 401


async def test_unchanged_counts_are_not_sent_twice(world: World) -> None:
    m = await Meguro.opened(world)
    path = "/v1/activity_counts?fiscal_year=2026"
    first = await world.client.get(path, headers=m.ward)
    again = await world.client.get(path, headers={**m.ward, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await m.record("publicity", "2026-05-01")
    after = await world.client.get(path, headers={**m.ward, "If-None-Match": first.headers["etag"]})
    assert after.status_code == 200


async def test_the_files_hold_the_same_numbers_and_no_formula(world: World) -> None:
    name = "=HYPERLINK(1)"
    ward_id = await world.municipality(name)
    centre_id = await world.centre(ward_id, opened_on=date(2024, 4, 1))
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre_id)
    body = {"kind": "publicity", "title": "周知", "held_on": "2026-05-01", "municipality_id": ward_id}
    assert (await world.client.post("/v1/activities", headers=staff, json=body)).status_code == 201
    asked = {"fiscal_year": "2026", "group_by": "month,municipality"}
    json_rows = (await counted(world, staff, **asked))["observations"]
    as_csv = await world.client.get("/v1/activity_counts.csv", headers=staff, params=asked)
    assert as_csv.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(as_csv.content.decode("utf-8-sig"))))
    numbers = ["" if row["value"] is None else str(row["value"]) for row in json_rows]
    assert [row["value"] for row in rows] == numbers
    assert {row["municipality_ja"] for row in rows} == {"'" + name, "共同"}
    assert list(rows[0]) == [
        "period", "period_ja", "municipality", "municipality_ja", "metric", "value", "quality", "metric_ja",
        "quality_ja",
    ]  # fmt: skip
    assert {row["metric_ja"] for row in rows} == {"実施件数"}
    assert {(row["quality"], row["quality_ja"]) for row in rows} <= set(QUALITY_JA.items())
    as_excel = await world.client.get("/v1/activity_counts.xlsx", headers=staff, params=asked)
    sheet = openpyxl.load_workbook(BytesIO(as_excel.content)).active
    assert sheet is not None
    cells = list(sheet.iter_rows(values_only=True))
    assert cells[0] == (
        "期間コード", "期間", "市区町村コード", "市区町村", "指標コード", "値", "区分コード", "指標", "区分"
    )  # fmt: skip
    assert {(row[7], row[8]) for row in cells[1:] if row[5] == 1} == {("実施件数", "実績あり")}
    assert [row[5] for row in cells[1:]] == [row["value"] for row in json_rows]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    lines = (await world.client.get("/v1/activity_counts.ndjson", headers=staff, params=asked)).text.splitlines()
    assert len(lines) == len(json_rows)
    narrow = await world.client.get("/v1/activity_counts.csv", headers=staff, params={**asked, "charset": "cp932"})
    assert "共同" in narrow.content.decode("cp932")


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/csv", ".csv"),
        ("text/csv, */*;q=0.1", ".csv"),
        ("application/x-ndjson", ".ndjson"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"),
    ],
)
async def test_a_file_may_be_asked_for_by_accept(world: World, accept: str, suffix: str) -> None:
    m = await Meguro.opened(world)
    await m.record("publicity", "2026-05-01")
    asked = {"fiscal_year": "2026", "group_by": "kind"}
    by_path = await world.client.get(f"/v1/activity_counts{suffix}", headers=m.ward, params=asked)
    by_accept = await world.client.get("/v1/activity_counts", headers={**m.ward, "Accept": accept}, params=asked)
    assert by_accept.status_code == 200, by_accept.text
    for name in ("content-type", "content-disposition"):
        assert by_accept.headers[name] == by_path.headers[name]
    if suffix != ".xlsx":
        assert by_accept.content == by_path.content
    assert by_accept.content[:2] == by_path.content[:2]
    assert "Accept" in by_accept.headers["vary"]
    plain = await world.client.get("/v1/activity_counts", headers={**m.ward, "Accept": "*/*"}, params=asked)
    assert (plain.headers["content-type"], plain.headers["vary"]) == ("application/json", "Accept")
    stranger = await world.sign_in(Role.OPERATOR)
    refused = await world.client.get("/v1/activity_counts", headers={**stranger, "Accept": accept}, params=asked)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    mistyped = await world.client.get("/v1/activity_counts", headers={**m.ward, "Accept": accept}, params={"form": "x"})
    assert mistyped.json()["errors"][0]["code"] == "unknown_parameter"


async def test_a_file_by_accept_may_be_in_the_charset_of_old_spreadsheets(world: World) -> None:
    m = await Meguro.opened(world)
    asked = {"fiscal_year": "2026", "group_by": "kind", "charset": "cp932"}
    csv_wanted = {**m.ward, "Accept": "text/csv"}
    narrow = await world.client.get("/v1/activity_counts", headers=csv_wanted, params=asked)
    assert narrow.headers["content-type"] == "text/csv; charset=Shift_JIS"
    assert "事業所訪問" in narrow.content.decode("cp932")
    assert (await world.client.get("/v1/activity_counts", headers=m.ward, params=asked)).status_code == 200
    bad = await world.client.get("/v1/activity_counts", headers=csv_wanted, params={**asked, "charset": "x"})
    assert bad.json()["errors"][0]["parameter"] == "charset"
