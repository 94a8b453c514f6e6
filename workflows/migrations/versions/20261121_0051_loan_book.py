"""The loan book after disbursement: balances and due dates, repayments, bands, visits, deliveries of letters.

Old code and the new tables: the code before this revision can run on them; it does not know them.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0051"
down_revision = "20261121_0050"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _create_letter_delivery()
    _create_loan_band()
    _create_loan_repayment()
    _create_loan_visit()
    _create_loan_book()


def downgrade() -> None:
    op.drop_table("loan_book")
    op.drop_table("loan_visit")
    op.drop_table("loan_repayment")
    op.drop_table("loan_band")
    op.drop_table("letter_delivery")


def _create_letter_delivery() -> None:
    op.create_table(
        "letter_delivery",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("letter", sa.String(12), nullable=False),
        sa.Column("receiver", sa.String(12), nullable=False),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_letter_delivery_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_delivery")),
    )
    op.create_index(op.f("ix_letter_delivery_case_id"), "letter_delivery", ["case_id"])


def _create_loan_band() -> None:
    op.create_table(
        "loan_band",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("band", sa.String(12), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_loan_band_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_band")),
        sa.UniqueConstraint("case_id", "due_on", "band", name=op.f("uq_loan_band_case_id_due_on_band")),
    )


def _create_loan_repayment() -> None:
    op.create_table(
        "loan_repayment",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("principal_cents", sa.BigInteger(), nullable=False),
        sa.Column("interest_cents", sa.BigInteger(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("overdue_days", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_loan_repayment_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_repayment")),
    )
    op.create_index("ix_loan_repayment_case", "loan_repayment", ["case_id", "paid_on", "id"])


def _create_loan_visit() -> None:
    op.create_table(
        "loan_visit",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("occasion", sa.String(12), nullable=False),
        sa.Column("jobs_now", sa.Integer(), nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_loan_visit_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_visit")),
    )
    op.create_index("ix_loan_visit_case", "loan_visit", ["case_id", "visited_on"])


def _create_loan_book() -> None:
    op.create_table(
        "loan_book",
        sa.Column("case_id", ID, autoincrement=False, nullable=False),
        sa.Column("county_id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("policy_id", ID, nullable=True),
        sa.Column("disbursed_on", sa.Date(), nullable=False),
        sa.Column("disbursed_cents", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=8, scale=4), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("balance_cents", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("band", sa.String(12), nullable=False),
        sa.Column("extended_on", sa.Date(), nullable=True),
        sa.Column("guarantors_agreed", sa.Boolean(), nullable=False),
        sa.Column("claimable_since", sa.Date(), nullable=True),
        sa.Column("subsidy_until", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("compensation_cents", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_loan_book_case_id")),
        sa.ForeignKeyConstraint(["county_id"], ["unit.id"], name=op.f("fk_loan_book_county_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_loan_book_policy_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_loan_book_unit_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_loan_book")),
    )
    op.create_index("ix_loan_book_due", "loan_book", ["county_id", "state", "due_on"])
    op.create_index(op.f("ix_loan_book_unit_id"), "loan_book", ["unit_id"])
