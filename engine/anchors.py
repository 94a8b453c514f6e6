"""Anchors: one value a day over the ends of all chains, which somebody keeps outside the database.

The leaves of an anchor's Merkle tree are the ends of all cases (by id), then those of the chained records, the counters and the
logs. Its value binds the root to its number, its instant and the value of the anchor before it. Whoever holds a value can later
show that nothing which existed then has been changed, removed or cut off since, also against somebody who has the key file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, func, select

from engine.chains import instant
from engine.errors import InvalidAnswers
from engine.fields import Vault, canonical
from engine.messages import N_, Message
from engine.model_audit import anchor, anchor_head

_TITLE: Final = "半边天 审计锚 / Halfsky audit anchor"
_FORM: Final = "halfsky-anchor-1"
_AT_ONCE: Final = 2000


@dataclass(frozen=True)
class Anchor:
    """What an anchor says of itself. `at`: as the chains write instants; hashes: 64 hex digits, `previous` "" for the first."""

    seq: int
    at: str
    leaves: int
    cases: int
    root: str
    previous: str

    @property
    def value(self) -> str:
        """The one value to keep: it binds everything else."""
        bound = [_FORM, self.seq, self.at, self.leaves, self.cases, self.root, self.previous]
        return hashlib.sha256(canonical(bound)).hexdigest()

    def text(self) -> str:
        """The anchor as a small file, to be mailed, written off or typed from paper."""
        told = [f"{each.name}: {getattr(self, each.name)}".rstrip() for each in fields(self)]
        return "\n".join([_TITLE, f"form: {_FORM}", *told, f"value: {self.value}", ""])

    @classmethod
    def read(cls, text: str) -> Anchor:
        """An anchor from its file; InvalidAnswers names the line that is missing or wrong, or says that it was altered."""
        split = (line.partition(":") for line in text.splitlines())
        lines = {name.strip(): value.strip() for name, mark, value in split if mark}
        wrong: dict[str, list[Message]] = {}
        found: dict[str, Any] = {}
        if lines.get("form") != _FORM:
            wrong["form"] = [Message(N_("不是审计锚文件（应有一行 form: {form}）"), {"form": _FORM})]
        for each in fields(cls):
            seen = lines.get(each.name)
            number = each.name in ("seq", "leaves", "cases")
            if seen is None or (number and not (seen.isascii() and seen.isdigit() and len(seen) < 18)):
                wrong[each.name] = [Message(N_("这一行缺失或不能读懂"))]
                continue
            found[each.name] = int(seen) if number else seen
        if wrong:
            raise InvalidAnswers(wrong)
        made = cls(**found)
        if made.value != lines.get("value"):
            raise InvalidAnswers({"value": [Message(N_("锚值与其余各行不符：文件抄错或被改动"))]})
        return made


def of_row(row: Row[Any]) -> Anchor:
    """An anchor as it is stored."""
    return Anchor(row.seq, instant(row.at), row.leaves, row.cases, row.root, row.previous)


def stored(connection: Connection) -> Iterator[Row[Any]]:
    """Every anchor, the oldest first."""
    chosen = select(anchor).order_by(anchor.c.seq)
    with connection.execute(chosen, execution_options={"yield_per": 100}) as found:
        yield from found


def newest(connection: Connection) -> Row[Any] | None:
    """The row of the newest anchor; None before the first."""
    found: Row[Any] | None = connection.execute(
        select(anchor).order_by(anchor.c.seq.desc()).limit(1), execution_options={}
    ).one_or_none()
    return found


def newest_before(connection: Connection, at: datetime) -> Row[Any] | None:
    """The row of the newest anchor that was made at an instant or before."""
    chosen = select(anchor).where(anchor.c.at <= at).order_by(anchor.c.seq.desc()).limit(1)
    found: Row[Any] | None = connection.execute(chosen, execution_options={}).one_or_none()
    return found


def numbered(connection: Connection, seq: int) -> Row[Any] | None:
    """The row of one anchor."""
    found: Row[Any] | None = connection.execute(select(anchor).where(anchor.c.seq == seq)).one_or_none()
    return found


def case_leaf(case_id: int, seq: int, end: str) -> bytes:
    """The leaf of a case: its id, the number of its entries, the hash of the last."""
    return canonical(["case", case_id, seq, end])


def heads(connection: Connection, seq: int) -> Iterator[tuple[int, int, str]]:
    """Where every case's chain ended at an anchor: (case id, number of entries, hash), by id."""
    head = anchor_head.c
    newest_of = (
        select(head.case_id, func.max(head.anchor_seq).label("at_anchor"))
        .where(head.anchor_seq <= seq)
        .group_by(head.case_id)
        .subquery()
    )
    chosen = (
        select(head.case_id, head.seq, head.hash)
        .join(newest_of, and_(newest_of.c.case_id == head.case_id, newest_of.c.at_anchor == head.anchor_seq))
        .order_by(head.case_id)
    )
    with connection.execute(chosen, execution_options={"yield_per": _AT_ONCE}) as found:
        for row in found:
            yield row.case_id, row.seq, row.hash


def leaves(connection: Connection, seq: int, others: Sequence[Any]) -> Iterator[bytes]:
    """The leaves of an anchor's tree, in their order."""
    for case_id, last, end in heads(connection, seq):
        yield case_leaf(case_id, last, end)
    yield from (canonical(other) for other in others)


def anchor_mac(vault: Vault, value: str) -> str:
    """What only this house can write beside an anchor."""
    return vault.vouch("anchor", value)


def vouched(vault: Vault, row: Row[Any]) -> bool:
    """Whether an anchor is as this house wrote it, as far as its row alone can tell."""
    value = of_row(row).value
    return value == row.hash and vault.vouches(row.mac, "anchor", value)


def is_legible(row: Row[Any]) -> bool:
    """Whether the leaves that are no case have the shape they are written in."""
    return isinstance(row.others, list) and all(
        isinstance(other, list) and [type(part) for part in other] == [str, str, int, str] for other in row.others
    )


def other_ends(row: Row[Any], sort: str) -> dict[str, tuple[int, str]]:
    """The leaves of one sort ("journal", "count", "log", "gone") of an anchor: name → (last, value)."""
    return {name: (last, value) for kind, name, last, value in row.others if kind == sort}


def moment(at: str) -> datetime:
    """The instant of an anchor."""
    return datetime.fromisoformat(at)
