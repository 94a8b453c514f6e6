"""The token tree: the library's Task and Workflow, subclassed so that the tree holds tokens and nothing else.

Nothing in the library is patched; stock workflows run untouched in the same process. What differs, and why:

* ids are small integers counted per case (never reused), so states are short and replays are identical;
* nothing is predicted: a token's children are made when it runs. The library keeps guesses about the future in the
  tree, pays for them on every step, and its joins misread them;
* a token takes over its parent's facts once, when it arrives. Asking again later would read whatever node happens to
  stand above it after pruning;
* tokens that became ready queue up in `agenda`; nobody walks the tree to find work, and no walk has a depth limit.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.flow.faults import EndlessStep
from engine.flow.light import copied

if TYPE_CHECKING:
    from collections.abc import Mapping

# ruff: noqa: SLF001 - the library marks what subclasses override with an underscore

FUTURE, WAITING, READY, STARTED = TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, CANCELLED = TaskState.COMPLETED, TaskState.CANCELLED
FINISHED = TaskState.FINISHED_MASK
MAX_RUNS = 4_000  # automatic elements in one step; a drawing that needs more never reaches a person


class FlowTask(Task):  # type: ignore[misc]
    """One token, or a finished node that a live token still needs."""

    def __init__(self, workflow: Any, task_spec: Any, parent: Any = None, state: int = FUTURE) -> None:
        top = workflow.top_workflow
        top.last_id += 1
        self.id = top.last_id
        self.workflow = workflow
        self.task_spec = task_spec
        self._parent: Any = None if parent is None else parent.id
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.inherited = False
        workflow.tasks[self.id] = self
        if parent is not None:
            parent._children.append(self.id)

    def _add_child(self, task_spec: Any, state: int = FUTURE) -> FlowTask:
        return FlowTask(self.workflow, task_spec, self, state)

    def _set_state(self, value: int) -> None:
        if value == self._state:
            return
        self._state = value
        if value == READY:
            if not self.task_spec.manual:
                self.workflow.top_workflow.agenda.append(self)
        elif value == COMPLETED:
            self.workflow.top_workflow.note_passed(self)

    def _inherit_data(self) -> None:
        if self.inherited:
            return
        self.inherited = True
        self.data.update(copied(self.workflow.tasks[self._parent].data))

    def run(self) -> bool | None:
        """Make the children this token hands over to, then let the library run it."""
        spec = self.task_spec
        if spec.opens_flows:
            spec._predict_hook(self)
        done: bool | None = super().run()
        return done

    def is_descendant_of(self, task: Any) -> bool:
        """Whether `task` is above this one; a loop, so that no depth can break it."""
        tasks, above = self.workflow.tasks, self._parent
        while above is not None and above != task.id:
            above = tasks[above]._parent
        return above is not None


class _Net:
    """What the whole process and a sub-process have in common."""

    tasks: dict[int, FlowTask]
    task_tree: FlowTask
    spec: Any

    def plant(self) -> None:
        """A fresh root, ready to run."""
        self.task_tree = FlowTask(self, self.spec.start, None, FUTURE)
        self.task_tree._ready()

    def update_waiting_tasks(self) -> None:
        """Ask waiting joins again. Events are skipped: they move only when something catches or fires them."""
        tasks = self.tasks
        for task in [t for t in tasks.values() if t._state == WAITING and not isinstance(t.task_spec, CatchingEvent)]:
            if task._state == WAITING and task.id in tasks:
                task.task_spec._update(task)

    def _task_removed_notify(self: Any, task: FlowTask) -> None:
        top = self.top_workflow
        top.event_manager.tasks.pop(task.id, None)
        inner = top.subprocesses.pop(task.id, None)
        if inner is not None:
            for lower in list(inner.tasks.values()):
                inner._task_removed_notify(lower)

    def collect_log_extras(self, _extra: Any = None) -> dict[str, Any]:
        """Nothing: the library's log lines are not ours, and their extras carry facts."""
        return {}


class FlowSubWorkflow(_Net, BpmnSubWorkflow):  # type: ignore[misc]
    """A running sub-process or called process."""

    def __init__(self, spec: Any, owner_id: int, top: FlowWorkflow) -> None:
        super().__init__(spec, parent_task_id=owner_id, top_workflow=top, deserializing=True)


class FlowWorkflow(_Net, BpmnWorkflow):  # type: ignore[misc]
    """One case's process while a step lasts. Never kept between steps, never shared between threads."""

    def __init__(self, spec: Any, subs: Mapping[str, Any], engine: Any) -> None:
        self.last_id = 0
        self.agenda: deque[FlowTask] = deque()
        self.passed: list[str] = []
        self.ended: str | None = None
        super().__init__(spec, subs, script_engine=engine, deserializing=True)

    def create_subprocess(self, my_task: FlowTask, spec_name: str) -> FlowSubWorkflow:
        """Start the sub-process `spec_name` for its owner token `my_task`."""
        inner = FlowSubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = inner
        inner.plant()
        return inner

    def get_task_from_id(self, task_id: int) -> FlowTask | None:
        """The token with this id wherever it stands, or None."""
        for net in (self, *self.subprocesses.values()):
            task: FlowTask | None = net.tasks.get(task_id)
            if task is not None:
                return task
        return None

    def note_passed(self, task: FlowTask) -> None:
        """Record that the drawn element of `task` was completed, in order."""
        element = task.task_spec.element
        if element is None:
            return
        self.passed.append(element)
        if task.workflow is self and task.task_spec.is_end:
            self.ended = element

    def run_agenda(self) -> None:
        """Run everything that needs no person until only people and timers are left."""
        agenda = self.agenda
        for _ in range(MAX_RUNS):
            if not agenda:
                return
            task = agenda.popleft()
            if task._state == READY and task.id in task.workflow.tasks and not self.completed:
                task.run()
        raise EndlessStep(element=self.passed[-1] if self.passed else "")
