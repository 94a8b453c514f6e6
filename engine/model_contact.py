"""The tables of safe contact (D4): how she may be reached, what was permitted to go out and what came of it, and who came asking.

Everything that tells where she is stands sealed. A row is never changed or deleted, but for what came of a permit.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from engine.columns import TOLD, Id, Instant, metadata
from engine.messages import N_

safe_contact = Table(
    "safe_contact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    #: 1, 2, 3 …; the newest counts, all are kept
    Column("number", Integer, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    #: `contact.Block` as JSON
    Column("block_sealed", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("case_id", "number"),
    info={TOLD: N_("安全联系方式")},
)

contact_permit = Table(
    "contact_permit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("by_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
    #: the first instant at which it counts no more
    Column("until", Instant, nullable=False),
    #: a value of `contact.Channel`
    Column("channel", String(12), nullable=False),
    #: to whom ("her", "guarantor 2"), the number, the text, why again: sealed
    Column("wish_sealed", LargeBinary, nullable=False),
    #: a sheet that is handed over ("L-10"), "" for none
    Column("sheet", String(16), nullable=False, default=""),
    #: what came of it: "" not yet said, reached, missed, unsafe
    Column("outcome", String(8), nullable=False, default=""),
    Column("ended_at", Instant),
    Index("ix_contact_permit_case", "case_id", "id"),
    info={TOLD: N_("联系许可")},
)

#: somebody called or came asking for a woman; whether there is a case stands nowhere here
contact_incident = Table(
    "contact_incident",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False, index=True),
    Column("unit_id", Id, nullable=False),
    #: CALL, VISIT, LETTER, ONLINE
    Column("kind", String(8), nullable=False),
    Column("told_sealed", LargeBinary, nullable=False),
    Column("nothing_said", Boolean, nullable=False),
)
