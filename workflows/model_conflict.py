"""The tables of conflict of interest (D3): by what the parties of a case, and the members of staff, can be told to be close.

A mark is a keyed hash of one normalised thing (an ID number, a telephone, an address, a household, a place of work): equal
things meet, and nobody reads them back. `workflows.screening` compares them.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, select, union_all

from engine.columns import Id, Instant, metadata
from engine.model_links import REPEAT, case_link
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

_shown = (party_mark.c.role, party_mark.c.slot, party_mark.c.kind, party_mark.c.mark, party_mark.c.unit_id)
#: the parties of a case and of those it was opened from: who is close to the woman of a petition is close to its mediation, its
#: conference and her protection, whatever the hand-over sheet left out
party_of = union_all(
    select(party_mark.c.case_id, *_shown),
    select(case_link.c.case_id, *_shown)
    .join(party_mark, party_mark.c.case_id == case_link.c.other_id)
    .where(case_link.c.relation != REPEAT),
).subquery("party_of")

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
