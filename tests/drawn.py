"""A drawing as geometry, read without the code under test: shapes, way points, labels, and how they touch."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
HALFSKY = "{urn:halfsky:bpmn}"
CONTAINERS = ("participant", "lane")
STRIP = 30  # px at the left of a pool or lane that hold its name

Rect = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]


@dataclass
class Drawn:
    """All that a file says: elements by id, and where each is drawn."""

    elements: dict[str, etree._Element]
    shapes: dict[str, Rect] = field(default_factory=dict)
    edges: dict[str, list[Point]] = field(default_factory=dict)
    labels: dict[str, Rect] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)  # the element of every shape and edge, repeats included

    def kind(self, ident: str) -> str:
        return etree.QName(self.elements[ident]).localname

    def name(self, ident: str) -> str:
        return self.elements[ident].get("name", "")

    def of(self, *suffixes: str) -> list[str]:
        return [i for i, e in self.elements.items() if etree.QName(e).localname.endswith(suffixes)]

    @property
    def nodes(self) -> list[str]:
        return [i for i in self.of("Task", "Event", "Gateway", "subProcess", "callActivity", "task") if i]

    @property
    def flows(self) -> list[str]:
        return self.of("sequenceFlow")

    def ends(self, flow: str) -> tuple[str, str]:
        return self.elements[flow].get("sourceRef", ""), self.elements[flow].get("targetRef", "")

    def host(self, ident: str) -> str | None:
        return self.elements[ident].get("attachedToRef")


def _rect(bounds: etree._Element) -> Rect:
    x, y, width, height = (float(bounds.get(k, "nan")) for k in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def read(path: Path) -> Drawn:
    root = etree.parse(path, etree.XMLParser(remove_comments=True)).getroot()
    drawn = Drawn({e.get("id", ""): e for e in root.iter(f"{B}*") if e.get("id")})
    for picture in root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge"):
        ident = picture.get("bpmnElement", "")
        drawn.pictures.append(ident)
        bounds, label = picture.find(f"{DC}Bounds"), picture.find(f"{DI}BPMNLabel/{DC}Bounds")
        if bounds is not None:
            drawn.shapes[ident] = _rect(bounds)
        else:
            drawn.edges[ident] = [(float(p.get("x", "")), float(p.get("y", ""))) for p in picture.findall(WAYPOINT)]
        if label is not None:
            drawn.labels[ident] = _rect(label)
    return drawn


def pieces(points: list[Point]) -> list[Rect]:
    """The straight pieces of an orthogonal line, as flat rectangles."""
    return [(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1])) for a, b in pairwise(points)]


def meet(a: Rect, b: Rect, clearance: float = 0) -> bool:
    """Whether two rectangles come closer than `clearance` (or, when negative, overlap by more)."""
    gap_x, gap_y = max(a[0], b[0]) - min(a[2], b[2]), max(a[1], b[1]) - min(a[3], b[3])
    return gap_x < clearance and gap_y < clearance


def within(inner: Rect, outer: Rect) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def covers(drawn: Drawn, shape: str, label: Rect) -> bool:
    """Whether a label lies on the shape itself: for a gateway its diamond, not the corners around it."""
    box = drawn.shapes[shape]
    if not meet(box, label):
        return False
    if not drawn.kind(shape).endswith("Gateway"):
        return True
    cx, cy = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    near_x, near_y = min(max(cx, label[0]), label[2]), min(max(cy, label[1]), label[3])
    return abs(near_x - cx) / (cx - box[0]) + abs(near_y - cy) / (cy - box[1]) < 1


def on_border(drawn: Drawn, shape: str, point: Point) -> bool:
    """Whether a line that ends in `point` touches the outline of the shape (to 1 px)."""
    left, top, right, bottom = drawn.shapes[shape]
    cx, cy, x, y = (left + right) / 2, (top + bottom) / 2, *point
    if drawn.kind(shape).endswith("Gateway"):
        return abs(abs(x - cx) / (cx - left) + abs(y - cy) / (cy - top) - 1) < 0.05
    if drawn.kind(shape).endswith("Event"):
        return abs(((x - cx) ** 2 + (y - cy) ** 2) ** 0.5 - (cx - left)) <= 1
    across = min(abs(x - left), abs(x - right)) <= 1 and top <= y <= bottom
    return across or (min(abs(y - top), abs(y - bottom)) <= 1 and left <= x <= right)
