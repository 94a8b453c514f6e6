"""The register of petitions.

Old code and the new table: the code before this revision can run on it; it registers no petition.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0121"
down_revision = "20261122_0110"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES = {
    "ix_petition_register_open": ["state", "accepted_on"],
    "ix_petition_register_phone_hash": ["phone_hash"],
    "ix_petition_register_statistics": ["county_id", "received_on"],
    "ix_petition_register_subject_hash": ["subject_hash"],
}


def upgrade() -> None:
    op.create_table(
        "petition_register",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("place_id", ID, nullable=False),
        sa.Column("policy_id", ID, nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("collective", sa.Boolean(), nullable=False),
        sa.Column("major", sa.Boolean(), nullable=False),
        sa.Column("repeat_of", ID, nullable=True),
        sa.Column("repeat_count", sa.Integer(), nullable=False),
        sa.Column("level_skipping", sa.Boolean(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("first_asked", ID, nullable=False),
        sa.Column("first_post", sa.String(length=24), nullable=False),
        sa.Column("first_unit_id", ID, nullable=False),
        sa.Column("subject_hash", sa.String(length=64), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("route", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("sender_id", ID, nullable=True),
        sa.Column("report_back_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("notice_on", sa.Date(), nullable=True),
        sa.Column("notice_kind", sa.String(length=16), nullable=True),
        sa.Column("concluded_on", sa.Date(), nullable=True),
        sa.Column("handler_id", ID, nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("satisfaction", sa.String(length=16), nullable=True),
        sa.Column("extended_until", sa.Date(), nullable=True),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("reception_day_id", ID, nullable=True),
        sa.Column("call_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_petition_register_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_petition_register_county_id")),
        sa.ForeignKeyConstraint(["first_unit_id"], ["unit.id"], name=op.f("fk_petition_register_first_unit_id")),
        sa.ForeignKeyConstraint(["place_id"], ["unit.id"], name=op.f("fk_petition_register_place_id")),
        sa.ForeignKeyConstraint(["repeat_of"], ["case_file.id"], name=op.f("fk_petition_register_repeat_of")),
        sa.ForeignKeyConstraint(["sender_id"], ["unit.id"], name=op.f("fk_petition_register_sender_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_petition_register_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_petition_register")),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "petition_register", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "petition_register")
    op.drop_table("petition_register")
