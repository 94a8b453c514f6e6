"""What is drawn: the elements of a BPMN file with their lanes, forms and clocks, read without running anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.flow.parser import extension
from engine.flow.timers import NotATimer, due_key

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_B = f"{{{BPMN}}}"

_ACTIVITIES = {
    "userTask", "manualTask", "task", "serviceTask", "sendTask", "businessRuleTask", "subProcess", "callActivity",
}  # fmt: skip
_EVENTS = {"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent"}
_GATEWAYS = {"exclusiveGateway", "parallelGateway", "inclusiveGateway"}
_FLOW_NODES = _ACTIVITIES | _EVENTS | _GATEWAYS


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


def to_canonical(root: Any) -> bytes:
    """Canonical XML without comments: the same drawing gives the same bytes however it was written down."""
    return etree.tostring(root, method="c14n2", with_comments=False)


def read_elements(root: Any) -> dict[str, ElementInfo]:
    """Every flow node by id, in document order."""
    lanes = {
        ref.text.strip(): lane.get("id")
        for lane in root.iter(f"{_B}lane")
        for ref in lane.findall(f"{_B}flowNodeRef")
        if ref.text
    }
    clocks = _clocks(root)
    found = {}
    for node in root.iter(*(_B + tag for tag in sorted(_FLOW_NODES))):
        ident = node.get("id")
        found[ident] = ElementInfo(
            id=ident,
            name=node.get("name", ""),
            kind=etree.QName(node).localname,
            lane=_lane_of(node, lanes),
            form=extension(node, "form"),
            sla=clocks.get(ident),
            documentation=(node.findtext(f"{_B}documentation") or "").strip(),
        )
    return found


def _lane_of(node: Any, lanes: dict[str, str]) -> str | None:
    """The innermost lane: the element's own, else that of what it is attached to, else that of the sub-process."""
    while node is not None:
        for ident in (node.get("id"), node.get("attachedToRef")):
            if ident in lanes:
                return lanes[ident]
        node = node.getparent()
    return None


def _clocks(root: Any) -> dict[str, str]:
    """Element → key of the clock on it. With several timers the one that does not interrupt is the clock (期限)."""
    clocks: dict[str, str] = {}
    for event in sorted(root.iter(f"{_B}boundaryEvent"), key=lambda e: e.get("cancelActivity", "true") == "true"):
        text = event.findtext(f"{_B}timerEventDefinition/{_B}timeDate")
        if text is not None:
            try:
                clocks.setdefault(event.get("attachedToRef"), due_key(text))
            except NotATimer:
                continue
    return clocks
