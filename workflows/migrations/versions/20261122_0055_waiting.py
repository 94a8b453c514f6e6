"""What was awaited in vain: reminders of suspended steps, and the steps that wait, by the day they wait for.

Old code and the new tables: the code before this revision can run on them; it does not know them.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0055"
down_revision = "20261122_0070"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    waits = sa.text("suspended_until IS NOT NULL")
    op.create_index("ix_task_waits", "task", ["suspended_until"], sqlite_where=waits, postgresql_where=waits)
    op.create_table(
        "wait_reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lift_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_wait_reminder_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_wait_reminder_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wait_reminder")),
        sa.UniqueConstraint("instance_id", "token", "since", name=op.f("uq_wait_reminder_instance_id_token_since")),
    )
    op.create_index(op.f("ix_wait_reminder_case_id"), "wait_reminder", ["case_id"])
    op.create_index(op.f("ix_wait_reminder_lift_at"), "wait_reminder", ["lift_at"])


def downgrade() -> None:
    op.drop_table("wait_reminder")
    op.drop_index("ix_task_waits", "task")
