"""Every table of the product, loaded: for migrations, grants and the tests that walk them."""

import importlib
import pkgutil

from sqlmodel import SQLModel

import domain
from domain.reach import owner_of


def load_tables() -> None:
    """Import every module of the domain, so that the metadata is whole.

    Raises:
        ReachError: a table declares no owner.
    """
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    for table in SQLModel.metadata.tables.values():
        owner_of(table)
