"""Background jobs, what comes round, and the processes that run them.

Old code and the new tables: code before this revision runs on them; it never looks at them.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0030"
down_revision = "20261121_0041"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(80), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("next_at", AT, nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(80), nullable=True),
        sa.Column("reference", sa.String(16), nullable=True),
        sa.Column("executor", sa.String(80), nullable=True),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("begun_at", AT, nullable=True),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("touched_by", ID, nullable=True),
        sa.Column("touched_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("once", name=op.f("uq_job_once")),
    )
    op.create_index("ix_job_next", "job", ["state", "next_at", "id"])
    op.create_table(
        "schedule",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("last_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.Column("failed_at", AT, nullable=True),
        sa.Column("error", sa.String(80), nullable=True),
        sa.Column("reference", sa.String(16), nullable=True),
        sa.Column("executor", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_schedule")),
    )
    op.create_table(
        "executor",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("beats", sa.BigInteger(), nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("beat_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executor")),
    )


def downgrade() -> None:
    op.drop_table("executor")
    op.drop_table("schedule")
    op.drop_table("job")
