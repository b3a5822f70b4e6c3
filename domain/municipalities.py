"""Municipalities (市区町村): the tenants. Keyed by the 6-digit local government code with its check digit.

A ward of a designated city (行政区) is a row of its own that names its city as parent; the city does not see it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, bindparam
from sqlmodel import SQLModel, col, select

from domain import audit
from domain.columns import Big, Day, Document, Instant, column, one_of, rule, words
from domain.database import Row, Session, changed
from domain.folding import folded
from domain.listing import Filter, Listing
from domain.reach import Owner, owned
from domain.statements import update_of, within_reach

KINDS = ("city", "special_ward", "designated_city", "designated_city_ward", "town", "village")


class Municipality(SQLModel, table=True):
    """One municipality."""

    __tablename__ = "municipality"
    __table_args__ = (
        ForeignKeyConstraint(["parent_code"], ["municipality.id"]),
        one_of("kind", *KINDS),
        one_of("free_text_policy", "warn", "refuse"),
        rule("code_has_six_digits", "length(id) = 6"),
        Index("ix_municipality_changed_tx", "changed_tx"),
        owned(Owner.MUNICIPALITY, municipality="id"),
    )

    id: str = words(6, primary_key=True)
    parent_code: str | None = words(6, optional=True)
    kind: str = words(24)
    prefecture: str = words(20)
    name: str = words(60)
    name_kana: str = words(120)
    name_folded: str = words(240)
    population: int | None = column(Big(), optional=True)
    population_on: date | None = column(Day(), optional=True)
    region_grade: str | None = words(20, optional=True)
    free_text_policy: str = words(10)
    labels: dict[str, Any] = column(Document())
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


_COLUMNS = (
    col(Municipality.id),
    col(Municipality.parent_code),
    col(Municipality.kind),
    col(Municipality.prefecture),
    col(Municipality.name),
    col(Municipality.name_kana),
    col(Municipality.population),
    col(Municipality.population_on),
    col(Municipality.region_grade),
    col(Municipality.free_text_policy),
    col(Municipality.labels),
    col(Municipality.version),
    col(Municipality.created_at),
    col(Municipality.updated_at),
    col(Municipality.deleted_at),
)

MUNICIPALITIES = Listing(
    "municipalities",
    select(*_COLUMNS),
    filters={
        "kind": Filter("codes", col(Municipality.kind), "種類", KINDS),
        "parent_code": Filter("texts", col(Municipality.parent_code), "属する市のコード"),
    },
    sorts={"id": col(Municipality.id), "name_kana": col(Municipality.name_kana)},
    default_sort=("id",),
    search=col(Municipality.name_folded),
    changed=col(Municipality.changed_tx),
    deleted=col(Municipality.deleted_at),
)

_ONE = within_reach(
    select(*_COLUMNS).where(
        col(Municipality.id) == bindparam("id", required=True), col(Municipality.deleted_at).is_(None)
    )
)


async def municipality_for(session: Session, code: str) -> Row:
    """Give a municipality within reach.

    Raises:
        NotFoundError: there is none of this code within reach.
    """
    return await session.one(_ONE, id=code)


MUTABLE = ("name", "name_kana", "name_folded", "population", "population_on", "region_grade", "free_text_policy", "labels")
_CHANGE = update_of(Municipality, *MUTABLE)


async def change_municipality(session: Session, code: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change a municipality's own settings; give it as it is now.

    ``changes`` holds the members to change; the rest stays.

    Raises:
        NotFoundError: outside reach.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await municipality_for(session, code)
    after = changed(before, changes, session)
    values = {**after, "name_folded": folded(f"{after['name']} {after['name_kana']}")}
    await session.change(_CHANGE, row_id=code, row_version=version, **{name: values[name] for name in MUTABLE})
    await session.store(
        audit.entry_of(
            session,
            "municipalities.change",
            "municipalities",
            code,
            before={name: before[name] for name in changes},
            after=changes,
            municipality_id=code,
        )
    )
    return after
