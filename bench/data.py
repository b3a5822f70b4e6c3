"""The benchmark's world: 60 municipalities, 80 centres and a ledger over three fiscal years, the same for the same day.

Run by the application's own Python, because tables, migrations, roles and counting rules are the application's:
``python -m bench.data --address … --rows 1000000 --world world.json``. PostgreSQL is filled with COPY by a
superuser (row-level security does not bind it), SQLite with plain inserts.
"""

import argparse
import json
import random
import sqlite3
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlmodel import SQLModel

from domain import fiscal, frequency
from domain.clock import TOKYO
from domain.deployment import create_roles, migrate
from domain.ledger.counting_rules import counts_for
from domain.tables import load_tables

SEED = 20260401
MUNICIPALITIES, SINGLE, SECOND, JOINT = 60, 60, 10, 10
OFFICES_EACH, PEOPLE_EACH = 12, 2
CALLERS = 16
VISITS_NAMED = 64
BATCH = 20_000
EPOCH = date(1970, 1, 1).toordinal()
PROGRAMME = Path(__file__).resolve().parent.parent / "domain" / "data" / "meguro_work_programme.json"

# What centres do: weight, kind, role, meeting body, themes.
DOINGS = (
    (30, "office_visit", "host", None, ()),
    (18, "backup_consultation", "backup", None, ()),
    (14, "liaison_contact", "coordinate", None, ("community_living",)),
    (10, "meeting", "host", "steering_meeting", ()),
    (6, "meeting", "participate", "council", ()),
    (5, "direct_consultation", "operate", None, ()),
    (5, "publicity", "operate", None, ()),
    (4, "information_bulletin", "operate", None, ()),
    (3, "case_conference", "host", None, ()),
    (2, "training_event", "host", None, ("workforce_development",)),
    (2, "practicum", "coordinate", None, ()),
    (1, "peer_gathering", "host", None, ()),
)
CENTRE_ONLY_KINDS = frozenset({"backup_consultation", "direct_consultation"})
"""Kinds of which the centre keeps every eighth to itself."""


class Sink(Protocol):
    """A database being filled: ``null`` and ``empty`` are its words for no value and for no members."""

    null: Any
    empty: str

    def members(self, items: Iterable[str]) -> str: ...
    def put(self, table: str, rows: Sequence[Sequence[Any]]) -> None: ...


class PostgresSink:
    null: Any = "\\N"
    empty = "{}"

    def __init__(self, address: str) -> None:
        self.connection = psycopg.connect(address, autocommit=True)
        # Foreign keys are checked by the rows' maker: a check of each row would take longer than the rest.
        self.connection.execute("SET session_replication_role = replica")

    def members(self, items: Iterable[str]) -> str:
        return "{" + ",".join(items) + "}"

    def put(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        columns = ",".join(c.name for c in SQLModel.metadata.tables[table].columns)
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            copy.write("".join(["\t".join(row) + "\n" for row in rows]))

    def finish(self) -> None:
        # Who knows nothing of the columns that the walls read stores visits too.
        for table, name, value in (
            ("activity", "plan_items_by", "'hand'"),
            ("office_visit", "visibility", "'offices_involved'"),
            ("office_visit", "occurs_on", "CURRENT_DATE"),
            ("office_visit", "office_ids", "'{}'"),
        ):
            self.connection.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {value}")
        self.connection.execute("VACUUM ANALYZE")
        self.connection.execute("CHECKPOINT")
        self.connection.close()


SQLITE_LOADING = (
    "foreign_keys = OFF", "synchronous = OFF", "journal_mode = OFF", "cache_size = -400000",
    "ignore_check_constraints = ON",
)  # fmt: skip


class SqliteSink:
    null: Any = None
    empty = "[]"

    def __init__(self, address: str) -> None:
        self.connection = sqlite3.connect(address.removeprefix("sqlite:///"))
        for setting in SQLITE_LOADING:
            self.connection.execute(f"PRAGMA {setting}")

    def members(self, items: Iterable[str]) -> str:
        return json.dumps(list(items))

    def put(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        marks = ",".join("?" * len(SQLModel.metadata.tables[table].columns))
        self.connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)

    def finish(self) -> None:
        self.connection.commit()
        self.connection.execute("ANALYZE")
        self.connection.commit()
        self.connection.close()


@lru_cache
def columns_of(table: str) -> dict[str, bool]:
    """Give a table's columns in order, and whether each is a list."""
    return {c.name: "ARRAY" in str(c.type) for c in SQLModel.metadata.tables[table].columns}


def row_of(sink: Sink, table: str, values: dict[str, Any]) -> list[Any]:
    """Line a row up by its table's columns, as text; what is left out is null, or no members in a list."""
    columns = columns_of(table)
    unknown = values.keys() - columns.keys()
    if unknown:
        raise KeyError(f"{table} has no {sorted(unknown)}")
    row = []
    for name, is_array in columns.items():
        value = values.get(name)
        if is_array and value is not None:
            row.append(sink.members(value))
        elif isinstance(value, (list, dict)):
            text = json.dumps(value, ensure_ascii=False)
            row.append(text.replace("\\", "\\\\") if sink.null else text)
        elif isinstance(value, bool):
            row.append(str(int(value)))
        elif value is None:
            row.append(sink.null)
        else:
            row.append(str(value))
    return row


reading_of = lru_cache(frequency.parse)


def checked_code(stem: int) -> str:
    """Give a local government code with its check digit."""
    digits = f"{stem:05d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, (6, 5, 4, 3, 2), strict=True))
    return digits + str((11 - total % 11) % 10)


class World:
    """Everything but the ledger, and what the callers of the benchmark need to know of it."""

    def __init__(self, sink: Sink, today: date) -> None:
        self.sink = sink
        self.random = random.Random(SEED)
        self.today = today
        self.year = fiscal.fiscal_year_of(today)
        self.first_day = fiscal.first_day(self.year - 2)
        self.now = datetime.combine(today, datetime.min.time(), TOKYO).isoformat(timespec="microseconds")
        self.stamps = {"version": 1, "changed_tx": 1, "created_at": self.now, "updated_at": self.now}
        self.codes = [checked_code(13001 + n) for n in range(MUNICIPALITIES)]
        self.offices: dict[str, list[str]] = {}
        self.people: dict[str, str] = {}
        self.centres: list[tuple[str, list[str]]] = []
        self.plans: dict[tuple[str, int], str] = {}
        self.items: dict[tuple[str, int], dict[str, str]] = {}
        self.rules: dict[str, list[dict[str, Any]]] = {}
        self.callers: list[dict[str, Any]] = []

    def id(self) -> str:
        return uuid_at(0, self.random.getrandbits(74))

    def put(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        own = {c.name for c in SQLModel.metadata.tables[table].columns}
        stamps = {name: value for name, value in self.stamps.items() if name in own}
        self.sink.put(table, [row_of(self.sink, table, stamps | row) for row in rows])

    def places(self) -> None:
        self.put(
            "municipality",
            [
                {
                    "id": code,
                    "kind": "city",
                    "prefecture": "東京都",
                    "name": f"第{n}市",
                    "name_kana": f"だい{n}し",
                    "name_folded": f"第{n}市",
                    "free_text_policy": "warn",
                    "labels": {},
                }
                for n, code in enumerate(self.codes)
            ],
        )
        covered = [[code] for code in self.codes] + [[self.codes[n]] for n in range(SECOND)]
        covered += [self.codes[3 * n : 3 * n + 3] for n in range(JOINT)]
        self.centres = [(self.id(), codes) for codes in covered]
        self.put(
            "centre",
            [
                {
                    "id": centre,
                    "name": f"第{n}基幹相談支援センター",
                    "name_kana": f"だい{n}きかん",
                    "name_folded": f"第{n}基幹",
                    "operation_mode": "commissioned",
                    "does_direct_support": False,
                    "functions": [],
                    "opened_on": self.first_day,
                }
                for n, (centre, _) in enumerate(self.centres)
            ],
        )
        self.put(
            "centre_coverage",
            [
                {"id": self.id(), "centre_id": centre, "municipality_id": code, "valid_from": self.first_day}
                for centre, codes in self.centres
                for code in codes
            ],
        )

    def offices_and_people(self) -> None:
        offices, people = [], []
        for code in self.codes:
            self.offices[code] = [self.id() for _ in range(OFFICES_EACH)]
            for n, office in enumerate(self.offices[code]):
                offices.append(
                    {
                        "id": office,
                        "municipality_id": code,
                        "name": f"相談室{code}-{n}",
                        "name_kana": f"そうだんしつ{n:03d}",
                        "name_folded": f"相談室{code}-{n}",
                        "is_commissioned": True,
                        "is_core_office": n < 3,
                        "is_community_base": False,
                        "enhanced_type": "none",
                        "contact_24h": "none",
                    }
                )
                people += [
                    self.person(f"職員{office[:4]}", office_id=office, municipality_id=code) for _ in range(PEOPLE_EACH)
                ]
        for centre, _ in self.centres:
            staff = [self.person(f"職員{centre[:4]}", centre_id=centre) for _ in range(4)]
            self.people[centre] = staff[0]["id"]
            people += staff
        self.put("office", offices)
        self.put("person", people)

    def person(self, name: str, **owner: str) -> dict[str, Any]:
        return {
            "id": self.id(),
            "name": name,
            "name_kana": "しょくいん",
            "name_folded": name,
            "employment": "full_time",
            "is_dedicated": True,
            "is_chief_specialist": False,
            **owner,
        }

    def plans_of_all(self) -> None:
        document = json.loads(PROGRAMME.read_text())
        self.rules = {item["code"]: item["counting_rules"] for item in document["items"]}
        programmes, plans, items = [], [], []
        for centre, _ in self.centres:
            programme = self.id()
            programmes.append(
                {
                    "id": programme,
                    "centre_id": centre,
                    "title": "委託事業内容一覧",
                    "valid_from_fiscal_year": self.year - 2,
                }
            )
            for year in (self.year - 2, self.year - 1, self.year):
                plan = self.plans[centre, year] = self.id()
                span = {"starts_on": fiscal.first_day(year), "ends_on": fiscal.last_day(year)}
                plans.append(
                    {
                        "id": plan,
                        "centre_id": centre,
                        "programme_id": programme,
                        "fiscal_year": year,
                        "operation_year": year - self.year + 3,
                        "status": "approved",
                        **span,
                    }
                )
                made = [
                    self.plan_item(item, centre, plan, position, year - self.year + 3) | span
                    for position, item in enumerate(document["items"], start=1)
                ]
                self.items[centre, year] = {item["code"]: item["id"] for item in made}
                items += made
        self.put("work_programme", programmes)
        self.put("work_plan", plans)
        self.put("work_plan_item", items)

    def plan_item(self, item: dict[str, Any], centre: str, plan: str, position: int, year: int) -> dict[str, Any]:
        text = next(
            (
                phase["text"]
                for phase in item["phases"]
                if not phase.get("is_superseded")
                and phase["from_year"] <= year
                and (phase["to_year"] is None or year <= phase["to_year"])
            ),
            None,
        )
        read = reading_of(text) if text else None
        minimum = read.min_per_fiscal_year if read else None
        return {
            "id": self.id(),
            "plan_id": plan,
            "centre_id": centre,
            "position": position,
            **{name: item[name] for name in ("section_number", "section_title", "code", "title", "centre_role")},
            "target_text": text,
            "target_reading": read.reading.as_json() if read else None,
            "window_policy": "in_year" if minimum is not None else None,
            "required_in_year": minimum,
            "starts_in_year": 1,
            "other_targets": [],
            "sub_quotas": [],
            "lead_times": [],
            "contents": item["contents"],
            "notes": item["notes"],
            "counting_rules": item["counting_rules"],
        }

    def accounts(self) -> None:
        """Give every centre a member of staff and every municipality one, signed in."""
        users, assignments, sessions = [], [], []
        signed_in = {
            "last_used_at": datetime.now(UTC).isoformat(),
            "created_at": datetime.now(UTC).isoformat(),
            "expires_at": (datetime.now(TOKYO) + timedelta(hours=12)).isoformat(timespec="microseconds"),
        }
        told: dict[str, dict[str, str]] = {}
        jobs = [("centre_staff", "centre_id", centre) for centre, _ in self.centres]
        jobs += [("ward_staff", "municipality_id", code) for code in self.codes]
        for n, (role, member, place) in enumerate(jobs):
            user, assignment, session = self.id(), self.id(), self.id()
            users.append({"id": user, "login": f"user{n}", "name": f"利用者{n}", "is_active": True})
            assignments.append({"id": assignment, "user_id": user, "role": role, member: place, "is_active": True})
            sessions.append({"id": session, "user_id": user, "assignment_id": assignment, **signed_in})
            told[place] = {
                "sub": user,
                "sid": session,
                "assignment_id": assignment,
                "role": role,
                "place": f"{member.removesuffix('_id')}:{place}",
            }
        self.put("user_account", users)
        self.put("assignment", assignments)
        self.put("sign_in_session", sessions)
        for n in range(CALLERS):
            centre, codes = self.centres[n * len(self.centres) // CALLERS]
            items = self.items[centre, self.year]
            self.callers.append(
                {
                    "centre_id": centre,
                    "municipality_id": codes[0],
                    "office_ids": self.offices[codes[0]],
                    "person_id": self.people[centre],
                    "plan_id": self.plans[centre, self.year],
                    "plan_item_id": items["3-(7)"],
                    "staff": told[centre],
                    "ward": told[codes[0]],
                }
            )


def uuid_at(milliseconds: int, tail: int) -> str:
    """Write a UUIDv7 of an instant and 74 further bits."""
    a, b, c = tail >> 62, tail >> 48 & 0x3FFF, tail & 0xFFFFFFFFFFFF
    return f"{milliseconds >> 16:08x}-{milliseconds & 0xFFFF:04x}-7{a:03x}-{b | 0x8000:04x}-{c:012x}"


class Ledger:
    """Makes activities day by day, with their links, and adds them up as the application would."""

    def __init__(self, world: World, rows: int) -> None:
        self.world, self.sink, self.rows = world, world.sink, rows
        self.sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        self.item_sums: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0, 0])
        self.visits = {caller["centre_id"]: deque[str](maxlen=VISITS_NAMED) for caller in world.callers}
        self.activity_columns = [c.name for c in SQLModel.metadata.tables["activity"].columns]
        self.doings = [doing for doing in DOINGS for _ in range(doing[0])]
        self.counted = {doing: self.codes_counting(doing) for doing in DOINGS}
        self.base = {doing: self.base_row(doing) for doing in DOINGS}
        self.tables: dict[str, list[Sequence[Any]]] = defaultdict(list)

    def codes_counting(self, doing: tuple[Any, ...]) -> list[str]:
        _, kind, role, body, themes = doing
        fits = partial(counts_for, kind=kind, centre_role=role, body=body, themes=themes, needs=())
        return [code for code, rules in self.world.rules.items() if fits(rules)]

    def base_row(self, doing: tuple[Any, ...]) -> list[Any]:
        _, kind, role, body, themes = doing
        return row_of(
            self.sink,
            "activity",
            {
                "kind": kind,
                "centre_role": role,
                "body": body,
                "themes": list(themes),
                "status": "held",
                "title": kind,
                "title_folded": kind,
                "format": "onsite",
                "needs": [],
                "purposes": [],
                "counted_as": [],
                "office_ids": [],
                "visibility": "offices_involved" if kind == "office_visit" else "municipality",
                "disclosure": "unmarked",
                "sensitivity": "normal",
                "plan_items_by": "rule",
                "origin": "generated",
                "created_by": "bench",
                "starts_at": "13:30",
                "ends_at": "15:00",
                "internal_note": "次回までに担当者と確認する。",
                "version": 1,
                "changed_tx": 1,
            },
        )

    def fill(self) -> None:
        days = (self.world.today - self.world.first_day).days
        for n in range(self.rows):
            self.enter(n, self.world.first_day + timedelta(days=n * days // self.rows))
            if len(self.tables["activity"]) >= BATCH:
                self.flush()
        self.flush()
        for table, sums in (("activity_rollup", self.sums), ("plan_item_rollup", self.item_sums)):
            self.sink.put(table, [(*key, *map(str, amounts)) for key, amounts in sums.items()])

    def flush(self) -> None:
        for table, rows in self.tables.items():
            self.sink.put(table, rows)
            rows.clear()

    def enter(self, n: int, day: date) -> None:
        world, draw, null = self.world, self.world.random, self.sink.null
        centre, codes = world.centres[int(draw.random() * len(world.centres))]
        doing = self.doings[int(draw.random() * len(self.doings))]
        kind, role = doing[1], doing[2]
        is_visit = kind == "office_visit"
        code = codes[n % len(codes)] if is_visit or len(codes) == 1 or draw.random() < 0.7 else ""
        is_held = draw.random() < 0.95
        instant = (day.toordinal() - EPOCH) * 86_400_000 + 28_800_000 + n % 3_600_000
        activity = uuid_at(instant, draw.getrandbits(74))
        written = f"{day.isoformat()}T17:00:00.{n % 1000:03d}000+09:00"
        office = world.offices[code][int(draw.random() * OFFICES_EACH)] if is_visit else None
        minutes, participants = 30 + 15 * (n % 7), 1 + n % 12
        month = day.replace(day=1).isoformat()
        row = dict(zip(self.activity_columns, self.base[doing], strict=True))
        row |= {
            "id": activity,
            "centre_id": centre,
            "municipality_id": code or null,
            "occurs_on": day.isoformat(),
            "planned_on": day.isoformat(),
            "duration_minutes": str(minutes),
            "participant_count": str(participants),
            "created_at": written,
            "updated_at": written,
        }
        if is_held:
            row |= {"held_on": day.isoformat(), "month": month}
        else:
            row |= {"status": "postponed", "status_reason": "先方の都合による。"}
        is_centre_only = kind in CENTRE_ONLY_KINDS and n % 8 == 0
        if is_centre_only:
            row["visibility"] = "centre"
        links = self.tables
        if office is not None:
            row |= {"office_id": office, "office_ids": self.sink.members([office]), "title": f"訪問{n}"}
            self.visit(activity, centre, code, office, day.isoformat())
        links["activity"].append(list(row.values()))
        if not is_held:
            return
        items = world.items[centre, fiscal.fiscal_year_of(day)]
        flag = str(int(is_centre_only))
        self.add(self.sums[centre, month, kind, role, code, flag], participants, minutes)
        for counted in self.counted[doing]:
            item = items[counted]
            links["activity_plan_item"].append(
                (
                    activity,
                    item,
                    centre,
                    code or null,
                    "rule",
                    "held",
                    day.isoformat(),
                    day.isoformat(),
                    row["themes"],
                    row["visibility"],
                )
            )
            self.add(self.item_sums[centre, item, month, code, flag], participants, minutes)

    def visit(self, activity: str, centre: str, code: str, office: str, day: str) -> None:
        null, links = self.sink.null, self.tables
        links["office_visit"].append(
            (
                activity,
                centre,
                code,
                "offices_involved",
                day,
                self.sink.members([office]),
                null,
                office,
                self.sink.members(["worry", "case"]),
                "計画相談の進め方について一緒に整理した。利用者の希望の聞き取りに時間をかけている。",
                null,
                "丁寧な聞き取りを続けておられます。",
                "来月、事例をもち寄る。",
                null,
            )
        )
        links["activity_office"].append((activity, office, centre, code, "subject", "onsite", "present", null))
        links["activity_person"].append(
            (
                activity,
                self.world.people[centre],
                "visitor",
                centre,
                null,
                null,
                "onsite",
                "present",
            )
        )
        if centre in self.visits:
            self.visits[centre].append(activity)

    @staticmethod
    def add(sums: list[int], participants: int, minutes: int) -> None:
        sums[0] += 1
        sums[1] += participants
        sums[2] += minutes


SUMS = ("held_count", "participant_count", "duration_minutes")
POSITIONAL = {
    "office_visit": ("id", "centre_id", "municipality_id", "visibility", "occurs_on", "office_ids", "deleted_at",
                     "office_id", "menus", "findings", "internal_findings", "message", "next_action",
                     "follow_up_due_on"),
    "activity_office": ("activity_id", "office_id", "centre_id", "municipality_id", "side", "mode", "attendance",
                        "participant_count"),
    "activity_person": ("activity_id", "person_id", "role", "centre_id", "municipality_id", "office_id", "mode",
                        "attendance"),
    "activity_plan_item": ("activity_id", "item_id", "centre_id", "municipality_id", "linked_by", "status",
                           "occurs_on", "planned_on", "themes", "visibility"),
    "activity_rollup": ("centre_id", "month", "kind", "centre_role", "municipality_id", "is_centre_only", *SUMS),
    "plan_item_rollup": ("centre_id", "item_id", "month", "municipality_id", "is_centre_only", *SUMS),
}  # fmt: skip


def refuse_other_columns() -> None:
    """Stop where a table that is filled by position has changed."""
    for table, names in POSITIONAL.items():
        found = tuple(c.name for c in SQLModel.metadata.tables[table].columns)
        if found != names:
            raise SystemExit(f"bench/data.py fills {table} as {names}, but it has {found}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--world", type=Path, required=True)
    asked = parser.parse_args()
    started = time.monotonic()
    load_tables()
    refuse_other_columns()
    api = asked.address
    if asked.address.startswith("postgresql"):
        api, _ = create_roles(asked.address, api_password="bench", maintenance_password="bench")
    migrate(asked.address)
    sink = PostgresSink(asked.address) if asked.address.startswith("postgresql") else SqliteSink(asked.address)
    world = World(sink, datetime.now(TOKYO).date())
    for step in (world.places, world.offices_and_people, world.plans_of_all, world.accounts):
        step()
    ledger = Ledger(world, asked.rows)
    ledger.fill()
    sink.finish()
    last = world.today.replace(day=1) - timedelta(days=1)
    first = fiscal.months_after(fiscal.month_of(last), -11)
    for caller in world.callers:
        caller["visit_ids"] = list(ledger.visits[caller["centre_id"]])
    asked.world.write_text(
        json.dumps(
            {
                "api": api,
                "rows": asked.rows,
                "seconds": round(time.monotonic() - started, 1),
                "callers": world.callers,
                "today": world.today.isoformat(),
                "month": f"{last:%Y-%m}",
                "from": f"{first:%Y-%m}",
                "to": f"{last:%Y-%m}",
                "fiscal_year": world.year,
            }
        )
    )


if __name__ == "__main__":
    main()
