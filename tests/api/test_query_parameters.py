"""Query parameters that an operation does not take: a mistyped one must not pass unseen, and has one code."""

import base64

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
