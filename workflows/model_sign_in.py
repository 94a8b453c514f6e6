"""The tables of signing in beside the account itself: second factors, known devices, what was tried, tokens, identities."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from engine.columns import DAYS, OWNER, SEALED, WATCHED, Id, Instant, metadata

#: one authenticator per account. The secret is sealed together with the account's id, so that it is worth nothing in another row
second_factor = Table(
    "second_factor",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    #: the secret that counts; NULL until a first one was confirmed
    Column("sealed", LargeBinary),
    Column("confirmed_at", Instant),
    #: the newest 30-second step whose code was used; only later ones count (a code is used once, on whichever node)
    Column("last_step", Id, nullable=False),
    #: the secret that was shown last and waits for its first code
    Column("pending", LargeBinary),
    Column("pending_at", Instant),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False),
    #: keyed hash of account and code
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
    Column("used_at", Instant),
    Index("ix_recovery_code_account", "account_id"),
)

#: a browser in which an account has been signed in with everything it takes; it has a budget of wrong attempts of its own
known_device = Table(
    "known_device",
    metadata,
    Column("device_hash", String(64), primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True, autoincrement=False),
    Column("since", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index("ix_known_device_account", "account_id"),
)

#: 网络安全法 21: logs are kept for at least six months
KEPT: Final = timedelta(days=185)

#: every attempt that was looked at, for the person herself and for who holds the log against its anchors. Only ever added to
sign_in_record = Table(
    "sign_in_record",
    metadata,
    Column("id", Id, primary_key=True),
    #: NULL: no such account; written all the same, so that both take as long
    Column("account_id", Id, ForeignKey("account.id")),
    Column("at", Instant, nullable=False),
    #: "entered", "refused", "half" (one of password and code was right), "signed" refused signatures
    Column("result", String(16), nullable=False),
    #: "password", "totp", "recovery", "sso"
    Column("how", String(16), nullable=False),
    #: "local", "inside", "outside": never the address itself
    Column("place", String(12), nullable=False),
    #: family of system and browser
    Column("device", String(40), nullable=False),
    #: an entry by code: the attempt that had waited for it
    Column("waited_id", Id),
    Index("ix_sign_in_record_account", "account_id", "id"),
    Index("ix_sign_in_record_at", "at"),
    info={
        SEALED: ("id", "account_id", "at", "result", "how", "place", "device", "waited_id"),
        OWNER: "account_id",
        DAYS: KEPT.days,
    },
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("name", String(60), nullable=False),
    #: SHA-256 of the token, which has 256 random bits
    Column("token_hash", String(64), nullable=False, unique=True),
    #: its first characters, by which she knows it again
    Column("start", String(12), nullable=False),
    #: names of scopes with blanks between them
    Column("scopes", String(120), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("ended_at", Instant),
    info={WATCHED: frozenset({"used_at"})},
)

#: who an account is at a provider of single sign-on; nobody is let in who was not linked beforehand
account_identity = Table(
    "account_identity",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("issuer", String(200), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("linked_at", Instant, nullable=False),
    Column("linked_by", Id, nullable=False),
    UniqueConstraint("issuer", "subject"),
    info={WATCHED: frozenset[str]()},
)

#: taking a lost authenticator off an account: asked for by one person, granted by another
factor_reset = Table(
    "factor_reset",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("account.id"), nullable=False, index=True),
    Column("reason", String(200), nullable=False),
    Column("asked_by", Id, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Instant),
    Column("granted", Boolean),
)

#: how often something was asked for within a minute (tokens)
request_count = Table(
    "request_count",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    #: minutes since 1970
    Column("minute", Id, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)
