"""A small drawing with every shape the gate may let through, each placed in a grid, for tests of the paper picture."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI" targetNamespace="urn:test">"""

TASKS = ("task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask")
GATEWAYS = ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway")
TIMER = '<bpmn:timerEventDefinition id="{0}_t"/>'
INSIDE = {
    "several": '<bpmn:multiInstanceLoopCharacteristics id="m1"/>',
    "inTurn": '<bpmn:multiInstanceLoopCharacteristics id="m2" isSequential="true"/>',
    "wait": TIMER.format("wait"),
    "mail": '<bpmn:messageEventDefinition id="mail_m"/>',
    "all": '<bpmn:terminateEventDefinition id="all_t"/>',
    "hard": TIMER.format("hard"),
    "soft": TIMER.format("soft"),
    "note": "<bpmn:text>说明：见 S001-48</bpmn:text>",
}
#: id, kind, further attributes of the element, left, top, width, height, further attributes of the shape
SHAPES = (
    *((k, k, "", 100 + 130 * i, 100, 112, 76, "") for i, k in enumerate(TASKS)),
    *((k, k, "", 110 + 100 * i, 230, 50, 50, "") for i, k in enumerate(GATEWAYS)),
    ("several", "userTask", "", 550, 210, 112, 76, ""),
    ("inTurn", "userTask", "", 680, 210, 112, 76, ""),
    ("call", "callActivity", "", 810, 210, 112, 76, ""),
    ("closed", "subProcess", "", 940, 210, 112, 76, ' isExpanded="false"'),
    ("begin", "startEvent", "", 110, 330, 36, 36, ""),
    ("wait", "intermediateCatchEvent", "", 200, 330, 36, 36, ""),
    ("mail", "intermediateCatchEvent", "", 290, 330, 36, 36, ""),
    ("finish", "endEvent", "", 380, 330, 36, 36, ""),
    ("all", "endEvent", "", 470, 330, 36, 36, ""),
    ("hard", "boundaryEvent", 'attachedToRef="several"', 560, 272, 28, 28, ""),
    ("soft", "boundaryEvent", 'attachedToRef="several" cancelActivity="false"', 620, 272, 28, 28, ""),
    ("note", "textAnnotation", "", 940, 320, 110, 50, ""),
    ("band", "group", "", 800, 200, 260, 180, ""),
    ("open", "subProcess", "", 560, 330, 220, 110, ' isExpanded="true"'),
)


def shape(ident: str, box: tuple[object, object, object, object], attributes: str = "", label: str = "") -> str:
    """One BPMNShape; `label` is the XML of its label bounds."""
    x, y, width, height = box
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f'<bpmndi:BPMNShape id="{ident}_di" bpmnElement="{ident}"{attributes}>{bounds}{label}</bpmndi:BPMNShape>'


def edge(ident: str, *points: tuple[float, float], label: str = "") -> str:
    """One BPMNEdge."""
    way = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge id="{ident}_di" bpmnElement="{ident}">{way}{label}</bpmndi:BPMNEdge>'


def label(x: float, y: float, width: float, height: float) -> str:
    """Label bounds."""
    bounds = f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}"/>'
    return f"<bpmndi:BPMNLabel>{bounds}</bpmndi:BPMNLabel>"


def document(elements: str, pictures: str, *, head: str = HEAD) -> bytes:
    """A whole file around the elements of one process and their picture."""
    plane = f'<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="pl">{pictures}</bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
    return f'{head}<bpmn:process id="p">{elements}</bpmn:process>{plane}</bpmn:definitions>'.encode()


def task(name: str, *, kind: str = "userTask", width: float = 112, height: float = 76) -> bytes:
    """One task called `name`, at (100, 100)."""
    element = f'<bpmn:{kind} id="T" name={quoteattr(name)}/>'
    return document(element, shape("T", (100, 100, width, height)))


def flow(*points: tuple[float, float], name: str = "", default: bool = False, bounds: str = "") -> bytes:
    """A gateway, a task and the flow between them, along `points`."""
    chosen = ' default="F"' if default else ""
    elements = (
        f'<bpmn:exclusiveGateway id="G"{chosen}/><bpmn:userTask id="T"/>'
        f'<bpmn:sequenceFlow id="F" name={quoteattr(name)} sourceRef="G" targetRef="T"/>'
    )
    pictures = shape("G", (0, 0, 50, 50)) + shape("T", (200, 200, 112, 76)) + edge("F", *points, label=bounds)
    return document(elements, pictures)


def everything() -> bytes:
    """Every shape, and an association from the note to the call activity."""
    elements, pictures = [], []
    for ident, kind, more, x, y, width, height, look in SHAPES:
        name = "" if kind in {"textAnnotation", "group"} else f' name="{ident}名称"'
        elements.append(f'<bpmn:{kind} id="{ident}"{name} {more}>{INSIDE.get(ident, "")}</bpmn:{kind}>')
        pictures.append(shape(ident, (x, y, width, height), look))
    elements.append('<bpmn:association id="tie" sourceRef="note" targetRef="call"/>')
    pictures.append(edge("tie", (940, 340), (900, 286)))
    return document("".join(elements), "".join(pictures))
