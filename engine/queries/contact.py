"""What the case page shows of safe contact, consents and disclosures. Whoever asks has been asked for her permission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, select

from engine.clock import civil_date
from engine.contact import Block
from engine.model_contact import contact_permit, safe_contact
from engine.model_disclosure import disclosure
from engine.sharing import consents_of, shares

if TYPE_CHECKING:
    from engine.fields import Vault

_BLOCKS = (
    select(safe_contact).where(safe_contact.c.case_id == bindparam("b_case")).order_by(safe_contact.c.number.desc())
)
_PERMITS = (
    select(contact_permit)
    .where(contact_permit.c.case_id == bindparam("b_case"))
    .order_by(contact_permit.c.id.desc())
    .limit(50)
)
_GIVEN = select(disclosure).where(disclosure.c.case_id == bindparam("b_case")).order_by(disclosure.c.id)


@dataclass(frozen=True)
class Laid:
    """One version of the safe-contact block."""

    number: int
    by_id: int
    at: datetime
    block: Block


@dataclass(frozen=True)
class Asked:
    """One permitted contact and what came of it ("" while nobody said)."""

    id: int
    by_id: int
    at: datetime
    until: datetime
    channel: str
    number: str
    sheet: str
    again: str
    outcome: str


@dataclass(frozen=True)
class Agreed:
    """A consent; `told`: who gave it and how."""

    id: int
    recipient: str
    purpose: str
    kinds: tuple[str, ...]
    given_on: Any
    expires_on: Any
    given_by: str
    told: str
    withdrawn_at: datetime | None


@dataclass(frozen=True)
class Given:
    """Information that was given to another body, and on what it rests."""

    id: int
    recipient: str
    purpose: str
    kinds: tuple[str, ...]
    at: datetime
    by_id: int
    consent_id: int | None
    basis: str | None
    note: str


@dataclass(frozen=True)
class Shown:
    """A unit the case was handed to; `last_day` is the last one on which it may see it, None without an end."""

    unit_id: int
    since: datetime
    last_day: date | None
    #: whether it sees it now
    lasts: bool


def shown(connection: Connection, case_id: int, at: datetime) -> Sequence[Shown]:
    """Every unit the case was handed to, those that see it no more as well."""
    found = []
    for row in shares(connection, case_id):
        last = None if row.until is None else civil_date(row.until - timedelta(microseconds=1))
        found.append(Shown(row.unit_id, row.since, last, row.until is None or row.until > at))
    return found


def blocks(connection: Connection, vault: Vault, case_id: int) -> Sequence[Laid]:
    """Every version, the newest first."""
    rows = connection.execute(_BLOCKS, {"b_case": case_id})
    return [Laid(row.number, row.by_id, row.at, Block.of(vault.open_json(row.block_sealed))) for row in rows]


def contacts(connection: Connection, vault: Vault, case_id: int) -> Sequence[Asked]:
    """The last fifty permitted contacts, the newest first."""
    found = []
    for row in connection.execute(_PERMITS, {"b_case": case_id}):
        kept = vault.open_json(row.wish_sealed)
        known = (
            row.id,
            row.by_id,
            row.at,
            row.until,
            row.channel,
            kept["number"],
            row.sheet,
            kept["again"],
            row.outcome,
        )
        found.append(Asked(*known))
    return found


def consents(connection: Connection, vault: Vault, case_id: int) -> Sequence[Agreed]:
    """Every consent, withdrawn and expired ones too."""
    return [
        Agreed(
            row.id,
            row.recipient,
            row.purpose,
            tuple(row.kinds),
            row.given_on,
            row.expires_on,
            row.given_by,
            vault.open(row.told_sealed).decode(),
            row.withdrawn_at,
        )
        for row in consents_of(connection, case_id)
    ]


def given(connection: Connection, vault: Vault, case_id: int) -> Sequence[Given]:
    """Everything that was given to other bodies."""
    return [
        Given(
            row.id,
            row.recipient,
            row.purpose,
            tuple(row.kinds),
            row.at,
            row.by_id,
            row.consent_id,
            row.basis,
            vault.open(row.note_sealed).decode(),
        )
        for row in connection.execute(_GIVEN, {"b_case": case_id})
    ]
