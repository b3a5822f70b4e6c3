"""Migrations of the database, numbered, one chain for SQLite and PostgreSQL."""

from pathlib import Path

HEAD = max(file.name.partition("_")[0] for file in (Path(__file__).parent / "versions").glob("[0-9]*.py"))
"""The newest migration: what a database must stand at to be served."""
