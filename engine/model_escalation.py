"""The tables of supervision (督办): what warned or broke, who was told, who looked, and what was ordered. See `engine.model`."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from engine.columns import Id, Instant, metadata

escalation = Table(
    "escalation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    #: the work that is late; NULL for a clock that hangs on no task
    Column("task_id", Id, ForeignKey("task.id")),
    Column("kind", String(32), nullable=False),
    Column("element", String(64), nullable=False),
    #: the key of the clock, and the rule it comes from
    Column("period", String(40), nullable=False),
    Column("clause", String(200), nullable=False),
    #: "warn", "red" or "broken" (`engine.supervision.LEVELS`)
    Column("level", String(8), nullable=False),
    #: legal risk: the smaller, the sooner it must be looked at (`Supervision.risk`)
    Column("risk", Integer, nullable=False),
    #: since when it stands at this level, and when it first came up
    Column("since", Instant, nullable=False),
    Column("raised_at", Instant, nullable=False),
    #: who had it when it came up last; who has it now stands in the task
    Column("post", String(24)),
    Column("unit_id", Id),
    Column("assignee_id", Id, nullable=False, default=0),
    #: superiors by rung, nearest first: [[["TOWN_CHAIR", 3]], [["COUNTY_CHAIR", 1]]]
    Column("chain", JSON, nullable=False),
    Column("rung", Integer, nullable=False, default=0),
    #: when it climbs to the next rung; NULL once acknowledged, closed or at the top
    Column("climb_at", Instant),
    Column("acknowledged_by", Id),
    Column("acknowledged_at", Instant),
    Column("state", String(8), nullable=False, default="open"),
    Column("closed_at", Instant),
    #: never taken back: what was overdue once stays counted as overdue
    Column("ever_overdue", Boolean, nullable=False, default=False),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_escalation_work", "task_id", "period", unique=True),
    Index("ix_escalation_rank", "state", "risk", "since", "id"),
    Index("ix_escalation_climb", "state", "climb_at"),
)

#: 督办单: what a superior ordered, by when she wants an answer, and the answer
supervision_order = Table(
    "supervision_order",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(48), nullable=False, unique=True),
    Column("escalation_id", Id, ForeignKey("escalation.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False, index=True),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("issued_by", Id, nullable=False),
    Column("issued_post", String(24), nullable=False),
    Column("issued_unit_id", Id, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("reply_due_at", Instant, nullable=False),
    #: "open", "late" (no answer in time), "replied", "closed" (the work was done without one)
    Column("state", String(8), nullable=False, default="open"),
    #: never taken back, like `ever_overdue`
    Column("late_at", Instant),
    Column("reply_sealed", LargeBinary),
    Column("replied_by", Id),
    Column("replied_at", Instant),
    Index("ix_supervision_order_due", "state", "reply_due_at"),
)
