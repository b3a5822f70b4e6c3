"""What explains a number, through HTTP: what is in it, and what of that the centre keeps to itself."""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from domain.access import Role
from domain.ledger import rollups as ledger_rollups
from tests.api.test_activity_counts import Uki, counted
from tests.meguro import Meguro, programme
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


def values_of(body: dict[str, Any]) -> dict[tuple[str, ...], int]:
    return {place(one): one["value"] for one in body["observations"] if one["value"]}


def centre_only(groups: list[dict[str, Any]]) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        found[place(group)] += group["centre_only_count"]
    return +found


def unexplained(body: dict[str, Any], groups: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Name the numbers that are not what is included, over all pages."""
    given: Counter[tuple[str, ...]] = Counter()
    for group in groups:
        given[place(group)] += len(group["included"])
    told = values_of(body)
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
async def test_a_wards_numbers_are_what_it_may_open_and_nothing_else(world: World, limit: str) -> None:
    k = await Kept.laid(world)
    program = await world.program("activity_counts:read", municipality_id=k.meguro.ward_id)
    for headers in (k.meguro.ward, program):
        for shape in SHAPES:
            body, groups = await explained(world, headers, limit=limit, fiscal_year="2026", group_by=shape)
            assert unexplained(body, groups) == [], shape
            assert not centre_only(groups), shape
            told = orjson.dumps([body, groups]).decode()
            assert not any(one in told for one in k.ids), "their ids stay where they are"
            assert body["totals"] == {"held_count": 3}, shape


@pytest.mark.parametrize("limit", ["2", "200"])
async def test_the_centre_is_told_how_much_less_its_ward_counts(world: World, limit: str) -> None:
    k = await Kept.laid(world)
    for shape in SHAPES:
        asked = {"fiscal_year": "2026", "group_by": shape}
        body, groups = await explained(world, k.meguro.manager, limit=limit, **asked)
        assert unexplained(body, groups) == [], shape
        whole, less = Counter(values_of(body)), centre_only(groups)
        assert dict(whole - less) == values_of(await counted(world, k.meguro.ward, **asked)), shape
    body, groups = await explained(world, k.meguro.manager, fiscal_year="2026", group_by="month,kind")
    assert body["totals"] == {"held_count": 8}
    assert {key[1:]: number for key, number in centre_only(groups).items()} == {
        ("2026-05", "publicity"): 2,
        ("2026-06", "publicity"): 1,
        ("2026-07", "meeting"): 1,
        ("2026-08", "backup_consultation"): 1,
    }


async def test_sums_that_know_no_visibility_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = ledger_rollups.contribution
    monkeypatch.setattr(
        "domain.ledger.contribution", lambda a, items: honest(a and {**a, "visibility": "municipality"}, items)
    )
    k = await Kept.laid(world)
    asked = {"fiscal_year": "2026", "group_by": "month,kind"}
    assert len(unexplained(*await explained(world, k.meguro.ward, **asked))) == 4
    assert unexplained(*await explained(world, k.meguro.manager, **asked)) == []


async def test_every_metric_leaves_out_what_a_ward_does_not_see(world: World) -> None:
    k = await Kept.laid(world)
    metrics = "held_count,participant_count,kihon.visit_guidance,kihon.liaison"
    asked = {"fiscal_year": "2026", "group_by": "month", "centre_id": k.meguro.centre_id, "metric": metrics}
    ward, _ = await explained(world, k.meguro.ward, **asked)
    centre, groups = await explained(world, k.meguro.manager, **asked)
    assert ward["totals"] == {
        "held_count": 3, "participant_count": 10, "kihon.visit_guidance": 0, "kihon.liaison": 1
    }  # fmt: skip
    assert centre["totals"] == {
        "held_count": 8, "participant_count": 13, "kihon.visit_guidance": 1, "kihon.liaison": 2
    }  # fmt: skip
    by_metric: Counter[str] = Counter()
    for (metric, *_), number in centre_only(groups).items():
        by_metric[metric] += number
    # Of those without participants nothing is included in a number of participants.
    assert by_metric == {"held_count": 5, "participant_count": 1, "kihon.visit_guidance": 1, "kihon.liaison": 1}
    narrowed, _ = await explained(world, k.meguro.ward, **{**asked, "metric": "held_count", "kind": "publicity,other"})
    assert narrowed["totals"] == {"held_count": 2}


async def test_a_municipality_learns_nothing_of_what_is_kept_for_another(world: World) -> None:
    u = await Uki.with_work(world)
    for municipality in (*u.places, None):
        await u.post(
            "/v1/activities", kind="publicity", title="内部", held_on="2026-05-04", visibility="centre",
            centre_role="host", **({} if municipality is None else {"municipality_id": municipality}),
        )  # fmt: skip
    for ward, number in zip(u.wards, (3, 2, 1), strict=True):
        body, groups = await explained(world, ward, fiscal_year="2026", group_by="municipality")
        assert (unexplained(body, groups), body["totals"]) == ([], {"held_count": number})
    _, groups = await explained(world, u.staff, fiscal_year="2026", group_by="municipality")
    assert {key[2]: number for key, number in centre_only(groups).items()} == dict.fromkeys((*u.places, "joint"), 1)


async def test_a_joint_activity_of_another_municipalitys_plan_is_explained_without_its_item(world: World) -> None:
    owing, other = await world.municipality("宇土市"), await world.municipality("宇城市")
    m = Meguro(world, owing, await world.centre(owing, other))
    m.manager = await world.sign_in(Role.CENTRE_MANAGER, centre_id=m.centre_id)
    document = {**programme(m.centre_id), "municipality_id": owing}
    answer = await world.client.post("/v1/work_programmes", headers=m.manager, json=document)
    assert answer.status_code == 201, answer.text
    await m.plan(2026)
    await m.record("backup_consultation", "2026-05-01")
    for place_id, number in ((owing, 1), (other, 0)):
        ward = await world.sign_in(Role.WARD_STAFF, municipality_id=place_id)
        body, groups = await explained(world, ward, fiscal_year="2026", group_by="plan_item")
        assert (unexplained(body, groups), body["totals"]) == ([], {"held_count": 1})
        assert len([one for group in groups for one in group["included"]]) == number


@pytest.mark.parametrize("group_by", ["month,kind", "municipality", "plan_item"])
async def test_a_change_of_visibility_alone_is_a_new_answer_for_whom_it_concerns(world: World, group_by: str) -> None:
    m = await Meguro.opened(world)
    await m.plan(2026)
    activity = await m.record("backup_consultation", "2026-05-01", visibility="published")
    plain = f"/v1/activity_counts?fiscal_year=2026&group_by={group_by}"
    asks = [(plain, m.ward), (plain, m.manager), (f"{plain}&explain=true", m.manager)]

    async def statuses(tags: list[str]) -> tuple[list[int], list[str]]:
        found = [
            await world.client.get(path, headers={**who, "If-None-Match": tag})
            for (path, who), tag in zip(asks, tags, strict=True)
        ]
        return [answer.status_code for answer in found], [answer.headers["etag"] for answer in found]

    _, shown = await statuses(['"-"'] * 3)
    path = f"/v1/activities/{activity}"
    for version, visibility, concerned in ((1, "offices_involved", False), (2, "centre", True), (3, "published", True)):
        changed = await world.client.patch(
            path, headers={**m.manager, "If-Match": f'"{version}"'}, json={"visibility": visibility}
        )
        assert changed.status_code == 200, changed.text
        codes, shown = await statuses(shown)
        assert codes == ([200, 304, 200] if concerned else [304, 304, 304]), visibility


async def test_an_explanation_by_plan_item_says_the_rule_of_each_item(world: World) -> None:
    m = await Meguro.opened(world)
    items = await m.items(await m.plan(2026))
    await m.record("meeting", "2026-07-10", body="transition_liaison", centre_role="participate")
    body, groups = await explained(world, m.ward, fiscal_year="2026", group_by="plan_item")
    liaison = next(one for one in groups if one["dimensions"]["plan_item"] == items["4-(1)"]["id"])
    rule = "種別 会議・会議体 地域移行・地域定着連携連絡会・役割 参加"
    assert (liaison["rule_ja"], liaison["rule_en"]) == (
        rule, "kind: meeting; body: transition liaison; role: participate"
    )  # fmt: skip
    told = {one["plan_item"]: one["rule_ja"] for one in body["explanation"]["plan_item_rules"]}
    assert told.keys() == {item["id"] for item in items.values()}
    assert told[items["4-(1)"]["id"]] == rule
    assert told[items["3-(6)"]["id"]] == "種別 会議・会議体 自立支援協議会・役割 参加か事務局か共同事務局"
    # Whatever the programme of the documents asks for has its Japanese name.
    assert [text for text in told.values() if re.search(r"[a-z_]{3,}", text)] == []
    plain, groups = await explained(world, m.ward, fiscal_year="2026", group_by="kind")
    assert plain["explanation"]["plan_item_rules"] == []
    assert {(one["rule_ja"], one["rule_en"]) for one in groups} == {(None, None)}
