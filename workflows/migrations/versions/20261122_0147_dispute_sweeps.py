"""The register of dispute sweeps.

Old code and the new table: the code before this revision can run on it; it sets no sweep.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0147"
down_revision = "20261122_0152"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dispute_sweep",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("reported_by", ID, nullable=True),
        sa.Column("none_found", sa.Boolean(), nullable=False),
        sa.Column("case_families", sa.Integer(), nullable=False),
        sa.Column("conflict_families", sa.Integer(), nullable=False),
        sa.Column("petition_families", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_dispute_sweep_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_dispute_sweep_county_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_dispute_sweep_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_dispute_sweep")),
        sa.UniqueConstraint("unit_id", "quarter", name="uq_dispute_sweep_unit_id"),
    )


def downgrade() -> None:
    op.drop_table("dispute_sweep")
