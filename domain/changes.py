"""The change feed (変更の一覧): what was changed or deleted in any area, in the order it was settled.

A consumer keeps the last cursor and asks again from there; nothing is lost or told twice (see ``changed_tx``).
"""

from typing import Any

from sqlalchemy import Text, bindparam, cast, null, or_, select, union_all
from sqlalchemy import literal as literally
from sqlmodel import col

from domain.database import Session
from domain.ledger.tables import Activity
from domain.ledger.work_plan_tables import WorkPlan
from domain.lists import Page, cursor_refused, decoded, encoded
from domain.places.centres import Centre
from domain.places.municipalities import Municipality
from domain.places.offices import Office
from domain.places.people import Person
from domain.plans.work_programmes import WorkProgramme
from domain.statements import Horizon, within_reach
from domain.statements.columns import Big

AREAS: dict[str, Any] = {
    "municipalities": Municipality,
    "centres": Centre,
    "offices": Office,
    "people": Person,
    "activities": Activity,
    "work_programmes": WorkProgramme,
    "work_plans": WorkPlan,
}
"""The areas of the feed. Every kind of activity stands under ``activities`` with its ``kind``."""

START = "start"
_TX: Any = bindparam("k_tx", type_=Big(), required=True)
_ID: Any = bindparam("k_id", type_=Text(), required=True)
_MOST: Any = bindparam("f_limit", type_=Big(), required=True)


def _part(area: str, model: Any) -> Any:
    """Select an area's next changes: no more than the page, so that none is read to its end for the first of them."""
    row_id = cast(col(model.id), Text)
    tx = col(model.changed_tx)
    kind = col(model.kind) if model is Activity else cast(null(), Text)
    some = (
        select(
            literally(area, Text).label("area"),
            row_id.label("id"),
            kind.label("kind"),
            tx.label("tx"),
            col(model.updated_at).label("updated_at"),
            col(model.deleted_at).is_not(None).label("is_deleted"),
        )
        .where(tx >= _TX, or_(tx > _TX, row_id > _ID), tx < Horizon())
        .order_by(tx, col(model.id))
        .limit(_MOST)
        .subquery()
    )
    return select(some)


_ALL = union_all(*(_part(area, model) for area, model in AREAS.items())).subquery()
_FEED = within_reach(
    select(_ALL.c.area, _ALL.c.id, _ALL.c.kind, _ALL.c.tx, _ALL.c.updated_at, _ALL.c.is_deleted)
    .order_by(_ALL.c.tx, _ALL.c.id)
    .limit(_MOST)
)


async def changes_after(session: Session, cursor: str, limit: int) -> Page:
    """Give what was changed after ``cursor`` (``start`` for everything), oldest first.

    The page's cursor is where the next question begins; it never ends.

    Raises:
        RuleError: the cursor is not one of this feed.
    """
    tx, row_id = _after(cursor)
    rows = await session.rows(_FEED, k_tx=tx, k_id=row_id, f_limit=limit)
    onward = encoded([rows[-1]["tx"], rows[-1]["id"]]) if rows else cursor
    for row in rows:
        del row["tx"]
    return Page(rows, onward, None)


def _after(cursor: str) -> tuple[int, str]:
    if cursor == START:
        return -1, ""
    match decoded(cursor, "after"):
        case [int(tx), str(row_id)] if type(tx) is int and 0 <= tx < 2**63:
            return tx, row_id
        case _:
            raise cursor_refused("after")
