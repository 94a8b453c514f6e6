"""Whether the password of an account is one that somebody else has set.

Code before this revision runs on the new table: it does not know the column, and gives passwords that need no change.
Whoever has an account keeps its password.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0105"
down_revision = "20261122_0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.add_column(sa.Column("start_password", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("account") as account:
        account.drop_column("start_password")
