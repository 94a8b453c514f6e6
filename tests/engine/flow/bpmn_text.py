"""Small BPMN drawings as text: ``drawing(start(), user("T_A"), end(), flow("S", "T_A"), flow("T_A", "E"))``."""

from __future__ import annotations

import itertools
import re
from html import escape

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:halfsky="urn:halfsky:bpmn" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="defs" targetNamespace="urn:halfsky:test">\n'
)
LANE = "VILLAGE_CHAIR"


def drawing(
    *parts: str, lanes: dict[str, list[str]] | None = None, attributes: str = 'isExecutable="true"', more: str = ""
) -> bytes:
    """A file with one process `p`; user tasks go to one lane unless `lanes` says otherwise."""
    body = "\n".join(parts)
    if lanes is None:
        users = re.findall(r'<bpmn:userTask id="([^"]+)"', body)
        lanes = {LANE: users} if users else {}
    return f'{HEAD}<bpmn:process id="p" {attributes}>{lane_set(lanes)}{body}</bpmn:process>{more}</bpmn:definitions>'.encode()


def process(key: str, *parts: str, lanes: dict[str, list[str]] | None = None) -> str:
    """Another process for the same file (call activities)."""
    return f'<bpmn:process id="{key}" isExecutable="true">{lane_set(lanes or {}, key)}{"".join(parts)}</bpmn:process>'


def lane_set(lanes: dict[str, list[str]], key: str = "p") -> str:
    if not lanes:
        return ""
    inner = "".join(
        f'<bpmn:lane id="{lane}" name="岗位">{"".join(f"<bpmn:flowNodeRef>{n}</bpmn:flowNodeRef>" for n in nodes)}</bpmn:lane>'
        for lane, nodes in lanes.items()
    )
    return f'<bpmn:laneSet id="lanes_{key}">{inner}</bpmn:laneSet>'


def node(kind: str, key: str, body: str = "", attributes: str = "") -> str:
    return f'<bpmn:{kind} id="{key}" {attributes}>{body}</bpmn:{kind}>'


def start(key: str = "S") -> str:
    return node("startEvent", key)


def end(key: str = "E", body: str = "") -> str:
    return node("endEvent", key, body)


def terminate(key: str = "E") -> str:
    return node("endEvent", key, f'<bpmn:terminateEventDefinition id="{key}_t"/>')


def user(key: str, form: str = "apply", body: str = "") -> str:
    return node("userTask", key, body, f'halfsky:form="{form}"' if form else "")


def service(key: str, operation: str = "loan.check_once") -> str:
    return node("serviceTask", key, "", f'halfsky:operation="{operation}"')


def rule(key: str, decision: str = "loan_eligibility") -> str:
    return node("businessRuleTask", key, "", f'halfsky:decision="{decision}"')


def xor(key: str, default: str = "") -> str:
    return node("exclusiveGateway", key, "", f'default="{default}"' if default else "")


def inclusive(key: str, default: str = "") -> str:
    return node("inclusiveGateway", key, "", f'default="{default}"' if default else "")


def parallel(key: str) -> str:
    return node("parallelGateway", key)


def timer(text: str = "due('loan.village.review')", kind: str = "timeDate") -> str:
    return f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{text}</bpmn:{kind}></bpmn:timerEventDefinition>'


def clock(host: str, key: str = "", body: str | None = None, *, interrupting: bool = False) -> str:
    cancel = "true" if interrupting else "false"
    return node(
        "boundaryEvent",
        key or f"BT_{host}",
        timer() if body is None else body,
        f'attachedToRef="{host}" cancelActivity="{cancel}"',
    )


def late(host: str) -> str:
    """The usual SLA clock: non-interrupting, straight into a plain end."""
    return clock(host) + end(f"late_{host}") + flow(f"BT_{host}", f"late_{host}")


def flow(source: str, target: str, condition: str | None = None, key: str = "") -> str:
    inner = (
        ""
        if condition is None
        else f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{escape(condition, quote=False)}</bpmn:conditionExpression>'
    )
    name = key or f"F_{source}_{target}".replace(".", "_")
    return f'<bpmn:sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def chain(*keys: str) -> str:
    """Flows from each key to the next."""
    return "".join(flow(a, b) for a, b in itertools.pairwise(keys))


def simple(*parts: str) -> bytes:
    """S → T_A → E with its clock, and whatever is added."""
    return drawing(start(), user("T_A"), end(), chain("S", "T_A", "E"), late("T_A"), *parts)
