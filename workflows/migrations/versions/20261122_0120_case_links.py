"""Cases that belong together.

Old code and the new table: the code before this revision can run on it; it links nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0120"
down_revision = "20261122_0105"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "case_link",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("other_id", ID, nullable=False),
        sa.Column("relation", sa.String(length=24), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_link_case_id")),
        sa.ForeignKeyConstraint(["other_id"], ["case_file.id"], name=op.f("fk_case_link_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
        sa.UniqueConstraint("case_id", "other_id", "relation", name=op.f("uq_case_link_case_id_other_id_relation")),
    )
    op.create_index("ix_case_link_other", "case_link", ["other_id"])


def downgrade() -> None:
    op.drop_index("ix_case_link_other", "case_link")
    op.drop_table("case_link")
