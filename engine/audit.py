"""The history chain: one entry per event, each bound to the one before it, and the proof that none was touched.

An entry's hash is SHA-256 over the canonical form of its plain columns, the digest of its content and the hash before it: anybody
can follow the links, on paper too. The content is sealed; its digest is taken over the plain content, which carries a random
salt so that it cannot be guessed. Because a plain hash can be recomputed by whoever edits a row, each entry and the head of each
case also carry an HMAC under a key derived from the key file. Cases are counted the same way, so that one which is removed with
all its rows is missed. Once a day an anchor is made over all of it (`engine.anchors`); one that is kept outside the database
also shows that an older copy was put back, or that somebody with the key file wrote history anew (decisions 9 and 35).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select
from sqlalchemy.exc import InvalidRequestError

from engine import anchor_check, anchors
from engine.anchors import Anchor
from engine.chains import chain, count_mac, entry_hash, entry_mac, head_mac
from engine.fields import Vault
from engine.messages import N_, Message
from engine.model import case_file, history, number_series, read_log
from engine.walking import ILLEGIBLE, Extent, Fault, Walked, walk

__all__ = [
    "ALL_CASES",
    "Extent",
    "Fault",
    "Verification",
    "Walked",
    "case_number",
    "chain",
    "conclude",
    "count_mac",
    "entry_hash",
    "entry_mac",
    "head_mac",
    "verify",
]

log = logging.getLogger("halfsky.audit")

#: the counter of all cases ever opened here, beside the counters of the numbers they bear; those of records begin with it
ALL_CASES = "*"

#: a counter beyond this was not counted up here
_MOST: Final = 50_000_000
_NUMBERS = select(case_file.c.number).where(case_file.c.number.startswith(bindparam("b_series"), autoescape=False))
_EXTENT = select(func.max(case_file.c.id), func.count())
_STREAM: Any = {"yield_per": 1000}


def case_number(series: str, number: int) -> str:
    """The business number of a case (机构代码-年-类-流水)."""
    return f"{series}-{number:04d}"


@dataclass(frozen=True)
class Verification:
    """The outcome over all cases looked at.

    `anchor`: the number of the anchor that was held against (the newest stored one, or one kept outside; None without any);
    `unanchored`: how many entries were written after it, for which only the keyed hashes speak.
    """

    cases: int
    entries: int
    faults: tuple[Fault, ...]
    anchor: int | None = None
    unanchored: int = 0

    @property
    def genuine(self) -> bool:
        """True when nothing was edited, removed or inserted."""
        return not self.faults


def verify(
    connection: Connection,
    vault: Vault,
    case_id: int | None = None,
    *,
    papers: bool = True,
    deep: bool = False,
    kept: Anchor | None = None,
    progress: Callable[[Walked], None] | None = None,
) -> Verification:
    """Walk the chain of one case or of all, and hold what each case has against what its history tells.

    All cases: also whether any is missing, and the records, counters and logs against the anchors. `papers`: open their bytes;
    `deep`: compute the root of every anchor anew, not only of the newest; `kept`: an anchor from outside. Little is in memory at
    a time. `connection` shows one moment (`reading`), so that cases may be worked on meanwhile.
    """
    newest = anchors.newest(connection)
    held = kept.seq if kept is not None else newest.seq if newest is not None else 0
    first, last = (case_id, case_id) if case_id is not None else (1, last_case(connection))
    walked = walk(connection, vault, Extent(first, last, papers, held), progress)
    if case_id is not None:
        return Verification(walked.cases, walked.entries, tuple(walked.faults), held or None, walked.unanchored)
    return conclude(connection, vault, walked, deep=deep, kept=kept)


def last_case(connection: Connection) -> int:
    """The greatest id of a case; 0 without any."""
    return int(connection.execute(_EXTENT, execution_options={}).one()[0] or 0)


def conclude(
    connection: Connection, vault: Vault, walked: Walked, *, deep: bool = False, kept: Anchor | None = None
) -> Verification:
    """The outcome over all cases, once each chain was walked: what is missing, and everything beside the chains."""
    faults = [*walked.faults, *_legible(_missing(connection, vault))]
    known = anchor_check.Told()

    def beside() -> Iterator[Fault]:
        known.read(connection, vault)
        found = anchor_check.differences(connection, vault, known, deep=deep)
        yield from (Fault(case, None, why) for case, why in found)

    faults += _legible(beside())
    if kept is not None:
        faults += _legible(Fault(case, None, why) for case, why in anchor_check.against(connection, kept))
    held = kept.seq if kept is not None else known.newest.seq if known.newest is not None else None
    return Verification(walked.cases, walked.entries, tuple(faults), held, walked.unanchored)


def _legible(found: Iterable[Fault]) -> Iterator[Fault]:
    """The faults found; what cannot even be read was not written by us, and is one more."""
    try:
        yield from found
    except ILLEGIBLE as error:
        if isinstance(error, InvalidRequestError):  # a defect of ours
            raise
        log.warning("illegible", exc_info=error)
        yield Fault(0, None, Message(N_("登记、版本记录、审计记录或审计锚的内容无法读懂：已被改动")))


def _missing(connection: Connection, vault: Vault) -> Iterator[Fault]:
    """Cases that are gone: named by rows that still speak of them, by their number, or only by the count."""
    known = select(case_file.c.id)
    for table in (history, read_log):
        # 0: somebody asked for a case that never was
        gone = select(table.c.case_id).distinct().where(table.c.case_id.not_in(known), table.c.case_id != 0)
        for (case_id,) in connection.execute(gone, execution_options={}):
            yield Fault(case_id, None, Message(N_("记录所属的案件 {case_id} 已被删除"), {"case_id": case_id}))
    counted = 0
    for row in connection.execute(select(number_series), execution_options={}).all():
        if not vault.vouches(row.mac, "count", row.series, row.last):
            yield Fault(0, None, Message(N_("编号登记 {series} 已被改动"), {"series": row.series}))
        if row.series == ALL_CASES:
            counted = row.last
        elif not row.series.startswith(ALL_CASES) and row.last <= _MOST:
            yield from (
                Fault(0, None, Message(N_("案件 {number} 已被删除，连同其全部记录"), {"number": lost}))
                for lost in _lost_numbers(connection, row.series, row.last)
            )
    cases = connection.execute(_EXTENT, execution_options={}).one()[1]
    if counted != cases:
        why = Message(N_("案件总数不符：登记过 {counted} 件，现有 {cases} 件"), {"counted": counted, "cases": cases})
        yield Fault(0, None, why)


def _lost_numbers(connection: Connection, series: str, last: int) -> Iterator[str]:
    """The numbers of a series up to `last` that no case bears. One byte for each is in memory."""
    seen = bytearray(last + 1)
    begin = len(series) + 1
    for (number,) in connection.execute(_NUMBERS, {"b_series": f"{series}-"}, execution_options=_STREAM):
        place = number[begin:]
        if place.isascii() and place.isdigit() and int(place) <= last and case_number(series, int(place)) == number:
            seen[int(place)] = 1
    yield from (case_number(series, number) for number in range(1, last + 1) if not seen[number])
