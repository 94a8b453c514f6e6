"""The table of fixed analyses (信访研判): what was found in a stretch of a unit, and what should be done about it."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata

analysis_version = Table(
    "analysis_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: "2026-07", "2026-Q3" or "2026"
    Column("span", String(8), nullable=False),
    #: 1, 2 … within unit and span
    Column("number", Integer, nullable=False),
    #: figures, the cases behind each, and the measures (`analysis_versions`); never changed
    Column("content_sealed", LargeBinary, nullable=False),
    #: SHA-256 of the content
    Column("digest", String(64), nullable=False),
    Column("made_by", Id, ForeignKey("account.id"), nullable=False),
    Column("made_post", String(24), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("signed_by", Id, ForeignKey("account.id")),
    Column("signed_post", String(24)),
    Column("signed_at", Instant),
    UniqueConstraint("unit_id", "span", "number"),
)
