"""Examples for the contract: written by hand where one must tell a story, else put together from the shapes."""

import re
from datetime import date, datetime
from typing import Any

from api.contract.requests import REQUESTS
from api.contract.words import TYPICAL

DEEPEST = 8
_TERM = re.compile(r"[(（]([^()（）]*[\u3040-\u30ff\u4e00-\u9fff][^()（）]*)[)）]\W*$")
_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


class Examples:
    """Builds examples from the schemas of one document."""

    def __init__(self, schemas: dict[str, Any]) -> None:
        self._schemas = schemas

    def of_request(self, operation_id: str, schema: dict[str, Any]) -> Any:
        """Give what a caller might send: written by hand, else what is required, or of a change its first member."""
        if operation_id in REQUESTS:
            return REQUESTS[operation_id]
        return self._of(schema, "", is_request=True)

    def of_response(self, schema: dict[str, Any]) -> Any:
        """Give what an answer might hold: every member."""
        return self._of(schema, "", is_request=False)

    def of_parameter(self, parameter: dict[str, Any]) -> Any:
        """Give the value of a parameter."""
        schema = {**parameter["schema"], "description": parameter.get("description", "")}
        return self._of(schema, parameter["name"], is_request=True)

    def _of(self, schema: dict[str, Any], name: str, *, is_request: bool, depth: int = 0) -> Any:  # noqa: PLR0911
        schema = self._resolved(schema)
        if schema.get("examples"):
            return schema["examples"][0]
        if name in TYPICAL and self._takes(schema, TYPICAL[name]):
            return TYPICAL[name]
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        variants = schema.get("anyOf") or schema.get("oneOf")
        if variants:
            known = [self._resolved(variant) for variant in variants]
            chosen = next((v for v in known if v.get("type") != "null"), known[0])
            chosen = {"description": schema.get("description", ""), **chosen}
            return self._of(chosen, name, is_request=is_request, depth=depth)
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, is_request=is_request, depth=depth)
        if kind == "array":
            if depth >= DEEPEST or "prefixItems" in schema or "items" not in schema:
                return []
            return [self._of(schema["items"], name, is_request=is_request, depth=depth + 1)]
        return _plain(schema)

    def _object(self, schema: dict[str, Any], *, is_request: bool, depth: int) -> Any:
        members = schema.get("properties", {})
        if is_request:
            required = set(schema.get("required", ()))
            members = {n: m for n, m in members.items() if n in required} or dict(list(members.items())[:1])
        if depth >= DEEPEST:
            members = {}
        made = {n: self._of(m, n, is_request=is_request, depth=depth + 1) for n, m in members.items()}
        more = schema.get("additionalProperties")
        if not made and isinstance(more, dict) and depth < DEEPEST:
            made["month"] = self._of(more, "", is_request=is_request, depth=depth + 1)
        return made

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            target = self._schemas[schema["$ref"].rsplit("/", 1)[1]]
            schema = {**target, **{name: value for name, value in schema.items() if name != "$ref"}}
        return schema

    def _takes(self, schema: dict[str, Any], value: Any) -> bool:
        """Tell whether a value fits a schema, as far as the shapes of this service ask."""
        schema = self._resolved(schema)
        variants = schema.get("anyOf") or schema.get("oneOf")
        if variants:
            return any(self._takes(variant, value) for variant in variants)
        kind = schema.get("type")
        if kind is None or not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
            return False
        if "enum" in schema or "const" in schema:
            return value in schema.get("enum", (schema.get("const"),))
        if isinstance(value, str):
            return _fits(schema, value)
        return not value or all(self._takes(schema.get("items", {}), v) for v in value) if kind == "array" else True


def _fits(schema: dict[str, Any], value: str) -> bool:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return False
    try:
        if schema.get("format") == "date":
            date.fromisoformat(value)
        elif schema.get("format") == "date-time":
            datetime.fromisoformat(value)
    except ValueError:
        return False
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(value))
    return bool(least <= len(value) <= most)


def _plain(schema: dict[str, Any]) -> Any:
    """Give the value of a plain type; of a text its Japanese term."""
    kind = schema.get("type")
    if kind == "string":
        texts = ("2026-10-14", "2026-10-14T15:04:05+09:00", TYPICAL["id"], "131105", "13:30", "2026-10", _term(schema))
        offered = {"date": texts[:1], "date-time": texts[1:2], "uri": ("https://soudan.example.jp/",)}
        found = offered.get(schema.get("format", ""), texts[2:] if "pattern" in schema else texts[-1:])
        return next((text for text in (*found, "sample", "123456") if _fits(schema, text)), "x")
    if kind in ("integer", "number"):
        least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1 if "exclusiveMinimum" in schema else 1)
        # Bounds come as floats, and a strict reader of whole numbers refuses 1990.0.
        return int(least) if kind == "integer" else least
    return {"boolean": False, "null": None}.get(str(kind))


def _term(schema: dict[str, Any]) -> str:
    found = _TERM.search(schema.get("description", "").strip())
    most = schema.get("maxLength", 100)
    return (found.group(1) if found else "例")[:most]
