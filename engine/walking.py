"""Walking the chains of many cases: each entry against the one before it, against its keyed hash, and against the anchors.

Entries stream by: what is in memory is what a few hundred cases hold, however many there are.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, bindparam, select
from sqlalchemy.exc import InvalidRequestError

from engine.chains import entry_hash
from engine.errors import EngineError
from engine.fields import Vault
from engine.holdings import Holdings, Opened
from engine.messages import N_, Message
from engine.model import case_file, history
from engine.model_audit import anchor_head

log = logging.getLogger("halfsky.audit")

#: cases looked at between two questions for more
_CASES_AT_ONCE: Final = 200
_ENTRIES_AT_ONCE: Final = 500
_CASES = (
    select(case_file)
    .where(case_file.c.id > bindparam("b_after"), case_file.c.id <= bindparam("b_last"))
    .order_by(case_file.c.id)
    .limit(_CASES_AT_ONCE)
)
_FIRST: Any = bindparam("b_first")
_LAST: Any = bindparam("b_last")
_ENTRIES = select(history).where(history.c.case_id.between(_FIRST, _LAST)).order_by(history.c.case_id, history.c.seq)
_HEADS = select(anchor_head).where(anchor_head.c.case_id.between(_FIRST, _LAST))
_READ: Final = json.JSONDecoder().decode
_STREAM: Any = {"yield_per": _ENTRIES_AT_ONCE}
_UNREMEMBERED: Any = {}


#: what goes wrong where a column holds something that was never written into it
ILLEGIBLE: Final = (KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True)
class Fault:
    """One place where the stored history is not what was written: case (0: none can be named), entry (its seq, likewise), why."""

    case_id: int
    seq: int | None
    why: Message


@dataclass
class Walked:
    """What was found over some cases. `unanchored`: entries later than the anchor they are held against, or in no anchor."""

    cases: int = 0
    entries: int = 0
    unanchored: int = 0
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Walked) -> None:
        """Take what was found elsewhere."""
        self.cases += other.cases
        self.entries += other.entries
        self.unanchored += other.unanchored
        self.faults += other.faults


@dataclass(frozen=True)
class Extent:
    """Which cases (ids, both included), whether papers are opened, and the newest anchor that counts (0: none)."""

    first: int
    last: int
    papers: bool = True
    anchor: int = 0


def walk(
    connection: Connection, vault: Vault, extent: Extent, progress: Callable[[Walked], None] | None = None
) -> Walked:
    """Walk the chains of the cases there are in an extent. `connection` shows one moment; `progress` hears now and then."""
    holdings = Holdings(connection, vault, papers=extent.papers)
    walked = Walked()
    after = extent.first - 1
    while True:
        asked = {"b_after": after, "b_last": extent.last}
        cases = connection.execute(_CASES, asked, execution_options=_UNREMEMBERED).mappings().all()
        if not cases:
            return walked
        try:
            walked.add(_walk(connection, vault, holdings, cases, extent.anchor))
        except ILLEGIBLE:  # one by one, to name those in which something stands that was never written there
            for case in cases:
                walked.add(_alone(connection, vault, holdings, case, extent.anchor))
        after = cases[-1]["id"]
        if progress is not None:
            progress(walked)


def _walk(connection: Connection, vault: Vault, holdings: Holdings, cases: Sequence[RowMapping], anchor: int) -> Walked:
    between = {"b_first": cases[0]["id"], "b_last": cases[-1]["id"]}
    holdings.load(between["b_first"], between["b_last"])
    anchored: dict[int, dict[int, RowMapping]] = {}
    for row in connection.execute(_HEADS, between, execution_options=_UNREMEMBERED).mappings():
        anchored.setdefault(row["case_id"], {})[row["seq"]] = row
    found = Walked()
    with connection.execute(_ENTRIES, between, execution_options=_STREAM) as stream:
        rows = _Rows(iter(stream.mappings()))
        for case in cases:
            one = _Case(vault, case, anchored.get(case["id"], {}), anchor)
            opened = one.entries(rows.of(case["id"]))
            one.faults += [Fault(case["id"], seq, why) for seq, why in holdings.differences(case, opened)]
            found.add(Walked(1, one.seen, one.unanchored, one.faults))
    return found


def _alone(connection: Connection, vault: Vault, holdings: Holdings, case: RowMapping, anchor: int) -> Walked:
    try:
        return _walk(connection, vault, holdings, [case], anchor)
    except ILLEGIBLE as error:
        if isinstance(error, InvalidRequestError):  # a defect of ours
            raise
        log.warning("illegible: case=%s", case["id"], exc_info=error)
        why = Message(N_("案件的记录或登记中有无法读懂的内容：已被改动"))
        return Walked(1, case["last_seq"], 0, [Fault(case["id"], None, why)])


class _Rows:
    """A stream of entries in the order of cases, given out case by case."""

    def __init__(self, rows: Iterator[RowMapping]) -> None:
        self._rows = rows
        self._row = next(rows, None)

    def of(self, case_id: int) -> Iterator[RowMapping]:
        """The entries of one case; those of cases that are not there are passed over."""
        while self._row is not None and self._row["case_id"] <= case_id:
            row = self._row
            self._row = next(self._rows, None)
            if row["case_id"] == case_id:
                yield row


class _Case:
    """The chain of one case while its entries pass."""

    def __init__(self, vault: Vault, case: RowMapping, anchored: Mapping[int, RowMapping], anchor: int) -> None:
        self.vault = vault
        self.case = case
        self.anchored = dict(anchored)
        self.sealed_to = max((seq for seq, row in anchored.items() if row["anchor_seq"] <= anchor), default=0)
        self.faults: list[Fault] = []
        self.seen = 0
        self.unanchored = 0

    def entries(self, rows: Iterator[RowMapping]) -> Iterator[Opened]:
        """Pass the entries on that open, and keep what is wrong with any."""
        expected, previous = 1, ""
        for row in rows:
            seq = row["seq"]
            self.seen += 1
            if seq != expected:
                self._wrong(expected, N_("第 {seq} 条记录缺失"))
            elif row["previous"] != previous:
                self._wrong(seq, N_("第 {seq} 条记录与前一条不相接"))
            if entry_hash(row) != row["hash"]:
                self._wrong(seq, N_("第 {seq} 条记录已被改动"))
            elif not self.vault.vouches(row["mac"], "entry", row["hash"]):
                self._wrong(seq, N_("第 {seq} 条记录不是本系统写下的"))
            if seq > self.sealed_to:
                self.unanchored += 1
            if self.anchored:
                self._against_anchor(row)
            previous, expected = row["hash"], seq + 1
            content = self._content(row)
            if content is not None:
                yield Opened(row, content)
        self._end(expected - 1, previous)

    def _wrong(self, seq: int, why: str) -> None:
        self.faults.append(Fault(self.case["id"], seq, Message(why, {"seq": seq})))

    def _against_anchor(self, row: RowMapping) -> None:
        head = self.anchored.pop(row["seq"], None)
        if head is not None and head["hash"] != row["hash"]:
            why = Message(
                N_("第 {seq} 条记录与第 {anchor} 号审计锚不符"), {"seq": row["seq"], "anchor": head["anchor_seq"]}
            )
            self.faults.append(Fault(self.case["id"], row["seq"], why))

    def _content(self, row: RowMapping) -> Mapping[str, Any] | None:
        # what was sealed is the canonical form itself: its digest is taken over the bytes, and nothing is written out again
        try:
            plain = self.vault.open(row["content_sealed"])
            if hashlib.sha256(plain).hexdigest() == row["content_digest"]:
                content: Mapping[str, Any] = _READ(plain.decode())
                return content
        except (EngineError, ValueError):
            pass
        self._wrong(row["seq"], N_("第 {seq} 条记录的内容已被改动"))
        return None

    def _end(self, last: int, end: str) -> None:
        case = self.case
        vouched = self.vault.vouches(case["last_mac"], "head", case["id"], last, end)
        if not vouched or (case["last_seq"], case["last_hash"]) != (last, end):
            self._wrong(case["last_seq"], N_("记录末尾与案件登记的链头不符（应为第 {seq} 条）"))
        for seq, row in sorted(self.anchored.items()):
            told = {"seq": seq, "anchor": row["anchor_seq"]}
            why = Message(N_("第 {anchor} 号审计锚记着第 {seq} 条记录，现在没有这一条：记录被截去"), told)
            self.faults.append(Fault(case["id"], seq, why))
