"""The rows of the land: places, callers, activities with everything that hangs on them, plans."""

import os
from datetime import date, timedelta
from itertools import product
from typing import Any

from sqlalchemy import Date, Table, Uuid

from domain.access import Place, PlaceKind, Role
from domain.ledger.details import SHOWN_BY
from domain.ledger.tables import REPEATED
from domain.tables import load_tables
from tests.proofs.reach_land import (
    BEFORE,
    LAST_YEAR,
    MUNICIPALITIES,
    OPENED,
    THIS_YEAR,
    TODAY,
    VISIBILITIES,
    Caller,
    Land,
    Maker,
    Row,
    owned_tables,
)

IS_FULL = os.environ.get("KIKAN_PROVE") == "1"
ACTIVITIES_PER_CENTRE = 60 if IS_FULL else 16
ONLY_IN_PROVE = ("ward covered later", "office with windows", "program of a centre", "ward of the shared centre")


def land_of(seed: int = 20261122) -> Land:
    """Make the whole land; the same seed gives the same land."""
    load_tables()
    make = Maker(seed)
    centres = _places(make)
    _callers(make, centres)
    for centre in centres:
        _activities(make, centre["id"])
    _plans(make, centres)
    _remaining(make)
    return make.land


def _places(make: Maker) -> list[Row]:
    for code in MUNICIPALITIES:
        make.put("municipality", id=code, name=f"市{code}")
    centres = [make.put("centre", opened_on=OPENED, name=f"センター{n}", deleted_at=None) for n in range(5)]
    one, two, three, uki, moved = (centre["id"] for centre in centres)
    day_before = timedelta(days=1)
    for centre, code, first, last in (
        (one, MUNICIPALITIES[0], OPENED, None),
        (two, MUNICIPALITIES[1], OPENED, None),
        (three, MUNICIPALITIES[1], OPENED, None),
        (uki, MUNICIPALITIES[2], OPENED, None),
        (uki, MUNICIPALITIES[3], OPENED, None),
        (uki, MUNICIPALITIES[4], OPENED, None),
        (moved, MUNICIPALITIES[5], BEFORE, LAST_YEAR - day_before),
        (moved, MUNICIPALITIES[6], LAST_YEAR, None),
        (one, MUNICIPALITIES[5], LAST_YEAR, THIS_YEAR - day_before),
        (one, MUNICIPALITIES[5], TODAY.replace(day=1), None),
        (two, MUNICIPALITIES[6], (TODAY + timedelta(days=400)).replace(day=1), None),
    ):
        make.put("centre_coverage", centre_id=centre, municipality_id=code, valid_from=first, valid_to=last)
    for code in MUNICIPALITIES:
        for number in range(3):
            office = make.put("office", municipality_id=code, office_number=None, name=f"相談室{code}-{number}")
            place = {"municipality_id": code, "office_id": office["id"], "centre_id": None}
            make.put("office_strength", municipality_id=code, office_id=office["id"])
            for _ in range(2):
                make.put("person_qualification", person_id=make.put("person", **place)["id"], **place)
    for centre in centres:
        place = {"centre_id": centre["id"], "municipality_id": None, "office_id": None}
        make.put("person_qualification", person_id=make.put("person", **place)["id"], **place)
    return centres


def _callers(make: Maker, centres: list[Row]) -> None:
    one, two, _three, uki, moved = (centre["id"] for centre in centres)
    codes = MUNICIPALITIES
    offices = {office["municipality_id"]: office["id"] for office in make.land.rows["office"]}
    ward, at = PlaceKind.MUNICIPALITY, PlaceKind.CENTRE
    for name, role, place, municipality in (
        ("ward covered for ever", Role.WARD_STAFF, Place(ward, codes[0]), codes[0]),
        ("ward of two centres", Role.WARD_STAFF, Place(ward, codes[1]), codes[1]),
        ("ward with windows", Role.WARD_STAFF, Place(ward, codes[5]), codes[5]),
        ("ward covered later", Role.WARD_STAFF, Place(ward, codes[6]), codes[6]),
        ("ward of the shared centre", Role.WARD_STAFF, Place(ward, codes[3]), codes[3]),
        ("centre", Role.CENTRE_STAFF, Place(at, two), None),
        ("centre of three municipalities", Role.CENTRE_MANAGER, Place(at, uki), None),
        ("centre that moved", Role.CENTRE_STAFF, Place(at, moved), None),
        ("office", Role.OFFICE_USER, Place(PlaceKind.OFFICE, offices[codes[1]]), codes[1]),
        ("office with windows", Role.OFFICE_USER, Place(PlaceKind.OFFICE, offices[codes[5]]), codes[5]),
        ("program of a centre", Role.INTEGRATION, Place(at, one), None),
        ("operator", Role.OPERATOR, Place(PlaceKind.DEPLOYMENT), None),
    ):
        if name in ONLY_IN_PROVE and not IS_FULL:
            continue
        caller = Caller(name, role, place, municipality, make.id())
        make.land.callers.append(caller)
        make.put("idempotency_key", caller_id=f"{role}:{caller.subject_id}", key="k-1")


def _activities(make: Maker, centre: str) -> None:
    dice, rows = make.dice, make.land.rows
    codes = list(dict.fromkeys(c["municipality_id"] for c in rows["centre_coverage"] if c["centre_id"] == centre))
    near = [office for office in rows["office"] if office["municipality_id"] in codes]
    staff = [person for person in rows["person"] if person["centre_id"] == centre]
    earlier: str | None = None
    for number in range(ACTIVITIES_PER_CENTRE):
        code = dice.choice((None, *codes, *codes))
        mine = [office for office in near if code in (None, office["municipality_id"])]
        named = dice.sample(mine, dice.randrange(min(3, len(mine)) + 1))
        day = make.day()
        is_held = day <= TODAY and dice.random() < 0.8
        activity = make.put(
            "activity",
            centre_id=centre,
            municipality_id=code,
            title=f"活動{number}",
            status="held" if is_held else "planned",
            planned_on=None if is_held else day,
            held_on=day if is_held else None,
            occurs_on=day,
            month=day.replace(day=1) if is_held else None,
            office_id=named[0]["id"] if named and code else None,
            office_ids=[office["id"] for office in named],
            participant_count=dice.choice((None, 3, 12)),
            themes=dice.sample(["ojt", "plan", "network"], dice.randrange(3)),
            plan_items_by="rule",
            visibility=VISIBILITIES[number % 4],
            follow_up_of_id=earlier if number % 5 == 0 else None,
            deleted_at=None if dice.random() < 0.85 else make.land.rows["municipality"][0]["created_at"],
        )
        earlier = activity["id"]
        _parts(make, activity, named, staff)


def _parts(make: Maker, activity: Row, offices: list[Row], staff: list[Row]) -> None:
    owner = {"centre_id": activity["centre_id"], "municipality_id": activity["municipality_id"]}
    for office in offices:
        link = {"centre_id": activity["centre_id"], "municipality_id": office["municipality_id"]}
        make.put("activity_office", activity_id=activity["id"], office_id=office["id"], **link)
        people = [person for person in make.land.rows["person"] if person["office_id"] == office["id"]]
        make.put(
            "activity_person", activity_id=activity["id"], person_id=people[0]["id"], office_id=office["id"], **link
        )
    for person in staff:
        make.put(
            "activity_person",
            activity_id=activity["id"],
            person_id=person["id"],
            centre_id=activity["centre_id"],
            municipality_id=None,
            office_id=None,
        )
    for table in owned_tables():
        kind, parent = str(table.info["owned"]), table.info.get("parent")
        if table.name == "activity_organization":
            make.put(table.name, activity_id=activity["id"], position=1, **owner)
        is_details = kind == "activity_details"
        if (parent is None and not is_details) or (kind == "sheet" and activity["office_id"] is None):
            continue
        if "office_id" in table.columns and activity["office_id"] is None:
            continue
        office = {"office_id": activity["office_id"]} if "office_id" in table.columns else {}
        repeated = {name: activity[name] for name in SHOWN_BY} if is_details else {}
        make.put(table.name, **{parent or "id": activity["id"]}, **owner | repeated, **office)


_YEARS = ((BEFORE, LAST_YEAR), (LAST_YEAR, THIS_YEAR), (THIS_YEAR, THIS_YEAR.replace(year=THIS_YEAR.year + 1)))


def _plans(make: Maker, centres: list[Row]) -> None:
    """Fill every table of plans and rollups, per centre, municipality and year, with the days it declares.

    Of a rollup there is each row twice: once of what others count too, once of what only the centre counts.
    """
    for table in owned_tables():
        kind = str(table.info["owned"])
        if kind not in ("plan", "rollup"):
            continue
        flags: list[Row] = [{"is_centre_only": flag} for flag in (False, True)] if kind == "rollup" else [{}]
        for centre in centres:
            covered = [c for c in make.land.rows["centre_coverage"] if c["centre_id"] == centre["id"]]
            joint = None if table.columns["municipality_id"].nullable else ""
            for code in (joint, *dict.fromkeys(c["municipality_id"] for c in covered)):
                owner = {"centre_id": centre["id"], "municipality_id": code}
                for (number, (first, end)), flag in product(enumerate(_YEARS), flags):
                    _plan_row(make, table, {**owner, **flag}, number, (first, end - timedelta(days=1)))
    items = list(make.land.rows["work_plan_item"])
    for activity in make.land.rows["activity"]:
        for item in [item for item in items if item["centre_id"] == activity["centre_id"]][:2]:
            repeated = {name: activity[name] for name in ("centre_id", *REPEATED)}
            make.put("activity_plan_item", activity_id=activity["id"], item_id=item["id"], **repeated)


def _plan_row(make: Maker, table: Table, owner: Row, number: int, days: tuple[date, date]) -> None:
    first, last = days
    given = dict(owner)
    if "from_on" in table.info:
        given[table.info["to_on"]] = last if table.info["to_on"] != table.info["from_on"] else first
        given[table.info["from_on"]] = first
    if "fiscal_year" in table.columns:
        given["fiscal_year"] = 2000 + len(make.land.rows.get(table.name, ()))
    if "valid_from_fiscal_year" in table.columns:
        given["valid_from_fiscal_year"] = 2000 + len(make.land.rows.get(table.name, ()))
    if "position" in table.columns:
        given["position"] = number + 1
    make.put(table.name, **given)


def _remaining(make: Maker) -> None:
    """Fill what is owned by a place and was not made yet: one row per place, found by its owner column."""
    for table in owned_tables():
        if table.name in make.land.rows:
            continue
        kind = str(table.info["owned"])
        if kind == "centre":
            for centre in make.land.rows["centre"]:
                _dated(make, table, centre_id=centre["id"])
        elif kind in ("office", "office_link"):
            for office in make.land.rows["office"]:
                _dated(make, table, office_id=office["id"], municipality_id=office["municipality_id"])
        elif kind == "municipality":
            for code in MUNICIPALITIES:
                _dated(make, table, municipality_id=code)
    left_out = [table.name for table in owned_tables() if table.name not in make.land.rows]
    assert not left_out, f"the land has no rows of {left_out}"


def _dated(make: Maker, table: Table, **owner: Any) -> None:
    keys = {c.name: make.day() for c in table.primary_key.columns if isinstance(c.type, Date)}
    times = {name: value for name, value in (("opens_at", "09:00"), ("closes_at", "17:00")) if name in table.columns}
    assert all(isinstance(table.columns[name].type, Uuid) or name == "municipality_id" for name in owner)
    make.put(table.name, **owner, **keys, **times)
