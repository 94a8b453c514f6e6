"""Task specs: what each drawn element does when a token reaches it.

Built once per drawing, shared by threads, never changed.

All specs get three facts when the drawing is read: `element` (the drawn id, None for the library's own nodes), `is_end`
and `opens_flows` (children are made before it runs; gateways that choose make theirs themselves).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent

from engine.flow.faults import NoWayOn
from engine.flow.light import changed, light
from engine.flow.tree import COMPLETED, FINISHED, FUTURE, WAITING

if TYPE_CHECKING:
    from engine.flow.tree import FlowTask

# The hooks of the library begin with an underscore and are meant to be overridden.
# ruff: noqa: SLF001


def _waiting_twins(spec: Any, my_task: FlowTask) -> list[FlowTask]:
    """Tokens already waiting at this join."""
    tasks = my_task.workflow.tasks.values()
    return [t for t in tasks if t.task_spec is spec and t._state == WAITING and t is not my_task]


def _absorb(spec: Any, my_task: FlowTask) -> set[str]:
    """Merge the tokens already waiting here into the one that just arrived; returns the inputs they came by.

    What a branch changed since the split wins over what another only carried along; of two changes the last to arrive
    counts. An answer equal to what was known at the split is no change. (In the library the last to arrive overrides
    everything, also with facts of the round before.)

    The earlier tokens leave the tree, so that a join depends on nothing but itself: the library keeps and counts them,
    and counts those of the previous round of a loop as well (engine.md §1.2).
    """
    net = my_task.workflow
    came = {net.tasks[my_task._parent].task_spec.name}
    my_task._inherit_data()
    for twin in _waiting_twins(spec, my_task):
        split = _fork(twin, my_task).data
        mine = changed(my_task.data, split)
        my_task.data.update(changed(twin.data, split))
        my_task.data.update(mine)
        came.update(twin.internal_data.get("arrived", ()))
        net._remove_task(twin.id)
    return came


def _fork(one: FlowTask, other: FlowTask) -> FlowTask:
    """The token at which the ways of two tokens parted; it stays in the tree as long as both do."""
    above = set()
    token: FlowTask | None = one
    while token is not None:
        above.add(token.id)
        token = token.parent
    token = other
    while token.id not in above:
        token = token.workflow.tasks[token._parent]
    return token


class ParallelGateway(defaults.ParallelGateway):  # type: ignore[misc]
    """Splits into all flows; joins when a token has come by every incoming flow."""

    def _update_hook(self, my_task: FlowTask) -> bool:
        inner = my_task.internal_data
        if "arrived" not in inner:
            inner["arrived"] = sorted(_absorb(self, my_task))
        if len(inner["arrived"]) >= len(set(self._inputs)):
            return True
        my_task._set_state(WAITING)
        return False

    def _run_hook(self, _task: FlowTask) -> bool:
        return True


class InclusiveGateway(defaults.InclusiveGateway):  # type: ignore[misc]
    """Splits into every flow whose condition holds; joins when no other token can still reach it.

    `upstream`: the names of all specs from which a token can come here without passing here (set when the drawing is
    read).
    """

    opens_flows = False
    upstream: frozenset[str] = frozenset()

    def _update_hook(self, my_task: FlowTask) -> bool:
        if not my_task.inherited:
            _absorb(self, my_task)
        for other in my_task.workflow.tasks.values():
            spec = other.task_spec
            if other._state < COMPLETED and spec.name in self.upstream and not isinstance(spec, BoundaryEvent):
                my_task._set_state(WAITING)
                return False
        return True

    def _run_hook(self, my_task: FlowTask) -> bool:
        specs = my_task.workflow.spec.task_specs
        hits = [
            name for condition, name in self.cond_task_specs if condition is not None and condition._matches(my_task)
        ]
        for name in hits or [name for condition, name in self.cond_task_specs if condition is None]:
            my_task._add_child(specs[name], FUTURE)
        if not my_task._children:
            raise NoWayOn(element=self.bpmn_id)
        return True


class ExclusiveGateway(defaults.ExclusiveGateway):  # type: ignore[misc]
    """Takes the first flow whose condition holds, else the default flow."""

    opens_flows = False

    def _run_hook(self, my_task: FlowTask) -> bool:
        chosen = self.default_task_spec
        for condition, name in self.cond_task_specs:
            if condition is not None and condition._matches(my_task):
                chosen = name
                break
        if chosen is None:
            raise NoWayOn(element=self.bpmn_id)
        my_task._add_child(my_task.workflow.spec.task_specs[chosen], FUTURE)
        return True


class DecisionTask(BpmnSpecMixin):  # type: ignore[misc]
    """businessRuleTask: asks the surroundings for the decision and takes over its light facts."""

    def __init__(self, wf_spec: Any, name: str, decision: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.decision = decision

    def _run_hook(self, my_task: FlowTask) -> bool:
        surroundings = my_task.workflow.script_engine.surroundings
        light(my_task.data, surroundings.decide(self.decision, dict(my_task.data)))
        return True


class OperationTask(BpmnSpecMixin):  # type: ignore[misc]
    """serviceTask and sendTask: has the surroundings perform a named operation and takes over its light facts."""

    def __init__(self, wf_spec: Any, name: str, operation: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.operation = operation

    def _run_hook(self, my_task: FlowTask) -> bool:
        surroundings = my_task.workflow.script_engine.surroundings
        light(my_task.data, surroundings.perform(self.operation, dict(my_task.data)))
        return True


class EndOfTokens(_EndJoin):  # type: ignore[misc]
    """The process has ended when its last token has come here. One token stands for all that came (see `_absorb`)."""

    def _update_hook(self, my_task: FlowTask) -> bool:
        if not my_task.inherited:
            _absorb(self, my_task)
        if all(t is my_task or t._state & FINISHED for t in my_task.workflow.tasks.values()):
            return True
        my_task._set_state(WAITING)
        return False

    def _run_hook(self, my_task: FlowTask) -> bool:
        my_task.workflow.data.update(my_task.data)
        return True


class FlowProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The library's process spec with our end."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        name = f"{self.name}.EndJoin"  # the library's name for it
        del self.task_specs[name], self.task_specs["End"]
        self.end: Any = EndOfTokens(self, name)
        self.end.connect(SimpleBpmnTask(self, "End"))
