"""A draft plan may be removed and made again: its items take with them what hangs on them.

The year of a centre is taken by a plan that is not removed. Links, sums and revisions go with their item; the database
does it, so that a ward's removal reaches the rows that only the centre sees.

Revision: 0003
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_YEAR = "uq_work_plan_centre_id_fiscal_year"
_UNIQUE = f"CONSTRAINT {_YEAR} UNIQUE (centre_id, fiscal_year), "
_HANGING = ("activity_plan_item", "plan_item_rollup", "target_revision")
_TO_ITEM = "FOREIGN KEY(centre_id, item_id) REFERENCES work_plan_item (centre_id, id)"
_CASCADE = f"{_TO_ITEM} ON DELETE CASCADE"
_NOT_REMOVED = sa.text("deleted_at IS NULL")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _rebuild(table: str, before: str, after: str) -> None:
    """Make a SQLite table anew with one clause of it changed: its own text keeps STRICT and every check as they are."""
    bind = op.get_bind()
    told = sa.text("SELECT sql FROM sqlite_master WHERE tbl_name = :table AND type = :type AND sql IS NOT NULL")
    text = bind.execute(told, {"table": table, "type": "table"}).scalar_one()
    indexes = bind.execute(told, {"table": table, "type": "index"}).scalars().all()
    body = text[text.index("(") :]
    if before not in body:
        raise RuntimeError(f"{table} has no {before}")
    op.execute(sa.text(_literally(f"CREATE TABLE {table}_made_anew {body.replace(before, after)}")))
    op.execute(sa.text(f"INSERT INTO {table}_made_anew SELECT * FROM {table}"))  # noqa: S608  # names of our own
    op.execute(sa.text(f"DROP TABLE {table}"))
    op.execute(sa.text(f"ALTER TABLE {table}_made_anew RENAME TO {table}"))
    for index in indexes:
        op.execute(sa.text(_literally(index)))


def _literally(text: str) -> str:
    return re.sub(r":(?=\w)", r"\\:", text)


def upgrade() -> None:
    if _is_sqlite():
        _rebuild("work_plan", _UNIQUE, "")
    else:
        op.drop_constraint(_YEAR, "work_plan", type_="unique")
    op.create_index(
        _YEAR,
        "work_plan",
        ["centre_id", "fiscal_year"],
        unique=True,
        sqlite_where=_NOT_REMOVED,
        postgresql_where=_NOT_REMOVED,
    )
    for table in _HANGING:
        _hang(table, _TO_ITEM, _CASCADE, "CASCADE")


def downgrade() -> None:
    for table in _HANGING:
        _hang(table, _CASCADE, _TO_ITEM, None)
    op.drop_index(_YEAR, "work_plan")
    if _is_sqlite():
        last = "CONSTRAINT uq_work_plan_centre_id_id"
        _rebuild("work_plan", last, _UNIQUE + last)
    else:
        op.create_unique_constraint(_YEAR, "work_plan", ["centre_id", "fiscal_year"])


def _hang(table: str, before: str, after: str, on_delete: str | None) -> None:
    if _is_sqlite():
        _rebuild(table, before, after)
        return
    name = f"fk_{table}_centre_id_item_id"
    op.drop_constraint(name, table, type_="foreignkey")
    pair = (["centre_id", "item_id"], ["centre_id", "id"])
    op.create_foreign_key(name, table, "work_plan_item", *pair, ondelete=on_delete)
