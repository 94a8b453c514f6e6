"""What hardly ever changes (calendar, organisation, policies) is read once, and again when it has changed.

Tables with `REFERENCE` among their `info` share one mark: a random number that every write to one of them through a connection
of `engine.database` replaces in the same transaction (decision 10). Whoever wants what was derived from such tables asks for the
mark, once a transaction, and has it derived anew when the mark is another. So a transaction sees its own changes and those that
were committed before it, and what was rolled back is never met again, because a random number does not come twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Column, Connection, Integer, Pool, Table, bindparam, insert, select, update

from engine.columns import metadata

Derived = TypeVar("Derived")

#: `info` of a table that takes part
REFERENCE: Final = {"reference": True}

reference_state = Table(
    "reference_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("mark", BigInteger, nullable=False),
)
_ONLY_ROW = {"b_id": 1}
_MARK = select(reference_state.c.mark).where(reference_state.c.id == bindparam("b_id"))
_SET = update(reference_state).where(reference_state.c.id == bindparam("b_id")).values(mark=bindparam("b_mark"))
_ADD = insert(reference_state)


class Kept(Generic[Derived]):
    """Something derived from reference tables alone, kept for each database until one of them changes. Never change it.

    The pool of connections stands for the database: whoever reads and whoever writes have engines of their own over it.
    """

    def __init__(self, derive: Callable[[Connection], Derived]) -> None:
        self._derive = derive
        self._known: WeakKeyDictionary[Pool, tuple[int, Derived]] = WeakKeyDictionary()

    def of(self, connection: Connection) -> Derived:
        """As of this transaction."""
        remembers = getattr(connection, "mark", None)
        mark = mark_of(connection) if remembers is None else remembers()
        known = self._known.get(connection.engine.pool)
        if known is not None and known[0] == mark:
            return known[1]
        derived = self._derive(connection)
        if mark is not None:
            self._known[connection.engine.pool] = mark, derived
        return derived


def mark_of(connection: Connection) -> int | None:
    """The mark the reference tables bear in this transaction; None before anything was written to one of them."""
    mark: int | None = connection.execute(_MARK, _ONLY_ROW).scalar()
    return mark


def mark_changed(connection: Connection) -> None:
    """Give the reference tables a new mark."""
    new = secrets.randbits(62)
    if connection.execute(_SET, {**_ONLY_ROW, "b_mark": new}).rowcount == 0:
        connection.execute(_ADD, {"id": 1, "mark": new})
