"""The tables of conflict of interest (D3): by what the parties of a case, and the members of staff, can be told to be close.

A mark is a keyed hash of one normalised thing (an ID number, a telephone, an address, a household, a place of work): equal
things meet, and nobody reads them back. `workflows.screening` compares them.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from engine.columns import Id, Instant, metadata
from engine.reference import REFERENCE

#: what is known of the parties of a case as its forms stand now
party_mark = Table(
    "party_mark",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    #: a key of `screening.ROLE_NAMES`, and which of several it is
    Column("role", String(12), nullable=False),
    Column("slot", Integer, nullable=False, default=0),
    #: a key of `screening.MARK_NAMES`
    Column("kind", String(10), nullable=False),
    #: one of the two: a keyed hash, or one of our own units in which the person serves
    Column("mark", String(64), index=True),
    Column("unit_id", Id, index=True),
)

#: what a member of staff has declared of herself and of her relatives besides their ID numbers (`model.relative`)
staff_mark = Table(
    "staff_mark",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    #: a key of `organisation.RELATION_NAMES`; SELF is she herself
    Column("relation", String(16), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("mark", String(64), nullable=False, index=True),
    Column("declared_at", Instant, nullable=False),
    Index("ix_staff_mark_account", "account_id", "mark", unique=True),
    info=REFERENCE,
)
