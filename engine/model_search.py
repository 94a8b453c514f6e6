"""The tables of the search for words: keyed hashes of pairs of characters, and the words themselves, sealed (decision 21)."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table

from engine.columns import Id, metadata

#: one row per pair of neighbouring characters of what a case is found by; nothing in it can be read without the key
search_pair = Table(
    "search_pair",
    metadata,
    Column("pair", Id, primary_key=True, autoincrement=False),
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Index("ix_search_pair_case", "case_id"),
    sqlite_with_rowid=False,
)

search_text = Table(
    "search_text",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True, autoincrement=False),
    Column("text_sealed", LargeBinary, nullable=False),
)
