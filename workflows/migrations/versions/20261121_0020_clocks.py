"""Warnings beside the drawing's timers, what a period is reckoned from, extensions, imported calendars and what they moved."""

import sqlalchemy as sa
from alembic import op

revision = "20261121_0020"
down_revision = "20261121_0035"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)

#: the step a period watched, and the period a timer belongs to: known from each other in what is stored already
_STEP_OF_PERIOD = """
    UPDATE period_use SET element = COALESCE((
        SELECT timer.attached_to FROM timer WHERE timer.case_id = period_use.case_id AND timer.period = period_use.period
        ORDER BY timer.id DESC LIMIT 1), '')
"""
_PERIOD_OF_TIMER = """
    UPDATE timer SET use_id = (
        SELECT period_use.id FROM period_use
        WHERE period_use.case_id = timer.case_id AND period_use.period = timer.period)
"""


def upgrade() -> None:
    with op.batch_alter_table("timer") as batch:
        batch.add_column(sa.Column("level", sa.String(8), nullable=False, server_default="broken"))
        batch.add_column(sa.Column("point", sa.String(24), nullable=False, server_default=""))
        batch.add_column(sa.Column("use_id", ID, nullable=True))
        batch.create_index(op.f("ix_timer_use_id"), ["use_id"])
    with op.batch_alter_table("period_use") as batch:
        batch.add_column(sa.Column("element", sa.String(64), nullable=False, server_default=""))
        batch.add_column(sa.Column("runs", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("extended", sa.Integer(), nullable=False, server_default="0"))
        batch.drop_constraint(op.f("uq_period_use_case_id_period"), type_="unique")
        batch.create_index("ix_period_use_case", ["case_id", "period", "element", "id"])
    op.execute(_STEP_OF_PERIOD)
    op.execute(_PERIOD_OF_TIMER)
    with op.batch_alter_table("timer") as batch:
        batch.alter_column("level", server_default=None)
        batch.alter_column("point", server_default=None)
    with op.batch_alter_table("period_use") as batch:
        for name in ("element", "runs", "extended"):
            batch.alter_column(name, server_default=None)
    _create_extension()
    _create_import()


def downgrade() -> None:
    op.drop_table("clock_move")
    op.drop_table("calendar_import")
    op.drop_table("clock_extension")
    # only the newest running of a period, and only the drawing's own timers, are known to earlier versions
    op.execute("DELETE FROM timer WHERE level != 'broken'")
    op.execute(
        "DELETE FROM period_use WHERE id NOT IN (SELECT * FROM (SELECT MAX(id) FROM period_use GROUP BY case_id, period) kept)"
    )
    with op.batch_alter_table("period_use") as batch:
        batch.drop_index("ix_period_use_case")
        batch.create_unique_constraint(op.f("uq_period_use_case_id_period"), ["case_id", "period"])
        for name in ("extended", "runs", "element"):
            batch.drop_column(name)
    with op.batch_alter_table("timer") as batch:
        batch.drop_index(op.f("ix_timer_use_id"))
        for name in ("use_id", "point", "level"):
            batch.drop_column(name)


def _create_extension() -> None:
    op.create_table(
        "clock_extension",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("use_id", ID, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(8), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", ID, nullable=False),
        sa.Column("asked_post", sa.String(24), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("old_due_at", AT, nullable=True),
        sa.Column("new_due_at", AT, nullable=True),
        sa.Column("decided_by", ID, nullable=True),
        sa.Column("decided_post", sa.String(24), nullable=True),
        sa.Column("decided_at", AT, nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_clock_extension_case_id")),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_clock_extension_task_id")),
        sa.ForeignKeyConstraint(["use_id"], ["period_use.id"], name=op.f("fk_clock_extension_use_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_extension")),
    )
    op.create_index("ix_clock_extension_case", "clock_extension", ["case_id", "state"])


def _create_import() -> None:
    op.create_table(
        "calendar_import",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("by_id", ID, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("years", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("case_id_done", ID, nullable=False),
        sa.Column("finished_at", AT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_import")),
    )
    op.create_index("ix_calendar_import_state", "calendar_import", ["state", "id"])
    op.create_table(
        "clock_move",
        sa.Column("id", ID, nullable=False),
        sa.Column("import_id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("element", sa.String(64), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("old_due_at", AT, nullable=True),
        sa.Column("new_due_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_clock_move_case_id")),
        sa.ForeignKeyConstraint(["import_id"], ["calendar_import.id"], name=op.f("fk_clock_move_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_move")),
    )
    op.create_index(op.f("ix_clock_move_case_id"), "clock_move", ["case_id"])
    op.create_index("ix_clock_move_import", "clock_move", ["import_id", "id"])
