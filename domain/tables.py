"""Every table of the product, loaded: for migrations, grants and the tests that walk them."""

from sqlmodel import SQLModel

from domain import audit, credentials, idempotency
from domain.activities import (
    office_visits,
    reflection_sheets,
    supervision_sessions,
    training_events,
    viewpoint_sets,
)
from domain.ledger import closed_months, work_plan_tables
from domain.ledger import tables as ledger_tables
from domain.places import centres, municipalities, offices, people
from domain.plans import work_programmes
from domain.statements.reach import owner_of

MODULES = (
    audit,
    centres,
    closed_months,
    credentials,
    idempotency,
    ledger_tables,
    municipalities,
    office_visits,
    offices,
    people,
    reflection_sheets,
    supervision_sessions,
    training_events,
    viewpoint_sets,
    work_plan_tables,
    work_programmes,
)
"""The modules that hold tables. A test finds any that is missing here."""


def load_tables() -> None:
    """Check that every table of the metadata declares its owner.

    Raises:
        ReachError: a table declares none.
    """
    for table in SQLModel.metadata.tables.values():
        owner_of(table)
