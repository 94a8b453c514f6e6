"""The work of `migrating`: nets and rows of a state taken out of one drawing and hung into another.

A row is a token or a finished node that a living token still needs. An open activity with boundary events hangs under a node of
the library (its split) together with them; when the boundary events differ between the versions, that little tree is built anew
around the same token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventSplit

from engine.flow.codec import ID, INTERNAL, PARENT, SPEC, STATE, TRIGGERED, Saved, facts_of_rows
from engine.flow.drawing import ACTIVITIES
from engine.flow.light import copied
from engine.flow.specs import ParallelGateway
from engine.flow.timers import FlowTimer
from engine.flow.tree import COMPLETED, FINISHED, WAITING

if TYPE_CHECKING:
    from engine.flow.definition import ProcessTable
    from engine.flow.migrating import Route

SPLIT = ".BoundaryEventSplit"
_SUFFIXES = (SPLIT, ".BoundaryEventJoin", " [child]", ".EndJoin")
Found = tuple[str, str]


@dataclass
class Row:
    """One row on its way. `element`: the id in the new drawing, None for nodes of the library; facts are complete."""

    id: int
    parent: int | None
    state: int
    spec: Any
    triggered: bool
    internal: dict[str, Any]
    facts: dict[str, Any]
    element: str | None = None

    @property
    def finished(self) -> bool:
        """True for what only stands there because a living token needs it."""
        return bool(self.state & FINISHED)


@dataclass
class Net:
    """The rows of one process or sub-process, parents first."""

    owner: int
    table: ProcessTable
    rows: list[Row] = field(default_factory=list)


def carry(
    route: Route, saved: Saved, due: Callable[[str | None, Any, str], datetime], last: list[int] | None = None
) -> tuple[list[Net], set[Found], set[str]]:
    """The nets in the new drawing, what stood in the way (code, old element id), and the timers armed afresh."""
    carrier = _Carrier(route, due, last or [saved.last_id])
    nets = []
    for owner, table, rows in saved.nets:
        net = carrier.net(owner, table, rows)
        if net is not None:
            nets.append(net)
    return nets, carrier.obstacles, carrier.rearmed


class _Carrier:
    def __init__(self, route: Route, due: Callable[[str | None, Any, str], datetime], last: list[int]) -> None:
        self.route, self.due, self.last = route, due, last
        self.obstacles: set[Found] = set()
        self.rearmed: set[str] = set()

    def net(self, owner: int, table: ProcessTable, rows: list[list[Any]]) -> Net | None:
        name = None if table.name is None else self.route.target(table.name)
        new = next((each for each in self.route.new.processes if each.name == name), None)
        if new is None:
            self.obstacles.add(("missing", table.name or ""))
            return None
        taken = [
            Row(r[ID], r[PARENT], r[STATE], table.specs[r[SPEC]], r[TRIGGERED], dict(r[INTERNAL] or {}), copied(facts))
            for r, facts in facts_of_rows(rows)
        ]
        net = Net(owner, new, _tidied(taken))
        for row in list(net.rows):
            self._rename(net, row)
        if not self.obstacles:
            nodes = self.route.after.nodes
            for row in [r for r in net.rows if not r.finished and r.element and nodes[r.element].kind in ACTIVITIES]:
                self._rehang(net, row)
        net.rows = _ordered(net.rows)
        return net

    def _rename(self, net: Net, row: Row) -> None:
        """Put the new spec into a row, or note why there is none."""
        base, suffix = base_of(row.spec.name)
        drawn = base in self.route.before.nodes
        if drawn and not row.finished and suffix in ("", " [child]"):
            why = self.route.difference(base)
            if why is not None and self.route.before.nodes[base].kind == "boundaryEvent":
                self._gone(net, row, base)
                return
            if why is not None:
                self.obstacles.add((why, base))
                return
        name = self._name(net, base) + suffix
        spec = net.table.spec.task_specs.get(name)
        old = row.spec
        if spec is None or (type(spec) is not type(old) and (row.finished or drawn)):
            self._gone(net, row, base)
            return
        row.spec, row.element = spec, (self.route.target(base) if drawn and suffix in ("", " [child]") else None)
        if not row.finished and isinstance(spec, ParallelGateway):
            self._arrivals(row, base)
        if "due" in row.internal and row.state == WAITING and not self.route.same_timer(base):
            self._arm(row)

    def _name(self, net: Net, base: str) -> str:
        if base in self.route.before.nodes:
            return self.route.target(base)
        return net.table.spec.name if base == self._old_name(net) else base

    def _old_name(self, net: Net) -> str:
        back = {new: old for old, new in self.route.renamed.items()}
        name = net.table.name
        return self.route.old.processes[0].spec.name if name is None else back.get(name, name)

    def _gone(self, net: Net, row: Row, base: str) -> None:
        """A row without a counterpart: finished ones may be left out when nothing hangs on their place."""
        children = [each for each in net.rows if each.parent == row.id]
        if base in self.route.before.nodes and _is_split(row) and row.finished:
            return  # looked at again when its activity is rehung
        if row.state == WAITING and "due" in row.internal and not children:
            net.rows.remove(row)
        elif row.finished and row.parent is not None and len(children) <= 1:
            for child in children:
                child.parent = row.parent
            net.rows.remove(row)
        elif row.finished:
            self.obstacles.add(("structure", base))
        else:
            self.obstacles.add(("missing" if base not in self.route.after.nodes else "kind", base))

    def _arrivals(self, row: Row, base: str) -> None:
        """A waiting join remembers by which ways branches came: they must be ways into the new join too."""
        inputs = {base_of(name)[0]: name for name in row.spec._inputs}  # noqa: SLF001 - the library's only list of ways
        came = []
        for name in row.internal.get("arrived", ()):
            source = self.route.target(base_of(name)[0])
            found = (
                source if source in inputs else self.route.passed.only_way(source, set(inputs), self.route.target(base))
            )
            if found is None:
                self.obstacles.add(("join", base))
                return
            came.append(inputs[found])
        row.internal["arrived"] = sorted(came)

    def _arm(self, row: Row) -> None:
        event: FlowTimer = row.spec.event_definition
        row.id = self._next()
        watched = row.spec.attached_to or row.element or ""
        row.internal = {"due": self.due(event.sla, event.duration, watched).isoformat()}
        self.rearmed.add(row.element or "")

    def _next(self) -> int:
        self.last[0] += 1
        return self.last[0]

    def _rehang(self, net: Net, row: Row) -> None:
        """Give an open activity exactly the boundary events of the new drawing."""
        if row.spec.name.endswith(" [child]"):
            return
        wanted = {event.id for event in self.route.after.boundary[row.element or ""]}
        split = next((r for r in net.rows if r.id == row.parent and _is_split(r)), None)
        hanging = [r for r in net.rows if split is not None and r.parent == split.id and r is not row]
        held = {r.element for r in hanging if r.element in wanted}
        for gone in [r for r in hanging if r.element not in wanted]:
            if any(r.parent == gone.id for r in net.rows) or not (gone.finished or "due" in gone.internal):
                self.obstacles.add(("fired", base_of(gone.spec.name)[0]))
                return
            net.rows.remove(gone)
        if not wanted:
            if split is not None:
                row.parent = split.parent
                net.rows.remove(split)
            return
        specs = net.table.spec.task_specs
        if split is None:
            split = Row(
                self._next(), row.parent, COMPLETED, specs[f"{row.element}{SPLIT}"], False, {}, copied(row.facts)
            )
            row.parent = split.id
            net.rows.append(split)
        split.spec = specs[f"{row.element}{SPLIT}"]
        for name in sorted(wanted - held):
            event = Row(0, split.id, WAITING, specs[name], False, {}, copied(row.facts), name)
            self._arm(event)
            net.rows.append(event)


def base_of(name: str) -> Found:
    """A spec's name as (drawn id or name of the process, what the library added)."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix), suffix
    return name, ""


def _is_split(row: Row) -> bool:
    return isinstance(row.spec, BoundaryEventSplit)


def _tidied(rows: list[Row]) -> list[Row]:
    """Without the remains of activities that are over: their split and the events that were called off."""
    for split in [r for r in rows if _is_split(r)]:
        children = [r for r in rows if r.parent == split.id]
        element = base_of(split.spec.name)[0]
        open_still = any(not r.finished and (r.spec.name == element or "due" in r.internal) for r in children)
        if open_still:
            continue
        over = [r for r in children if r.finished and not any(each.parent == r.id for each in rows)]
        left = [r for r in children if r not in over]
        if len(left) <= 1:
            for row in left:
                row.parent = split.parent
            rows = [r for r in rows if r is not split and r not in over]
    return rows


def _ordered(rows: Iterable[Row]) -> list[Row]:
    """Parents first, siblings by id."""
    children: dict[int | None, list[Row]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row)
    ordered: list[Row] = []
    stack = sorted(children.get(None, []), key=lambda r: -r.id)
    while stack:
        row = stack.pop()
        ordered.append(row)
        stack += sorted(children.get(row.id, []), key=lambda r: -r.id)
    return ordered


__all__ = ["Net", "Row", "base_of", "carry"]
