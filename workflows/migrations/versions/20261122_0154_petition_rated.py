"""Petitions: what she says herself, by the code of her slip, of how her item was handled.

Old code and the new columns: the code before this revision does not know them and leaves them empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0154"
down_revision = "20261122_0153"
branch_labels = None
depends_on = None

COLUMNS = (("rated", sa.String(16)), ("rated_on", sa.Date()), ("rated_answered", sa.Boolean()))


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("petition_register", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in COLUMNS:
        op.drop_column("petition_register", name)
