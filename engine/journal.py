"""A chained record of acts that belong to no case: each entry bound to the one before it, their number vouched for.

Its table is declared by `columns.journal_table`. A record may tell of rows of other tables, as the histories of cases do
(`engine.told_rows`); because its entries stand in the clear, it does so by keyed hashes, of the kind that outlast every key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Insert, Row, RowMapping, Table, Update, insert, select, update

from engine import told_rows, turns
from engine.chains import count_mac, instant
from engine.columns import WATCHED
from engine.fields import Vault, canonical
from engine.messages import N_, Message
from engine.model import number_series
from engine.model_audit import audit_log

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: the act of an entry by which everything untold was told of once (`engine.adopting`)
ADOPTED: Final = "adopted"
#: entries read at a time when a whole record is walked
_AT_ONCE = 1000

#: something that is not as it was written: the number of the entry, when one tells of it, and why
Difference = tuple[int | None, Message]

#: the act of an entry that tells of rows of watched tables, and what is said of one that was taken away
TOLD: Final = "rows.told"
GONE: Final = "-"

_known: dict[str, Journal] = {}


def journals() -> list[Journal]:
    """Every such record there is, by name."""
    return [_known[name] for name in sorted(_known)]


def tell_watched(work: UnitOfWork) -> None:
    """Tell of every row of a watched table that was written in this transaction; nobody who writes has to think of it."""
    written: Mapping[Table, set[int]] = getattr(work.connection, "watched", {})
    if not written:
        return
    for journal in journals():
        rows: dict[str, Any] = {}
        for table in sorted(journal.tells.keys() & written.keys(), key=lambda each: each.name):
            rows |= journal.told_of(work, table, tuple(sorted(written[table])))[told_rows.KEY]
        if rows:
            journal.write(work, TOLD, {told_rows.KEY: rows})


def watched_since(connection: Connection) -> set[str]:
    """The watched tables whose every row has been told of at some time: what nothing tells of there is a finding."""
    asked = select(audit_log.c.content).where(audit_log.c.act == ADOPTED)
    contents = connection.execute(asked, execution_options={}).scalars()
    return {name for content in contents for name in content.get("watched", ())}


@dataclass(frozen=True)
class Journal:
    """One such record, counted among the numbers of cases as “*name”. `vouched` names the keyed hash, `title` is for people.

    `tells`: the tables of whose rows it tells, and what a row of each is called. `stored`: what else is wrong with the things
    it is a record of; `adopt`: tells of those that nothing tells of, once (`engine.adopting`).
    """

    name: str
    table: Table
    vouched: str
    title: str
    tells: Mapping[Table, str] = field(default_factory=dict)
    stored: Callable[[Connection], Iterator[Difference]] | None = None
    adopt: Callable[[UnitOfWork], None] | None = None

    def __post_init__(self) -> None:
        _known[self.name] = self

    @property
    def series(self) -> str:
        """Its counter."""
        return f"*{self.name}"

    def last(self, connection: Connection) -> Row[Any, Any] | None:
        """Number and hash of the newest entry; None when there is none."""
        entry = self.table.c
        row: Row[Any, Any] | None = connection.execute(
            select(entry.seq, entry.hash).order_by(entry.seq.desc()).limit(1)
        ).one_or_none()
        return row

    def write(self, work: UnitOfWork, act: str, content: Mapping[str, Any]) -> int:
        """Add one entry; returns its number. Whoever comes while another writes waits: not everybody who writes asks again."""
        vault = work.runtime.vault
        turns.take(work.connection, [vault.lookup("turn", self.series)])
        last = self.last(work.connection)
        seq, previous = (last.seq + 1, last.hash) if last is not None else (1, "")
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

    def change(
        self, work: UnitOfWork, act: str, statement: Insert | Update, parameters: Any = None, **content: Any
    ) -> told_rows.Written:
        """Insert or update rows this record tells of, and add the entry that does; none when no row was found."""
        written = told_rows.write(work.connection, statement, parameters)
        if written.ids:
            self.write(work, act, {**content, **self.told_of(work, statement.table, written.ids)})  # type: ignore[arg-type]
        return written

    def told_of(self, work: UnitOfWork, table: Table, ids: tuple[int, ...]) -> dict[str, Any]:
        """What an entry says of rows as they stand now."""
        vault = work.runtime.vault
        found = told_rows.digests(work.connection, vault, table, ids)
        rows = {number: vault.lookup("row", f"{table.name} {digest}") for number, digest in found.items()}
        gone = {str(number): GONE for number in ids if str(number) not in found}
        return {told_rows.KEY: {table.name: rows | gone}}

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

    def differences(self, connection: Connection, vault: Vault, anchored: Mapping[int, str]) -> Iterator[Difference]:
        """Everything in the record, or in what it tells of, that is not as it was written.

        `anchored`: hashes that entries had by an anchor, by number.
        """
        yield from self._links(connection, vault, anchored)
        if self.tells:
            yield from self._rows(connection, vault)
        if self.stored is not None:
            yield from self.stored(connection)

    def _links(self, connection: Connection, vault: Vault, anchored: Mapping[int, str]) -> Iterator[Difference]:
        title = Message(self.title)
        lost, altered = N_("{record}第 {seq} 条缺失或与前一条不相接"), N_("{record}第 {seq} 条已被改动")
        expected, previous, seen = 1, "", 0
        missed = dict(anchored)
        for row in self.rows(connection):
            seen += 1
            if row["seq"] != expected or row["previous"] != previous:
                yield expected, Message(lost, {"record": title, "seq": expected})
            told = vault.vouches(row["mac"], self.vouched, row["hash"])
            if self.hash_of(row) != row["hash"] or not told or missed.pop(row["seq"], row["hash"]) != row["hash"]:
                yield row["seq"], Message(altered, {"record": title, "seq": row["seq"]})
            expected, previous = row["seq"] + 1, row["hash"]
        for seq in missed:
            yield seq, Message(lost, {"record": title, "seq": seq})
        counter = select(number_series.c.last, number_series.c.mac).where(number_series.c.series == self.series)
        counted = connection.execute(counter).one_or_none()
        last = counted.last if counted is not None else 0
        vouched = counted is None or vault.vouches(counted.mac, "count", self.series, last)
        if last != seen or not vouched:
            what = {"record": title, "counted": last, "seen": seen}
            yield None, Message(N_("{record}应有 {counted} 条，现有 {seen} 条"), what)

    def _rows(self, connection: Connection, vault: Vault) -> Iterator[Difference]:
        """Rows that are not as the newest entry about each says. In memory: two short values for each row."""
        told: dict[tuple[str, int], tuple[int | None, str]] = {}
        for entry in self.rows(connection):
            for of, number, hashed in told_rows.told(entry["content"]):
                told[of, number] = entry["seq"], hashed
        closed = watched_since(connection)
        for table, name in self.tells.items():
            looks = WATCHED not in table.info or table.name in closed
            stream = connection.execute(select(table), execution_options={"yield_per": _AT_ONCE})
            with stream as found:
                for row in found.mappings():
                    if not looks and (table.name, row["id"]) not in told:
                        continue
                    seq, said = told.pop((table.name, row["id"]), (None, ""))
                    seen = told_rows.row_digest(vault, table, row)
                    if said not in vault.lookups("row", f"{table.name} {seen}"):
                        yield seq, self._other(name, row["id"])
        names = {table.name: name for table, name in self.tells.items()}
        missing = ((of, number, seq) for (of, number), (seq, said) in told.items() if said != GONE)
        yield from ((seq, self._other(names[of], number)) for of, number, seq in missing)

    def _other(self, name: str, number: int) -> Message:
        what = {"kind": Message(name), "id": number, "record": Message(self.title)}
        return Message(N_("{kind} {id} 与{record}不符"), what)
