"""A BPMN drawing as SVG for paper, for pages without JavaScript and for the wall: ``draw``.

The way points and label bounds of the file are honoured as they are; nothing is laid out here. The SVG holds no ids, no
styles and no scripts, so it may stand in any page, several times, under a strict content security policy.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from engine.flow import diagram_shapes as shapes
from engine.flow.diagram_legend import legend_rows
from engine.flow.diagram_reading import Box, DrawnEdge, DrawnShape, Picture, read_picture
from engine.flow.diagram_text import FONT, LINE_HEIGHT, number, tag, width_of, wrap, written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from engine.messages import Translate

_MARGIN = 16.0  # px around everything
_CORNER = 8.0  # px, radius of an edge's corners
_ARROW = 9.0  # px, length of an arrow head
_LABEL = 14  # px, size of a label without bounds of its own
_LABEL_WIDTH = 96.0  # px, its widest line
_MARKS: dict[str, shapes.State] = {"added": "added", "removed": "removed", "changed": "changed"}
_CONTAINERS = {"participant": 0, "lane": 1, "group": 2}
_BEHIND = 3  # expanded sub-processes: above the lanes, below the edges


def draw(
    bpmn: bytes,
    *,
    done: Collection[str] = (),
    current: Collection[str] = (),
    marks: Mapping[str, str] | None = None,
    legend: bool = True,
    title: str = "",
    translate: Translate = str,
) -> str:
    """The drawing as one SVG element; `done` and `current` are element ids (an id in both is current; an end is done).

    `marks` are those of a comparison (`comparing.Comparison.marks`): element id → added, removed or changed; flows too.

    `title` stands above it, and is what a screen reader says. With `legend`, the signs used are explained below, in the
    language of `translate`. Raises RefusedDefinition when `bpmn` is no XML, holds no picture or an absurd coordinate.
    """
    picture = read_picture(bpmn)
    states = _states(picture, done, current, marks or {})
    body = list(_body(picture, states))
    frame = _extent(picture)
    if title:
        body.append(written([title], frame.x, frame.y - 34, 20, anchor="start", bold=True))
        frame = Box(frame.x, frame.y - 44, frame.width, frame.height + 44)
    if legend:
        rows, height = legend_rows(picture, states, frame, translate)
        body.append(rows)
        frame = Box(frame.x, frame.y, frame.width, frame.height + height)
    width, height = frame.width + 2 * _MARGIN, frame.height + 2 * _MARGIN
    return tag(
        "svg",
        (tag("title", escape(title)) if title else "") + "".join(body),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=" ".join(number(v) for v in (frame.x - _MARGIN, frame.y - _MARGIN, width, height)),
        width=width,
        height=height,
        role="img",
        aria_label=title or None,
        font_family=FONT,
    )


def _states(
    picture: Picture, done: Collection[str], current: Collection[str], marks: Mapping[str, str]
) -> dict[str, shapes.State]:
    """The state of each element; nobody works on an end, so a case that stands on one has reached it."""
    states: dict[str, shapes.State] = {**dict.fromkeys(done, "done"), **dict.fromkeys(current, "current")}
    states |= {s.id: "done" for s in picture.shapes if s.kind == "endEvent" and s.id in states}
    return states | {key: _MARKS[mark] for key, mark in marks.items()}


def _body(picture: Picture, states: dict[str, shapes.State]) -> Iterator[str]:
    """Everything from the back to the front: lanes, frames, edges, shapes, labels."""
    behind = [s for s in picture.shapes if _layer(s) <= _BEHIND]
    behind.sort(key=_layer)
    for shape in behind:
        yield _painted(shape, states)
    for edge in picture.edges:
        yield _edge(edge, states.get(edge.id, ""))
    for shape in picture.shapes:
        if _layer(shape) > _BEHIND:
            yield _painted(shape, states)
    yield from map(_label, picture.shapes)
    yield from map(_label, picture.edges)


def _layer(shape: DrawnShape) -> int:
    if shape.kind in {"subProcess", "transaction"} and "expanded" in shape.marks:
        return _BEHIND
    return _CONTAINERS.get(shape.kind, 5 if shape.kind == "boundaryEvent" else 4)


def _painted(shape: DrawnShape, states: dict[str, shapes.State]) -> str:
    """One shape in a group that says which element it is and in what state."""
    state = states.get(shape.id, "")
    if shape.kind in {"participant", "lane"}:
        inside = shapes.container(shape)
    elif shape.kind in {"group", "textAnnotation"}:
        inside = shapes.remark(shape)
    elif shape.kind.endswith("Event"):
        inside = shapes.event(shape, state)
    elif shape.kind.endswith("Gateway"):
        inside = shapes.gateway(shape, state)
    else:
        inside = shapes.activity(shape, state)
    return tag("g", inside, data_element=shape.id, data_state=state or None)


def _label(drawn: DrawnShape | DrawnEdge) -> str:
    """The name beside an event, a gateway or an edge; tasks and lanes carry theirs inside."""
    if not drawn.name:
        return ""
    if drawn.label is not None and (isinstance(drawn, DrawnEdge) or drawn.kind.endswith(("Event", "Gateway"))):
        return shapes.drawn_label(drawn.name, drawn.label)
    if isinstance(drawn, DrawnEdge):
        x, y = _middle(drawn.points)
        return written([drawn.name], x, y - _LABEL * LINE_HEIGHT - 2, _LABEL)
    if drawn.kind.endswith("Event"):
        return written(wrap(drawn.name, _LABEL_WIDTH, _LABEL), drawn.box.cx, drawn.box.bottom + 4, _LABEL)
    if drawn.kind.endswith("Gateway"):
        lines = wrap(drawn.name, _LABEL_WIDTH, _LABEL)
        return written(lines, drawn.box.cx, drawn.box.y - 4 - len(lines) * _LABEL * LINE_HEIGHT, _LABEL)
    return ""


def _middle(points: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """The middle of the longest piece of a line."""
    pieces = list(pairwise(points)) or [((0.0, 0.0), (0.0, 0.0))]
    (x1, y1), (x2, y2) = max(pieces, key=lambda piece: math.dist(*piece))
    return (x1 + x2) / 2, (y1 + y2) / 2


def _edge(edge: DrawnEdge, state: shapes.State = "") -> str:
    """A line with rounded corners; a sequence flow ends in an arrow head."""
    points = [p for i, p in enumerate(edge.points) if i == 0 or p != edge.points[i - 1]]
    if len(points) < 2:
        return ""
    flow = edge.kind == "sequenceFlow"
    stroke = shapes.STROKE[state]
    style: dict[str, object] = {"fill": "none", "stroke": stroke, "stroke_width": 2.6 if state else 1.4}
    if state == "removed":
        style["stroke_dasharray"] = "7 4"
    if not flow:
        style |= {"stroke_dasharray": "2 4" if edge.kind == "association" else "6 4", "stroke": shapes.FAINT}
    ends = [*points[:-1], _back(points[-1], points[-2], _ARROW - 2)] if flow else points
    parts = [tag("path", d=_rounded(ends), **style)]
    if flow:
        parts.append(_head(points[-2], points[-1], stroke))
    if edge.default:
        parts.append(_slash(points[0], points[1]))
    elif edge.conditional:
        parts.append(_diamond(points[0], points[1]))
    return tag("g", "".join(parts), data_element=edge.id, data_state=state or None)


def _back(end: tuple[float, float], towards: tuple[float, float], by: float) -> tuple[float, float]:
    """The point `by` px from `end` in the direction of `towards`."""
    far = math.dist(end, towards)
    share = min(by / far, 0.9) if far else 0.0
    return end[0] + (towards[0] - end[0]) * share, end[1] + (towards[1] - end[1]) * share


def _rounded(points: list[tuple[float, float]]) -> str:
    path = [f"M{number(points[0][0])} {number(points[0][1])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_CORNER, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        (x1, y1), (x2, y2) = _back(corner, before, radius), _back(corner, after, radius)
        path.append(f"L{number(x1)} {number(y1)}Q{number(corner[0])} {number(corner[1])} {number(x2)} {number(y2)}")
    path.append(f"L{number(points[-1][0])} {number(points[-1][1])}")
    return "".join(path)


def _placed(at: tuple[float, float], towards: tuple[float, float]) -> str:
    """A transform that puts (0, 0) at `at` and turns the x axis towards `towards`."""
    angle = math.degrees(math.atan2(towards[1] - at[1], towards[0] - at[0]))
    return f"translate({number(at[0])} {number(at[1])}) rotate({number(angle)})"


def _head(before: tuple[float, float], end: tuple[float, float], fill: str) -> str:
    return tag("path", d=f"M0 0L{_ARROW:g} -4L{_ARROW:g} 4z", transform=_placed(end, before), fill=fill)


def _slash(start: tuple[float, float], after: tuple[float, float]) -> str:
    path = {"fill": "none", "stroke": shapes.OUTLINE, "stroke_width": 1.4}
    return tag("path", d="M6 5L11 -5", transform=_placed(start, after), **path)


def _diamond(start: tuple[float, float], after: tuple[float, float]) -> str:
    path = {"fill": shapes.PAPER, "stroke": shapes.OUTLINE, "stroke_width": 1.2}
    return tag("path", d="M0 0L7 -4.5L14 0L7 4.5z", transform=_placed(start, after), **path)


def _extent(picture: Picture) -> Box:
    """The smallest box around every shape, edge and label."""
    boxes = [b for s in picture.shapes for b in (s.box, s.label or _unplaced(s)) if b]
    boxes += [e.label for e in picture.edges if e.label]
    boxes += [Box(x, y, 0, 0) for e in picture.edges for x, y in e.points]
    left, top = min(b.x for b in boxes), min(b.y for b in boxes)
    return Box(left, top, max(b.right for b in boxes) - left, max(b.bottom for b in boxes) - top)


def _unplaced(shape: DrawnShape) -> Box | None:
    """Room for the name of an event or gateway whose label the file does not place: two lines above and below."""
    if not shape.name or not shape.kind.endswith(("Event", "Gateway")):
        return None
    half = max(min(width_of(shape.name, _LABEL), _LABEL_WIDTH) / 2, shape.box.width / 2)
    room = 2 * _LABEL * LINE_HEIGHT + 4
    return Box(shape.box.cx - half, shape.box.y - room, 2 * half, shape.box.height + 2 * room)
