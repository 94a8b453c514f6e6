"""The tables of the audit: what was done to the log itself, and the anchors over all chains. Only ever added to."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table

from engine.columns import Id, Instant, journal_table, metadata

#: who verified, exported, anchored: chained like the record of versions; `content` is JSON: ids, counts, digests
audit_log = journal_table("audit_log", 12)

#: one value over every chain there was at an instant (`engine.anchors`), linked to the one before it
anchor = Table(
    "anchor",
    metadata,
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    #: leaves of the tree, and how many of them are cases
    Column("leaves", Integer, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("root", String(64), nullable=False),
    #: the leaves that are no case: [[sort, name, last, value], …]
    Column("others", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mac", String(64), nullable=False),
)

#: where a case's chain ended when it was anchored; a row only where that is another end than in the anchor before
anchor_head = Table(
    "anchor_head",
    metadata,
    Column("case_id", Id, primary_key=True, autoincrement=False),
    Column("anchor_seq", Id, ForeignKey("anchor.seq"), primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
    Index("ix_anchor_head_anchor", "anchor_seq"),
)
