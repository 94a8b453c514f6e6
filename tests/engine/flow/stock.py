"""The library as it is, run beside our flow: plain BpmnWorkflow, its own serializer, its own timers, nothing overridden.

Only what the library cannot know is added: a task spec that calls the test's answers for business rule, service and send
tasks, and the function ``due`` for timer expressions.
"""

from __future__ import annotations

from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from tests.engine.flow.drawing import HALFSKY
from tests.engine.flow.world import Answers

FAR, PAST = "2999-01-01T00:00:00+00:00", "2000-01-01T00:00:00+00:00"


class NamedWork(BpmnSpecMixin):
    """Answers from the test, looked up by the drawn element."""

    def _run_hook(self, my_task: Any) -> bool:
        my_task.data.update(my_task.workflow.script_engine.work[self.bpmn_id](dict(my_task.data)))
        return True


class StockParser(BpmnParser):
    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag(tag): (TaskParser, NamedWork) for tag in ("businessRuleTask", "serviceTask", "sendTask")
    }


SERIALIZER = BpmnWorkflowSerializer(
    BpmnWorkflowSerializer.configure({**DEFAULT_CONFIG, NamedWork: BpmnTaskSpecConverter})
)


class StockEngine(PythonScriptEngine):
    def __init__(self, bpmn: bytes, answers: Answers) -> None:
        super().__init__(TaskDataEnvironment({"due": lambda _: FAR}))
        self.work = {}
        for node in etree.fromstring(bpmn).iter():
            for attribute in ("decision", "operation"):
                name = node.get(f"{{{HALFSKY}}}{attribute}")
                if name:
                    self.work[node.get("id")] = answers.get(name, lambda _: {})


class StockCase:
    """One case in the plain library."""

    def __init__(self, bpmn: bytes, answers: Answers, facts: dict[str, Any], specs: Any = None) -> None:
        self.engine = StockEngine(bpmn, answers)
        self.specs = specs or read("p", bpmn)
        self.flow = BpmnWorkflow(*self.specs, script_engine=self.engine)
        self.flow.task_tree.data.update(facts)
        self.flow.do_engine_steps()

    def open_tasks(self) -> list[Any]:
        return self.flow.get_tasks(state=TaskState.READY, manual=True)

    def armed(self) -> list[Any]:
        waiting = self.flow.get_tasks(state=TaskState.WAITING)
        return [t for t in waiting if isinstance(getattr(t.task_spec, "event_definition", None), TimerEventDefinition)]

    def complete(self, task: Any, facts: dict[str, Any]) -> None:
        task.data.update(facts)
        task.run()
        self.flow.do_engine_steps()

    def fire(self, timer: Any) -> None:
        timer.internal_data["event_value"] = PAST
        self.flow.refresh_timers()
        self.flow.do_engine_steps()

    def save_and_load(self) -> None:
        self.flow = SERIALIZER.deserialize_json(SERIALIZER.serialize_json(self.flow))
        self.flow.script_engine = self.engine

    @property
    def ended(self) -> bool:
        return bool(self.flow.is_completed())


def read(key: str, bpmn: bytes) -> Any:
    parser = StockParser()
    parser.add_bpmn_str(bpmn)
    return parser.get_spec(key), parser.get_subprocess_specs(key)
