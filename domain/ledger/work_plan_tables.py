"""Tables of the yearly work plans (年間事業計画). They stand below the ledger, which links activities to plan items.

An item's target is changed by a target revision with its day and reason, so that the past never moves.
Source: seed 003 item 1-(1) notes, 1-(2) notes.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import column as named
from sqlmodel import SQLModel

from domain.ledger.tables import CENTRE_ROLES
from domain.statements.columns import Big, Day, Document, Instant, column, key, one_of, ref, rule, words
from domain.statements.owners import Owner, owned

_IS_THERE = named("deleted_at").is_(None)


class WorkPlan(SQLModel, table=True):
    """The plan of a centre for a fiscal year, its ``operation_year``-th."""

    __tablename__ = "work_plan"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        ForeignKeyConstraint(["centre_id", "programme_id"], ["work_programme.centre_id", "work_programme.id"]),
        UniqueConstraint("centre_id", "id"),
        one_of("status", "draft", "adopted", "submitted", "approved", "returned"),
        rule("year_counts_from_one", "operation_year >= 1"),
        Index("ix_work_plan_centre_id_changed_tx", "centre_id", "changed_tx"),
        Index(
            "uq_work_plan_centre_id_fiscal_year",
            "centre_id",
            "fiscal_year",
            unique=True,
            postgresql_where=_IS_THERE,
            sqlite_where=_IS_THERE,
        ),
        owned(Owner.PLAN, from_on="starts_on", to_on="ends_on"),
    )

    id: str = key()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    programme_id: str = ref()
    fiscal_year: int = column(Big())
    operation_year: int = column(Big())
    starts_on: date = column(Day())
    ends_on: date = column(Day())
    status: str = words(10)
    submitted_by: str | None = words(60, optional=True)
    note: str | None = words(4000, optional=True)
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


class WorkPlanStep(SQLModel, table=True):
    """One step of a plan's way: adopted at which meeting, submitted, approved or returned with what reason."""

    __tablename__ = "work_plan_step"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "plan_id"], ["work_plan.centre_id", "work_plan.id"]),
        one_of("kind", "adoption", "submission", "approval", "return"),
        Index("ix_work_plan_step_plan_id", "plan_id", "created_at"),
        owned(Owner.PLAN, from_on="stepped_on", to_on="stepped_on"),
    )

    id: str = key()
    plan_id: str = ref()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    kind: str = words(10)
    stepped_on: date = column(Day())
    meeting: str | None = words(200, optional=True)
    note: str | None = words(2000, optional=True)
    created_by: str = words(60)
    created_at: datetime = column(Instant())


class WorkPlanItem(SQLModel, table=True):
    """One line of a plan. The target columns hold what was planned at the start; revisions come on top by day.

    ``required_in_year`` is null where no number follows (随時, 未定 …) and 0 where suspended or not yet started.
    ``starts_in_year`` is the operation year in which the programme starts the item; ``applies_to_contents`` counts
    the content lines that the target speaks of, from 0, null for all.
    """

    __tablename__ = "work_plan_item"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id", "plan_id"], ["work_plan.centre_id", "work_plan.id"]),
        UniqueConstraint("centre_id", "id"),
        UniqueConstraint("plan_id", "code"),
        one_of("centre_role", *CENTRE_ROLES),
        one_of("window_policy", "in_year", "fixed_windows", "rolling"),
        rule("required_not_negative", "required_in_year IS NULL OR required_in_year >= 0"),
        owned(Owner.PLAN, from_on="starts_on", to_on="ends_on", deletable="yes"),
    )

    id: str = key()
    plan_id: str = ref()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    starts_on: date = column(Day())
    ends_on: date = column(Day())
    position: int = column(Big())
    section_number: int = column(Big())
    section_title: str = words(200)
    code: str = words(20)
    title: str = words(200)
    centre_role: str = words(20)
    target_text: str | None = words(200, optional=True)
    target_reading: dict[str, Any] | None = column(Document(), optional=True)
    window_policy: str | None = words(14, optional=True)
    required_in_year: int | None = column(Big(), optional=True)
    maximum_in_year: int | None = column(Big(), optional=True)
    target_reason: str | None = words(300, optional=True)
    starts_in_year: int | None = column(Big(), optional=True)
    applies_to_contents: list[int] | None = column(Document(), optional=True)
    other_targets: list[dict[str, Any]] = column(Document())
    sub_quotas: list[dict[str, Any]] = column(Document())
    lead_times: list[dict[str, Any]] = column(Document())
    contents: list[str] = column(Document())
    notes: list[str] = column(Document())
    counting_rules: list[dict[str, Any]] = column(Document())
    doubt: str | None = words(1000, optional=True)


class TargetRevision(SQLModel, table=True):
    """A change of an item's target from a day on (目標回数の変更), with what it was, what it is and why."""

    __tablename__ = "target_revision"
    __table_args__ = (
        ForeignKeyConstraint(
            ["centre_id", "item_id"], ["work_plan_item.centre_id", "work_plan_item.id"], ondelete="CASCADE"
        ),
        Index("ix_target_revision_item_id", "item_id", "effective_on"),
        owned(Owner.PLAN, from_on="effective_on", to_on="effective_on"),
    )

    id: str = key()
    item_id: str = ref()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    effective_on: date = column(Day())
    from_text: str | None = words(200, optional=True)
    from_reading: dict[str, Any] | None = column(Document(), optional=True)
    from_required: int | None = column(Big(), optional=True)
    to_text: str = words(200)
    to_reading: dict[str, Any] = column(Document())
    to_required: int | None = column(Big(), optional=True)
    reason: str = words(500)
    decided_at: str | None = words(200, optional=True)
    created_by: str = words(60)
    created_at: datetime = column(Instant())
