"""Requests to put somebody in charge of a confidential case that has lost its people.

Code before this revision runs on these tables: the only one is new.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0142"
down_revision = "20261122_0146"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "succession",
        sa.Column("id", ID, nullable=False),
        sa.Column("handle", sa.String(length=16), nullable=False),
        sa.Column("path", sa.String(length=80), nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("member_id", ID, nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_succession_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_succession")),
    )
    with op.batch_alter_table("succession", schema=None) as batch_op:
        batch_op.create_index("ix_succession_asked", ["state", "asked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_succession_case_id"), ["case_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("succession", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_succession_case_id"))
        batch_op.drop_index("ix_succession_asked")

    op.drop_table("succession")
