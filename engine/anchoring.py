"""Making anchors (`engine.anchors`): once a day by itself, and whenever somebody asks for one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, insert, select

from engine import anchor_check, anchors, audit_log
from engine.access import SYSTEM, Actor, Permission
from engine.anchors import Anchor
from engine.chains import instant
from engine.clock import civil_date
from engine.columns import DAYS
from engine.errors import Busy
from engine.fields import canonical
from engine.merkle import root_of
from engine.model import case_file
from engine.model_audit import anchor, anchor_head
from engine.sealed_logs import Mark, fence, let_go, logs, run_on
from engine.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.audit")

_AT_ONCE: Final = 2000
#: how often a log is tried to be closed off
_TRIES: Final = 3
_CASES = select(case_file.c.id, case_file.c.last_seq, case_file.c.last_hash).order_by(case_file.c.id)

Head = tuple[int, int, str]


@dataclass(frozen=True)
class _Draft:
    """What an anchor will say, read under one snapshot; `moved` are the cases whose end is another than before."""

    after: Anchor | None
    at: Any
    cases: int
    leaves: int
    root: str
    others: list[list[Any]]
    moved: Sequence[Head]
    gone: Mapping[str, Mark]


def make_anchor(runtime: Runtime, actor: Actor = SYSTEM) -> Anchor:
    """Make one now; Forbidden unless the actor may verify the history, Busy when another was made meanwhile.

    Writers are held up only while the result is written, not while the chains are read.
    """
    if actor.id != SYSTEM.id:
        with unit_of_work(runtime, actor) as work:
            work.require(Permission.VERIFY_HISTORY, None)
    draft = _draft(runtime, _fences(runtime))
    with unit_of_work(runtime, actor) as work:
        return _write(work, draft)


def anchor_daily(runtime: Runtime) -> bool:
    """The day's anchor, unless there is one; whether it was made. Harmless when several processes come at once."""
    with runtime.reading() as connection:
        newest = anchors.newest(connection)
    if newest is not None and civil_date(newest.at) >= civil_date(runtime.clock.now()):
        return False
    try:
        make_anchor(runtime)
    except Busy:
        log.info("anchor made elsewhere")
        return False
    return True


def _fences(runtime: Runtime) -> dict[str, int]:
    """How far each log can be closed off; 0 for one that somebody writes into without an end: the next anchor will do."""
    found = {}
    for table in logs():
        found[table.name] = 0
        for _ in range(_TRIES):
            try:
                with unit_of_work(runtime, SYSTEM) as work:
                    found[table.name] = fence(work, table)
                break
            except Busy:
                log.warning("log not closed off yet: %s", table.name)
    return found


def _gone(connection: Connection, newest: Row[Any] | None, now: datetime, ends: Mapping[str, int]) -> dict[str, Mark]:
    """Up to where logs that keep rows for some time let go of them: to the last anchor that is as old as that, never back.

    A newer row must be there (`ends`): SQLite gives the id of the last row anew when that is gone.
    """
    found = {} if newest is None else _marks(newest, "gone")
    for table in logs():
        days = table.info.get(DAYS)
        old = anchors.newest_before(connection, now - timedelta(days)) if days is not None else None
        mark = Mark() if old is None else _marks(old, "log").get(table.name, Mark())
        if found.get(table.name, Mark()).last_id < mark.last_id < ends[table.name]:
            found[table.name] = mark
    return found


def _marks(row: Row[Any], sort: str) -> dict[str, Mark]:
    return {name: Mark(*end) for name, end in anchors.other_ends(row, sort).items()}


def _draft(runtime: Runtime, fences: dict[str, int]) -> _Draft:
    with runtime.reading() as connection:
        newest = anchors.newest(connection)
        before = _marks(newest, "log") if newest is not None else {}
        ends = {}
        for table in logs():
            since = before.get(table.name, Mark())
            ends[table.name] = run_on(connection, table, since, max(since.last_id, fences[table.name]))
        gone = _gone(connection, newest, runtime.clock.now(), {name: mark.last_id for name, mark in ends.items()})
        others = anchor_check.other_leaves(connection, ends, gone)
        moved: list[Head] = []
        known = anchors.heads(connection, newest.seq) if newest is not None else iter(())
        root, leaves = root_of(_leaves(connection, known, moved, others))
        after = anchors.of_row(newest) if newest is not None else None
        count = leaves - len(others)
        return _Draft(after, runtime.clock.now(), count, leaves, root.hex(), others, moved, gone)


def _leaves(
    connection: Connection, known: Iterator[Head], moved: list[Head], others: list[list[Any]]
) -> Iterator[bytes]:
    """The leaves as they stand now. A chain that was anchored never gets shorter: its end stays, for the audit to miss."""
    cases = iter(connection.execute(_CASES, execution_options={"yield_per": _AT_ONCE}))
    case, head = next(cases, None), next(known, None)
    while case is not None or head is not None:
        if case is None or (head is not None and head[0] < case.id):
            assert head is not None  # noqa: S101 - one of the two is there
            end, head = head, next(known, None)
        elif head is None or case.id < head[0]:
            end, case = (case.id, case.last_seq, case.last_hash), next(cases, None)
            moved.append(end)
        else:
            end = head
            if case.last_seq > head[1]:
                end = (case.id, case.last_seq, case.last_hash)
                moved.append(end)
            case, head = next(cases, None), next(known, None)
        yield anchors.case_leaf(*end)
    yield from (canonical(other) for other in others)


def _write(work: UnitOfWork, draft: _Draft) -> Anchor:
    newest = anchors.newest(work.connection)
    after = draft.after
    if (newest.seq if newest is not None else 0) != (after.seq if after is not None else 0):
        raise Busy(by="anchor")
    made = Anchor(
        seq=(after.seq if after is not None else 0) + 1,
        at=instant(draft.at),
        leaves=draft.leaves,
        cases=draft.cases,
        root=draft.root,
        previous=newest.hash if newest is not None else "",
    )
    row = {
        "seq": made.seq, "at": draft.at, "leaves": made.leaves, "cases": made.cases, "root": made.root,
        "others": draft.others, "previous": made.previous, "hash": made.value,
        "mac": anchors.anchor_mac(work.runtime.vault, made.value),
    }  # fmt: skip
    work.connection.execute(insert(anchor), row)
    for start in range(0, len(draft.moved), _AT_ONCE):
        part = draft.moved[start : start + _AT_ONCE]
        rows = [{"case_id": c, "anchor_seq": made.seq, "seq": s, "hash": h} for c, s, h in part]
        work.connection.execute(insert(anchor_head), rows)
    for table in logs():
        if table.name in draft.gone:
            let_go(work.connection, table, draft.gone[table.name].last_id)
    told = {"anchor": made.seq, "value": made.value, "cases": made.cases}
    audit_log.JOURNAL.write(work, audit_log.ANCHORED, told)
    return made
