"""The table of which key counts for what. Ids of keys only (`engine.keyring`): no key ever stands in the database."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from engine.columns import Id, Instant, metadata
from engine.reference import REFERENCE

key_use = Table(
    "key_use",
    metadata,
    Column("key_id", String(16), primary_key=True),
    #: its place in the chain of hashing, from 1; NULL for a key that only ever sealed
    Column("step", Integer, unique=True),
    #: announced (every process is to have it), current, old, or rested
    Column("state", String(10), nullable=False),
    Column("since", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    info=REFERENCE,
)
