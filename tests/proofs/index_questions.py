"""What is asked of the big ledger, how it must be read, and the judgement of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain import fiscal
from domain.access import Role
from domain.activities.activities import ACTIVITIES
from domain.activities.external_keys import _KNOWN
from domain.activities.office_visits import VISITS, visit_for
from domain.changes import changes_after
from domain.counts.activity_counts import counts_of
from domain.counts.questions import question_of
from domain.database import Session
from domain.lists import ListRequest, encoded, sealed
from domain.plans.work_plan_progress import progress_of
from tests.proofs.index_ledger import TRANSACTIONS, Ledger
from tests.proofs.plans import Ask, Plan
from tests.proofs.reach_land import TODAY
from tests.proofs.reach_land_rows import IS_FULL

SIZE = 90_000 if IS_FULL else 30_000
OF_CENTRE = SIZE // 3
"""Activities of the first centre; its ward has two centres, with ``OF_WARD`` of them."""
OF_WARD = OF_CENTRE + SIZE * 2 // 15
A_PAGE, A_FEED, A_MONTH, A_YEAR = 60, 120, SIZE // 60, SIZE * 2 // 15
"""Rows of a page of 50, of a page of the feed with what else the transaction of its cursor changed, of the ward's two
centres in a month, and of what counts for a plan in its year; each with some to spare."""

KEY = "a key"
"""Stands for a primary key or unique constraint, whose index is called otherwise on each database."""
IN_ORDER = "ix_activity_centre_id_occurs_on_id"
SETTLED = "ix_activity_centre_id_changed_tx_id"
OF_ITEM = "ix_activity_plan_item_item_id"
BY_KEY = "uq_activity_centre_id_external_source_external_id"


@dataclass(frozen=True)
class Question:
    """What is asked by whom, and how it must be read.

    ``through`` names the index of each table that matters, None for whichever narrows it; ``most`` the rows that may be
    looked at; other big tables must not be read at all. ``without`` are the indexes that the negative control takes
    away, by table; all keys go with ``KEY``.
    """

    ask: Ask
    role: Role
    through: Mapping[str, str | None]
    most: Mapping[str, int]
    without: Mapping[str, tuple[str, ...]]
    in_order: bool = False


LINKS = ("activity_office", "activity_plan_item")
BIG = ("activity", "office_visit", "activity_office", "activity_plan_item", "activity_rollup", "plan_item_rollup")
LED_BY_CENTRE = {"activity": (IN_ORDER, SETTLED, BY_KEY, KEY)}


def questions_of(ledger: Ledger) -> dict[str, Question]:
    """Ask what the bench asks, and what programs ask all day."""
    centre, ward = Role.CENTRE_STAFF, Role.WARD_STAFF
    first = fiscal.months_after(fiscal.month_of(TODAY), -1)
    month = (first, fiscal.last_day_of_month(first))
    of_centre = {"centre_id": (ledger.centre,)}
    yesterday = datetime.combine(TODAY - timedelta(days=1), datetime.min.time(), UTC)

    def page(**asked: Any) -> Ask:
        return lambda session: ACTIVITIES.page(session, ListRequest(**asked), in_lines=True)

    def following(key: list[str], **asked: Any) -> Ask:
        return lambda session: page(**asked, after=sealed(session.seal, key, "activities"))(session)

    def counts(months: int, **asked: str) -> Ask:
        span = {"from": fiscal.month_code(fiscal.months_after(first, 1 - months)), "to": fiscal.month_code(first)}
        question = question_of({**span, "centre_id": ledger.centre, **asked}, TODAY)
        return lambda session: counts_of(session, question)

    def feed(cursor: str) -> Ask:
        return lambda session: changes_after(session, cursor, 50)

    def visits(session: Session) -> Any:
        return VISITS.listing.page(session, ListRequest(filters={**of_centre, "month": month}), in_lines=True)

    def walked(ask: Ask, role: Role = centre, most: int = A_PAGE) -> Question:
        return Question(ask, role, {"activity": IN_ORDER}, {"activity": most}, {"activity": (IN_ORDER,)}, in_order=True)

    def synced(ask: Ask, most: int, *, in_order: bool) -> Question:
        return Question(
            ask, centre, {"activity": SETTLED}, {"activity": most}, {"activity": (SETTLED,)}, in_order=in_order
        )

    def counted(ask: Ask, *more: str, most: int = A_MONTH) -> Question:
        through = {"activity": IN_ORDER, "activity_rollup": KEY, **dict.fromkeys(more, KEY)}
        return Question(ask, centre, through, {"activity": most}, {"activity": (IN_ORDER,)})

    def rolled_up(ask: Ask, role: Role) -> Question:
        table = "activity_rollup"
        return Question(ask, role, {table: KEY}, {table: 300}, {table: (KEY,)})

    def kept(ask: Ask) -> Question:
        return Question(ask, ward, {"activity": None}, {"activity": OF_WARD}, LED_BY_CENTRE)

    after_ten_days = ["-held_on,-id", str(first + timedelta(days=10)), ledger.visit]
    in_the_middle = encoded([TRANSACTIONS // 2, ledger.visit])
    return {
        "a page of a month": walked(page(filters={**of_centre, "month": month})),
        "the next page of a month": walked(following(after_ten_days, filters={**of_centre, "month": month})),
        "the newest page": walked(page()),
        "a ward's page of a centre and month": walked(page(filters={**of_centre, "month": month}), ward),
        "a page of visits of a month": Question(
            visits,
            centre,
            {"activity": IN_ORDER, **dict.fromkeys(("office_visit", *LINKS), KEY)},
            {"activity": A_MONTH},
            {"activity": (IN_ORDER,)},
            in_order=True,
        ),
        "one visit": Question(
            lambda session: visit_for(session, ledger.visit),
            centre,
            dict.fromkeys(("activity", "office_visit", *LINKS), KEY),
            {"activity": 1, "office_visit": 1},
            {"activity": (KEY,)},
        ),
        "an activity by its key elsewhere": Question(
            lambda session: session.rows(_KNOWN, centre_id=ledger.centre, source="kintone", external_id="k30"),
            centre,
            {"activity": BY_KEY},
            {"activity": 1},
            {"activity": (BY_KEY,)},
        ),
        "counts of twelve months": rolled_up(counts(12), centre),
        "a ward's counts of twelve months": rolled_up(counts(12), ward),
        "offices reached in a month": counted(
            counts(1, metric="distinct_office_count"), "activity_office", most=2 * A_MONTH
        ),
        "a month by office": counted(counts(1, group_by="office"), "activity_office"),
        "activities of a month counted one by one": counted(counts(1, metric="kihon.liaison")),
        "progress of a plan": Question(
            lambda session: progress_of(session, ledger.plan),
            centre,
            {"activity_plan_item": OF_ITEM, "plan_item_rollup": KEY},
            {"activity_plan_item": A_YEAR, "plan_item_rollup": 400},
            {"activity_plan_item": (OF_ITEM,)},
        ),
        "the first page of a sync": synced(page(changed_after="start"), A_PAGE, in_order=True),
        "a later page of a sync": synced(page(changed_after=in_the_middle), A_PAGE, in_order=True),
        "the start of the change feed": synced(feed("start"), A_FEED, in_order=False),
        "the change feed": synced(feed(in_the_middle), A_FEED, in_order=False),
        "what changed since yesterday": walked(page(filters={"updated_since": yesterday}), most=OF_CENTRE),
        "a search that finds nothing": walked(page(search="ない題名"), most=OF_CENTRE),
        "a ward's newest page": kept(page()),
        "a ward's search": kept(page(search="ない題名")),
        "what changed for a ward since yesterday": kept(page(filters={"updated_since": yesterday})),
    }


def faults_of(question: Question, plan: Plan) -> list[str]:
    """Name what is wrong with how a question is read."""
    found = []
    if question.in_order and plan.sorts:
        found.append("rows are sorted that an index has in order")
    for table in BIG:
        indexes = plan.indexes_of(table)
        if table not in question.through:
            found += [f"{table} is read"] if indexes else []
            continue
        wanted = question.through[table]
        if not indexes and wanted is not None:
            found.append(f"{table} is not read through {wanted}")
        found += [f"{table} is read from end to end" for index in indexes if index is None]
        found += [
            f"{table} is read through {index}" for index in indexes if index is not None and not fits(index, wanted)
        ]
        if plan.touched.get(table, 0) > question.most.get(table, SIZE):
            found.append(f"{plan.touched[table]} rows of {table} are looked at")
    return found


def fits(index: str, wanted: str | None) -> bool:
    """Tell whether an index is the one that is wanted."""
    if wanted is None:
        return True
    return index.startswith(("pk_", "uq_", "sqlite_autoindex_")) if wanted == KEY else index == wanted
