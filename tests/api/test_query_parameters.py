"""Query parameters that an operation does not take: a mistyped one must not pass unseen, and has one code."""

import base64
from urllib.parse import quote

import pytest

from domain.access import Role
from tests.world import World


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/me"), ("GET", "/v1/centres/{centre}"), ("POST", "/v1/sessions"), ("DELETE", "/v1/sessions/current")],
)  # fmt: skip
async def test_a_parameter_that_an_operation_does_not_take_is_refused(world: World, method: str, path: str) -> None:
    centre = await world.centre(await world.municipality())
    headers = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    address = path.format(centre=centre)
    body = {"login": "nobody", "password": "nothing at all"} if method == "POST" else None
    answer = await world.client.request(method, f"{address}?limti=5&limti=6&x", headers=headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters")
    told = [(error["parameter"], error["code"]) for error in answer.json()["errors"]]
    assert told == [("limti", "unknown_parameter"), ("x", "unknown_parameter")]
    plain = await world.client.request(method, address, headers=headers, json=body)
    assert plain.status_code != 422


@pytest.mark.parametrize(
    "path",
    [
        "/v1/activity_counts?fiscal_year=2026", "/v1/activity_counts.csv?fiscal_year=2026", "/v1/metrics?limit=5",
        "/v1/changes?limit=5", "/v1/centres/{centre}/calendar?from=2026-04-01&to=2026-04-02",
        "/v1/centres/{centre}/closures?from=2026-04-01&to=2026-04-02", "/v1/offices?limit=5",
    ],
)  # fmt: skip
async def test_a_mistyped_parameter_has_the_same_code_everywhere(world: World, path: str) -> None:
    centre = await world.centre(await world.municipality())
    staff = await world.sign_in(Role.CENTRE_STAFF, centre_id=centre)
    answer = await world.client.get(f"{path.format(centre=centre)}&limti=5", headers=staff)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters"), answer.text
    told = {error["parameter"]: error["code"] for error in answer.json()["errors"]}
    assert told["limti"] == "unknown_parameter"
    assert "unknown_member" not in told.values()


async def test_the_token_endpoint_ignores_what_it_does_not_know_as_its_standard_asks(world: World) -> None:
    basic = base64.b64encode(b"nobody:nothing").decode()
    answer = await world.client.post(
        "/oauth/token?x=1", headers={"Authorization": f"Basic {basic}"}, data={"grant_type": "client_credentials"}
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


SPELLINGS = {
    "/v1/activity_counts?explain=": (
        ["true", "false"],
        ["yes", "0", "1", "TRUE", "on", "t", "", "true "],
        "not_a_flag",
    ),
    "/v1/activity_counts?limit=": (["5", "200"], ["+5", "5.0", " 5", "1_0", "-1", "\uff15", "", "1e1"], "not_a_number"),
    "/v1/centres/{centre}/closures?to=2027-03-31&from=": (
        ["2026-10-01"],
        ["2026-10-01T00:00:00Z", "20261001", "2026-W40-4", "1790812800", "2026-10-1", ""],
        "not_a_day",
    ),
    "/v1/changes?limit=": (["5"], ["+5", "5.0", "0x5"], "not_a_number"),
    "/v1/offices?count=": (["true", "false"], ["yes", "1", "TRUE"], "not_a_flag"),
    "/v1/offices?open_on=": (["2026-10-01"], ["2026-10-01T00:00:00Z", "20261001", "2026-W40-4"], "not_a_day"),
}


@pytest.mark.parametrize("path", SPELLINGS)
async def test_flags_numbers_and_days_have_one_spelling_everywhere(world: World, path: str) -> None:
    centre = await world.centre(await world.municipality())
    staff = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    right, wrong, code = SPELLINGS[path]
    address, name = path.format(centre=centre), path[:-1].rpartition("&" if "&" in path else "?")[2]
    for text in right:
        answer = await world.client.get(f"{address}{quote(text)}", headers=staff)
        assert answer.status_code == 200, (text, answer.text)
    for text in wrong:
        answer = await world.client.get(f"{address}{quote(text)}", headers=staff)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["parameter"]) == (422, name), text
        assert fault["code"] in (code, "empty"), text


async def test_a_number_out_of_range_and_a_parameter_given_twice_are_named(world: World) -> None:
    centre = await world.centre(await world.municipality())
    staff = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre)
    for query, code in (("limit=501", "too_large"), ("limit=0", "too_small"), ("limit=1&limit=2", "repeated")):
        answer = await world.client.get(f"/v1/activity_counts?{query}", headers=staff)
        (fault,) = answer.json()["errors"]
        assert (answer.status_code, fault["parameter"], fault["code"]) == (422, "limit", code)
