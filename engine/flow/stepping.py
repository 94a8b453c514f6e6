"""One step of a case: load its state, let one thing happen, run what needs no person, save. Pure: bytes in, bytes out.

Everything a drawing may ask of the world comes through `Surroundings`, so a step can be repeated with the same
result. A step that fails raises and leaves the caller's state as it was.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from SpiffWorkflow.exceptions import SpiffWorkflowException

from engine.errors import TaskNotReady
from engine.flow import codec
from engine.flow.expression import compile_expression
from engine.flow.faults import DeadEnd, StepFailed, TimerNotArmed
from engine.flow.instances import instance_count
from engine.flow.light import light
from engine.flow.moving import depart, move
from engine.flow.pruning import prune
from engine.flow.timers import FlowTimer
from engine.flow.tree import FINISHED, READY, WAITING, FlowTask, FlowWorkflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from engine.flow.definition import ParsedDefinition

# ruff: noqa: SLF001 - drives the tree


class Surroundings(Protocol):
    """What a drawing may ask of the world during one step."""

    @property
    def now(self) -> datetime:
        """The instant of the step, timezone-aware."""

    def decide(self, decision: str, facts: dict[str, Any]) -> Mapping[str, Any]:
        """Answer a businessRuleTask with light routing facts."""

    def perform(self, operation: str, facts: dict[str, Any]) -> Mapping[str, Any]:
        """Do what a serviceTask or sendTask names; returns light routing facts."""

    def due(self, sla: str, element: str) -> datetime:
        """When the clock `sla` of an element breaks, timezone-aware; asked once, when the timer is armed."""


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task a person can do now. `id` is unique within the case and never used again."""

    id: int
    element: str
    lane: str | None


@dataclass(frozen=True, slots=True)
class ArmedTimer:
    """A running timer: `element` is the event, `attached_to` the activity it watches (None: it stands in the flow)."""

    id: int
    element: str
    attached_to: str | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """What a step left behind: the new state, everything now open, what was passed, and the end if it was reached."""

    state: bytes
    tasks: tuple[OpenTask, ...]
    timers: tuple[ArmedTimer, ...]
    passed: tuple[str, ...]
    ended: str | None
    facts: dict[str, Any]


class _StepEngine:
    """What the library takes for its script engine: one per step; shared specs find this step's world here."""

    def __init__(self, surroundings: Surroundings) -> None:
        self.surroundings = surroundings

    def evaluate(self, task: FlowTask, expression: str, external_context: Any = None) -> Any:  # noqa: ARG002
        """The number of instances of a multi-instance activity: all the library itself still asks us to evaluate."""
        return instance_count(task.task_spec.bpmn_id, compile_expression(expression).evaluate(task.data))


def start(d: ParsedDefinition, facts: Mapping[str, Any], s: Surroundings) -> Step:
    """Begin a case with `facts` and run to the first people."""
    top = FlowWorkflow(d.processes[0].spec, d.subprocess_specs, _StepEngine(s))
    top.plant()
    light(top.task_tree.data, facts)
    return _finish(top, d)


def complete(d: ParsedDefinition, state: bytes, task_id: int, facts: Mapping[str, Any], s: Surroundings) -> Step:
    """A person has done the task `task_id`; `facts` are merged into its token. Raises TaskNotReady."""
    top = codec.build(codec.decode(state, d), d, _StepEngine(s))
    task = _open(top, task_id, d, state)
    light(task.data, facts)
    with _ours():
        task.run()
    return _finish(top, d)


def fire(d: ParsedDefinition, state: bytes, timer_id: int, s: Surroundings) -> Step:
    """The due time of the timer `timer_id` has come (the caller's timer table says so). Raises TimerNotArmed."""
    top = codec.build(codec.decode(state, d), d, _StepEngine(s))
    timer = top.get_task_from_id(timer_id)
    if timer is None or timer._state != WAITING or "due" not in timer.internal_data:
        raise TimerNotArmed(timer=timer_id)
    timer.internal_data["event_fired"] = True
    with _ours():
        timer.task_spec._update(timer)
    return _finish(top, d)


def goto(
    d: ParsedDefinition,
    state: bytes,
    target: str,
    facts: Mapping[str, Any],
    s: Surroundings,
    *,
    from_task: int | None = None,
) -> Step:
    """Return or withdraw: move the case to the element `target`, with `facts` merged over what the tokens knew.

    Without `from_task` the whole process moves: every open task and timer ends. With it only the smallest parallel
    branch that holds both this task and `target` moves. An ended process may be moved as a whole (a case reopened).
    Raises TargetRefused, TaskNotReady.
    """
    saved = codec.decode(state, d)
    top = codec.build(saved, d, _StepEngine(s))
    branch_of = None if from_task is None else _open(top, from_task, d, state)
    with _ours():
        move(top, target, facts, branch_of=branch_of, known=_known(saved))
    return _finish(top, d)


def take_back(d: ParsedDefinition, state: bytes, target: str, s: Surroundings) -> Step:
    """Undo the arrival of one branch at a join: a token stands on `target`, in that branch, once more.

    Raises TargetRefused when nothing of that branch alone waits at a join.
    """
    top = codec.build(codec.decode(state, d), d, _StepEngine(s))
    with _ours():
        depart(top, target)
    return _finish(top, d)


def _open(top: FlowWorkflow, task_id: int, d: ParsedDefinition, state: bytes) -> FlowTask:
    task = top.get_task_from_id(task_id)
    if task is None or task._state != READY:
        raise TaskNotReady(task=task_id, ready="、".join(t.element for t in peek(d, state).tasks))
    return task


@contextmanager
def _ours() -> Iterator[None]:
    """What the library refuses becomes an error of ours; its text may quote facts and goes no further."""
    try:
        yield
    except SpiffWorkflowException as refused:
        raise StepFailed(kind=type(refused).__name__) from refused


def peek(d: ParsedDefinition, state: bytes) -> Step:
    """What is open in `state`, without a step and without building a token."""
    saved = codec.decode(state, d)
    tasks, timers = [], []
    for _, table, rows in saved.nets:
        for row in rows:
            spec = table.specs[row[codec.SPEC]]
            if row[codec.STATE] == READY:
                tasks.append(_open_task(d, row[codec.ID], spec))
            elif row[codec.STATE] == WAITING and _is_timer(spec):
                timers.append(_armed_timer(row[codec.ID], spec, row[codec.INTERNAL]))
    return Step(state, _sorted(tasks), _sorted(timers), (), saved.ended, _known(saved))


def _known(saved: codec.Saved) -> dict[str, Any]:
    """The facts of all living tokens together, later tokens last; those of the end when the process has ended."""
    if saved.ended is not None:
        return dict(saved.facts)
    living = {
        row[codec.ID]: facts
        for _, _, rows in saved.nets
        for row, facts in codec.facts_of_rows(rows)
        if not row[codec.STATE] & FINISHED
    }
    return {name: value for ident in sorted(living) for name, value in living[ident].items()}


def _finish(top: FlowWorkflow, d: ParsedDefinition) -> Step:
    """Run to the next people, prune, save and say what is open."""
    with _ours():
        top.run_agenda()
    tasks: list[OpenTask] = []
    timers: list[ArmedTimer] = []
    living: dict[int, dict[str, Any]] = {}
    if not top.completed:
        prune(top)
        for net in (top, *top.subprocesses.values()):
            for task in net.tasks.values():
                _look(task, d, tasks, timers, living)
        if not tasks and not timers:
            raise DeadEnd
    facts = top.data if top.completed else {n: v for ident in sorted(living) for n, v in living[ident].items()}
    ended = top.ended if top.completed else None
    return Step(codec.encode(top, d), _sorted(tasks), _sorted(timers), tuple(top.passed), ended, facts)


def _look(
    task: FlowTask,
    d: ParsedDefinition,
    tasks: list[OpenTask],
    timers: list[ArmedTimer],
    living: dict[int, dict[str, Any]],
) -> None:
    state = task._state
    if state & FINISHED:
        return
    living[task.id] = task.data
    if state == READY:
        tasks.append(_open_task(d, task.id, task.task_spec))
    elif state == WAITING and _is_timer(task.task_spec):
        timers.append(_armed_timer(task.id, task.task_spec, task.internal_data))


def _is_timer(spec: Any) -> bool:
    return isinstance(getattr(spec, "event_definition", None), FlowTimer)


def _open_task(d: ParsedDefinition, ident: int, spec: Any) -> OpenTask:
    return OpenTask(ident, spec.element, d.elements[spec.element].lane)


def _armed_timer(ident: int, spec: Any, internal: Mapping[str, Any]) -> ArmedTimer:
    return ArmedTimer(ident, spec.element, spec.attached_to, datetime.fromisoformat(internal["due"]))


def _sorted(found: list[Any]) -> tuple[Any, ...]:
    """By id, that is in the order of arrival."""
    return tuple(sorted(found, key=lambda item: item.id))
