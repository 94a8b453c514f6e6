"""Break-glass requests: who asked, who confirmed, until when, what the review found.

Code before this revision runs on these tables: the only one is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0066"
down_revision = "20261122_0076"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "glass",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("post", sa.String(length=24), nullable=False),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by", ID, nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", ID, nullable=True),
        sa.Column("justified", sa.Boolean(), nullable=True),
        sa.Column("review_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_glass_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glass")),
    )
    with op.batch_alter_table("glass", schema=None) as batch_op:
        batch_op.create_index("ix_glass_asked", ["state", "asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_glass_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("glass", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_glass_case_id"))
        batch_op.drop_index("ix_glass_asked")

    op.drop_table("glass")
