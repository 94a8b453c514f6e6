"""The plain library on the same drawings, as its documentation shows it: specs in every saved state, every form in task data.

Nothing of it is overridden; only what it cannot know is added: answers for business-rule, service and send tasks, and `due`.
"""

from __future__ import annotations

from time import perf_counter
from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from benchmarks.timing import Parts

_HALFSKY = "{urn:halfsky:bpmn}"
_FAR = "2999-01-01T00:00:00+00:00"


class NamedWork(BpmnSpecMixin):
    """A business-rule, service or send task that answers from a table."""

    def _run_hook(self, my_task: Any) -> bool:
        my_task.data.update(my_task.workflow.script_engine.work[self.bpmn_id])
        return True


class _Parser(BpmnParser):
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag(tag): (TaskParser, NamedWork) for tag in ("businessRuleTask", "serviceTask", "sendTask")
    }


_SERIALIZER = BpmnWorkflowSerializer(
    BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, NamedWork: BpmnTaskSpecConverter})
)


class StockCases:
    """Cases of one drawing in the plain library."""

    def __init__(self, key: str, drawing: bytes, answers: dict[str, dict[str, Any]]) -> None:
        parser = _Parser()
        parser.add_bpmn_str(drawing)
        self._specs = parser.get_spec(key), parser.get_subprocess_specs(key)
        self._engine: Any = PythonScriptEngine(TaskDataEnvironment({"due": lambda _: _FAR}))
        self._engine.work = {}
        for node in etree.fromstring(drawing).iter():
            for name in (node.get(f"{_HALFSKY}decision"), node.get(f"{_HALFSKY}operation")):
                if name:
                    self._engine.work[node.get("id")] = answers.get(name, {})

    def begin(self) -> str:
        """A new case, as its saved state."""
        flow = BpmnWorkflow(*self._specs, script_engine=self._engine)
        flow.do_engine_steps()
        return str(_SERIALIZER.serialize_json(flow))

    def complete(self, state: str, element: str, form: dict[str, Any]) -> tuple[str, Parts]:
        """Load, complete the task of `element` with a whole form in its data, save."""
        began = perf_counter()
        flow = _SERIALIZER.deserialize_json(state)
        flow.script_engine = self._engine
        loaded = perf_counter()
        ready = flow.get_tasks(state=TaskState.READY, manual=True)
        task = next(t for t in ready if t.task_spec.bpmn_id == element)
        task.data.update(form)
        task.run()
        flow.do_engine_steps()
        ran = perf_counter()
        saved = str(_SERIALIZER.serialize_json(flow))
        return saved, Parts(loaded - began, ran - loaded, perf_counter() - ran)
