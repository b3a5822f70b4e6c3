"""The contract is complete, true to the code, and the same as the committed one."""

import copy
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pages
import problem_codes
import pytest
import schemathesis

from api.contract import document
from api.problem_codes import CODES
from api.routes import AREAS
from tests.world import World

ROOT = Path(__file__).parents[2]
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
ALWAYS = {"400", "414", "422", "431", "500", "503"}
METHODS = {"get", "put", "post", "patch", "delete"}

Document = dict[str, Any]


@pytest.fixture(scope="module")
def contract() -> Document:
    return document(AREAS)


def operations(contract: Document) -> Iterator[tuple[str, str, Document]]:
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            assert method in METHODS
            yield path, method, operation


def resolved(contract: Document, node: Document) -> Document:
    while "$ref" in node:
        found: Any = contract
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def incomplete(contract: Document) -> list[str]:
    """Name everything the contract leaves unsaid."""
    found: list[str] = []
    tags = {tag["name"]: tag.get("description", "") for tag in contract["tags"]}
    names = [operation.get("operationId") for _, _, operation in operations(contract)]
    found += [f"{name}: not unique" for name in names if name is None or names.count(name) > 1]
    found += [
        f"tag {name}: no description with its Japanese term" for name, t in tags.items() if not JAPANESE.search(t)
    ]
    for path, method, operation in operations(contract):
        name = operation["operationId"]
        found += [
            f"{name}: no {part} with its Japanese term"
            for part in ("summary", "description")
            if not JAPANESE.search(operation.get(part, ""))
        ]
        if len(operation["tags"]) != 1 or operation["tags"][0] not in tags:
            found.append(f"{name}: not of exactly one described area")
        parameters = [resolved(contract, p) for p in operation.get("parameters", ())]
        placeholders = set(re.findall(r"\{(\w+)\}", path))
        if placeholders != {p["name"] for p in parameters if p["in"] == "path"}:
            found.append(f"{name}: path parameters are not those of the path")
        found += [f"{name}: {p['name']} is not described" for p in parameters if not p.get("description")]
        found += [f"{name}: {p['name']} has no example" for p in parameters if p["in"] == "path" and "example" not in p]
        found += unsaid_of_answers(contract, name, method, operation)
    for schema, shape in contract["components"]["schemas"].items():
        found += [
            f"{schema}.{member}: not described"
            for member, said in shape.get("properties", {}).items()
            if not said.get("description")
        ]
        if shape.get("type") == "object" and not shape.get("description"):
            found.append(f"{schema}: not described")
    return found


def unsaid_of_answers(contract: Document, name: str, method: str, operation: Document) -> list[str]:
    found = []
    expected = set(ALWAYS)
    if operation["security"] == [{"bearer": []}]:
        expected |= {"401", "403", "429"}
    if "requestBody" in operation:
        expected |= {"408", "413", "415"}
    parameters = {p["name"]: p for p in (resolved(contract, p) for p in operation["parameters"])}
    if "If-Match" in parameters and parameters["If-Match"]["required"]:
        expected |= {"412", "428"}
    found += [f"{name}: does not declare {status}" for status in expected - operation["responses"].keys()]
    for status, answer in operation["responses"].items():
        content = resolved(contract, answer).get("content", {})
        if status >= "400" and "application/problem+json" not in content:
            found.append(f"{name}: {status} is no problem detail")
    successes = [a for s, a in operation["responses"].items() if s.startswith("2")]
    bodies = [operation.get("requestBody", {}), *successes]
    found += [
        f"{name}: {media_type} has no example"
        for body in bodies
        for media_type, content in body.get("content", {}).items()
        if "example" not in content and media_type.startswith(("application/json", "text/"))
    ]
    if not successes:
        found.append(f"{name}: no answer when all is well")
    if {"limit", "cursor", "sort"} <= parameters.keys():
        offered = {"application/json", "text/csv", "application/x-ndjson"}
        found += [
            f"{name}: does not offer {kind}" for kind in offered - operation["responses"]["200"]["content"].keys()
        ]
    return found


def test_the_contract_leaves_nothing_unsaid(contract: Document) -> None:
    assert incomplete(contract) == []


def visits(contract: Document) -> Document:
    found: Document = contract["paths"]["/v1/office_visits"]["get"]
    return found


PLANTED: dict[str, Callable[[Document], Any]] = {
    "a summary without Japanese": lambda c: visits(c).update(summary="List office visits"),
    "a missing description": lambda c: visits(c).pop("description"),
    "an unknown area": lambda c: visits(c).update(tags=["elsewhere"]),
    "a name used twice": lambda c: visits(c).update(operationId="list_offices"),
    "an undeclared crash": lambda c: visits(c)["responses"].pop("500"),
    "no CSV": lambda c: visits(c)["responses"]["200"]["content"].pop("text/csv"),
    "no example": lambda c: visits(c)["responses"]["200"]["content"]["application/json"].pop("example"),
    "a silent parameter": lambda c: visits(c)["parameters"][0].pop("description"),
    "an undocumented id": lambda c: c["paths"]["/v1/office_visits/{id}"]["get"].update(parameters=[]),
    "a silent member": lambda c: c["components"]["schemas"]["VisitOut"]["properties"]["menus"].pop("description"),
}


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED.keys())
def test_what_is_left_unsaid_would_be_told(contract: Document, plant: Callable[[Document], Any]) -> None:
    planted = copy.deepcopy(contract)
    plant(planted)
    assert incomplete(planted)


def test_the_contract_is_the_committed_one(contract: Document) -> None:
    committed = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    assert committed == contract, "run `python3 x.py openapi` and read the diff"


async def test_the_service_serves_this_contract(world: World, contract: Document) -> None:
    answer = await world.client.get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json() == contract


def test_the_contract_is_openapi_3_1(contract: Document) -> None:
    assert contract["openapi"].startswith("3.1")
    schemathesis.openapi.from_dict(contract).validate()
    planted = copy.deepcopy(contract)
    visits(planted)["responses"] = "none"
    with pytest.raises(Exception, match="none"):
        schemathesis.openapi.from_dict(planted).validate()


def examples_in(contract: Document) -> Iterator[tuple[str, Document, Any]]:
    for _, _, operation in operations(contract):
        for part in (operation.get("requestBody", {}), *operation["responses"].values()):
            for media_type, content in resolved(contract, part).get("content", {}).items():
                if "json" in media_type or "form" in media_type:
                    yield operation["operationId"], content["schema"], content.get("example")
        for parameter in operation["parameters"]:
            said = resolved(contract, parameter)
            if "example" in said:
                yield f"{operation['operationId']} {said['name']}", said["schema"], said["example"]


def wrong_examples(contract: Document) -> list[str]:
    """Name the examples that their own shapes would refuse."""
    found = []
    holders: dict[str, Any] = {}
    for name, schema, example in examples_in(contract):
        if example is None:
            continue
        key = json.dumps(schema, sort_keys=True)
        if key not in holders:
            schemas = contract["components"]["schemas"]
            holders[key] = jsonschema_rs.validator_for(
                {**schema, "components": {"schemas": schemas}}, validate_formats=True
            )
        found += [f"{name}: {error.message}"[:300] for error in holders[key].iter_errors(example)]
    return found


def test_every_example_fits_its_shape(contract: Document) -> None:
    assert wrong_examples(contract) == []


def test_an_example_that_does_not_fit_would_be_told(contract: Document) -> None:
    planted = copy.deepcopy(contract)
    visits(planted)["responses"]["200"]["content"]["application/json"]["example"]["results"][0]["held_on"] = "soon"
    assert wrong_examples(planted)


def test_every_problem_code_in_the_source_is_described() -> None:
    assert problem_codes.table(problem_codes.codes_in(problem_codes.sources())) == CODES, "run .ci/pages.py"


def test_an_undescribed_problem_code_would_be_told() -> None:
    planted = 'raise ConflictError("moon_is_full", "満月です。", "The moon is full.")\n'
    found = problem_codes.codes_in({**problem_codes.sources(), "domain/moon.py": planted})
    assert found["moon_is_full"].statuses == {409}
    assert "moon_is_full" not in CODES


def test_every_code_written_next_to_an_error_is_collected() -> None:
    written = re.compile(
        r"\b(?:ConflictError|RuleError|rule_broken|Fault|FieldFaultError|NotPermittedError)\(\s*\"([a-z][a-z0-9_]*)\""
    )
    seen = {code for source in problem_codes.sources().values() for code in written.findall(source)}
    assert len(seen) > 80
    assert seen <= CODES.keys()


async def test_the_type_of_a_problem_leads_to_its_page(world: World) -> None:
    refused = await world.client.get("/v1/office_visits")
    assert refused.status_code == 401
    page = await world.client.get(refused.json()["type"])
    assert page.status_code == 200
    assert page.json()["code"] == refused.json()["code"]
    assert page.json()["statuses"][0]["status"] == 401
    assert refused.json()["detail"] in {detail["ja"] for detail in page.json()["details"]}


async def test_a_problem_page_is_text_where_text_is_asked_for(world: World) -> None:
    page = await world.client.get("/problems/not_found", headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"] == "text/plain; charset=utf-8"
    assert "HTTP 404" in page.text
    assert "There is no such thing." in page.text


async def test_every_problem_has_its_page_and_no_other_code_has_one(world: World) -> None:
    listed = await world.client.get("/problems")
    assert {kind["code"] for kind in listed.json()["results"]} == set(CODES)
    unknown = await world.client.get("/problems/no_such_code")
    assert unknown.status_code == 404


def test_the_pages_made_from_code_and_data_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert pages.main(["--check"]) == 0, capsys.readouterr().out
    assert str(ROOT) in sys.path
