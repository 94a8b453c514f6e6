"""The record of versions: who proposed, approved or refused what, chained like a case's history, and its verification.

Entries carry a link to the one before and a keyed hash; their number is vouched for beside the counters of cases. What is
stored must be what they tell: every version's content, every proposal's outcome, every date from which a version counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select

from engine.chains import instant
from engine.errors import EngineError
from engine.flow.drawn import to_canonical
from engine.flow.hardened_xml import RefusedXml, read_xml
from engine.journal import Difference, Journal
from engine.messages import N_, Message
from engine.model import definition, number_series
from engine.model_versions import in_force, proposal, table_set, version_log

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_STORES = {"drawing": (definition, definition.c.bpmn), "tables": (table_set, table_set.c.dmn)}


def content_digest(content: bytes) -> str:
    """SHA-256 (hex) of the canonical XML: the same however it was written down."""
    return hashlib.sha256(to_canonical(read_xml(content))).hexdigest()


def begin(work: UnitOfWork) -> None:
    """Take what was in force before there was a record into it; does nothing once there is one."""
    if JOURNAL.last(work.connection) is not None:
        return
    for row in work.connection.execute(select(in_force).order_by(in_force.c.id)).all():
        store, _ = _STORES[row.sort]
        digest = work.connection.execute(select(store.c.digest).where(store.c.id == row.version_id)).scalar_one()
        told = {"sort": row.sort, "key": row.key, "digest": digest, "version_id": row.version_id}
        write(work, "adopted", {**told, "since": instant(row.since)})


def hold(work: UnitOfWork) -> None:
    """`begin`, and let nobody else decide about a version until this transaction ends: what is read now is the last word."""
    begin(work)
    mine = select(number_series.c.last).where(number_series.c.series == JOURNAL.series)
    work.connection.execute(mine.with_for_update())


def write(work: UnitOfWork, act: str, content: Mapping[str, Any]) -> None:
    """Add one entry to the record. `act`: adopted, installed, proposed, approved, refused or withdrawn."""
    JOURNAL.write(work, act, content)


def _stored_otherwise(connection: Connection) -> Iterator[Difference]:
    """What is stored and not as the record tells."""
    told: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    where: dict[tuple[Any, ...], int] = {}
    for row in JOURNAL.rows(connection):
        for thing, said in _told(row["act"], row["actor_id"], row["content"]):
            told[thing] = said
            where[thing] = row["seq"]
    stored = dict(_stored(connection)) if where else {}  # before there was a record, nothing told of them
    for thing in sorted(told.keys() | stored.keys(), key=str):
        if told.get(thing) != stored.get(thing):
            what = Message(N_("版本资料 {what} 与版本记录不符"), {"what": " ".join(str(part) for part in thing)})
            yield where.get(thing), what


def _told(act: str, actor_id: int, content: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """What one entry says is so from then on."""
    sort, key, number = content["sort"], content["key"], content.get("proposal")
    if number is not None:
        state = {"installed": "approved"}.get(act, act)
        decided = None if act == "proposed" else actor_id
        yield ("proposal", number), (sort, key, content["digest"], state, content["by"], decided)
    if "version_id" in content:
        yield ("version", sort, content["version_id"]), (key, content["digest"])
        yield ("since", sort, content["version_id"], content["since"]), (key,)


def _stored(connection: Connection) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    for row in connection.execute(select(proposal)):
        told = (row.sort, row.key, _digest(bytes(row.content)), row.state, row.proposed_by, row.decided_by)
        yield ("proposal", row.id), told
    for sort, (store, content) in _STORES.items():
        for row in connection.execute(select(store.c.id, store.c.key, store.c.digest, content.label("content"))):
            seen = _digest(bytes(row.content))
            yield ("version", sort, row.id), (row.key, row.digest if seen == row.digest else seen)
    for row in connection.execute(select(in_force)):
        yield ("since", row.sort, row.version_id, instant(row.since)), (row.key,)


@lru_cache(maxsize=32)
def _digest(content: bytes) -> str:
    """Whoever checks often meets the same few files: the same bytes have the same digest."""
    try:
        return content_digest(content)
    except (RefusedXml, EngineError):
        return ""


JOURNAL: Final = Journal("versions", version_log, "version", N_("版本记录"), stored=_stored_otherwise)
