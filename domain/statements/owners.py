"""How tables are owned: every table declares it, and a table that declares nothing stops the start."""

from enum import StrEnum
from typing import Any

from sqlalchemy.sql import selectable


class ReachError(TypeError):
    """A statement that cannot be narrowed. Raised before production serves, and by the tests for every statement."""


class Owner(StrEnum):
    """How the rows of a table are owned. See ``design`` in docs/access.md for the rule of each."""

    ACTIVITY = "activity"
    ACTIVITY_DETAILS = "activity_details"
    ACTIVITY_PART = "activity_part"
    ACTIVITY_LINK = "activity_link"
    OFFICE_LINK = "office_link"
    SHEET = "sheet"
    PLAN = "plan"
    ROLLUP = "rollup"
    OFFICE = "office"
    PERSON = "person"
    MUNICIPALITY = "municipality"
    CENTRE = "centre"
    CALLER = "caller"
    AUDIT = "audit"
    CREDENTIALS = "credentials"
    SHARED = "shared"


def owned(owner: Owner, **details: str) -> dict[str, Any]:
    """Declare, as the last of ``__table_args__``, how the rows are owned.

    ``parent`` names the column that holds the activity's id (``activity_part``, ``office_link``, ``sheet``);
    ``from_on`` and ``to_on`` the columns of the first and last day a row speaks of (``plan``, ``rollup``).
    """
    return {"info": {"owned": owner, **details}, "sqlite_strict": True}


def base(f: Any) -> Any:
    """Give the table below aliases, but not below subqueries: those are narrowed by their own visit."""
    while isinstance(f, (selectable.Alias, selectable.TableSample)):
        f = f.element
    return f


def owner_of(table: Any) -> Owner:
    """Read how a table is owned.

    Raises:
        ReachError: the table declares nothing.
    """
    owner = table.info.get("owned")
    if owner is None:
        raise ReachError(f"{table.name}: declares no owner")
    return Owner(owner)
