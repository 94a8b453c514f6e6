"""The record of grants: engagements, leave to print, break-glass.

Code before this revision runs on these tables: the only one is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0110"
down_revision = "20261122_0120"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "grant_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant_log")),
        sa.UniqueConstraint("seq", name=op.f("uq_grant_log_seq")),
    )


def downgrade() -> None:
    op.drop_table("grant_log")
