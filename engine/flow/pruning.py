"""Forgetting: everything finished that no living token can still read leaves the tree, on every save.

This is a need, not a saving. With the history kept, the library's cost grows with every round of a loop and its walks
stop silently at depth 1,000 (engine.md §1.2). The history of a case lives in our own tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs.control import EventSplit

from engine.flow.tree import FINISHED

if TYPE_CHECKING:
    from engine.flow.tree import FlowSubWorkflow, FlowTask, FlowWorkflow

# ruff: noqa: SLF001 - works on the tree itself


def prune(top: FlowWorkflow) -> None:
    """Drop the finished history of `top` and of its sub-processes."""
    for owner_id, inner in list(top.subprocesses.items()):
        owner = top.get_task_from_id(owner_id)
        if owner is None or owner._state & FINISHED or inner.completed:
            top.subprocesses.pop(owner_id, None)
    for net in (top, *top.subprocesses.values()):
        _prune(net, top)


def _prune(net: FlowWorkflow | FlowSubWorkflow, top: FlowWorkflow) -> None:
    tasks = net.tasks
    work = list(tasks.values())
    while work:
        task = work.pop()
        children = task._children
        if len(children) > 1 or task.id not in tasks or _needed(task, net):
            continue
        parent = tasks[task._parent]
        place = parent._children.index(task.id)
        if children:
            child = tasks[children[0]]
            parent._children[place] = child.id
            child._parent = parent.id
        else:
            del parent._children[place]
            work.append(parent)  # it may have become prunable
        del tasks[task.id]
        top.subprocesses.pop(task.id, None)


def _needed(task: FlowTask, net: FlowWorkflow | FlowSubWorkflow) -> bool:
    """Whether a living token still reads `task`."""
    if task is net.task_tree or not task._state & FINISHED:
        return True
    if isinstance(task.task_spec, EventSplit) and not _closed(task):
        return True
    parent = net.tasks[task._parent]
    if not parent._state & FINISHED:  # an instance of a multi-instance activity that is still running
        return True
    return isinstance(parent.task_spec, EventSplit) and not _closed(parent)


def _closed(split: FlowTask) -> bool:
    """True when an activity and all events on it are finished; the joins behind them finish within the same step."""
    tasks = split.workflow.tasks
    return all(tasks[child]._state & FINISHED for child in split._children)
