"""Cases that belong together: one opened from another (a mediation from a petition), or the same matter come again.

A link is between two cases, not between their histories, teams or classes: whoever may see one does not therefore see the other.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, String, Table, UniqueConstraint

from engine.columns import Id, Instant, metadata

#: the relation of the same matter come again: the two are not one another's, unlike a case opened from a case
REPEAT: Final = "repeat"

case_link = Table(
    "case_link",
    metadata,
    Column("id", Id, primary_key=True),
    #: the case that came later; its history tells of the link
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("other_id", Id, ForeignKey("case_file.id"), nullable=False),
    #: what the later one is to the other ("mediation", "repeat")
    Column("relation", String(24), nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    UniqueConstraint("case_id", "other_id", "relation"),
    Index("ix_case_link_other", "other_id"),
)
