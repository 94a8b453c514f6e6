"""What may be uploaded: one function, every refusal at once (一次性告知), each naming the element and what is allowed.

Nothing of a file is executed, and no parser of the process library sees it, before :func:`check` has returned nothing.
"""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

from engine.decision_xml import read_tables
from engine.flow.drawing import MAX_NODES, bpmn, read_drawing
from engine.flow.gate_clocks import check_clocks
from engine.flow.gate_elements import check_diagram, check_elements
from engine.flow.gate_flows import check_flows
from engine.flow.gate_tasks import check_processes, check_tasks
from engine.flow.hardened_xml import RefusedXml, local_name, read_xml
from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from lxml import etree

MAX_CONDITIONS = 40_000  # characters of all conditions of one file: each is compiled
MAX_REFUSALS = 200  # a hostile file may hold thousands; nobody reads them


def check(xml: bytes, *, known_forms: Container[str] | None = None) -> list[Message]:
    """Every reason why the drawing `xml` may not enter; empty when it may.

    With `known_forms`, every user task must name one of these forms.
    """
    try:
        root = read_xml(xml)
    except RefusedXml as refused:
        return [refused.why]
    if bpmn(root) != "definitions":
        return [message(N_("{element}：不是 BPMN 2.0 文件"), element=local_name(root))]
    return _refusals(root, known_forms)


def check_tables(dmn: bytes) -> list[Message]:
    """Every reason why the decision tables `dmn` may not enter; empty when they may."""
    return _limited(read_tables(dmn).refusals)


def _refusals(root: etree._Element, known_forms: Container[str] | None) -> list[Message]:
    drawing = read_drawing(root)
    size = max(len(drawing.nodes), len(drawing.flows))
    if size > MAX_NODES:
        return [message(N_("图中有 {seen} 个步骤或顺序流，超过上限 {limit}"), seen=size, limit=MAX_NODES)]
    text = sum(len(flow.condition or "") for flow in drawing.flows)
    if text > MAX_CONDITIONS:
        return [message(N_("图中的条件共 {seen} 字，超过上限 {limit}"), seen=text, limit=MAX_CONDITIONS)]
    return _limited(
        chain(
            check_elements(root),
            check_diagram(root),
            check_processes(root, drawing),
            check_flows(drawing),
            check_tasks(drawing, known_forms),
            check_clocks(drawing),
        )
    )


def _limited(found: Iterable[Message]) -> list[Message]:
    """The first refusals, and whether there are more; looking stops there."""
    listed = list(islice(found, MAX_REFUSALS + 1))
    return [*listed[:MAX_REFUSALS], message(N_("还有更多，未列出"))] if len(listed) > MAX_REFUSALS else listed
