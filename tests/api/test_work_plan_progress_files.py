"""Progress of a plan as files, and of the paces asked for, through HTTP."""

import csv
from io import BytesIO, StringIO
from typing import Any

import openpyxl

from domain.access import Role
from tests.accounts import Accounts
from tests.meguro import Meguro
from tests.world import World

HEAD = (
    "code", "title", "target_text", "done", "planned", "due_so_far", "required_in_year", "remaining", "pace_ja",
    "next_due_on", "last_possible_month",
)  # fmt: skip
ON = "2026-11-20"


def written(value: Any) -> str:
    return "" if value is None else str(value)


async def test_the_files_hold_what_the_answer_holds(world: World, accounts: Accounts) -> None:
    m = await Meguro.opened(world, texts={"6-(2)": "2月に1回"})
    plan_id = await m.plan(2026)
    await m.record("peer_gathering", "2026-10-10")
    items = list((await m.progress(plan_id, ON)).values())
    path = f"/v1/work_plans/{plan_id}/progress"
    as_csv = await world.client.get(f"{path}.csv", headers=m.ward, params={"on": ON})
    assert as_csv.status_code == 200, as_csv.text
    assert as_csv.headers["content-disposition"] == 'attachment; filename="work_plan_progress.csv"'
    assert as_csv.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(as_csv.content.decode("utf-8-sig"))))
    assert rows[0] == list(HEAD)
    assert rows[1:] == [[written(item[name]) for name in HEAD] for item in items]
    narrow = await world.client.get(f"{path}.csv", headers=m.ward, params={"on": ON, "charset": "cp932"})
    assert "期限間近" in narrow.content.decode("cp932")
    as_excel = await world.client.get(f"{path}.xlsx", headers=m.ward, params={"on": ON})
    sheet = openpyxl.load_workbook(BytesIO(as_excel.content)).active
    assert sheet is not None
    cells = list(sheet.iter_rows(values_only=True))
    assert cells == [HEAD, *(tuple(item[name] for name in HEAD) for item in items)]
    assert accounts.trail(plan_id)[-3:] == ["work_plans.export"] * 3


async def test_only_the_paces_asked_for_are_told(world: World) -> None:
    m = await Meguro.opened(world)
    plan_id = await m.plan(2026)
    path = f"/v1/work_plans/{plan_id}/progress"
    whole = (await world.client.get(path, headers=m.manager, params={"on": ON})).json()
    asked = (await world.client.get(path, headers=m.manager, params={"on": ON, "pace": "behind, due_soon"})).json()
    wanted = [item for item in whole["items"] if item["pace"] in ("behind", "due_soon")]
    assert asked == {**whole, "items": wanted}
    assert 0 < len(wanted) < 18
    as_csv = await world.client.get(f"{path}.csv", headers=m.manager, params={"on": ON, "pace": "behind,due_soon"})
    assert [row["code"] for row in csv.DictReader(StringIO(as_csv.content.decode("utf-8-sig")))] == [
        item["code"] for item in wanted
    ]
    for ending in ("", ".csv", ".xlsx"):
        for pace in ("late", "", "behind,,due_soon"):
            refused = await world.client.get(f"{path}{ending}", headers=m.manager, params={"pace": pace})
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid_parameters"), (ending, pace)
            assert refused.json()["errors"][0]["parameter"] == "pace"


async def test_files_are_for_those_who_may_read_the_plan(world: World) -> None:
    m, other = await Meguro.opened(world), await Meguro.opened(world)
    plan_id = await m.plan(2026)
    program = await world.program("work_plans:read", municipality_id=m.ward_id)
    office = await world.sign_in(Role.OFFICE_USER, office_id=await world.office(m.ward_id), municipality_id=m.ward_id)
    for ending in ("csv", "xlsx"):
        path = f"/v1/work_plans/{plan_id}/progress.{ending}"
        answers = [(await world.client.get(path, headers=one)).status_code for one in (program, office, other.ward)]
        assert answers == [200, 403, 404]
