"""The declared operations as a whole: permissions, names, problems, contract."""

import copy
from collections import Counter
from typing import Any

import pytest
from fastapi import FastAPI

from api.app import create_app
from api.contract import operations_of
from api.preconditions import IfMatch
from api.shapes import ResultSet
from domain.access import ROLE_PERMISSIONS, Permission, Role
from domain.settings import Settings
from tests.contract.declared import contract, declared_statuses, fault_in
from tests.proofs.asks import PUBLIC

UNVERSIONED = {
    "delete /v1/sessions/current",
    "delete /v1/sessions/{id}",
    "put /v1/me/password",
    "put /v1/me/totp",
    "delete /v1/me/totp",
    "delete /v1/clients/{id}/secrets/{secret_id}",
}
"""Changes of what has no version: what is proved by a secret, or can only end."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application as declared; it is asked nothing."""
    return create_app(Settings.model_validate({"var": tmp_path_factory.mktemp("var")}))


def test_every_operation_names_exactly_one_permission_or_is_public(app: FastAPI) -> None:
    for route in operations_of(app):
        assert route.access is not None, route.path
        if route.name in PUBLIC:
            assert route.access.permission is None, route.path
            assert route.access.door, route.path
        else:
            assert isinstance(route.access.permission, Permission), route.path


def test_every_permission_is_used_and_held_by_somebody(app: FastAPI) -> None:
    used = {route.access.permission for route in operations_of(app) if route.access}
    held = frozenset[Permission]().union(*ROLE_PERMISSIONS.values())
    assert held == set(Permission)
    assert set(ROLE_PERMISSIONS) == set(Role)
    not_yet = {permission for permission in Permission if permission not in used}
    assert not_yet <= {Permission.CHANGES_READ}


def test_writes_ask_for_rights_that_readers_do_not_hold(app: FastAPI) -> None:
    for route in operations_of(app):
        permission = route.access.permission if route.access else None
        if permission is None or permission == Permission.FREQUENCIES_PARSE:
            continue
        reads = next(iter(route.methods)) == "GET"
        assert permission.value.endswith(":read") == reads, (route.path, permission)


def test_names_are_unique_and_every_operation_is_told_about() -> None:
    served = contract()
    names = Counter(operation["operationId"] for methods in served["paths"].values() for operation in methods.values())
    assert [name for name, count in names.items() if count > 1] == []
    for path, methods in served["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), (method, path)
            assert operation.get("tags"), (method, path)


def test_every_operation_declares_the_problems_it_can_meet(app: FastAPI) -> None:
    declared = declared_statuses()
    for route in operations_of(app):
        if not route.include_in_schema or route.path.startswith("/oauth"):
            continue
        statuses = declared[route.name]
        needs = {503} if route.name in PUBLIC else {503, 429}
        needs |= {401, 403} if route.access and route.access.permission else set()
        needs |= {404} if "{" in route.path else set()
        needs |= {412, 428} if route.matches_version else set()
        needs |= {422} if route.body_model is not None or route.listed is not None else set()
        assert needs <= statuses, (route.name, needs - statuses)


def if_match_of(operation: dict[str, Any]) -> bool | None:
    """Tell whether the contract asks for ``If-Match``: True where it must be sent, None where it is not taken."""
    shared = contract()["components"]["parameters"]
    parameters = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in operation["parameters"]]
    return next((bool(p["required"]) for p in parameters if p["name"] == "If-Match"), None)


def wrong_if_match(app: FastAPI, paths: dict[str, Any]) -> list[str]:
    """Name the operations whose ``If-Match`` is declared in another way than it is taken."""
    found = []
    for route in operations_of(app):
        if not route.include_in_schema:
            continue
        marks = [d.call for d in route.dependant.dependencies if isinstance(d.call, IfMatch)]
        taken = not marks[0].is_optional if marks else None
        operation = paths[route.path][next(iter(route.methods)).lower()]
        if if_match_of(operation) is not taken or (marks and not {"412", "428"} <= operation["responses"].keys()):
            found.append(route.name)
    return found


def test_if_match_is_declared_as_it_is_taken_and_left_to_the_caller_for_upserts(app: FastAPI) -> None:
    paths = contract()["paths"]
    assert wrong_if_match(app, paths) == []
    upserts = {path: if_match_of(methods["put"]) for path, methods in paths.items() if "by_external_id" in path}
    assert upserts == dict.fromkeys(upserts, False)
    assert len(upserts) >= 2
    unversioned = {
        f"{method} {path}"
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in ("put", "patch", "delete") and if_match_of(operation) is None
    }
    assert unversioned == UNVERSIONED


def test_an_undeclared_if_match_would_be_told(app: FastAPI) -> None:
    planted = copy.deepcopy(contract()["paths"])
    upsert = planted["/v1/offices/by_external_id/{source}/{id}"]["put"]
    upsert["parameters"] = [p for p in upsert["parameters"] if p.get("name") != "If-Match"]
    change = planted["/v1/offices/{id}"]["patch"]
    change["parameters"] = [p for p in change["parameters"] if not p.get("$ref", "").endswith("/If-Match")]
    assert sorted(wrong_if_match(app, planted)) == ["change_office", "upsert_office"]


@pytest.mark.parametrize(
    ("declared", "value", "is_right"),
    [
        (list[int], [1, 2], True),
        (int | None, None, True),
        (int, None, False),
        (ResultSet, {"limit": 1, "next_cursor": None, "count": 2}, True),
        (ResultSet, {"limit": 1, "next_cursor": None}, False),
        (ResultSet, {"limit": 1, "next_cursor": None, "count": 2, "secret": 1}, False),
        (list[str], "x", False),
    ],
)
def test_shapes_are_compared_by_their_members(declared: object, value: object, *, is_right: bool) -> None:
    assert (fault_in(declared, value) is None) is is_right
