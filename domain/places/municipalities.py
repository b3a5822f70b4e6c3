"""Municipalities (市区町村): the tenants. Keyed by the 6-digit local government code with its check digit.

A ward of a designated city (行政区) is a row of its own that names its city as parent; the city does not see it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, bindparam, literal, select, union_all
from sqlmodel import SQLModel, col

from domain import audit
from domain.credentials import Assignment, MachineClient
from domain.database import Row, Session, changed
from domain.errors import ConflictError, rule_broken
from domain.kana_order import name_index
from domain.lists import Filter, Listing
from domain.places.centres import CentreCoverage
from domain.places.local_government_codes import is_local_government_code, prefecture_of
from domain.statements import insert_into, update_of, within_credentials, within_reach
from domain.statements.columns import Big, Day, Document, Instant, column, one_of, rule, words
from domain.statements.reach import Owner, owned
from domain.unchanged import says_nothing_new

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
        "prefecture": Filter("texts", col(Municipality.prefecture), "都道府県"),
    },
    sorts={"id": col(Municipality.id), "name_kana": col(Municipality.name_folded)},
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


MUTABLE = (
    "name", "name_kana", "name_folded", "population", "population_on", "region_grade", "free_text_policy", "labels",
)  # fmt: skip
_ADD = insert_into(Municipality)
_CHANGE = update_of(Municipality, *MUTABLE)
_REMOVE = update_of(Municipality, "deleted_at")
_KNOWN = within_reach(select(col(Municipality.id)).where(col(Municipality.id) == bindparam("id", required=True)))

_HANGING = within_reach(
    union_all(
        select(literal("wards").label("what")).where(
            col(Municipality.parent_code) == bindparam("code", required=True), col(Municipality.deleted_at).is_(None)
        ),
        select(literal("coverage").label("what")).where(
            col(CentreCoverage.municipality_id) == bindparam("code", required=True)
        ),
    )
)
_USERS_OF = within_credentials(
    select(col(Assignment.id)).where(col(Assignment.municipality_id) == bindparam("code", required=True)).limit(1)
)
_CLIENTS_OF = within_credentials(
    select(col(MachineClient.id)).where(col(MachineClient.municipality_id) == bindparam("code", required=True)).limit(1)
)


def _index_of(row: Mapping[str, Any]) -> str:
    return name_index(row["name"], row["name_kana"], most=240)


async def add_municipality(session: Session, new: Mapping[str, Any]) -> Row:
    """Set up a municipality under its local government code; give it as it is now. For operators.

    Raises:
        RuleError: ``code_invalid`` (check digit), ``prefecture_mismatch``, ``parent_required`` or ``parent_unknown``.
        ConflictError: there is or was one of this code.
    """
    code = new["id"]
    if not is_local_government_code(code):
        raise rule_broken(
            "code_invalid",
            "全国地方公共団体コードではありません(検査数字が合いません)。",
            "This is not a local government code: the check digit does not fit.",
            field="id",
        )
    if new["prefecture"] != prefecture_of(code):
        raise rule_broken(
            "prefecture_mismatch",
            "都道府県が、コードの初めの2桁と合いません。",
            "The prefecture is not the one of the first two digits of the code.",
            field="prefecture",
        )
    await _refuse_wrong_parent(session, new)
    if await session.maybe(_KNOWN, id=code) is not None:
        raise ConflictError(
            "municipality_exists",
            "このコードの市区町村は既に登録されています(削除済みを含む)。",
            "A municipality of this code is, or was, already registered.",
        )
    await session.store(
        (_ADD, {**new, "name_folded": _index_of(new)}),
        audit.entry_of(session, "municipalities.add", "municipalities", code, after=new, municipality_id=code),
    )
    return await municipality_for(session, code)


async def _refuse_wrong_parent(session: Session, new: Mapping[str, Any]) -> None:
    parent_code = new["parent_code"]
    if (new["kind"] == "designated_city_ward") != (parent_code is not None):
        raise rule_broken(
            "parent_required",
            "行政区には属する政令指定都市のコードが必要です。行政区以外には入れられません。",
            "A ward of a designated city needs the code of its city; nothing else has one.",
            field="parent_code",
        )
    if parent_code is None:
        return
    parent = await session.maybe(_ONE, id=parent_code)
    if parent is None or parent["kind"] != "designated_city" or parent["prefecture"] != new["prefecture"]:
        raise rule_broken(
            "parent_unknown",
            "このコードの政令指定都市は登録されていません。",
            "There is no designated city of this code.",
            field="parent_code",
        )


async def change_municipality(session: Session, code: str, changes: Mapping[str, Any], version: int) -> Row:
    """Change a municipality's own settings; give it as it is now.

    ``changes`` holds the members to change; the rest stays.

    Raises:
        NotFoundError: outside reach.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await municipality_for(session, code)
    if says_nothing_new(before, changes, version):
        return before
    after = changed(before, changes, session)
    values = {**after, "name_folded": _index_of(after)}
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


async def remove_municipality(session: Session, code: str, version: int) -> None:
    """Remove a municipality on which nothing hangs. For operators, through the credentials door.

    An operator sees no office. But offices are entered only by staff or clients of the municipality, or of a centre
    that covers it: where there never was any of these, there is no office either.

    Raises:
        NotFoundError: outside reach.
        ConflictError: it has wards, or ever had a centre, a user or a client.
        StaleVersionError: it is no longer at ``version``.
    """
    before = await municipality_for(session, code)
    hangs = await session.rows(_HANGING, code=code)
    if hangs or await session.rows(_USERS_OF, code=code) or await session.rows(_CLIENTS_OF, code=code):
        raise ConflictError(
            "municipality_in_use",
            "行政区、センター、利用者または連携プログラムがあるため、削除できません。",
            "Wards, centres, users or clients hang on this municipality; it cannot be removed.",
        )
    await session.change(_REMOVE, row_id=code, row_version=version, deleted_at=session.now)
    before_told = {"name": before["name"], "prefecture": before["prefecture"]}
    await session.store(
        audit.entry_of(
            session, "municipalities.remove", "municipalities", code, before=before_told, municipality_id=code
        )
    )
