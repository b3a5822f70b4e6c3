"""A number, the list, the explanation and the progress of a plan say the same, for the centre and for a ward.

Hypothesis draws ledgers, of every visibility, joint and for two municipalities, held and planned. What a caller lists is
counted here, and compared with every number that the caller is told. The ward's numbers are the centre's, less what the
centre is told that it keeps to itself.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from domain.clock import today
from domain.counts.metrics import LIAISON_BODIES
from domain.ledger import rollups as ledger_rollups
from domain.ledger.tables import VISIBILITIES
from tests.proofs.estates import YEAR, Estate, callers_at
from tests.world import World

IS_FULL = os.environ.get("KIKAN_PROVE") == "1"
CENTRE, WARD = "centre_manager", "ward_staff"
FIRST = date(YEAR, 4, 1)
DAYS = st.integers(0, max((today() - FIRST).days, 1)).map(lambda n: FIRST + timedelta(days=n))
ITEM = {"section_number": 1, "section_title": "節", "centre_role": "host", "frequency_text": "年2回以上"}
ITEMS = [
    {**ITEM, "code": "1-(1)", "title": "会議", "counting_rules": [{"kind": "meeting"}]},
    {**ITEM, "code": "1-(2)", "title": "助言", "counting_rules": [{"kind": "backup_consultation"}]},
    {**ITEM, "code": "1-(3)", "title": "毎月", "frequency_text": "毎月1回", "counting_rules": [
        {"kind": "meeting"}, {"kind": "liaison_contact"}]},
]  # fmt: skip
Told = dict[tuple[str, ...], int]


@dataclass(frozen=True)
class Doing:
    """One activity to be recorded; ``place`` and ``offices`` are numbers of the ground's municipalities.

    ``attendance`` is that of the last office; the others came.
    """

    kind: str
    body: str
    day: date
    place: int | None
    offices: Sequence[int]
    visibility: str
    is_held: bool
    people: int | None
    attendance: str = "present"


DOINGS = st.builds(
    Doing,
    kind=st.sampled_from(("meeting", "backup_consultation", "liaison_contact", "publicity")),
    body=st.sampled_from(("steering_meeting", "office_network")),
    day=DAYS,
    place=st.none() | st.integers(0, 1),
    offices=st.lists(st.integers(0, 1), max_size=2, unique=True),
    visibility=st.sampled_from(VISIBILITIES),
    is_held=st.integers(0, 5).map(bool),
    people=st.none() | st.integers(0, 40),
    attendance=st.sampled_from(("present", "expected", "absent", "excused")),
)


@dataclass
class Ground:
    """A centre of two municipalities, with a plan; the estate's ward is that of the first."""

    world: World
    estate: Estate
    places: list[str] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    plan: str = ""

    @classmethod
    async def laid(cls, world: World, doings: Iterable[Doing]) -> "Ground":
        places = [await world.municipality(), await world.municipality()]
        offices = [await world.office(place) for place in places]
        made = cls(world, Estate(places[0], await world.centre(*places), offices[0]), places, offices)
        await callers_at(world, made.estate)
        programme = {"centre_id": made.estate.centre, "title": "一覧", "valid_from_fiscal_year": 2024, "items": ITEMS}
        await made.sent(CENTRE, "POST", "/v1/work_programmes", programme)
        plan = {"centre_id": made.estate.centre, "fiscal_year": YEAR}
        made.plan = (await made.sent(CENTRE, "POST", "/v1/work_plans", plan))["id"]
        for doing in doings:
            last = doing.offices[-1] if doing.offices else None
            body = {
                "kind": doing.kind,
                "title": "試験",
                "visibility": doing.visibility,
                "municipality_id": None if doing.place is None else places[doing.place],
                "offices": [
                    {"office_id": offices[number]} | ({"attendance": doing.attendance} if number == last else {})
                    for number in doing.offices
                ],
                "participant_count": doing.people,
                ("held_on" if doing.is_held else "planned_on"): doing.day.isoformat(),
            }
            more = {"body": doing.body} if doing.kind == "meeting" else {}
            await made.sent(CENTRE, "POST", "/v1/activities", body | more)
        return made

    async def sent(self, by: str, method: str, path: str, body: Any = None) -> Any:
        answer = await self.world.client.request(method, path, headers=self.estate.callers[by], json=body)
        assert answer.status_code < 300, (method, path, body, answer.text)
        return answer.json()

    async def listed(self, by: str) -> list[dict[str, Any]]:
        """Give every held activity of the year that a caller lists, as the caller opens it."""
        page = await self.sent(by, "GET", f"/v1/activities?fiscal_year={YEAR}&status=held&limit=200")
        return [await self.sent(by, "GET", f"/v1/activities/{row['id']}") for row in page["results"]]

    async def counted(self, by: str, dimensions: str, metric: str = "held_count") -> tuple[Told, Told, Told]:
        """Give the numbers of a metric, how many are included in each, and how many of these only the centre sees."""
        asked = f"fiscal_year={YEAR}&group_by={dimensions}&metric={metric}&explain=true&limit=500"
        body = await self.sent(by, "GET", f"/v1/activity_counts?{asked}")
        told = {key_of(one): one["value"] for one in body["observations"] if one["value"]}
        groups = body["explanation"]["groups"]
        included = {key_of(one): len(one["included"]) for one in groups if one["included"]}
        return told, included, {key_of(one): one["centre_only_count"] for one in groups if one["centre_only_count"]}


def key_of(one: dict[str, Any]) -> tuple[str, ...]:
    return (one["period"]["code"], *one["dimensions"].values())


def month_of(row: dict[str, Any]) -> str:
    return str(row["held_on"][:7])


async def contradictions(ground: Ground, by: str, days: Iterable[date]) -> set[str]:
    """Name what a caller is told that is not what the caller lists."""
    rows = await ground.listed(by)
    wrong = set()

    def hold(name: str, told: Any, expected: Any) -> None:
        if told != expected:
            wrong.add(name)

    told, included, centre_only = await ground.counted(by, "month")
    by_month = Counter((month_of(row),) for row in rows)
    hold("months", (told, included), (by_month, by_month))
    hold("centre only", centre_only, Counter((month_of(row),) for row in rows if row["visibility"] == "centre"))
    told, included, _ = await ground.counted(by, "month,office")
    present = [(row, link) for row in rows for link in row["offices"] if link["attendance"] == "present"]
    links = Counter((month_of(row), link["office_id"]) for row, link in present)
    hold("offices", (told, included), (links, links))
    told, _, _ = await ground.counted(by, "centre", "distinct_office_count")
    hold("distinct offices", sum(told.values()), len({link["office_id"] for _, link in present}))
    told, included, _ = await ground.counted(by, "month", "kihon.liaison")
    is_liaison = [row["kind"] == "liaison_contact" or row["body"] in LIAISON_BODIES for row in rows]
    liaison = Counter((month_of(row),) for row, counts in zip(rows, is_liaison, strict=True) if counts)
    hold("one by one", (told, included), (liaison, liaison))
    told, _, _ = await ground.counted(by, "centre", "participant_count")
    hold("participants", sum(told.values()), sum(row["participant_count"] or 0 for row in rows))
    told, included, _ = await ground.counted(by, "month,plan_item")
    items = Counter((month_of(row), link["item_id"]) for row in rows for link in row["plan_items"])
    hold("plan items", (told, included), (items, items))
    for day in days:
        progress = await ground.sent(by, "GET", f"/v1/work_plans/{ground.plan}/progress?on={day}")
        for line in progress["items"]:
            done = [
                row["id"]
                for row in rows
                if row["held_on"] <= day.isoformat()
                and line["item_id"] in [link["item_id"] for link in row["plan_items"]]
            ]
            hold("progress", (line["done"], sorted(line["evidence"])), (len(done), sorted(done)))
    return wrong


async def differences(ground: Ground) -> dict[tuple[str, ...], tuple[int, int]]:
    """Give where the ward's number is not the centre's less what is told to be the centre's only: both of each place."""
    told, _, centre_only = await ground.counted(CENTRE, "month,municipality")
    of_ward, _, _ = await ground.counted(WARD, "month,municipality")
    less = {key: told[key] - centre_only.get(key, 0) for key in told if key[1] in (ground.places[0], "joint")}
    expected = {key: number for key, number in less.items() if number}
    keys = of_ward.keys() | expected.keys()
    found = {key: (of_ward.get(key, 0), expected.get(key, 0)) for key in keys}
    return {key: both for key, both in found.items() if both[0] != both[1]}


async def judge(world: World, doings: Sequence[Doing], days: Sequence[date]) -> dict[str, Any]:
    """Enter a ledger and name what contradicts itself, by caller."""
    ground = await Ground.laid(world, doings)
    wrong: dict[str, Any] = {by: await contradictions(ground, by, days) for by in (CENTRE, WARD)}
    return {name: found for name, found in {**wrong, "between": await differences(ground)}.items() if found}


@hypothesis_settings(
    max_examples=60 if IS_FULL else 6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(doings=st.lists(DOINGS, min_size=3, max_size=12), days=st.lists(DAYS, min_size=2, max_size=2))
def draw(world: World, loop: asyncio.AbstractEventLoop, doings: list[Doing], days: list[date]) -> None:
    """Draw ledgers and hold that none contradicts itself. Runs beside the loop."""
    judged = judge(world, doings, [*days, today()])
    assert asyncio.run_coroutine_threadsafe(judged, loop).result(60) == {}


async def test_every_number_is_made_of_what_its_reader_may_open(world: World) -> None:
    await asyncio.to_thread(draw, world, asyncio.get_running_loop())


async def test_a_sum_over_what_a_ward_does_not_see_contradicts_its_list(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = ledger_rollups.contribution
    monkeypatch.setattr(
        "domain.ledger.contribution", lambda a, items: honest(a and {**a, "visibility": "municipality"}, items)
    )
    hidden = Doing("meeting", "office_network", FIRST, None, (0,), "centre", is_held=True, people=7)
    later = FIRST + timedelta(days=40)
    wrong = await judge(world, [hidden], [FIRST, later])
    assert wrong == {
        WARD: {"months", "participants", "plan items", "progress"},
        "between": {(FIRST.isoformat()[:7], "joint"): (1, 0)},
    }
