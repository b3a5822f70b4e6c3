"""Credentials: users, assignments, sessions, machine clients. Reached through the credentials door only."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import SQLModel

from domain.access import Role
from domain.statements.columns import Big, Codes, Flag, Instant, column, key, one_of, ref, rule, words
from domain.statements.reach import Owner, owned

_PLACE = rule(
    "place_fits_role",
    "(role = 'operator' AND municipality_id IS NULL AND centre_id IS NULL AND office_id IS NULL)"
    " OR (role = 'ward_staff' AND municipality_id IS NOT NULL AND centre_id IS NULL AND office_id IS NULL)"
    " OR (role IN ('centre_manager', 'centre_staff')"
    " AND municipality_id IS NULL AND centre_id IS NOT NULL AND office_id IS NULL)"
    " OR (role = 'office_user' AND municipality_id IS NOT NULL AND centre_id IS NULL AND office_id IS NOT NULL)"
    " OR (role = 'integration' AND office_id IS NULL AND (municipality_id IS NULL) <> (centre_id IS NULL))",
)


class UserAccount(SQLModel, table=True):
    """A person who signs in. ``login`` is unique in the deployment and stored lower-case."""

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("login"), owned(Owner.CREDENTIALS))

    id: str = key()
    login: str = words(100)
    name: str = words(60)
    password_hash: str | None = words(300, optional=True)
    totp_secret: str | None = words(100, optional=True)
    totp_confirmed_at: datetime | None = column(Instant(), optional=True)
    totp_last_step: int | None = column(Big(), optional=True)
    is_active: bool = column(Flag())
    version: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())


class Assignment(SQLModel, table=True):
    """User × role × place (所属). A token carries exactly one."""

    __tablename__ = "assignment"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        ForeignKeyConstraint(["municipality_id"], ["municipality.id"]),
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        ForeignKeyConstraint(["municipality_id", "office_id"], ["office.municipality_id", "office.id"]),
        one_of("role", *(role.value for role in Role if role is not Role.INTEGRATION)),
        _PLACE,
        Index("ix_assignment_user_id", "user_id"),
        Index("ix_assignment_municipality_id", "municipality_id"),
        Index("ix_assignment_centre_id", "centre_id"),
        owned(Owner.CREDENTIALS),
    )

    id: str = key()
    user_id: str = ref()
    role: str = words(16)
    municipality_id: str | None = words(6, optional=True)
    centre_id: str | None = ref(optional=True)
    office_id: str | None = ref(optional=True)
    is_active: bool = column(Flag())
    version: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())


class SignInSession(SQLModel, table=True):
    """A sign-in of a user in one assignment: the family of its refresh tokens."""

    __tablename__ = "sign_in_session"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        ForeignKeyConstraint(["assignment_id"], ["assignment.id"]),
        Index("ix_sign_in_session_user_id", "user_id"),
        owned(Owner.CREDENTIALS),
    )

    id: str = key()
    user_id: str = ref()
    assignment_id: str = ref()
    agent: str | None = words(200, optional=True)
    created_at: datetime = column(Instant())
    last_used_at: datetime = column(Instant())
    expires_at: datetime = column(Instant())
    revoked_at: datetime | None = column(Instant(), optional=True)
    revoked_for: str | None = words(40, optional=True)


class RefreshToken(SQLModel, table=True):
    """A single-use refresh token, kept as SHA-256 (hex). ``repeated_at`` is the one second use that is let pass."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        ForeignKeyConstraint(["session_id"], ["sign_in_session.id"]),
        Index("ix_refresh_token_session_id", "session_id"),
        owned(Owner.CREDENTIALS),
    )

    token_hash: str = words(64, primary_key=True)
    session_id: str = ref()
    issued_at: datetime = column(Instant())
    used_at: datetime | None = column(Instant(), optional=True)
    repeated_at: datetime | None = column(Instant(), optional=True)


class Invitation(SQLModel, table=True):
    """A one-time link for a first or forgotten password, kept as SHA-256 (hex)."""

    __tablename__ = "invitation"
    __table_args__ = (
        ForeignKeyConstraint(["user_id"], ["user_account.id"]),
        one_of("purpose", "invite", "reset"),
        Index("ix_invitation_user_id", "user_id"),
        owned(Owner.CREDENTIALS),
    )

    token_hash: str = words(64, primary_key=True)
    user_id: str = ref()
    purpose: str = words(8)
    expires_at: datetime = column(Instant())
    used_at: datetime | None = column(Instant(), optional=True)


class MachineClient(SQLModel, table=True):
    """A program that pulls counts or pushes records for a municipality or a centre."""

    __tablename__ = "machine_client"
    __table_args__ = (
        ForeignKeyConstraint(["municipality_id"], ["municipality.id"]),
        ForeignKeyConstraint(["centre_id"], ["centre.id"]),
        UniqueConstraint("client_id"),
        rule("one_place", "(municipality_id IS NULL) <> (centre_id IS NULL)"),
        owned(Owner.CREDENTIALS),
    )

    id: str = key()
    client_id: str = words(60)
    name: str = words(100)
    municipality_id: str | None = words(6, optional=True)
    centre_id: str | None = ref(optional=True)
    scopes: list[str] = column(Codes())
    is_active: bool = column(Flag())
    last_used_at: datetime | None = column(Instant(), optional=True)
    version: int = column(Big())
    created_at: datetime = column(Instant())
    updated_at: datetime = column(Instant())


class ClientSecret(SQLModel, table=True):
    """A secret of a machine client, kept as SHA-256 (hex). At most two live ones, so that it can be changed."""

    __tablename__ = "client_secret"
    __table_args__ = (
        ForeignKeyConstraint(["machine_client_id"], ["machine_client.id"]),
        Index("ix_client_secret_machine_client_id", "machine_client_id"),
        owned(Owner.CREDENTIALS),
    )

    id: str = key()
    machine_client_id: str = ref()
    secret_hash: str = words(64)
    created_at: datetime = column(Instant())
    revoked_at: datetime | None = column(Instant(), optional=True)


class MachineGrant(SQLModel, table=True):
    """One token given to a machine client; revoking it ends that token."""

    __tablename__ = "machine_grant"
    __table_args__ = (
        ForeignKeyConstraint(["machine_client_id"], ["machine_client.id"]),
        Index("ix_machine_grant_machine_client_id", "machine_client_id"),
        owned(Owner.CREDENTIALS),
    )

    id: str = key()
    machine_client_id: str = ref()
    issued_at: datetime = column(Instant())
    expires_at: datetime = column(Instant())
    revoked_at: datetime | None = column(Instant(), optional=True)


class SignInCounter(SQLModel, table=True):
    """Failed or started sign-ins of one account or one address in one time window."""

    __tablename__ = "sign_in_counter"
    __table_args__ = (owned(Owner.CREDENTIALS, deletable="yes"),)

    subject: str = words(140, primary_key=True)
    window_start: int = column(Big(), primary_key=True)
    tries: int = column(Big())
