"""Multi-instance activities: one instance for each item of a list of facts, or a counted number of them.

Two things of the library are put right. What an instance was given stays its own: the library leaves the last item in the
process, and the next multi-instance activity (or the next round of a loop) then refuses to start. And a list in the facts
of an instance replaces the process's list; the library mixes both and cuts the result (its "deep merge").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.flow.faults import NotInstances
from engine.flow.light import MAX_ITEMS, changed, copied
from engine.messages import N_, message

if TYPE_CHECKING:
    from engine.flow.tree import FlowTask

# ruff: noqa: SLF001 - overrides the library's hooks


class _Instances:
    bpmn_id: str
    data_input: Any
    data_output: Any
    input_item: Any
    output_item: Any

    def _update_hook(self, my_task: FlowTask) -> Any:
        my_task._inherit_data()
        for item in (self.input_item, self.output_item):
            if item is not None:
                my_task.data.pop(item.bpmn_id, None)  # a fact of that name is shadowed in the instances
        if self.data_input is not None and not isinstance(my_task.data.get(self.data_input.bpmn_id), list):
            why = message(N_("事实“{name}”不是列表"), name=self.data_input.bpmn_id)
            raise NotInstances(element=self.bpmn_id, why=why)
        if self.data_output is not None and self.data_output.bpmn_id != getattr(self.data_input, "bpmn_id", None):
            my_task.data.pop(self.data_output.bpmn_id, None)  # answers of an earlier round do not count again
        if self.data_output is None:
            my_task.internal_data["base"] = copied(my_task.data)
        return super()._update_hook(my_task)  # type: ignore[misc]

    def merge_child(self, workflow: Any, child: FlowTask) -> None:
        """Take over what the finished instance `child` leaves."""
        if self.input_item is not None:
            child.data.pop(self.input_item.bpmn_id, None)
        if self.output_item is not None and self.output_item.bpmn_id not in child.data:
            raise NotInstances(element=self.bpmn_id, why=message(N_("缺少事实“{name}”"), name=self.output_item.bpmn_id))
        if self.data_output is None:
            whole = workflow.tasks[child._parent]
            child.data = changed(child.data, whole.internal_data["base"])  # what it only carried along does not count
            whole.data.update(copied(child.data))
        super().merge_child(workflow, child)  # type: ignore[misc]


def instance_count(element: str, value: Any) -> int:
    """`value` of a cardinality expression as a number of instances, or NotInstances."""
    count = int(value) if isinstance(value, int | float) or hasattr(value, "as_integer_ratio") else -1
    if count != value or isinstance(value, bool) or not 0 <= count <= MAX_ITEMS:
        raise NotInstances(element=element, why=message(N_("次数须为 0 至 {limit} 的整数"), limit=MAX_ITEMS))
    return count


class ParallelInstances(_Instances, defaults.ParallelMultiInstanceTask):  # type: ignore[misc]
    """All instances at once."""


class SequentialInstances(_Instances, defaults.SequentialMultiInstanceTask):  # type: ignore[misc]
    """One instance after the other."""
