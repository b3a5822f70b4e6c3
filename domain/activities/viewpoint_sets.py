"""Viewpoint sets (振り返りの視点): what a reflection looks at, as data with editions.

Every area has its own viewpoints and words them anew from time to time, so none is written into a rule. A sheet
keeps the set it was written under. Source: domain sources 10.11; the set delivered is the nearest published one.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint, bindparam
from sqlmodel import SQLModel, col, select

from domain.database import Row, Session
from domain.errors import rule_broken
from domain.lists import Filter, Listing
from domain.statements import within_reach
from domain.statements.columns import Big, Day, Id, column, key, ref, words
from domain.statements.documents import objects
from domain.statements.reach import Owner, owned


class ViewpointSet(SQLModel, table=True):
    """An edition of a set of viewpoints, valid from a day on."""

    __tablename__ = "viewpoint_set"
    __table_args__ = (UniqueConstraint("code", "edition"), owned(Owner.SHARED))

    id: str = key()
    code: str = words(40)
    edition: int = column(Big())
    label_ja: str = words(100)
    source: str | None = words(300, optional=True)
    valid_from: date = column(Day())


class Viewpoint(SQLModel, table=True):
    """One viewpoint of a set."""

    __tablename__ = "viewpoint"
    __table_args__ = (ForeignKeyConstraint(["set_id"], ["viewpoint_set.id"]), owned(Owner.SHARED))

    set_id: str = ref(primary_key=True)
    code: str = words(40, primary_key=True)
    position: int = column(Big())
    label_ja: str = words(100)


_COLUMNS: tuple[Any, ...] = (
    col(ViewpointSet.id),
    col(ViewpointSet.code),
    col(ViewpointSet.edition),
    col(ViewpointSet.label_ja),
    col(ViewpointSet.source),
    col(ViewpointSet.valid_from),
    objects(
        col(Viewpoint.set_id) == col(ViewpointSet.id),
        code=col(Viewpoint.code),
        position=col(Viewpoint.position),
        label_ja=col(Viewpoint.label_ja),
    ).label("viewpoints"),
)

VIEWPOINT_SETS = Listing(
    "viewpoint_sets",
    select(*_COLUMNS),
    filters={
        "code": Filter("texts", col(ViewpointSet.code), "視点セットのコード"),
        "valid_to": Filter("to_day", col(ViewpointSet.valid_from), "この日までに有効になったもの"),
    },
    sorts={"valid_from": col(ViewpointSet.valid_from), "id": col(ViewpointSet.id)},
    default_sort=("-valid_from", "-id"),
)

_NAMED = within_reach(select(*_COLUMNS).where(col(ViewpointSet.id) == bindparam("id", type_=Id(), required=True)))
_NEWEST = within_reach(
    select(*_COLUMNS)
    .where(col(ViewpointSet.valid_from) <= bindparam("day", type_=Day(), required=True))
    .order_by(col(ViewpointSet.valid_from).desc(), col(ViewpointSet.id).desc())
)


def position_of(viewpoint: Row) -> int:
    """Give the place of a viewpoint within its set, for sorting."""
    return int(viewpoint["position"])


async def in_order(_session: Session, rows: Sequence[Row]) -> list[Row]:
    """Put the viewpoints of each set in their order."""
    return [{**row, "viewpoints": sorted(row["viewpoints"], key=position_of)} for row in rows]


async def set_for(session: Session, set_id: str | None) -> Row:
    """Give the set that is named, or the newest one in force today.

    Raises:
        RuleError: there is no such set.
    """
    if set_id is not None:
        found = await session.maybe(_NAMED, id=set_id)
    else:
        found = await session.maybe(_NEWEST, day=session.today)
    if found is None:
        raise rule_broken(
            "viewpoint_set_unknown",
            "この視点セットはありません。",
            "There is no such set of viewpoints.",
            field="viewpoint_set_id",
        )
    return found
