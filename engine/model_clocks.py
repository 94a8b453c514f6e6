"""What is kept about clocks besides the rows themselves: extensions asked for, calendars imported, and what an import moved."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from engine.columns import Id, Instant, metadata

clock_extension = Table(
    "clock_extension",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False),
    Column("element", String(64), nullable=False),
    Column("period", String(40), nullable=False),
    Column("use_id", Id, ForeignKey("period_use.id"), nullable=False),
    #: asked, granted, refused
    Column("state", String(10), nullable=False, default="asked"),
    Column("units", Integer, nullable=False),
    Column("unit", String(8), nullable=False),
    #: the rule that allows it, and the printed form it is told on
    Column("clause", Text, nullable=False),
    Column("form", String(8), nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    #: whose consent was given, and when (`consenting.read`); NULL for a period that needs none
    Column("consents_sealed", LargeBinary),
    Column("asked_by", Id, nullable=False),
    Column("asked_post", String(24), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("old_due_at", Instant),
    Column("new_due_at", Instant),
    Column("decided_by", Id),
    Column("decided_post", String(24)),
    Column("decided_at", Instant),
    Column("answer_sealed", LargeBinary),
    Index("ix_clock_extension_case", "case_id", "state"),
)

#: a holiday notice that was imported; the open clocks are reckoned anew case by case, up to `case_id_done`
calendar_import = Table(
    "calendar_import",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("name", String(120), nullable=False),
    Column("digest", String(64), nullable=False),
    #: [[year, days, changed days], …]
    Column("years", JSON, nullable=False),
    Column("state", String(10), nullable=False, default="running"),
    Column("case_id_done", Id, nullable=False, default=0),
    Column("finished_at", Instant),
    Index("ix_calendar_import_state", "state", "id"),
)

#: the before/after list: one line for each clock an import has moved
clock_move = Table(
    "clock_move",
    metadata,
    Column("id", Id, primary_key=True),
    Column("import_id", Id, ForeignKey("calendar_import.id"), nullable=False),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("element", String(64), nullable=False),
    Column("period", String(40), nullable=False),
    Column("old_due_at", Instant),
    Column("new_due_at", Instant),
    Index("ix_clock_move_import", "import_id", "id"),
)
