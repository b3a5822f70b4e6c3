"""Alembic's environment: one chain of migrations for SQLite and PostgreSQL, run by the owner role.

A drafted migration carries the fence (row-level security) of every new table in plain SQL, so that the versions
themselves never import our code.
"""

from typing import Any

from alembic import context
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrateOperation, ops
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

from domain.settings import Settings
from domain.statements.fences import FUNCTIONS, fence_of
from domain.tables import load_tables


class Fence(MigrateOperation):
    """The row-level security statements of one table."""

    def __init__(self, statements: list[str]) -> None:
        self.statements = statements


@renderers.dispatch_for(Fence)
def _render_fence(_context: AutogenContext, fence: Fence) -> list[str]:
    return [f"_fence({statement!r})" for statement in fence.statements]


def _add_fences(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if not directives or directives[0].upgrade_ops is None:
        return
    upgrade = directives[0].upgrade_ops
    tables = SQLModel.metadata.tables
    created = [op for op in upgrade.ops if isinstance(op, ops.CreateTableOp)]
    for op in created:
        op.info.clear()
    if any(op.table_name == "activity" for op in created):
        upgrade.ops.append(Fence(list(FUNCTIONS.values())))
        directives[0].downgrade_ops.ops.append(Fence([f"DROP FUNCTION {name}" for name in FUNCTIONS]))
    upgrade.ops.extend(Fence(fence_of(tables[op.table_name])) for op in created if fence_of(tables[op.table_name]))


def _address() -> str:
    given = context.get_x_argument(as_dictionary=True).get("database") or context.config.attributes.get("database")
    address = given or Settings().owner_address()
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


def _run() -> None:
    load_tables()
    engine = create_engine(_address(), poolclass=pool.NullPool)
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=is_sqlite,
            compare_server_default=True,
            process_revision_directives=_add_fences,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


_run()
