"""Reception days: the rosters, and who was told of a day that was missed.

Old code and the new tables: the code before this revision can run on them; it plans no days.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0133"
down_revision = "20261122_0131"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reception_day",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(length=5), nullable=False),
        sa.Column("ends", sa.String(length=5), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("receiver_id", ID, nullable=False),
        sa.Column("receiver_post", sa.String(length=24), nullable=False),
        sa.Column("receiver_unit_id", ID, nullable=False),
        sa.Column("absent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("substitute_id", ID, nullable=True),
        sa.Column("substitute_post", sa.String(length=24), nullable=True),
        sa.Column("substitute_unit_id", ID, nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("received_by", sa.String(length=10), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_by", ID, nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["receiver_id"], ["account.id"], name=op.f("fk_reception_day_receiver_id")),
        sa.ForeignKeyConstraint(["receiver_unit_id"], ["unit.id"], name=op.f("fk_reception_day_receiver_unit_id")),
        sa.ForeignKeyConstraint(["substitute_id"], ["account.id"], name=op.f("fk_reception_day_substitute_id")),
        sa.ForeignKeyConstraint(["substitute_unit_id"], ["unit.id"], name=op.f("fk_reception_day_substitute_unit_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reception_day_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_day")),
    )
    with op.batch_alter_table("reception_day", schema=None) as batch_op:
        batch_op.create_index("ix_reception_day_state", ["state", "starts_at"], unique=False)
        batch_op.create_index("ix_reception_day_unit", ["unit_id", "held_on"], unique=False)

    op.create_table(
        "reception_report",
        sa.Column("day_id", ID, nullable=False),
        sa.Column("post", sa.String(length=24), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["day_id"], ["reception_day.id"], name=op.f("fk_reception_report_day_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_reception_report_unit_id")),
        sa.PrimaryKeyConstraint("day_id", "post", name=op.f("pk_reception_report")),
    )
    with op.batch_alter_table("reception_report", schema=None) as batch_op:
        batch_op.create_index("ix_reception_report_post", ["unit_id", "post", "seen_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("reception_report", schema=None) as batch_op:
        batch_op.drop_index("ix_reception_report_post")

    op.drop_table("reception_report")
    with op.batch_alter_table("reception_day", schema=None) as batch_op:
        batch_op.drop_index("ix_reception_day_unit")
        batch_op.drop_index("ix_reception_day_state")

    op.drop_table("reception_day")
