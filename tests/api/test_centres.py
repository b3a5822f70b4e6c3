"""Centres through HTTP: who sees what of them, and who keeps them."""

from typing import Any

from domain.access import Role
from domain.statements.columns import new_id
from tests.accounts import Accounts
from tests.paging import followed
from tests.world import World

CENTRE: dict[str, Any] = {
    "name": "目黒区基幹相談支援センター",
    "name_kana": "めぐろくきかんそうだんしえんせんたー",
    "nickname": "きかん",
    "operation_mode": "commissioned",
    "operator_name": "社会福祉法人試験会",
    "functions": ["area_building"],
    "opened_on": "2026-04-01",
    "internal_note": "鍵は区役所",
}
FOR_OFFICE = {
    "id", "name", "name_kana", "nickname", "operation_mode", "operator_name", "does_direct_support", "functions",
    "opened_on", "closed_on", "address", "telephone", "fax", "mail", "municipality_ids", "hours", "closures", "version",
    "created_at", "updated_at", "deleted_at",
}  # fmt: skip


async def test_an_operator_sets_up_a_centre_and_reads_it_back(world: World, accounts: Accounts) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    made = await world.client.post("/v1/centres", headers=operator, json=CENTRE)
    assert made.status_code == 201, made.text
    body = made.json()
    assert body.pop("warnings") == []
    assert {**body, **CENTRE} == body
    assert (body["coverage"], body["hours"], body["staffing"], body["municipality_ids"]) == ([], [], [], [])
    read = await world.client.get(made.headers["location"], headers=operator)
    assert (read.json(), read.headers["etag"]) == (body, '"1"')
    assert accounts.trail(body["id"]) == ["centres.add"]


async def test_every_role_sees_its_own_centres_and_no_other(world: World) -> None:
    own, other = await world.municipality(), await world.municipality()
    centre, foreign = await world.centre(own), await world.centre(other)
    office = await world.office(own)
    for caller in (
        await world.sign_in(Role.WARD_STAFF, municipality_id=own),
        await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre),
        await world.sign_in(Role.CENTRE_STAFF, centre_id=centre),
        await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=office),
        await world.program("centres:read", municipality_id=own),
        await world.program("centres:read", centre_id=centre),
    ):
        listed = await world.client.get("/v1/centres?count=true", headers=caller)
        assert [row["id"] for row in listed.json()["results"]] == [centre], listed.text
        assert listed.json()["resultset"]["count"] == 1
        assert listed.json()["results"][0]["municipality_ids"] == [own]
        by_foreign = await world.client.get(f"/v1/centres?municipality_id={other}", headers=caller)
        assert by_foreign.json()["results"] == []
        for path in ("", "/coverage", "/hours", "/closures?from=2026-04-01&to=2026-04-30",
                     "/calendar?from=2026-04-01&to=2026-04-30"):  # fmt: skip
            unseen = await world.client.get(f"/v1/centres/{foreign}{path}", headers=caller)
            missing = await world.client.get(f"/v1/centres/{new_id()}{path}", headers=caller)
            assert unseen.status_code == missing.status_code == 404
            assert unseen.json()["detail"] == missing.json()["detail"]
            assert (await world.client.get(f"/v1/centres/{centre}{path}", headers=caller)).status_code == 200


async def test_an_office_reads_neither_staffing_nor_the_internal_note(world: World) -> None:
    own = await world.municipality()
    centre = await world.centre(own, internal_note="内々の話")
    office = await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=await world.office(own))
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    read = await world.client.get(f"/v1/centres/{centre}", headers=office)
    assert set(read.json()) == FOR_OFFICE
    assert "内々の話" not in read.text
    assert set((await world.client.get(f"/v1/centres/{centre}", headers=ward)).json()) == FOR_OFFICE | {
        "coverage", "staffing", "internal_note",
    }  # fmt: skip
    for form in ("", ".csv", ".ndjson"):
        assert "内々の話" not in (await world.client.get(f"/v1/centres{form}", headers=ward)).text
    assert (await world.client.get(f"/v1/centres/{centre}/staffing", headers=office)).status_code == 403
    refused = await world.client.get("/v1/centres?fields=internal_note", headers=office)
    assert refused.status_code == 422


async def test_a_manager_keeps_what_describes_its_centre_and_nothing_else(world: World, accounts: Accounts) -> None:
    centre = await world.centre(await world.municipality())
    manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    path = f"/v1/centres/{centre}"
    changes = {"telephone": "03-0000-0000", "functions": ["community_transition"], "internal_note": "予備室あり"}
    changed = await world.client.patch(path, headers={**manager, "If-Match": '"1"'}, json=changes)
    assert changed.status_code == 200, changed.text
    assert {**changed.json(), **changes} == changed.json()
    assert accounts.trail(centre) == ["centres.change"]
    same = {"name": "試験基幹相談支援センター", "mail": "a@kikan.example"}
    kept = await world.client.patch(path, headers={**manager, "If-Match": '"2"'}, json=same)
    assert kept.status_code == 200
    for member, value in {"name": "新しい名前", "opened_on": "2020-04-01", "operation_mode": "direct"}.items():
        refused = await world.client.patch(path, headers={**manager, "If-Match": '"2"'}, json={member: value})
        assert (refused.status_code, refused.json()["code"]) == (403, "provisioned_member")
    stale = await world.client.patch(path, headers={**manager, "If-Match": '"1"'}, json={"fax": "1"})
    assert stale.status_code == 412
    assert (await world.client.patch(path, headers=manager, json={"fax": "1"})).status_code == 428


async def test_those_who_do_not_keep_a_centre_cannot_write_it(world: World) -> None:
    own = await world.municipality()
    centre = await world.centre(own)
    office = await world.office(own)
    match = {"If-Match": '"1"'}
    for caller, statuses in (
        (await world.sign_in(Role.WARD_STAFF, municipality_id=own), (403, 403, 403)),
        (await world.sign_in(Role.CENTRE_STAFF, centre_id=centre), (403, 403, 403)),
        (await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre), (403, 403, 403)),
        (await world.sign_in(Role.OFFICE_USER, municipality_id=own, office_id=office), (403, 403, 403)),
        (await world.program("centres:read", "centres:write", centre_id=centre), (403, 403, 403)),
    ):
        headers = {**caller, **match}
        answers = (
            await world.client.post("/v1/centres", headers=caller, json=CENTRE),
            await world.client.delete(f"/v1/centres/{centre}", headers=headers),
            await world.client.post(
                f"/v1/centres/{centre}/coverage",
                headers=caller,
                json={"municipality_id": own, "valid_from": "2030-04-01"},
            ),
        )
        assert tuple(a.status_code for a in answers) == statuses
    foreign = await world.sign_in(Role.CENTRE_MANAGER, centre_id=await world.centre(own))
    headers = {**foreign, **match}
    for method, path, body in (
        ("PATCH", "", {"fax": "1"}),
        ("PUT", "/hours", {"results": []}),
        ("PUT", "/closures/2026-05-01", {"kind": "closed"}),
        ("DELETE", "/closures/2026-05-01", None),
        ("POST", "/staffing", {"employment": "full_time", "is_dedicated": True, "person_count": 1,
                               "valid_from": "2026-04-01"}),
        ("PATCH", f"/staffing/{new_id()}", {"person_count": 1}),
        ("DELETE", f"/staffing/{new_id()}", None),
    ):  # fmt: skip
        answer = await world.client.request(method, f"/v1/centres/{centre}{path}", headers=headers, json=body)
        assert answer.status_code == 404, (method, path)


async def test_contradicting_dates_are_refused_with_their_field(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    answer = await world.client.post("/v1/centres", headers=operator, json={**CENTRE, "closed_on": "2026-03-31"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/closed_on")
    centre = await world.centre(await world.municipality())
    late = await world.client.patch(
        f"/v1/centres/{centre}", headers={**operator, "If-Match": '"1"'}, json={"opened_on": "2030-05-01"}
    )
    assert (late.status_code, late.json()["code"]) == (422, "opens_after_coverage")


async def test_a_centre_in_use_is_not_removed(world: World) -> None:
    operator = await world.sign_in(Role.OPERATOR)
    covering, staffed, free = await world.centre(await world.municipality()), await world.centre(), await world.centre()
    await world.sign_in(Role.CENTRE_STAFF, centre_id=staffed)
    for centre in (covering, staffed):
        refused = await world.client.delete(f"/v1/centres/{centre}", headers={**operator, "If-Match": '"1"'})
        assert (refused.status_code, refused.json()["code"]) == (409, "centre_in_use")
    sync = "/v1/centres?include_deleted=true&limit=200&changed_after="
    before = (await followed(world, f"{sync}start", operator))[-1].json()["resultset"]["next_cursor"]
    removed = await world.client.delete(f"/v1/centres/{free}", headers={**operator, "If-Match": '"1"'})
    assert removed.status_code == 204
    assert (await world.client.get(f"/v1/centres/{free}", headers=operator)).status_code == 404
    synced = await world.client.get(f"{sync}{before}", headers=operator)
    assert [row["deleted_at"] is not None for row in synced.json()["results"] if row["id"] == free] == [True]


async def test_centres_sort_in_the_order_of_the_kana(world: World) -> None:
    own = await world.municipality()
    names = {"カイ": "い", "がっこう": "ろ", "かき": "は", "きく": "に"}
    by_kana = {kana: await world.centre(own) for kana in names}
    operator = await world.sign_in(Role.OPERATOR)
    for kana, centre in by_kana.items():
        changed = await world.client.patch(
            f"/v1/centres/{centre}", headers={**operator, "If-Match": '"1"'}, json={"name_kana": kana}
        )
        assert changed.status_code == 200
    ward = await world.sign_in(Role.WARD_STAFF, municipality_id=own)
    listed = await world.client.get("/v1/centres", headers=ward)
    assert [row["name_kana"] for row in listed.json()["results"]] == ["カイ", "かき", "がっこう", "きく"]
    exported = await world.client.get("/v1/centres.csv?fields=name_kana", headers=ward)
    assert exported.content.decode("utf-8-sig").split() == ["name_kana", "カイ", "かき", "がっこう", "きく"]
