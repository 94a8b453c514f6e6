"""The tables of 委托代理: who is away from when to when, who acts in her place, and what was done that way."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, String, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata
from engine.reference import REFERENCE

absence = Table(
    "absence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("absent_id", Id, nullable=False),
    #: 1, 2, 3 … for each person: two that are registered at once cannot both be the next one, so neither misses the other
    Column("number", Id, nullable=False),
    Column("deputy_id", Id, nullable=False),
    #: key of one process type; "" for all
    Column("kind", String(32), nullable=False),
    #: first and last civil day, both included
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    #: 包括现在手上的: tasks that were there before `begins_at` as well
    Column("with_held", Boolean, nullable=False),
    Column("begins_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Id),
    UniqueConstraint("absent_id", "number"),
    Index("ix_absence_deputy", "deputy_id", "id"),
    info=REFERENCE,
)

absence_act = Table(
    "absence_act",
    metadata,
    Column("id", Id, primary_key=True),
    Column("absence_id", Id, ForeignKey("absence.id"), nullable=False),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("task_id", Id, ForeignKey("task.id"), nullable=False, index=True),
    #: the kind of the history entry that tells of it
    Column("kind", String(40), nullable=False),
    Column("by_id", Id, nullable=False),
    Column("for_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_absence_act_by", "by_id", "id"),
    Index("ix_absence_act_for", "for_id", "id"),
)
