"""foundation.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def _fence(statement: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(statement)


def upgrade() -> None:

    op.create_table(
        "activity_rollup",
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("centre_role", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("is_centre_only", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("participant_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("duration_minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(centre_role) <= 20", name=op.f("ck_activity_rollup_centre_role_length")),
        sa.CheckConstraint("length(kind) <= 24", name=op.f("ck_activity_rollup_kind_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_activity_rollup_municipality_id_length")),
        sa.PrimaryKeyConstraint(
            "centre_id",
            "month",
            "kind",
            "centre_role",
            "municipality_id",
            "is_centre_only",
            name=op.f("pk_activity_rollup"),
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Text(), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.CheckConstraint("length(action) <= 60", name=op.f("ck_audit_entry_action_length")),
        sa.CheckConstraint("length(after) <= 200000", name=op.f("ck_audit_entry_after_length")),
        sa.CheckConstraint("length(area) <= 40", name=op.f("ck_audit_entry_area_length")),
        sa.CheckConstraint("length(before) <= 200000", name=op.f("ck_audit_entry_before_length")),
        sa.CheckConstraint("length(entity_id) <= 60", name=op.f("ck_audit_entry_entity_id_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_audit_entry_municipality_id_length")),
        sa.CheckConstraint("length(request_id) <= 64", name=op.f("ck_audit_entry_request_id_length")),
        sa.CheckConstraint("length(role) <= 16", name=op.f("ck_audit_entry_role_length")),
        sa.CheckConstraint("length(session_id) <= 60", name=op.f("ck_audit_entry_session_id_length")),
        sa.CheckConstraint("length(subject_id) <= 60", name=op.f("ck_audit_entry_subject_id_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_strict=True,
    )
    op.create_table(
        "centre",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("nickname", sa.Text(), nullable=True),
        sa.Column("operation_mode", sa.Text(), nullable=False),
        sa.Column("operator_name", sa.Text(), nullable=True),
        sa.Column("does_direct_support", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("functions", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("opened_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("closed_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("fax", sa.Text(), nullable=True),
        sa.Column("mail", sa.Text(), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "operation_mode IN ('direct', 'commissioned', 'designated_manager')",
            name=op.f("ck_centre_operation_mode_known"),
        ),
        sa.CheckConstraint("closed_on IS NULL OR closed_on >= opened_on", name=op.f("ck_centre_closes_after_opening")),
        sa.CheckConstraint("length(address) <= 200", name=op.f("ck_centre_address_length")),
        sa.CheckConstraint("length(fax) <= 30", name=op.f("ck_centre_fax_length")),
        sa.CheckConstraint("length(internal_note) <= 2000", name=op.f("ck_centre_internal_note_length")),
        sa.CheckConstraint("length(mail) <= 200", name=op.f("ck_centre_mail_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_centre_name_length")),
        sa.CheckConstraint("length(name_folded) <= 400", name=op.f("ck_centre_name_folded_length")),
        sa.CheckConstraint("length(name_kana) <= 200", name=op.f("ck_centre_name_kana_length")),
        sa.CheckConstraint("length(nickname) <= 60", name=op.f("ck_centre_nickname_length")),
        sa.CheckConstraint("length(operation_mode) <= 24", name=op.f("ck_centre_operation_mode_length")),
        sa.CheckConstraint("length(operator_name) <= 100", name=op.f("ck_centre_operator_name_length")),
        sa.CheckConstraint("length(telephone) <= 30", name=op.f("ck_centre_telephone_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("centre", schema=None) as batch_op:
        batch_op.create_index("ix_centre_changed_tx", ["changed_tx"], unique=False)

    op.create_table(
        "idempotency_key",
        sa.Column("caller_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "headers",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(body) <= 2000000", name=op.f("ck_idempotency_key_body_length")),
        sa.CheckConstraint("length(caller_id) <= 60", name=op.f("ck_idempotency_key_caller_id_length")),
        sa.CheckConstraint("length(fingerprint) <= 64", name=op.f("ck_idempotency_key_fingerprint_length")),
        sa.CheckConstraint("length(key) <= 128", name=op.f("ck_idempotency_key_key_length")),
        sa.PrimaryKeyConstraint("caller_id", "key", name=op.f("pk_idempotency_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "municipality",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("prefecture", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("population", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("population_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("region_grade", sa.Text(), nullable=True),
        sa.Column("free_text_policy", sa.Text(), nullable=False),
        sa.Column(
            "labels",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "free_text_policy IN ('warn', 'refuse')", name=op.f("ck_municipality_free_text_policy_known")
        ),
        sa.CheckConstraint(
            "kind IN ('city', 'special_ward', 'designated_city', 'designated_city_ward', 'town', 'village')",
            name=op.f("ck_municipality_kind_known"),
        ),
        sa.CheckConstraint("length(free_text_policy) <= 10", name=op.f("ck_municipality_free_text_policy_length")),
        sa.CheckConstraint("length(id) <= 6", name=op.f("ck_municipality_id_length")),
        sa.CheckConstraint("length(id) = 6", name=op.f("ck_municipality_code_has_six_digits")),
        sa.CheckConstraint("length(kind) <= 24", name=op.f("ck_municipality_kind_length")),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_municipality_name_length")),
        sa.CheckConstraint("length(name_folded) <= 240", name=op.f("ck_municipality_name_folded_length")),
        sa.CheckConstraint("length(name_kana) <= 120", name=op.f("ck_municipality_name_kana_length")),
        sa.CheckConstraint("length(parent_code) <= 6", name=op.f("ck_municipality_parent_code_length")),
        sa.CheckConstraint("length(prefecture) <= 20", name=op.f("ck_municipality_prefecture_length")),
        sa.CheckConstraint("length(region_grade) <= 20", name=op.f("ck_municipality_region_grade_length")),
        sa.ForeignKeyConstraint(["parent_code"], ["municipality.id"], name=op.f("fk_municipality_parent_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_municipality")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("municipality", schema=None) as batch_op:
        batch_op.create_index("ix_municipality_changed_tx", ["changed_tx"], unique=False)

    op.create_table(
        "sign_in_counter",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("window_start", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(subject) <= 140", name=op.f("ck_sign_in_counter_subject_length")),
        sa.PrimaryKeyConstraint("subject", "window_start", name=op.f("pk_sign_in_counter")),
        sqlite_strict=True,
    )
    op.create_table(
        "transaction_clock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("value", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_clock")),
        sqlite_strict=True,
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column("totp_confirmed_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(login) <= 100", name=op.f("ck_user_account_login_length")),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_user_account_name_length")),
        sa.CheckConstraint("length(password_hash) <= 300", name=op.f("ck_user_account_password_hash_length")),
        sa.CheckConstraint("length(totp_secret) <= 100", name=op.f("ck_user_account_totp_secret_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("login", name=op.f("uq_user_account_login")),
        sqlite_strict=True,
    )
    op.create_table(
        "viewpoint_set",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label_ja", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_viewpoint_set_code_length")),
        sa.CheckConstraint("length(label_ja) <= 100", name=op.f("ck_viewpoint_set_label_ja_length")),
        sa.CheckConstraint("length(source) <= 300", name=op.f("ck_viewpoint_set_source_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewpoint_set")),
        sa.UniqueConstraint("code", "edition", name=op.f("uq_viewpoint_set_code_edition")),
        sqlite_strict=True,
    )
    op.create_table(
        "centre_closure",
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('closed', 'open')", name=op.f("ck_centre_closure_kind_known")),
        sa.CheckConstraint("length(kind) <= 6", name=op.f("ck_centre_closure_kind_length")),
        sa.CheckConstraint("length(reason) <= 200", name=op.f("ck_centre_closure_reason_length")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_centre_closure_centre_id")),
        sa.PrimaryKeyConstraint("centre_id", "day", name=op.f("pk_centre_closure")),
        sqlite_strict=True,
    )
    op.create_table(
        "centre_coverage",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("valid_to", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_centre_coverage_municipality_id_length")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_centre_coverage_ends_after_start")
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_centre_coverage_centre_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_centre_coverage_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre_coverage")),
        sa.UniqueConstraint(
            "centre_id",
            "municipality_id",
            "valid_from",
            name=op.f("uq_centre_coverage_centre_id_municipality_id_valid_from"),
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("centre_coverage", schema=None) as batch_op:
        batch_op.create_index("ix_centre_coverage_municipality", ["municipality_id"], unique=False)

    op.create_table(
        "centre_hours",
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("weekday", sa.Text(), nullable=False),
        sa.Column("opens_at", sa.Text(), nullable=False),
        sa.Column("closes_at", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "weekday IN ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')", name=op.f("ck_centre_hours_weekday_known")
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_centre_hours_closes_later")),
        sa.CheckConstraint("length(closes_at) <= 5", name=op.f("ck_centre_hours_closes_at_length")),
        sa.CheckConstraint("length(opens_at) <= 5", name=op.f("ck_centre_hours_opens_at_length")),
        sa.CheckConstraint("length(weekday) <= 3", name=op.f("ck_centre_hours_weekday_length")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_centre_hours_centre_id")),
        sa.PrimaryKeyConstraint("centre_id", "weekday", name=op.f("pk_centre_hours")),
        sqlite_strict=True,
    )
    op.create_table(
        "centre_staffing",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("employment", sa.Text(), nullable=False),
        sa.Column("is_dedicated", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("person_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("valid_to", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "employment IN ('full_time', 'part_time')", name=op.f("ck_centre_staffing_employment_known")
        ),
        sa.CheckConstraint("length(employment) <= 10", name=op.f("ck_centre_staffing_employment_length")),
        sa.CheckConstraint("length(post) <= 60", name=op.f("ck_centre_staffing_post_length")),
        sa.CheckConstraint("person_count >= 0", name=op.f("ck_centre_staffing_count_not_negative")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_centre_staffing_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centre_staffing")),
        sqlite_strict=True,
    )
    op.create_table(
        "closed_month",
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("month", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_closed_month_municipality_id_length")),
        sa.CheckConstraint("length(reason) <= 200", name=op.f("ck_closed_month_reason_length")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_closed_month_centre_id")),
        sa.PrimaryKeyConstraint("centre_id", "municipality_id", "month", name=op.f("pk_closed_month")),
        sqlite_strict=True,
    )
    op.create_table(
        "invitation",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("purpose IN ('invite', 'reset')", name=op.f("ck_invitation_purpose_known")),
        sa.CheckConstraint("length(purpose) <= 8", name=op.f("ck_invitation_purpose_length")),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_invitation_token_hash_length")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_invitation_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_invitation")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index("ix_invitation_user_id", ["user_id"], unique=False)

    op.create_table(
        "machine_client",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("scopes", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("is_active", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(municipality_id IS NULL) <> (centre_id IS NULL)", name=op.f("ck_machine_client_one_place")
        ),
        sa.CheckConstraint("length(client_id) <= 60", name=op.f("ck_machine_client_client_id_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_machine_client_municipality_id_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_machine_client_name_length")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_machine_client_centre_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id"], ["municipality.id"], name=op.f("fk_machine_client_municipality_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_client")),
        sa.UniqueConstraint("client_id", name=op.f("uq_machine_client_client_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "office",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("office_number", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("corporation_name", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("telephone", sa.Text(), nullable=True),
        sa.Column("fax", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("is_commissioned", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_core_office", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_community_base", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("enhanced_type", sa.Text(), nullable=False),
        sa.Column("contact_24h", sa.Text(), nullable=False),
        sa.Column("contact_24h_note", sa.Text(), nullable=True),
        sa.Column("opened_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("closed_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "contact_24h IN ('none', 'own_rota', 'shared_rota', 'residential_facility', 'other')",
            name=op.f("ck_office_contact_24h_known"),
        ),
        sa.CheckConstraint(
            "enhanced_type IN ('none', 'I', 'II', 'III', 'IV')", name=op.f("ck_office_enhanced_type_known")
        ),
        sa.CheckConstraint(
            "(external_id IS NULL) = (external_source IS NULL)", name=op.f("ck_office_external_id_has_source")
        ),
        sa.CheckConstraint(
            "closed_on IS NULL OR opened_on IS NULL OR closed_on >= opened_on",
            name=op.f("ck_office_closes_after_opening"),
        ),
        sa.CheckConstraint("length(address) <= 200", name=op.f("ck_office_address_length")),
        sa.CheckConstraint("length(contact_24h) <= 24", name=op.f("ck_office_contact_24h_length")),
        sa.CheckConstraint("length(contact_24h_note) <= 300", name=op.f("ck_office_contact_24h_note_length")),
        sa.CheckConstraint("length(corporation_name) <= 100", name=op.f("ck_office_corporation_name_length")),
        sa.CheckConstraint("length(enhanced_type) <= 4", name=op.f("ck_office_enhanced_type_length")),
        sa.CheckConstraint("length(external_id) <= 100", name=op.f("ck_office_external_id_length")),
        sa.CheckConstraint("length(external_source) <= 40", name=op.f("ck_office_external_source_length")),
        sa.CheckConstraint("length(fax) <= 30", name=op.f("ck_office_fax_length")),
        sa.CheckConstraint("length(internal_note) <= 2000", name=op.f("ck_office_internal_note_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_office_municipality_id_length")),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_office_name_length")),
        sa.CheckConstraint("length(name_folded) <= 400", name=op.f("ck_office_name_folded_length")),
        sa.CheckConstraint("length(name_kana) <= 200", name=op.f("ck_office_name_kana_length")),
        sa.CheckConstraint("length(office_number) <= 10", name=op.f("ck_office_office_number_length")),
        sa.CheckConstraint("length(telephone) <= 30", name=op.f("ck_office_telephone_length")),
        sa.CheckConstraint("length(url) <= 300", name=op.f("ck_office_url_length")),
        sa.CheckConstraint(
            "office_number IS NULL OR length(office_number) = 10", name=op.f("ck_office_number_has_ten_digits")
        ),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=op.f("fk_office_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("municipality_id", "id", name=op.f("uq_office_municipality_id_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.create_index("ix_office_municipality_id_changed_tx", ["municipality_id", "changed_tx"], unique=False)
        batch_op.create_index(
            "ix_office_municipality_id_name_kana", ["municipality_id", "name_kana", "id"], unique=False
        )
        batch_op.create_index(
            "uq_office_municipality_id_external_source_external_id",
            ["municipality_id", "external_source", "external_id"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.create_index(
            "uq_office_municipality_id_office_number",
            ["municipality_id", "office_number"],
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )

    op.create_table(
        "viewpoint",
        sa.Column("set_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("label_ja", sa.Text(), nullable=False),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_viewpoint_code_length")),
        sa.CheckConstraint("length(label_ja) <= 100", name=op.f("ck_viewpoint_label_ja_length")),
        sa.ForeignKeyConstraint(["set_id"], ["viewpoint_set.id"], name=op.f("fk_viewpoint_set_id")),
        sa.PrimaryKeyConstraint("set_id", "code", name=op.f("pk_viewpoint")),
        sqlite_strict=True,
    )
    op.create_table(
        "work_programme",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("valid_from_fiscal_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_work_programme_municipality_id_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_work_programme_note_length")),
        sa.CheckConstraint("length(source) <= 300", name=op.f("ck_work_programme_source_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_work_programme_title_length")),
        sa.CheckConstraint(
            "valid_from_fiscal_year >= 1990 AND valid_from_fiscal_year <= 2199",
            name=op.f("ck_work_programme_year_plausible"),
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_work_programme_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_programme")),
        sa.UniqueConstraint("centre_id", "id", name=op.f("uq_work_programme_centre_id_id")),
        sa.UniqueConstraint(
            "centre_id", "valid_from_fiscal_year", name=op.f("uq_work_programme_centre_id_valid_from_fiscal_year")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("work_programme", schema=None) as batch_op:
        batch_op.create_index("ix_work_programme_centre_id_changed_tx", ["centre_id", "changed_tx"], unique=False)

    op.create_table(
        "activity",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("centre_role", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_folded", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("planned_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("held_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("occurs_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("starts_at", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.Text(), nullable=True),
        sa.Column("duration_minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("office_ids", sa.ARRAY(sa.Uuid(as_uuid=False)).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("participant_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("themes", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("needs", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("purposes", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("counted_as", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("disclosure", sa.Text(), nullable=False),
        sa.Column("sensitivity", sa.Text(), nullable=False),
        sa.Column("plan_items_by", sa.Text(), nullable=False),
        sa.Column("follow_up_of_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("internal_note", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("external_source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("(status = 'held') = (held_on IS NOT NULL)", name=op.f("ck_activity_held_needs_day")),
        sa.CheckConstraint(
            "centre_role IN ('host', 'secretariat', 'joint_secretariat', 'participate', 'coordinate', 'backup', 'operate')",
            name=op.f("ck_activity_centre_role_known"),
        ),
        sa.CheckConstraint("disclosure IN ('open', 'closed', 'unmarked')", name=op.f("ck_activity_disclosure_known")),
        sa.CheckConstraint("format IN ('onsite', 'remote', 'hybrid')", name=op.f("ck_activity_format_known")),
        sa.CheckConstraint(
            "kind IN ('office_visit', 'supervision_session', 'case_conference', 'training_event', 'practicum', 'meeting', 'backup_consultation', 'liaison_contact', 'information_bulletin', 'guideline_revision', 'publicity', 'peer_gathering', 'rights_consultation', 'direct_consultation', 'other')",
            name=op.f("ck_activity_kind_known"),
        ),
        sa.CheckConstraint("origin IN ('recorded', 'imported', 'generated')", name=op.f("ck_activity_origin_known")),
        sa.CheckConstraint("plan_items_by IN ('rule', 'hand')", name=op.f("ck_activity_plan_items_by_known")),
        sa.CheckConstraint("sensitivity IN ('normal', 'restricted')", name=op.f("ck_activity_sensitivity_known")),
        sa.CheckConstraint(
            "status IN ('planned', 'held') OR status_reason IS NOT NULL", name=op.f("ck_activity_reason_when_not_held")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'held', 'postponed', 'declined', 'cancelled')", name=op.f("ck_activity_status_known")
        ),
        sa.CheckConstraint(
            "visibility IN ('centre', 'municipality', 'offices_involved', 'published')",
            name=op.f("ck_activity_visibility_known"),
        ),
        sa.CheckConstraint(
            "(external_id IS NULL) = (external_source IS NULL)", name=op.f("ck_activity_external_id_has_source")
        ),
        sa.CheckConstraint("(held_on IS NULL) = (month IS NULL)", name=op.f("ck_activity_held_has_month")),
        sa.CheckConstraint(
            "duration_minutes IS NULL OR (duration_minutes >= 0 AND duration_minutes <= 100000)",
            name=op.f("ck_activity_minutes_plausible"),
        ),
        sa.CheckConstraint("length(body) <= 40", name=op.f("ck_activity_body_length")),
        sa.CheckConstraint("length(centre_role) <= 20", name=op.f("ck_activity_centre_role_length")),
        sa.CheckConstraint("length(created_by) <= 60", name=op.f("ck_activity_created_by_length")),
        sa.CheckConstraint("length(disclosure) <= 10", name=op.f("ck_activity_disclosure_length")),
        sa.CheckConstraint("length(ends_at) <= 5", name=op.f("ck_activity_ends_at_length")),
        sa.CheckConstraint("length(external_id) <= 100", name=op.f("ck_activity_external_id_length")),
        sa.CheckConstraint("length(external_source) <= 40", name=op.f("ck_activity_external_source_length")),
        sa.CheckConstraint("length(format) <= 8", name=op.f("ck_activity_format_length")),
        sa.CheckConstraint("length(internal_note) <= 4000", name=op.f("ck_activity_internal_note_length")),
        sa.CheckConstraint("length(kind) <= 24", name=op.f("ck_activity_kind_length")),
        sa.CheckConstraint("length(location) <= 200", name=op.f("ck_activity_location_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_activity_municipality_id_length")),
        sa.CheckConstraint("length(origin) <= 10", name=op.f("ck_activity_origin_length")),
        sa.CheckConstraint("length(plan_items_by) <= 4", name=op.f("ck_activity_plan_items_by_length")),
        sa.CheckConstraint("length(sensitivity) <= 12", name=op.f("ck_activity_sensitivity_length")),
        sa.CheckConstraint("length(starts_at) <= 5", name=op.f("ck_activity_starts_at_length")),
        sa.CheckConstraint("length(status) <= 12", name=op.f("ck_activity_status_length")),
        sa.CheckConstraint("length(status_reason) <= 500", name=op.f("ck_activity_status_reason_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_activity_title_length")),
        sa.CheckConstraint("length(title_folded) <= 400", name=op.f("ck_activity_title_folded_length")),
        sa.CheckConstraint("length(visibility) <= 20", name=op.f("ck_activity_visibility_length")),
        sa.CheckConstraint(
            "office_id IS NULL OR municipality_id IS NOT NULL", name=op.f("ck_activity_office_needs_municipality")
        ),
        sa.CheckConstraint(
            "participant_count IS NULL OR (participant_count >= 0 AND participant_count <= 100000)",
            name=op.f("ck_activity_participants_plausible"),
        ),
        sa.ForeignKeyConstraint(
            ["centre_id", "follow_up_of_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_activity_centre_id_follow_up_of_id"),
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_activity_centre_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_activity_municipality_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=op.f("fk_activity_municipality_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
        sa.UniqueConstraint("centre_id", "id", name=op.f("uq_activity_centre_id_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_centre_id_changed_tx_id", ["centre_id", "changed_tx", "id"], unique=False)
        batch_op.create_index("ix_activity_centre_id_occurs_on_id", ["centre_id", "occurs_on", "id"], unique=False)
        batch_op.create_index(
            "uq_activity_centre_id_external_source_external_id",
            ["centre_id", "external_source", "external_id"],
            unique=True,
            postgresql_where=sa.text("external_id IS NOT NULL"),
            sqlite_where=sa.text("external_id IS NOT NULL"),
        )

    op.create_table(
        "assignment",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("is_active", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "(role = 'operator' AND municipality_id IS NULL AND centre_id IS NULL AND office_id IS NULL) OR (role = 'ward_staff' AND municipality_id IS NOT NULL AND centre_id IS NULL AND office_id IS NULL) OR (role IN ('centre_manager', 'centre_staff') AND municipality_id IS NULL AND centre_id IS NOT NULL AND office_id IS NULL) OR (role = 'office_user' AND municipality_id IS NOT NULL AND centre_id IS NULL AND office_id IS NOT NULL) OR (role = 'integration' AND office_id IS NULL AND (municipality_id IS NULL) <> (centre_id IS NULL))",
            name=op.f("ck_assignment_place_fits_role"),
        ),
        sa.CheckConstraint(
            "role IN ('ward_staff', 'centre_manager', 'centre_staff', 'office_user', 'operator')",
            name=op.f("ck_assignment_role_known"),
        ),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_assignment_municipality_id_length")),
        sa.CheckConstraint("length(role) <= 16", name=op.f("ck_assignment_role_length")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_assignment_centre_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_assignment_municipality_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["municipality_id"], ["municipality.id"], name=op.f("fk_assignment_municipality_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_assignment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index("ix_assignment_centre_id", ["centre_id"], unique=False)
        batch_op.create_index("ix_assignment_municipality_id", ["municipality_id"], unique=False)
        batch_op.create_index("ix_assignment_user_id", ["user_id"], unique=False)

    op.create_table(
        "client_secret",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("machine_client_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("length(secret_hash) <= 64", name=op.f("ck_client_secret_secret_hash_length")),
        sa.ForeignKeyConstraint(
            ["machine_client_id"], ["machine_client.id"], name=op.f("fk_client_secret_machine_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secret")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.create_index("ix_client_secret_machine_client_id", ["machine_client_id"], unique=False)

    op.create_table(
        "machine_grant",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("machine_client_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["machine_client_id"], ["machine_client.id"], name=op.f("fk_machine_grant_machine_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machine_grant")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("machine_grant", schema=None) as batch_op:
        batch_op.create_index("ix_machine_grant_machine_client_id", ["machine_client_id"], unique=False)

    op.create_table(
        "office_designation",
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("office_number", sa.Text(), nullable=True),
        sa.Column("designated_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("expires_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("kind IN ('specific', 'child', 'general')", name=op.f("ck_office_designation_kind_known")),
        sa.CheckConstraint("length(kind) <= 10", name=op.f("ck_office_designation_kind_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_office_designation_municipality_id_length")),
        sa.CheckConstraint("length(office_number) <= 10", name=op.f("ck_office_designation_office_number_length")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_office_designation_municipality_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "kind", name=op.f("pk_office_designation")),
        sqlite_strict=True,
    )
    op.create_table(
        "office_strength",
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_office_strength_code_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_office_strength_municipality_id_length")),
        sa.CheckConstraint("length(note) <= 300", name=op.f("ck_office_strength_note_length")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_office_strength_municipality_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("office_id", "code", name=op.f("pk_office_strength")),
        sqlite_strict=True,
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_kana", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=True),
        sa.Column("employment", sa.Text(), nullable=False),
        sa.Column("is_dedicated", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("is_chief_specialist", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("joined_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("left_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("employment IN ('full_time', 'part_time')", name=op.f("ck_person_employment_known")),
        sa.CheckConstraint(
            "(centre_id IS NOT NULL AND office_id IS NULL AND municipality_id IS NULL) OR (centre_id IS NULL AND office_id IS NOT NULL AND municipality_id IS NOT NULL)",
            name=op.f("ck_person_belongs_to_one_place"),
        ),
        sa.CheckConstraint(
            "left_on IS NULL OR joined_on IS NULL OR left_on >= joined_on", name=op.f("ck_person_leaves_after_joining")
        ),
        sa.CheckConstraint("length(employment) <= 10", name=op.f("ck_person_employment_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_person_municipality_id_length")),
        sa.CheckConstraint("length(name) <= 60", name=op.f("ck_person_name_length")),
        sa.CheckConstraint("length(name_folded) <= 240", name=op.f("ck_person_name_folded_length")),
        sa.CheckConstraint("length(name_kana) <= 120", name=op.f("ck_person_name_kana_length")),
        sa.CheckConstraint("length(post) <= 60", name=op.f("ck_person_post_length")),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_person_centre_id")),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_person_municipality_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("centre_id", "id", name=op.f("uq_person_centre_id_id")),
        sa.UniqueConstraint("office_id", "id", name=op.f("uq_person_office_id_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index("ix_person_changed_tx", ["changed_tx"], unique=False)
        batch_op.create_index("ix_person_municipality_id_office_id", ["municipality_id", "office_id"], unique=False)

    op.create_table(
        "work_plan",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("programme_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("fiscal_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operation_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("ends_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("changed_tx", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "status IN ('draft', 'adopted', 'submitted', 'approved', 'returned')",
            name=op.f("ck_work_plan_status_known"),
        ),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_work_plan_municipality_id_length")),
        sa.CheckConstraint("length(note) <= 4000", name=op.f("ck_work_plan_note_length")),
        sa.CheckConstraint("length(status) <= 10", name=op.f("ck_work_plan_status_length")),
        sa.CheckConstraint("length(submitted_by) <= 60", name=op.f("ck_work_plan_submitted_by_length")),
        sa.CheckConstraint("operation_year >= 1", name=op.f("ck_work_plan_year_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["centre_id", "programme_id"],
            ["work_programme.centre_id", "work_programme.id"],
            name=op.f("fk_work_plan_centre_id_programme_id"),
        ),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name=op.f("fk_work_plan_centre_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_plan")),
        sa.UniqueConstraint("centre_id", "fiscal_year", name=op.f("uq_work_plan_centre_id_fiscal_year")),
        sa.UniqueConstraint("centre_id", "id", name=op.f("uq_work_plan_centre_id_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("work_plan", schema=None) as batch_op:
        batch_op.create_index("ix_work_plan_centre_id_changed_tx", ["centre_id", "changed_tx"], unique=False)

    op.create_table(
        "work_programme_item",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("programme_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("section_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("section_title", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("centre_role", sa.Text(), nullable=False),
        sa.Column("start_text", sa.Text(), nullable=True),
        sa.Column("frequency_text", sa.Text(), nullable=True),
        sa.Column(
            "contents",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "notes",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "milestones",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "reminders",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "counting_rules",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "roles_by_year",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "alternative_readings",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("doubt", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "centre_role IN ('host', 'secretariat', 'joint_secretariat', 'participate', 'coordinate', 'backup', 'operate')",
            name=op.f("ck_work_programme_item_centre_role_known"),
        ),
        sa.CheckConstraint(
            "confidence IN ('high', 'medium', 'low')", name=op.f("ck_work_programme_item_confidence_known")
        ),
        sa.CheckConstraint("length(centre_role) <= 20", name=op.f("ck_work_programme_item_centre_role_length")),
        sa.CheckConstraint("length(code) <= 20", name=op.f("ck_work_programme_item_code_length")),
        sa.CheckConstraint("length(confidence) <= 8", name=op.f("ck_work_programme_item_confidence_length")),
        sa.CheckConstraint("length(doubt) <= 1000", name=op.f("ck_work_programme_item_doubt_length")),
        sa.CheckConstraint("length(frequency_text) <= 200", name=op.f("ck_work_programme_item_frequency_text_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_work_programme_item_municipality_id_length")),
        sa.CheckConstraint("length(section_title) <= 200", name=op.f("ck_work_programme_item_section_title_length")),
        sa.CheckConstraint("length(start_text) <= 100", name=op.f("ck_work_programme_item_start_text_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_work_programme_item_title_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "programme_id"],
            ["work_programme.centre_id", "work_programme.id"],
            name=op.f("fk_work_programme_item_centre_id_programme_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_programme_item")),
        sa.UniqueConstraint("centre_id", "id", name=op.f("uq_work_programme_item_centre_id_id")),
        sa.UniqueConstraint("programme_id", "code", name=op.f("uq_work_programme_item_programme_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "activity_office",
        sa.Column("activity_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.Column("participant_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "attendance IN ('expected', 'present', 'absent', 'excused')",
            name=op.f("ck_activity_office_attendance_known"),
        ),
        sa.CheckConstraint("mode IN ('onsite', 'remote')", name=op.f("ck_activity_office_mode_known")),
        sa.CheckConstraint(
            "side IN ('subject', 'member', 'secretariat', 'observer', 'presenter')",
            name=op.f("ck_activity_office_side_known"),
        ),
        sa.CheckConstraint("length(attendance) <= 10", name=op.f("ck_activity_office_attendance_length")),
        sa.CheckConstraint("length(mode) <= 8", name=op.f("ck_activity_office_mode_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_activity_office_municipality_id_length")),
        sa.CheckConstraint("length(side) <= 12", name=op.f("ck_activity_office_side_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "activity_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_activity_office_centre_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_activity_office_municipality_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("activity_id", "office_id", name=op.f("pk_activity_office")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("activity_office", schema=None) as batch_op:
        batch_op.create_index("ix_activity_office_office_id", ["office_id", "activity_id"], unique=False)

    op.create_table(
        "activity_organization",
        sa.Column("activity_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("organization_kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("is_present", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("mode IN ('onsite', 'remote')", name=op.f("ck_activity_organization_mode_known")),
        sa.CheckConstraint(
            "side IN ('member', 'secretariat', 'observer', 'advisor')", name=op.f("ck_activity_organization_side_known")
        ),
        sa.CheckConstraint("length(mode) <= 8", name=op.f("ck_activity_organization_mode_length")),
        sa.CheckConstraint(
            "length(municipality_id) <= 6", name=op.f("ck_activity_organization_municipality_id_length")
        ),
        sa.CheckConstraint("length(name) <= 100", name=op.f("ck_activity_organization_name_length")),
        sa.CheckConstraint(
            "length(organization_kind) <= 40", name=op.f("ck_activity_organization_organization_kind_length")
        ),
        sa.CheckConstraint("length(side) <= 12", name=op.f("ck_activity_organization_side_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "activity_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_activity_organization_centre_id_activity_id"),
        ),
        sa.PrimaryKeyConstraint("activity_id", "position", name=op.f("pk_activity_organization")),
        sqlite_strict=True,
    )
    op.create_table(
        "activity_person",
        sa.Column("activity_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "attendance IN ('expected', 'present', 'late', 'absent', 'excused')",
            name=op.f("ck_activity_person_attendance_known"),
        ),
        sa.CheckConstraint("mode IN ('onsite', 'remote')", name=op.f("ck_activity_person_mode_known")),
        sa.CheckConstraint(
            "role IN ('visitor', 'supervisor', 'supervisee', 'presenter', 'facilitator', 'observer', 'lecturer', 'participant', 'staff')",
            name=op.f("ck_activity_person_role_known"),
        ),
        sa.CheckConstraint("length(attendance) <= 10", name=op.f("ck_activity_person_attendance_length")),
        sa.CheckConstraint("length(mode) <= 8", name=op.f("ck_activity_person_mode_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_activity_person_municipality_id_length")),
        sa.CheckConstraint("length(role) <= 12", name=op.f("ck_activity_person_role_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "activity_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_activity_person_centre_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_activity_person_municipality_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_activity_person_person_id")),
        sa.PrimaryKeyConstraint("activity_id", "person_id", "role", name=op.f("pk_activity_person")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("activity_person", schema=None) as batch_op:
        batch_op.create_index("ix_activity_person_person_id", ["person_id", "activity_id"], unique=False)

    op.create_table(
        "office_visit",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("occurs_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("office_ids", sa.ARRAY(sa.Uuid(as_uuid=False)).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("menus", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.Column("internal_findings", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("next_action", sa.Text(), nullable=True),
        sa.Column("follow_up_due_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "visibility IN ('centre', 'municipality', 'offices_involved', 'published')",
            name=op.f("ck_office_visit_visibility_known"),
        ),
        sa.CheckConstraint("length(findings) <= 4000", name=op.f("ck_office_visit_findings_length")),
        sa.CheckConstraint("length(internal_findings) <= 4000", name=op.f("ck_office_visit_internal_findings_length")),
        sa.CheckConstraint("length(message) <= 2000", name=op.f("ck_office_visit_message_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_office_visit_municipality_id_length")),
        sa.CheckConstraint("length(next_action) <= 1000", name=op.f("ck_office_visit_next_action_length")),
        sa.CheckConstraint("length(visibility) <= 20", name=op.f("ck_office_visit_visibility_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "id"], ["activity.centre_id", "activity.id"], name=op.f("fk_office_visit_centre_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_office_visit_municipality_id_office_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_visit")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("office_visit", schema=None) as batch_op:
        batch_op.create_index("ix_office_visit_office_id", ["office_id", "id"], unique=False)

    op.create_table(
        "person_qualification",
        sa.Column("person_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("obtained_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("renewal_due_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("length(code) <= 40", name=op.f("ck_person_qualification_code_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_person_qualification_municipality_id_length")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_qualification_person_id")),
        sa.PrimaryKeyConstraint("person_id", "code", name=op.f("pk_person_qualification")),
        sqlite_strict=True,
    )
    op.create_table(
        "reflection_sheet",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("set_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("is_simplified", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("shared_with_ward", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_reflection_sheet_municipality_id_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_reflection_sheet_note_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "visit_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_reflection_sheet_centre_id_visit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["municipality_id", "office_id"],
            ["office.municipality_id", "office.id"],
            name=op.f("fk_reflection_sheet_municipality_id_office_id"),
        ),
        sa.ForeignKeyConstraint(["set_id"], ["viewpoint_set.id"], name=op.f("fk_reflection_sheet_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reflection_sheet")),
        sa.UniqueConstraint("centre_id", "visit_id", name=op.f("uq_reflection_sheet_centre_id_visit_id")),
        sqlite_strict=True,
    )
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("revoked_for", sa.Text(), nullable=True),
        sa.CheckConstraint("length(agent) <= 200", name=op.f("ck_sign_in_session_agent_length")),
        sa.CheckConstraint("length(revoked_for) <= 40", name=op.f("ck_sign_in_session_revoked_for_length")),
        sa.ForeignKeyConstraint(["assignment_id"], ["assignment.id"], name=op.f("fk_sign_in_session_assignment_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_sign_in_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_session_user_id", ["user_id"], unique=False)

    op.create_table(
        "supervision_session",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("occurs_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("office_ids", sa.ARRAY(sa.Uuid(as_uuid=False)).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("session_type", sa.Text(), nullable=False),
        sa.Column("case_label", sa.Text(), nullable=True),
        sa.Column("has_consent", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("has_after_talk", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("after_talk_note", sa.Text(), nullable=True),
        sa.Column("supervisor_asked_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("case_asked_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("fee_yen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("internal_summary", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "session_type IN ('individual', 'group', 'public', 'case_conference')",
            name=op.f("ck_supervision_session_session_type_known"),
        ),
        sa.CheckConstraint(
            "visibility IN ('centre', 'municipality', 'offices_involved', 'published')",
            name=op.f("ck_supervision_session_visibility_known"),
        ),
        sa.CheckConstraint(
            "fee_yen IS NULL OR (fee_yen >= 0 AND fee_yen <= 10000000)",
            name=op.f("ck_supervision_session_fee_plausible"),
        ),
        sa.CheckConstraint(
            "length(after_talk_note) <= 2000", name=op.f("ck_supervision_session_after_talk_note_length")
        ),
        sa.CheckConstraint("length(case_label) <= 40", name=op.f("ck_supervision_session_case_label_length")),
        sa.CheckConstraint(
            "length(internal_summary) <= 4000", name=op.f("ck_supervision_session_internal_summary_length")
        ),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_supervision_session_municipality_id_length")),
        sa.CheckConstraint("length(session_type) <= 16", name=op.f("ck_supervision_session_session_type_length")),
        sa.CheckConstraint("length(summary) <= 4000", name=op.f("ck_supervision_session_summary_length")),
        sa.CheckConstraint("length(visibility) <= 20", name=op.f("ck_supervision_session_visibility_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "id"], ["activity.centre_id", "activity.id"], name=op.f("fk_supervision_session_centre_id_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_session")),
        sqlite_strict=True,
    )
    op.create_table(
        "training_date",
        sa.Column("training_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("held_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("starts_at", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.CheckConstraint("length(ends_at) <= 5", name=op.f("ck_training_date_ends_at_length")),
        sa.CheckConstraint("length(location) <= 200", name=op.f("ck_training_date_location_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_training_date_municipality_id_length")),
        sa.CheckConstraint("length(starts_at) <= 5", name=op.f("ck_training_date_starts_at_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "training_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_training_date_centre_id_training_id"),
        ),
        sa.PrimaryKeyConstraint("training_id", "held_on", name=op.f("pk_training_date")),
        sqlite_strict=True,
    )
    op.create_table(
        "training_event",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.Column("occurs_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("office_ids", sa.ARRAY(sa.Uuid(as_uuid=False)).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("audience", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("capacity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("is_case_method", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "lecturers",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("survey_summary", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "category IN ('workforce_development', 'statutory', 'rights_protection', 'abuse_prevention', 'other')",
            name=op.f("ck_training_event_category_known"),
        ),
        sa.CheckConstraint(
            "visibility IN ('centre', 'municipality', 'offices_involved', 'published')",
            name=op.f("ck_training_event_visibility_known"),
        ),
        sa.CheckConstraint(
            "capacity IS NULL OR (capacity >= 1 AND capacity <= 10000)",
            name=op.f("ck_training_event_capacity_plausible"),
        ),
        sa.CheckConstraint("length(category) <= 24", name=op.f("ck_training_event_category_length")),
        sa.CheckConstraint("length(description) <= 4000", name=op.f("ck_training_event_description_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_training_event_municipality_id_length")),
        sa.CheckConstraint("length(survey_summary) <= 4000", name=op.f("ck_training_event_survey_summary_length")),
        sa.CheckConstraint("length(theme) <= 200", name=op.f("ck_training_event_theme_length")),
        sa.CheckConstraint("length(visibility) <= 20", name=op.f("ck_training_event_visibility_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "id"], ["activity.centre_id", "activity.id"], name=op.f("fk_training_event_centre_id_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_event")),
        sqlite_strict=True,
    )
    op.create_table(
        "work_plan_item",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("ends_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("section_number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("section_title", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("centre_role", sa.Text(), nullable=False),
        sa.Column("target_text", sa.Text(), nullable=True),
        sa.Column(
            "target_reading",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.Column("window_policy", sa.Text(), nullable=True),
        sa.Column("required_in_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("maximum_in_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target_reason", sa.Text(), nullable=True),
        sa.Column("starts_in_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "applies_to_contents",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.Column(
            "other_targets",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "sub_quotas",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "lead_times",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "contents",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "notes",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "counting_rules",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("doubt", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "centre_role IN ('host', 'secretariat', 'joint_secretariat', 'participate', 'coordinate', 'backup', 'operate')",
            name=op.f("ck_work_plan_item_centre_role_known"),
        ),
        sa.CheckConstraint(
            "window_policy IN ('in_year', 'fixed_windows', 'rolling')",
            name=op.f("ck_work_plan_item_window_policy_known"),
        ),
        sa.CheckConstraint("length(centre_role) <= 20", name=op.f("ck_work_plan_item_centre_role_length")),
        sa.CheckConstraint("length(code) <= 20", name=op.f("ck_work_plan_item_code_length")),
        sa.CheckConstraint("length(doubt) <= 1000", name=op.f("ck_work_plan_item_doubt_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_work_plan_item_municipality_id_length")),
        sa.CheckConstraint("length(section_title) <= 200", name=op.f("ck_work_plan_item_section_title_length")),
        sa.CheckConstraint("length(target_reason) <= 300", name=op.f("ck_work_plan_item_target_reason_length")),
        sa.CheckConstraint("length(target_text) <= 200", name=op.f("ck_work_plan_item_target_text_length")),
        sa.CheckConstraint("length(title) <= 200", name=op.f("ck_work_plan_item_title_length")),
        sa.CheckConstraint("length(window_policy) <= 14", name=op.f("ck_work_plan_item_window_policy_length")),
        sa.CheckConstraint(
            "required_in_year IS NULL OR required_in_year >= 0", name=op.f("ck_work_plan_item_required_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["centre_id", "plan_id"],
            ["work_plan.centre_id", "work_plan.id"],
            name=op.f("fk_work_plan_item_centre_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_plan_item")),
        sa.UniqueConstraint("centre_id", "id", name=op.f("uq_work_plan_item_centre_id_id")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_work_plan_item_plan_id_code")),
        sqlite_strict=True,
    )
    op.create_table(
        "work_plan_step",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stepped_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("meeting", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('adoption', 'submission', 'approval', 'return')", name=op.f("ck_work_plan_step_kind_known")
        ),
        sa.CheckConstraint("length(created_by) <= 60", name=op.f("ck_work_plan_step_created_by_length")),
        sa.CheckConstraint("length(kind) <= 10", name=op.f("ck_work_plan_step_kind_length")),
        sa.CheckConstraint("length(meeting) <= 200", name=op.f("ck_work_plan_step_meeting_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_work_plan_step_municipality_id_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_work_plan_step_note_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "plan_id"],
            ["work_plan.centre_id", "work_plan.id"],
            name=op.f("fk_work_plan_step_centre_id_plan_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_plan_step")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("work_plan_step", schema=None) as batch_op:
        batch_op.create_index("ix_work_plan_step_plan_id", ["plan_id", "created_at"], unique=False)

    op.create_table(
        "work_programme_phase",
        sa.Column("item_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("from_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "reading",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column(
            "applies_to_contents",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.Column("is_superseded", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "from_year >= 1 AND (to_year IS NULL OR to_year >= from_year)",
            name=op.f("ck_work_programme_phase_years_in_order"),
        ),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_work_programme_phase_municipality_id_length")),
        sa.CheckConstraint("length(reason) <= 300", name=op.f("ck_work_programme_phase_reason_length")),
        sa.CheckConstraint("length(text) <= 200", name=op.f("ck_work_programme_phase_text_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "item_id"],
            ["work_programme_item.centre_id", "work_programme_item.id"],
            name=op.f("fk_work_programme_phase_centre_id_item_id"),
        ),
        sa.PrimaryKeyConstraint("item_id", "position", name=op.f("pk_work_programme_phase")),
        sqlite_strict=True,
    )
    op.create_table(
        "activity_plan_item",
        sa.Column("activity_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("occurs_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("planned_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("themes", sa.ARRAY(sa.Text()).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("visibility", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "linked_by IN ('named', 'rule', 'corrected')", name=op.f("ck_activity_plan_item_linked_by_known")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'held', 'postponed', 'declined', 'cancelled', 'removed')",
            name=op.f("ck_activity_plan_item_status_known"),
        ),
        sa.CheckConstraint(
            "visibility IN ('centre', 'municipality', 'offices_involved', 'published')",
            name=op.f("ck_activity_plan_item_visibility_known"),
        ),
        sa.CheckConstraint("length(linked_by) <= 10", name=op.f("ck_activity_plan_item_linked_by_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_activity_plan_item_municipality_id_length")),
        sa.CheckConstraint("length(status) <= 12", name=op.f("ck_activity_plan_item_status_length")),
        sa.CheckConstraint("length(visibility) <= 20", name=op.f("ck_activity_plan_item_visibility_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "activity_id"],
            ["activity.centre_id", "activity.id"],
            name=op.f("fk_activity_plan_item_centre_id_activity_id"),
        ),
        sa.ForeignKeyConstraint(
            ["centre_id", "item_id"],
            ["work_plan_item.centre_id", "work_plan_item.id"],
            name=op.f("fk_activity_plan_item_centre_id_item_id"),
        ),
        sa.PrimaryKeyConstraint("activity_id", "item_id", name=op.f("pk_activity_plan_item")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("activity_plan_item", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activity_plan_item_item_id", ["item_id", "status", "occurs_on", "activity_id"], unique=False
        )

    op.create_table(
        "plan_item_rollup",
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("month", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("is_centre_only", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("held_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("participant_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("duration_minutes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_plan_item_rollup_municipality_id_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "item_id"],
            ["work_plan_item.centre_id", "work_plan_item.id"],
            name=op.f("fk_plan_item_rollup_centre_id_item_id"),
        ),
        sa.PrimaryKeyConstraint(
            "centre_id", "item_id", "month", "municipality_id", "is_centre_only", name=op.f("pk_plan_item_rollup")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "reflection_note",
        sa.Column("sheet_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("viewpoint", sa.Text(), nullable=False),
        sa.Column("set_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("visit_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=False),
        sa.Column("office_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("shared_with_ward", sa.Boolean().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("strengths", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_reflection_note_municipality_id_length")),
        sa.CheckConstraint("length(note) <= 2000", name=op.f("ck_reflection_note_note_length")),
        sa.CheckConstraint("length(strengths) <= 2000", name=op.f("ck_reflection_note_strengths_length")),
        sa.CheckConstraint("length(viewpoint) <= 40", name=op.f("ck_reflection_note_viewpoint_length")),
        sa.ForeignKeyConstraint(
            ["set_id", "viewpoint"],
            ["viewpoint.set_id", "viewpoint.code"],
            name=op.f("fk_reflection_note_set_id_viewpoint"),
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["reflection_sheet.id"], name=op.f("fk_reflection_note_sheet_id")),
        sa.PrimaryKeyConstraint("sheet_id", "viewpoint", name=op.f("pk_reflection_note")),
        sqlite_strict=True,
    )
    op.create_table(
        "refresh_token",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.Column("repeated_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=True),
        sa.CheckConstraint("length(token_hash) <= 64", name=op.f("ck_refresh_token_token_hash_length")),
        sa.ForeignKeyConstraint(["session_id"], ["sign_in_session.id"], name=op.f("fk_refresh_token_session_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_refresh_token")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.create_index("ix_refresh_token_session_id", ["session_id"], unique=False)

    op.create_table(
        "target_revision",
        sa.Column("id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("centre_id", sa.Uuid(as_uuid=False).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("municipality_id", sa.Text(), nullable=True),
        sa.Column("effective_on", sa.Date().with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.Column("from_text", sa.Text(), nullable=True),
        sa.Column(
            "from_reading",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=True,
        ),
        sa.Column("from_required", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_text", sa.Text(), nullable=False),
        sa.Column(
            "to_reading",
            postgresql.JSONB(none_as_null=True, astext_type=Text()).with_variant(sa.Text(), "sqlite"),
            nullable=False,
        ),
        sa.Column("to_required", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.CheckConstraint("length(created_by) <= 60", name=op.f("ck_target_revision_created_by_length")),
        sa.CheckConstraint("length(decided_at) <= 200", name=op.f("ck_target_revision_decided_at_length")),
        sa.CheckConstraint("length(from_text) <= 200", name=op.f("ck_target_revision_from_text_length")),
        sa.CheckConstraint("length(municipality_id) <= 6", name=op.f("ck_target_revision_municipality_id_length")),
        sa.CheckConstraint("length(reason) <= 500", name=op.f("ck_target_revision_reason_length")),
        sa.CheckConstraint("length(to_text) <= 200", name=op.f("ck_target_revision_to_text_length")),
        sa.ForeignKeyConstraint(
            ["centre_id", "item_id"],
            ["work_plan_item.centre_id", "work_plan_item.id"],
            name=op.f("fk_target_revision_centre_id_item_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target_revision")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("target_revision", schema=None) as batch_op:
        batch_op.create_index("ix_target_revision_item_id", ["item_id", "effective_on"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO transaction_clock (id, value) VALUES (1, 0)")
    _fence(
        "\nCREATE FUNCTION reach_covered(centre uuid, first date, last date) RETURNS boolean LANGUAGE plpgsql STABLE AS $$\nBEGIN\n  RETURN EXISTS (\n    SELECT 1 FROM unnest(nullif(current_setting('app.windows', true), '')::text[]) AS w(x)\n    WHERE split_part(w.x, '|', 1)::uuid = centre\n      AND split_part(w.x, '|', 2)::date <= last AND split_part(w.x, '|', 3)::date >= first);\nEND $$"
    )
    _fence(
        "\nCREATE FUNCTION reach_of_office(centre uuid, municipality text, seen text, offices uuid[]) RETURNS boolean\nLANGUAGE plpgsql STABLE AS $$\nBEGIN\n  RETURN centre = ANY (coalesce(nullif(current_setting('app.near_centres', true), ''), '{}')::uuid[]) AND (\n    (seen = 'published' AND (municipality IS NULL OR municipality = ANY (coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])))\n    OR (seen IN ('published', 'offices_involved') AND offices && coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[]));\nEND $$"
    )
    _fence(
        "\nCREATE FUNCTION reach_of_activity(\n  centre uuid, municipality text, seen text, on_day date, offices uuid[], is_there boolean\n) RETURNS boolean LANGUAGE plpgsql STABLE AS $$\nBEGIN\n  RETURN (centre = ANY (coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[]) AND seen <> 'centre'\n      AND (municipality IS NULL OR municipality = ANY (coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[]))\n      AND (centre = ANY (coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[]) OR public.reach_covered(centre, on_day, on_day)))\n    OR (is_there AND public.reach_of_office(centre, municipality, seen, offices));\nEND $$"
    )
    _fence(
        "\nCREATE FUNCTION reach_of_parent(activity uuid, centre uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$\nBEGIN\n  RETURN EXISTS (SELECT 1 FROM public.activity a WHERE a.id = reach_of_parent.activity AND a.centre_id = centre);\nEND $$"
    )
    _fence(
        "\nCREATE FUNCTION reach_of_link(activity uuid, centre uuid, office uuid, municipality text) RETURNS boolean\nLANGUAGE plpgsql STABLE AS $$\nBEGIN\n  IF office = ANY (coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[]) OR (centre = ANY (coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])\n      AND (municipality IS NULL OR municipality = ANY (coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[]))) THEN\n    RETURN public.reach_of_parent(activity, centre);\n  END IF;\n  RETURN false;\nEND $$"
    )
    _fence("ALTER TABLE activity_rollup ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE activity_rollup FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON activity_rollup USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (NOT is_centre_only AND centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, month, month)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (NOT is_centre_only AND centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, month, month))))"
    )
    _fence("ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY")
    _fence("CREATE POLICY reach ON audit_entry FOR INSERT WITH CHECK (true)")
    _fence("ALTER TABLE centre ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE centre FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON centre USING (id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1') WITH CHECK (id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1')"
    )
    _fence("ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE idempotency_key FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON idempotency_key USING (caller_id = coalesce(current_setting('app.caller', true), '')) WITH CHECK (caller_id = coalesce(current_setting('app.caller', true), ''))"
    )
    _fence("ALTER TABLE municipality ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE municipality FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON municipality USING (id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[]) OR coalesce(current_setting('app.everywhere', true), '') = '1') WITH CHECK (id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[]) OR coalesce(current_setting('app.everywhere', true), '') = '1')"
    )
    _fence("ALTER TABLE sign_in_counter ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE sign_in_counter FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON sign_in_counter USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE transaction_clock ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE transaction_clock FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON transaction_clock USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE user_account ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE user_account FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON user_account USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE centre_closure ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE centre_closure FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON centre_closure USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1') WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1')"
    )
    _fence("ALTER TABLE centre_coverage ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE centre_coverage FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON centre_coverage USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1') WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1')"
    )
    _fence("ALTER TABLE centre_hours ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE centre_hours FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON centre_hours USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1') WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1')"
    )
    _fence("ALTER TABLE centre_staffing ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE centre_staffing FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON centre_staffing USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1') WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.centres', true), ''), '{}')::uuid[])::uuid[]) OR coalesce(current_setting('app.everywhere', true), '') = '1')"
    )
    _fence("ALTER TABLE closed_month ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE closed_month FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON closed_month USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, month, month)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, month, month))))"
    )
    _fence("ALTER TABLE invitation ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE invitation FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON invitation USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE machine_client ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE machine_client FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON machine_client USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE office ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE office FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON office USING (municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[])) WITH CHECK (municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]))"
    )
    _fence("ALTER TABLE work_programme ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE work_programme FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON work_programme USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[]))))"
    )
    _fence("ALTER TABLE activity ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE activity FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON activity USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR ((centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND visibility <> 'centre' AND (municipality_id IS NULL OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, occurs_on, occurs_on))) OR (deleted_at IS NULL AND reach_of_office(centre_id, municipality_id, visibility, office_ids)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR ((centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND visibility <> 'centre' AND (municipality_id IS NULL OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, occurs_on, occurs_on))) OR (deleted_at IS NULL AND reach_of_office(centre_id, municipality_id, visibility, office_ids))))"
    )
    _fence("ALTER TABLE assignment ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE assignment FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON assignment USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE client_secret ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE client_secret FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON client_secret USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE machine_grant ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE machine_grant FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON machine_grant USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE office_designation ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE office_designation FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON office_designation USING (municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[])) WITH CHECK (municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]))"
    )
    _fence("ALTER TABLE office_strength ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE office_strength FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON office_strength USING (municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[])) WITH CHECK (municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]))"
    )
    _fence("ALTER TABLE person ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE person FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON person USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[])) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]))"
    )
    _fence("ALTER TABLE work_plan ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE work_plan FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON work_plan USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, starts_on, ends_on)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, starts_on, ends_on))))"
    )
    _fence("ALTER TABLE work_programme_item ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE work_programme_item FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON work_programme_item USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[]))))"
    )
    _fence("ALTER TABLE activity_office ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE activity_office FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON activity_office USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_link(activity_id, centre_id, office_id, municipality_id))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_link(activity_id, centre_id, office_id, municipality_id)))"
    )
    _fence("ALTER TABLE activity_organization ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE activity_organization FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON activity_organization USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_parent(activity_id, centre_id))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_parent(activity_id, centre_id)))"
    )
    _fence("ALTER TABLE activity_person ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE activity_person FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON activity_person USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_link(activity_id, centre_id, office_id, municipality_id))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_link(activity_id, centre_id, office_id, municipality_id)))"
    )
    _fence("ALTER TABLE office_visit ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE office_visit FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON office_visit USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL)))"
    )
    _fence("ALTER TABLE person_qualification ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE person_qualification FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON person_qualification USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[])) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.open_municipalities', true), ''), '{}')::text[])::text[]) OR office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]))"
    )
    _fence("ALTER TABLE reflection_sheet ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE reflection_sheet FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON reflection_sheet FOR SELECT USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR ((office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]) OR (shared_with_ward AND centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])))) AND reach_of_parent(visit_id, centre_id)))"
    )
    _fence(
        "CREATE POLICY record ON reflection_sheet FOR INSERT WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) AND NOT shared_with_ward)"
    )
    _fence(
        "CREATE POLICY change ON reflection_sheet FOR UPDATE USING ((centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[])) OR (office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]) AND reach_of_parent(visit_id, centre_id))) WITH CHECK ((centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) AND NOT shared_with_ward) OR (office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]) AND reach_of_parent(visit_id, centre_id)))"
    )
    _fence("ALTER TABLE sign_in_session ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE sign_in_session FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON sign_in_session USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE supervision_session ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE supervision_session FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON supervision_session USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL)))"
    )
    _fence("ALTER TABLE training_date ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE training_date FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON training_date USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_parent(training_id, centre_id))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_parent(training_id, centre_id)))"
    )
    _fence("ALTER TABLE training_event ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE training_event FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON training_event USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, office_ids, deleted_at IS NULL)))"
    )
    _fence("ALTER TABLE work_plan_item ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE work_plan_item FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON work_plan_item USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, starts_on, ends_on)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, starts_on, ends_on))))"
    )
    _fence("ALTER TABLE work_plan_step ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE work_plan_step FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON work_plan_step USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, stepped_on, stepped_on)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, stepped_on, stepped_on))))"
    )
    _fence("ALTER TABLE work_programme_phase ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE work_programme_phase FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON work_programme_phase USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[]))))"
    )
    _fence("ALTER TABLE activity_plan_item ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE activity_plan_item FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON activity_plan_item USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, NULL, false))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (reach_of_activity(centre_id, municipality_id, visibility, occurs_on, NULL, false)))"
    )
    _fence("ALTER TABLE plan_item_rollup ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE plan_item_rollup FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON plan_item_rollup USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (NOT is_centre_only AND centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, month, month)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (NOT is_centre_only AND centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, month, month))))"
    )
    _fence("ALTER TABLE reflection_note ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE reflection_note FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON reflection_note FOR SELECT USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR ((office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]) OR (shared_with_ward AND centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])))) AND reach_of_parent(visit_id, centre_id)))"
    )
    _fence(
        "CREATE POLICY record ON reflection_note FOR INSERT WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) AND NOT shared_with_ward)"
    )
    _fence(
        "CREATE POLICY change ON reflection_note FOR UPDATE USING ((centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[])) OR (office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]) AND reach_of_parent(visit_id, centre_id))) WITH CHECK ((centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) AND NOT shared_with_ward) OR (office_id = ANY ((SELECT coalesce(nullif(current_setting('app.offices', true), ''), '{}')::uuid[])::uuid[]) AND reach_of_parent(visit_id, centre_id)))"
    )
    _fence(
        "CREATE POLICY clear ON reflection_note FOR DELETE USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]))"
    )
    _fence("ALTER TABLE refresh_token ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE refresh_token FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON refresh_token USING (coalesce(current_setting('app.door', true), '') = 'credentials') WITH CHECK (coalesce(current_setting('app.door', true), '') = 'credentials')"
    )
    _fence("ALTER TABLE target_revision ENABLE ROW LEVEL SECURITY")
    _fence("ALTER TABLE target_revision FORCE ROW LEVEL SECURITY")
    _fence(
        "CREATE POLICY reach ON target_revision USING (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, effective_on, effective_on)))) WITH CHECK (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.own_centres', true), ''), '{}')::uuid[])::uuid[]) OR (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.ward_centres', true), ''), '{}')::uuid[])::uuid[]) AND (municipality_id IS NULL OR municipality_id = '' OR municipality_id = ANY ((SELECT coalesce(nullif(current_setting('app.municipalities', true), ''), '{}')::text[])::text[])) AND (centre_id = ANY ((SELECT coalesce(nullif(current_setting('app.free_centres', true), ''), '{}')::uuid[])::uuid[]) OR reach_covered(centre_id, effective_on, effective_on))))"
    )


def downgrade() -> None:

    with op.batch_alter_table("target_revision", schema=None) as batch_op:
        batch_op.drop_index("ix_target_revision_item_id")

    op.drop_table("target_revision")
    with op.batch_alter_table("refresh_token", schema=None) as batch_op:
        batch_op.drop_index("ix_refresh_token_session_id")

    op.drop_table("refresh_token")
    op.drop_table("reflection_note")
    op.drop_table("plan_item_rollup")
    with op.batch_alter_table("activity_plan_item", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_plan_item_item_id")

    op.drop_table("activity_plan_item")
    op.drop_table("work_programme_phase")
    with op.batch_alter_table("work_plan_step", schema=None) as batch_op:
        batch_op.drop_index("ix_work_plan_step_plan_id")

    op.drop_table("work_plan_step")
    op.drop_table("work_plan_item")
    op.drop_table("training_event")
    op.drop_table("training_date")
    op.drop_table("supervision_session")
    with op.batch_alter_table("sign_in_session", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_session_user_id")

    op.drop_table("sign_in_session")
    op.drop_table("reflection_sheet")
    op.drop_table("person_qualification")
    with op.batch_alter_table("office_visit", schema=None) as batch_op:
        batch_op.drop_index("ix_office_visit_office_id")

    op.drop_table("office_visit")
    with op.batch_alter_table("activity_person", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_person_person_id")

    op.drop_table("activity_person")
    op.drop_table("activity_organization")
    with op.batch_alter_table("activity_office", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_office_office_id")

    op.drop_table("activity_office")
    op.drop_table("work_programme_item")
    with op.batch_alter_table("work_plan", schema=None) as batch_op:
        batch_op.drop_index("ix_work_plan_centre_id_changed_tx")

    op.drop_table("work_plan")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index("ix_person_municipality_id_office_id")
        batch_op.drop_index("ix_person_changed_tx")

    op.drop_table("person")
    op.drop_table("office_strength")
    op.drop_table("office_designation")
    with op.batch_alter_table("machine_grant", schema=None) as batch_op:
        batch_op.drop_index("ix_machine_grant_machine_client_id")

    op.drop_table("machine_grant")
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.drop_index("ix_client_secret_machine_client_id")

    op.drop_table("client_secret")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_user_id")
        batch_op.drop_index("ix_assignment_municipality_id")
        batch_op.drop_index("ix_assignment_centre_id")

    op.drop_table("assignment")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_activity_centre_id_external_source_external_id",
            postgresql_where=sa.text("external_id IS NOT NULL"),
            sqlite_where=sa.text("external_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_activity_centre_id_occurs_on_id")
        batch_op.drop_index("ix_activity_centre_id_changed_tx_id")

    op.drop_table("activity")
    with op.batch_alter_table("work_programme", schema=None) as batch_op:
        batch_op.drop_index("ix_work_programme_centre_id_changed_tx")

    op.drop_table("work_programme")
    op.drop_table("viewpoint")
    with op.batch_alter_table("office", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_office_municipality_id_office_number",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_office_municipality_id_external_source_external_id",
            postgresql_where=sa.text("deleted_at IS NULL"),
            sqlite_where=sa.text("deleted_at IS NULL"),
        )
        batch_op.drop_index("ix_office_municipality_id_name_kana")
        batch_op.drop_index("ix_office_municipality_id_changed_tx")

    op.drop_table("office")
    op.drop_table("machine_client")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index("ix_invitation_user_id")

    op.drop_table("invitation")
    op.drop_table("closed_month")
    op.drop_table("centre_staffing")
    op.drop_table("centre_hours")
    with op.batch_alter_table("centre_coverage", schema=None) as batch_op:
        batch_op.drop_index("ix_centre_coverage_municipality")

    op.drop_table("centre_coverage")
    op.drop_table("centre_closure")
    op.drop_table("viewpoint_set")
    op.drop_table("user_account")
    op.drop_table("transaction_clock")
    op.drop_table("sign_in_counter")
    with op.batch_alter_table("municipality", schema=None) as batch_op:
        batch_op.drop_index("ix_municipality_changed_tx")

    op.drop_table("municipality")
    op.drop_table("idempotency_key")
    with op.batch_alter_table("centre", schema=None) as batch_op:
        batch_op.drop_index("ix_centre_changed_tx")

    op.drop_table("centre")
    op.drop_table("audit_entry")
    op.drop_table("activity_rollup")
    _fence("DROP FUNCTION reach_covered")
    _fence("DROP FUNCTION reach_of_office")
    _fence("DROP FUNCTION reach_of_activity")
    _fence("DROP FUNCTION reach_of_parent")
    _fence("DROP FUNCTION reach_of_link")
