"""Changes that say what is there already: they are answered, and nothing is stored, counted or noted."""

from collections.abc import Mapping
from typing import Any

from domain.database import ANY_VERSION, Row
from domain.errors import StaleVersionError


def says_nothing_new(row: Row, changes: Mapping[str, Any], version: int) -> bool:
    """Tell whether a change leaves a row as it is: then it is not stored, not counted and not audited.

    Raises:
        StaleVersionError: the row is no longer at ``version``; it is asked for even where nothing changes.
    """
    if any(name not in row or row[name] != value for name, value in changes.items()):
        return False
    if version != row["version"]:
        raise StaleVersionError(row["version"] if version == ANY_VERSION else None)
    return True
