"""Whose consent an extension rests on, beside its reason.

Old code and the new column: the code before this revision leaves it empty, as for a period that needs no consent.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0150"
down_revision = "20261122_0141"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clock_extension", sa.Column("consents_sealed", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("clock_extension") as batch:
        batch.drop_column("consents_sealed")
