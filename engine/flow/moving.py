"""Moving a case by hand: return (退回) and withdraw (撤回).

The library's own reset is never used: it leaves the timers of removed tasks behind and keeps the continuation of a
join alive (engine.md §1.2).

What moves is either the whole process or one branch of a parallel or inclusive split. Everything in it leaves the
tree, with its timers and sub-processes, and one new token is put on the target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask

from engine.flow.faults import TargetRefused
from engine.flow.light import copied, light
from engine.flow.specs import EndOfTokens, InclusiveGateway, ParallelGateway
from engine.flow.tree import COMPLETED, FINISHED, FUTURE, WAITING, FlowSubWorkflow, FlowTask, FlowWorkflow
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
        _check_blocks(top, path, set())
        _clear(top)
        _enter(top, top.task_tree, path, data)
        return
    net, task = branch_of.workflow, branch_of
    while isinstance(net, FlowSubWorkflow) and net.spec.name not in [name for name, _ in path]:
        owner = top.get_task_from_id(net.parent_task_id)
        assert owner is not None  # noqa: S101 - a sub-process without its owner cannot have been loaded
        task, net = owner, owner.workflow
    below = path[[name for name, _ in path].index(None if net is top else net.spec.name) :]
    branch = _branch(net, task, below[0][1])
    _check_blocks(net, below, set() if branch is None else _open_splits(net, branch.split, task.task_spec.element))
    parent = _cut(net, branch, data) if branch else _empty(net)
    _enter(net, parent, below, data)


def depart(top: FlowWorkflow, target: str) -> None:
    """Put a token on `target` instead of the one with which its branch, and no other, has arrived at a parallel join."""
    path = _path_to(top, target)
    for net in (top, *top.subprocesses.values()):
        here = None if net is top else net.spec.name
        for token in list(net.tasks.values()) if here == path[-1][0] else ():
            node = _arrived_alone(net, token, target)
            if node is not None:
                data, split = copied(token.data), net.tasks[node._parent]
                net._remove_task(node.id)
                _enter(net, split, path[-1:], data)
                return
    raise TargetRefused(target=target, why=message(N_("没有单独停在汇合点的分支")))


def _arrived_alone(net: Net, token: FlowTask, target: str) -> FlowTask | None:
    """The top of the branch of `target` when all that is left of it is `token`, waiting at a join for other branches."""
    came = token.internal_data.get("arrived", ())
    if token._state != WAITING or not isinstance(token.task_spec, ParallelGateway) or len(came) != 1:
        return None
    node = token
    while node._parent is not None:
        split = net.tasks[node._parent]
        if isinstance(split.task_spec, ParallelGateway | InclusiveGateway):
            ways = _ways(net.spec, split.task_spec, target)
            if ways and len(ways) < len(split.task_spec._outputs):
                alone = all(t is token or t._state & FINISHED for t in _subtree(net, node))
                return node if alone and _ways(net.spec, split.task_spec, came[0]) == ways else None
        node = split
    return None


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
        token.data = copied(data)
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


@dataclass(frozen=True, slots=True)
class _Branch:
    """What moves: the subtree `node` right under the token `split`; `ways` are the outputs of the split it came by."""

    split: FlowTask
    node: FlowTask
    ways: frozenset[str]


def _branch(net: Net, task: FlowTask, element: str) -> _Branch | None:
    """The smallest branch that holds both `task` and `element`; None when `task` is in no branch of this net."""
    tasks, node, in_branch = net.tasks, task, False
    while node._parent is not None:
        above = tasks[node._parent]
        split = above.task_spec
        if isinstance(split, ParallelGateway | InclusiveGateway | BoundaryEventSplit):
            mine = _ways(net.spec, split, task.task_spec.element)
            watched = isinstance(split, BoundaryEventSplit) and split._outputs[0] in mine
            if mine and len(mine) < len(split._outputs) and not watched:
                if mine == _ways(net.spec, split, element):
                    return _Branch(above, node, mine)
                in_branch = True
        node = above
    if in_branch:
        raise TargetRefused(target=element, why=message(N_("它不在任务所处的并行分支内")))
    return None


def _empty(net: Net) -> FlowTask:
    """Remove every token of `net`; returns its root."""
    for child in net.task_tree.children:
        net._remove_task(child.id)
    return net.task_tree


def _ways(spec: Any, split: Any, element: str) -> frozenset[str]:
    """The outputs of `split` from which a token can come to `element` without passing the split again."""
    return frozenset(output for output in split._outputs if element in _reach(spec, output, split.name))


def _reach(spec: Any, start: str, without: str) -> set[str]:
    """Names of the specs a token on `start` can come to without passing `without`."""
    seen, work = {without}, [start]
    while work:
        name = work.pop()
        if name not in seen:
            seen.add(name)
            work.extend(spec.task_specs[name]._outputs)
    return seen - {without}


def _open_splits(net: Net, split: FlowTask, element: str) -> set[str]:
    """`split` and those above it whose branches hold `element`: the other branches are open or have arrived."""
    names, above = set(), split
    while above._parent is not None:
        ways = _ways(net.spec, above.task_spec, element)
        if ways and len(ways) < len(above.task_spec._outputs):
            names.add(above.task_spec.name)
        above = net.tasks[above._parent]
    return names


def _check_blocks(net: Net, path: list[tuple[str | None, str]], open_splits: set[str]) -> None:
    """Refuse a target from which the case could not be worked to its end."""
    specs = {None: net.top_workflow.spec, **net.top_workflow.subprocess_specs}
    for place, (name, element) in enumerate(path):
        if name is None and isinstance(
            getattr(specs[name].task_specs[element], "event_definition", None), TerminateEventDefinition
        ):
            continue  # it ends the whole case wherever it is drawn (a withdrawal after the stamp)
        for split in specs[name].task_specs.values():
            if not isinstance(split, ParallelGateway | BoundaryEventSplit):
                continue
            ways = _ways(specs[name], split, element)
            if ways and len(ways) < len(split._outputs):
                _check_block(specs[name], split, ways, element, is_open=place == 0 and split.name in open_splits)


def _check_block(spec: Any, split: Any, ways: frozenset[str], element: str, *, is_open: bool) -> None:
    """`element` lies in some of the branches of `split`, those behind its outputs `ways`."""
    refused = None
    if isinstance(split, BoundaryEventSplit) and not is_open:
        events = [spec.task_specs[way] for way in ways]
        if not any(getattr(event, "cancel_activity", True) for event in events):
            refused = message(N_("它是期限到时另行开始的步骤，不能代替主流程"))
    if isinstance(split, ParallelGateway):
        ahead = {spec.task_specs[name] for name in _reach(spec, element, split.name)}
        joins = {
            join
            for join in spec.task_specs.values()
            if isinstance(join, ParallelGateway) and len(join._inputs) > 1 and ways < _ways(spec, split, join.name)
        }
        terminates = any(isinstance(getattr(s, "event_definition", None), TerminateEventDefinition) for s in ahead)
        if is_open and joins - ahead and not terminates:
            refused = message(N_("它到不了其他分支等待它的汇合点"))
        if not is_open and joins & ahead:
            refused = message(N_("它在并行分支之内；请转到分支之前的步骤"))
    if refused:
        raise TargetRefused(target=element, why=refused)


def _cut(net: Net, branch: _Branch, data: dict[str, Any]) -> FlowTask:
    """Remove a branch and return the node the new token hangs under.

    Refused when a token in it already waits at a join outside the branch: its result would be lost.
    """
    for token in _subtree(net, branch.node):
        if token._state != WAITING:
            continue
        if isinstance(token.task_spec, EndOfTokens):  # it stands for branches that ended: keep what they knew
            for name, value in token.data.items():
                data.setdefault(name, value)
        elif isinstance(token.task_spec, ParallelGateway | InclusiveGateway):
            at = token.task_spec.name
            if _ways(net.spec, branch.split.task_spec, at) != branch.ways:
                raise TargetRefused(target=at, why=message(N_("该分支已有办理结果到达汇合点")))
    if isinstance(branch.node.task_spec, BoundaryEvent):
        # The event stays: the activity it watches is still open and asks for it.
        for child in branch.node.children:
            if not isinstance(child.task_spec, BoundaryEventJoin):
                net._remove_task(child.id)
        return branch.node
    net._remove_task(branch.node.id)
    return branch.split


def _subtree(net: Net, node: FlowTask) -> Iterator[FlowTask]:
    stack = [node]
    while stack:
        token = stack.pop()
        yield token
        stack.extend(net.tasks[child] for child in token._children)
