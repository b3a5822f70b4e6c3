"""Promise 5 (reliability): no update is lost. Many clients edit one visit at once, each with the version it read.

The final version is one more than the number of acknowledged edits, and every acknowledged edit is in the note. The
control is an update that forgets the version in its WHERE.
"""

import asyncio
import os
import random
from typing import Any

import pytest

from domain import ledger
from domain.access import Role
from domain.clock import today
from domain.statements import Write
from tests.world import World

CLIENTS, EDITS = (100, 50) if os.environ.get("KIKAN_PROVE") == "1" else (8, 4)


class Staff:
    """Somebody of a centre who signs in again where a long proof outlives the token."""

    def __init__(self, world: World, centre: str) -> None:
        self._world, self._centre = world, centre
        self._signing_in = asyncio.Lock()
        self.headers: dict[str, str] = {}

    async def sign_in(self, refused: dict[str, str]) -> None:
        async with self._signing_in:
            if self.headers == refused:
                self.headers = await self._world.sign_in(Role.CENTRE_STAFF, centre_id=self._centre)


async def visit_in(world: World) -> tuple[str, Staff]:
    municipality = await world.municipality()
    centre = await world.centre(municipality)
    office = await world.office(municipality)
    staff = Staff(world, centre)
    await staff.sign_in({})
    body = {"office_id": office, "held_on": today().isoformat(), "internal_note": ""}
    made = await world.client.post("/v1/office_visits", headers=staff.headers, json=body)
    assert made.status_code == 201, made.text
    return made.headers["location"], staff


async def edit(world: World, path: str, staff: Staff, name: str) -> bool | None:
    """Read, change and write back once; tell whether it was acknowledged, None where nobody knows."""
    headers = staff.headers
    read = await world.client.get(path, headers=headers)
    if read.status_code == 401:
        await staff.sign_in(headers)
        return False
    if read.status_code == 503:
        return False
    assert read.status_code == 200, read.text
    count = int(read.json()["participant_count"] or 0) + 1
    answer = await world.client.patch(
        path, headers={**headers, "If-Match": read.headers["etag"]}, json={"participant_count": count, "location": name}
    )
    assert answer.status_code in (200, 401, 412, 503), answer.text
    if answer.status_code == 503 and answer.json()["code"] == "outcome_unknown":
        return None
    return answer.status_code == 200


async def edited_by_all(world: World) -> tuple[int, int, int, int]:
    """Let all clients edit until each has its edits acknowledged.

    Give the acknowledged edits, those of which nobody knows, the final version and the final count.
    """
    path, staff = await visit_in(world)
    acknowledged = unknown = 0

    async def client(number: int) -> None:
        nonlocal acknowledged, unknown
        dice, done, missed = random.Random(number), 0, 0
        while done < EDITS:
            outcome = await edit(world, path, staff, f"{number}")
            unknown += outcome is None
            if outcome:
                done, missed = done + 1, 0
                acknowledged += 1
            else:
                missed += 1
            # Who came too late comes again at another moment, as clients do; a hundred at once would all but one fail.
            await asyncio.sleep(dice.uniform(0, min(0.01 * 2**missed, 2.0)) if missed else 0)

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    final = (await world.client.get(path, headers=staff.headers)).json()
    return acknowledged, unknown, final["version"], final["participant_count"]


async def test_no_acknowledged_edit_is_lost(world: World) -> None:
    acknowledged, unknown, version, count = await edited_by_all(world)
    assert acknowledged == CLIENTS * EDITS
    assert version == 1 + count
    assert acknowledged <= count <= acknowledged + unknown
    assert unknown < CLIENTS


async def test_without_the_version_in_the_where_edits_are_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ledger._UPDATE
    statements: dict[Any, Any] = {}
    for dialect, statement in honest.statements.items():
        forgetful = statement._clone()
        forgetful._where_criteria = tuple(
            clause
            for whole in statement._where_criteria
            for clause in _clauses(whole)
            if "row_version" not in str(clause)
        )
        statements[dialect] = forgetful
    monkeypatch.setattr(ledger, "_UPDATE", Write(honest.table, statements, honest._narrow))
    path, staff = await visit_in(world)
    first = (await world.client.get(path, headers=staff.headers)).headers["etag"]
    answers = [
        await world.client.patch(path, headers={**staff.headers, "If-Match": first}, json={"participant_count": number})
        for number in (1, 2, 3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]


def _clauses(whole: Any) -> list[Any]:
    return list(whole.clauses) if hasattr(whole, "clauses") else [whole]
