"""Facts to try a drawing with: for each step, values that make every condition behind it hold once and fail once.

Read from the conditions themselves: the values a fact is compared with, one beside each number, both truth values for a fact
that stands alone. Only the conditions a case can come to before the next person count, so the combinations stay few.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from engine.flow.comparing import loop_of
from engine.flow.expression import ExpressionRefused, compile_expression
from engine.flow.marking import RESTING

if TYPE_CHECKING:
    from engine.flow.drawing import Drawing, Node

#: combinations tried of one step
MOST = 48
_OTHER = "—"


def samples(drawing: Drawing, element: str) -> Iterator[dict[str, Any]]:
    """Facts with which the step `element` could be completed, in a fixed order; at least one set."""
    fixed = _repeated(drawing)
    values = _values(_conditions(drawing, element))
    names = sorted(values)
    for chosen in islice(product(*(values[name] for name in names)), MOST):
        yield {**fixed, **dict(zip(names, chosen, strict=True))}


def _conditions(drawing: Drawing, element: str) -> list[str]:
    """Every condition between a step and the next people."""
    found: list[str] = []
    seen: set[str] = set()
    work = [element]
    while work:
        key = work.pop()
        for flow in drawing.outgoing.get(key, ()):
            if flow.condition:
                found.append(flow.condition)
            target = drawing.nodes.get(flow.target)
            if target is not None and target.id not in seen and target.kind not in RESTING:
                seen.add(target.id)
                work += [target.id, *_inside(drawing, target)]
        node = drawing.nodes[key]
        if node.kind == "endEvent":
            work += [each for each in _around(drawing, node) if each not in seen]
            seen |= set(work)
    return found


def _inside(drawing: Drawing, node: Node) -> list[str]:
    scope = node.called if node.kind == "callActivity" else node.id
    scoped = node.kind in ("subProcess", "callActivity")
    return [start.id for start in drawing.starts.get(scope, ())] if scoped else []


def _around(drawing: Drawing, end: Node) -> list[str]:
    """The sub-processes and calls that an end event leads out of."""
    nodes = drawing.nodes.values()
    return [node.id for node in nodes if end.scope in (node.id, node.called) and node.id != end.id and end.scope]


def _values(conditions: list[str]) -> Mapping[str, list[Any]]:
    """Fact → the values worth trying."""
    found: dict[str, list[Any]] = {}
    for text in conditions:
        try:
            names = compile_expression(text).names
        except ExpressionRefused:
            continue
        compared = dict(_compared(text))
        for name in names:
            known = found.setdefault(name, [])
            known += [value for value in compared.get(name, [True, False]) if value not in known]
    return found


def _compared(text: str) -> Iterator[tuple[str, list[Any]]]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        names = [side.id for side in sides if isinstance(side, ast.Name)]
        constants = [each.value for side in sides for each in ast.walk(side) if isinstance(each, ast.Constant)]
        for name in names:
            yield name, [value for constant in constants for value in _beside(constant)]


def _beside(value: Any) -> list[Any]:
    if isinstance(value, bool) or value is None:
        return [True, False]
    if isinstance(value, int | float):
        whole = int(Decimal(str(value)))
        return [whole - 1, whole, whole + 1]
    return [value, _OTHER]


def _repeated(drawing: Drawing) -> dict[str, Any]:
    """What multi-instance steps are given and give back, so that they can be entered and left."""
    facts: dict[str, Any] = {}
    for node in drawing.nodes.values():
        if not loop_of(node):
            continue
        for each in node.element.iter():
            kind = str(each.tag).rpartition("}")[2]
            if kind == "loopDataInputRef":
                facts[(each.text or "").strip()] = [_OTHER, _OTHER]
            elif kind == "outputDataItem":
                facts[each.get("name") or each.get("id") or ""] = _OTHER
            elif kind == "loopCardinality":
                facts |= dict.fromkeys(compile_expression((each.text or "1").strip()).names, 1)
    return {name: value for name, value in facts.items() if name}
