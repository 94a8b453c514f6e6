"""What is drawn, for everybody who shows or addresses a drawing: elements with their lanes, forms and clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from engine.flow.drawing import BPMN
from engine.flow.gate_clocks import clock_key

if TYPE_CHECKING:
    from engine.flow.drawing import Drawing, Node


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """One drawn element. `lane` is the lane's id (a post code), `form` a form key, `sla` the key of its clock."""

    id: str
    name: str
    kind: str  #: local name in BPMN: "userTask", "exclusiveGateway", ...
    lane: str | None
    form: str | None
    sla: str | None
    documentation: str
    signing: str | None = None  #: how several sign it: "all", "any", "sequence"; None for one person


def to_canonical(root: etree._Element) -> bytes:
    """Canonical XML without comments: the same drawing gives the same bytes however it was written down."""
    return etree.tostring(root, method="c14n2", with_comments=False)


def read_elements(drawing: Drawing) -> dict[str, ElementInfo]:
    """Every flow node by id, in document order."""
    return {node.id: _info(drawing, node) for node in drawing.nodes.values()}


def _info(drawing: Drawing, node: Node) -> ElementInfo:
    return ElementInfo(
        id=node.id,
        name=node.name,
        kind=node.kind,
        lane=_lane(drawing, node),
        form=node.form or None,
        sla=_clock(drawing, node),
        documentation=(node.element.findtext(f"{{{BPMN}}}documentation") or "").strip(),
        signing=node.signing or None,
    )


def _lane(drawing: Drawing, node: Node | None) -> str | None:
    """The element's own lane, else that of what it is attached to, else that of the sub-process around it."""
    while node is not None:
        if node.lane:
            return node.lane
        node = drawing.nodes.get(node.attached_to) or drawing.nodes.get(node.scope)
    return None


def _clock(drawing: Drawing, node: Node) -> str | None:
    """The key of the clock on an activity; of several timers the one that does not interrupt is its clock (期限)."""
    for event in sorted(drawing.boundary[node.id], key=lambda e: e.interrupting):
        key = clock_key(event)
        if key is not None:
            return key
    return None
