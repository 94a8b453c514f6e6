"""Turns that transactions take at what is no row of the database: whoever comes later waits until the one before has ended."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, bindparam, func, select


def take(connection: Connection, hashes: Iterable[str]) -> None:
    """Take the turns at all that these keyed hashes stand for, always in one order, so that no two wait for each other.

    PostgreSQL holds them until the transaction ends; on SQLite, which has one writer, nothing happens.
    """
    wanted = sorted({int(hashed[:15], 16) for hashed in hashes})
    if wanted and connection.dialect.name == "postgresql":
        connection.execute(_locks(len(wanted)), {f"b_lock{place}": lock for place, lock in enumerate(wanted)})


@cache
def _locks(count: int) -> Select[Any]:
    """So many locks, one after the other, from left to right."""
    return select(
        *(func.pg_advisory_xact_lock(bindparam(f"b_lock{place}", type_=BigInteger)) for place in range(count))
    )
