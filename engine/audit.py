"""The history chain: one entry per event, each bound to the one before it, and the proof that none was touched.

An entry's hash is SHA-256 over the canonical form of its plain columns, the digest of its content and the hash before it: anybody
can follow the links, on paper too. The content is sealed; its digest is taken over the plain content, which carries a random
salt so that it cannot be guessed. Because a plain hash can be recomputed by whoever edits a row, each entry and the head of each
case also carry an HMAC under a key derived from the key file. Cases are counted the same way, so that one which is removed with
all its rows is missed. What remains possible without the key: putting back an older copy of everything (decision 9).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from engine import version_log
from engine.access import Actor
from engine.errors import EngineError
from engine.events import Event
from engine.fields import Vault, canonical, digest
from engine.holdings import Holdings, Opened
from engine.messages import N_, Message
from engine.model import case_file, history, number_series, read_log

_BOUND = ("case_id", "seq", "kind", "actor_id", "post", "task_id", "element", "content_digest", "previous")
#: the counter of all cases ever opened here, beside the counters of the numbers they bear
ALL_CASES = "*"
#: cases looked at between two questions for more; so much of the table is in memory at most
_AT_ONCE = 200

_CASES = select(case_file).where(case_file.c.id > bindparam("b_after")).order_by(case_file.c.id).limit(_AT_ONCE)
_CASE = select(case_file).where(case_file.c.id == bindparam("b_case"))
_NUMBERS = select(case_file.c.number).where(case_file.c.number.startswith(bindparam("b_series"), autoescape=False))


def entry_hash(row: dict[str, Any]) -> str:
    """The hash of a history row (a mapping with the columns of `model.history`)."""
    bound: list[Any] = [row[name] for name in _BOUND]
    bound.append(row["at"].astimezone(UTC).isoformat(timespec="microseconds"))
    return hashlib.sha256(canonical(bound)).hexdigest()


def entry_mac(vault: Vault, entry: str) -> str:
    """What only this house can write beside the hash of an entry."""
    return vault.vouch("entry", entry)


def head_mac(vault: Vault, case_id: int, last_seq: int, last_hash: str) -> str:
    """What only this house can write beside the head of a case's chain."""
    return vault.vouch("head", case_id, last_seq, last_hash)


def count_mac(vault: Vault, series: str, last: int) -> str:
    """What only this house can write beside a counter."""
    return vault.vouch("count", series, last)


def case_number(series: str, number: int) -> str:
    """The business number of a case (机构代码-年-类-流水)."""
    return f"{series}-{number:04d}"


def chain(
    events: Sequence[Event],
    *,
    actor: Actor,
    post: str | None,
    at: datetime,
    vault: Vault,
    last_seq: int,
    last_hash: str,
) -> list[dict[str, Any]]:
    """The history rows for the events of one case, continuing its chain."""
    rows: list[dict[str, Any]] = []
    for event in events:
        content = canonical({**event.content, "salt": secrets.token_hex(8)})
        last_seq += 1
        row: dict[str, Any] = {
            "case_id": event.case_id,
            "seq": last_seq,
            "kind": str(event.kind),
            "at": at,
            "actor_id": actor.id,
            "post": post,
            "task_id": event.task_id,
            "element": event.element,
            "content_sealed": vault.seal(content),
            "content_digest": hashlib.sha256(content).hexdigest(),
            "previous": last_hash,
        }
        row["hash"] = last_hash = entry_hash(row)
        row["mac"] = entry_mac(vault, last_hash)
        rows.append(row)
    return rows


@dataclass(frozen=True)
class Fault:
    """One place where the stored history is not what was written: case (0: none can be named), entry (its seq, likewise), why."""

    case_id: int
    seq: int | None
    why: Message


@dataclass(frozen=True)
class Verification:
    """The outcome over all cases looked at."""

    cases: int
    entries: int
    faults: tuple[Fault, ...]

    @property
    def genuine(self) -> bool:
        """True when nothing was edited, removed or inserted."""
        return not self.faults


def verify(connection: Connection, vault: Vault, case_id: int | None = None) -> Verification:
    """Walk the chain of one case or of all, and hold what each case has against what its history tells.

    All cases: also whether any is missing. One case is in memory at a time. `connection` shows one moment (`reading`), so that
    cases may be worked on meanwhile.
    """
    holdings = Holdings(connection, vault)
    faults: list[Fault] = []
    cases = entries = 0
    for case in _cases(connection, case_id):
        rows = holdings.entries(case["id"])
        cases, entries = cases + 1, entries + len(rows)
        faults += _chain_faults(vault, case, rows)
        opened = [entry for row in rows if (entry := _open(vault, row, faults)) is not None]
        faults += (Fault(case["id"], seq, why) for seq, why in holdings.differences(case, opened))
    if case_id is None:
        faults += _missing(connection, vault, cases)
        faults += (Fault(0, seq, why) for seq, why in version_log.differences(connection, vault))
    return Verification(cases, entries, tuple(faults))


def _cases(connection: Connection, case_id: int | None) -> Iterator[RowMapping]:
    if case_id is not None:
        yield from connection.execute(_CASE.params(b_case=case_id)).mappings()
        return
    after: int | None = 0
    while after is not None:
        found = connection.execute(_CASES.params(b_after=after)).mappings().all()
        yield from found
        after = found[-1]["id"] if len(found) == _AT_ONCE else None


def _chain_faults(vault: Vault, case: RowMapping, rows: Sequence[RowMapping]) -> Iterator[Fault]:
    case_id, expected, previous = case["id"], 1, ""
    for row in rows:
        if row["seq"] != expected:
            yield Fault(case_id, expected, Message(N_("第 {seq} 条记录缺失"), {"seq": expected}))
            expected = row["seq"]
        elif row["previous"] != previous:
            yield Fault(case_id, row["seq"], Message(N_("第 {seq} 条记录与前一条不相接"), {"seq": row["seq"]}))
        if entry_hash(dict(row)) != row["hash"]:
            yield Fault(case_id, row["seq"], Message(N_("第 {seq} 条记录已被改动"), {"seq": row["seq"]}))
        elif not vault.vouches(row["mac"], "entry", row["hash"]):
            yield Fault(case_id, row["seq"], Message(N_("第 {seq} 条记录不是本系统写下的"), {"seq": row["seq"]}))
        previous, expected = row["hash"], row["seq"] + 1
    genuine = vault.vouches(case["last_mac"], "head", case_id, expected - 1, previous)
    if not genuine or (case["last_seq"], case["last_hash"]) != (expected - 1, previous):
        seq = case["last_seq"]
        yield Fault(case_id, seq, Message(N_("记录末尾与案件登记的链头不符（应为第 {seq} 条）"), {"seq": seq}))


def _open(vault: Vault, row: RowMapping, faults: list[Fault]) -> Opened | None:
    try:
        content = vault.open_json(row["content_sealed"])
    except (EngineError, ValueError):
        content = None
    if content is None or digest(content) != row["content_digest"]:
        why = Message(N_("第 {seq} 条记录的内容已被改动"), {"seq": row["seq"]})
        faults.append(Fault(row["case_id"], row["seq"], why))
        return None
    return Opened(row, content)


def _missing(connection: Connection, vault: Vault, cases: int) -> Iterator[Fault]:
    """Cases that are gone: named by rows that still speak of them, by their number, or only by the count."""
    known = select(case_file.c.id)
    for table in (history, read_log):
        for (gone,) in connection.execute(select(table.c.case_id).distinct().where(table.c.case_id.not_in(known))):
            yield Fault(gone, None, Message(N_("记录所属的案件 {case_id} 已被删除"), {"case_id": gone}))
    counted = 0
    for row in connection.execute(select(number_series)):
        if not vault.vouches(row.mac, "count", row.series, row.last):
            yield Fault(0, None, Message(N_("编号登记 {series} 已被改动"), {"series": row.series}))
        if row.series == ALL_CASES:
            counted = row.last
        if row.series in (ALL_CASES, version_log.SERIES):
            continue
        found = set(connection.execute(_NUMBERS.params(b_series=f"{row.series}-")).scalars())
        for number in range(1, row.last + 1):
            if (lost := case_number(row.series, number)) not in found:
                yield Fault(0, None, Message(N_("案件 {number} 已被删除，连同其全部记录"), {"number": lost}))
    if counted != cases:
        why = Message(N_("案件总数不符：登记过 {counted} 件，现有 {cases} 件"), {"counted": counted, "cases": cases})
        yield Fault(0, None, why)
