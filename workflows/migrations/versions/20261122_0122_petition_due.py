"""The last day of a petition: figures count what was due in a period.

Old code and the new column: the code before this revision leaves it empty, and its items are in no figure.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0122"
down_revision = "20261122_0111"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("petition_register", sa.Column("due_on", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("petition_register") as batch:
        batch.drop_column("due_on")
