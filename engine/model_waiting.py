"""The table of what was awaited in vain: a suspended step whose expected day has passed. See `engine.model`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata

#: one row for each time a step was suspended and its day passed; the step itself tells whether it still waits
wait_reminder = Table(
    "wait_reminder",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("instance_id", Id, ForeignKey("instance.id"), nullable=False),
    #: the token of the suspended step, and since when it waits (`task.suspended_at`)
    Column("token", BigInteger, nullable=False),
    Column("since", Instant, nullable=False),
    #: the day on which what is waited for was expected
    Column("until", Date, nullable=False),
    Column("reminded_at", Instant, nullable=False),
    #: when it is lifted to the superiors if it still waits then; NULL once lifted or over
    Column("lift_at", Instant, index=True),
    UniqueConstraint("instance_id", "token", "since"),
)
