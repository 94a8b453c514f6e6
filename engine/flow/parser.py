"""From BPMN XML to task specs. The library's parser, narrowed to the elements we run and taught our extensions.

``xmlns:halfsky="urn:halfsky:bpmn"``: ``userTask/@halfsky:form``, ``businessRuleTask/@halfsky:decision``,
``serviceTask|sendTask/@halfsky:operation``. The library's own extensions (scripts before and after a task) are not
read at all. An element without an entry below cannot be parsed, even if the gate should ever let it through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    IntermediateCatchEventParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs import defaults

from engine.flow.instances import ParallelInstances, SequentialInstances
from engine.flow.specs import (
    DecisionTask,
    ExclusiveGateway,
    FlowProcessSpec,
    InclusiveGateway,
    OperationTask,
    ParallelGateway,
)
from engine.flow.timers import FlowTimer, NotATimer, due_key, quoted_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

HALFSKY = "urn:halfsky:bpmn"


def extension(node: etree._Element, name: str) -> str | None:
    """The value of ``halfsky:name`` on `node`, or None."""
    return node.get(f"{{{HALFSKY}}}{name}")


class _Activity:
    """What every activity parser needs to make multi-instance activities of ours."""

    PARALLEL_MI_CLASS = ParallelInstances
    SEQUENTIAL_MI_CLASS = SequentialInstances


class _TaskParser(_Activity, TaskParser):  # type: ignore[misc]
    pass


class _SubProcessParser(_Activity, SubWorkflowParser):  # type: ignore[misc]
    pass


class _CallParser(_Activity, CallActivityParser):  # type: ignore[misc]
    pass


class _NamedWorkParser(_TaskParser):
    """A task that names what the surroundings do for it; `attribute` is both the extension and the spec's argument."""

    attribute_name = ""

    def create_task(self) -> Any:
        name = extension(self.node, self.attribute_name)
        if not name:
            raise ValidationException(f"halfsky:{self.attribute_name} is missing", node=self.node)
        return self.spec_class(self.spec, self.bpmn_id, **{self.attribute_name: name}, **self.bpmn_attributes)


class _DecisionParser(_NamedWorkParser):
    attribute_name = "decision"


class _OperationParser(_NamedWorkParser):
    attribute_name = "operation"


class _TimerParser:
    """Timers of ours: ``timeDate`` asks for a named clock, ``timeDuration`` is a quoted ISO duration."""

    node: Any

    def parse_timer_event(self, event: etree._Element) -> FlowTimer:
        name = self.node.get("id")
        date, duration = (event.findtext(full_tag(tag)) for tag in ("timeDate", "timeDuration"))
        try:
            if date is not None:
                return FlowTimer(name, date, sla=due_key(date))
            if duration is not None:
                return FlowTimer(name, duration, duration=quoted_duration(duration))
        except NotATimer as refused:
            raise ValidationException(f"not a timer: {refused}", node=self.node) from None
        raise ValidationException("a timer needs timeDate or timeDuration", node=self.node)


class _BoundaryParser(_TimerParser, BoundaryEventParser):  # type: ignore[misc]
    pass


class _CatchParser(_TimerParser, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _FlowProcessParser(ProcessParser):  # type: ignore[misc]
    def create_spec(self) -> FlowProcessSpec:
        return FlowProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)


class FlowParser(BpmnParser):  # type: ignore[misc]
    """Knows exactly the elements whose equivalence is proven (tests/engine/flow/test_equivalence*.py)."""

    PROCESS_PARSER_CLASS = _FlowProcessParser
    PARSER_CLASSES: Mapping[str, Any] = {
        full_tag(tag): classes
        for tag, classes in {
            "startEvent": (StartEventParser, defaults.StartEvent),
            "endEvent": (EndEventParser, defaults.EndEvent),
            "userTask": (_TaskParser, defaults.UserTask),
            "manualTask": (_TaskParser, defaults.ManualTask),
            "task": (_TaskParser, defaults.NoneTask),
            "businessRuleTask": (_DecisionParser, DecisionTask),
            "serviceTask": (_OperationParser, OperationTask),
            "sendTask": (_OperationParser, OperationTask),
            "subProcess": (_SubProcessParser, defaults.SubWorkflowTask),
            "callActivity": (_CallParser, defaults.CallActivity),
            "exclusiveGateway": (ConditionalGatewayParser, ExclusiveGateway),
            "parallelGateway": (GatewayParser, ParallelGateway),
            "inclusiveGateway": (ConditionalGatewayParser, InclusiveGateway),
            "intermediateCatchEvent": (_CatchParser, defaults.IntermediateCatchEvent),
            "boundaryEvent": (_BoundaryParser, defaults.BoundaryEvent),
        }.items()
    }


def read_specs(root: etree._Element, key: str) -> dict[str | None, Any]:
    """The spec of process `key` under None, those of its sub-processes and called processes under their ids.

    Raises the library's ValidationException when the tree does not hold a process `key` we can run.
    """
    parser = FlowParser()
    parser.add_bpmn_xml(root)
    return {None: parser.get_spec(key), **parser.get_subprocess_specs(key)}
