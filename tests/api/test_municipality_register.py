"""Setting up and removing municipalities through HTTP."""

from typing import Any

from domain.access import Role
from tests.world import World, local_government_code


def municipality(**more: Any) -> dict[str, Any]:
    return {
        "id": local_government_code("13"),
        "kind": "special_ward",
        "prefecture": "東京都",
        "name": "試験区",
        "name_kana": "しけんく",
        **more,
    }


async def test_an_operator_sets_up_a_municipality_and_reads_it_back(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    body = municipality(population=12, labels={"plan": "計画書"})
    made = await world.client.post("/v1/municipalities", headers=operator, json=body)
    assert made.status_code == 201, made.text
    path = f"/v1/municipalities/{body['id']}"
    assert made.headers["location"] == path
    read = await world.client.get(path, headers=operator)
    assert read.json() == made.json()
    assert {**read.json(), **body} == read.json()
    again = await world.client.post("/v1/municipalities", headers=operator, json=body)
    assert (again.status_code, again.json()["code"]) == (409, "municipality_exists")


async def test_a_code_with_a_wrong_check_digit_is_refused(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    right = local_government_code("13")
    wrong = right[:5] + str((int(right[5]) + 1) % 10)
    answer = await world.client.post("/v1/municipalities", headers=operator, json=municipality(id=wrong))
    assert (answer.status_code, answer.json()["code"]) == (422, "code_invalid")
    assert answer.json()["errors"][0]["pointer"] == "/id"
    assert wrong not in answer.text.replace(answer.json()["instance"], "")


async def test_the_prefecture_must_be_that_of_the_code(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    answer = await world.client.post("/v1/municipalities", headers=operator, json=municipality(prefecture="大阪府"))
    assert (answer.status_code, answer.json()["code"]) == (422, "prefecture_mismatch")


async def test_a_ward_of_a_designated_city_names_its_city_and_nothing_else_does(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    city = municipality(id=local_government_code("14"), kind="designated_city", prefecture="神奈川県", name="試験市")
    ward = municipality(id=local_government_code("14"), kind="designated_city_ward", prefecture="神奈川県")

    async def add(body: dict[str, Any]) -> tuple[int, str | None]:
        answer = await world.client.post("/v1/municipalities", headers=operator, json=body)
        return answer.status_code, answer.json().get("code")

    assert await add(ward) == (422, "parent_required")
    assert await add({**ward, "parent_code": city["id"]}) == (422, "parent_unknown")
    assert (await add(city))[0] == 201
    assert await add({**city, "id": local_government_code("14"), "parent_code": city["id"]}) == (422, "parent_required")
    assert (await add({**ward, "parent_code": city["id"]}))[0] == 201
    listed = await world.client.get(f"/v1/municipalities?parent_code={city['id']}", headers=operator)
    assert [row["id"] for row in listed.json()["results"]] == [ward["id"]]
    removed = await world.client.delete(f"/v1/municipalities/{city['id']}", headers={**operator, "If-Match": '"1"'})
    assert (removed.status_code, removed.json()["code"]) == (409, "municipality_in_use")


async def test_only_an_empty_municipality_is_removed(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    empty, covered, staffed, connected = [await world.municipality() for _ in range(4)]
    await world.centre(covered)
    await world.sign_in(Role.WARD_STAFF, municipality_id=staffed)
    await world.program("offices:read", municipality_id=connected)
    for code in (covered, staffed, connected):
        refused = await world.client.delete(f"/v1/municipalities/{code}", headers={**operator, "If-Match": '"1"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "municipality_in_use")
    path = f"/v1/municipalities/{empty}"
    assert (await world.client.delete(path, headers=operator)).status_code == 428
    assert (await world.client.delete(path, headers={**operator, "If-Match": '"9"'})).status_code == 412
    assert (await world.client.delete(path, headers={**operator, "If-Match": '"1"'})).status_code == 204
    assert (await world.client.get(path, headers=operator)).status_code == 404
    again = await world.client.delete(path, headers={**operator, "If-Match": '"2"'})
    assert again.status_code == 404


async def test_only_operators_set_up_and_remove(world: World) -> None:
    own = await world.municipality()
    centre = await world.centre(own)
    callers = [
        await world.sign_in(Role.WARD_STAFF, municipality_id=own),
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre),
        await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=await world.office(own)),
        await world.program("municipalities:read", "municipalities:provision", municipality_id=own),
    ]
    for caller in callers:
        assert (await world.client.post("/v1/municipalities", headers=caller, json=municipality())).status_code == 403
        removed = await world.client.delete(f"/v1/municipalities/{own}", headers={**caller, "If-Match": '"1"'})
        assert removed.status_code == 403


async def test_names_sort_by_their_readings_and_are_found_in_any_spelling(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    mark = local_government_code("13")
    bodies = [
        municipality(name=f"が{mark}", name_kana="ガッコウク"),
        municipality(name=f"か{mark}", name_kana="かきく"),
        municipality(name=f"保土ケ谷{mark}", name_kana="ほどがやく"),
    ]
    for body in bodies:
        assert (await world.client.post("/v1/municipalities", headers=operator, json=body)).status_code == 201
    listed = await world.client.get(f"/v1/municipalities?sort=name_kana&q={mark}", headers=operator)
    assert [row["id"] for row in listed.json()["results"]] == [bodies[1]["id"], bodies[0]["id"], bodies[2]["id"]]
    found = await world.client.get(f"/v1/municipalities?q=保土ヶ谷{mark}", headers=operator)
    assert [row["id"] for row in found.json()["results"]] == [bodies[2]["id"]]
    renamed = await world.client.patch(
        f"/v1/municipalities/{bodies[2]['id']}", headers={**operator, "If-Match": '"1"'}, json={"name_kana": "あ"}
    )
    assert renamed.status_code == 200
    first = await world.client.get(f"/v1/municipalities?sort=name_kana&q={mark}&limit=1", headers=operator)
    assert first.json()["results"][0]["id"] == bodies[2]["id"]
    cursor = first.json()["resultset"]["next_cursor"]
    rest = await world.client.get(f"/v1/municipalities?sort=name_kana&q={mark}&cursor={cursor}", headers=operator)
    assert [row["id"] for row in rest.json()["results"]] == [bodies[1]["id"], bodies[0]["id"]]
