"""The table of break-glass requests (紧急查阅, domain D2): who asked, who confirmed, until when, and what the review found.

A request names a case by its number only: nobody is told whether there is one until a second person has confirmed.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table

from engine.columns import Id, Instant, metadata

glass = Table(
    "glass",
    metadata,
    Column("id", Id, primary_key=True),
    #: the case number as it was typed
    Column("number", String(40), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    #: the post by which she asks, and the path of its unit: who stands above it may confirm
    Column("post", String(24), nullable=False),
    Column("path", String(80), nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    #: asked, opened, refused; void: confirmed, but there is no such case for her
    Column("state", String(10), nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    #: what was opened, and as which member of its team; the first instant at which it is closed again
    Column("case_id", Id, ForeignKey("case_file.id"), index=True),
    Column("member_id", Id),
    Column("until", Instant),
    Column("ended_at", Instant),
    Column("ended_by", Id),
    #: when the log auditor took note
    Column("noted_at", Instant),
    Column("noted_by", Id),
    Column("reviewed_at", Instant),
    Column("reviewed_by", Id),
    Column("justified", Boolean),
    Column("review_sealed", LargeBinary),
    Index("ix_glass_asked", "state", "asked_at"),
)
