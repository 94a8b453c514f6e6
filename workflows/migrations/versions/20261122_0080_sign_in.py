"""Second factors, known devices, what was tried at the door, tokens, linked identities; sessions with stages.

Everybody signs in again: what an old session was begun with is not known. Old code cannot open sessions on the new tables.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0080"
down_revision = "20261122_0055"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "request_count",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("minute", ID, autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", "minute", name=op.f("pk_request_count")),
    )
    op.create_table(
        "account_identity",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("issuer", sa.String(length=200), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("linked_by", ID, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_identity_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_account_identity_account_id"), "account_identity", ["account_id"])

    op.create_table(
        "api_token",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("start", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_account_id"), "api_token", ["account_id"])

    op.create_table(
        "factor_reset",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_factor_reset_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
    )
    op.create_index(op.f("ix_factor_reset_account_id"), "factor_reset", ["account_id"])

    op.create_table(
        "known_device",
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_known_device_account_id")),
        sa.PrimaryKeyConstraint("device_hash", "account_id", name=op.f("pk_known_device")),
    )
    op.create_index("ix_known_device_account", "known_device", ["account_id"])

    op.create_table(
        "recovery_code",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index("ix_recovery_code_account", "recovery_code", ["account_id"])

    op.create_table(
        "second_factor",
        sa.Column("account_id", ID, autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", ID, nullable=False),
        sa.Column("pending", sa.LargeBinary(), nullable=True),
        sa.Column("pending_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_second_factor_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "sign_in_record",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=12), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_record_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_record")),
    )
    op.create_index("ix_sign_in_record_account", "sign_in_record", ["account_id", "id"])
    op.create_index("ix_sign_in_record_at", "sign_in_record", ["at"])

    op.execute(sa.delete(sa.table("login_session")))
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column("idle_until", sa.DateTime(timezone=True), nullable=False))
        batch_op.add_column(sa.Column("idle_minutes", sa.Integer(), nullable=False))
        batch_op.add_column(sa.Column("stage", sa.String(length=8), nullable=False))
        batch_op.add_column(sa.Column("how", sa.String(length=16), nullable=False))
        batch_op.add_column(sa.Column("place", sa.String(length=12), nullable=False))
        batch_op.add_column(sa.Column("device", sa.String(length=40), nullable=False))
        batch_op.add_column(sa.Column("failed_before", sa.Integer(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("login_session") as batch_op:
        for column in ("failed_before", "device", "place", "how", "stage", "idle_minutes", "idle_until", "renewed_at"):
            batch_op.drop_column(column)
    for table in (
        "sign_in_record",
        "second_factor",
        "recovery_code",
        "known_device",
        "factor_reset",
        "api_token",
        "account_identity",
        "request_count",
    ):
        op.drop_table(table)
