"""The first tables: the engine's cases, the organisation, the policies, and the registers of the loan.

There is no code older than this revision.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0001"
down_revision = None
branch_labels = None
depends_on = None

#: 64-bit; SQLite only numbers rows by itself in a column it calls INTEGER
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: an instant in UTC
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_organisation()
    _create_cases()
    _create_loan_registers()


def downgrade() -> None:
    op.drop_table("signature")
    op.drop_table("form_version")
    op.drop_table("timer")
    op.drop_table("task")
    op.drop_table("loan_register")
    op.drop_table("seal_register")
    op.drop_table("relative")
    op.drop_table("post_holding")
    op.drop_table("policy")
    op.drop_table("period_use")
    op.drop_table("notice")
    op.drop_table("login_session")
    op.drop_table("instance")
    op.drop_table("history")
    op.drop_table("guarantee")
    op.drop_table("draft")
    op.drop_table("document")
    op.drop_table("case_share")
    op.drop_table("unit")
    op.drop_table("sign_in_failure")
    op.drop_table("read_log")
    op.drop_table("number_series")
    op.drop_table("idempotency")
    op.drop_table("definition")
    op.drop_table("case_file")
    op.drop_table("reference_state")
    op.drop_table("calendar_day")
    op.drop_table("blob")
    op.drop_table("account")


def _create_organisation() -> None:
    op.create_table(
        "account",
        sa.Column("id", ID, nullable=False),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("password_hash", sa.String(120), nullable=False),
        sa.Column("id_hash", sa.String(64), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
    )
    op.create_index(op.f("ix_account_id_hash"), "account", ["id_hash"])
    op.create_table(
        "reference_state",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_state")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", ID, nullable=False),
        sa.Column("login_hash", sa.String(64), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    op.create_index(op.f("ix_sign_in_failure_address"), "sign_in_failure", ["address_hash", "at"])
    op.create_index(op.f("ix_sign_in_failure_login"), "sign_in_failure", ["login_hash", "at"])
    op.create_table(
        "unit",
        sa.Column("id", ID, nullable=False),
        sa.Column("parent_id", ID, nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("path", sa.String(80), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
    )
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"])
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("seen_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_session")),
    )
    op.create_index(op.f("ix_login_session_account_id"), "login_session", ["account_id"])
    op.create_index(op.f("ix_login_session_expires_at"), "login_session", ["expires_at"])
    op.create_table(
        "policy",
        sa.Column("id", ID, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("scope", sa.String(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("label", sa.String(80), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_policy_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
    )
    op.create_index(op.f("ix_policy_choice"), "policy", ["county_id", "scope", "valid_from", "id"])
    op.create_table(
        "post_holding",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("post", sa.String(24), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_post_holding_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_post_holding_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_holding")),
    )
    op.create_index(op.f("ix_post_holding_account"), "post_holding", ["account_id", "since"])
    op.create_index(op.f("ix_post_holding_place"), "post_holding", ["unit_id", "post"])
    op.create_table(
        "relative",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("id_hash", sa.String(64), nullable=False),
        sa.Column("relation", sa.String(16), nullable=False),
        sa.Column("declared_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_relative_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relative")),
        sa.UniqueConstraint("account_id", "id_hash", name=op.f("uq_relative_account_id_id_hash")),
    )


def _create_cases() -> None:
    op.create_table(
        "blob",
        sa.Column("id", ID, nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blob")),
        sa.UniqueConstraint("content_hash", name=op.f("uq_blob_content_hash")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "case_file",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("confidentiality", sa.String(2), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("path", sa.String(80), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("policy_id", ID, nullable=True),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_hash", sa.String(64), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(64), nullable=False),
        sa.Column("last_mac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
    )
    op.create_index(op.f("ix_case_file_path"), "case_file", ["path"])
    op.create_index(op.f("ix_case_file_started"), "case_file", ["created_by", "id"])
    op.create_index(op.f("ix_case_file_subject_hash"), "case_file", ["subject_hash"])
    op.create_table(
        "definition",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("bpmn", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_definition")),
        sa.UniqueConstraint("key", "digest", name=op.f("uq_definition_key_digest")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_definition_key_version")),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("request_digest", sa.String(64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("actor_id", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"])
    op.create_table(
        "number_series",
        sa.Column("series", sa.String(40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_series")),
    )
    op.create_table(
        "read_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_log")),
    )
    op.create_index(op.f("ix_read_log_case_id"), "read_log", ["case_id"])
    op.create_table(
        "case_share",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_share_case_id")),
        sa.PrimaryKeyConstraint("case_id", "unit_id", name=op.f("pk_case_share")),
    )
    op.create_index(op.f("ix_case_share_unit_id"), "case_share", ["unit_id"])
    op.create_table(
        "document",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("removed_at", AT, nullable=True),
        sa.Column("removed_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_document_blob_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_document_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(op.f("ix_document_case_id"), "document", ["case_id"])
    op.create_table(
        "draft",
        sa.Column("case_id", ID, nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_draft_case_id")),
        sa.PrimaryKeyConstraint("case_id", "form", "by_id", name=op.f("pk_draft")),
    )
    op.create_table(
        "history",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("post", sa.String(24), nullable=True),
        sa.Column("task_id", ID, nullable=True),
        sa.Column("element", sa.String(64), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("mac", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_history_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("case_id", "seq", name=op.f("uq_history_case_id_seq")),
    )
    op.create_table(
        "instance",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("definition_id", ID, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("started_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_instance_case_id")),
        sa.ForeignKeyConstraint(["definition_id"], ["definition.id"], name=op.f("fk_instance_definition_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_index(op.f("ix_instance_case_id"), "instance", ["case_id"])
    op.create_index(op.f("ix_instance_definition_id"), "instance", ["definition_id"])
    op.create_table(
        "notice",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("post", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("read_at", AT, nullable=True),
        sa.Column("read_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_inbox"), "notice", ["unit_id", "post", "read_at", "id"])
    op.create_table(
        "period_use",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("started_at", AT, nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.Column("paused_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_period_use_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period_use")),
        sa.UniqueConstraint("case_id", "period", name=op.f("uq_period_use_case_id_period")),
    )
    op.create_table(
        "task",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("post", sa.String(24), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("acting_for", sa.String(24), nullable=True),
        sa.Column("acting_reason", sa.String(40), nullable=True),
        sa.Column("assignee_id", ID, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("rank_at", AT, nullable=False),
        sa.Column("overdue_since", AT, nullable=True),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("closed_by", ID, nullable=True),
        sa.Column("close_reason", sa.String(12), nullable=True),
        sa.Column("previous_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_task_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(op.f("ix_task_case_id"), "task", ["case_id"])
    op.create_index(op.f("ix_task_done"), "task", ["closed_by", "closed_at", "id"])
    op.create_index(op.f("ix_task_instance_id"), "task", ["instance_id"])
    op.create_index(op.f("ix_task_mine"), "task", ["state", "assignee_id", "rank_at", "id"])
    op.create_index(op.f("ix_task_overdue"), "task", ["state", "overdue_since", "id"])
    op.create_index(op.f("ix_task_pool"), "task", ["state", "unit_id", "post", "assignee_id", "rank_at", "id"])
    op.create_table(
        "timer",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("attached_to", sa.String(64), nullable=True),
        sa.Column("period", sa.String(40), nullable=True),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_timer_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    op.create_index(op.f("ix_timer_due"), "timer", ["state", "due_at"])
    op.create_index(op.f("ix_timer_instance_id"), "timer", ["instance_id"])
    op.create_table(
        "form_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_form_version_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_form_version_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("case_id", "form", "number", name=op.f("uq_form_version_case_id_form_number")),
    )
    op.create_table(
        "signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("form_version_id", ID, nullable=False),
        sa.Column("form", sa.String(40), nullable=False),
        sa.Column("signer_id", ID, nullable=False),
        sa.Column("signer_name", sa.String(60), nullable=False),
        sa.Column("post", sa.String(24), nullable=False),
        sa.Column("acting_for", sa.String(24), nullable=True),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("signed_at", AT, nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_signature_case_id")),
        sa.ForeignKeyConstraint(["form_version_id"], ["form_version.id"], name=op.f("fk_signature_form_version_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_signature_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    op.create_index(op.f("ix_signature_case_id"), "signature", ["case_id"])


def _create_loan_registers() -> None:
    op.create_table(
        "guarantee",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guarantor_hash", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("papers_after", AT, nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_guarantee_case_id")),
        sa.PrimaryKeyConstraint("case_id", "slot", name=op.f("pk_guarantee")),
    )
    op.create_index(op.f("ix_guarantee_guarantor_hash"), "guarantee", ["guarantor_hash"])
    op.create_table(
        "seal_register",
        sa.Column("id", ID, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("stamped_on", sa.Date(), nullable=False),
        sa.Column("keeper_id", ID, nullable=False),
        sa.Column("approver_id", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_seal_register_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_seal_register_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal_register")),
        sa.UniqueConstraint("county_id", "number", name=op.f("uq_seal_register_county_id_number")),
    )
    op.create_index(op.f("ix_seal_register_case_id"), "seal_register", ["case_id"])
    op.create_table(
        "loan_register",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("subject_hash", sa.String(64), nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("submitted_at", AT, nullable=False),
        sa.Column("policy_id", ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("holds_hash", sa.String(64), nullable=True),
        sa.Column("requested_cents", sa.BigInteger(), nullable=False),
        sa.Column("approved_cents", sa.BigInteger(), nullable=True),
        sa.Column("disbursed_cents", sa.BigInteger(), nullable=True),
        sa.Column("refusal_codes", sa.String(200), nullable=False),
        sa.Column("prior_declared", sa.Integer(), nullable=False),
        sa.Column("jobs_created", sa.Integer(), nullable=False),
        sa.Column("stamped_on", sa.Date(), nullable=True),
        sa.Column("disbursed_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_loan_register_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_loan_register_county_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_loan_register_policy_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_loan_register_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_loan_register")),
        sa.UniqueConstraint("holds_hash", name=op.f("uq_loan_register_holds_hash")),
    )
    op.create_index(op.f("ix_loan_register_statistics"), "loan_register", ["county_id", "state", "applied_on"])
    op.create_index(op.f("ix_loan_register_subject_hash"), "loan_register", ["subject_hash"])
