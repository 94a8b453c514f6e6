"""The organisation in motion: appointments, training, declarations, handovers, imports, and the record of all of it.

Old code and the new tables: the code before this revision runs on them; every new column may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0070"
down_revision = "20261122_0075"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NEW = (
    "handover_signature",
    "handover_print",
    "handover",
    "appointment",
    "training",
    "declaration",
    "organisation_log",
    "organisation_import",
)


def upgrade() -> None:
    _create_organisation_import()
    _create_organisation_log()
    _create_declaration()
    _create_training()
    _create_appointment()
    _create_handover()
    _create_handover_print()
    _create_handover_signature()
    _widen()


def downgrade() -> None:
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_column("counted_on")
        batch_op.drop_column("women")
        batch_op.drop_column("closed_on")

    with op.batch_alter_table("relative", schema=None) as batch_op:
        batch_op.drop_column("ended_at")
        batch_op.drop_column("name_sealed")

    with op.batch_alter_table("post_holding", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_post_holding_desk_id"), type_="foreignkey")
        batch_op.drop_column("desk_id")
    for name in NEW:
        op.drop_table(name)


def _create_organisation_import() -> None:
    op.create_table(
        "organisation_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("partial", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("taken", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_import")),
    )
    with op.batch_alter_table("organisation_import", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_organisation_import_by_id"), ["by_id"], unique=False)


def _create_organisation_log() -> None:
    op.create_table(
        "organisation_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("act", sa.String(length=24), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_log")),
        sa.UniqueConstraint("seq", name=op.f("uq_organisation_log_seq")),
    )


def _create_declaration() -> None:
    op.create_table(
        "declaration",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("relatives", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_declaration_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declaration")),
    )
    with op.batch_alter_table("declaration", schema=None) as batch_op:
        batch_op.create_index("ix_declaration_account", ["account_id", "at"], unique=False)


def _create_training() -> None:
    op.create_table(
        "training",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date()),
        sa.Column("note", sa.String(length=120), nullable=False),
        sa.Column("recorded_by", ID, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True)),
        sa.Column("struck_by", ID),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_training_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training")),
    )
    with op.batch_alter_table("training", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_account_id"), ["account_id"], unique=False)


def _create_appointment() -> None:
    op.create_table(
        "appointment",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("post", sa.String(length=24), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("desk_id", ID),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", ID),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("holding_id", ID),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_appointment_account_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["unit.id"], name=op.f("fk_appointment_desk_id")),
        sa.ForeignKeyConstraint(["holding_id"], ["post_holding.id"], name=op.f("fk_appointment_holding_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_appointment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
    )
    with op.batch_alter_table("appointment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_appointment_state"), ["state"], unique=False)


def _create_handover() -> None:
    op.create_table(
        "handover",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("holding_id", ID, nullable=False),
        sa.Column("leaver_id", ID, nullable=False),
        sa.Column("post", sa.String(length=24), nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("successor_id", ID),
        sa.Column("supervisor_id", ID),
        sa.Column("things_sealed", sa.LargeBinary()),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("list_sealed", sa.LargeBinary()),
        sa.Column("list_digest", sa.String(length=64)),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True)),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("escalated_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["holding_id"], ["post_holding.id"], name=op.f("fk_handover_holding_id")),
        sa.ForeignKeyConstraint(["leaver_id"], ["account.id"], name=op.f("fk_handover_leaver_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["account.id"], name=op.f("fk_handover_successor_id")),
        sa.ForeignKeyConstraint(["supervisor_id"], ["account.id"], name=op.f("fk_handover_supervisor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_handover_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("holding_id", name=op.f("uq_handover_holding_id")),
        sa.UniqueConstraint("number", name=op.f("uq_handover_number")),
    )
    with op.batch_alter_table("handover", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_handover_unit_id"), ["unit_id"], unique=False)


def _create_handover_print() -> None:
    op.create_table(
        "handover_print",
        sa.Column("id", ID, nullable=False),
        sa.Column("handover_id", ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_print_handover_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_print")),
    )
    with op.batch_alter_table("handover_print", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handover_print_handover_id"), ["handover_id"], unique=False)


def _create_handover_signature() -> None:
    op.create_table(
        "handover_signature",
        sa.Column("id", ID, nullable=False),
        sa.Column("handover_id", ID, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("signer_id", ID, nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", ID, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["handover_id"], ["handover.id"], name=op.f("fk_handover_signature_handover_id")),
        sa.ForeignKeyConstraint(["signer_id"], ["account.id"], name=op.f("fk_handover_signature_signer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_signature")),
        sa.UniqueConstraint("handover_id", "role", name=op.f("uq_handover_signature_handover_id_role")),
    )


def _widen() -> None:
    with op.batch_alter_table("post_holding", schema=None) as batch_op:
        batch_op.add_column(sa.Column("desk_id", ID))
        batch_op.create_foreign_key(batch_op.f("fk_post_holding_desk_id"), "unit", ["desk_id"], ["id"])

    with op.batch_alter_table("relative", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name_sealed", sa.LargeBinary()))
        batch_op.add_column(sa.Column("ended_at", sa.DateTime(timezone=True)))

    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_on", sa.Date()))
        batch_op.add_column(sa.Column("women", sa.Integer()))
        batch_op.add_column(sa.Column("counted_on", sa.Date()))
