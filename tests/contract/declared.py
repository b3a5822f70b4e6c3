"""What the contract declares of an operation, read from the committed contract and the declared shapes."""

import json
from datetime import date, datetime
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from api.operations import Operation

PLAIN: dict[Any, Any] = {str: str, int: int, bool: bool, date: str, datetime: str, float: (int, float)}
"""What stands on the wire for the plain types. A type with a form of its own (a reading) is looked into elsewhere."""
ROOT = Path(__file__).parents[2]
GUARD = {400, 405, 406, 408, 411, 413, 414, 415, 431}
"""Statuses of the guard and the server, which any request may meet before it is anybody's operation."""


@cache
def contract() -> dict[str, Any]:
    """Read the committed contract, which is the served one."""
    found: dict[str, Any] = json.loads((ROOT / "openapi" / "openapi.json").read_text(encoding="utf-8"))
    return found


def declared_statuses() -> dict[str, set[int]]:
    """Give the statuses that the contract declares, by operation."""
    return {
        operation["operationId"]: {int(status) for status in operation["responses"] if status.isdigit()}
        for methods in contract()["paths"].values()
        for operation in methods.values()
        if "operationId" in operation
    }


def shapes_of(declared: Any) -> list[Any]:
    """Give the alternatives of a declared shape."""
    if get_origin(declared) in (Union, UnionType):
        return [shape for part in get_args(declared) for shape in shapes_of(part)]
    if get_origin(declared) is Annotated:
        return shapes_of(get_args(declared)[0])
    return [declared]


def fault_in(declared: Any, value: Any, where: str = "") -> str | None:
    """Say where an answer has other members than its declared shape; None where it has exactly those."""
    faults = [_fault(shape, value, where) for shape in shapes_of(declared)]
    return None if None in faults or not faults else faults[0]


def _fault(shape: Any, value: Any, where: str) -> str | None:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return _model_fault(shape, value, where)
    inner = get_args(shape)
    if get_origin(shape) is list:
        if not isinstance(value, list):
            return f"{where}: no list"
        return next((f for i, entry in enumerate(value) if (f := fault_in(inner[0], entry, f"{where}/{i}"))), None)
    if shape is type(None):
        return None if value is None else f"{where}: not null"
    if shape in PLAIN and not isinstance(value, PLAIN[shape]):
        return f"{where}: {type(value).__name__} for {shape.__name__}"
    return None


def _model_fault(shape: type[BaseModel], value: Any, where: str) -> str | None:
    if not isinstance(value, dict):
        return f"{where}: no object"
    fields = {field.alias or name: field for name, field in shape.model_fields.items()}
    unknown = set(value) - set(fields)
    left_out = {name for name, field in fields.items() if field.is_required()} - set(value)
    if unknown or left_out:
        return f"{where}: {sorted(unknown | left_out)}"
    told = ((name, field) for name, field in fields.items() if name in value)
    return next((f for name, field in told if (f := fault_in(field.annotation, value[name], f"{where}/{name}"))), None)


def undeclared(seen: dict[str, set[int]]) -> list[str]:
    """Name the statuses that were seen and are declared nowhere."""
    declared = declared_statuses()
    return sorted(
        f"{name}: {status}"
        for name, statuses in seen.items()
        for status in statuses - declared.get(name, set()) - GUARD
    )


def answered_shape(route: Operation, status: int) -> Any:
    """Give the declared shape of a successful answer of an operation."""
    response: Any = route.responses.get(status) or {}
    return response.get("model", route.response_model)
