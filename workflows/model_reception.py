"""The tables of reception days (S002-9, S002-11): who receives when and where, and who was told so, or of a missed day."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table

from engine.columns import Id, Instant, metadata

reception_day = Table(
    "reception_day",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: a key of `reception.KINDS`
    Column("kind", String(8), nullable=False),
    Column("held_on", Date, nullable=False),
    #: Shanghai time, "09:00"
    Column("starts", String(5), nullable=False),
    Column("ends", String(5), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("place", String(80), nullable=False),
    #: how many are expected at most; who comes is received all the same
    Column("capacity", Integer, nullable=False),
    Column("receiver_id", Id, ForeignKey("account.id"), nullable=False),
    Column("receiver_post", String(24), nullable=False),
    Column("receiver_unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: when it was noted that the receiver will not be there; an absence (委托代理) counts without
    Column("absent_at", Instant),
    Column("substitute_id", Id, ForeignKey("account.id")),
    Column("substitute_post", String(24)),
    Column("substitute_unit_id", Id, ForeignKey("unit.id")),
    #: planned, held, missed, cancelled
    Column("state", String(12), nullable=False, default="planned"),
    #: who was there when it started: "receiver" or "substitute"; None: nobody, or not yet known
    Column("received_by", String(10)),
    Column("settled_at", Instant),
    Column("planned_by", Id, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Index("ix_reception_day_unit", "unit_id", "held_on"),
    Index("ix_reception_day_state", "state", "starts_at"),
)

reception_report = Table(
    "reception_report",
    metadata,
    Column("day_id", Id, ForeignKey("reception_day.id"), primary_key=True),
    Column("post", String(24), primary_key=True),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Column("seen_by", Id),
    Index("ix_reception_report_post", "unit_id", "post", "seen_at"),
)

reception_notice = Table(
    "reception_notice",
    metadata,
    Column("day_id", Id, ForeignKey("reception_day.id"), primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True),
    #: a key of `reception_notices.TOLD`: the last thing she was told of this day
    Column("kind", String(12), nullable=False),
    Column("told_at", Instant, nullable=False),
    Column("seen_at", Instant),
    Index("ix_reception_notice_account", "account_id", "seen_at"),
)
