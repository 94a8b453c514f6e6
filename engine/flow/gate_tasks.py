"""Gate, part 3: what a step must say of itself, which processes a file may hold, and multi-instance details."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING

from engine.flow.drawing import ACTIVITIES, BPMN, Drawing, Node, bpmn
from engine.flow.expression import ExpressionRefused, compile_expression, printable
from engine.flow.hardened_xml import text_of
from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from lxml import etree

MAX_PROCESSES = 10
#: how several persons sign one step
SIGNING = ("all", "any", "sequence")
_OPERATION = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_FACT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")


def check_tasks(drawing: Drawing, known_forms: Container[str] | None) -> Iterator[Message]:
    """Lanes and forms of user tasks, operations, decisions, start and end of each scope, events and where they sit."""
    for node in drawing.nodes.values():
        check = _CHECKS.get(node.kind)
        if check:
            yield from check(drawing, node)
        if known_forms is not None:
            yield from _form(node, known_forms)
        yield from _instances(node)


def check_processes(root: etree._Element, drawing: Drawing) -> Iterator[Message]:
    """One process to start; others only when it calls them, and never in a circle; one start per scope; lanes disjoint."""
    processes = len(list(root.iterchildren(f"{{{BPMN}}}process")))
    if not drawing.executable:
        yield message(N_('{element}：没有可执行的流程（isExecutable="true"）'), element=root.get("id") or bpmn(root))
    elif processes > MAX_PROCESSES or len(drawing.mains) != 1 or processes != len(drawing.executable):
        yield message(
            N_("{element}：一个文件须恰有一个可启动的流程，其余（至多 {limit} 个）须可执行并由它调用；见到 {seen}"),
            element=root.get("id") or bpmn(root),
            limit=MAX_PROCESSES - 1,
            seen="、".join(drawing.mains) or "、".join(drawing.executable),
        )
    for scope in drawing.scopes:
        starts = drawing.starts[scope]
        if len(starts) != 1:
            yield message(N_("{element}：须恰有一个开始事件，见到 {seen} 个"), element=scope, seen=len(starts))
    yield from _lanes(root)


def _lanes(root: etree._Element) -> Iterator[Message]:
    """A step belongs to one post: in two lanes, nobody knows whose it is (a nested lane lies inside its own parent)."""
    for lane_set in root.iter(f"{{{BPMN}}}laneSet", f"{{{BPMN}}}childLaneSet"):
        seen: dict[str, str] = {}
        for lane in lane_set.iterchildren(f"{{{BPMN}}}lane"):
            for member in lane.iterchildren(f"{{{BPMN}}}flowNodeRef"):
                node, key = text_of(member), lane.get("id", "")
                if seen.setdefault(node, key) != key:
                    both = f"{seen[node]}、{key}"
                    yield message(N_("{element}：同时在两条泳道 {seen} 中"), element=printable(node), seen=both)


def _user(_drawing: Drawing, node: Node) -> Iterator[Message]:
    if node.signing and node.signing not in SIGNING:
        wanted = N_("{element}：halfsky:signing 只能是 all（会签）、any（或签）、sequence（依次）；见到“{seen}”")
        yield message(wanted, element=node.label, seen=printable(node.signing))
    if node.signing and any(bpmn(child) == "multiInstanceLoopCharacteristics" for child in node.element):
        yield message(N_("{element}：多人签署（halfsky:signing）与多实例不能同时使用"), element=node.label)
    if not node.lane:
        yield message(N_("{element}：人工任务须在一条泳道中（泳道的 id 是岗位代码）"), element=node.label)


def _form(node: Node, known_forms: Container[str]) -> Iterator[Message]:
    if node.kind in {"task", "manualTask"}:
        yield message(
            N_("{element}（{kind}）：等人办理，却不能有表单；请用 userTask"), element=node.label, kind=node.kind
        )
    if node.kind != "userTask":
        return
    if not node.form:
        yield message(N_("{element}：人工任务须有 halfsky:form"), element=node.label)
    elif node.form not in known_forms:
        yield message(N_("{element}：没有名为 {seen} 的表单"), element=node.label, seen=printable(node.form))


def _operation(_drawing: Drawing, node: Node) -> Iterator[Message]:
    if not _OPERATION.fullmatch(node.operation):
        wanted = N_("{element}（{kind}）：须有 halfsky:operation，写作小写的 loan.release；见到“{seen}”")
        yield message(wanted, element=node.label, kind=node.kind, seen=printable(node.operation))


def _decision(_drawing: Drawing, node: Node) -> Iterator[Message]:
    if not _FACT.fullmatch(node.decision):
        wanted = N_("{element}：业务规则任务须有 halfsky:decision（决策表的标识）；见到“{seen}”")
        yield message(wanted, element=node.label, seen=printable(node.decision))


def _call(drawing: Drawing, node: Node) -> Iterator[Message]:
    if node.called not in drawing.executable:
        missing = N_("{element}：调用的流程 {seen} 不在本文件中")
        yield message(missing, element=node.label, seen=printable(node.called) or "—")
    elif drawing.process_of(node) in _reached(drawing, node.called):
        yield message(N_("{element}：流程 {seen} 直接或间接调用了自己"), element=node.label, seen=node.called)


def _reached(drawing: Drawing, process: str) -> set[str]:
    """`process` and every process it calls, directly or not."""
    reached, waiting = {process}, [process]
    while waiting:
        for called in set(drawing.calls.get(waiting.pop(), ())) - reached:
            reached.add(called)
            waiting.append(called)
    return reached


def _start(_drawing: Drawing, node: Node) -> Iterator[Message]:
    if node.event:
        yield message(N_("{element}：开始事件不得带 {seen} 定义；启动由系统办理"), element=node.label, seen=node.event)


def _end(_drawing: Drawing, node: Node) -> Iterator[Message]:
    if node.event == "timer":
        yield message(N_("{element}：结束事件不得带 {seen} 定义"), element=node.label, seen=node.event)


def _catch(_drawing: Drawing, node: Node) -> Iterator[Message]:
    if node.event in {"", "terminate"}:
        yield message(N_("{element}：捕获事件须说明等待什么（定时器）"), element=node.label)


def _boundary(drawing: Drawing, node: Node) -> Iterator[Message]:
    host = drawing.nodes.get(node.attached_to)
    if host is None or host.kind not in ACTIVITIES or host.scope != node.scope:
        missing = N_("{element}：边界事件须附着在同一流程的一个步骤上；见到 {seen}")
        yield message(missing, element=node.label, seen=printable(node.attached_to) or "—")
    yield from _catch(drawing, node)


_CHECKS: dict[str, Callable[[Drawing, Node], Iterator[Message]]] = {
    "userTask": _user,
    "serviceTask": _operation,
    "sendTask": _operation,
    "businessRuleTask": _decision,
    "callActivity": _call,
    "startEvent": _start,
    "endEvent": _end,
    "intermediateCatchEvent": _catch,
    "boundaryEvent": _boundary,
}


def _instances(node: Node) -> Iterator[Message]:
    """Multi-instance: exactly one of a count and a list, and plain names for the data."""
    loops = [child for child in node.element if bpmn(child) == "multiInstanceLoopCharacteristics"]
    for loop in loops:
        counts = [child for child in loop if bpmn(child) == "loopCardinality"]
        lists = [child for child in loop if bpmn(child) == "loopDataInputRef"]
        if len(loops) > 1 or len(counts) + len(lists) != 1:
            yield message(N_("{element}：多实例须恰有一个次数或一个列表"), element=node.label)
        for count in counts:
            try:
                compile_expression(text_of(count))
            except ExpressionRefused as refusal:
                yield message(N_("{element}：多实例次数：{why}"), element=node.label, why=refusal.message)
        names = [text_of(child) for child in loop if bpmn(child) in {"loopDataInputRef", "loopDataOutputRef"}]
        names += [child.get("id", "") for child in loop if bpmn(child) in {"inputDataItem", "outputDataItem"}]
        for name in names:
            if not _FACT.fullmatch(name):
                plain = N_("{element}：多实例的数据名“{seen}”不允许；须以字母开头，只含字母、数字、_")
                yield message(plain, element=node.label, seen=printable(name))
