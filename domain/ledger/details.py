"""What the table of an area repeats of its activity."""

from datetime import date, datetime

from sqlmodel import SQLModel

from domain.statements.columns import Day, Ids, Instant, column, ref, words

SHOWN_BY = ("municipality_id", "visibility", "occurs_on", "office_ids", "deleted_at")
"""The members of an activity that decide who sees it."""


class Details(SQLModel):
    """The first columns of an area's own table: the activity's id, and what decides who sees it (``SHOWN_BY``).

    It is repeated so that nobody has to ask the activity row by row. Only the ledger writes it, with the activity.
    """

    id: str = ref(primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    visibility: str = words(20)
    occurs_on: date = column(Day())
    office_ids: list[str] = column(Ids())
    deleted_at: datetime | None = column(Instant(), optional=True)
