"""Search by name and words: keyed hashes of pairs of characters, and the words sealed.

Code before this revision runs on these tables: they are new. Cases that are there already are found after halfsky search-index.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0043"
down_revision = "20261121_0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_pair",
        sa.Column("pair", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_search_pair_case_id")),
        sa.PrimaryKeyConstraint("pair", "case_id", name=op.f("pk_search_pair")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("search_pair", schema=None) as batch_op:
        batch_op.create_index("ix_search_pair_case", ["case_id"], unique=False)

    op.create_table(
        "search_text",
        sa.Column("case_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_search_text_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_search_text")),
    )


def downgrade() -> None:
    op.drop_table("search_text")
    with op.batch_alter_table("search_pair", schema=None) as batch_op:
        batch_op.drop_index("ix_search_pair_case")

    op.drop_table("search_pair")
