"""Where a carried state stands in its drawing, as the exploration of drawings understands it (`marking.Token`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask

from engine.flow.carrying import Net, Row, base_of
from engine.flow.marking import Marking, Token
from engine.flow.specs import InclusiveGateway, ParallelGateway
from engine.flow.tree import WAITING

if TYPE_CHECKING:
    from engine.flow.drawing import Drawing


def marking_of(nets: list[Net], drawing: Drawing) -> Marking | None:
    """The marking of a state; None for states the exploration cannot express (open inclusive joins, many sub-processes)."""
    paths: dict[int, tuple[str, ...]] = {0: ()}
    tokens: list[Token] = []
    seen: set[tuple[str, ...]] = set()
    for net in nets:
        path = paths[net.owner]
        if path in seen:
            return None
        seen.add(path)
        by_id = {row.id: row for row in net.rows}
        for row in net.rows:
            if row.finished or (row.element is None and not isinstance(row.spec, LoopTask)):
                continue
            element = row.element or base_of(row.spec.name)[0]
            paths[row.id] = (*path, element)
            found = _tokens(row, element, path, by_id, drawing)
            if found is None:
                return None
            tokens += found
    return tuple(sorted(tokens))


def _tokens(
    row: Row, element: str, path: tuple[str, ...], by_id: dict[int, Row], drawing: Drawing
) -> list[Token] | None:
    above = by_id.get(row.parent or 0)
    if above is not None and isinstance(above.spec, LoopTask):
        return []  # an instance: its activity is counted once
    node = drawing.nodes.get(element)
    if node is None or isinstance(row.spec, InclusiveGateway):
        return None if node is not None else []
    if isinstance(row.spec, ParallelGateway) and row.state == WAITING:
        sources = {base_of(name)[0] for name in row.internal.get("arrived", ())}
        flows = [flow for flow in drawing.incoming[element] if flow.source in sources]
        return [Token(path, element, flow.id) for flow in flows]
    if node.kind == "boundaryEvent":
        return []
    waiting = {r.element for r in by_id.values() if r.parent == row.parent and r.state == WAITING}
    armed = tuple(event.id for event in drawing.boundary.get(element, ()) if _matters(event, drawing, waiting))
    return [Token(path, element, "", armed)]


def _matters(event: object, drawing: Drawing, waiting: set[str | None]) -> bool:
    """A running timer beside its step that leads anywhere but straight to a plain end."""
    node = drawing.nodes[getattr(event, "id", "")]
    targets = [drawing.nodes.get(flow.target) for flow in drawing.outgoing.get(node.id, ())]
    plain = all(target is not None and target.kind == "endEvent" and not target.event for target in targets)
    return not node.interrupting and node.id in waiting and not plain
