"""A BPMN file as a plain graph of nodes, flows and scopes, without judgement; the gate and the soundness check read it.

A scope is the process or the embedded sub-process that directly holds a node. Reading never fails on missing or wrong
attributes; saying what is wrong is the gate's work (:mod:`engine.flow.gate`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from engine.flow.hardened_xml import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lxml import etree

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
HALFSKY = "urn:halfsky:bpmn"
_TAG = f"{{{BPMN}}}"

CONTAINERS = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"})
TASKS = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask",
    }
)  # fmt: skip
ACTIVITIES = TASKS | {"subProcess", "callActivity", "transaction", "adHocSubProcess"}
EVENTS = frozenset(
    {"startEvent", "endEvent", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent"},
)
NODES = GATEWAYS | ACTIVITIES | EVENTS


MAX_NODES = 500  # steps, and flows, of one file that are looked at

_Member = TypeVar("_Member")


@dataclass(frozen=True)
class Flow:
    """A sequence flow. `condition` is its expression's text, None when it has none."""

    id: str
    source: str
    target: str
    condition: str | None
    scope: str


@dataclass(frozen=True)
class Node:
    """A flow node. `event` is the kind of its event definition ("timer", "terminate" …), "" for none.

    `timer` is (element name, text) of a timer's definition. `form`, `decision`, `operation` are its halfsky attributes.
    """

    id: str
    kind: str
    name: str
    scope: str
    element: etree._Element = field(repr=False, compare=False)
    event: str = ""
    timer: tuple[str, str] | None = None
    attached_to: str = ""
    interrupting: bool = True
    default: str = ""
    called: str = ""
    form: str = ""
    decision: str = ""
    operation: str = ""
    signing: str = ""
    lane: str = ""

    @property
    def label(self) -> str:
        """How a message names the node: its id, and its name when it has one."""
        return f"{self.id}“{self.name}”" if self.name and self.name != self.id else self.id


@dataclass(frozen=True)
class Drawing:
    """All processes of one file. `scopes` maps a scope's id to the scope it lies in ("" for a process)."""

    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    scopes: Mapping[str, str]
    executable: tuple[str, ...]
    lanes: Mapping[str, str]

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[Flow, ...]]:
        """Flows by the node they leave."""
        return _grouped(self.nodes, ((flow.source, flow) for flow in self.flows))

    @cached_property
    def incoming(self) -> Mapping[str, tuple[Flow, ...]]:
        """Flows by the node they reach."""
        return _grouped(self.nodes, ((flow.target, flow) for flow in self.flows))

    @cached_property
    def boundary(self) -> Mapping[str, tuple[Node, ...]]:
        """Boundary events by the activity they sit on."""
        return _grouped(self.nodes, ((n.attached_to, n) for n in self.nodes.values() if n.kind == "boundaryEvent"))

    @cached_property
    def starts(self) -> Mapping[str, tuple[Node, ...]]:
        """The start events directly in each scope."""
        return _grouped(self.scopes, ((n.scope, n) for n in self.nodes.values() if n.kind == "startEvent"))

    @cached_property
    def calls(self) -> Mapping[str, tuple[str, ...]]:
        """The processes that each process calls."""
        calls = (n for n in self.nodes.values() if n.kind == "callActivity")
        return _grouped(self.scopes, ((self.process_of(n), n.called) for n in calls))

    def process_of(self, node: Node) -> str:
        """The process that holds `node`, through all sub-processes."""
        scope, passed = node.scope, {""}
        # A file may call a sub-process by the id of what is around it; the gate refuses that after reading it.
        while self.scopes.get(scope, "") not in passed:
            passed.add(scope)
            scope = self.scopes[scope]
        return scope

    @cached_property
    def mains(self) -> tuple[str, ...]:
        """Executable processes that no call activity of the file calls: what can be started."""
        called = {node.called for node in self.nodes.values() if node.kind == "callActivity"}
        return tuple(process for process in self.executable if process not in called)


def _grouped(keys: Iterable[str], members: Iterable[tuple[str, _Member]]) -> Mapping[str, tuple[_Member, ...]]:
    """`members` by their key, with an empty group for each of `keys` that has none."""
    groups: dict[str, list[_Member]] = {key: [] for key in keys}
    for key, member in members:
        groups.setdefault(key, []).append(member)
    return {key: tuple(group) for key, group in groups.items()}


def bpmn(element: etree._Element) -> str:
    """The local name of a BPMN element, "" for an element of another namespace."""
    tag = str(element.tag)
    return tag[len(_TAG) :] if tag.startswith(_TAG) else ""


def read_drawing(root: etree._Element) -> Drawing:
    """The graph of a BPMN document. Of elements with the same id the last one counts; the gate refuses such files."""
    nodes: dict[str, Node] = {}
    flows: list[Flow] = []
    scopes: dict[str, str] = {}
    lanes = {n.text.strip(): lane for lane, n in _lane_members(root) if n.text}
    inherited: dict[str, str] = {}  # a step in a sub-process lies in the lane of the sub-process
    executable = []
    for process in root.iterchildren(f"{{{BPMN}}}process"):
        key = process.get("id", "")
        if process.get("isExecutable") == "true":
            executable.append(key)
        for scope, parent, element in _flow_elements(process, key, ""):
            if element is None:
                scopes[scope] = parent
                inherited[scope] = lanes.get(scope) or inherited.get(parent, "")
                continue
            if bpmn(element) == "sequenceFlow":
                flows.append(_flow(element, scope))
            else:
                node = _node(element, scope, lanes.get(element.get("id", "")) or inherited[scope])
                nodes[node.id] = node
    return Drawing(nodes, tuple(flows), scopes, tuple(executable), dict(lanes))


def _flow_elements(
    container: etree._Element, scope: str, parent: str
) -> Iterator[tuple[str, str, etree._Element | None]]:
    """(scope, its parent, element) for every flow element; element None announces the scope itself."""
    yield scope, parent, None
    for child in container:
        kind = bpmn(child)
        if kind in NODES or kind == "sequenceFlow":
            yield scope, parent, child
        if kind in CONTAINERS:
            yield from _flow_elements(child, child.get("id", ""), scope)


def _lane_members(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """(lane id, flowNodeRef), outer lanes before the lanes nested in them, so that the innermost wins."""
    for lane in root.iter(f"{{{BPMN}}}lane"):
        for member in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
            yield lane.get("id", ""), member


def _flow(element: etree._Element, scope: str) -> Flow:
    condition = element.find(f"{{{BPMN}}}conditionExpression")
    text = None if condition is None else text_of(condition)
    return Flow(element.get("id", ""), element.get("sourceRef", ""), element.get("targetRef", ""), text, scope)


def _node(element: etree._Element, scope: str, lane: str) -> Node:
    definition = next((c for c in element if bpmn(c).endswith("EventDefinition")), None)
    timer = None
    if definition is not None and bpmn(definition) == "timerEventDefinition" and len(definition):
        timer = bpmn(definition[0]), text_of(definition[0])
    key = element.get("id", "")
    return Node(
        id=key,
        kind=bpmn(element),
        name=" ".join(element.get("name", "").split()),
        scope=scope,
        element=element,
        event="" if definition is None else bpmn(definition).removesuffix("EventDefinition"),
        timer=timer,
        attached_to=element.get("attachedToRef", ""),
        interrupting=element.get("cancelActivity", "true") != "false",
        default=element.get("default", ""),
        called=element.get("calledElement", ""),
        form=element.get(f"{{{HALFSKY}}}form", ""),
        decision=element.get(f"{{{HALFSKY}}}decision", ""),
        operation=element.get(f"{{{HALFSKY}}}operation", ""),
        signing=element.get(f"{{{HALFSKY}}}signing", ""),
        lane=lane,
    )
