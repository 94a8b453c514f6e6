"""Saved states: one format byte, then msgpack. A few hundred bytes that any msgpack tool reads; nothing executes.

Format 1: ``[fingerprint, last_id, ended, facts, nets]``; a net is ``[owner, process, rows]`` and a row ``[id, parent,
state, spec, triggered, internal, facts, dropped]``. ``process`` and ``spec`` are places in the tables of the
definition, whose `fingerprint` the state carries: a state is never read with another numbering. Facts are stored as
the difference to the parent's; ``dropped`` names those the parent has and the token has not (None: no difference to
build on).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgpack

from engine.flow.faults import StateUnreadable
from engine.flow.light import changed, copied
from engine.flow.tree import STARTED, FlowSubWorkflow, FlowTask, FlowWorkflow
from engine.messages import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.flow.definition import ParsedDefinition, ProcessTable

FORMAT = b"\x01"
Row = list[Any]
ID, PARENT, STATE, SPEC, TRIGGERED, INTERNAL, FACTS, DROPPED = range(8)

# ruff: noqa: SLF001 - builds and reads the tree itself


@dataclass(slots=True)
class Saved:
    """An unpacked state, before any token is built."""

    last_id: int
    ended: str | None
    facts: dict[str, Any]  #: of the ended process; empty while it runs
    nets: list[tuple[int, ProcessTable, list[Row]]]  #: owner token (0: the process itself), table, rows; owners first


def encode(top: FlowWorkflow, d: ParsedDefinition) -> bytes:
    """The state of `top`, which must be pruned."""
    nets: list[Any] = []
    if not top.completed:
        nets.append((0, 0, _rows(top, d.processes[0])))
        place_of = {table.name: place for place, table in enumerate(d.processes)}
        for owner, inner in top.subprocesses.items():
            place = place_of[inner.spec.name]
            nets.append((owner, place, _rows(inner, d.processes[place])))
    facts = top.data if top.completed else {}
    packed: bytes = msgpack.packb((d.fingerprint, top.last_id, top.ended if top.completed else None, facts, nets))
    return FORMAT + packed


def _rows(net: FlowWorkflow | FlowSubWorkflow, table: ProcessTable) -> list[Row]:
    rows: list[Row] = []
    tasks, index = net.tasks, table.index
    stack = [net.task_tree]
    while stack:
        task = stack.pop()
        facts, dropped = task.data, None
        parent = tasks.get(task._parent)
        if parent is not None and facts and parent.data:
            above = parent.data
            dropped = [name for name in above if name not in facts]
            facts = changed(facts, above)
        internal = task.internal_data or None
        spec = index[task.task_spec.name]
        rows.append([task.id, task._parent, task._state, spec, task.triggered, internal, facts, dropped])
        stack.extend(tasks[child] for child in reversed(task._children))
    return rows


def decode(state: bytes, d: ParsedDefinition) -> Saved:
    """Unpack `state`, or raise StateUnreadable if its format or its drawing is another one."""
    if state[:1] != FORMAT:
        raise StateUnreadable(why=message(N_("未知的状态格式")))
    try:
        fingerprint, last_id, ended, facts, nets = msgpack.unpackb(memoryview(state)[1:])
    except (ValueError, msgpack.UnpackException) as broken:
        raise StateUnreadable(why=message(N_("状态数据损坏"))) from broken
    if fingerprint != d.fingerprint:
        raise StateUnreadable(why=message(N_("状态属于另一版流程图（{key}）"), key=d.key))
    return Saved(last_id, ended, facts, [(owner, d.processes[place], rows) for owner, place, rows in nets])


def facts_of_rows(rows: list[Row]) -> Iterator[tuple[Row, dict[str, Any]]]:
    """Each row with its full facts; rows come parents first."""
    known: dict[int, dict[str, Any]] = {}
    for row in rows:
        facts, dropped = row[FACTS], row[DROPPED]
        if dropped is not None:
            whole = dict(known[row[PARENT]])
            for name in dropped:
                del whole[name]
            whole.update(facts)
            facts = whole
        known[row[ID]] = facts
        yield row, facts


def build(saved: Saved, d: ParsedDefinition, engine: Any) -> FlowWorkflow:
    """The living tree of a saved state, ready for one step."""
    top = FlowWorkflow(d.processes[0].spec, d.subprocess_specs, engine)
    top.last_id = saved.last_id
    top.ended = saved.ended
    top.completed = saved.ended is not None
    top.data = saved.facts
    for owner_id, table, rows in saved.nets:
        if owner_id == 0:
            _fill(top, table, rows)
            continue
        owner = top.get_task_from_id(owner_id)
        if owner is None or owner._state != STARTED:
            raise StateUnreadable(why=message(N_("状态数据损坏")))
        inner = FlowSubWorkflow(table.spec, owner_id, top)
        _fill(inner, table, rows)
        top.subprocesses[owner_id] = inner
        inner.completed_event.connect(owner.task_spec._on_subworkflow_completed, owner)
    return top


def _fill(net: FlowWorkflow | FlowSubWorkflow, table: ProcessTable, rows: list[Row]) -> None:
    tasks, specs = net.tasks, table.specs
    new = FlowTask.__new__
    for row, facts in facts_of_rows(rows):
        task = new(FlowTask)
        parent = row[PARENT]
        task.__dict__ = {
            "id": row[ID], "workflow": net, "task_spec": specs[row[SPEC]], "_parent": parent, "_children": [],
            "_state": row[STATE], "triggered": row[TRIGGERED], "thread_id": 0, "last_state_change": 0,
            "data": copied(facts), "internal_data": row[INTERNAL] or {}, "inherited": True,
        }  # fmt: skip
        tasks[row[ID]] = task
        if parent is None:
            net.task_tree = task
        else:
            tasks[parent]._children.append(row[ID])
