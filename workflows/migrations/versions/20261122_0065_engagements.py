"""Audit engagements: who may look into which dossiers for how long, and what was printed.

Code before this revision runs on these tables: all are new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0065"
down_revision = "20261122_0080"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_engagement()
    _create_bare_print()
    _create_print_batch()
    _create_print_item()


def downgrade() -> None:
    with op.batch_alter_table("print_item", schema=None) as batch_op:
        batch_op.drop_index("ix_print_item_state")
        batch_op.drop_index(batch_op.f("ix_print_item_case_id"))

    op.drop_table("print_item")
    op.drop_table("print_batch")
    with op.batch_alter_table("bare_print", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bare_print_engagement_id"))

    op.drop_table("bare_print")
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_engagement_auditor_id"))

    op.drop_table("engagement")


def _create_engagement() -> None:
    op.create_table(
        "engagement",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("auditor_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("opened_since", sa.Date(), nullable=False),
        sa.Column("opened_until", sa.Date(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.Column("cases", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["auditor_id"], ["account.id"], name=op.f("fk_engagement_auditor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_engagement_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
        sa.UniqueConstraint("number", name=op.f("uq_engagement_number")),
    )
    with op.batch_alter_table("engagement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_engagement_auditor_id"), ["auditor_id"], unique=False)


def _create_bare_print() -> None:
    op.create_table(
        "bare_print",
        sa.Column("id", ID, nullable=False),
        sa.Column("engagement_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("item_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_bare_print_case_id")),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_bare_print_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bare_print")),
    )
    with op.batch_alter_table("bare_print", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bare_print_engagement_id"), ["engagement_id"], unique=False)


def _create_print_batch() -> None:
    op.create_table(
        "print_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("engagement_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("auditor_id", ID, nullable=False),
        sa.Column("reveal", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("job_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["engagement_id"], ["engagement.id"], name=op.f("fk_print_batch_engagement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_batch")),
        sa.UniqueConstraint("engagement_id", "number", name=op.f("uq_print_batch_engagement_id_number")),
    )


def _create_print_item() -> None:
    op.create_table(
        "print_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=48), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=True),
        sa.Column("redacted", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("file", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pdf_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["print_batch.id"], name=op.f("fk_print_item_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_print_item_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_item")),
        sa.UniqueConstraint("batch_id", "seq", name=op.f("uq_print_item_batch_id_seq")),
        sa.UniqueConstraint("number", name=op.f("uq_print_item_number")),
    )
    with op.batch_alter_table("print_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_item_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_print_item_state", ["batch_id", "state"], unique=False)
