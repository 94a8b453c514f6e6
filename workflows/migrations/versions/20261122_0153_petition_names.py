"""The keyed hash of a petitioner's name, by which an earlier item may be found.

Old code and the new column: the code before this revision leaves it empty, and such an item is not found by name.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0153"
down_revision = "20261122_0147"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition_register", sa.Column("name_hash", sa.String(length=64), nullable=True))
    op.create_index("ix_petition_register_name_hash", "petition_register", ["name_hash"])


def downgrade() -> None:
    op.drop_index("ix_petition_register_name_hash", "petition_register")
    with op.batch_alter_table("petition_register") as batch:
        batch.drop_column("name_hash")
