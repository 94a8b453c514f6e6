"""Fixed versions of the analysis of petitions (信访研判), with the measures proposed.

Old code and the new table: the code before this revision neither reads nor writes it.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0151"
down_revision = "20261122_0142"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "analysis_version",
        sa.Column("id", ID, primary_key=True),
        sa.Column("unit_id", ID, sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("span", sa.String(length=8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_by", ID, sa.ForeignKey("account.id"), nullable=False),
        sa.Column("made_post", sa.String(length=24), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", ID, sa.ForeignKey("account.id")),
        sa.Column("signed_post", sa.String(length=24)),
        sa.Column("signed_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("unit_id", "span", "number"),
    )


def downgrade() -> None:
    op.drop_table("analysis_version")
