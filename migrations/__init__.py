"""Migrations of the database, numbered, one chain for SQLite and PostgreSQL."""

import sqlite3
from pathlib import Path

HEAD = max(file.name.partition("_")[0] for file in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
"""The newest migration: what a database must stand at to be served."""


def stands_at_head(file: Path) -> bool:
    """Tell whether a SQLite file needs no migration: asking it costs a thousandth of loading and asking alembic."""
    if not file.exists():
        return False
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
