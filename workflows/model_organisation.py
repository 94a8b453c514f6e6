"""The tables of what happens to the organisation: appointments, training, declarations, handovers, imports, and their record."""

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

from engine.columns import WATCHED, Id, Instant, journal_table, metadata
from engine.reference import REFERENCE

#: who changed what in the organisation: chained like the record of versions; `content` holds ids, codes and days, no names
organisation_log = journal_table("organisation_log", 24)

#: an appointment that needs a second person, from the proposal to the decision
appointment = Table(
    "appointment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("post", String(24), nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("desk_id", Id, ForeignKey("unit.id")),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("proposed_by", Id, nullable=False),
    Column("proposed_at", Instant, nullable=False),
    #: proposed, approved, refused, withdrawn
    Column("state", String(10), nullable=False, index=True),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("reason", String(200), nullable=False, default=""),
    Column("holding_id", Id, ForeignKey("post_holding.id")),
)

#: what a person was trained in, and until when it counts
training = Table(
    "training",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    #: a key of `training.KIND_NAMES`
    Column("kind", String(16), nullable=False),
    Column("held_on", Date, nullable=False),
    #: the last day on which it counts; NULL: it does not lapse
    Column("valid_until", Date),
    Column("note", String(120), nullable=False, default=""),
    Column("recorded_by", Id, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    #: a record that was wrong is struck out, never removed
    Column("struck_at", Instant),
    Column("struck_by", Id),
    info={**REFERENCE, WATCHED: frozenset[str]()},
)

#: that a member of staff has said whom she is close to, each time she has (D3.2: yearly and on change)
declaration = Table(
    "declaration",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    #: YEARLY or CHANGE
    Column("kind", String(8), nullable=False),
    #: how many relatives stood on the list then
    Column("relatives", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_declaration_account", "account_id", "at"),
    info=REFERENCE,
)

#: 换届移交: one term that ended, and what goes to the successor (R-13)
handover = Table(
    "handover",
    metadata,
    Column("id", Id, primary_key=True),
    #: 移交清单 number: 机构代码-年-YJ-流水
    Column("number", String(40), nullable=False, unique=True),
    Column("holding_id", Id, ForeignKey("post_holding.id"), nullable=False, unique=True),
    Column("leaver_id", Id, ForeignKey("account.id"), nullable=False),
    Column("post", String(24), nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False, index=True),
    Column("ended_on", Date, nullable=False),
    #: the last day for handing over (organic law of villagers' committees, art. 20: ten days)
    Column("due_on", Date, nullable=False),
    Column("successor_id", Id, ForeignKey("account.id")),
    Column("supervisor_id", Id, ForeignKey("account.id")),
    #: {"registers": […], "seals": […], "papers": […], "note": text}, sealed whole
    Column("things_sealed", LargeBinary),
    #: open, listed (the list is fixed and waits for signatures), done
    Column("state", String(8), nullable=False, index=True),
    Column("version", Integer, nullable=False, default=1),
    #: the list as it is signed, sealed, and its digest
    Column("list_sealed", LargeBinary),
    Column("list_digest", String(64)),
    Column("opened_at", Instant, nullable=False),
    Column("listed_at", Instant),
    Column("done_at", Instant),
    #: when the township was told that it is late
    Column("escalated_at", Instant),
)

handover_signature = Table(
    "handover_signature",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handover_id", Id, ForeignKey("handover.id"), nullable=False),
    #: LEAVER, SUCCESSOR, SUPERVISOR
    Column("role", String(12), nullable=False),
    Column("signer_id", Id, ForeignKey("account.id"), nullable=False),
    #: SYSTEM (own password) or PAPER (wet signature on the print, witnessed by `recorded_by`)
    Column("method", String(8), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("recorded_by", Id, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("mac", String(64), nullable=False),
    UniqueConstraint("handover_id", "role"),
)

handover_print = Table(
    "handover_print",
    metadata,
    Column("id", Id, primary_key=True),
    Column("handover_id", Id, ForeignKey("handover.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    #: the check code on the paper, and SHA-256 of the PDF as it was handed out
    Column("digest", String(64), nullable=False),
    Column("file", String(64), nullable=False),
)

#: a work book that was checked, and waits for being taken in
organisation_import = Table(
    "organisation_import",
    metadata,
    Column("id", Id, primary_key=True),
    Column("by_id", Id, nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    #: checked, imported, discarded
    Column("state", String(10), nullable=False),
    Column("good", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    #: the good rows alone were chosen
    Column("partial", Boolean, nullable=False, default=False),
    Column("done_at", Instant),
    #: {"units": n, "people": n, "posts": n} taken in
    Column("taken", JSON),
)
