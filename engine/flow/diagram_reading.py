"""The picture part of a BPMN file (BPMN DI) together with what the pictured elements are: nothing is run or interpreted.

Only the first plane is read: the further planes that some editors write hold the insides of collapsed sub-processes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import RefusedDefinition
from engine.flow.hardened_xml import RefusedXml, local_name, namespace, read_xml, text_of
from engine.messages import N_, message

if TYPE_CHECKING:
    from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_B = f"{{{BPMN}}}"
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
LIMIT = 100_000.0  # px; no sheet of paper is larger, and no coordinate may make the file grow
_EVENT_DETAIL = "EventDefinition"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in px; y grows downwards."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.height

    @property
    def cx(self) -> float:
        """The middle, across."""
        return self.x + self.width / 2

    @property
    def cy(self) -> float:
        """The middle, down."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class DrawnShape:
    """An element with its place. `kind` is the element's local name in BPMN ("userTask", "lane", ...).

    `marks` says what is to be seen inside: an event's definition ("timer", "message", "terminate"), "parallel" or
    "sequential" for several instances, "dashed" for a non-interrupting event, "expanded" and "vertical".
    """

    id: str
    name: str
    kind: str
    box: Box
    label: Box | None
    marks: frozenset[str]


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """A connection with its way points in px. `default`: taken when no condition holds; `conditional`: out of a task."""

    id: str
    name: str
    kind: str
    points: tuple[tuple[float, float], ...]
    label: Box | None
    default: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is drawn, in the order of the file."""

    shapes: tuple[DrawnShape, ...]
    edges: tuple[DrawnEdge, ...]


def read_picture(bpmn: bytes) -> Picture:
    """The picture in `bpmn`; raises RefusedDefinition for bad XML, a bad coordinate or a file without a picture."""
    try:
        root = read_xml(bpmn)
    except RefusedXml as refused:
        raise RefusedDefinition([refused.why]) from None
    elements = {e.get("id", ""): e for e in root.iter() if namespace(e) == BPMN and e.get("id")}
    defaults = {e.get("default", "") for e in elements.values()} - {""}
    shapes, edges = [], []
    for drawn in next(root.iter(f"{_DI}BPMNPlane"), ()):
        element = elements.get(drawn.get("bpmnElement", "").rpartition(":")[2])
        if element is not None and drawn.tag == f"{_DI}BPMNShape":
            shapes.append(_shape(drawn, element))
        elif element is not None and drawn.tag == f"{_DI}BPMNEdge":
            edges.append(_edge(drawn, element, elements, defaults))
    if not shapes:
        raise RefusedDefinition([message(N_("流程图没有图形信息（BPMN DI），无法画出"))])
    return Picture(tuple(shapes), tuple(edges))


def _length(element: etree._Element, attribute: str, where: str) -> float:
    try:
        value = float(element.get(attribute, ""))
    except ValueError:
        value = math.nan
    if not abs(value) <= LIMIT:  # false for nan too
        raise RefusedDefinition([message(N_("{element}：图形的坐标不正确"), element=where)])
    return value


def _box(drawn: etree._Element, path: str, where: str) -> Box | None:
    bounds = drawn.find(path)
    if bounds is None:
        return None
    x, y, width, height = (_length(bounds, a, where) for a in ("x", "y", "width", "height"))
    return Box(x, y, max(width, 0.0), max(height, 0.0))


def _shape(drawn: etree._Element, element: etree._Element) -> DrawnShape:
    ident, kind = element.get("id", ""), local_name(element)
    box = _box(drawn, f"{_DC}Bounds", ident)
    if box is None:
        raise RefusedDefinition([message(N_("{element}：图形的坐标不正确"), element=ident)])
    name = element.get("name", "")
    if kind == "textAnnotation":
        words = element.find(f"{_B}text")
        name = text_of(words) if words is not None else ""
    label = _box(drawn, f"{_DI}BPMNLabel/{_DC}Bounds", ident)
    return DrawnShape(ident, name, kind, box, label, _marks(drawn, element))


def _marks(drawn: etree._Element, element: etree._Element) -> frozenset[str]:
    names = [local_name(child) for child in element]
    marks = {n.removesuffix(_EVENT_DETAIL) for n in names if n.endswith(_EVENT_DETAIL)}
    loop = element.find(f"{_B}multiInstanceLoopCharacteristics")
    if loop is not None:
        marks.add("sequential" if loop.get("isSequential") == "true" else "parallel")
    if element.get("cancelActivity") == "false" or element.get("isInterrupting") == "false":
        marks.add("dashed")
    if drawn.get("isExpanded") == "true":
        marks.add("expanded")
    if drawn.get("isHorizontal") == "false":
        marks.add("vertical")
    return frozenset(marks)


def _edge(
    drawn: etree._Element, element: etree._Element, elements: dict[str, etree._Element], defaults: set[str]
) -> DrawnEdge:
    ident = element.get("id", "")
    points = tuple((_length(p, "x", ident), _length(p, "y", ident)) for p in drawn.iterchildren(_WAYPOINT))
    source = elements.get(element.get("sourceRef", ""))
    from_gateway = source is not None and local_name(source).endswith("Gateway")
    conditional = element.find(f"{_B}conditionExpression") is not None and not from_gateway
    label = _box(drawn, f"{_DI}BPMNLabel/{_DC}Bounds", ident)
    return DrawnEdge(ident, element.get("name", ""), local_name(element), points, label, ident in defaults, conditional)
