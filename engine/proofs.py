"""Proofs that an entry was there when an anchor was made: checked with nothing but the proof and the anchor's root.

A proof carries the entry's plain columns (ids, no content), those of the entries after it up to the end of the chain as it was
anchored, and the hashes beside the way from there up to the root. What an entry contains is bound by its digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select

from engine import anchors, merkle
from engine.anchors import Anchor
from engine.chains import entry_hash, instant
from engine.errors import EngineError, NotFound
from engine.messages import N_, Message
from engine.model import history
from engine.model_audit import anchor_head

FORM: Final = "halfsky-proof-1"
_NAMES: Final = ("seq", "kind", "at", "actor_id", "post", "task_id", "element", "content_digest", "previous")
_STREAM: Final[dict[str, Any]] = {"yield_per": 1000}


class NotAnchored(EngineError):
    """There is no anchor yet that covers what is to be proved."""

    text = N_("第 {seq} 条记录尚未被任何审计锚覆盖；下一次生成审计锚之后才能出具证明。")


class BadProof(EngineError):
    """A proof that proves nothing: why."""

    text = N_("证明不成立：{why}")


@dataclass(frozen=True)
class Proved:
    """What a proof shows: entry `seq` of a case, hashed so, was there when the anchor was made."""

    case_id: int
    seq: int
    entry: Mapping[str, Any]
    hash: str
    last_seq: int
    anchor: Anchor


def prove(
    connection: Connection, case_id: int, seq: int | None = None, *, anchor_seq: int | None = None
) -> dict[str, Any]:
    """A proof as JSON data; NotFound without such an entry, NotAnchored.

    `seq`: the entry, None for the last one that is anchored; `anchor_seq`: the anchor, None for the oldest that covers the entry.
    """
    head = _head(connection, case_id, seq, anchor_seq)
    if head is None:
        raise NotAnchored(seq=seq if seq is not None else 1)
    row = anchors.numbered(connection, anchor_seq if anchor_seq is not None else head.anchor_seq)
    if row is None:
        raise NotFound(what=Message(N_("第 {seq} 号审计锚"), {"seq": anchor_seq or head.anchor_seq}))
    first = head.seq if seq is None else seq
    chain = select(history).where(history.c.case_id == case_id, history.c.seq.between(first, head.seq))
    entries = [_plain(entry) for entry in connection.execute(chain.order_by(history.c.seq)).mappings()]
    if not entries or entries[0]["seq"] != first:
        raise NotFound(what=Message(N_("第 {seq} 条记录"), {"seq": first}))
    leaves: list[bytes] = []
    place = None
    for leaf in anchors.leaves(connection, row.seq, row.others):
        if leaf == anchors.case_leaf(case_id, head.seq, head.hash):
            place = len(leaves)
        leaves.append(leaf)
    if place is None:
        raise NotAnchored(seq=first)
    return {
        "form": FORM,
        "case": case_id,
        "entries": entries,
        "head": head.hash,
        "place": place,
        "path": [step.hex() for step in merkle.path_to(leaves, place)],
        "anchor": {**asdict(anchors.of_row(row)), "value": row.hash},
    }


def _head(connection: Connection, case_id: int, seq: int | None, anchor_seq: int | None) -> Row[Any] | None:
    """The anchored end of a chain that covers an entry: the first that does, or the newest when none is named."""
    head = anchor_head.c
    chosen = select(anchor_head).where(head.case_id == case_id)
    if anchor_seq is not None:
        chosen = chosen.where(head.anchor_seq <= anchor_seq).order_by(head.anchor_seq.desc())
    else:
        chosen = chosen.order_by(head.anchor_seq.desc() if seq is None else head.anchor_seq)
    if seq is not None:
        chosen = chosen.where(head.seq >= seq)
    found: Row[Any] | None = connection.execute(chosen.limit(1)).one_or_none()
    return found


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: instant(row[name]) if name == "at" else row[name] for name in _NAMES}


def check(proof: Any, root: str) -> Proved:
    """What a proof shows, held against the root of the anchor somebody kept (64 hex digits); BadProof with the reason.

    Nothing else is needed: no database, no key.
    """
    try:
        return _check(proof, root.strip().lower())
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise BadProof(why=Message(N_("文件残缺或不能读懂"))) from error


def _check(proof: Any, root: str) -> Proved:
    if proof["form"] != FORM:
        raise BadProof(why=Message(N_("不是存在证明文件")))
    told = dict(proof["anchor"])
    value = told.pop("value")
    anchor = Anchor(**told)
    if anchor.value != value:
        raise BadProof(why=Message(N_("所附审计锚的锚值与其余各项不符")))
    if anchor.root != root:
        raise BadProof(why=Message(N_("所附审计锚的根值不是所给的根值")))
    case_id, entries = proof["case"], proof["entries"]
    previous, expected = None, entries[0]["seq"]
    for entry in entries:
        if entry["seq"] != expected or previous not in (None, entry["previous"]):
            raise BadProof(why=Message(N_("第 {seq} 条与前一条不相接"), {"seq": entry["seq"]}))
        previous = entry_hash({**entry, "case_id": case_id, "at": datetime.fromisoformat(entry["at"])})
        expected += 1
    if previous != proof["head"]:
        raise BadProof(why=Message(N_("各条记录算出的链头与所附的链头不符")))
    leaf = anchors.case_leaf(case_id, expected - 1, proof["head"])
    path = [bytes.fromhex(step) for step in proof["path"]]
    found = merkle.root_from(leaf, proof["place"], anchor.leaves, path)
    if found is None or found.hex() != anchor.root or proof["place"] >= anchor.cases:
        raise BadProof(why=Message(N_("链头不在此根值之下")))
    first = entries[0]
    own = entry_hash({**first, "case_id": case_id, "at": datetime.fromisoformat(first["at"])})
    return Proved(case_id, first["seq"], first, own, expected - 1, anchor)
