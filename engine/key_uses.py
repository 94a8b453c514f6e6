"""Which key counts, as the database says it: one answer for every process, changed in one transaction for all of them.

A key is announced first. From then on each unit of work on PostgreSQL shares a lock that the change over takes for itself
alone, so that nobody who began before it writes after it; SQLite has one writer anyway.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, func, select, text

from engine.errors import Busy
from engine.fields import KeyState, KeyUse, Vault
from engine.model_keys import key_use
from engine.reference import Kept

if TYPE_CHECKING:
    from engine.runtime import Runtime

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


_UNDER_WAY: Final = text(
    "SELECT pid, xact_start FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend'"
    " AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"
)
#: seconds that transactions may take which began before a key was announced, and between two looks at them
_PATIENCE: Final = 60.0
_LOOK: Final = 0.2


def wait_for_others(runtime: Runtime) -> None:
    """Wait until every transaction has ended that is under way now; Busy when one lasts. SQLite has one writer anyway."""
    if runtime.database.is_sqlite:
        return
    began, end = _under_way(runtime), time.monotonic() + _PATIENCE
    while began & _under_way(runtime):
        if time.monotonic() > end:
            raise Busy(by="transactions")
        time.sleep(_LOOK)


def _under_way(runtime: Runtime) -> set[tuple[object, ...]]:
    with runtime.reading() as connection:
        return {tuple(row) for row in connection.execute(_UNDER_WAY)}
