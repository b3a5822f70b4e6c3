"""Migrations of the database, numbered, one chain for SQLite and PostgreSQL."""
