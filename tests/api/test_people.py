"""People of offices and centres through HTTP."""

from typing import Any

from domain.access import Role
from domain.statements.columns import new_id
from tests.accounts import Accounts
from tests.world import World

PERSON: dict[str, Any] = {
    "name": "相談 花子",
    "name_kana": "そうだん はなこ",
    "post": "管理者",
    "employment": "full_time",
    "is_dedicated": True,
    "is_chief_specialist": True,
    "joined_on": "2020-04-01",
    "qualifications": [
        {"code": "consultation_specialist", "obtained_on": "2021-10-01", "renewal_due_on": "2027-03-31"},
        {"code": "social_worker", "obtained_on": None, "renewal_due_on": None},
    ],
}


def at(headers: dict[str, str], version: int) -> dict[str, str]:
    return {**headers, "If-Match": f'"{version}"'}


async def test_a_person_is_entered_at_an_office_and_counted_there(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    office = await world.office(own)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    made = await world.client.post("/v1/people", headers=ward, json={**PERSON, "office_id": office})
    assert made.status_code == 201, made.text
    assert {**made.json(), **PERSON} == made.json()
    assert made.json()["municipality_id"] == own
    assert (await world.client.get(made.headers["location"], headers=ward)).json() == made.json()
    assert accounts.trail(made.json()["id"]) == ["people.add"]
    counted = await world.client.get(f"/v1/offices/{office}", headers=ward)
    assert counted.json()["staff"] == {
        "person_count": 1,
        "full_time_count": 1,
        "dedicated_count": 1,
        "chief_specialist_count": 1,
        "by_qualification": {"consultation_specialist": 1, "social_worker": 1},
    }
    assert counted.headers["etag"] == '"2"'
    refused = await world.client.delete(f"/v1/offices/{office}", headers=at(ward, 2))
    assert (refused.status_code, refused.json()["code"]) == (409, "office_has_people")


async def test_a_person_leaves_and_is_counted_no_more(world: World, accounts: Accounts) -> None:
    own = await world.municipality()
    office = await world.office(own)
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=await world.centre(own))
    made = (await world.client.post("/v1/people", headers=staff, json={**PERSON, "office_id": office})).json()
    path = f"/v1/people/{made['id']}"
    assert (await world.client.patch(path, headers=staff, json={"left_on": "2024-03-31"})).status_code == 428
    left = await world.client.patch(path, headers=at(staff, 1), json={"left_on": "2024-03-31", "qualifications": []})
    assert (left.status_code, left.json()["left_on"], left.json()["qualifications"]) == (200, "2024-03-31", [])
    assert (await world.client.get(f"/v1/offices/{office}", headers=staff)).json()["staff"]["person_count"] == 0
    working = await world.client.get("/v1/people?working_on=2024-04-01", headers=staff)
    assert working.json()["results"] == []
    assert len((await world.client.get("/v1/people?working_on=2024-03-31", headers=staff)).json()["results"]) == 1
    stale = await world.client.patch(path, headers=at(staff, 1), json={"post": None})
    assert stale.status_code == 412
    assert (await world.client.delete(path, headers=at(staff, 2))).status_code == 204
    assert (await world.client.get(path, headers=staff)).status_code == 404
    assert accounts.trail(made["id"]) == ["people.add", "people.change", "people.remove"]
    assert (await world.client.get(f"/v1/offices/{office}", headers=staff)).headers["etag"] == '"4"'


async def test_people_of_a_centre_are_its_own_and_its_wards(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    centre = await world.centre(own)
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    made = await world.client.post("/v1/people", headers=manager, json={**PERSON, "centre_id": centre})
    assert (made.status_code, made.json()["municipality_id"]) == (201, None), made.text
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    listed = await world.client.get(f"/v1/people?centre_id={centre}", headers=ward)
    assert [row["id"] for row in listed.json()["results"]] == [made.json()["id"]]
    for caller in (
        await world.sign_in(Role.WARD_STAFF, municipality_id=other),
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=await world.centre(own)),
        await world.program("people:read", "people:write", municipality_id=other),
    ):
        assert (await world.client.get("/v1/people?count=true", headers=caller)).json()["resultset"]["count"] == 0
        path = f"/v1/people/{made.json()['id']}"
        assert (await world.client.get(path, headers=caller)).status_code == 404
        assert (await world.client.patch(path, headers=at(caller, 1), json={"post": "x"})).status_code == 404
        assert (await world.client.delete(path, headers=at(caller, 1))).status_code == 404
        entered = await world.client.post("/v1/people", headers=caller, json={**PERSON, "centre_id": centre})
        assert entered.status_code == 404


async def test_offices_and_operators_read_no_people(world: World) -> None:
    own = await world.municipality()
    office = await world.office(own)
    for caller in (
        await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=office),
        await world.sign_in(Role.OPERATOR),
        await world.program("offices:read", municipality_id=own),
    ):
        assert (await world.client.get("/v1/people", headers=caller)).status_code == 403
        assert (await world.client.get(f"/v1/people/{new_id()}", headers=caller)).status_code == 403
        entered = await world.client.post("/v1/people", headers=caller, json={**PERSON, "office_id": office})
        assert entered.status_code == 403
    reader = await world.program("people:read", municipality_id=own)
    assert (await world.client.get("/v1/people", headers=reader)).status_code == 200
    entered = await world.client.post("/v1/people", headers=reader, json={**PERSON, "office_id": office})
    assert entered.status_code == 403


async def test_contradictions_are_refused_by_field(world: World) -> None:
    own = await world.municipality()
    office = await world.office(own)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    held = PERSON["qualifications"][0]
    for wrong, pointer in (
        ({"centre_id": new_id()}, "/office_id"),
        ({"office_id": None}, "/office_id"),
        ({"left_on": "2020-03-31"}, "/left_on"),
        ({"qualifications": [held, held]}, "/qualifications/1/code"),
        ({"qualifications": [{**held, "renewal_due_on": "2021-09-30"}]}, "/qualifications/0/renewal_due_on"),
        ({"qualifications": [{"code": "wizard"}]}, "/qualifications/0/code"),
        ({"employment": "none"}, "/employment"),
        ({"name": ""}, "/name"),
    ):
        answer = await world.client.post("/v1/people", headers=ward, json={**PERSON, "office_id": office, **wrong})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer), answer.text
    missing = await world.client.post("/v1/people", headers=ward, json={**PERSON, "office_id": new_id()})
    assert missing.status_code == 404


async def test_people_are_found_by_post_and_qualification(world: World) -> None:
    own = await world.municipality()
    office = await world.office(own)
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    second = {"name": "相談 太郎", "name_kana": "ソウダン タロウ", "employment": "part_time", "office_id": office}
    for body in (second, {**PERSON, "office_id": office}):
        assert (await world.client.post("/v1/people", headers=ward, json=body)).status_code == 201
    both = ["相談 太郎", "相談 花子"]
    for query, names in (
        ("", both),
        ("employment=part_time", both[:1]),
        ("is_chief_specialist=true", both[1:]),
        ("qualification=social_worker", both[1:]),
        ("qualification=care_manager", []),
        ("renewal_due_to=2027-03-31", both[1:]),
        ("renewal_due_to=2027-03-30", []),
        (f"office_id={office}", both),
        ("q=はなこ", both[1:]),
        ("sort=-name_kana", both[::-1]),
    ):
        listed = await world.client.get(f"/v1/people?{query}", headers=ward)
        assert [row["name"] for row in listed.json()["results"]] == names, query
    assert (await world.client.get("/v1/people?qualification=wizard", headers=ward)).status_code == 422
