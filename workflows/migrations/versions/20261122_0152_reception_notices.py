"""Who was told of being on the roster of a reception day.

Old code and the new table: the code before this revision neither reads nor writes it.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0152"
down_revision = "20261122_0151"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reception_notice",
        sa.Column("day_id", ID, sa.ForeignKey("reception_day.id"), primary_key=True),
        sa.Column("account_id", ID, sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_reception_notice_account", "reception_notice", ["account_id", "seen_at"])


def downgrade() -> None:
    op.drop_table("reception_notice")
