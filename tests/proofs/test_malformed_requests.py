"""Promise 4 (reliability), through the whole guarded application: malformed requests make no 5xx and leave nothing.

Every operation, its body, parameters and headers mutated by type; the same requests on both databases must give the
same statuses. A refused request stores nothing, and afterwards every list still serves. KIKAN_PROVE=1 asks 10,000.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlmodel import SQLModel

from api.contract import operations_of
from api.operations import Operation
from tests.contract.declared import undeclared
from tests.proofs.estates import Estate, filled_estate
from tests.proofs.malformed import Attack, attacks
from tests.world import World

COUNT = 10_000 if os.environ.get("KIKAN_PROVE") == "1" else 2_000
CHECK_EVERY = 10 if os.environ.get("KIKAN_PROVE") == "1" else 40
Select = Callable[[str], list[tuple[Any, ...]]]
QUIET = {"sign_in_session", "sign_in_counter", "transaction_clock", "refresh_token"}
ASKS_PASSWORD = {"start_totp", "remove_totp", "change_password"}
"""Operations that note a wrong password in the audit trail, like a sign-in that is refused."""


def row_counts(select: Select) -> dict[str, int]:
    tables = [name for name in SQLModel.metadata.tables if name not in QUIET]
    sql = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in tables)
    return dict(select(sql))


async def estate_in(world: World) -> Estate:
    estate = await filled_estate(world)
    estate.ids["session"] = "00000000-0000-7000-8000-000000000000"
    return estate


async def status_of(world: World, estate: Estate, attack: Attack) -> int:
    headers = estate.callers[attack.role] | attack.headers
    answer = await world.client.request(attack.method, attack.path, headers=headers, content=attack.content)
    return answer.status_code


async def test_no_malformed_request_makes_a_5xx_or_stores_anything(world: World, read_past_walls: Select) -> None:
    estate = await estate_in(world)
    seen: Counter[tuple[str, int]] = Counter()
    broken, stored = [], []
    for number, (name, attack) in enumerate(attacks(world.app, estate, COUNT)):
        watches = number % CHECK_EVERY == 0
        before = row_counts(read_past_walls) if watches else {}
        status = await status_of(world, estate, attack)
        seen[name, status] += 1
        if status >= 500:
            broken.append((status, name, attack))
        if watches and status >= 400:
            noted = {"audit_entry"} if name in ASKS_PASSWORD else set()
            grown = {table for table, count in row_counts(read_past_walls).items() if count != before[table]}
            if grown - noted:
                stored.append((status, name, attack))
    assert broken == []
    assert stored == []
    refused = sum(count for (_, status), count in seen.items() if status >= 400)
    assert refused > COUNT * 0.6
    assert {status for _, status in seen} >= {200, 400, 403, 404, 412, 422}
    await every_list_serves(world, estate)
    assert undeclared(statuses_of(seen)) == []
    told = sorted([name, status, count] for (name, status), count in seen.items())
    assert not differing(told_elsewhere(world.database.dialect, told), told)


async def every_list_serves(world: World, estate: Estate) -> None:
    for route in operations_of(world.app):
        if isinstance(route, Operation) and route.listed:
            for role in ("ward_staff", "centre_manager", "office_user", "operator"):
                answer = await world.client.get(route.path, headers=estate.callers[role])
                assert answer.status_code in (200, 403), (route.path, role, answer.text)


def statuses_of(seen: Counter[tuple[str, int]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for name, status in seen:
        found.setdefault(name, set()).add(status)
    return found


def told_elsewhere(dialect: str, told: list[list[Any]]) -> list[list[Any]]:
    """Leave word what this database answered; give what the other one did, if it has been asked in this run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")
    folder = Path(tempfile.gettempdir()) / f"kikan-malformed-{run}"
    folder.mkdir(exist_ok=True)
    (folder / dialect).write_text(json.dumps(told))
    other = folder / ("sqlite" if dialect == "postgresql" else "postgresql")
    return json.loads(other.read_text()) if other.exists() else told


def differing(one: list[list[Any]], other: list[list[Any]]) -> list[list[Any]]:
    """Give the operations and statuses that only one database answered, or in another number."""
    return [entry for entry in (*one, *other) if entry not in one or entry not in other]


async def test_a_list_that_cannot_serve_and_a_value_that_breaks_are_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with one wire shape that takes anything, the same requests break the application."""
    estate = await estate_in(world)
    broken = 0
    route = next(r for r in operations_of(world.app) if r.name == "record_activity")

    class Loose:
        def __init__(self, content: dict[str, Any]) -> None:
            self.content = content

        def model_dump(self, **_: Any) -> dict[str, Any]:
            return self.content

    def bind(_request: Any, body: bytes) -> Any:
        return Loose({"kind": "meeting", **orjson.loads(body or b"{}")})

    monkeypatch.setattr(route, "_binders", [(n, bind if n == "body" else b) for n, b in route._binders])
    for name, attack in attacks(world.app, estate, COUNT):
        if name == "record_activity":
            broken += await status_of(world, estate, attack) >= 500
    assert broken > 0
