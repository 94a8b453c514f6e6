"""Two versions of one drawing, element by element: what is new, gone or different, in words people read.

Elements are the same when their ids are. What only looks or reads differently (names, explanations, places on the paper) is
told, but marked as not mattering: it changes nothing of what a case goes through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.flow.drawing import BPMN, Drawing, Flow, Node, read_drawing
from engine.flow.hardened_xml import read_xml
from engine.messages import N_, Message

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

_STEPS = frozenset({"userTask", "manualTask", "task"})
#: attribute of a node → how its change is told, and whether it matters to a case
_ATTRIBUTES = (
    ("name", N_("名称由“{old}”改为“{new}”"), False),
    ("kind", N_("类型由 {old} 改为 {new}"), True),
    ("lane", N_("办理岗位由“{old}”改为“{new}”"), True),
    ("form", N_("表单由 {old} 改为 {new}"), True),
    ("decision", N_("询问的规则表由 {old} 改为 {new}"), True),
    ("operation", N_("系统操作由 {old} 改为 {new}"), True),
    ("event", N_("事件由 {old} 改为 {new}"), True),
    ("timer", N_("期限由 {old} 改为 {new}"), True),
    ("attached_to", N_("所属步骤由 {old} 改为 {new}"), True),
    ("interrupting", N_("到期是否中断原步骤：由{old}改为{new}"), True),
    ("signing", N_("会签方式由 {old} 改为 {new}"), True),
    ("called", N_("调用的流程由 {old} 改为 {new}"), True),
    ("scope", N_("所在的流程由 {old} 改为 {new}"), True),
)


@dataclass(frozen=True)
class Change:
    """One element (or sequence flow) that is not as it was. `kind`: added, removed or changed; `matters`: to running cases."""

    element: str
    kind: str
    name: str
    is_flow: bool
    words: tuple[Message, ...]
    matters: bool


@dataclass(frozen=True)
class Comparison:
    """All changes from an old drawing to a new one, steps before flows, in the order of the drawing."""

    changes: tuple[Change, ...]

    def marks(self, *, new: bool) -> dict[str, str]:
        """Element id → mark, for colouring the new (or the old) drawing."""
        left_out = REMOVED if new else ADDED
        return {change.element: change.kind for change in self.changes if change.kind != left_out}

    @property
    def empty(self) -> bool:
        """True when nothing differs but the layout."""
        return not self.changes


class Compared:
    """Two drawings read for comparing; `old` None compares with nothing."""

    def __init__(self, old: bytes | None, new: bytes) -> None:
        self.new_root = read_xml(new)
        self.old_root = None if old is None else read_xml(old)
        self.new = read_drawing(self.new_root)
        self.old = Drawing({}, (), {}, (), {}) if self.old_root is None else read_drawing(self.old_root)
        self._lanes = {**_lane_names(self.old_root), **_lane_names(self.new_root)}

    def comparison(self) -> Comparison:
        """Everything that differs."""
        return Comparison((*self._nodes(), *self._flows()))

    def _nodes(self) -> Iterator[Change]:
        for key in [*self.new.nodes, *(k for k in self.old.nodes if k not in self.new.nodes)]:
            old, new = self.old.nodes.get(key), self.new.nodes.get(key)
            if old is None and new is not None:
                yield Change(key, ADDED, new.name, False, tuple(self._told(new)), True)
            elif new is None and old is not None:
                yield Change(key, REMOVED, old.name, False, (), True)
            elif old is not None and new is not None:
                found = list(self._differences(old, new))
                if found:
                    words = tuple(word for word, _ in found)
                    yield Change(key, CHANGED, new.name, False, words, any(matters for _, matters in found))

    def _told(self, node: Node) -> Iterator[Message]:
        if node.kind in _STEPS:
            told = N_("由“{lane}”办理，表单 {form}")
            yield Message(told, {"lane": self._lanes.get(node.lane, node.lane), "form": node.form or "—"})
        if node.timer is not None:
            yield Message(N_("期限 {timer}"), {"timer": node.timer[1]})

    def _differences(self, old: Node, new: Node) -> Iterator[tuple[Message, bool]]:
        for name, told, matters in _ATTRIBUTES:
            before, after = getattr(old, name), getattr(new, name)
            if before != after:
                yield Message(told, {"old": self._word(name, before), "new": self._word(name, after)}), matters
        if documentation(old) != documentation(new):
            yield Message(N_("说明文字有改动")), False
        if loop_of(old) != loop_of(new):
            yield Message(N_("多人（多实例）办理的方式有改动")), True
        if (old.default == "") != (new.default == ""):
            yield Message(N_("“其余情况”的去向有增减")), True

    def _word(self, name: str, value: Any) -> object:
        if name == "lane":
            return self._lanes.get(str(value), value) or "—"
        if name == "timer":
            return "—" if value is None else value[1]
        if name == "interrupting":
            return Message(N_("是")) if value else Message(N_("否"))
        return value or "—"

    def _flows(self) -> Iterator[Change]:
        old = {flow.id: flow for flow in self.old.flows}
        new = {flow.id: flow for flow in self.new.flows}
        for key in [*new, *(k for k in old if k not in new)]:
            before, after = old.get(key), new.get(key)
            if before is None and after is not None:
                yield Change(key, ADDED, "", True, (self._way(self.new, after),), True)
            elif after is None and before is not None:
                yield Change(key, REMOVED, "", True, (self._way(self.old, before),), True)
            elif before is not None and after is not None:
                words = tuple(self._flow_words(before, after))
                if words:
                    yield Change(key, CHANGED, "", True, words, True)

    def _flow_words(self, old: Flow, new: Flow) -> Iterator[Message]:
        if (old.source, old.target) != (new.source, new.target):
            told = {"old": self._way(self.old, old), "new": self._way(self.new, new)}
            yield Message(N_("走向由{old}改为{new}"), told)
        if old.condition != new.condition:
            conditions = {"old": old.condition or "—", "new": new.condition or "—"}
            yield Message(N_("{way}的条件由“{old}”改为“{new}”"), {"way": self._way(self.new, new), **conditions})

    def _way(self, drawing: Drawing, flow: Flow) -> Message:
        ends = {"source": _label(drawing, flow.source), "target": _label(drawing, flow.target)}
        if flow.condition:
            return Message(N_("“{source}”→“{target}”（条件 {condition}）"), {**ends, "condition": flow.condition})
        return Message(N_("“{source}”→“{target}”"), ends)


def compare(old: bytes | None, new: bytes) -> Comparison:
    """What differs between two drawings that passed the gate."""
    return Compared(old, new).comparison()


def documentation(node: Node) -> str:
    """The explanation drawn with a node, without the line breaks of its file."""
    return " ".join((node.element.findtext(f"{{{BPMN}}}documentation") or "").split())


def loop_of(node: Node) -> str:
    """How a node is repeated (multi-instance), as comparable text; "" when it is not."""
    loop = node.element.find(f"{{{BPMN}}}multiInstanceLoopCharacteristics")
    if loop is None:
        return ""
    parts = [
        f"{etree.QName(each).localname} {sorted(each.attrib.items())} {(each.text or '').strip()}"
        for each in loop.iter()
    ]
    return "|".join(part for part in parts if not part.startswith("documentation"))


def conditions_of(drawing: Drawing, node: Node) -> Mapping[str, int]:
    """The conditions on the ways out of a gateway, each with how often it stands there; "" is a way without one."""
    found: dict[str, int] = {}
    for flow in drawing.outgoing.get(node.id, ()):
        text = flow.condition or ""
        found[text] = found.get(text, 0) + 1
    return found


def _label(drawing: Drawing, key: str) -> str:
    node = drawing.nodes.get(key)
    return node.name if node is not None and node.name else key


def _lane_names(root: etree._Element | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for lane in root.iter(f"{{{BPMN}}}lane") if root is not None else ():
        key = lane.get("id", "")
        found[key] = lane.get("name") or key
    return found
