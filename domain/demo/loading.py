"""Loading the demo into an empty database: places, accounts, programme, plans, a year of activities, in that order."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from domain import fiscal
from domain.access import Role
from domain.database import Database, Session
from domain.demo.acting import OPERATOR, acting, as_actor, manager_of, ward_of
from domain.demo.people import load_people, load_reflections
from domain.demo.places import FACTS, Loaded, load_accounts, load_places
from domain.demo.year import load_documented, load_year
from domain.lists import ListRequest
from domain.places.municipalities import MUNICIPALITIES
from domain.plans.work_plan_steps import take_step
from domain.plans.work_plans import generate_plan
from domain.plans.work_programme_items import programme_from_document

_PROGRAMME = Path(__file__).parent.parent / "data" / "meguro_work_programme.json"


async def is_loaded(database: Database) -> bool:
    """Tell whether the demo's municipalities are there already."""

    async def look(session: Session) -> bool:
        page = await MUNICIPALITIES.page(session, ListRequest(limit=200))
        return FACTS["municipalities"][0]["id"] in {row["id"] for row in page.rows}

    return await as_actor(database, acting(Role.OPERATOR, OPERATOR), look)


async def load(database: Database, today: date, tell: Callable[[str], None]) -> dict[str, Any]:
    """Load everything; give what ``var/demo.json`` tells of it: users, clients, centres, plans."""
    loaded = Loaded(today)
    tell("市区町村・センター・事業所を登録しています")
    await load_places(database, loaded)
    tell("利用者と連携プログラムを作っています")
    await load_accounts(database, loaded)
    tell("目黒区の委託事業内容一覧と年間事業計画を作っています")
    plans = await _load_plans(database, loaded)
    await _approve_past(database, loaded, plans)
    tell("活動を作っています(作りものとして印を付けます)")
    await load_people(database, loaded)
    await load_documented(database, loaded)
    count = await load_year(database, loaded)
    await load_reflections(database, loaded)
    tell(f"活動 {count} 件を記録しました")
    centres = [
        {"id": loaded.centres[entry["key"]], "name": entry["name"], "municipalities": entry["covers"]}
        for entry in FACTS["centres"]
    ]
    return {"users": loaded.users, "clients": loaded.clients, "centres": centres, "work_plans": plans}


async def _load_plans(database: Database, loaded: Loaded) -> list[dict[str, Any]]:
    centre_id = loaded.centres["meguro"]
    opened = fiscal.fiscal_year_of(loaded.opened_on["meguro"])
    document = json.loads(_PROGRAMME.read_text(encoding="utf-8"))

    async def plan(session: Session) -> list[dict[str, Any]]:
        await programme_from_document(session, {**document, "centre_id": centre_id, "valid_from_fiscal_year": opened})
        made = []
        for year in range(opened, fiscal.fiscal_year_of(loaded.today) + 1):
            row = await generate_plan(session, centre_id, year)
            made.append({"id": row["id"], "centre_id": centre_id, "fiscal_year": year})
        return made

    return await as_actor(database, manager_of(centre_id, loaded.covers["meguro"]), plan)


async def _approve_past(database: Database, loaded: Loaded, plans: list[dict[str, Any]]) -> None:
    """Take the plans of past years all the way: adopted and submitted by the centre, approved by the ward."""
    centre_id, codes = loaded.centres["meguro"], loaded.covers["meguro"]
    ward = acting(Role.WARD_STAFF, ward_of(centre_id, codes))
    steps = (
        (manager_of(centre_id, codes), "adoption", "基幹運営会議"),
        (manager_of(centre_id, codes), "submission", None),
        (ward, "approval", None),
    )
    for version, (actor, kind, meeting) in enumerate(steps, start=1):

        async def step(
            session: Session, version: int = version, kind: str = kind, meeting: str | None = meeting
        ) -> None:
            for made in plans[:-1]:
                await take_step(session, made["id"], kind, version, meeting=meeting)

        await as_actor(database, actor, step)
