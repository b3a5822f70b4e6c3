"""Closed months (締めた月): what an accepted report has closed changes no more, but by a correction version."""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import SQLModel

from domain.statements.columns import Day, Instant, column, ref, words
from domain.statements.reach import Owner, owned


class ClosedMonth(SQLModel, table=True):
    """A month of a centre and municipality that an accepted report has closed: its activities no longer change."""

    __tablename__ = "closed_month"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        owned(Owner.PLAN, from_on="month", to_on="month", deletable="yes"),
    )

    centre_id: str = ref(primary_key=True)
    municipality_id: str = words(6, primary_key=True)
    month: date = column(Day(), primary_key=True)
    closed_at: datetime = column(Instant())
    reason: str = words(200)
