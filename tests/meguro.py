"""The model programme of 18 items in a test's world: entered, planned, and worked on."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import domain
from domain.access import Role
from tests.world import World

DOCUMENT = Path(domain.__file__).parent / "data" / "meguro_work_programme.json"


def programme(centre_id: str, valid_from: int = 2024, texts: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Give the programme as it is sent for a centre; ``texts`` names items whose frequency is another, by code."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for item in document["items"]:
        if texts and item["code"] in texts:
            item |= {"phases": [], "frequency_text": texts[item["code"]]}
    return {**document, "centre_id": centre_id, "valid_from_fiscal_year": valid_from}


class Meguro:
    """A centre with the programme, its manager and its ward."""

    def __init__(self, world: World, ward_id: str, centre_id: str) -> None:
        self.world, self.ward_id, self.centre_id = world, ward_id, centre_id
        self.manager: dict[str, str] = {}
        self.ward: dict[str, str] = {}

    @classmethod
    async def opened(
        cls, world: World, opened_on: date = date(2024, 4, 1), texts: Mapping[str, str] | None = None
    ) -> "Meguro":
        """Open a centre that covers one municipality and enter the programme."""
        ward_id = await world.municipality()
        centre_id = await world.centre(ward_id, opened_on=opened_on)
        made = cls(world, ward_id, centre_id)
        made.manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=centre_id)
        made.ward = await world.sign_in(Role.WARD_STAFF, municipality_id=ward_id)
        answer = await world.client.post(
            "/v1/work_programmes", headers=made.manager, json=programme(centre_id, opened_on.year, texts)
        )
        assert answer.status_code == 201, answer.text
        return made

    async def plan(self, fiscal_year: int) -> str:
        """Generate a plan; give its id."""
        body = {"centre_id": self.centre_id, "fiscal_year": fiscal_year}
        answer = await self.world.client.post("/v1/work_plans", headers=self.manager, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def items(self, plan_id: str, on: str | None = None) -> dict[str, dict[str, Any]]:
        """Give the items of a plan by code."""
        query = {"on": on} if on else {}
        answer = await self.world.client.get(f"/v1/work_plans/{plan_id}/items", headers=self.manager, params=query)
        assert answer.status_code == 200, answer.text
        return {row["code"]: row for row in answer.json()["results"]}

    async def progress(self, plan_id: str, on: str, headers: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
        """Give the progress of a plan by code."""
        answer = await self.world.client.get(
            f"/v1/work_plans/{plan_id}/progress", headers=headers or self.manager, params={"on": on}
        )
        assert answer.status_code == 200, answer.text
        return {row["code"]: row for row in answer.json()["items"]}

    async def record(self, kind: str, held_on: str | None = None, **more: Any) -> str:
        """Record an activity of a plain kind; give its id."""
        body = {"kind": kind, "title": "試験", "centre_id": self.centre_id, "held_on": held_on, **more}
        answer = await self.world.client.post("/v1/activities", headers=self.manager, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])
