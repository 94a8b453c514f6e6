"""Making anchors (`engine.anchors`): once a day by itself, and whenever somebody asks for one."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, insert, select

from engine import anchor_check, anchors, audit_log
from engine.access import SYSTEM, Actor, Permission
from engine.anchors import Anchor
from engine.chains import instant
from engine.clock import civil_date
from engine.errors import Busy
from engine.fields import canonical
from engine.merkle import root_of
from engine.model import case_file
from engine.model_audit import anchor, anchor_head
from engine.sealed_logs import Mark, fence, logs, run_on
from engine.unit_of_work import UnitOfWork, unit_of_work

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.audit")

_AT_ONCE: Final = 2000
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
    found = {}
    for table in logs():
        with unit_of_work(runtime, SYSTEM) as work:
            found[table.name] = fence(work, table)
    return found


def _draft(runtime: Runtime, fences: dict[str, int]) -> _Draft:
    with runtime.reading() as connection:
        newest = anchors.newest(connection)
        before = anchors.other_ends(newest, "log") if newest is not None else {}
        ends = []
        for table in logs():
            since = Mark(*before.get(table.name, (0, "")))
            ends.append((table.name, run_on(connection, table, since, max(since.last_id, fences[table.name]))))
        others = anchor_check.other_leaves(connection, ends)
        moved: list[Head] = []
        known = anchors.heads(connection, newest.seq) if newest is not None else iter(())
        root, leaves = root_of(_leaves(connection, known, moved, others))
        after = anchors.of_row(newest) if newest is not None else None
        return _Draft(after, runtime.clock.now(), leaves - len(others), leaves, root.hex(), others, moved)


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
    told = {"anchor": made.seq, "value": made.value, "cases": made.cases}
    audit_log.JOURNAL.write(work, audit_log.ANCHORED, told)
    return made
