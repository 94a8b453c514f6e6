"""The tables of moving running cases to another version: one batch, one item per running instance.

An item keeps what is needed to take the move back (the old state of the drawing, the old columns of its tasks) until the batch
is closed. Reasons are codes with element ids; nothing here tells of a person.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata

migration_batch = Table(
    "migration_batch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False, index=True),
    Column("from_id", Id, ForeignKey("definition.id"), nullable=False),
    Column("to_id", Id, ForeignKey("definition.id"), nullable=False),
    #: old element id → new element id, where they are not the same
    Column("mapping", JSON, nullable=False),
    #: element id → why it may be left out although cases have passed its place
    Column("acknowledged", JSON, nullable=False),
    #: running, done, undoing, undone or closed
    Column("state", String(10), nullable=False, default="running"),
    Column("created_by", Id, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("undone_by", Id),
    Column("finished_at", Instant),
)

migration_item = Table(
    "migration_item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch_id", Id, ForeignKey("migration_batch.id"), nullable=False),
    Column("instance_id", Id, ForeignKey("instance.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    #: waiting, moved, refused, failed, undone or kept (acted on since, so not undone)
    Column("state", String(10), nullable=False, default="waiting"),
    #: why it was refused or failed: [{"code": …, "element": …}]
    Column("why", JSON, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("at", Instant),
    #: what to go back to, and the history entry after which nothing may have happened
    Column("old_state", LargeBinary),
    Column("old_tasks", JSON),
    Column("last_seq", Integer),
    UniqueConstraint("batch_id", "instance_id"),
    Index("ix_migration_item_state", "batch_id", "state", "id"),
)
