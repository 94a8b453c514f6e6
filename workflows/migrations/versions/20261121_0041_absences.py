"""Absences: who acts in whose place, and what was done that way.

Code before this revision runs on these tables: both are new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0041"
down_revision = "20261121_0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("absent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("deputy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("with_held", sa.Boolean(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
        sa.UniqueConstraint("absent_id", "number", name=op.f("uq_absence_absent_id_number")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index("ix_absence_deputy", ["deputy_id", "id"], unique=False)

    op.create_table(
        "absence_act",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("absence_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("for_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["absence_id"], ["absence.id"], name=op.f("fk_absence_act_absence_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_absence_act_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_absence_act_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_act")),
    )
    with op.batch_alter_table("absence_act", schema=None) as batch_op:
        batch_op.create_index("ix_absence_act_by", ["by_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_act_case_id"), ["case_id"], unique=False)
        batch_op.create_index("ix_absence_act_for", ["for_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_absence_act_task_id"), ["task_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("absence_act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absence_act_task_id"))
        batch_op.drop_index("ix_absence_act_for")
        batch_op.drop_index(batch_op.f("ix_absence_act_case_id"))
        batch_op.drop_index("ix_absence_act_by")

    op.drop_table("absence_act")
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.drop_index("ix_absence_deputy")

    op.drop_table("absence")
