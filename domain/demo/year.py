"""A plausible run of activities for every centre, up to the day before yesterday, each marked as generated.

Drawn from a fixed seed, so that two demos made on the same day look alike. Numbers, days and offices are made up;
what kinds of work there are and how often comes from the documents (seeds 002, 003, 004).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from domain import fiscal
from domain.activities.activities import record_activity
from domain.activities.office_visits import record_visit
from domain.activities.supervision_sessions import record_session
from domain.activities.training_events import record_training
from domain.database import Database, Session
from domain.demo.acting import as_actor, manager_of
from domain.demo.people import visitors
from domain.demo.places import FACTS, Loaded
from domain.opening_days import Calendar

Drawn = tuple[str, dict[str, Any]]

MENUS = ("worry", "supervision", "case", "plan")
BODIES = ("child_development_centre", "community_general_support_centre", "employment_support_centre", "health_centre")


def _offices_of(loaded: Loaded, centre: str) -> list[str]:
    covered = loaded.covers[centre]
    return [loaded.offices[key] for key, code in loaded.office_places.items() if code in covered]


def _open_day(random: Random, month: date, calendar: Calendar) -> date:
    return random.choice(calendar.open_days_between(month, fiscal.last_day_of_month(month)))


def _plain(kind: str, title: str, role: str = "host", **more: Any) -> dict[str, Any]:
    return {"kind": kind, "title": title, "centre_role": role, "format": "onsite", **more}


def _attended(random: Random, offices: list[str]) -> list[dict[str, Any]]:
    return [
        {"office_id": office, "side": "member", "mode": random.choice(("onsite", "remote")), "attendance": "present",
         "participant_count": random.randint(1, 3)}
        for office in sorted(random.sample(offices, random.randint(2, len(offices))))
    ]  # fmt: skip


def _of_meguro(random: Random, month: date, loaded: Loaded) -> Iterator[Drawn]:  # noqa: C901 - one line a duty
    offices = _offices_of(loaded, "meguro")
    for _ in range(random.randint(2, 4)):
        yield "visit", {"office_id": random.choice(offices), "menus": random.sample(MENUS, random.randint(1, 2))}
    for number in range(random.randint(3, 7)):
        yield "plain", _plain("backup_consultation", "相談支援専門員からの相談", "backup",
                              needs=["hard_case"] if number == 0 else [], office_id=random.choice(offices),
                              duration_minutes=random.choice((20, 30, 45)))  # fmt: skip
    yield "plain", _plain("liaison_contact", "関係機関との連絡調整", "coordinate",
                          organizations=[{"organization_kind": random.choice(BODIES), "name": "関係機関",
                                          "side": "member", "mode": "onsite", "is_present": True}])  # fmt: skip
    yield "plain", _plain("information_bulletin", "事業者あて情報提供", "operate")
    if month.month in (4, 7, 10, 1):
        # The last one fell out, so that the plan of the year shows an item that is behind.
        is_last = month > fiscal.months_after(fiscal.month_of(loaded.today), -3)
        fell_out = {"status": "postponed", "status_reason": "台風接近のため"} if is_last else {}
        yield "plain", _plain("meeting", "基幹運営会議", body="steering_meeting", participant_count=9,
                              duration_minutes=90, **fell_out)  # fmt: skip
    if month.month in (6, 10, 2):
        yield "plain", _plain("meeting", "地域移行・地域定着連携連絡会", "participate", body="transition_liaison",
                              duration_minutes=120)  # fmt: skip
    if month.month in (5, 8, 11):
        yield "plain", _plain("meeting", "自立支援協議会 相談支援部会", "joint_secretariat", body="council",
                              participant_count=14)  # fmt: skip
    if month.month in (6, 11):
        yield "training", {"category": "workforce_development", "theme": "本人と家族の力を生かす相談支援",
                           "audience": ["newcomer"], "capacity": 30, "is_case_method": month.month == 6,
                           "lecturers": [{"name": "外部講師", "affiliation": "学識経験者", "is_external": True}],
                           "offices": _attended(random, offices)}  # fmt: skip
    if month.month in (5, 9):
        yield "training", {"category": "rights_protection", "theme": "成年後見と権利擁護", "audience": [],
                           "lecturers": [], "offices": _attended(random, offices)}  # fmt: skip
    if month.month == 10:
        yield "training", {"category": "abuse_prevention", "theme": "虐待防止の理解と啓発", "audience": [],
                           "lecturers": [], "offices": _attended(random, offices)}  # fmt: skip
    if month.month in (8, 2):
        yield "session", {"session_type": "case_conference", "case_label": f"M-{month:%y%m}", "has_consent": True,
                          "title": "事例検討会", "offices": _attended(random, offices)}  # fmt: skip
    if month.month % 3 == 1:
        yield "session", {"session_type": "group", "title": "グループスーパービジョン", "case_label": f"G-{month:%y%m}",
                          "has_consent": True, "has_after_talk": True,
                          "offices": _attended(random, offices)}  # fmt: skip
    if month.month in (7, 12):
        yield "plain", _plain("peer_gathering", "(仮称)いどばた会議", participant_count=random.randint(6, 15))


def _of_adachi(random: Random, month: date, loaded: Loaded) -> Iterator[Drawn]:
    offices = _offices_of(loaded, "adachi")
    for _ in range(random.randint(2, 5)):
        yield "visit", {"office_id": random.choice(offices), "menus": [random.choice(MENUS)],
                        "title": "事業所訪問(コアメンバー同行)"}  # fmt: skip
    if random.random() < 0.4:
        yield "visit", {"office_id": random.choice(offices), "status": "declined", "status_reason": "業務多忙のため",
                        "menus": []}  # fmt: skip
    if month.month in (5, 9, 1):
        yield "plain", _plain("meeting", "ケアマネジメント評価会議", body="evaluation_conference", participant_count=12)
    yield "plain", _plain("meeting", "相談支援事業所ネットワーク", body="office_network",
                          participant_count=random.randint(10, 25))  # fmt: skip


def _of_ashisuto(random: Random, _month: date, _loaded: Loaded) -> Iterator[Drawn]:
    for _ in range(random.randint(4, 9)):
        yield "plain", _plain("direct_consultation", "個別相談", "operate", duration_minutes=random.choice((30, 60)))


def _of_hodogaya(random: Random, month: date, loaded: Loaded) -> Iterator[Drawn]:
    yield "plain", _plain("meeting", "相談支援部会", "secretariat", body="consultation_section",
                          starts_at="15:30", ends_at="17:00", format="hybrid",
                          participant_count=random.randint(9, 13))  # fmt: skip
    if month.month % 3 == 0:
        yield "visit", {"office_id": random.choice(_offices_of(loaded, "hodogaya")), "menus": ["case"]}


def _of_uki(random: Random, month: date, loaded: Loaded) -> Iterator[Drawn]:
    if month.month % 2 == 0:
        yield "plain", _plain("meeting", "宇城地域相談支援連絡会(GSV形式の事例検討)", body="liaison_meeting",
                              participant_count=random.randint(8, 16), visibility="offices_involved",
                              offices=[{"office_id": loaded.offices[key], "side": "member", "mode": "onsite",
                                        "attendance": "present", "participant_count": None}
                                       for key in ("arch", "yell")])  # fmt: skip
    else:
        yield "plain", _plain("meeting", "基幹と機能強化型事業所の共同事例検討会", body="joint_case_conference",
                              participant_count=5)  # fmt: skip
    for code, key in (("432130", "yell"), ("432113", "arch")):
        for _ in range(random.randint(1, 3)):
            yield "plain", _plain("backup_consultation", "事業所からの相談", "backup", municipality_id=code,
                                  office_id=loaded.offices[key])  # fmt: skip
    if random.random() < 0.3:
        yield "plain", _plain("liaison_contact", "町との連絡調整", "coordinate", municipality_id="433489")


DRAWN_FOR = {
    "meguro": _of_meguro,
    "adachi": _of_adachi,
    "ashisuto": _of_ashisuto,
    "hodogaya": _of_hodogaya,
    "uki": _of_uki,
}
WITH_PLANS = ("meguro",)
"""Centres whose plans the demo makes, for every year since they opened."""


async def load_year(database: Database, loaded: Loaded) -> int:
    """Record the generated activities of last fiscal year and this one, where plans stand of all years; give how many.

    The past is held; the next two months hold a few planned ones.
    """
    recorded, today = 0, loaded.today
    calendar = Calendar()
    last = fiscal.months_after(fiscal.month_of(today), 2)
    for centre, draw in DRAWN_FOR.items():
        first = loaded.opened_on[centre] if centre in WITH_PLANS else fiscal.first_day(fiscal.fiscal_year_of(today) - 1)
        months = fiscal.months_between(first, last)
        random = Random(f"kikan-demo-{centre}")
        actor = manager_of(loaded.centres[centre], loaded.covers[centre])

        async def record_all(
            session: Session,
            centre: str = centre,
            draw: Any = draw,
            random: Random = random,
            months: Sequence[date] = months,
        ) -> int:
            count = 0
            for month in months:
                if fiscal.last_day_of_month(month) < loaded.opened_on[centre]:
                    continue
                for how, fields in draw(random, month, loaded):
                    day = _open_day(random, month, calendar)
                    if day >= today and month > fiscal.months_after(fiscal.month_of(today), 1):
                        continue
                    dated = _dated(fields, day, today)
                    if how == "visit" and "held_on" in dated:
                        dated["people"] = visitors(loaded, centre)
                    row, _ = await _WAYS[how](session, dated)
                    if how == "visit" and row["status"] == "held":
                        loaded.visits.setdefault(centre, []).append(row["id"])
                    count += 1
            return count

        recorded += await as_actor(database, actor, record_all)
    return recorded


def _dated(fields: Mapping[str, Any], day: date, today: date) -> dict[str, Any]:
    is_past = day < today - timedelta(days=1)
    status = fields.get("status")
    dated = {**fields, "origin": "generated"}
    if status is None and is_past:
        return {**dated, "held_on": day}
    if status is not None and not is_past:
        return {**dated, "planned_on": day, "status": "planned", "status_reason": None}
    return {**dated, "planned_on": day} if status is not None or not is_past else dated


_WAYS = {
    "visit": record_visit,
    "plain": record_activity,
    "training": record_training,
    "session": record_session,
}


async def load_documented(database: Database, loaded: Loaded) -> None:
    """Record the meetings that the documents tell of, marked as imported."""
    for entry in FACTS["activities"]:
        fields = dict(entry["fields"])
        fields["held_on"] = date.fromisoformat(fields["held_on"])
        fields["offices"] = [
            {
                "office_id": loaded.offices[key],
                "side": side,
                "mode": mode,
                "attendance": "present",
                "participant_count": None,
            }
            for key, side, mode in fields.get("offices", ())
        ]
        names = ("organization_kind", "name", "side", "mode", "is_present")
        fields["organizations"] = [dict(zip(names, told, strict=True)) for told in fields.get("organizations", ())]
        actor = manager_of(loaded.centres[entry["centre"]], loaded.covers[entry["centre"]])
        whole = {**fields, "origin": "imported"}

        async def enter(session: Session, whole: Mapping[str, Any] = whole) -> None:
            await record_activity(session, whole)

        await as_actor(database, actor, enter)
