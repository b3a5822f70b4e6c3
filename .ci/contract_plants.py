"""Breaks and harmless changes to plant into a copy of the contract, so that each run of the comparison proves its eyes.

Every break stands at a place of its own: one comparison must find them all.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Document = dict[str, Any]


@dataclass(frozen=True)
class Plant:
    """One change and how it must be told: the rule's name, the operation, and a word of the sentence."""

    what: str
    change: Callable[[Document], object]
    rule: str = ""
    operation: str = ""
    word: str = ""


def operation(contract: Document, name: str) -> Document:
    """Give an operation by its method and path."""
    method, path = name.split(" ")
    found: Document = contract["paths"][path][method.lower()]
    return found


def parameter(contract: Document, name: str, wanted: str) -> Document:
    """Give a parameter of an operation by its name."""
    found: Document = next(p for p in operation(contract, name)["parameters"] if p.get("name") == wanted)
    return found


def shape(contract: Document, name: str) -> Document:
    """Give a shape of the contract."""
    found: Document = contract["components"]["schemas"][name]
    return found


def member(contract: Document, name: str, wanted: str) -> Document:
    """Give a member of a shape."""
    found: Document = shape(contract, name)["properties"][wanted]
    return found


def without_member(contract: Document, name: str, gone: str) -> None:
    """Take a member out of a shape."""
    changed = shape(contract, name)
    del changed["properties"][gone]
    changed["required"] = [kept for kept in changed.get("required", ()) if kept != gone]


def with_mandatory_member(contract: Document, name: str, new: str) -> None:
    """Put a mandatory member into a shape."""
    changed = shape(contract, name)
    changed["properties"][new] = {"type": "string"}
    changed.setdefault("required", []).append(new)


def without_null(contract: Document, name: str, wanted: str) -> None:
    """Refuse null for a member that may be null."""
    said = member(contract, name, wanted)
    shape(contract, name)["properties"][wanted] = next(kind for kind in said["anyOf"] if kind.get("type") != "null")


def with_null(contract: Document, name: str, wanted: str) -> None:
    """Let a member that never was null be null."""
    said = member(contract, name, wanted)
    shape(contract, name)["properties"][wanted] = {"anyOf": [said, {"type": "null"}]}


def with_name(contract: Document, old: str, new: str) -> None:
    """Call a shape otherwise, everywhere."""
    schemas = contract["components"]["schemas"]
    schemas[new] = schemas.pop(old)
    pointed_elsewhere(contract, f"#/components/schemas/{old}", f"#/components/schemas/{new}")


def pointed_elsewhere(node: object, old: str, new: str) -> None:
    """Change every reference to one address into another."""
    if isinstance(node, dict):
        if node.get("$ref") == old:
            node["$ref"] = new
        for inner in node.values():
            pointed_elsewhere(inner, old, new)
    elif isinstance(node, list):
        for inner in node:
            pointed_elsewhere(inner, old, new)


LIST, ADD = "GET /v1/people", "POST /v1/people"
READ, OFFICE = "GET /v1/people/{id}", "GET /v1/offices/{id}"

BREAKS = (
    Plant(
        "an operation is gone",
        lambda c: c["paths"]["/v1/people/{id}"].pop("delete"),
        "api-removed-without-deprecation",
        "DELETE /v1/people/{id}",
    ),
    Plant(
        "a parameter is gone",
        lambda c: operation(c, LIST)["parameters"].remove(parameter(c, LIST, "q")),
        "request-parameter-removed",
        LIST,
        "`q`",
    ),
    Plant(
        "a parameter is made mandatory",
        lambda c: parameter(c, "GET /v1/offices", "q").update(required=True),
        "request-parameter-became-required",
        "GET /v1/offices",
        "`q`",
    ),
    Plant(
        "a parameter takes less",
        lambda c: c["components"]["parameters"]["limit"]["schema"].update(maximum=1),
        "request-parameter-max-decreased",
        LIST,
        "`limit`",
    ),
    Plant(
        "a value is no longer taken",
        lambda c: member(c, "PersonIn", "employment")["enum"].pop(),
        "request-property-enum-value-removed",
        ADD,
        "`employment`",
    ),
    Plant(
        "a member is no longer taken",
        lambda c: without_member(c, "PersonIn", "post"),
        "request-property-removed",
        ADD,
        "`post`",
    ),
    Plant(
        "a member is made mandatory",
        lambda c: shape(c, "PersonIn")["required"].append("joined_on"),
        "request-property-became-required",
        ADD,
        "`joined_on`",
    ),
    Plant(
        "a mandatory member is new",
        lambda c: with_mandatory_member(c, "PersonIn", "planted"),
        "new-required-request-property",
        ADD,
        "`planted`",
    ),
    Plant(
        "null is no longer taken",
        lambda c: without_null(c, "PersonIn", "left_on"),
        "request-property-list-of-types-narrowed",
        ADD,
        "`left_on`",
    ),
    Plant(
        "a text must be shorter",
        lambda c: member(c, "PersonIn", "name").update(maxLength=1),
        "request-property-max-length-decreased",
        ADD,
        "`name`",
    ),
    Plant(
        "a text must look otherwise",
        lambda c: member(c, "PersonIn", "office_id")["anyOf"][0].update(pattern="^x$"),
        "request-property-pattern-changed",
        ADD,
        "office_id",
    ),
    Plant(
        "a member is no longer answered",
        lambda c: without_member(c, "PersonOut", "post"),
        "response-required-property-removed",
        READ,
        "`post`",
    ),
    Plant(
        "a member is answered at times only",
        lambda c: shape(c, "PersonOut")["required"].remove("version"),
        "response-property-became-optional",
        READ,
        "`version`",
    ),
    Plant(
        "a member may be null",
        lambda c: with_null(c, "PersonOut", "name"),
        "response-property-list-of-types-widened",
        READ,
        "`name`",
    ),
    Plant(
        "a member is of another type",
        lambda c: member(c, "PersonOut", "is_dedicated").update(type="string"),
        "response-property-type-changed",
        READ,
        "`is_dedicated`",
    ),
    Plant(
        "a member is gone from one of two shapes of an answer",
        lambda c: without_member(c, "OfficeForOffice", "name"),
        "response-required-property-removed",
        OFFICE,
        "OfficeForOffice]/name`",
    ),
    Plant(
        "a status is gone",
        lambda c: operation(c, "POST /v1/centres")["responses"].pop("201"),
        "response-success-status-removed",
        "POST /v1/centres",
    ),
    Plant(
        "a refusal is gone",
        lambda c: operation(c, LIST)["responses"].pop("422"),
        "response-non-success-status-removed",
        LIST,
        "`422`",
    ),
    Plant(
        "a header of the answer is gone",
        lambda c: operation(c, LIST)["responses"]["200"]["headers"].pop("Link"),
        "optional-response-header-removed",
        LIST,
        "`Link`",
    ),
    Plant(
        "a format is gone",
        lambda c: operation(c, LIST)["responses"]["200"]["content"].pop("text/csv"),
        "response-media-type-removed",
        LIST,
        "text/csv",
    ),
    Plant(
        "a method of generated clients is called otherwise",
        lambda c: operation(c, READ).update(operationId="person"),
        "api-operation-id-removed",
        READ,
    ),
    Plant(
        "a token is asked for where none was",
        lambda c: operation(c, "POST /v1/sessions").update(security=[{"bearer": []}]),
        "api-security-added",
        "POST /v1/sessions",
    ),
)

TOLD = (
    Plant(
        "a value is new in an answer",
        lambda c: member(c, "PlanOut", "status")["enum"].append("planted"),
        "response-property-enum-value-added",
        "GET /v1/work_plans/{id}",
        "`status`",
    ),
)

HARMLESS = (
    Plant(
        "an operation is new",
        lambda c: c["paths"].update({"/v1/planted": {"get": {**operation(c, LIST), "operationId": "list_planted"}}}),
    ),
    Plant(
        "a parameter is new",
        lambda c: operation(c, LIST)["parameters"].append(
            {"name": "planted", "in": "query", "required": False, "schema": {"type": "string"}}
        ),
    ),
    Plant("a member may be sent", lambda c: shape(c, "PersonIn")["properties"].update(planted={"type": "string"})),
    Plant("a value may be sent", lambda c: member(c, "PersonIn", "employment")["enum"].append("planted")),
    Plant("a text may be longer", lambda c: member(c, "PersonIn", "name").update(maxLength=10_000)),
    Plant("a member may be left out", lambda c: shape(c, "PersonIn")["required"].remove("name_kana")),
    Plant("a member is answered", lambda c: with_mandatory_member(c, "PersonOut", "planted")),
    Plant("a member is never null", lambda c: without_null(c, "PersonOut", "joined_on")),
    Plant("a shape is called otherwise", lambda c: with_name(c, "OfficeForOffice", "Planted")),
)


def planted(contract: Document, plants: tuple[Plant, ...]) -> Document:
    """Make a copy of the contract with these changes.

    Raises:
        ValueError: a plant finds no place; the contract has changed and the plant must follow.
    """
    changed = copy.deepcopy(contract)
    for plant in plants:
        try:
            plant.change(changed)
        except (KeyError, IndexError, StopIteration, ValueError) as gone:
            raise ValueError(f"`{plant.what}` finds no place in the contract: {gone!r}") from gone
    return changed
