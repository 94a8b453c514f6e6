"""The history chain: one entry per event, each bound to the one before it, and the proof that none was touched.

An entry's hash is SHA-256 over the canonical form of its plain columns, the digest of its content and the hash before it. The
content is sealed; its digest is taken over the plain content, which carries a random salt so that it cannot be guessed. The
case row holds the head, so a cut tail is seen as well.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from engine.access import Actor
from engine.errors import EngineError
from engine.events import Event
from engine.fields import Vault, canonical, digest
from engine.messages import N_, Message
from engine.model import blob, case_file, document, form_version, history, signature

_BOUND = ("case_id", "seq", "kind", "actor_id", "post", "task_id", "element", "content_digest", "previous")


def entry_hash(row: dict[str, Any]) -> str:
    """The hash of a history row (a mapping with the columns of `model.history`)."""
    bound: list[Any] = [row[name] for name in _BOUND]
    bound.append(row["at"].astimezone(UTC).isoformat(timespec="microseconds"))
    return hashlib.sha256(canonical(bound)).hexdigest()


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
        content = {**event.content, "salt": secrets.token_hex(8)}
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
            "content_sealed": vault.seal_json(content),
            "content_digest": digest(content),
            "previous": last_hash,
        }
        row["hash"] = last_hash = entry_hash(row)
        rows.append(row)
    return rows


@dataclass(frozen=True)
class Fault:
    """One place where the stored history is not what was written: case, entry (its seq, when one can be named) and why."""

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
    """Walk the chain of one case or of all, and hold the forms, papers and signatures it names against what is stored."""
    chosen = select(case_file).order_by(case_file.c.id)
    if case_id is not None:
        chosen = chosen.where(case_file.c.id == case_id)
    faults: list[Fault] = []
    cases = entries = 0
    for case in connection.execute(chosen).mappings():
        cases += 1
        rows = connection.execute(select(history).where(history.c.case_id == case["id"]).order_by(history.c.seq))
        found = [dict(r) for r in rows.mappings()]
        entries += len(found)
        faults += _chain_faults(case["id"], case["last_seq"], case["last_hash"], found)
        contents = list(_contents(vault, found, faults))
        faults += _holdings_faults(connection, vault, case["id"], contents)
    if case_id is None:
        faults += _orphans(connection)
    return Verification(cases, entries, tuple(faults))


def _chain_faults(case_id: int, last_seq: int, last_hash: str, rows: list[dict[str, Any]]) -> Iterator[Fault]:
    expected, previous = 1, ""
    for row in rows:
        if row["seq"] != expected:
            yield Fault(case_id, expected, Message(N_("第 {seq} 条记录缺失"), {"seq": expected}))
            expected = row["seq"]
        elif row["previous"] != previous:
            yield Fault(case_id, row["seq"], Message(N_("第 {seq} 条记录与前一条不相接"), {"seq": row["seq"]}))
        if entry_hash(row) != row["hash"]:
            yield Fault(case_id, row["seq"], Message(N_("第 {seq} 条记录已被改动"), {"seq": row["seq"]}))
        previous, expected = row["hash"], row["seq"] + 1
    if (expected - 1, previous) != (last_seq, last_hash):
        yield Fault(
            case_id, last_seq, Message(N_("记录末尾与案件登记的链头不符（应为第 {seq} 条）"), {"seq": last_seq})
        )


def _contents(vault: Vault, rows: list[dict[str, Any]], faults: list[Fault]) -> Iterator[dict[str, Any]]:
    for row in rows:
        try:
            content = vault.open_json(row["content_sealed"])
        except (EngineError, ValueError):
            content = None
        if content is None or digest(content) != row["content_digest"]:
            why = Message(N_("第 {seq} 条记录的内容已被改动"), {"seq": row["seq"]})
            faults.append(Fault(row["case_id"], row["seq"], why))
            continue
        yield {**content, "seq": row["seq"]}


def _holdings_faults(
    connection: Connection, vault: Vault, case_id: int, contents: list[dict[str, Any]]
) -> Iterator[Fault]:
    """Forms, papers and signatures must be exactly those the history names, with the digests it names."""
    named: dict[str, dict[int, tuple[str, int]]] = {"forms": {}, "papers": {}, "signatures": {}}
    for content in contents:
        for kind, known in named.items():
            for item in content.get(kind, ()):
                known[item["id"]] = (item["digest"], content["seq"])
    stored = {
        "forms": _form_digests(connection, vault, case_id),
        "papers": _paper_digests(connection, vault, case_id),
        "signatures": _signature_digests(connection, case_id),
    }
    for kind, known in named.items():
        for item_id in known.keys() | stored[kind].keys():
            wanted, seq = known.get(item_id, (None, None))
            if stored[kind].get(item_id) != wanted:
                why = Message(N_("{kind} {id} 与历史记录不符"), {"kind": Message(_HOLDINGS[kind]), "id": item_id})
                yield Fault(case_id, seq, why)


_HOLDINGS = {"forms": N_("表单"), "papers": N_("材料"), "signatures": N_("签字")}


def _form_digests(connection: Connection, vault: Vault, case_id: int) -> dict[int, str]:
    """Digest of each stored form, recomputed from its content ("" when it cannot be read)."""
    found: dict[int, str] = {}
    for row in connection.execute(select(form_version.c.id, form_version.c.answers_sealed).filter_by(case_id=case_id)):
        try:
            found[row.id] = digest(vault.open_json(row.answers_sealed))
        except (EngineError, ValueError):
            found[row.id] = ""
    return found


def _paper_digests(connection: Connection, vault: Vault, case_id: int) -> dict[int, str]:
    """SHA-256 of each paper's bytes as they open today ("" when they do not)."""
    found: dict[int, str] = {}
    papers = select(document.c.id, blob.c.sealed).join(blob, blob.c.id == document.c.blob_id)
    for row in connection.execute(papers.where(document.c.case_id == case_id)):
        try:
            found[row.id] = hashlib.sha256(vault.open(row.sealed)).hexdigest()
        except EngineError:
            found[row.id] = ""
    return found


def signature_digest(row: Mapping[str, Any]) -> str:
    """What the history remembers of a signature: who signed what, when, as what, over which digest."""
    bound = {name: row[name] for name in _SIGNED}
    return digest({**bound, "signed_at": row["signed_at"].astimezone(UTC).isoformat(timespec="microseconds")})


_SIGNED = ("form_version_id", "form", "signer_id", "signer_name", "post", "acting_for", "unit_id", "method", "digest")


def _signature_digests(connection: Connection, case_id: int) -> dict[int, str]:
    rows = connection.execute(select(signature).where(signature.c.case_id == case_id)).mappings()
    return {row["id"]: signature_digest(dict(row)) for row in rows}


def _orphans(connection: Connection) -> Iterator[Fault]:
    lost = select(history.c.case_id).distinct().where(history.c.case_id.not_in(select(case_file.c.id)))
    for (case_id,) in connection.execute(lost):
        yield Fault(case_id, None, Message(N_("历史记录所属的案件 {case_id} 已被删除"), {"case_id": case_id}))
