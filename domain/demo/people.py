"""The people of the demo, all made up: two of each centre, who go on visits as a pair; and sheets of reflections."""

from datetime import date
from typing import Any

from domain.activities.reflection_sheets import write_sheet
from domain.activities.viewpoint_sets import set_for
from domain.database import Database, Session
from domain.demo.acting import as_actor, manager_of
from domain.demo.places import Loaded
from domain.places.people_records import add_person

_PAIR = (
    ("見本 はじめ", "みほんはじめ", "主任相談支援専門員", True, ("chief_specialist", "social_worker")),
    ("見本 つぐみ", "みほんつぐみ", "相談支援専門員", False, ("consultation_specialist",)),
)
_REFLECTED = (
    "本人の希望を先に聞き取ってから計画の案を作っている。",
    "サービスにつながらない時期の関わりを、次の訪問で一緒に考える。",
)
_SHEETS = 3


async def load_people(database: Database, loaded: Loaded) -> None:
    """Enter a pair of workers at every centre."""
    for centre, centre_id in loaded.centres.items():

        async def enter(session: Session, centre: str = centre, centre_id: str = centre_id) -> None:
            for name, kana, post, is_chief, codes in _PAIR:
                person = {
                    "office_id": None, "centre_id": centre_id, "name": name, "name_kana": kana, "post": post,
                    "employment": "full_time", "is_dedicated": True, "is_chief_specialist": is_chief,
                    "joined_on": loaded.opened_on[centre], "left_on": None,
                    "qualifications": [_qualified(code, loaded.opened_on[centre]) for code in codes],
                }  # fmt: skip
                loaded.people.setdefault(centre, []).append((await add_person(session, person))["id"])

        await as_actor(database, manager_of(centre_id, loaded.covers[centre]), enter)


def _qualified(code: str, opened: date) -> dict[str, Any]:
    return {"code": code, "obtained_on": opened, "renewal_due_on": None}


def visitors(loaded: Loaded, centre: str) -> list[dict[str, Any]]:
    """Give the pair of a centre as the visitors of a visit."""
    return [
        {"person_id": person, "role": "visitor", "mode": "onsite", "attendance": "present"}
        for person in loaded.people[centre]
    ]


async def load_reflections(database: Database, loaded: Loaded) -> None:
    """Write what was reflected on the last visits of each centre, in words and without a score."""
    for centre, visits in loaded.visits.items():

        async def write(session: Session, visits: list[str] = visits) -> None:
            views = (await set_for(session, None))["viewpoints"][:2]
            for visit_id in visits[-_SHEETS:]:
                lines = [
                    {"viewpoint": view["code"], "strengths": _REFLECTED[0], "note": _REFLECTED[1]} for view in views
                ]
                sheet = {"viewpoint_set_id": None, "lines": lines, "note": None, "is_simplified": False}
                await write_sheet(session, visit_id, sheet, None)

        await as_actor(database, manager_of(loaded.centres[centre], loaded.covers[centre]), write)
