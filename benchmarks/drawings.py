"""The drawings that are measured: the real loan, and a matter that four agencies work on at once (about forty nodes)."""

from __future__ import annotations

from importlib import resources
from typing import Any

from lxml import etree

import bpmn

_SPACES = {"bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL", "halfsky": "urn:halfsky:bpmn"}
_B = f"{{{_SPACES['bpmn']}}}"
_OURS = ("form", "decision", "operation")
AGENCIES = ("police", "court", "health", "shelter")

#: user task → the routing facts its form answers, on the way without a detour
LOAN_PATH: tuple[tuple[str, dict[str, Any]], ...] = (
    ("T_Apply", {}),
    ("T_VillageReview", {"village_opinion": "RECOMMEND"}),
    ("T_TownReview", {"town_opinion": "RECOMMEND"}),
    ("T_Credit", {"credit_decision": "AGREE"}),
    ("T_FinalCheck", {"final_decision": "APPROVE"}),
    ("T_Stamp", {}),
    ("T_Disburse", {}),
)
#: what the decision tables and automatic steps of the loan answer on that way
LOAN_ANSWERS: dict[str, dict[str, Any]] = {
    "loan_eligibility": {"eligible": True},
    "loan.forms_complete": {"forms_complete": True, "forms_owner": ""},
    "loan_final": {"still_eligible": True},
}
PARALLEL_ANSWERS: dict[str, dict[str, Any]] = {"urgency": {"urgent": False}}
PARALLEL_FACTS: dict[str, dict[str, Any]] = {"conclude": {"repeat": False}}
#: the village signs, the township sends back: one round of the return loop
RETURN_ROUND: tuple[tuple[str, dict[str, Any]], ...] = (
    ("T_VillageReview", {"village_opinion": "RECOMMEND"}),
    ("T_TownReview", {"town_opinion": "RETURN"}),
)


def loan() -> bytes:
    """`bpmn/loan.bpmn` as it is published."""
    return resources.files(bpmn).joinpath("loan.bpmn").read_bytes()


class _Sketch:
    """Nodes and flows as they are added, plain BPMN out."""

    def __init__(self, ident: str) -> None:
        self.root = etree.Element(_B + "definitions", id="defs", targetNamespace="urn:halfsky:benchmark", nsmap=_SPACES)
        self.process = etree.SubElement(self.root, _B + "process", id=ident, isExecutable="true")
        lanes = etree.SubElement(self.process, _B + "laneSet", id="lanes")
        self.lane = etree.SubElement(lanes, _B + "lane", id="CLERK", name="经办人")
        self.nodes: dict[str, etree._Element] = {}
        self.flows = 0

    def node(self, kind: str, ident: str, **more: str) -> etree._Element:
        named = {key if key not in _OURS else f"{{{_SPACES['halfsky']}}}{key}": value for key, value in more.items()}
        self.nodes[ident] = etree.SubElement(self.process, _B + kind, id=ident, **named)
        return self.nodes[ident]

    def person(self, ident: str) -> None:
        """A task with a form, in the one lane, with a clock on it."""
        self.node("userTask", ident, form="note")
        etree.SubElement(self.lane, _B + "flowNodeRef").text = ident
        clock = self.node("boundaryEvent", f"BT_{ident}", attachedToRef=ident, cancelActivity="false")
        timer = etree.SubElement(clock, _B + "timerEventDefinition")
        etree.SubElement(timer, _B + "timeDate").text = "due('period')"
        self.node("endEvent", f"late_{ident}")
        self.flow(f"BT_{ident}", f"late_{ident}")

    def flow(self, source: str, target: str, condition: str = "") -> str:
        """A sequence flow, named at both of its ends as the standard has it; returns its id."""
        self.flows += 1
        ident = f"f{self.flows}"
        drawn = etree.SubElement(self.process, _B + "sequenceFlow", id=ident, sourceRef=source, targetRef=target)
        if condition:
            etree.SubElement(drawn, _B + "conditionExpression").text = condition
        for tag, node in (("outgoing", source), ("incoming", target)):
            end = etree.Element(_B + tag)
            end.text = ident
            self.nodes[node].insert(0, end)
        return ident


def parallel() -> bytes:
    """Intake, a decision, four agencies with a task, a record and a second task each, a clock on all ten tasks, a loop back."""
    sketch = _Sketch("parallel")
    sketch.node("startEvent", "received")
    sketch.node("businessRuleTask", "grade", decision="urgency")
    for gateway in ("split", "join"):
        sketch.node("parallelGateway", gateway)
    again = sketch.node("exclusiveGateway", "again")
    sketch.node("endEvent", "closed")
    for ident in ("intake", "conclude"):
        sketch.person(ident)
    for ends in (("received", "intake"), ("intake", "grade"), ("grade", "split"), ("join", "conclude")):
        sketch.flow(*ends)
    for name in AGENCIES:
        first, then, last = f"{name}_take", f"{name}_record", f"{name}_report"
        sketch.person(first)
        sketch.node("serviceTask", then, operation="note")
        sketch.person(last)
        for ends in (("split", first), (first, then), (then, last), (last, "join")):
            sketch.flow(*ends)
    sketch.flow("conclude", "again")
    sketch.flow("again", "grade", "repeat")
    again.set("default", sketch.flow("again", "closed"))
    return bytes(etree.tostring(sketch.root))


def node_count(drawing: bytes) -> int:
    """How many nodes a drawing has, events included."""
    kinds = ("Task", "Event", "Gateway")
    return sum(str(element.tag).endswith(kinds) for element in etree.fromstring(drawing).iter())
