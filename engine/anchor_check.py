"""Holding the database against its anchors, and against one that was kept outside."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from engine import anchors, audit_log
from engine.anchors import Anchor
from engine.fields import Vault
from engine.journal import journals
from engine.merkle import root_of
from engine.messages import N_, Message
from engine.model import case_file, number_series
from engine.model_audit import anchor_head
from engine.sealed_logs import Mark, has_rows_up_to, logs, run_on

#: (the case that is meant, 0 for none; why)
Found = Iterator[tuple[int, Message]]


@dataclass
class Told:
    """What the stored anchors say together: the newest, hashes of journal entries by number, counters, ends of logs."""

    newest: Row[Any] | None = None
    journals: dict[str, dict[int, str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    logs: dict[str, list[tuple[int, Mark]]] = field(default_factory=dict)
    gone: dict[str, Mark] = field(default_factory=dict)
    faults: list[tuple[int, Message]] = field(default_factory=list)

    def read(self, connection: Connection, vault: Vault) -> None:
        """Read every anchor, each against the one before it and against its keyed hash."""
        expected, previous = 1, ""
        for row in anchors.stored(connection):
            if row.seq != expected or row.previous != previous:
                self._wrong(N_("第 {seq} 号审计锚缺失，或与前一个不相接"), expected)
            if anchors.is_legible(row):
                self.take(row)
            if not (anchors.is_legible(row) and anchors.vouched(vault, row)):
                self._wrong(N_("第 {seq} 号审计锚已被改动"), row.seq)
            expected, previous = row.seq + 1, row.hash
        made = (row["content"] for row in audit_log.JOURNAL.rows(connection) if row["act"] == audit_log.ANCHORED)
        for seq in sorted({content["anchor"] for content in made} - set(range(1, expected))):
            self._wrong(N_("第 {seq} 号审计锚已被删除"), seq)

    def _wrong(self, why: str, seq: int) -> None:
        self.faults.append((0, Message(why, {"seq": seq})))

    def take(self, row: Row[Any]) -> None:
        """Add one anchor."""
        for name, (last, value) in anchors.other_ends(row, "journal").items():
            if last:
                self.journals.setdefault(name, {})[last] = value
        for name, (last, _) in anchors.other_ends(row, "count").items():
            self.counts[name] = max(last, self.counts.get(name, 0))
        for name, (last, value) in anchors.other_ends(row, "log").items():
            self.logs.setdefault(name, []).append((row.seq, Mark(last, value)))
        for name, (last, value) in anchors.other_ends(row, "gone").items():
            self.gone[name] = Mark(last, value)
        self.newest = row


def differences(connection: Connection, vault: Vault, known: Told, *, deep: bool) -> Found:
    """Everything beside the cases' own chains that is not as anchored."""
    yield from known.faults
    for journal in journals():
        anchored = known.journals.pop(journal.name, {})
        yield from ((0, why) for _, why in journal.differences(connection, vault, anchored))
    for name in known.journals:
        yield 0, Message(N_("审计锚记有日志 {name}，本软件没有这一日志"), {"name": name})
    counted = {row.series: row.last for row in connection.execute(select(number_series), execution_options={})}
    for series, last in known.counts.items():
        if counted.get(series, 0) < last:
            seen = {"series": series, "last": last, "seen": counted.get(series, 0)}
            yield 0, Message(N_("编号登记 {series} 被改回：审计锚记到 {last}，现为 {seen}"), seen)
    yield from _logs(connection, known)
    yield from _cases(connection)
    if known.newest is not None:
        for row in anchors.stored(connection) if deep else (known.newest,):
            yield from _root(connection, row)


def _logs(connection: Connection, known: Told) -> Found:
    tables = {table.name: table for table in logs()}
    for name, marks in known.logs.items():
        if name not in tables:
            yield 0, Message(N_("审计锚记有日志 {name}，本软件没有这一日志"), {"name": name})
            continue
        since = known.gone.get(name, Mark())
        yield from _let_go(connection, tables[name], since)
        kept = [mark for _, mark in marks]
        for seq, mark in marks[kept.index(since) + 1 if since in kept else 0 :]:
            seen = run_on(connection, tables[name], since, mark.last_id)
            if seen != mark:
                what = {"name": name, "anchor": seq}
                yield 0, Message(N_("日志 {name} 中第 {anchor} 号审计锚之前的记录已被改动、删除或插入"), what)
            since = mark


def _let_go(connection: Connection, table: Table, gone: Mark) -> Found:
    if gone.digest and has_rows_up_to(connection, table, gone.last_id):
        yield 0, Message(N_("日志 {name} 中有早已清除的时段的记录：是后来插入的"), {"name": table.name})


def _cases(connection: Connection) -> Found:
    known = select(case_file.c.id)
    gone = select(anchor_head.c.case_id).distinct().where(anchor_head.c.case_id.not_in(known))
    for (case_id,) in connection.execute(gone, execution_options={}):
        yield case_id, Message(N_("审计锚记有案件 {case_id}，现已被删除"), {"case_id": case_id})


def _root(connection: Connection, row: Row[Any]) -> Found:
    root, count = root_of(anchors.leaves(connection, row.seq, row.others))
    if (root.hex(), count) != (row.root, row.leaves):
        yield 0, Message(N_("第 {seq} 号审计锚的根值与所存的链头不符"), {"seq": row.seq})


def against(connection: Connection, kept: Anchor) -> Found:
    """Hold the stored anchors against one that was kept outside. With the walk over all chains this settles all before it."""
    row = anchors.numbered(connection, kept.seq)
    if row is None:
        newest = anchors.newest(connection)
        seen = {"seq": kept.seq, "newest": newest.seq if newest is not None else 0}
        yield 0, Message(N_("数据库比所持的第 {seq} 号审计锚旧，或锚已被删除（库中最新为第 {newest} 号）"), seen)
        return
    if not hmac.compare_digest(row.hash, kept.value) or anchors.of_row(row) != kept:
        yield 0, Message(N_("所持的第 {seq} 号审计锚与库中的不同：此锚之前的记录已被换过"), {"seq": kept.seq})
    root, count = root_of(anchors.leaves(connection, kept.seq, row.others))
    if (root.hex(), count) != (kept.root, kept.leaves):
        yield 0, Message(N_("库中的链头算出的根值与所持的第 {seq} 号审计锚不符"), {"seq": kept.seq})


def other_leaves(connection: Connection, ends: Mapping[str, Mark], gone: Mapping[str, Mark]) -> list[list[Any]]:
    """The leaves that are no case, as they stand now: [[sort, name, last, value], …], in their order."""
    found: list[list[Any]] = [["log", name, mark.last_id, mark.digest] for name, mark in ends.items()]
    found += [["gone", name, mark.last_id, mark.digest] for name, mark in gone.items()]
    for journal in journals():
        last = journal.last(connection)
        found.append(["journal", journal.name, last.seq if last else 0, last.hash if last else ""])
    counters = connection.execute(select(number_series), execution_options={})
    return sorted([*found, *(["count", row.series, row.last, ""] for row in counters)])
