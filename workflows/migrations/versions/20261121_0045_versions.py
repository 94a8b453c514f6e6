"""Proposals, versions in force, their chained record, decision tables as versions, and batches of moved cases.

What is published already counts from the day it was published. The code before this revision can run on the new tables, but
would not see which version is in force.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0045"
down_revision = "20261121_0051"
branch_labels = None
depends_on = None

#: 64-bit; SQLite only numbers rows by itself in a column it calls INTEGER
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: an instant in UTC
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", ID, nullable=False),
        sa.Column("sort", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("valid_from", AT, nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", ID, nullable=False),
        sa.Column("proposed_at", AT, nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version_id", ID, nullable=True),
        sa.Column("base_id", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index("ix_proposal_key", ["sort", "key", "id"], unique=False)

    op.create_table(
        "table_set",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("dmn", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_table_set")),
        sa.UniqueConstraint("key", "digest", name=op.f("uq_table_set_key_digest")),
        sa.UniqueConstraint("key", "version", name=op.f("uq_table_set_key_version")),
    )
    op.create_table(
        "version_log",
        sa.Column("id", ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("actor_id", ID, nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_log")),
        sa.UniqueConstraint("seq", name=op.f("uq_version_log_seq")),
    )
    op.create_table(
        "in_force",
        sa.Column("id", ID, nullable=False),
        sa.Column("sort", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("version_id", ID, nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("proposal_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_in_force_proposal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_force")),
    )
    with op.batch_alter_table("in_force", schema=None) as batch_op:
        batch_op.create_index("ix_in_force_key", ["sort", "key", "since"], unique=False)

    op.create_table(
        "migration_batch",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("from_id", ID, nullable=False),
        sa.Column("to_id", ID, nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("acknowledged", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_by", ID, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("undone_by", ID, nullable=True),
        sa.Column("finished_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["definition.id"], name=op.f("fk_migration_batch_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["definition.id"], name=op.f("fk_migration_batch_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_batch")),
    )
    with op.batch_alter_table("migration_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_migration_batch_key"), ["key"], unique=False)

    op.create_table(
        "migration_item",
        sa.Column("id", ID, nullable=False),
        sa.Column("batch_id", ID, nullable=False),
        sa.Column("instance_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", AT, nullable=True),
        sa.Column("old_state", sa.LargeBinary(), nullable=True),
        sa.Column("old_tasks", sa.JSON(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["migration_batch.id"], name=op.f("fk_migration_item_batch_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_migration_item_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_migration_item_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_migration_item")),
        sa.UniqueConstraint("batch_id", "instance_id", name=op.f("uq_migration_item_batch_id_instance_id")),
    )
    with op.batch_alter_table("migration_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_migration_item_instance_id"), ["instance_id"], unique=False)
        batch_op.create_index("ix_migration_item_state", ["batch_id", "state", "id"], unique=False)

    op.execute(
        "INSERT INTO in_force (sort, key, version_id, since) SELECT 'drawing', key, id, created_at FROM definition ORDER BY id"
    )


def downgrade() -> None:
    with op.batch_alter_table("migration_item", schema=None) as batch_op:
        batch_op.drop_index("ix_migration_item_state")
        batch_op.drop_index(batch_op.f("ix_migration_item_instance_id"))

    op.drop_table("migration_item")
    with op.batch_alter_table("migration_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_migration_batch_key"))

    op.drop_table("migration_batch")
    with op.batch_alter_table("in_force", schema=None) as batch_op:
        batch_op.drop_index("ix_in_force_key")

    op.drop_table("in_force")
    op.drop_table("version_log")
    op.drop_table("table_set")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index("ix_proposal_key")

    op.drop_table("proposal")
    op.execute("DELETE FROM number_series WHERE series = '*versions'")
