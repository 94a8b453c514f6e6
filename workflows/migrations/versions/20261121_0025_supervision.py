"""Escalations and supervision orders, and the level of a task's open escalation beside the task."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0025"
down_revision = "20261121_0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_escalation()
    _create_order()
    with op.batch_alter_table("task") as batch:
        batch.add_column(sa.Column("escalated", sa.String(8), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("task") as batch:
        batch.drop_column("escalated")
    op.drop_table("supervision_order")
    op.drop_table("escalation")


def _create_escalation() -> None:
    op.create_table(
        "escalation",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("clause", sa.String(200), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("raised_at", AT, nullable=False),
        sa.Column("post", sa.String(24), nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.Column("assignee_id", ID, nullable=False),
        sa.Column("chain", sa.JSON(), nullable=False),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("climb_at", AT, nullable=True),
        sa.Column("acknowledged_by", ID, nullable=True),
        sa.Column("acknowledged_at", AT, nullable=True),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("closed_at", AT, nullable=True),
        sa.Column("ever_overdue", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_escalation_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_escalation_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
    )
    op.create_index(op.f("ix_escalation_case_id"), "escalation", ["case_id"])
    op.create_index("ix_escalation_work", "escalation", ["task_id", "period"], unique=True)
    op.create_index("ix_escalation_rank", "escalation", ["state", "risk", "since", "id"])
    op.create_index("ix_escalation_climb", "escalation", ["state", "climb_at"])


def _create_order() -> None:
    op.create_table(
        "supervision_order",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(48), nullable=False),
        sa.Column("escalation_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("issued_by", ID, nullable=False),
        sa.Column("issued_post", sa.String(24), nullable=False),
        sa.Column("issued_unit_id", ID, nullable=False),
        sa.Column("issued_at", AT, nullable=False),
        sa.Column("reply_due_at", AT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("late_at", AT, nullable=True),
        sa.Column("reply_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("replied_by", ID, nullable=True),
        sa.Column("replied_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_supervision_order_case_id")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_supervision_order_escalation_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_supervision_order_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_order")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_order_number")),
    )
    op.create_index(op.f("ix_supervision_order_escalation_id"), "supervision_order", ["escalation_id"])
    op.create_index(op.f("ix_supervision_order_task_id"), "supervision_order", ["task_id"])
    op.create_index("ix_supervision_order_due", "supervision_order", ["state", "reply_due_at"])
