"""Columns for the structural verbs: delegation, seats of several signers, suspension.

Code before this revision runs on the new tables: every new column is empty or has a default.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0035"
down_revision = "20261121_0040"
branch_labels = None
depends_on = None

#: 64-bit; SQLite only numbers rows by itself in a column it calls INTEGER
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = ("owner_id", "seat", "seat_of", "seat_order", "suspended_at", "suspended_until", "carried")


def upgrade() -> None:
    with op.batch_alter_table("task") as batch:
        batch.add_column(sa.Column("owner_id", ID))
        batch.add_column(sa.Column("seat", sa.String(8), server_default="", nullable=False))
        batch.add_column(sa.Column("seat_of", ID))
        batch.add_column(sa.Column("seat_order", sa.Integer(), server_default="0", nullable=False))
        batch.add_column(sa.Column("suspended_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("suspended_until", sa.Date()))
        batch.add_column(sa.Column("carried", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    with op.batch_alter_table("task") as batch:
        for name in reversed(NEW):
            batch.drop_column(name)
