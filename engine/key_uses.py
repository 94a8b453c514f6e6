"""Which key counts, as the database says it: one answer for every process, changed in one transaction for all of them.

A key is announced first. From then on each unit of work on PostgreSQL shares a lock that the change over takes for itself
alone, so that nobody who began before it writes after it; SQLite has one writer anyway.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, func, select

from engine.fields import KeyState, KeyUse, Vault
from engine.model_keys import key_use
from engine.reference import Kept

_LOCK: Final = 0x4841_4C46_4B45
_ALL = select(key_use.c.key_id, key_use.c.step, key_use.c.state).order_by(key_use.c.step, key_use.c.since)


def _derive(connection: Connection) -> tuple[KeyUse, ...]:
    return tuple(KeyUse(row.key_id, row.step, row.state) for row in connection.execute(_ALL))


_USES: Final = Kept(_derive)


def follow(vault: Vault, connection: Connection, *, writing: bool) -> None:
    """Let a vault work as the database of this transaction says; KeysMissing."""
    uses = _USES.of(connection)
    if writing and connection.dialect.name == "postgresql" and any(use.state == KeyState.ANNOUNCED for use in uses):
        connection.execute(select(func.pg_advisory_xact_lock_shared(_LOCK)))
        uses = _derive(connection)
    vault.follow(uses)


def alone(connection: Connection) -> None:
    """Wait until no unit of work that began earlier is under way, and let none begin until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
