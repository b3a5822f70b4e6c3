"""Work programmes through HTTP, with the model programme of 18 items."""

from typing import Any

from domain.access import Role
from tests.meguro import Meguro, programme
from tests.world import World


async def whole(m: Meguro, headers: dict[str, str] | None = None) -> dict[str, Any]:
    listed = await m.world.client.get(f"/v1/work_programmes?centre_id={m.centre_id}", headers=headers or m.manager)
    programme_id = listed.json()["results"][0]["id"]
    answer = await m.world.client.get(f"/v1/work_programmes/{programme_id}", headers=headers or m.manager)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def by_code(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["code"]: item for item in body["items"]}


async def test_the_eighteen_items_keep_history_doubts_and_other_readings(world: World) -> None:
    m = await Meguro.opened(world)
    items = by_code(await whole(m, m.ward))
    assert len(items) == 18
    training = items["3-(1)"]
    texts = [(phase["from_year"], phase["text"], phase["is_superseded"]) for phase in training["phases"]]
    assert texts == [(1, "年1回", False), (2, "年2回以上", False), (1, "年2回", True), (2, "年3回", True)]
    assert all(phase["reason"] for phase in training["phases"] if phase["is_superseded"])
    assert training["phases"][1]["reading"]["min_count"] == 2
    assert training["phases"][1]["reading"]["max_count"] is None
    assert training["doubt"]
    assert [one["label"] for one in items["1-(2)"]["alternative_readings"]] == ["B", "C"]
    assert items["4-(1)"]["counting_rules"] == [
        {"kind": "meeting", "body": "transition_liaison", "roles": ["participate"]}
    ]


async def test_a_programme_is_written_as_it_is_read(world: World) -> None:
    m = await Meguro.opened(world)
    before = await whole(m)
    sent = {name: value for name, value in before.items() if name not in SERVER}
    sent["items"] = [{n: v for n, v in item.items() if n not in ("id", "position")} for item in before["items"]]
    path = f"/v1/work_programmes/{before['id']}"
    answer = await world.client.put(path, headers={**m.manager, "If-Match": '"1"'}, json=sent)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    strip = lambda body: [{n: v for n, v in item.items() if n != "id"} for item in body["items"]]  # noqa: E731
    assert strip(after) == strip(before)
    assert after["version"] == 2
    assert (await world.client.put(path, headers={**m.manager, "If-Match": '"1"'}, json=sent)).status_code == 412
    assert (await world.client.put(path, headers=m.manager, json=sent)).status_code == 428


SERVER = {"id", "version", "created_at", "updated_at", "deleted_at"}


def line(**more: Any) -> dict[str, Any]:
    return {
        "section_number": 1,
        "section_title": "試験",
        "code": "9-(1)",
        "title": "試験",
        "centre_role": "host",
        **more,
    }


async def test_an_item_without_phases_takes_them_from_its_frequency_text(world: World) -> None:
    m = await Meguro.opened(world)
    path = f"/v1/work_programmes/{(await whole(m))['id']}/items"
    added = await world.client.post(
        path, headers={**m.manager, "If-Match": '"1"'}, json=line(frequency_text="初年度 年2回 2年目～ 年3回")
    )
    assert added.status_code == 201, added.text
    phases = [(one["from_year"], one["to_year"], one["reading"]["min_count"]) for one in added.json()["phases"]]
    assert phases == [(1, 1, 2), (2, None, 3)]
    assert added.json()["version"] == 2
    item = f"{path}/{added.json()['id']}"
    replaced = await world.client.put(item, headers={**m.manager, "If-Match": '"2"'}, json=line(frequency_text="年4回"))
    assert [one["reading"]["min_count"] for one in replaced.json()["phases"]] == [4]
    twice = await world.client.post(path, headers={**m.manager, "If-Match": '"3"'}, json=line(frequency_text="年1回"))
    assert twice.status_code == 409
    assert (await world.client.delete(item, headers={**m.manager, "If-Match": '"2"'})).status_code == 412
    assert (await world.client.delete(item, headers={**m.manager, "If-Match": '"3"'})).status_code == 204
    assert len((await world.client.get(path, headers=m.manager)).json()["results"]) == 18


async def test_several_values_are_refused_with_their_candidates_until_a_person_confirms_one(world: World) -> None:
    m = await Meguro.opened(world)
    path = f"/v1/work_programmes/{(await whole(m))['id']}/items"
    phase: dict[str, Any] = {"from_year": 1, "text": "年2回 年1回"}
    refused = await world.client.post(path, headers={**m.manager, "If-Match": '"1"'}, json=line(phases=[phase]))
    assert refused.status_code == 422
    assert refused.json()["code"] == "several_values"
    assert [one["code"] for one in refused.json()["errors"]] == ["several_values", "candidate", "candidate"]
    assert refused.json()["errors"][0]["pointer"] == "/phases/0/text"
    phase["reading"] = {"kind": "per_year", "min_count": 1, "max_count": 1, "period": "year"}
    confirmed = await world.client.post(path, headers={**m.manager, "If-Match": '"1"'}, json=line(phases=[phase]))
    assert confirmed.status_code == 201, confirmed.text
    assert confirmed.json()["phases"][0]["text"] == "年2回 年1回"


async def test_words_that_are_no_frequency_are_refused_with_their_place(world: World) -> None:
    m = await Meguro.opened(world)
    body = programme(m.centre_id, 2030)
    body["items"] = [line(), line(code="9-(2)", phases=[{"from_year": 1, "text": "相談支援専門員"}])]
    answer = await world.client.post("/v1/work_programmes", headers=m.manager, json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/items/1/phases/0/text"


async def test_a_second_programme_from_the_same_year_on_is_a_conflict(world: World) -> None:
    m = await Meguro.opened(world)
    again = await world.client.post("/v1/work_programmes", headers=m.manager, json=programme(m.centre_id, 2024))
    assert again.status_code == 409
    later = await world.client.post("/v1/work_programmes", headers=m.manager, json=programme(m.centre_id, 2030))
    assert later.status_code == 201


async def test_title_and_year_change_by_merge_patch(world: World) -> None:
    m = await Meguro.opened(world)
    path = f"/v1/work_programmes/{(await whole(m))['id']}"
    answer = await world.client.patch(path, headers={**m.ward, "If-Match": '"1"'}, json={"title": "改題", "note": None})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["title"], answer.json()["note"], answer.json()["version"]) == ("改題", None, 2)


async def test_another_municipality_sees_no_programme_and_cannot_enter_one(world: World) -> None:
    m = await Meguro.opened(world)
    programme_id = (await whole(m))["id"]
    stranger = await world.sign_in(Role.WARD_STAFF, municipality_id=await world.municipality())
    assert (await world.client.get("/v1/work_programmes", headers=stranger)).json()["results"] == []
    for path in (f"/v1/work_programmes/{programme_id}", f"/v1/work_programmes/{programme_id}/items"):
        assert (await world.client.get(path, headers=stranger)).status_code == 404
    entered = await world.client.post("/v1/work_programmes", headers=stranger, json=programme(m.centre_id, 2031))
    assert entered.status_code == 404
    patched = await world.client.patch(
        f"/v1/work_programmes/{programme_id}", headers={**stranger, "If-Match": '"1"'}, json={"title": "x"}
    )
    assert patched.status_code == 404


async def test_staff_and_programs_read_programmes_and_offices_do_not(world: World) -> None:
    m = await Meguro.opened(world)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=m.centre_id)
    program = await world.program("work_programmes:read", municipality_id=m.ward_id)
    office = await world.sign_in(Role.OFFICE_USER, office_id=await world.office(m.ward_id), municipality_id=m.ward_id)
    for headers, status in ((staff, 200), (program, 200), (office, 403)):
        assert (await world.client.get("/v1/work_programmes", headers=headers)).status_code == status
        body = programme(m.centre_id, 2032)
        assert (await world.client.post("/v1/work_programmes", headers=headers, json=body)).status_code == 403
    assert (await world.client.get("/v1/work_programmes")).status_code == 401
