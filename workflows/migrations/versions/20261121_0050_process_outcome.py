"""The end event each process of a case came to; until now a case held one process, and its outcome was the case's.

Old code and the new tables: the code before this revision can run on them; it leaves the new column empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0050"
down_revision = "20261121_0043"
branch_labels = None
depends_on = None

_INSTANCE = sa.table("instance", sa.column("case_id"), sa.column("status"), sa.column("outcome"))
_CASE = sa.table("case_file", sa.column("id"), sa.column("outcome"))


def upgrade() -> None:
    with op.batch_alter_table("instance") as instance:
        instance.add_column(sa.Column("outcome", sa.String(40), nullable=True))
    outcome = sa.select(_CASE.c.outcome).where(_CASE.c.id == _INSTANCE.c.case_id).scalar_subquery()
    op.execute(sa.update(_INSTANCE).where(_INSTANCE.c.status == "ended").values(outcome=outcome))


def downgrade() -> None:
    with op.batch_alter_table("instance") as instance:
        instance.drop_column("outcome")
