"""The tables of work that no person waits for: jobs, what is done every minute, and the processes that do it. See `engine.jobs`.

Ids and names of program parts only: nothing here tells about a person, so that the keeper of the machine may read all of it.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table

from engine.columns import Id, Instant, metadata

job = Table(
    "job",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(40), nullable=False),
    #: what the job is about: names and ids, `{"batch": 12}`
    Column("ids", JSON, nullable=False),
    #: while the job is not done with, no second one of the same name can be asked for
    Column("once", String(80), unique=True),
    Column("state", String(10), nullable=False),
    #: how often it has been given to a worker; what comes from an earlier time counts no more
    Column("run", Integer, nullable=False, default=0),
    #: how often it has been begun since somebody asked for it
    Column("attempt", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer),
    #: the class of what went wrong last, and the number under which the log tells more
    Column("error", String(80)),
    Column("reference", String(16)),
    Column("executor", String(80)),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    Column("touched_by", Id),
    Column("touched_at", Instant),
    Index("ix_job_next", "state", "next_at", "id"),
)

#: what is done again and again: `turn` counts, so that each turn is taken by one process of the whole cluster
schedule = Table(
    "schedule",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("turn", BigInteger, nullable=False, default=0),
    Column("last_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("failed_at", Instant),
    Column("error", String(80)),
    Column("reference", String(16)),
    Column("executor", String(80)),
)

#: a process that runs jobs. `beats` grows while it lives: a number that stands still tells of silence, not clocks that differ
executor = Table(
    "executor",
    metadata,
    Column("id", String(80), primary_key=True),
    #: drawn by the process that sits here now
    Column("token", String(32), nullable=False),
    Column("beats", BigInteger, nullable=False, default=0),
    Column("since", Instant, nullable=False),
    Column("beat_at", Instant, nullable=False),
)
