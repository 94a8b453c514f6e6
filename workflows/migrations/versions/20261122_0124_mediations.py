"""The register of mediations, their mediators, and what was agreed.

Old code and the new tables: the code before this revision can run on them; it mediates nothing.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0124"
down_revision = "20261122_0121"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mediation_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("amount_cents", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_mediation_item_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_item")),
        sa.UniqueConstraint("case_id", "slot", name=op.f("uq_mediation_item_case_id_slot")),
    )
    op.create_table(
        "mediation_mediator",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("named_on", sa.Date(), nullable=False),
        sa.Column("rejected_by", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_mediation_mediator_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_mediator")),
    )
    op.create_index("ix_mediation_mediator_case", "mediation_mediator", ["case_id", "id"])

    op.create_table(
        "mediation_register",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("policy_id", ID, nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("gate", sa.String(length=12), nullable=False),
        sa.Column("gate_code", sa.String(length=16), nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=True),
        sa.Column("mediator_id", ID, nullable=True),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("limited", sa.Boolean(), nullable=False),
        sa.Column("ending", sa.String(length=16), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("path_told", sa.Boolean(), nullable=False),
        sa.Column("oral", sa.Boolean(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("confirm_until", sa.Date(), nullable=True),
        sa.Column("confirmation", sa.String(length=16), nullable=False),
        sa.Column("confirm_asked_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_mediation_register_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_mediation_register_county_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_mediation_register_policy_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_mediation_register_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_mediation_register")),
    )
    op.create_index("ix_mediation_register_county", "mediation_register", ["county_id", "opened_on"])


def downgrade() -> None:
    op.drop_index("ix_mediation_register_county", "mediation_register")

    op.drop_table("mediation_register")
    op.drop_index("ix_mediation_mediator_case", "mediation_mediator")

    op.drop_table("mediation_mediator")
    op.drop_table("mediation_item")
