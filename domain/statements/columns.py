"""The column types of all tables: one kind of value, one type, the same behaviour on both databases.

Ids are UUIDv7 as lower-case text in Python; on PostgreSQL the column is ``uuid``, on SQLite ``TEXT``. SQLite tables
are STRICT, so a number can never hide in a text column there. Lengths are held by a CHECK that every table gets from
its column types (see ``Words``).
"""

from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Integer,
    Table,
    Text,
    Uuid,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel
from uuid_utils import uuid7

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

ON_SQLITE = "sqlite"


def new_id() -> str:
    """Make an id. Ids made later sort later."""
    return str(uuid7())


def Id() -> TypeEngine[Any]:  # noqa: N802 - reads as a type where it is used
    """UUID as text."""
    return Uuid(as_uuid=False).with_variant(Text(), ON_SQLITE)


def Listing(item: TypeEngine[Any]) -> TypeEngine[Any]:  # noqa: N802
    """List of ``item``: an array on PostgreSQL, JSON text on SQLite."""
    return ARRAY(item).with_variant(Text(), ON_SQLITE)


def Ids() -> TypeEngine[Any]:  # noqa: N802
    """List of ids."""
    return Listing(Uuid(as_uuid=False))


def Codes() -> TypeEngine[Any]:  # noqa: N802
    """List of short codes."""
    return Listing(Text())


def Document() -> TypeEngine[Any]:  # noqa: N802
    """JSON document: ``jsonb`` on PostgreSQL, JSON text on SQLite."""
    return JSONB(none_as_null=True).with_variant(Text(), ON_SQLITE)


def Day() -> TypeEngine[Any]:  # noqa: N802
    """Day in Tokyo."""
    return Date().with_variant(Text(), ON_SQLITE)


def Instant() -> TypeEngine[Any]:  # noqa: N802
    """Instant with a time zone."""
    return DateTime(timezone=True).with_variant(Text(), ON_SQLITE)


def Flag() -> TypeEngine[Any]:  # noqa: N802
    """Yes or no."""
    return Boolean().with_variant(Integer(), ON_SQLITE)


def Big() -> TypeEngine[Any]:  # noqa: N802
    """Whole number of 64 bits."""
    return BigInteger().with_variant(Integer(), ON_SQLITE)


class _Bounded(Text):
    """Text with a greatest length in characters, held by a CHECK on both databases."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most


def key(**more: Any) -> Any:
    """Primary key column."""
    return Field(default_factory=new_id, sa_type=Id(), primary_key=True, **more)


def ref(*, optional: bool = False, **more: Any) -> Any:
    """Id of another row; its foreign key stands in the table's arguments, composite with the owner."""
    return Field(default=None, sa_type=Id(), nullable=optional, **more)


def words(most: int, *, optional: bool = False, **more: Any) -> Any:
    """Text of at most ``most`` characters."""
    return Field(default=None, sa_type=_Bounded(most), nullable=optional, **more)


def column(kind: TypeEngine[Any], *, optional: bool = False, **more: Any) -> Any:
    """Column of any of the types above."""
    return Field(default=None, sa_type=kind, nullable=optional, **more)


def one_of(name: str, *values: str) -> CheckConstraint:
    """CHECK that a text column holds one of the codes."""
    listed = ", ".join(f"'{v}'" for v in values)
    return CheckConstraint(f"{name} IN ({listed})", name=f"{name}_known")


def rule(name: str, sql: str) -> CheckConstraint:
    """CHECK with a name that the error table knows."""
    return CheckConstraint(sql, name=name)


@event.listens_for(Table, "after_parent_attach")
def _bound_lengths(table: Table, _metadata: Any) -> None:
    for c in table.columns:
        if isinstance(c.type, _Bounded):
            table.append_constraint(CheckConstraint(f"length({c.name}) <= {c.type.most}", name=f"{c.name}_length"))
            c.type = Text()
