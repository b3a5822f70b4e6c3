"""The declared tables as a whole: owners, modules, columns that fences need."""

import ast
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text
from sqlmodel import SQLModel

import domain
from domain import tables
from domain.statements.fences import fence_of, grants_of
from domain.statements.owners import Owner, ReachError, owner_of

NEEDED = {
    Owner.ACTIVITY: {"centre_id", "municipality_id", "visibility", "occurs_on", "office_ids", "deleted_at"},
    Owner.ACTIVITY_DETAILS: {"centre_id", "municipality_id", "visibility", "occurs_on", "office_ids", "deleted_at"},
    Owner.ACTIVITY_PART: {"centre_id"},
    Owner.OFFICE_LINK: {"centre_id", "municipality_id", "office_id"},
    Owner.SHEET: {"centre_id", "municipality_id", "office_id", "shared_with_ward"},
    Owner.PLAN: {"centre_id", "municipality_id"},
    Owner.ROLLUP: {"centre_id", "municipality_id", "is_centre_only"},
    Owner.OFFICE: {"municipality_id"},
    Owner.PERSON: {"centre_id", "municipality_id", "office_id"},
    Owner.CALLER: {"caller_id"},
}


def modules_with_tables() -> set[str]:
    """Name the modules of the domain that declare a table, by reading them."""
    found = set()
    for path in Path(domain.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(k.arg == "table" for k in node.keywords):
                found.add(
                    path.relative_to(Path(domain.__file__).parent.parent).with_suffix("").as_posix().replace("/", ".")
                )
    return found


def test_every_module_with_a_table_is_loaded_with_the_tables() -> None:
    assert {module.__name__ for module in tables.MODULES} == modules_with_tables()


def test_every_table_declares_its_owner_and_has_the_columns_its_fence_reads() -> None:
    tables.load_tables()
    for table in SQLModel.metadata.sorted_tables:
        owner = owner_of(table)
        assert NEEDED.get(owner, set()) <= set(table.columns.keys()), table.name
        for detail in ("parent", "from_on", "to_on", "office", "municipality", "centre"):
            if detail in table.info:
                assert table.info[detail] in table.columns, (table.name, detail)
        if owner not in (Owner.CREDENTIALS, Owner.AUDIT, Owner.SHARED):
            for column in ("centre_id",):
                if column in table.columns and owner is not Owner.PERSON:
                    assert not table.columns[column].nullable, (table.name, column)


def test_every_table_is_strict_on_sqlite_and_only_shared_ones_have_no_fence() -> None:
    for table in SQLModel.metadata.sorted_tables:
        assert table.dialect_options["sqlite"]["strict"], table.name
        assert bool(fence_of(table)) == (owner_of(table) is not Owner.SHARED)
        (grant,) = grants_of(table, "somebody")
        assert "DELETE" not in grant or table.info.get("deletable"), table.name


def test_unique_constraints_of_owned_tables_begin_with_their_owner() -> None:
    starts = ("centre_id", "municipality_id", "office_id", "caller_id", "plan_id", "programme_id", "item_id")
    for table in SQLModel.metadata.sorted_tables:
        if owner_of(table) in (Owner.CREDENTIALS, Owner.SHARED, Owner.AUDIT):
            continue
        for index in table.indexes:
            if index.unique:
                assert next(iter(index.columns)).name in starts, (table.name, index.name)


def test_a_table_without_an_owner_stops_the_start() -> None:
    stray = Table("stray", MetaData(), Column("id", Text))
    with pytest.raises(ReachError):
        owner_of(stray)
    with pytest.raises(ReachError):
        fence_of(stray)
