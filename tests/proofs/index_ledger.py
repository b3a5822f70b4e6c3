"""A ledger big enough that the planner's choice is real: six centres, three fiscal years, the same rows on both databases.

Places and plans are made row by row; the activities, what hangs on them and the rollups are made by SQLite in bulk and
carried over to PostgreSQL as they are, past all walls and checks.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import psycopg
from sqlalchemy import ARRAY, Table
from sqlmodel import SQLModel

from domain.access import Place, PlaceKind, Role
from domain.tables import load_tables
from tests.proofs.reach_databases import fill_sqlite
from tests.proofs.reach_land import BEFORE, MUNICIPALITIES, TODAY, Caller, Maker

CENTRES = 6
OFFICES_EACH = 12
ITEMS_EACH = 18
SLOTS = 15
TRANSACTIONS = 500
"""Numbers of transactions in the ledger; a fresh PostgreSQL begins above them, so that all are settled."""
KINDS = (
    *(("office_visit", "host"),) * 6,
    *(("backup_consultation", "backup"),) * 5,
    *(("meeting", "host"),) * 4,
    *(("liaison_contact", "coordinate"),) * 3,
    *(("training_event", "host"),) * 2,
)


@dataclass
class Ledger:
    """Whom and what the questions are about: the first centre, which has a third of the rows."""

    file: Path
    centre: str
    visit: str
    plan: str
    callers: dict[Role, Caller] = field(default_factory=dict)


def ledger_in(file: Path, template: Path, size: int) -> Ledger:
    """Make the whole of it in a copy of an empty migrated SQLite file."""
    load_tables()
    make = Maker(20261122)
    slots = list(_places(make))
    centre = slots[0][0]
    fill_sqlite(file, make.land, template)
    connection = sqlite3.connect(file)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000", "temp_store = MEMORY"):
        connection.execute(f"PRAGMA {setting}")
    with connection:
        _enter(connection, make, slots, size)
    (visit,) = connection.execute("SELECT max(id) FROM office_visit WHERE centre_id = ?", (centre,)).fetchone()
    connection.close()
    plan = next(row["id"] for row in reversed(make.land.rows["work_plan"]) if row["centre_id"] == centre)
    code = MUNICIPALITIES[0]
    office = next(row["id"] for row in make.land.rows["office"] if row["municipality_id"] == code)
    callers = {
        role: Caller(role.value, role, place, municipality, make.id())
        for role, place, municipality in (
            (Role.CENTRE_STAFF, Place(PlaceKind.CENTRE, centre), None),
            (Role.WARD_STAFF, Place(PlaceKind.MUNICIPALITY, code), code),
            (Role.OFFICE_USER, Place(PlaceKind.OFFICE, office), code),
        )
    }
    return Ledger(file, centre, visit, plan, callers)


def _places(make: Maker) -> Iterator[tuple[str, str]]:
    """Make centres, offices, plans; give centre and municipality of each of the slots that activities fall into."""
    for code in MUNICIPALITIES:
        make.put("municipality", id=code, parent_code=None)
        for _ in range(OFFICES_EACH):
            make.put("office", municipality_id=code, deleted_at=None)
    centres = [make.put("centre", opened_on=BEFORE, deleted_at=None)["id"] for _ in range(CENTRES)]
    first, *others = centres
    for centre, code in (*zip(centres, MUNICIPALITIES[:CENTRES], strict=True), (others[-1], MUNICIPALITIES[0])):
        make.put("centre_coverage", centre_id=centre, municipality_id=code, valid_from=BEFORE, valid_to=None)
        make.put("person", centre_id=centre, deleted_at=None)
        if code != MUNICIPALITIES[0] or centre == first:
            _plans(make, centre)
    yield from [(first, MUNICIPALITIES[0])] * (SLOTS - 2 * len(others))
    for centre, code in zip(others, MUNICIPALITIES[1:CENTRES], strict=True):
        yield from [(centre, code), (centre, code if centre != others[-1] else MUNICIPALITIES[0])]


def _plans(make: Maker, centre: str) -> None:
    """Make a plan of each of the three years with its items."""
    names = ("other_targets", "sub_quotas", "lead_times", "contents", "notes", "counting_rules")
    lists: dict[str, list[str]] = {name: [] for name in names}
    programme = make.put("work_programme", centre_id=centre, valid_from_fiscal_year=BEFORE.year, deleted_at=None)
    for year in range(3):
        first = BEFORE.replace(year=BEFORE.year + year)
        last = first.replace(year=first.year + 1) - timedelta(days=1)
        owner = {"centre_id": centre, "municipality_id": None, "starts_on": first, "ends_on": last}
        plan = make.put("work_plan", programme_id=programme["id"], fiscal_year=first.year, deleted_at=None, **owner)
        for number in range(ITEMS_EACH):
            policy = "rolling" if number % 3 == 0 else "in_year"
            told = {"code": str(number), "position": number, "window_policy": policy, "required_in_year": 12}
            make.put("work_plan_item", plan_id=plan["id"], **told, **owner, **lists)


_BULK = """
CREATE TEMP TABLE drawn AS
WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :size)
SELECT n, printf('%08x-0000-7000-8000-%012x', n, n * 7919 % 1000003) AS id, place.centre_id, kind, centre_role,
  CASE WHEN kind = 'office_visit' OR n % 4 THEN place.municipality_id END AS municipality_id,
  CASE WHEN kind = 'office_visit' THEN office.id END AS office_id,
  date(:first, '+' || (n * :days / :size) || ' days') AS day, n % 20 <> 0 AS is_held
FROM numbers
JOIN place ON place.slot = n % :slots
JOIN doing ON doing.slot = n / :slots % :doings
JOIN door AS office ON office.municipality_id = place.municipality_id AND office.slot = n % :offices;

INSERT INTO activity (id, centre_id, municipality_id, kind, centre_role, title, title_folded, status, status_reason,
  planned_on, held_on, occurs_on, month, duration_minutes, format, office_id, office_ids, participant_count, themes,
  needs, purposes, counted_as, visibility, disclosure, sensitivity, plan_items_by, origin, external_source, external_id,
  created_by,
  version, changed_tx, created_at, updated_at)
SELECT id, centre_id, municipality_id, kind, centre_role, '活動' || n, '活動' || n, iif(is_held, 'held', 'postponed'),
  iif(is_held, NULL, '都合による'), day, iif(is_held, day, NULL), day, iif(is_held, date(day, 'start of month'), NULL),
  60, 'onsite', office_id, iif(office_id IS NULL, '[]', json_array(office_id)), n % 9, '["plan"]', '[]', '[]', '[]',
  CASE WHEN n % 50 = 7 THEN 'centre' WHEN office_id IS NULL THEN 'municipality' ELSE 'offices_involved' END,
  'unmarked', 'normal', 'rule', 'recorded', iif(n % 3, NULL, 'kintone'), iif(n % 3, NULL, 'k' || n), 'nobody', 1, 1 + n * :transactions / :size, day || 'T09:00:00.000000+09:00',
  day || 'T17:' || printf('%02d', n % 60) || ':00.000000+09:00'
FROM drawn;

INSERT INTO office_visit (id, centre_id, municipality_id, office_id, menus, findings, visibility, occurs_on,
  office_ids)
SELECT id, activity.centre_id, activity.municipality_id, activity.office_id, '["case"]',
  '計画の見直しの時期を一緒に考えた。', visibility, occurs_on, office_ids
FROM drawn JOIN activity USING (id) WHERE activity.office_id IS NOT NULL;

INSERT INTO activity_office (activity_id, office_id, centre_id, municipality_id, side, mode, attendance)
SELECT id, office_id, centre_id, municipality_id, 'subject', 'onsite', 'present' FROM drawn
WHERE office_id IS NOT NULL;

INSERT INTO activity_plan_item (activity_id, item_id, centre_id, municipality_id, linked_by, status, occurs_on,
  planned_on, themes, visibility)
SELECT activity.id, item.id, activity.centre_id, activity.municipality_id, 'rule', activity.status, occurs_on,
  planned_on, themes, visibility
FROM drawn JOIN activity USING (id)
JOIN work_plan_item AS item ON item.centre_id = activity.centre_id AND item.position = drawn.n / 2 % :items
  AND occurs_on BETWEEN item.starts_on AND item.ends_on
WHERE drawn.n % 2;

INSERT INTO activity_rollup (centre_id, month, kind, centre_role, municipality_id, is_centre_only, held_count,
  participant_count, duration_minutes)
SELECT centre_id, month, kind, centre_role, coalesce(municipality_id, ''), visibility = 'centre', count(*),
  sum(participant_count), sum(duration_minutes)
FROM activity WHERE status = 'held' GROUP BY 1, 2, 3, 4, 5, 6;

INSERT INTO plan_item_rollup (centre_id, item_id, month, municipality_id, is_centre_only, held_count,
  participant_count, duration_minutes)
SELECT link.centre_id, item_id, month, coalesce(link.municipality_id, ''), link.visibility = 'centre', count(*),
  sum(participant_count), sum(duration_minutes)
FROM activity_plan_item AS link JOIN activity ON activity.id = activity_id
WHERE link.status = 'held' GROUP BY 1, 2, 3, 4, 5
"""


def _enter(connection: sqlite3.Connection, make: Maker, slots: list[tuple[str, str]], size: int) -> None:
    offices = [(row["municipality_id"], row["id"]) for row in make.land.rows["office"]]
    connection.execute("CREATE TEMP TABLE place (slot INTEGER PRIMARY KEY, centre_id, municipality_id)")
    connection.executemany("INSERT INTO place VALUES (?, ?, ?)", [(n, *slot) for n, slot in enumerate(slots)])
    connection.execute("CREATE TEMP TABLE doing (slot INTEGER PRIMARY KEY, kind, centre_role)")
    connection.executemany("INSERT INTO doing VALUES (?, ?, ?)", [(n, *doing) for n, doing in enumerate(KINDS)])
    connection.execute("CREATE TEMP TABLE door (municipality_id, slot, id, PRIMARY KEY (municipality_id, slot))")
    doors = [(code, n % OFFICES_EACH, office) for n, (code, office) in enumerate(offices)]
    connection.executemany("INSERT INTO door VALUES (?, ?, ?)", doors)
    asked = {
        "size": size,
        "slots": SLOTS,
        "doings": len(KINDS),
        "offices": OFFICES_EACH,
        "items": ITEMS_EACH,
        "transactions": TRANSACTIONS,
        "first": BEFORE.isoformat(),
        "days": (TODAY - BEFORE).days,
    }
    for statement in _BULK.split(";\n"):
        connection.execute(statement, asked)


def carried_over(ledger: Ledger, superuser: str) -> None:
    """Put every row into a migrated PostgreSQL database, and let its planner know them."""
    source = sqlite3.connect(ledger.file)
    with psycopg.connect(superuser, autocommit=True) as target:
        target.execute("SET session_replication_role = replica")
        for table in SQLModel.metadata.sorted_tables:
            if table.name != "transaction_clock":
                target.execute(f"TRUNCATE {table.name} CASCADE".encode())
                with target.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN".encode()) as copy:
                    lines = source.execute(_lines_of(table))
                    while some := lines.fetchmany(2000):
                        copy.write("".join([line for (line,) in some]))
        target.execute("VACUUM ANALYZE")
    source.close()


def _lines_of(table: Table) -> str:
    """Select the rows of a table as lines for COPY; a list of JSON becomes an array."""
    texts = (
        f"replace(replace({column.name}, '[', '{{'), ']', '}}')" if isinstance(column.type, ARRAY) else column.name
        for column in table.columns
    )
    told = " || char(9) || ".join(f"coalesce({text}, '\\N')" for text in texts)
    return f"SELECT {told} || char(10) FROM {table.name}"
