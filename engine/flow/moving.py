"""Moving a case by hand: return (退回) and withdraw (撤回).

The library's own reset is never used: it leaves the timers of removed tasks behind and keeps the continuation of a
join alive (engine.md §1.2).

What moves is either the whole process or one branch of a parallel or inclusive split. Everything in it leaves the
tree, with its timers and sub-processes, and one new token is put on the target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask

from engine.flow.faults import TargetRefused
from engine.flow.light import light
from engine.flow.specs import EndOfTokens, InclusiveGateway, ParallelGateway
from engine.flow.tree import COMPLETED, FUTURE, WAITING, FlowSubWorkflow, FlowTask, FlowWorkflow
from engine.messages import N_, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# ruff: noqa: SLF001 - works on the tree itself

Net = FlowWorkflow | FlowSubWorkflow
_INSTANCE = " [child]"  # how the library names what runs inside a multi-instance activity


def move(
    top: FlowWorkflow,
    target: str,
    facts: Mapping[str, Any],
    *,
    branch_of: FlowTask | None = None,
    known: Mapping[str, Any] | None = None,
) -> None:
    """Put one token on `target`: instead of everything, or instead of the branch that holds `branch_of`.

    The new token knows `known` (or what `branch_of` knew) with `facts` merged over it. Raises TargetRefused.
    """
    path = _path_to(top, target)
    data = dict(branch_of.data if branch_of is not None else known or {})
    light(data, facts)
    if branch_of is None:
        _clear(top)
        _enter(top, top.task_tree, path, data)
        return
    net, task = branch_of.workflow, branch_of
    while isinstance(net, FlowSubWorkflow) and net.spec.name not in [name for name, _ in path]:
        owner = top.get_task_from_id(net.parent_task_id)
        assert owner is not None  # noqa: S101 - a sub-process without its owner cannot have been loaded
        task, net = owner, owner.workflow
    below = path[[name for name, _ in path].index(None if net is top else net.spec.name) :]
    parent = _cut_branch(net, task, below[0][1], data)
    _enter(net, parent, below, data)


def _path_to(top: FlowWorkflow, target: str) -> list[tuple[str | None, str]]:
    """From the process down to `target`: pairs (process or sub-process, element in it); the last is the target."""
    specs = {None: top.spec, **top.subprocess_specs}
    homes = [name for name, spec in specs.items() if _is_target(spec, target)]
    if len(homes) != 1:
        raise TargetRefused(target=target, why=message(N_("流程图中没有这样的人工步骤或结束事件")))
    path = [(homes[0], target)]
    while path[0][0] is not None:
        owners = [
            (name, inner.name)
            for name, spec in specs.items()
            for inner in spec.task_specs.values()
            if isinstance(inner, SubWorkflowTask) and inner.spec == path[0][0]
        ]
        if len(owners) != 1 or owners[0][1].endswith(_INSTANCE):
            raise TargetRefused(target=target, why=message(N_("它所在的子流程可能同时运行多次")))
        path.insert(0, owners[0])
    return path


def _is_target(spec: Any, target: str) -> bool:
    found = spec.task_specs.get(target)
    if found is None or getattr(found, "bpmn_id", None) != target:
        return False
    instance = spec.task_specs[found.task_spec] if isinstance(found, LoopTask) else found
    return bool(instance.manual or found.is_end)


def _clear(top: FlowWorkflow) -> None:
    """Empty the whole process down to a finished root; ids go on counting."""
    top.tasks.clear()
    top.subprocesses.clear()
    top.completed = False
    top.ended = None
    top.data = {}
    top.task_tree = FlowTask(top, top.spec.start, None, COMPLETED)


def _enter(net: Net, parent: FlowTask, path: list[tuple[str | None, str]], data: dict[str, Any]) -> None:
    """Put a token that knows `data` on the last element of `path`, starting the sub-processes on the way."""
    top: FlowWorkflow = net.top_workflow
    for place, (_, element) in enumerate(path):
        specs = net.spec.task_specs
        spec = specs.get(f"{element}.BoundaryEventSplit") or specs[element]
        token = FlowTask(net, spec, parent, FUTURE)
        token.data = dict(data)
        token.inherited = True
        spec._update(token)
        if place == len(path) - 1:
            return
        if isinstance(spec, BoundaryEventSplit):
            token.run()  # arms the timers on the sub-process and starts it
            token = next(t for t in token.children if t.id in top.subprocesses)
        inner = top.subprocesses[token.id]
        for child in inner.task_tree.children:
            inner._remove_task(child.id)  # its own start event has not run
        net, parent = inner, inner.task_tree


def _cut_branch(net: Net, task: FlowTask, element: str, data: dict[str, Any]) -> FlowTask:
    """Remove the smallest branch that holds both `task` and `element`; returns the node the new token hangs under."""
    tasks, node, in_branch = net.tasks, task, False
    while node._parent is not None:
        above = tasks[node._parent]
        split = above.task_spec
        if isinstance(split, ParallelGateway | InclusiveGateway | BoundaryEventSplit):
            mine = _ways(net.spec, split, task.task_spec.element)
            watched = isinstance(split, BoundaryEventSplit) and split._outputs[0] in mine
            if mine and len(mine) < len(split._outputs) and not watched:
                if mine == _ways(net.spec, split, element):
                    return _cut(net, above, node, mine, data)
                in_branch = True
        node = above
    if in_branch:
        raise TargetRefused(target=element, why=message(N_("它不在任务所处的并行分支内")))
    for child in node.children:
        net._remove_task(child.id)
    return node


def _ways(spec: Any, split: Any, element: str) -> frozenset[str]:
    """The outputs of `split` from which a token can come to `element` without passing the split again."""
    found = set()
    for output in split._outputs:
        seen, work = {split.name}, [output]
        while work:
            name = work.pop()
            if name not in seen:
                seen.add(name)
                work.extend(spec.task_specs[name]._outputs)
        if element in seen:
            found.add(output)
    return frozenset(found)


def _cut(net: Net, above: FlowTask, node: FlowTask, mine: frozenset[str], data: dict[str, Any]) -> FlowTask:
    """Remove the subtree `node` below the split `above`; refused when a token in it waits at a join outside."""
    for token in _subtree(net, node):
        if token._state != WAITING:
            continue
        if isinstance(token.task_spec, EndOfTokens):  # it stands for branches that ended: keep what they knew
            for name, value in token.data.items():
                data.setdefault(name, value)
        elif isinstance(token.task_spec, ParallelGateway | InclusiveGateway):
            at = token.task_spec.name
            if _ways(net.spec, above.task_spec, at) != mine:
                raise TargetRefused(target=at, why=message(N_("该分支已有办理结果到达汇合点")))
    if isinstance(node.task_spec, BoundaryEvent):
        # The event stays: the activity it watches is still open and asks for it.
        for child in node.children:
            if not isinstance(child.task_spec, BoundaryEventJoin):
                net._remove_task(child.id)
        return node
    net._remove_task(node.id)
    return above


def _subtree(net: Net, node: FlowTask) -> Iterator[FlowTask]:
    stack = [node]
    while stack:
        token = stack.pop()
        yield token
        stack.extend(net.tasks[child] for child in token._children)
