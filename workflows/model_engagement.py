"""The tables of audit engagements (案卷审计, domain D1): who may look into which dossiers for how long, and what was printed.

A row is never deleted: who was let in, why, by whom and until when can be told for ever. What was typed is sealed.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from engine.columns import WATCHED, Id, Instant, metadata
from engine.reference import REFERENCE

engagement = Table(
    "engagement",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("auditor_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    #: the unit whose cases are audited, with those of the units below it, and its path
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("path", String(80), nullable=False),
    #: kinds of process, by their keys
    Column("kinds", JSON, nullable=False),
    #: first and last civil day on which the cases were opened
    Column("opened_since", Date, nullable=False),
    Column("opened_until", Date, nullable=False),
    #: whether C3 cases belong to it (their dossiers are shown and printed redacted); C4 never does
    Column("confidential", Boolean, nullable=False),
    #: how the sample is drawn: {"rule": "all"}, {"rule": "numbers", "numbers": […]}, {"rule": "nth", "n": 10},
    #: {"rule": "random", "n": 20, "seed": "…"}
    Column("sample", JSON, nullable=False),
    #: ids of the cases drawn when it was approved, and out of how many; NULL is everything within the scope
    Column("cases", JSON(none_as_null=True)),
    Column("population", Integer),
    Column("reason_sealed", LargeBinary, nullable=False),
    #: first and last civil day on which the auditor may look, both included
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    #: asked, approved, refused, ended (before its last day)
    Column("state", String(10), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("answer_sealed", LargeBinary),
    Column("ended_by", Id),
    Column("ended_at", Instant),
    info=REFERENCE,
)

#: a set of dossiers printed in one go, numbered within its engagement
print_batch = Table(
    "print_batch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("engagement_id", Id, ForeignKey("engagement.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("auditor_id", Id, nullable=False),
    #: identity numbers, telephones and papers are printed too, where a dossier is not redacted
    Column("reveal", Boolean, nullable=False),
    #: asked, done, cancelled
    Column("state", String(10), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("job_id", Id),
    UniqueConstraint("engagement_id", "number"),
    info={WATCHED: frozenset({"job_id"})},
)

#: one dossier of a batch; `pdf_sealed` is the PDF until it is let go of
print_item = Table(
    "print_item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch_id", Id, ForeignKey("print_batch.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    #: stands on every page of the PDF
    Column("number", String(48), nullable=False, unique=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    #: waiting, printed, failed, cancelled
    Column("state", String(10), nullable=False),
    #: why it failed, a code of `audit_printing.FAILURES`
    Column("why", String(24), nullable=False, default=""),
    #: the log number of a fault
    Column("reference", String(16)),
    Column("redacted", Boolean, nullable=False, default=False),
    Column("digest", String(64)),
    Column("file", String(64)),
    Column("pages", Integer),
    Column("at", Instant),
    Column("pdf_sealed", LargeBinary),
    UniqueConstraint("batch_id", "seq"),
    Index("ix_print_item_state", "batch_id", "state"),
)

#: leave to print one C3 dossier unredacted, once (D1: a second person)
bare_print = Table(
    "bare_print",
    metadata,
    Column("id", Id, primary_key=True),
    Column("engagement_id", Id, ForeignKey("engagement.id"), nullable=False, index=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    #: asked, approved, refused, used
    Column("state", String(10), nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("item_id", Id),
)
