"""The legend below a drawing: only the signs that occur in it, in words a village chair uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.flow import diagram_shapes as shapes
from engine.flow.diagram_reading import Box, DrawnShape
from engine.flow.diagram_text import tag, width_of, written
from engine.messages import N_

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.flow.diagram_reading import Picture
    from engine.messages import Translate

_SIZE = 14  # px
_ROW = 30.0  # px
_GAP = 30.0  # px between two entries
_SAMPLE = 26.0  # px, width of the sign itself

_TASKS = (
    ("userTask", N_("由人办理")),
    ("manualTask", N_("线下办理")),
    ("serviceTask", N_("系统自动办理")),
    ("businessRuleTask", N_("按规则表判定")),
    ("sendTask", N_("送出或告知")),
)
_STATES: tuple[tuple[shapes.State, str], ...] = (
    ("done", N_("已办结")),
    ("current", N_("正在办理")),
    ("added", N_("新增")),
    ("removed", N_("取消")),
    ("changed", N_("有改动")),
)


def legend_rows(
    picture: Picture, states: Mapping[str, shapes.State], frame: Box, translate: Translate
) -> tuple[str, float]:
    """The legend's SVG, laid in rows as wide as `frame` and below it, and its height in px."""
    x, y = frame.x, frame.bottom + 14.0
    parts = []
    for sign, words in _entries(picture, set(states.values())):
        text = translate(words)
        width = _SAMPLE + 12 + width_of(text, _SIZE)
        if x > frame.x and x + width > frame.right:
            x, y = frame.x, y + _ROW
        parts.append(tag("g", sign, transform=f"translate({x:g} {y + _ROW / 2:g})"))
        parts.append(written([text], x + _SAMPLE + 12, y + (_ROW - _SIZE * 1.24) / 2, _SIZE, anchor="start"))
        x += width + _GAP
    return ("".join(parts), y + _ROW - frame.bottom) if parts else ("", 0.0)


def _entries(picture: Picture, states: set[shapes.State]) -> Iterator[tuple[str, str]]:
    """Each sign around (0, 0) .. (26, 0), with its meaning."""
    kinds = {s.kind for s in picture.shapes}
    for state, words in _STATES:
        if state in states:
            size = (20, 14) if state == "current" else (22, 16)
            yield shapes.activity(_sample("task", *size), state), words
    for kind, words in _TASKS:
        if kind in kinds:
            yield shapes.icon(kind, 5, -8), words
    clocks = [s for s in picture.shapes if s.kind == "boundaryEvent" and "timer" in s.marks]
    if any("dashed" in s.marks for s in clocks):
        yield shapes.event(_sample("boundaryEvent", 24, 24, "timer", "dashed"), ""), N_("到期提醒督办，照常办理")
    if any("dashed" not in s.marks for s in clocks):
        yield shapes.event(_sample("boundaryEvent", 24, 24, "timer"), ""), N_("到期转入下一步")
    if any(e.default for e in picture.edges):
        line = {"fill": "none", "stroke": shapes.OUTLINE, "stroke_width": 1.4}
        yield tag("path", d="M0 0H26M6 5L11 -5", **line), N_("其余情况")
    if any("terminate" in s.marks for s in picture.shapes):
        yield shapes.event(_sample("endEvent", 22, 22, "terminate"), ""), N_("本件结束")


def _sample(kind: str, width: float, height: float, *marks: str) -> DrawnShape:
    box = Box(13 - width / 2, -height / 2, width, height)
    return DrawnShape("", "", kind, box, None, frozenset(marks))
