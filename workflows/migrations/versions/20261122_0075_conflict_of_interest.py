"""Conflict of interest: what tells of the parties of a case and of members of staff, as keyed hashes.

Old code and the new tables: the code before this revision can run on them; it does not know them. The parties of loans that are
there already are taken over by ID number; their telephones and addresses follow when the application is submitted again.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0075"
down_revision = "20261122_0090"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "party_mark",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=True),
        sa.Column("unit_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_party_mark_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_mark")),
    )
    op.create_index(op.f("ix_party_mark_case_id"), "party_mark", ["case_id"])
    op.create_index(op.f("ix_party_mark_mark"), "party_mark", ["mark"])
    op.create_index(op.f("ix_party_mark_unit_id"), "party_mark", ["unit_id"])
    op.create_table(
        "staff_mark",
        sa.Column("id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_mark_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_mark")),
    )
    op.create_index("ix_staff_mark_account", "staff_mark", ["account_id", "mark"], unique=True)
    op.create_index(op.f("ix_staff_mark_mark"), "staff_mark", ["mark"])
    op.execute(
        "INSERT INTO party_mark (case_id, role, slot, kind, mark) "
        "SELECT case_id, 'APPLICANT', 0, 'idcard', subject_hash FROM loan_register"
    )
    op.execute(
        "INSERT INTO party_mark (case_id, role, slot, kind, mark) "
        "SELECT case_id, 'GUARANTOR', slot, 'idcard', guarantor_hash FROM guarantee"
    )


def downgrade() -> None:
    op.drop_table("staff_mark")
    op.drop_table("party_mark")
