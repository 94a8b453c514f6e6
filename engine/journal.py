"""A chained record of acts that belong to no case: each entry bound to the one before it, their number vouched for.

The table has the columns seq, at, actor_id, act, content (JSON), previous, hash, mac.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, RowMapping, Table, insert, select, update

from engine.chains import count_mac, instant
from engine.fields import Vault, canonical
from engine.messages import Message
from engine.model import number_series

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: entries read at a time when a whole record is walked
_AT_ONCE = 1000


_known: dict[str, Journal] = {}


def journals() -> list[Journal]:
    """Every such record there is, by name."""
    return [_known[name] for name in sorted(_known)]


@dataclass(frozen=True)
class Journal:
    """One such record: its table, its counter among those of cases and numbers, and the words for what can be wrong with it.

    `lost` and `altered` are templates with {seq}, `miscounted` one with {counted} and {seen}; `vouched` names the keyed hash.
    """

    name: str
    table: Table
    series: str
    vouched: str
    lost: str
    altered: str
    miscounted: str

    def __post_init__(self) -> None:
        _known[self.name] = self

    def last(self, connection: Connection) -> Row[Any, Any] | None:
        """Number and hash of the newest entry; None when there is none."""
        entry = self.table.c
        row: Row[Any, Any] | None = connection.execute(
            select(entry.seq, entry.hash).order_by(entry.seq.desc()).limit(1)
        ).one_or_none()
        return row

    def write(self, work: UnitOfWork, act: str, content: Mapping[str, Any]) -> int:
        """Add one entry; returns its number."""
        last = self.last(work.connection)
        seq, previous = (last.seq + 1, last.hash) if last is not None else (1, "")
        vault = work.runtime.vault
        row = {"seq": seq, "at": work.now, "actor_id": work.actor.id, "act": act, "content": dict(content)}
        row = {**row, "previous": previous}
        row["hash"] = self.hash_of(row)
        row["mac"] = vault.vouch(self.vouched, row["hash"])
        work.connection.execute(insert(self.table), row)
        counter = {"last": seq, "mac": count_mac(vault, self.series, seq)}
        mine = update(number_series).where(number_series.c.series == self.series).values(counter)
        if work.connection.execute(mine).rowcount == 0:
            work.connection.execute(insert(number_series), {"series": self.series, **counter})
        return int(seq)

    @staticmethod
    def hash_of(row: Mapping[Any, Any]) -> str:
        """The hash of one entry: SHA-256 over its columns and the hash before it."""
        bound = [row[name] for name in ("seq", "actor_id", "act", "content", "previous")]
        return hashlib.sha256(canonical([*bound, instant(row["at"])])).hexdigest()

    def rows(self, connection: Connection) -> Iterator[RowMapping]:
        """Every entry in order, some of them in memory at a time."""
        chosen = select(self.table).order_by(self.table.c.seq)
        with connection.execute(chosen, execution_options={"yield_per": _AT_ONCE}) as found:
            yield from found.mappings()

    def differences(
        self, connection: Connection, vault: Vault, anchored: Mapping[int, str]
    ) -> Iterator[tuple[int | None, Message]]:
        """Everything in the record that is not as it was written. `anchored`: hashes that entries had by an anchor, by number."""
        expected, previous, seen = 1, "", 0
        missed = dict(anchored)
        for row in self.rows(connection):
            seen += 1
            if row["seq"] != expected or row["previous"] != previous:
                yield expected, Message(self.lost, {"seq": expected})
            told = vault.vouches(row["mac"], self.vouched, row["hash"])
            if self.hash_of(row) != row["hash"] or not told or missed.pop(row["seq"], row["hash"]) != row["hash"]:
                yield row["seq"], Message(self.altered, {"seq": row["seq"]})
            expected, previous = row["seq"] + 1, row["hash"]
        for seq in missed:
            yield seq, Message(self.lost, {"seq": seq})
        counter = select(number_series.c.last, number_series.c.mac).where(number_series.c.series == self.series)
        counted = connection.execute(counter).one_or_none()
        last = counted.last if counted is not None else 0
        vouched = counted is None or vault.vouches(counted.mac, "count", self.series, last)
        if last != seen or not vouched:
            yield None, Message(self.miscounted, {"counted": last, "seen": seen})
