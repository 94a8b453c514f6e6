"""The tables of working together on a case: copies with their receipts, comments and who is mentioned in them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, String, Table

from engine.columns import Id, Instant, metadata

#: 抄送: to one person (account_id), or to a post in a unit (account_id 0)
case_copy = Table(
    "case_copy",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("by_id", Id, nullable=False),
    Column("account_id", Id, nullable=False),
    Column("unit_id", Id, nullable=False),
    Column("post", String(24), nullable=False),
    Column("note_sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    #: the receipt: when the case was first opened by somebody it was copied to, and by whom
    Column("read_at", Instant),
    Column("read_by", Id),
    Index("ix_case_copy_person", "account_id", "id"),
    Index("ix_case_copy_post", "unit_id", "post", "id"),
    Index("ix_case_copy_sender", "by_id", "id"),
)

comment = Table(
    "comment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    #: 入卷: part of the file, printed in its dossier (decision 20)
    Column("in_file", Boolean, nullable=False),
)

comment_mention = Table(
    "comment_mention",
    metadata,
    Column("comment_id", Id, ForeignKey("comment.id"), primary_key=True),
    Column("account_id", Id, primary_key=True),
)
