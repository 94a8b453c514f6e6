"""The tables of the engine. Core tables, no mapped classes: commands write statements, queries read frozen rows.

`case_file` is the folder a person would open; `instance` is one process in it
(a case may hold several, one after the other or side by side); `task` a piece of work for a post in a
unit. Whatever tells about a person stands in a sealed column (`*_sealed`, bytes from `fields.Vault`) or as a keyed hash.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from engine.columns import SEALED, Id, Instant, metadata
from engine.reference import REFERENCE

definition = Table(
    "definition",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("bpmn", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("key", "version"),
    UniqueConstraint("key", "digest"),
    info=REFERENCE,
)

case_file = Table(
    "case_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("number", String(40), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("confidentiality", String(2), nullable=False),
    #: whether it has a team, keeps somebody out, or is of a class that only its team sees: then `model_teams` is asked
    Column("guarded", Boolean, nullable=False, default=False, server_default=false()),
    #: the unit the matter belongs to, and the ids of its ancestors as ".1.3.7." so that “below my unit” is one prefix test
    Column("unit_id", Id, nullable=False),
    Column("path", String(80), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Column("applied_on", Date),
    Column("policy_id", Id),
    #: masked name, safe to list ("王*")
    Column("subject", String(40), nullable=False, default=""),
    Column("subject_hash", String(64), index=True),
    Column("state", String(16), nullable=False, default="open"),
    Column("outcome", String(40)),
    Column("ended_at", Instant),
    Column("version", Integer, nullable=False, default=1),
    #: the head of the case's history chain, and its keyed hash: without the key no other head can be written
    Column("last_seq", Integer, nullable=False, default=0),
    Column("last_hash", String(64), nullable=False, default=""),
    Column("last_mac", String(64), nullable=False, default=""),
    Index("ix_case_file_started", "created_by", "id"),
)

case_share = Table(
    "case_share",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True),
    Column("unit_id", Id, primary_key=True, index=True),
    Column("since", Instant, nullable=False),
    #: the first instant at which the unit sees it no more; NULL: no end is known
    Column("until", Instant),
    #: the disclosure (`model_disclosure`) it began with: what that rests on is what the sight rests on
    Column("disclosure_id", Id),
)

instance = Table(
    "instance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("definition_id", Id, ForeignKey("definition.id"), nullable=False, index=True),
    Column("state", LargeBinary, nullable=False),
    Column("status", String(12), nullable=False, default="running"),
    Column("version", Integer, nullable=False, default=1),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    #: the end event it came to
    Column("outcome", String(40)),
)

task = Table(
    "task",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("instance_id", Id, ForeignKey("instance.id"), nullable=False, index=True),
    #: the id of the task inside the engine row, and of its element in the drawing
    Column("token", BigInteger, nullable=False),
    Column("element", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    #: the key of the drawing it belongs to: a case may hold processes of several kinds
    Column("kind", String(32), nullable=False),
    Column("form", String(40), nullable=False),
    Column("post", String(24), nullable=False),
    Column("unit_id", Id, nullable=False),
    #: 代办: the post in whose place this one acts, and why
    Column("acting_for", String(24)),
    Column("acting_reason", String(40)),
    #: who has claimed it; 0 is nobody (a value, so that the pool is one index range on both databases)
    Column("assignee_id", Id, nullable=False, default=0),
    Column("state", String(10), nullable=False, default="open"),
    Column("version", Integer, nullable=False, default=1),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),
    #: `due_at`, or the end of time for a task without a clock: what lists are ordered by
    Column("rank_at", Instant, nullable=False),
    Column("overdue_since", Instant),
    #: the level of its open escalation ("warn", "red", "broken"); NULL when it has none
    Column("escalated", String(8)),
    Column("closed_at", Instant),
    Column("closed_by", Id),
    Column("close_reason", String(12)),
    Column("previous_id", Id),
    #: 委派: who handed it on and gets it back for submission
    Column("owner_id", Id),
    #: several signers of one token are rows of the same `token`: "" the step itself, "signer" a seat of a node with several,
    #: "before" or "after" one that the row `seat_of` asked for (加签); `seat_order` from 1 is their turn
    Column("seat", String(8), nullable=False, default="", server_default=""),
    Column("seat_of", Id),
    Column("seat_order", Integer, nullable=False, default=0, server_default="0"),
    #: 挂起: since when, and the day on which what is waited for is expected
    Column("suspended_at", Instant),
    Column("suspended_until", Date),
    #: what a verb keeps until it is finished: the facts of a submission whose after-signers are still asked, a lent draft
    Column("carried", JSON(none_as_null=True)),
    #: as its case: lists ask the case's team only where it says so
    Column("guarded", Boolean, nullable=False, default=False, server_default=false()),
    #: the inbox reads one short range of these for each post a person holds
    Index("ix_task_pool", "state", "unit_id", "post", "assignee_id", "rank_at", "id", "guarded"),
    Index("ix_task_mine", "state", "assignee_id", "rank_at", "id", "guarded"),
    Index("ix_task_done", "closed_by", "closed_at", "id"),
    Index("ix_task_overdue", "state", "overdue_since", "id"),
    #: only what is suspended: no other task has a line in it
    Index(
        "ix_task_waits",
        "suspended_until",
        sqlite_where=text("suspended_until IS NOT NULL"),
        postgresql_where=text("suspended_until IS NOT NULL"),
    ),
)

timer = Table(
    "timer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("instance_id", Id, ForeignKey("instance.id"), nullable=False, index=True),
    Column("token", BigInteger, nullable=False),
    Column("element", String(64), nullable=False),
    Column("attached_to", String(64)),
    Column("period", String(40)),
    Column("due_at", Instant, nullable=False),
    #: armed, paused (the step waits), fired, gone
    Column("state", String(10), nullable=False, default="armed"),
    #: `clock.Level`; the drawing knows only “broken”, the others stand beside it and move no token
    Column("level", String(8), nullable=False, default="broken"),
    #: which warning of the period it is (`reckoning.Warn.point`), "" for the drawing's own timer
    Column("point", String(24), nullable=False, default=""),
    #: the `period_use` it was reckoned from; None for a timer with a fixed duration
    Column("use_id", Id, index=True),
    Index("ix_timer_due", "state", "due_at"),
)

#: one running of a period in a case: what it is reckoned from (`reckoning.Use`), so that it can pause, go on and be explained
period_use = Table(
    "period_use",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("period", String(40), nullable=False),
    #: the step it watches, "" for one that was begun before this was kept
    Column("element", String(64), nullable=False, default=""),
    #: since when it runs now, or ran until it was paused
    Column("started_at", Instant, nullable=False),
    #: used up before the first of `runs`: days, or seconds of hours
    Column("spent", Integer, nullable=False, default=0),
    Column("paused_at", Instant),
    #: the stretches in which it ran and which are over: [[from, to], …] as ISO 8601 in UTC
    Column("runs", JSON, nullable=False, default=list),
    #: units added by lawful extensions
    Column("extended", Integer, nullable=False, default=0),
    Index("ix_period_use_case", "case_id", "period", "element", "id"),
)

history = Table(
    "history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("post", String(24)),
    Column("task_id", Id),
    Column("element", String(64)),
    Column("content_sealed", LargeBinary, nullable=False),
    Column("content_digest", String(64), nullable=False),
    #: SHA-256 links that anybody can follow, and a keyed hash (HMAC) that nobody can make without the key
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("mac", String(64), nullable=False),
    UniqueConstraint("case_id", "seq"),
    #: the log auditor's page reads one short range of these
    Index("ix_history_at", "at", "id"),
    Index("ix_history_actor", "actor_id", "at", "id"),
    Index("ix_history_kind", "kind", "at", "id"),
)

read_log = Table(
    "read_log",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor_id", Id, nullable=False),
    Column("case_id", Id, nullable=False, index=True),
    Column("what", String(40), nullable=False),
    #: what she said it was for, where a purpose is asked (C3, C4), and the session for which that was asked
    Column("why_sealed", LargeBinary),
    Column("session", String(64)),
    Index("ix_read_log_actor", "actor_id", "at", "id"),
    Index("ix_read_log_at", "at", "id"),
    info={SEALED: ("id", "at", "actor_id", "case_id", "what", "why_sealed", "session")},
)

notice = Table(
    "notice",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("unit_id", Id, nullable=False),
    Column("post", String(24), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("content", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("read_at", Instant),
    Column("read_by", Id),
    #: a notice for one person instead of a post: her account; unit 0 and post "" then
    Column("account_id", Id),
    Index("ix_notice_inbox", "unit_id", "post", "read_at", "id"),
    Index("ix_notice_person", "account_id", "read_at", "id"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("actor_id", Id, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("request_digest", String(64), nullable=False),
    Column("answer", JSON, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)

#: counters. `mac`: keyed hash of series and number, so that a number cannot be taken back with the case that had it
number_series = Table(
    "number_series",
    metadata,
    Column("series", String(40), primary_key=True),
    Column("last", Integer, nullable=False),
    Column("mac", String(64), nullable=False, default=""),
)

calendar_day = Table(
    "calendar_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, nullable=False),
    Column("note", Text, nullable=False, default=""),
    info=REFERENCE,
)
