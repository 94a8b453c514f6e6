"""Which BPMN elements a drawing may hold. Closed by default: the gate refuses what is not in ``ALLOWED_ELEMENTS``.

``UNPROVEN_ELEMENTS`` names what the library would run but the equivalence suite has not (yet) proven under pruning, and
what runs wrongly (engine.md §1.1); each with the reason a person reads. An entry there wins over ``ALLOWED_ELEMENTS``.
Names are local names of the BPMN namespace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Structure: carries no behaviour of its own.
STRUCTURE = frozenset(
    {
        "definitions", "process", "collaboration", "participant", "laneSet", "childLaneSet", "lane", "flowNodeRef",
        "incoming", "outgoing", "documentation", "textAnnotation", "text", "association", "group", "category",
        "categoryValue", "sequenceFlow", "conditionExpression", "message", "signal", "error", "escalation",
        "timerEventDefinition", "timeDate", "timeDuration",
    }
)  # fmt: skip

#: Nodes a token can stand on.
NODES = frozenset(
    {
        "startEvent", "endEvent", "userTask", "manualTask", "task", "serviceTask", "sendTask", "businessRuleTask",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "boundaryEvent",
        "intermediateCatchEvent", "subProcess", "callActivity",
    }
)  # fmt: skip

#: Loops on an activity and the definitions inside events.
DETAILS = frozenset(
    {
        "multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
        "outputDataItem", "terminateEventDefinition",
    }
)  # fmt: skip

ALLOWED_ELEMENTS: frozenset[str] = STRUCTURE | NODES | DETAILS

#: Element → why it is refused.
UNPROVEN_ELEMENTS: Mapping[str, Message] = {
    "scriptTask": message(N_("脚本一律不允许；请改用 serviceTask 并注明 halfsky:operation")),
    "complexGateway": message(N_("不支持复杂网关；请用并行或包容网关")),
    "transaction": message(N_("不支持事务子流程；请用普通子流程")),
    "adHocSubProcess": message(N_("不支持即席（ad-hoc）子流程；请画出顺序")),
    "compensateEventDefinition": message(N_("不支持补偿事件；请画出一个由人办理的更正步骤")),
    "linkEventDefinition": message(N_("不支持链接事件；请用顺序流直接相连")),
    "cancelEventDefinition": message(N_("不支持取消事件；撤回由系统统一办理")),
    "conditionalEventDefinition": message(N_("不支持条件事件；请用网关")),
    "timeCycle": message(N_("不支持循环定时器；重复提醒由期限表办理")),
    "standardLoopCharacteristics": message(N_("不支持标准循环；请用网关画出退回")),
    "completionCondition": message(N_("不支持多实例的完成条件；表决由任务规则计票")),
    "dataObject": message(N_("不支持数据对象；数据由表单保存")),
    "dataObjectReference": message(N_("不支持数据对象；数据由表单保存")),
    "dataStore": message(N_("不支持数据存储；数据由台账保存")),
    "dataStoreReference": message(N_("不支持数据存储；数据由台账保存")),
    "messageEventDefinition": message(N_("不支持消息事件；请用 sendTask 发出、用 userTask 登记来件")),
    "signalEventDefinition": message(N_("不支持信号事件；请用 serviceTask 并注明 halfsky:operation")),
    "errorEventDefinition": message(N_("不支持错误事件；请用网关画出不成功的去向")),
    "escalationEventDefinition": message(N_("不支持升级事件；逾期升级由期限表办理")),
    "intermediateThrowEvent": message(N_("不支持中间抛出事件；请用 sendTask")),
    "eventBasedGateway": message(N_("不支持事件网关：来件由人登记，没有可等待的消息；请用 userTask 加定时器")),
    "receiveTask": message(N_("不支持接收任务；请用 userTask 登记来件")),
}
