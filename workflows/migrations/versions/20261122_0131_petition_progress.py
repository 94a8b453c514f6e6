"""The code on her slip, by which a petitioner asks how far her item has come; kept as a keyed hash.

Old code and the new column: the code before this revision leaves it empty, and such an item answers as one that is not there.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0131"
down_revision = "20261122_0122"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition_register", sa.Column("progress_hash", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("petition_register") as batch:
        batch.drop_column("progress_hash")
