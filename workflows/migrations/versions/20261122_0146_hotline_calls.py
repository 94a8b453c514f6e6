"""The register of calls to 12338.

Old code and the new table: the code before this revision can run on it; it answers no telephone.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0146"
down_revision = "20261122_0150"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hotline_register",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("agent_id", ID, nullable=False),
        sa.Column("agent_post", sa.String(length=24), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("caller", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("harm", sa.Boolean(), nullable=False),
        sa.Column("result", sa.String(length=16), nullable=False),
        sa.Column("to_unit_id", ID, nullable=True),
        sa.Column("passed_on", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_hotline_register_case_id")),
        sa.ForeignKeyConstraint(["to_unit_id"], ["unit.id"], name=op.f("fk_hotline_register_to_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hotline_register_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_hotline_register")),
    )
    op.create_index("ix_hotline_register_called_at", "hotline_register", ["called_at"])


def downgrade() -> None:
    op.drop_index("ix_hotline_register_called_at", "hotline_register")
    op.drop_table("hotline_register")
