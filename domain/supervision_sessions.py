"""Supervision (スーパービジョン: individual, group = GSV, public) and case conferences (事例検討会).

A case is an opaque label; consent to share it is recorded, its content is not. Source: seeds 002, 003, 004.
"""

from datetime import date

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import SQLModel

from domain.columns import Big, Day, Flag, column, one_of, ref, rule, words
from domain.reach import Owner, owned

SESSION_TYPES = ("individual", "group", "public", "case_conference")


class SupervisionSession(SQLModel, table=True):
    """What a session adds to its activity."""

    __tablename__ = "supervision_session"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "id"], ["activity.centre_id", "activity.id"]),
        one_of("session_type", *SESSION_TYPES),
        rule("fee_plausible", "fee_yen IS NULL OR (fee_yen >= 0 AND fee_yen <= 10000000)"),
        owned(Owner.ACTIVITY_PART, parent="id"),
    )

    id: str = ref(primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    session_type: str = words(16)
    case_label: str | None = words(40, optional=True)
    has_consent: bool = column(Flag())
    has_after_talk: bool = column(Flag())
    after_talk_note: str | None = words(2000, optional=True)
    supervisor_asked_on: date | None = column(Day(), optional=True)
    case_asked_on: date | None = column(Day(), optional=True)
    fee_yen: int | None = column(Big(), optional=True)
    summary: str | None = words(4000, optional=True)
    internal_summary: str | None = words(4000, optional=True)
