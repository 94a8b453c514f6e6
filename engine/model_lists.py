"""The tables behind the lists: who urged whom, what is urgent, when somebody wants to see a task again, views she keeps."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, LargeBinary, String, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata

#: 催办: one row each time
urge = Table(
    "urge",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_urge_task", "task_id", "by_id", "at"),
)

#: a case without a row here is of normal priority
case_priority = Table(
    "case_priority",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True),
    Column("level", String(10), nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
)

#: 跟进日期: private to one person; no part of the case
follow_up = Table(
    "follow_up",
    metadata,
    Column("account_id", Id, primary_key=True),
    Column("task_id", Id, ForeignKey("task.id"), primary_key=True),
    Column("on_day", Date, nullable=False),
)

#: 常用视图: a named set of filters of one person; never words that were searched for
saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, nullable=False),
    Column("name", String(40), nullable=False),
    Column("filters", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("account_id", "name"),
)
