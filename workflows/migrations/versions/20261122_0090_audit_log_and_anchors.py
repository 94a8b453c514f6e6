"""The record of audits, the anchors over all chains, and the indices by which the log is searched.

Old code and the new tables: the code before this revision can run on them; it makes no anchors.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0090"
down_revision = "20261122_0060"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "anchor",
        sa.Column("seq", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leaves", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("others", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_anchor")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_log_seq")),
    )
    op.create_table(
        "anchor_head",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("anchor_seq", ID, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["anchor_seq"], ["anchor.seq"], name=op.f("fk_anchor_head_anchor_seq")),
        sa.PrimaryKeyConstraint("case_id", "anchor_seq", name=op.f("pk_anchor_head")),
    )
    op.create_index("ix_anchor_head_anchor", "anchor_head", ["anchor_seq"])
    op.create_index("ix_history_actor", "history", ["actor_id", "at", "id"])
    op.create_index("ix_history_at", "history", ["at", "id"])
    op.create_index("ix_history_kind", "history", ["kind", "at", "id"])
    op.create_index("ix_read_log_actor", "read_log", ["actor_id", "at", "id"])
    op.create_index("ix_read_log_at", "read_log", ["at", "id"])


def downgrade() -> None:
    op.drop_index("ix_read_log_at", table_name="read_log")
    op.drop_index("ix_read_log_actor", table_name="read_log")
    op.drop_index("ix_history_kind", table_name="history")
    op.drop_index("ix_history_at", table_name="history")
    op.drop_index("ix_history_actor", table_name="history")
    op.drop_index("ix_anchor_head_anchor", table_name="anchor_head")
    op.drop_table("anchor_head")
    op.drop_table("audit_log")
    op.drop_table("anchor")
    op.execute("DELETE FROM number_series WHERE series IN ('*audit', '*organisation')")
