"""Which version of a drawing or of decision tables counts when, and what was proposed: frozen rows, no permission needed.

Drawings and tables concern every member of staff (READ_DEFINITIONS is asked by the pages); none of it tells of a case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, select, union_all

from engine.errors import NotFound
from engine.messages import N_, Message
from engine.model import case_file, definition, instance
from engine.model_versions import in_force, proposal, table_set
from engine.reference import Kept

DRAWING, TABLES = "drawing", "tables"

_TERMS = select(in_force.c.sort, in_force.c.key, in_force.c.version_id, in_force.c.since).order_by(
    in_force.c.since, in_force.c.id
)
_PROPOSALS = (
    select(*[c for c in proposal.c if c.name != "content"])
    .where(proposal.c.sort == bindparam("b_sort"), proposal.c.key == bindparam("b_key"))
    .order_by(proposal.c.id.desc())
)
_PENDING = select(func.count()).where(proposal.c.state == "proposed")
_PROPOSAL = select(proposal).where(proposal.c.id == bindparam("b_id"))
_RUNNING = (
    select(instance.c.definition_id, func.count())
    .join(definition, definition.c.id == instance.c.definition_id)
    .join(case_file, case_file.c.id == instance.c.case_id)
    .where(instance.c.status == "running", definition.c.key == bindparam("b_key"))
    .group_by(instance.c.definition_id)
)


def _columns(store: Any) -> Any:
    return select(store.c.id, store.c.key, store.c.version, store.c.digest, store.c.created_at)


_STORES = {DRAWING: _columns(definition), TABLES: _columns(table_set)}
_CONTENT = {
    DRAWING: select(definition.c.bpmn).where(definition.c.id == bindparam("b_id")),
    TABLES: select(table_set.c.dmn).where(table_set.c.id == bindparam("b_id")),
}


@dataclass(frozen=True)
class Version:
    """One approved version. `created_at`: when it was approved."""

    id: int
    key: str
    version: int
    digest: str
    created_at: datetime


@dataclass(frozen=True)
class Term:
    """From `since` until `until` (None: open) the version counts."""

    version: Version
    since: datetime
    until: datetime | None


def _read_terms(connection: Connection) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    for row in connection.execute(_TERMS):
        found.setdefault((row.sort, row.key), []).append(row)
    return found


def _read_versions(connection: Connection) -> dict[str, dict[int, Version]]:
    return {sort: {row.id: Version(*row) for row in connection.execute(store)} for sort, store in _STORES.items()}


#: (sort, key) → what came into force, the earliest first; sort → every approved version by id
_terms = Kept(_read_terms)
_approved = Kept(_read_versions)


def in_force_id(connection: Connection, sort: str, key: str, at: datetime) -> int | None:
    """The id of the version of `key` that counts at an instant; the first one counts for all time before; None without any."""
    known = _terms.of(connection).get((sort, key))
    return None if known is None else _counting(known, at)


def all_in_force(connection: Connection, sort: str, at: datetime) -> dict[str, Version]:
    """Key → the version that counts at an instant, for every key that has one."""
    versions = _approved.of(connection)[sort]
    return {key: versions[_counting(rows, at)] for (of, key), rows in _terms.of(connection).items() if of == sort}


def _counting(rows: Sequence[Any], at: datetime) -> int:
    """The version of the last row that has come at an instant; of the first one before that."""
    come = [row.version_id for row in rows if row.since <= at]
    return int(come[-1] if come else rows[0].version_id)


def version_of(connection: Connection, sort: str, version_id: int) -> Version:
    """An approved version."""
    return _approved.of(connection)[sort][version_id]


def listed(connection: Connection, sort: str, key: str) -> Sequence[Version]:
    """Every approved version of `key`, the newest first."""
    found = [each for each in _approved.of(connection)[sort].values() if each.key == key]
    return sorted(found, key=lambda each: -each.version)


def terms(connection: Connection, sort: str, key: str) -> Sequence[Term]:
    """The whole sequence of what counted, counts and will count, the newest first."""
    versions = _approved.of(connection)[sort]
    rows = _terms.of(connection).get((sort, key), [])
    ends = [row.since for row in rows[1:]] + [None]
    return [Term(versions[r.version_id], r.since, end) for r, end in zip(rows, ends, strict=True)][::-1]


def content_of(connection: Connection, sort: str, version_id: int) -> bytes:
    """The file of an approved version."""
    return bytes(connection.execute(_CONTENT[sort], {"b_id": version_id}).scalar_one())


def proposals(connection: Connection, sort: str, key: str) -> Sequence[Row[Any]]:
    """What was proposed for `key` and what became of it, the newest first, without the files."""
    return connection.execute(_PROPOSALS, {"b_sort": sort, "b_key": key}).all()


def proposal_of(connection: Connection, proposal_id: int) -> Row[Any]:
    """One proposal with its file; NotFound."""
    row = connection.execute(_PROPOSAL, {"b_id": proposal_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("版本提案 {id}"), {"id": proposal_id}))
    return row


def pending(connection: Connection) -> int:
    """How many proposals wait for their approval."""
    return int(connection.execute(_PENDING).scalar_one())


def running(connection: Connection, key: str, cases: ColumnElement[bool]) -> Mapping[int, int]:
    """Definition id → how many of `cases` run on it."""
    return {row[0]: row[1] for row in connection.execute(_RUNNING.where(cases), {"b_key": key})}


def known_people(connection: Connection, sort: str, key: str) -> set[int]:
    """Ids of everybody who proposed or decided anything about `key`."""
    of = (proposal.c.sort == sort) & (proposal.c.key == key)
    both = union_all(select(proposal.c.proposed_by).where(of), select(proposal.c.decided_by).where(of))
    return {number for number in connection.execute(both).scalars() if number}
