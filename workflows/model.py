"""The tables of the organisation: its units, who holds which post in them, who signs in, and by which policy.

They live in the engine's metadata, so that one migration history covers the whole house. Numbers of people are keyed hashes.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from engine.columns import WATCHED, Id, Instant, metadata
from engine.reference import REFERENCE

unit = Table(
    "unit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("parent_id", Id, ForeignKey("unit.id"), index=True),
    Column("kind", String(16), nullable=False),
    Column("name", String(60), nullable=False),
    #: 机构代码, the first part of business numbers
    Column("code", String(12), nullable=False, unique=True),
    #: the unit's own id behind those of its ancestors: ".1.3.7."
    Column("path", String(80), nullable=False, unique=True),
    #: the last day on which it exists; NULL while it does
    Column("closed_on", Date),
    #: women working there, as last counted (S002-22), and when
    Column("women", Integer),
    Column("counted_on", Date),
    info={**REFERENCE, WATCHED: frozenset[str]()},
)

account = Table(
    "account",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", String(40), nullable=False, unique=True),
    Column("name", String(60), nullable=False),
    Column("password_hash", String(120), nullable=False),
    #: keyed hash of her own ID number: she may not sign her own case, nor one she guarantees (D3.3)
    Column("id_hash", String(64), index=True),
    Column("active", Boolean, nullable=False, default=True),
    #: the password is one that somebody else has set: it opens the page on which she chooses her own, and nothing else
    Column("start_password", Boolean, nullable=False, default=False, server_default=false()),
    info={**REFERENCE, WATCHED: frozenset({"id_hash"})},
)

post_holding = Table(
    "post_holding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("post", String(24), nullable=False),
    Column("unit_id", Id, ForeignKey("unit.id"), nullable=False),
    #: first and last day of the term, both of them served (O01); an open end is NULL
    Column("since", Date, nullable=False),
    Column("until", Date),
    #: the department in which she sits; what the post may do comes from `unit_id` alone
    Column("desk_id", Id, ForeignKey("unit.id")),
    Index("ix_post_holding_account", "account_id", "since"),
    Index("ix_post_holding_place", "unit_id", "post"),
    info=REFERENCE,
)

#: relatives a member of staff has declared (D3.2), by keyed hash of their ID numbers
relative = Table(
    "relative",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    Column("id_hash", String(64), nullable=False),
    Column("relation", String(16), nullable=False),
    Column("declared_at", Instant, nullable=False),
    #: how the list shows her to who declared it; nobody else sees it
    Column("name_sealed", LargeBinary),
    #: since when she is a relative no more (a divorce); the row stays
    Column("ended_at", Instant),
    UniqueConstraint("account_id", "id_hash"),
    info=REFERENCE,
)

login_session = Table(
    "login_session",
    metadata,
    #: SHA-256 of the token; the token itself is only in the browser
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    #: when its token was made; a session goes on under another one when she shows again who she is
    Column("renewed_at", Instant, nullable=False),
    #: the session is over when no request came until then
    Column("idle_until", Instant, nullable=False),
    Column("idle_minutes", Integer, nullable=False),
    #: "full"; "code": the password was right and the code is awaited; "enrol": an authenticator must be enrolled first;
    #: "change": her own password must be chosen first
    Column("stage", String(8), nullable=False),
    #: how she showed who she is, from where and with what (as in `sign_in_record`)
    Column("how", String(16), nullable=False),
    Column("place", String(12), nullable=False),
    Column("device", String(40), nullable=False),
    #: attempts refused between the last sign-in and this one, until she has looked at them
    Column("failed_before", Integer, nullable=False),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    Column("id", Id, primary_key=True),
    #: keyed hashes of what the budget belongs to (a login, a device, an account that signs), and of the address. Not in the
    #: clear: somebody may have typed a password where the name belongs
    Column("login_hash", String(64), nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Index("ix_sign_in_failure_login", "login_hash", "at"),
    Index("ix_sign_in_failure_address", "address_hash", "at"),
)

policy = Table(
    "policy",
    metadata,
    Column("id", Id, primary_key=True),
    Column("county_id", Id, ForeignKey("unit.id"), nullable=False),
    Column("scope", String(32), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("label", String(80), nullable=False),
    #: {"values": {name: JSON}, "periods": {key: {...}}}
    Column("parameters", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Id, nullable=False),
    Index("ix_policy_choice", "county_id", "scope", "valid_from", "id"),
    info=REFERENCE,
)
