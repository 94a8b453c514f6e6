"""The fixed figures of a month of loans (L-08).

Old code and the new tables: the code before this revision can run on them; it does not know them.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0052"
down_revision = "20261121_0045"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_loan_statistic()


def downgrade() -> None:
    op.drop_table("loan_statistic")


def _create_loan_statistic() -> None:
    op.create_table(
        "loan_statistic",
        sa.Column("id", ID, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_loan_statistic_county_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_loan_statistic_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_statistic")),
        sa.UniqueConstraint(
            "county_id",
            "month",
            "version",
            "unit_id",
            "code",
            name=op.f("uq_loan_statistic_county_id_month_version_unit_id_code"),
        ),
    )
