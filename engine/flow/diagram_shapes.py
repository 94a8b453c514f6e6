"""What each BPMN element looks like on paper: one function per family of shapes, each returning SVG without any ids.

State is never colour alone: what is done carries a tick, what is current a heavy double outline and an arrow badge, so
that a black-and-white copy says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.flow.diagram_text import LINE_HEIGHT, fit, tag, upright, wrap, written

if TYPE_CHECKING:
    from engine.flow.diagram_reading import Box, DrawnShape

State = Literal["", "done", "current", "added", "removed", "changed"]

PAPER = "#ffffff"
OUTLINE = "#3e4c59"
FAINT = "#8c98a4"
LANE_HEAD = "#eef1f4"
DONE, DONE_FILL = "#1b6b3a", "#e2f3e7"
CURRENT, CURRENT_FILL = "#a61b1b", "#fff1d8"
ADDED, ADDED_FILL = "#1b6b3a", "#dff3e4"
REMOVED, REMOVED_FILL = "#a61b1b", "#fbe3e1"
ALTERED, ALTERED_FILL = "#8a5300", "#fff1d8"
FILL: dict[State, str] = {
    "": PAPER, "done": DONE_FILL, "current": CURRENT_FILL, "added": ADDED_FILL, "removed": REMOVED_FILL, "changed": ALTERED_FILL,
}  # fmt: skip
STROKE: dict[State, str] = {
    "": OUTLINE, "done": DONE, "current": CURRENT, "added": ADDED, "removed": REMOVED, "changed": ALTERED,
}  # fmt: skip
#: what the badges of a comparison show: a cross, a bar, two crossed arrows' worth of "not equal"
_COMPARED = {
    "added": "M-4.5 0H4.5M0 -4.5V4.5",
    "removed": "M-4.5 0H4.5",
    "changed": "M-4.5 -2H4.5M-4.5 2H4.5M2.6 -5L-2.6 5",
}
TASK_SIZES = (16, 15, 14, 13, 12, 11, 10)
LABEL_SIZES = (14, 13, 12, 11)

#: 16 x 16 px, stroked in the outline's colour; "F" marks what is filled with it, "W" what is left white.
_ICONS = {
    "userTask": (("", "M5 5a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z"), ("", "M2 15c0-4 2.5-6 6-6s6 2 6 6z")),
    "manualTask": (
        ("", "M2 9l5-5.5c1-1 2.3 0 1.5 1.2L7 7h6.5c1.3 0 1.3 2 0 2H9.5h4c1.2 0 1.2 2 0 2h-4h3.2"),
        ("", "M12.7 11c1.2 0 1.2 1.9 0 1.9H9.5c-3 1.6-5.5 1-7.5-0.9"),
    ),
    "serviceTask": (
        ("", "M4.5 8a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z"),
        ("", "M8 4.5V1.5M8 11.5V14.5M4.5 8H1.5M11.5 8H14.5M5.5 5.5L3.4 3.4M10.5 5.5L12.6 3.4"),
        ("", "M5.5 10.5L3.4 12.6M10.5 10.5L12.6 12.6"),
    ),
    "sendTask": (("F", "M1 3h14v10H1z"), ("W", "M1.5 3.5L8 9l6.5-5.5")),
    "receiveTask": (("", "M1 3h14v10H1z"), ("", "M1 3l7 6l7-6")),
    "businessRuleTask": (("", "M1 2h14v12H1z"), ("F", "M1 2h14v3.5H1z"), ("", "M1 9.7h14M5.5 5.5V14")),
    "scriptTask": (("", "M3 1.5h10v13H3z"), ("", "M5.5 5h5M5.5 8h5M5.5 11h5")),
}

#: 20 x 20 px around (0, 0), drawn in the middle of an event
_EVENT_ICONS = {
    "timer": (("", "M-8 0a8 8 0 1 0 16 0a8 8 0 1 0 -16 0z"), ("", "M0 -5.5V0L3.6 2.4")),
    "message": (("", "M-7 -5h14v10h-14z"), ("", "M-7 -5L0 1L7 -5")),
    "signal": (("", "M0 -7L7 5.5H-7z"),),
    "error": (("", "M-6 7L-2.5 -5L2 1.5L6 -7L2.5 5L-2 -1.5z"),),
    "escalation": (("", "M0 -7.5L5.5 6.5L0 1.5L-5.5 6.5z"),),
    "conditional": (("", "M-5 -7h10v14h-10z"), ("", "M-3 -4h6M-3 -1h6M-3 2h6")),
}
_GATEWAY_ICONS = {
    "exclusiveGateway": "M-7 -7L7 7M-7 7L7 -7",
    "parallelGateway": "M0 -11V11M-11 0H11",
    "inclusiveGateway": "M-10 0a10 10 0 1 0 20 0a10 10 0 1 0 -20 0z",
}


def icon(kind: str, x: float, y: float, stroke: str = OUTLINE) -> str:
    """The 16 px marker of a task kind with its top left corner at (x, y); "" for a kind without one."""
    parts = [
        tag("path", d=d, fill=stroke if how == "F" else "none", stroke=PAPER if how == "W" else None)
        for how, d in _ICONS.get(kind, ())
    ]
    place = f"translate({x:g} {y:g})"
    return tag("g", "".join(parts), transform=place, stroke=stroke, stroke_width=1.1) if parts else ""


def badge(state: State, x: float, y: float, radius: float = 8.5) -> str:
    """The sign of `state` around (x, y): a tick in a ring, or an arrow on a filled disc."""
    if not state:
        return ""
    scale = radius / 8.5
    if state in _COMPARED:
        disc = tag("circle", r=8.5, fill=STROKE[state], stroke=PAPER, stroke_width=1.2)
        sign = tag("path", d=_COMPARED[state], fill="none", stroke=PAPER, stroke_width=2)
        return tag("g", disc + sign, transform=f"translate({x:g} {y:g}) scale({scale:.2f})")
    fill = PAPER if state == "done" else CURRENT
    disc = tag("circle", r=8.5, fill=fill, stroke=STROKE[state], stroke_width=1.4)
    if state == "done":
        sign = tag("path", d="M-4 0.3L-1.2 3.2L4.3 -3.2", fill="none", stroke=DONE, stroke_width=2.2)
    else:
        sign = tag("path", d="M-2.6 -4.6L5 0L-2.6 4.6z", fill=PAPER)
    return tag("g", disc + sign, transform=f"translate({x:g} {y:g}) scale({scale:.2f})")


def _outline(box: Box, grow: float, radius: float, **style: object) -> str:
    x, y, width, height = box.x - grow, box.y - grow, box.width + 2 * grow, box.height + 2 * grow
    return tag("rect", x=x, y=y, width=width, height=height, rx=max(min(radius, box.height / 4) + grow, 1.0), **style)


def activity(shape: DrawnShape, state: State) -> str:
    """A task, call activity or sub-process, with its icon, its name and the marks at its lower edge."""
    box, stroke = shape.box, STROKE[state]
    weight = 3.2 if shape.kind == "callActivity" else 2.4 if state == "current" else 1.5
    expanded = "expanded" in shape.marks
    parts = [_outline(box, 0.0, 9.0, fill="none" if expanded else FILL[state], stroke=stroke, stroke_width=weight)]
    if state == "current":
        parts.append(_outline(box, -4.0, 9.0, fill="none", stroke=stroke, stroke_width=1.4))
    parts.append(icon(shape.kind, box.x + 5, box.y + 5, stroke))
    collapsed = shape.kind in {"subProcess", "callActivity"} and not expanded
    marks = _bottom_marks(shape, collapsed=collapsed, stroke=stroke)
    if expanded:
        parts.append(written(wrap(shape.name, box.width - 16, 14), box.cx, box.y + 7, 14, bold=True))
    else:
        # The corner with the icon stays free of words, and so does the strip with the marks.
        top = 20 if shape.kind in _ICONS else 6
        room = box.height - top - (20 if marks else 4)
        lines, size = fit(shape.name, box.width - 10, room, TASK_SIZES)
        parts.append(written(lines, box.cx, box.y + top + (room - len(lines) * size * LINE_HEIGHT) / 2, size))
    return "".join(parts) + marks + badge(state, box.right - 1, box.y + 1, min(8.5, box.height * 0.4))


def _bottom_marks(shape: DrawnShape, *, collapsed: bool, stroke: str) -> str:
    bars = {"parallel": "M-4 -6V6M0 -6V6M4 -6V6", "sequential": "M-6 -4H6M-6 0H6M-6 4H6"}
    paths = [bars[m] for m in ("parallel", "sequential") if m in shape.marks]
    if collapsed:
        paths.append("M-7 -7h14v14h-14zM0 -4V4M-4 0H4")
    left = shape.box.cx - 9.0 * (len(paths) - 1)
    return "".join(
        tag(
            "path",
            d=path,
            transform=f"translate({left + 18 * i:g} {shape.box.bottom - 10:g})",
            fill="none",
            stroke=stroke,
            stroke_width=1.5,
        )
        for i, path in enumerate(paths)
    )


def event(shape: DrawnShape, state: State) -> str:
    """A circle: thin at the start, heavy at the end, double in between, dashed when it interrupts nothing."""
    box, stroke = shape.box, STROKE[state]
    radius = min(box.width, box.height) / 2
    end = shape.kind == "endEvent"
    style: dict[str, object] = {
        "stroke": stroke,
        "stroke_dasharray": "4 2.6" if "dashed" in shape.marks else None,
        "cx": box.cx,
        "cy": box.cy,
    }
    weight = (3.4 if radius > 14 else 2.6) if end else 1.5
    parts = [tag("circle", r=radius, fill=FILL[state], stroke_width=weight, **style)]
    if shape.kind.startswith(("boundary", "intermediate")):
        parts.append(tag("circle", r=radius - 3, fill="none", stroke_width=1.1, **style))
    if "terminate" in shape.marks:
        parts.append(tag("circle", cx=box.cx, cy=box.cy, r=radius * 0.56, fill=stroke))
    scale = (radius - (4.5 if len(parts) > 1 else 3)) / 10
    for name in sorted(shape.marks & _EVENT_ICONS.keys()):
        fill = stroke if end else "none"
        inner = "".join(
            tag("path", d=d, fill=fill if i == 0 else "none") for i, (_, d) in enumerate(_EVENT_ICONS[name])
        )
        place = f"translate({box.cx:g} {box.cy:g}) scale({scale:.2f})"
        parts.append(tag("g", inner, transform=place, stroke=stroke, stroke_width=f"{1.3 / scale:.2f}"))
    if state == "current":
        parts.append(tag("circle", cx=box.cx, cy=box.cy, r=radius + 4, fill="none", stroke=stroke, stroke_width=1.6))
    return "".join(parts) + badge(state, box.cx + radius * 0.8, box.cy - radius * 0.8, min(8.5, radius * 0.55))


def gateway(shape: DrawnShape, state: State) -> str:
    """A diamond with the sign of its kind."""
    box, stroke = shape.box, STROKE[state]
    corners = f"M{box.cx:g} {box.y:g}L{box.right:g} {box.cy:g}L{box.cx:g} {box.bottom:g}L{box.x:g} {box.cy:g}z"
    parts = [tag("path", d=corners, fill=FILL[state], stroke=stroke, stroke_width=2.4 if state == "current" else 1.5)]
    place = f"translate({box.cx:g} {box.cy:g}) scale({min(box.width, box.height) / 50:.2f})"
    if shape.kind == "eventBasedGateway":
        rings = tag("circle", r=13, stroke_width=1.2) + tag("circle", r=10.5, stroke_width=1.2)
        star = tag("path", d="M0 -7L6.7 -2.2L4.1 5.7H-4.1L-6.7 -2.2z", stroke_width=1.3)
        parts.append(tag("g", rings + star, transform=place, fill="none", stroke=stroke))
    else:
        sign = _GATEWAY_ICONS.get(shape.kind, "")
        parts.append(tag("path", d=sign, transform=place, fill="none", stroke=stroke, stroke_width=2.6) if sign else "")
    return "".join(parts) + badge(state, box.cx + box.width * 0.27, box.cy - box.height * 0.27)


def container(shape: DrawnShape) -> str:
    """A pool or a lane: its frame and, in a strip 30 px wide, its name."""
    box, vertical = shape.box, "vertical" in shape.marks
    pool = shape.kind == "participant"
    weight = 1.6 if pool else 1.0
    frame = {"stroke": OUTLINE if pool else FAINT, "stroke_width": weight}
    width, height = (box.width, min(30.0, box.height)) if vertical else (min(30.0, box.width), box.height)
    parts = [
        tag("rect", x=box.x, y=box.y, width=box.width, height=box.height, fill=PAPER, **frame),
        tag("rect", x=box.x, y=box.y, width=width, height=height, fill=LANE_HEAD, **frame),
    ]
    if vertical:
        lines, size = fit(shape.name, width - 8, height - 4, (15, 14, 13, 12))
        parts.append(written(lines, box.cx, box.y + (height - len(lines) * size * LINE_HEIGHT) / 2, size, bold=pool))
    else:
        parts.append(upright(shape.name, box.x + width / 2, box.cy, height - 10, bold=pool))
    return "".join(parts)


def remark(shape: DrawnShape) -> str:
    """A text annotation (its bracket and words) or a group (a rounded frame of dashes and dots)."""
    box = shape.box
    if shape.kind == "group":
        return _outline(box, 0.0, 9.0, fill="none", stroke=FAINT, stroke_width=1.4, stroke_dasharray="9 4 2 4")
    bracket = f"M{box.x + 10:g} {box.y:g}H{box.x:g}V{box.bottom:g}H{box.x + 10:g}"
    lines, size = fit(shape.name, box.width - 12, box.height - 4, (13, 12, 11, 10))
    words = written(lines, box.x + 7, box.y + 4, size, anchor="start")
    return tag("path", d=bracket, fill="none", stroke=OUTLINE, stroke_width=1.2) + words


def drawn_label(name: str, label: Box) -> str:
    """`name` in its own bounds: centred, from the top."""
    lines, size = fit(name, label.width + 2, label.height + 3, LABEL_SIZES)
    return written(lines, label.cx, label.y, size)
