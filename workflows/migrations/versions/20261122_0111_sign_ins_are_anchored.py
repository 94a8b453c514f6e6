"""An attempt to sign in is only ever added: one that waited for its code is followed by another.

Code before this revision runs on these tables: the column may be NULL, and it never asks for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0111"
down_revision = "20261122_0124"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("sign_in_record", sa.Column("waited_id", ID, nullable=True))


def downgrade() -> None:
    op.drop_column("sign_in_record", "waited_id")
