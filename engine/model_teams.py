"""The tables of confidentiality: who is in the team of a case, who is kept from it, and how its class was changed (D2, D3.1).

A row is never deleted: what is over has an end, so that it can be told later who could see a case when.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, Index, LargeBinary, String, Table

from engine.columns import TOLD, Id, Instant, metadata
from engine.messages import N_

#: who may see a case by name, not by rank; `until` is the first instant at which it counts no more
case_member = Table(
    "case_member",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("account_id", Id, nullable=False),
    #: "manager" (承办人), "member", "intake" (who took the matter in, until it is handed over)
    Column("role", String(12), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("added_by", Id, nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    #: ids of the only documents she may see; NULL is the whole case
    Column("documents", JSON(none_as_null=True)),
    Column("ended_at", Instant),
    Column("ended_by", Id),
    Index("ix_case_member_account", "account_id", "case_id"),
    info={TOLD: N_("团队成员")},
)

#: who must not learn of a case, itself a secret (C4): a keyed hash that can be asked for, and the sealed name behind it
case_exclusion = Table(
    "case_exclusion",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    #: `Vault.lookup("exclusion", "account:7")` or "unit:3"; a unit means everybody with a post in it or below it
    Column("token", String(64), nullable=False),
    #: {"account": id} or {"unit": id}, with "reason"
    Column("who_sealed", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by_id", Id, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Id),
    Index("ix_case_exclusion_case", "case_id", "token"),
    info={TOLD: N_("回避登记")},
)

class_change = Table(
    "class_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False, index=True),
    Column("old", String(2), nullable=False),
    Column("new", String(2), nullable=False),
    Column("reason_sealed", LargeBinary, nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    #: asked, done, refused, withdrawn; a raise is done at once, a lowering waits for a second person
    Column("state", String(10), nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    info={TOLD: N_("密级变更")},
)
