"""Malformed requests for every operation of the real application, grown from its asks by seeded mutations."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from api.contract import operations_of
from api.operations import Operation
from tests.proofs.asks import ASKS
from tests.proofs.estates import Estate

RAW = ("NaN", "-Infinity", "1e999", "9223372036854775808", "01", "'x'", '"\\u0000"', '"\\ud800"', '"\\udc00a"',
       '"\\ue000"', '"\\u202e"', '"\\u001b[31m"', "[" * 40 + "]" * 40, '{"a":1,"a":2}', "tru")  # fmt: skip
"""Values that are no JSON, or no JSON that a guard lets through."""
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63 - 1, -(2**63), 1.5, -0.0, 1e300, "", " ", "x", "あ" * 50,
    "あ" * 5000, "x" * 70_000, "0000-00-00", "0000-01-01", "0001-01-01", "1989-12-31", "1990-01-01", "2026-02-30",
    "2199-12-31", "2200-01-01", "9999-12-31", "10000-01-01", "2026-04-01T00:00:00Z", "24:00", "23:60", "-1", "1e9",
    "null", "Infinity", "131105", "000000", "00000000-0000-0000-0000-000000000000", "01890000-0000-7000-8000-00000000000G",
    "01890000-0000-7000-8000-000000000000", "%", "_", "\\", "'; DROP TABLE activity; --", "=1+1", "\t", "\n", "\u2028",
    "\u0301", "\ufeff", "🏳️‍🌈" * 20, [], {}, [None], [[]], [{}], {"a": 1}, ["x"] * 600, {"id": None}, "tarai", "名" * 201,
)  # fmt: skip
PARAMETERS = (
    "limit=0", "limit=201", "limit=-1", "limit=1.5", "limit=٣", "limit=", "limit=999999999999", "limit=1&limit=2",
    "cursor=x", "cursor=bnVsbA", "cursor=W10", "cursor=WzEsMl0", "cursor=eyJhIjoxfQ", "cursor=" + "A" * 2000,
    "sort=x", "sort=-held_on,-held_on", "sort=id,-id", "sort=-id,id", "sort=login,-login", "sort=held_on,-held_on", "sort=", "sort=id,", "count=1", "count=TRUE", "fields=x", "fields=id,id",
    "fields=", "charset=utf-7", "q=", "q=" + "a" * 101, "q=%25", "q=_", "q=%5C", "changed_after=x", "changed_after=W10",
    "changed_after=WyJ4IiwxXQ", "changed_after=WzkyMjMzNzIwMzY4NTQ3NzU4MDgsIngiXQ", "changed_after=WzEsIngiXQ",
    "changed_after=WzEsIDFd", "include_deleted=x", "month=2026-13", "month=0000-01", "month=9999-12", "fiscal_year=0",
    "fiscal_year=2200", "fiscal_year=26", "held_from=0000-01-01", "held_from=2026-02-30", "held_to=9999-12-31",
    "centre_id=x", "centre_id=,", "centre_id=00000000-0000-0000-0000-000000000000", "status=lost", "status=,",
    "cursor=WyJuYW1lX2thbmEsaWQiLCJcdTAwMDAiLCIwMTg5MDAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ", "changed_after=WzEsIlx1MDAwMCJd",
    "after=WzEsIlx1MDAwMCJd", "month=2026-05,", "month=" + ",".join(["2026-05", "2026-07"] * 9), "fiscal_year=2026,0",
    "fiscal_year=2025,2027", "charset=-cp932", "charset=cp932", "replace=true", "fields=-id", "q=%E3%80%80", "q=a" + "%20b" * 12,
    "q=%EF%B8%8F", "municipality_id=abc", "sort=id&changed_after=start", "held_from=2026-04-02&held_to=2026-04-01",
    "unknown=1", "on=0000-00-00", "from=9999-12-31&to=0001-01-01", "period=x", "period=FY99999", "metric=x",
    "group_by=x,x", "municipality_id=%00", "q=%ED%A0%80", "q=%FF", "fields=" + ",".join(["id"] * 300),
)  # fmt: skip
HEADERS: tuple[dict[str, str], ...] = (
    {"If-Match": "1"}, {"If-Match": '"x"'}, {"If-Match": '"99999999999999999999"'}, {"If-Match": '"-1"'},
    {"If-Match": '"1",'}, {"If-Match": '"7", W/"x", "1"'}, {"Accept": "text/csv;q=0,*/*;q=x"}, {"If-Match": "*"}, {"If-Match": 'W/"1"'}, {"If-Match": '"1", "2"'}, {"If-Match": ""}, {"Idempotency-Key": ""},
    {"Idempotency-Key": "k" * 200}, {"Idempotency-Key": "a b"}, {"Accept-Language": "x" * 300},
    {"Accept": "application/xml"}, {"Content-Type": "text/plain"}, {"Content-Encoding": "gzip"},
    {"If-None-Match": '"' + "x" * 500 + '"'}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp5"},
    {"Range": "bytes=0-1"}, {"X-Request-Id": "x" * 5000}, {"Prefer": "x"},
)  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """One malformed request."""

    method: str
    path: str
    content: bytes | None
    headers: dict[str, str]
    role: str


def places_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the paths of every member and entry."""
    found = [path] if path else []
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        found += places_in(inner, (*path, key))
    return found


def with_value(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


def members_of(route: Operation) -> list[str]:
    """Name the members that a body may have, optional ones too."""
    return sorted(getattr(route.body_model, "model_fields", {}))


def attacked(route: Operation, estate: Estate, dice: random.Random) -> Attack:
    """Make one malformed request for an operation."""
    ask = ASKS[route.name]
    path = route.path
    fills = [*(estate.ids[name] for name in ask.ids), *(ask.fills or {}).values()]
    if fills and dice.random() < 0.15:
        fills[dice.randrange(len(fills))] = dice.choice(("x", "%00", "%FF", "0" * 400, "%2e%2e", "１", "-"))
    for found in fills:
        path = path[: path.index("{")] + found + path[path.index("}") + 1 :]
    query = [ask.query(estate).removeprefix("?")] if ask.query else []
    method = next(iter(route.methods))
    if route.listed or route.query_model or dice.random() < 0.1:
        query = [dice.choice(PARAMETERS) for _ in range(dice.randrange(1, 3))] if dice.random() < 0.9 else query
    headers = {"If-Match": '"1"'} if ask.match else {}
    if dice.random() < 0.2:
        headers |= dice.choice(HEADERS)
    content = None
    if ask.body is not None:
        headers.setdefault("Content-Type", "application/json")
        content = malformed_body(ask.body(estate), members_of(route), dice)
    role = dice.choice(("ward_staff", "centre_manager", "operator", "office_user", "integration"))
    return Attack(method, f"{path}?{'&'.join(query)}" if query else path, content, headers, role)


def malformed_body(body: Any, members: list[str], dice: random.Random) -> bytes:
    places = [*places_in(body), *((name,) for name in members)]
    choice = dice.random()
    if choice < 0.05 or not places:
        return dice.choice((b"", b"null", b"[]", b"1", b'"x"', b"{", b"\xef\xbb\xbf{}", b"\xff", b"{}{}", b'{"x":1}'))
    place = dice.choice(places)
    if choice < 0.2:
        raw = json.dumps(with_value(body, place, "@@")).replace('"@@"', dice.choice(RAW))
        return raw.encode("utf-8", "surrogatepass")
    for _ in range(dice.randrange(1, 3)):
        body = with_value(body, place, dice.choice(VALUES))
        place = dice.choice([(name,) for name in (*members, "unknown")])
    return json.dumps(body).encode()


def attacks(app: FastAPI, estate: Estate, count: int, seed: int = 4) -> Iterator[tuple[str, Attack]]:
    """Give malformed requests, every operation in turn: which operation, and the request."""
    dice = random.Random(seed)
    routes = sorted(
        (r for r in operations_of(app) if r.name in ASKS and r.name != "sign_out"), key=lambda r: (r.path, r.name)
    )
    for number in range(count):
        route = routes[number % len(routes)]
        yield route.name, attacked(route, estate, dice)
