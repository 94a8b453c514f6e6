"""What an entry of a case's history is bound by: its hash, the keyed hashes that only this house can write, and new entries.

The canonical form of an entry is that of `fields.canonical` over a list of its plain columns. It is put together here by hand,
because a whole house is verified by it: the bytes are the same, for a third of the time.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any

from engine.access import Actor
from engine.events import Event
from engine.fields import Vault, canonical

_BOUND = ("case_id", "seq", "kind", "actor_id", "post", "task_id", "element", "content_digest", "previous")


def instant(at: datetime) -> str:
    """An instant as every chain writes it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def entry_bytes(row: Mapping[Any, Any]) -> bytes:
    """What the hash of a history row (a mapping with the columns of `model.history`) is taken over."""
    case_id, seq, kind, actor, post, task, element, digest, previous = (row[name] for name in _BOUND)
    plain = (
        type(case_id) is type(seq) is type(actor) is int
        and type(kind) is type(digest) is type(previous) is str
        and (post is None or type(post) is str)
        and (task is None or type(task) is int)
        and (element is None or type(element) is str)
    )
    if not plain:  # SQLite keeps whatever is put into a column
        return canonical([*(row[name] for name in _BOUND), instant(row["at"])])
    q = encode_basestring
    return (
        f"[{case_id},{seq},{q(kind)},{actor},{'null' if post is None else q(post)},{'null' if task is None else task},"
        f'{"null" if element is None else q(element)},{q(digest)},{q(previous)},"{instant(row["at"])}"]'
    ).encode()


def entry_hash(row: Mapping[Any, Any]) -> str:
    """The hash of a history row."""
    return hashlib.sha256(entry_bytes(row)).hexdigest()


def entry_mac(vault: Vault, entry: str) -> str:
    """What only this house can write beside the hash of an entry."""
    return vault.vouch("entry", entry)


def head_mac(vault: Vault, case_id: int, last_seq: int, last_hash: str) -> str:
    """What only this house can write beside the head of a case's chain."""
    return vault.vouch("head", case_id, last_seq, last_hash)


def count_mac(vault: Vault, series: str, last: int) -> str:
    """What only this house can write beside a counter."""
    return vault.vouch("count", series, last)


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
