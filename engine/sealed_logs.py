"""Logs of single rows that hang on no chain (who read what, who signed in): each anchor closes off what came since the last.

To chain them row by row, every reader would have to wait for the one before her. So a digest runs over the rows in the order of
their ids, and an anchor holds how far it had come. What was added since the newest anchor is not yet closed off.

A log may let go of old rows (`columns.DAYS`), whole days at a time: the anchor that does so holds the digest up to which
they are gone, and from there the rest is followed as before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, text, true

from engine.chains import instant
from engine.columns import OWNER, SEALED, metadata
from engine.fields import canonical

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_AT_ONCE: Final = 1000
PATIENCE: Final = 1000


@dataclass(frozen=True)
class Mark:
    """How far the digest of a log had come: the id of the last row, and the digest up to it."""

    last_id: int = 0
    digest: str = ""


def logs() -> list[Table]:
    """Every log that anchors close off, by name."""
    return [table for table in metadata.sorted_tables if SEALED in table.info]


def belongs(log: Table) -> ColumnElement[bool]:
    """Which rows of its table belong to a log."""
    owner = log.info.get(OWNER)
    return true() if owner is None else log.c[owner].is_not(None)


def fence(work: UnitOfWork, log: Table) -> int:
    """The id of the newest row of a log, below which none will appear any more.

    On PostgreSQL a row may be committed after one with a higher id: the lock waits for those that are under way, and writers
    who come then wait behind it, for `PATIENCE` milliseconds at most. Busy when somebody took longer.
    """
    if not work.runtime.database.is_sqlite:
        work.connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE}ms'"))
        work.connection.execute(text(f'LOCK TABLE "{log.name}" IN SHARE MODE'))
    newest = work.connection.execute(select(func.max(log.c.id)).where(belongs(log)), execution_options={}).scalar()
    return int(newest or 0)


def run_on(connection: Connection, log: Table, since: Mark, last_id: int) -> Mark:
    """The digest of a log, carried on from `since` to `last_id`."""
    (mark,) = run_over(connection, log, since, [last_id])
    return mark


def run_over(connection: Connection, log: Table, since: Mark, ends: Sequence[int]) -> Iterator[Mark]:
    """The digest at each of some ids (one at least), in ascending order; the rows are read once, some of them at a time."""
    names: tuple[str, ...] = log.info[SEALED]
    chosen = select(*(log.c[name] for name in names)).where(belongs(log), log.c.id <= ends[-1]).order_by(log.c.id)
    if since.digest:  # at the beginning there is no lower bound: ids below the first are as wrong as any
        chosen = chosen.where(log.c.id > since.last_id)
    digest = since.digest
    with connection.execute(chosen, execution_options={"yield_per": _AT_ONCE}) as found:
        rows = iter(found.mappings())
        row = next(rows, None)
        for end in ends:
            running = hashlib.sha256(digest.encode())
            while row is not None and row["id"] <= end:
                running.update(_line(row))
                row = next(rows, None)
            digest = running.hexdigest()
            yield Mark(end, digest)


def has_rows_up_to(connection: Connection, log: Table, last_id: int) -> bool:
    """Whether there is anything where rows were let go of."""
    return connection.execute(select(log.c.id).where(belongs(log), log.c.id <= last_id).limit(1)).first() is not None


def let_go(connection: Connection, log: Table, last_id: int) -> None:
    """Take the rows up to an id off."""
    connection.execute(delete(log).where(log.c.id <= last_id))


def _line(row: Mapping[Any, Any]) -> bytes:
    """A row without what is NULL in it, so that a log may get columns later."""
    told = {name: _plain(value) for name, value in row.items() if value is not None}
    return canonical(told) + b"\n"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    # what is sealed is sealed anew when the key changes, and is authentic in itself: that it is there is all that can be told
    return True if isinstance(value, bytes) else value
