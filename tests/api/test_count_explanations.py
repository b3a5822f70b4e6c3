"""What explains a number that holds more than its reader may open, through HTTP."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from domain.counts import explanations
from tests.api.test_activity_counts import Uki, counted
from tests.meguro import Meguro
from tests.world import World


async def explained(
    world: World, headers: dict[str, str], *, limit: str = "200", **asked: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Ask for a count with its whole explanation; give the first answer and the groups of every page."""
    first = body = await counted(world, headers, explain="true", limit=limit, **asked)
    groups: list[dict[str, Any]] = list(body["explanation"]["groups"])
    while (cursor := body["explanation"]["next_cursor"]) is not None:
        body = await counted(world, headers, explain="true", limit=limit, cursor=cursor, **asked)
        groups += body["explanation"]["groups"]
    return first, groups


def place(one: dict[str, Any]) -> tuple[str, ...]:
    return (one["metric"], one["period"]["code"], *one["dimensions"].values())


def unexplained(body: dict[str, Any], groups: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Name the numbers that are not what is included and withheld, over all pages."""
    given: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        given[place(group)] += len(group["included"]) + (group["withheld_count"] or 0)
    told = {place(one): one["value"] or 0 for one in body["observations"]}
    return [(key, told.get(key, 0), given[key]) for key in {*told, *given} if told.get(key, 0) != given[key]]


@dataclass
class Kept:
    """A centre with work that it shows, and ``ids`` of work that it keeps to itself."""

    meguro: Meguro
    ids: list[str]

    @classmethod
    async def laid(cls, world: World) -> "Kept":
        m = await Meguro.opened(world)
        await m.plan(2026)
        liaison = {"body": "transition_liaison", "centre_role": "participate"}
        await m.record("publicity", "2026-05-01", participant_count=10)
        await m.record("publicity", "2026-05-08")
        await m.record("meeting", "2026-07-10", **liaison)
        kept = {"visibility": "centre"}
        ids = [
            await m.record("publicity", "2026-05-02", participant_count=3, **kept),
            await m.record("publicity", "2026-05-03", municipality_id=m.ward_id, **kept),
            await m.record("publicity", "2026-06-04", municipality_id=m.ward_id, **kept),
            await m.record("backup_consultation", "2026-08-05", **kept),
            await m.record("meeting", "2026-07-11", **liaison, **kept),
            # Neither of these two is counted.
            await m.record("publicity", planned_on="2026-05-09", **kept),
            await m.record("publicity", "2026-05-10", **kept),
        ]
        answer = await world.client.delete(f"/v1/activities/{ids[-1]}", headers={**m.manager, "If-Match": '"1"'})
        assert answer.status_code == 204, answer.text
        return cls(m, ids)


SHAPES = (
    "month,kind", "kind", "month", "municipality", "month,municipality,kind", "centre", "centre_role", "plan_item",
    "month,plan_item", "municipality,plan_item,centre", "kind,centre_role,municipality,centre", "office",
)  # fmt: skip


@pytest.mark.parametrize("limit", ["1", "2", "200"])
async def test_a_ward_can_explain_every_number_though_it_may_not_open_every_activity(world: World, limit: str) -> None:
    k = await Kept.laid(world)
    program = await world.program("activity_counts:read", municipality_id=k.meguro.ward_id)
    for headers in (k.meguro.ward, program):
        for shape in SHAPES:
            body, groups = await explained(world, headers, limit=limit, fiscal_year="2026", group_by=shape)
            assert unexplained(body, groups) == [], shape
            told = orjson.dumps([body, groups]).decode()
            assert not any(one in told for one in k.ids), "their ids stay where they are"


async def test_a_number_of_which_all_is_withheld_is_explained_too(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    k = await Kept.laid(world)
    asked = {"fiscal_year": "2026", "group_by": "month,kind"}
    body, groups = await explained(world, k.meguro.ward, **asked)
    assert body["totals"] == {"held_count": 8}
    assert {place(one)[1:]: (len(one["included"]), len(one["excluded"]), one["withheld_count"]) for one in groups} == {
        ("2026-05", "publicity"): (2, 0, 2),
        ("2026-06", "publicity"): (0, 0, 1),
        ("2026-07", "meeting"): (1, 0, 1),
        ("2026-08", "backup_consultation"): (0, 0, 1),
    }

    async def nothing(*_: Any) -> dict[Any, Any]:
        return {}

    monkeypatch.setattr(explanations, "withheld_in", nothing)
    assert len(unexplained(*await explained(world, k.meguro.ward, **asked))) == 4, "the proof sees a gap"


async def test_nothing_is_withheld_from_the_centre_itself(world: World) -> None:
    k = await Kept.laid(world)
    for shape in SHAPES:
        body, groups = await explained(world, k.meguro.manager, fiscal_year="2026", group_by=shape)
        assert unexplained(body, groups) == [], shape
        assert {one["withheld_count"] for one in groups} <= {0}, shape


async def test_what_is_withheld_is_told_once_on_the_first_page(world: World) -> None:
    k = await Kept.laid(world)
    asked = {"fiscal_year": "2026", "group_by": "kind", "explain": "true", "limit": "2"}
    first = (await counted(world, k.meguro.ward, **asked))["explanation"]
    assert {one["dimensions"]["kind"]: one["withheld_count"] for one in first["groups"]} == {
        "publicity": 3, "meeting": 1, "backup_consultation": 1
    }  # fmt: skip
    second = (await counted(world, k.meguro.ward, **asked, cursor=first["next_cursor"]))["explanation"]
    assert [(one["dimensions"]["kind"], one["withheld_count"]) for one in second["groups"]] == [("meeting", None)]


def withheld_by_metric(groups: list[dict[str, Any]]) -> dict[str, int]:
    told: dict[str, int] = {}
    for one in groups:
        told[one["metric"]] = told.get(one["metric"], 0) + one["withheld_count"]
    return told


async def test_what_is_withheld_follows_kinds_centres_and_metrics(world: World) -> None:
    k, other = await Kept.laid(world), await Kept.laid(world)
    asked = {"fiscal_year": "2026", "group_by": "month", "centre_id": k.meguro.centre_id}
    metrics = "held_count,participant_count,kihon.visit_guidance,kihon.liaison"
    body, groups = await explained(world, k.meguro.ward, **asked, metric=metrics)
    # What no rollup holds is counted within reach: the ward's number is without what it may not open.
    assert withheld_by_metric(groups) == {
        "held_count": 5, "participant_count": 5, "kihon.visit_guidance": 1, "kihon.liaison": 0
    }  # fmt: skip
    assert (body["totals"]["kihon.visit_guidance"], body["totals"]["kihon.liaison"]) == (1, 1)
    body, groups = await explained(world, k.meguro.ward, **asked, kind="publicity,peer_gathering")
    assert (unexplained(body, groups), withheld_by_metric(groups)) == ([], {"held_count": 3})
    body, groups = await explained(world, other.meguro.ward, fiscal_year="2026", group_by="centre")
    assert [(place(one)[2], one["withheld_count"]) for one in groups] == [(other.meguro.centre_id, 5)]


async def test_a_municipality_learns_nothing_of_what_is_kept_for_another(world: World) -> None:
    u = await Uki.with_work(world)
    for municipality in (*u.places, None):
        await u.post(
            "/v1/activities", kind="publicity", title="内部", held_on="2026-05-04", visibility="centre",
            centre_role="host", **({} if municipality is None else {"municipality_id": municipality}),
        )  # fmt: skip
    for ward, own in zip(u.wards, u.places, strict=True):
        body, groups = await explained(world, ward, fiscal_year="2026", group_by="municipality")
        assert unexplained(body, groups) == []
        assert {one["dimensions"]["municipality"]: one["withheld_count"] for one in groups} == {own: 1, "joint": 1}
