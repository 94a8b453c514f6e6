"""Petitions: to whom the result of an assigned item is reported.

Old code and the new column: the code before this revision does not know it and leaves it empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0158"
down_revision = "20261122_0133"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("petition_register", sa.Column("assigned_by", ID, nullable=True))


def downgrade() -> None:
    op.drop_column("petition_register", "assigned_by")
