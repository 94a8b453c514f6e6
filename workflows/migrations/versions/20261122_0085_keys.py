"""Which key counts for what, and papers in pieces, each file under a key of its own.

Papers that are there already stay as they are and open as before; a change of keys brings them into pieces. Code before this
revision runs on the new tables as long as no paper was added by newer code. Going back is refused once one is in pieces:
without the keys nobody could put it together.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0085"
down_revision = "20261121_0052"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "key_use",
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", _ID, nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_key_use")),
        sa.UniqueConstraint("step", name=op.f("uq_key_use_step")),
    )
    op.create_table(
        "blob_piece",
        sa.Column("blob_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blob.id"], name=op.f("fk_blob_piece_blob_id")),
        sa.PrimaryKeyConstraint("blob_id", "number", name=op.f("pk_blob_piece")),
    )
    with op.batch_alter_table("blob") as blob:
        blob.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=True)
        blob.add_column(sa.Column("key_sealed", sa.LargeBinary(), nullable=True))
        blob.add_column(sa.Column("pieces", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    found = op.get_bind().execute(sa.text("SELECT count(*) FROM blob WHERE sealed IS NULL")).scalar()
    if found:
        raise RuntimeError(f"{found} papers are in pieces")
    with op.batch_alter_table("blob") as blob:
        blob.drop_column("pieces")
        blob.drop_column("key_sealed")
        blob.alter_column("sealed", existing_type=sa.LargeBinary(), nullable=False)
    op.drop_table("blob_piece")
    op.drop_table("key_use")
