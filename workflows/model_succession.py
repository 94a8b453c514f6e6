"""The table of requests to put somebody in charge of a confidential case that has lost its people (D2, D6).

A request names the case by a handle that says nothing of it; which case that is stands here once somebody has been named.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from engine.columns import Id, Instant, metadata

succession = Table(
    "succession",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handle", String(16), nullable=False),
    #: path of the county (or the unit above the counties) it belongs to: who is in charge there, or above, confirms
    Column("path", String(80), nullable=False),
    #: who shall be in charge
    Column("account_id", Id, nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    #: asked, named, refused; void: confirmed, but she could not be put in charge, or somebody was by then
    Column("state", String(10), nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("case_id", Id, ForeignKey("case_file.id"), index=True),
    Column("member_id", Id),
    #: how she found the case
    Column("reported_at", Instant),
    Column("report_sealed", LargeBinary),
    #: when the log auditor took note
    Column("noted_at", Instant),
    Column("noted_by", Id),
    Index("ix_succession_asked", "state", "asked_at"),
)
