"""What is wrong with a drawing at first sight, without exploring it: missing forms, lanes, clocks, joins, people, facts."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.flow.expression import ExpressionRefused, compile_expression, printable
from engine.flow.gate_clocks import clock_key
from engine.flow.hardened_xml import text_of
from engine.flow.marking import RESTING, SCOPED
from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from engine.flow.drawing import Drawing, Node

_FORKS = frozenset({"parallelGateway", "inclusiveGateway"})


@dataclass(frozen=True)
class Finding:
    """One thing to mend (error) or to think about (warning), at the element with this id."""

    level: Literal["error", "warning"]
    element: str
    message: Message


def look_at(drawing: Drawing, forms: Container[str] | None, supplied: Container[str] | None) -> list[Finding]:
    """All findings that need no exploration."""
    found = [finding for node in drawing.nodes.values() for finding in _user_task(drawing, node, forms)]
    return [*found, *_facts(drawing, supplied), *_automatic_loops(drawing), *_unjoined(drawing)]


def _user_task(drawing: Drawing, node: Node, forms: Container[str] | None) -> Iterator[Finding]:
    if node.kind in {"task", "manualTask"}:
        yield Finding("error", node.id, message(N_("等人办理，却不能有表单；请用 userTask")))
    if node.kind != "userTask":
        return
    if not node.form:
        yield Finding("error", node.id, message(N_("人工任务没有表单（halfsky:form）")))
    elif forms is not None and node.form not in forms:
        yield Finding("error", node.id, message(N_("没有名为 {form} 的表单"), form=printable(node.form)))
    if not node.lane:
        yield Finding("error", node.id, message(N_("人工任务不在任何泳道中，没有人可以办理")))
    if not any(clock_key(event) for event in drawing.boundary[node.id]):
        yield Finding("warning", node.id, message(N_("人工任务没有期限（边界定时器 due('期限名')）")))


def _facts(drawing: Drawing, supplied: Container[str] | None) -> Iterator[Finding]:
    """Conditions and lists that read a fact which no form, decision or operation answers."""
    if supplied is None:
        return
    texts = [(flow.id, flow.condition) for flow in drawing.flows if flow.condition is not None]
    for node in drawing.nodes.values():
        loops = node.element.iterchildren("{*}multiInstanceLoopCharacteristics")
        parts = [part for loop in loops for part in loop.iterchildren("{*}loopDataInputRef", "{*}loopCardinality")]
        texts += [(node.id, text_of(part)) for part in parts]
    for element, text in texts:
        try:
            names = compile_expression(text).names
        except ExpressionRefused as refusal:
            yield Finding("error", element, refusal.message)
            continue
        for name in sorted(name for name in names if name not in supplied):
            yield Finding("error", element, message(N_("没有表单、决策或操作提供事实“{name}”"), name=name))


def _automatic_loops(drawing: Drawing) -> Iterator[Finding]:
    """A loop in which nobody acts and no clock runs would turn for ever within one step."""
    automatic = {n.id for n in drawing.nodes.values() if n.kind not in RESTING and n.kind not in SCOPED}
    ahead = {n: {f.target for f in drawing.outgoing[n]} & automatic for n in automatic}
    # Peel off what cannot be part of a loop: nodes without a way on, then nodes without a way in.
    remaining = _peeled(ahead)
    behind: dict[str, set[str]] = {n: {m for m in remaining if n in ahead[m]} for n in remaining}
    remaining = _peeled(behind) if remaining else set()
    if remaining:
        first, *_ = loop = [node for node in drawing.nodes if node in remaining]
        why = message(N_("循环中没有人工任务，也没有定时器：{nodes}"), nodes="、".join(loop[:8]))
        yield Finding("error", first, why)


def _peeled(edges: dict[str, set[str]]) -> set[str]:
    """What is left of a graph when nodes without an edge into the rest are taken away again and again."""
    left = {node: set(targets) for node, targets in edges.items()}
    backwards: dict[str, list[str]] = {node: [] for node in edges}
    for node, targets in edges.items():
        for target in targets:
            backwards[target].append(node)
    waiting = [node for node, targets in left.items() if not targets]
    while waiting:
        node = waiting.pop()
        del left[node]
        for before in backwards[node]:
            if before in left and node in left[before]:
                left[before].discard(node)
                if not left[before]:
                    waiting.append(before)
    return set(left)


def _unjoined(drawing: Drawing) -> Iterator[Finding]:
    """A split whose branches never meet again: lawful BPMN, but seldom meant.

    It is meant where a branch can come to a terminate end: that stops the others, which run beside it until then.
    """
    stops = {node.id for node in drawing.nodes.values() if node.kind == "endEvent" and node.event == "terminate"}
    for node in drawing.nodes.values():
        exits = drawing.outgoing[node.id]
        if node.kind not in _FORKS or len(exits) < 2:
            continue
        branches = [_ahead(drawing, flow.target) for flow in exits]
        if any(stops & branch for branch in branches):
            continue
        joins = {n.id for n in drawing.nodes.values() if n.kind in _FORKS and len(drawing.incoming[n.id]) > 1}
        if not any(sum(join in branch for branch in branches) > 1 for join in joins):
            yield Finding("warning", node.id, message(N_("分出的各支没有再汇合")))


def _ahead(drawing: Drawing, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        node = waiting.pop()
        if node in reached or node not in drawing.nodes:
            continue
        reached.add(node)
        waiting += [flow.target for flow in drawing.outgoing[node]]
        waiting += [flow.target for event in drawing.boundary[node] for flow in drawing.outgoing[event.id]]
    return reached
