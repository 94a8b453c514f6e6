"""The team of a case, who is kept from it, changes of its class, and what a reader said it was for.

Old code and the new tables: the code before this revision can run on them; it asks no team. A case that has one or that is
guarded must therefore not be opened to it: go back only with backups from before.
"""

import sqlalchemy as sa
from alembic import op

revision = "20261122_0060"
down_revision = "20261122_0085"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
_POOL = ["state", "unit_id", "post", "assignee_id", "rank_at", "id"]
_MINE = ["state", "assignee_id", "rank_at", "id"]


def upgrade() -> None:
    for table in ("case_file", "task"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("guarded", sa.Boolean(), nullable=False, server_default=sa.false()))
    _index_tasks([*_POOL, "guarded"], [*_MINE, "guarded"])
    with op.batch_alter_table("read_log") as batch:
        batch.add_column(sa.Column("why_sealed", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("session", sa.String(64), nullable=True))
    _create_case_member()
    _create_case_exclusion()
    _create_class_change()


def downgrade() -> None:
    op.drop_table("class_change")
    op.drop_table("case_exclusion")
    op.drop_table("case_member")
    with op.batch_alter_table("read_log") as batch:
        batch.drop_column("session")
        batch.drop_column("why_sealed")
    _index_tasks(_POOL, _MINE)
    for table in ("task", "case_file"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("guarded")


def _index_tasks(pool: list[str], mine: list[str]) -> None:
    for name, columns in (("ix_task_pool", pool), ("ix_task_mine", mine)):
        op.drop_index(name, "task")
        op.create_index(name, "task", columns)


def _create_case_member() -> None:
    op.create_table(
        "case_member",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("account_id", ID, nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=True),
        sa.Column("added_by", ID, nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("documents", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_member_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_member")),
    )
    op.create_index("ix_case_member_account", "case_member", ["account_id", "case_id"])
    op.create_index(op.f("ix_case_member_case_id"), "case_member", ["case_id"])


def _create_case_exclusion() -> None:
    op.create_table(
        "case_exclusion",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("who_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("ended_by", ID, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_exclusion_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_exclusion")),
    )
    op.create_index("ix_case_exclusion_case", "case_exclusion", ["case_id", "token"])


def _create_class_change() -> None:
    op.create_table(
        "class_change",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("old", sa.String(2), nullable=False),
        sa.Column("new", sa.String(2), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_class_change_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_change")),
    )
    op.create_index(op.f("ix_class_change_case_id"), "class_change", ["case_id"])
