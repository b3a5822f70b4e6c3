"""Tables of the activity ledger (活動台帳): the activity, its links and the two rollups.

Only ``domain.ledger`` writes them. Every activity area has one row of its own per activity, with the same id.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy import column as named
from sqlmodel import SQLModel

from domain.statements.columns import Big, Codes, Day, Flag, Ids, Instant, column, key, one_of, ref, rule, words
from domain.statements.reach import Owner, owned

KINDS = (
    "office_visit",
    "supervision_session",
    "case_conference",
    "training_event",
    "practicum",
    "meeting",
    "backup_consultation",
    "liaison_contact",
    "information_bulletin",
    "guideline_revision",
    "publicity",
    "peer_gathering",
    "rights_consultation",
    "direct_consultation",
    "other",
)
STATUSES = ("planned", "held", "postponed", "declined", "cancelled")
CENTRE_ROLES = ("host", "secretariat", "joint_secretariat", "participate", "coordinate", "backup", "operate")
CENTRE_ONLY = "centre"
"""The visibility of what a centre keeps to itself: nobody else sees it, and no number of anybody else holds it."""
BY_RULE, BY_HAND = "rule", "hand"
"""Who decides which plan items an activity counts for: the counting rules, or a person."""
VISIBILITIES = (CENTRE_ONLY, "municipality", "offices_involved", "published")
_HAS_KEY = named("external_id").is_not(None)
PERSON_ROLES = (
    "visitor", "supervisor", "supervisee", "presenter", "facilitator", "observer", "lecturer", "participant", "staff",
)  # fmt: skip


class Activity(SQLModel, table=True):
    """One thing a centre does.

    ``municipality_id`` is the municipality it is for; null means joint, for all that the centre covers.
    ``occurs_on`` is ``held_on``, or ``planned_on`` while it is not held; lists sort and reach compares by it.
    ``month`` is the first day of ``held_on``'s month, null while not held. ``office_ids`` repeats the linked
    offices, so that an office's own rows are found without a join. ``origin`` tells recorded rows from imported
    and generated ones. ``plan_items_by`` remembers that a person chose the plan items, also where they chose none.
    """

    __tablename__ = "activity"
    __table_args__ = (
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        ForeignKeyConstraint(["municipality_id"], ["municipality.id"]),
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        ForeignKeyConstraint(["centre_id", "follow_up_of_id"], ["activity.centre_id", "activity.id"]),
        UniqueConstraint("centre_id", "id"),
        one_of("kind", *KINDS),
        one_of("status", *STATUSES),
        one_of("centre_role", *CENTRE_ROLES),
        one_of("visibility", *VISIBILITIES),
        one_of("format", "onsite", "remote", "hybrid"),
        one_of("disclosure", "open", "closed", "unmarked"),
        one_of("sensitivity", "normal", "restricted"),
        one_of("origin", "recorded", "imported", "generated"),
        rule("office_needs_municipality", "office_id IS NULL OR municipality_id IS NOT NULL"),
        rule("held_needs_day", "(status = 'held') = (held_on IS NOT NULL)"),
        rule("held_has_month", "(held_on IS NULL) = (month IS NULL)"),
        rule("reason_when_not_held", "status IN ('planned', 'held') OR status_reason IS NOT NULL"),
        one_of("plan_items_by", BY_RULE, BY_HAND),
        # A day at most for one sitting; a series of dates takes the sum of them.
        rule("minutes_plausible", "duration_minutes IS NULL OR (duration_minutes >= 0 AND duration_minutes <= 100000)"),
        rule(
            "participants_plausible",
            "participant_count IS NULL OR (participant_count >= 0 AND participant_count <= 100000)",
        ),
        rule("external_id_has_source", "(external_id IS NULL) = (external_source IS NULL)"),
        Index("ix_activity_centre_id_occurs_on_id", "centre_id", "occurs_on", "id"),
        Index("ix_activity_centre_id_changed_tx_id", "centre_id", "changed_tx", "id"),
        Index(
            "uq_activity_centre_id_external_source_external_id",
            "centre_id",
            "external_source",
            "external_id",
            unique=True,
            postgresql_where=_HAS_KEY,  # most come from no other system
            sqlite_where=_HAS_KEY,
        ),
        owned(Owner.ACTIVITY),
    )

    id: str = key()
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    kind: str = words(24)
    centre_role: str = words(20)
    title: str = words(200)
    title_folded: str = words(400)
    status: str = words(12)
    status_reason: str | None = words(500, optional=True)
    planned_on: date | None = column(Day(), optional=True)
    held_on: date | None = column(Day(), optional=True)
    occurs_on: date = column(Day())
    month: date | None = column(Day(), optional=True)
    starts_at: str | None = words(5, optional=True)
    ends_at: str | None = words(5, optional=True)
    duration_minutes: int | None = column(Big(), optional=True)
    format: str = words(8)
    location: str | None = words(200, optional=True)
    office_id: str | None = ref(optional=True)
    office_ids: list[str] = column(Ids())
    participant_count: int | None = column(Big(), optional=True)
    body: str | None = words(40, optional=True)
    themes: list[str] = column(Codes())
    needs: list[str] = column(Codes())
    purposes: list[str] = column(Codes())
    counted_as: list[str] = column(Codes())
    visibility: str = words(20)
    disclosure: str = words(10)
    sensitivity: str = words(12)
    plan_items_by: str = words(4)
    follow_up_of_id: str | None = ref(optional=True)
    internal_note: str | None = words(4000, optional=True)
    origin: str = words(10)
    external_source: str | None = words(40, optional=True)
    external_id: str | None = words(100, optional=True)
    created_by: str = words(60)
    version: int = column(Big())
    changed_tx: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())
    deleted_at: datetime | None = column(Instant(), optional=True)


_TO_ACTIVITY = (["centre_id", "activity_id"], ["activity.centre_id", "activity.id"])
_TO_ITEM = (["centre_id", "item_id"], ["work_plan_item.centre_id", "work_plan_item.id"])
_TO_OFFICE = (["municipality_id", "office_id"], ["office.municipality_id", "office.id"])


class ActivityOffice(SQLModel, table=True):
    """An office that took part in an activity, or was meant to."""

    __tablename__ = "activity_office"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_ACTIVITY),
        ForeignKeyConstraint(*_TO_OFFICE),
        one_of("side", "subject", "member", "secretariat", "observer", "presenter"),
        one_of("mode", "onsite", "remote"),
        one_of("attendance", "expected", "present", "absent", "excused"),
        Index("ix_activity_office_office_id", "office_id", "activity_id"),
        owned(Owner.OFFICE_LINK, deletable="yes"),
    )

    activity_id: str = ref(primary_key=True)
    office_id: str = ref(primary_key=True)
    centre_id: str = ref()
    municipality_id: str = words(6)
    side: str = words(12)
    mode: str = words(8)
    attendance: str = words(10)
    participant_count: int | None = column(Big(), optional=True)


class ActivityPerson(SQLModel, table=True):
    """A person who took part, in one role. Owner columns repeat the person's office, null for centre people."""

    __tablename__ = "activity_person"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_ACTIVITY),
        ForeignKeyConstraint(["person_id"], ["person.id"]),
        ForeignKeyConstraint(*_TO_OFFICE),
        one_of("role", *PERSON_ROLES),
        one_of("mode", "onsite", "remote"),
        one_of("attendance", "expected", "present", "late", "absent", "excused"),
        Index("ix_activity_person_person_id", "person_id", "activity_id"),
        owned(Owner.OFFICE_LINK, deletable="yes"),
    )

    activity_id: str = ref(primary_key=True)
    person_id: str = ref(primary_key=True)
    role: str = words(12, primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    office_id: str | None = ref(optional=True)
    mode: str = words(8)
    attendance: str = words(10)


class ActivityOrganization(SQLModel, table=True):
    """A body other than an office that took part (関係機関)."""

    __tablename__ = "activity_organization"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_ACTIVITY),
        one_of("side", "member", "secretariat", "observer", "advisor"),
        one_of("mode", "onsite", "remote"),
        owned(Owner.ACTIVITY_PART, deletable="yes"),
    )

    activity_id: str = ref(primary_key=True)
    position: int = column(Big(), primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    organization_kind: str = words(40)
    name: str = words(100)
    side: str = words(12)
    mode: str = words(8)
    is_present: bool = column(Flag())


class ActivityPlanItem(SQLModel, table=True):
    """An activity counts for a plan item: named by the recorder, found by a counting rule, or named in a correction.

    What progress asks of the activity is repeated here, so that the year of an item is one stretch of an index;
    ``status`` is ``removed`` where the activity is deleted. Only the ledger writes it, with the activity.
    """

    __tablename__ = "activity_plan_item"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_ACTIVITY),
        ForeignKeyConstraint(*_TO_ITEM, ondelete="CASCADE"),
        one_of("linked_by", "named", "rule", "corrected"),
        one_of("status", *STATUSES, "removed"),
        one_of("visibility", *VISIBILITIES),
        Index("ix_activity_plan_item_item_id", "item_id", "status", "occurs_on", "activity_id"),
        owned(Owner.ACTIVITY_LINK, deletable="yes"),
    )

    activity_id: str = ref(primary_key=True)
    item_id: str = ref(primary_key=True)
    centre_id: str = ref()
    municipality_id: str | None = words(6, optional=True)
    linked_by: str = words(10)
    status: str = words(12)
    occurs_on: date = column(Day())
    planned_on: date | None = column(Day(), optional=True)
    themes: list[str] = column(Codes())
    visibility: str = words(20)


REPEATED = ("municipality_id", "status", "occurs_on", "planned_on", "themes", "visibility")
"""The members of an activity that its links to plan items repeat."""


class ActivityRollup(SQLModel, table=True):
    """Held activities per centre, municipality, month, kind and role. ``municipality_id`` is ``''`` for joint rows.

    The sentinel is there because databases differ over NULLs in a key. ``is_centre_only`` keeps apart what a ward does
    not see, so that its sums are without it.
    """

    __tablename__ = "activity_rollup"
    __table_args__ = (owned(Owner.ROLLUP, from_on="month", to_on="month"),)

    centre_id: str = ref(primary_key=True)
    month: date = column(Day(), primary_key=True)
    kind: str = words(24, primary_key=True)
    centre_role: str = words(20, primary_key=True)
    municipality_id: str = words(6, primary_key=True)
    is_centre_only: bool = column(Flag(), primary_key=True)
    held_count: int = column(Big())
    participant_count: int = column(Big())
    duration_minutes: int = column(Big())


class PlanItemRollup(SQLModel, table=True):
    """Held activities per plan item, month and municipality, keyed as ``ActivityRollup``; one may count for several."""

    __tablename__ = "plan_item_rollup"
    __table_args__ = (
        ForeignKeyConstraint(*_TO_ITEM, ondelete="CASCADE"),
        owned(Owner.ROLLUP, from_on="month", to_on="month"),
    )

    centre_id: str = ref(primary_key=True)
    item_id: str = ref(primary_key=True)
    month: date = column(Day(), primary_key=True)
    municipality_id: str = words(6, primary_key=True)
    is_centre_only: bool = column(Flag(), primary_key=True)
    held_count: int = column(Big())
    participant_count: int = column(Big())
    duration_minutes: int = column(Big())
