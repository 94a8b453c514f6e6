"""The tables of giving information to another body (个人信息保护法 23): consents, legal bases as data, and what was given.

A consent is for one recipient and one purpose. Rows are kept for ever; a withdrawal has its instant, an expiry its last day.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, ForeignKey, Index, LargeBinary, String, Table

from engine.columns import TOLD, Id, Instant, metadata
from engine.messages import N_
from engine.reference import REFERENCE

consent = Table(
    "consent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    #: a unit of the chart ("unit:7"), or a kind of outside body (a key of `disclosing.BODY_NAMES`)
    Column("recipient", String(24), nullable=False),
    #: a key of `disclosing.PURPOSE_NAMES`
    Column("purpose", String(16), nullable=False),
    #: keys of `disclosing.KIND_NAMES`
    Column("kinds", JSON, nullable=False),
    #: first and last day on which it counts, both included
    Column("given_on", Date, nullable=False),
    Column("expires_on", Date),
    #: SELF or GUARDIAN
    Column("given_by", String(8), nullable=False),
    #: who gave it and how (a paper, a ticked form): sealed
    Column("told_sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Id),
    info={TOLD: N_("单独同意")},
)

#: duties and orders that stand in place of consent, as data with their clause and the days on which they are law
legal_basis = Table(
    "legal_basis",
    metadata,
    Column("code", String(12), primary_key=True),
    Column("clause", String(80), nullable=False),
    Column("title", String(120), nullable=False),
    Column("valid_from", Date, nullable=False),
    #: last day; NULL: no end is known
    Column("valid_until", Date),
    Column("recipients", JSON, nullable=False),
    Column("purposes", JSON, nullable=False),
    #: the kinds of data it reaches; NULL: what the purpose needs
    Column("kinds", JSON(none_as_null=True)),
    info=REFERENCE,
)

disclosure = Table(
    "disclosure",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("recipient", String(24), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    #: one of the two: the consent it rests on, or the code of a legal basis
    Column("consent_id", Id, ForeignKey("consent.id")),
    Column("basis", String(12)),
    #: number of the order or letter, and why: sealed
    Column("note_sealed", LargeBinary, nullable=False),
    Index("ix_disclosure_case", "case_id", "id"),
    info={TOLD: N_("对外提供")},
)
