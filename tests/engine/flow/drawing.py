"""A small builder for BPMN test drawings: nodes, flows and lanes in a few words, plain BPMN XML out."""

from __future__ import annotations

from itertools import pairwise

from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
HALFSKY = "urn:halfsky:bpmn"
_B, _H = f"{{{BPMN}}}", f"{{{HALFSKY}}}"
POST = "CLERK"


class Draw:
    """One process, or the inside of a sub-process. Methods return the id they were given, so that they can be chained."""

    def __init__(self, ident: str = "p", tag: str = "process") -> None:
        self.root = etree.Element(_B + tag, id=ident, nsmap={"bpmn": BPMN, "halfsky": HALFSKY})
        if tag == "process":
            self.root.set("isExecutable", "true")
        self.people: list[str] = []
        self.flows = 0

    def node(self, kind: str, ident: str, **attributes: str) -> str:
        etree.SubElement(self.root, _B + kind, id=ident, **attributes)
        if kind == "userTask":
            self.people.append(ident)
        return ident

    def _of(self, ident: str) -> etree._Element:
        return next(e for e in self.root if e.get("id") == ident)

    def start(self, ident: str = "start") -> str:
        return self.node("startEvent", ident)

    def end(self, ident: str, *, terminate: bool = False) -> str:
        self.node("endEvent", ident)
        if terminate:
            etree.SubElement(self._of(ident), _B + "terminateEventDefinition")
        return ident

    def user(self, ident: str, form: str = "note") -> str:
        self.node("userTask", ident)
        self._of(ident).set(_H + "form", form)
        return ident

    def decide(self, ident: str, decision: str) -> str:
        self.node("businessRuleTask", ident)
        self._of(ident).set(_H + "decision", decision)
        return ident

    def perform(self, ident: str, operation: str, kind: str = "serviceTask") -> str:
        self.node(kind, ident)
        self._of(ident).set(_H + "operation", operation)
        return ident

    def gate(self, kind: str, *idents: str) -> None:
        for ident in idents:
            self.node(f"{kind}Gateway", ident)

    def _timer(self, event: etree._Element, source: str) -> None:
        definition = etree.SubElement(event, _B + "timerEventDefinition")
        etree.SubElement(definition, _B + ("timeDate" if source.startswith("due") else "timeDuration")).text = source

    def late(self, ident: str, on: str, source: str = "due('clock')", *, interrupting: bool = False) -> str:
        self.node("boundaryEvent", ident, attachedToRef=on, cancelActivity=str(interrupting).lower())
        self._timer(self._of(ident), source)
        return ident

    def wait(self, ident: str, source: str = "due('clock')") -> str:
        self.node("intermediateCatchEvent", ident)
        self._timer(self._of(ident), source)
        return ident

    def many(
        self, ident: str, *, over: str = "", count: str = "", sequential: bool = False, collect: bool = True
    ) -> None:
        """Make `ident` multi-instance, over the list fact `over` (item ``one``) or `count` times (an expression)."""
        loop = etree.SubElement(self._of(ident), _B + "multiInstanceLoopCharacteristics")
        loop.set("isSequential", str(sequential).lower())
        if count:
            etree.SubElement(loop, _B + "loopCardinality").text = count
        else:
            etree.SubElement(loop, _B + "loopDataInputRef").text = over
        if collect:
            etree.SubElement(loop, _B + "loopDataOutputRef").text = f"all_{ident}"
        etree.SubElement(loop, _B + "inputDataItem", id="one")
        if collect:
            etree.SubElement(loop, _B + "outputDataItem", id=f"x_{ident}")

    def inside(self, ident: str) -> Draw:
        """An embedded sub-process to draw in."""
        inner = Draw(ident, "subProcess")
        self.root.append(inner.root)
        inner.people = self.people
        return inner

    def call(self, ident: str, process: str) -> str:
        return self.node("callActivity", ident, calledElement=process)

    def flow(self, source: str, target: str, when: str | None = None, *, default: bool = False) -> None:
        self.flows += 1
        ident = f"f_{self.root.get('id')}_{self.flows}"
        flow = etree.SubElement(self.root, _B + "sequenceFlow", id=ident, sourceRef=source, targetRef=target)
        if when is not None:
            etree.SubElement(flow, _B + "conditionExpression").text = when
        if default:
            self._of(source).set("default", ident)

    def chain(self, *idents: str) -> None:
        for source, target in pairwise(idents):
            self.flow(source, target)


def document(*processes: Draw) -> bytes:
    """The BPMN file of `processes`, every user task in the lane of one post."""
    definitions = etree.Element(
        _B + "definitions", id="defs", targetNamespace="urn:test", nsmap={"bpmn": BPMN, "halfsky": HALFSKY}
    )
    for process in processes:
        if process.people:
            lane_set = etree.Element(_B + "laneSet", id=f"lanes_{process.root.get('id')}")
            lane = etree.SubElement(
                lane_set,
                _B + "lane",
                id=POST if process is processes[0] else f"{POST}_{process.root.get('id')}",
                name="经办人",
            )
            for person in process.people:
                etree.SubElement(lane, _B + "flowNodeRef").text = person
            process.root.insert(0, lane_set)
        definitions.append(process.root)
    for source in definitions.iter(_B + "sequenceFlow"):
        for tag, end in (("incoming", "targetRef"), ("outgoing", "sourceRef")):
            node = next(n for n in definitions.iter() if n.get("id") == source.get(end))
            element = etree.Element(_B + tag)
            element.text = source.get("id")
            node.insert(0, element)
    return etree.tostring(definitions)
