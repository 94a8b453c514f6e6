"""Gate, part 1: only listed elements, with listed attributes, in listed places, under unique and plain ids."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lxml import etree

from engine.flow.drawing import BPMN, CONTAINERS, EVENTS, HALFSKY, bpmn
from engine.flow.elements import ALLOWED_ELEMENTS, NODES, UNPROVEN_ELEMENTS
from engine.flow.expression import printable
from engine.flow.hardened_xml import local_name, namespace
from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_DIAGRAM = "http://www.omg.org/spec/BPMN/20100524/DI"
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,99}")
#: names the library gives to its own steps; an element so called would replace them
RESERVED_IDS = frozenset({"Start", "End", "Root"})

#: elements whose id is the name of a fact (gate_tasks checks it), and may therefore come back
_FACT_NAMES = frozenset({"inputDataItem", "outputDataItem"})

_EVERYWHERE = frozenset({"id", "name"})
_ATTRIBUTES: Mapping[str, frozenset[str]] = {
    "definitions": frozenset({"targetNamespace", "exporter", "exporterVersion"}),
    "process": frozenset({"isExecutable"}),
    "participant": frozenset({"processRef"}),
    "sequenceFlow": frozenset({"sourceRef", "targetRef"}),
    "boundaryEvent": frozenset({"attachedToRef", "cancelActivity"}),
    "exclusiveGateway": frozenset({"default", "gatewayDirection"}),
    "inclusiveGateway": frozenset({"default", "gatewayDirection"}),
    "parallelGateway": frozenset({"gatewayDirection"}),
    "callActivity": frozenset({"calledElement"}),
    "multiInstanceLoopCharacteristics": frozenset({"isSequential"}),
    "documentation": frozenset({"textFormat"}),
    "textAnnotation": frozenset({"textFormat"}),
    "association": frozenset({"sourceRef", "targetRef", "associationDirection"}),
    "group": frozenset({"categoryValueRef"}),
    "categoryValue": frozenset({"value"}),
}
_OURS: Mapping[str, frozenset[str]] = {
    "userTask": frozenset({"form", "signing"}),
    "businessRuleTask": frozenset({"decision"}),
    "serviceTask": frozenset({"operation"}),
    "sendTask": frozenset({"operation"}),
}
MAX_COORDINATE = 100_000.0
_NO_EXTENSIONS = N_(
    "{element}：不允许扩展元素（见到 {seen}）；只允许 halfsky:form、halfsky:signing、halfsky:decision、halfsky:operation 属性"
)
_UNLISTED = N_("{element}：不支持元素 {kind}；可用的步骤：{allowed}")
_UNPROVEN = N_("{element}（{kind}）：{why}")


def check_elements(root: etree._Element) -> Iterator[Message]:
    """Every element, attribute and id that is not listed. What is refused is not entered, except containers and events."""
    yield from _ids(root)
    for element in _walk(root):
        kind = bpmn(element)
        refusal = _element(element, kind)
        if refusal:
            yield refusal
        else:
            yield from _attributes(element, kind)


def check_diagram(root: etree._Element) -> Iterator[Message]:
    """Coordinates must be numbers: the library orders branches by them, and the paper drawing is made from them."""
    for element in root.iter("{*}Bounds", "{*}waypoint"):
        for name in element.attrib:
            try:
                number = float(element.get(name, ""))
            except ValueError:
                number = math.inf
            if not abs(number) <= MAX_COORDINATE:
                owner, seen = named(element), printable(element.get(name, ""), 20)
                yield message(N_("{element}：坐标 {name} 须为数字，见到“{seen}”"), element=owner, name=name, seen=seen)


def _walk(parent: etree._Element) -> Iterator[etree._Element]:
    yield parent
    for child in parent:
        if namespace(child) == _DIAGRAM and parent.getparent() is None:
            continue  # pictures carry no behaviour; check_diagram looks at their numbers
        if _element(child, bpmn(child)) is None or bpmn(child) in CONTAINERS | EVENTS:
            yield from _walk(child)
        else:
            yield child


def _element(element: etree._Element, kind: str) -> Message | None:
    owner = named(element)
    if not kind:
        return message(_NO_EXTENSIONS, element=owner, seen=printable(local_name(element)))
    if kind == "extensionElements":
        seen = "、".join(dict.fromkeys(printable(local_name(child)) for child in element)) or kind
        return message(_NO_EXTENSIONS, element=owner, seen=seen)
    if kind == "subProcess" and element.get("triggeredByEvent") is not None:
        why = message(N_("不支持事件子流程（triggeredByEvent）；撤回、升级由系统统一办理"))
        return message(_UNPROVEN, element=owner, kind=kind, why=why)
    if kind in UNPROVEN_ELEMENTS:
        return message(_UNPROVEN, element=owner, kind=kind, why=UNPROVEN_ELEMENTS[kind])
    if kind not in ALLOWED_ELEMENTS:
        allowed = "、".join(sorted(NODES - set(UNPROVEN_ELEMENTS)))
        return message(_UNLISTED, element=owner, kind=printable(kind), allowed=allowed)
    return None


def _attributes(element: etree._Element, kind: str) -> Iterator[Message]:
    plain = _EVERYWHERE | _ATTRIBUTES.get(kind, frozenset())
    ours = _OURS.get(kind, frozenset())
    for name in element.attrib:
        qualified = etree.QName(name)
        space, local = qualified.namespace, qualified.localname
        if (
            (space is None and local in plain)
            or (space == HALFSKY and local in ours)
            or (space == _INSTANCE and local in {"type", "schemaLocation"})
            or (space is not None and space != HALFSKY and kind == "definitions")
        ):
            continue
        seen = printable(local if space is None else f"{{{space}}}{local}")
        allowed = "、".join(sorted(plain) + sorted(f"halfsky:{o}" for o in ours))
        yield message(
            N_("{element}（{kind}）：不允许的属性 {seen}；可用：{allowed}"),
            element=named(element), kind=kind, seen=seen, allowed=allowed,
        )  # fmt: skip


def _ids(root: etree._Element) -> Iterator[Message]:
    seen: set[str] = set()
    for element in root.iter(f"{{{BPMN}}}*"):
        key = element.get("id")
        if key is None:
            if bpmn(element) in NODES | {"process", "sequenceFlow", "lane"}:
                yield message(N_("{element}：缺少标识 id"), element=named(element))
            continue
        if not _ID.fullmatch(key) or key in RESERVED_IDS:
            wanted = N_("{element}：标识不允许；须以字母开头，只含字母、数字、_ 和 -，且不得为 {reserved}")
            yield message(wanted, element=printable(key), reserved="、".join(sorted(RESERVED_IDS)))
        if key in seen and bpmn(element) not in _FACT_NAMES:
            yield message(N_("{element}：标识重复"), element=printable(key))
        seen.add(key)


def named(element: etree._Element) -> str:
    """How a message names an element: the id of itself or of the nearest element around it that has one."""
    around: etree._Element | None = element
    while around is not None:
        key = around.get("id")
        if key:
            return printable(key)
        around = around.getparent()
    return printable(local_name(element))
