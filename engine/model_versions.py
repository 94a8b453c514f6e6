"""The tables of versions: what was proposed, what was approved, what is in force from when, and the chained record of it all.

`definition` (engine/model.py) and `table_set` hold what was approved, each for ever as it was; `in_force` says from which
instant which of them counts. At any instant exactly one does: the last row whose `since` has come. Going back to an older
version is a new row, never a change of an old one.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from engine.columns import Id, Instant, journal_table, metadata
from engine.reference import REFERENCE

#: an approved file of decision tables; `key` is that of the process type
table_set = Table(
    "table_set",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("dmn", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("key", "version"),
    UniqueConstraint("key", "digest"),
    info=REFERENCE,
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", Id, primary_key=True),
    #: "drawing" or "tables"
    Column("sort", String(8), nullable=False),
    Column("key", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("content", LargeBinary, nullable=False),
    #: why it is proposed, in the words of the uploader
    Column("note", Text, nullable=False, default=""),
    #: from when it is to count; NULL: from its approval on
    Column("valid_from", Instant),
    Column("state", String(10), nullable=False, default="proposed"),
    Column("proposed_by", Id, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("reason", Text, nullable=False, default=""),
    #: the `definition` or `table_set` it became, and the one it replaced (0: none)
    Column("version_id", Id),
    Column("base_id", Id),
    Index("ix_proposal_key", "sort", "key", "id"),
)

in_force = Table(
    "in_force",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sort", String(8), nullable=False),
    Column("key", String(64), nullable=False),
    Column("version_id", Id, nullable=False),
    Column("since", Instant, nullable=False),
    #: NULL for what was in force before versions were proposed and approved
    Column("proposal_id", Id, ForeignKey("proposal.id")),
    Index("ix_in_force_key", "sort", "key", "since"),
    info=REFERENCE,
)

#: append-only and chained like the history of a case; `content` is JSON: ids, digests, instants
version_log = journal_table("version_log", 12)
