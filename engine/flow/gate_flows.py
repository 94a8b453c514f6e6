"""Gate, part 2: flows, gateways, conditions. A case shall never stand before a gateway none of whose ways is open."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from engine.flow.drawing import GATEWAYS, Drawing, Flow, Node
from engine.flow.expression import ExpressionRefused, compile_expression
from engine.messages import N_, Message, message

if TYPE_CHECKING:
    from collections.abc import Iterator

CONDITIONAL = frozenset({"exclusiveGateway", "inclusiveGateway"})
_OPPOSITES = {(ast.Eq, ast.NotEq), (ast.Lt, ast.GtE), (ast.Gt, ast.LtE), (ast.In, ast.NotIn), (ast.Is, ast.IsNot)}


def check_flows(drawing: Drawing) -> Iterator[Message]:
    """Dangling flows, flows that cross a scope, splits outside gateways, conditions and defaults."""
    for flow in drawing.flows:
        yield from _ends(drawing, flow)
    for node in drawing.nodes.values():
        yield from _exits(drawing, node)


def _ends(drawing: Drawing, flow: Flow) -> Iterator[Message]:
    source, target = drawing.nodes.get(flow.source), drawing.nodes.get(flow.target)
    for reference, node in ((flow.source, source), (flow.target, target)):
        if node is None:
            yield message(N_("{element}：顺序流的一端 {seen} 不存在"), element=flow.id, seen=reference or "—")
    if source and target and (source.scope != flow.scope or target.scope != flow.scope):
        yield message(N_("{element}：顺序流不得跨越流程或子流程的边界"), element=flow.id)
    if source and source.kind == "endEvent":
        yield message(N_("{element}：结束事件 {seen} 之后不得再有去向"), element=flow.id, seen=source.id)
    if target and target.kind in {"startEvent", "boundaryEvent"}:
        yield message(N_("{element}：{seen} 不得有来路"), element=flow.id, seen=target.id)


def _exits(drawing: Drawing, node: Node) -> Iterator[Message]:
    exits = drawing.outgoing[node.id]
    conditions = [flow for flow in exits if flow.condition is not None]
    if not exits and node.kind != "endEvent":
        yield message(N_("{element}：没有去向；请连到下一步或结束事件"), element=node.label)
    if node.kind not in GATEWAYS and len(exits) > 1:
        yield message(N_("{element}：有 {seen} 条去向；分流须用网关"), element=node.label, seen=len(exits))
    if node.kind not in CONDITIONAL:
        for flow in conditions:
            yield message(
                N_("{element}：条件只能放在排他或包容网关之后，而它离开的是 {seen}"), element=flow.id, seen=node.label
            )
    for flow in conditions:
        yield from _condition(flow)
    yield from _default(node, exits)
    if node.kind in CONDITIONAL:
        yield from _always_open(node, exits)
    if node.kind == "eventBasedGateway":
        yield from _awaits(drawing, node, exits)


def _condition(flow: Flow) -> Iterator[Message]:
    try:
        clocks = compile_expression(flow.condition or "").clocks
    except ExpressionRefused as refusal:
        yield message(N_("{element}：条件：{why}"), element=flow.id, why=refusal.message)
        return
    if clocks:
        yield message(N_("{element}：条件中不得询问期限 due(…)"), element=flow.id)


def _default(node: Node, exits: tuple[Flow, ...]) -> Iterator[Message]:
    if not node.default:
        return
    chosen = next((flow for flow in exits if flow.id == node.default), None)
    if chosen is None:
        yield message(N_("{element}：默认去向 {seen} 不是它自己的去向"), element=node.label, seen=node.default)
    elif chosen.condition is not None:
        yield message(N_("{element}：默认去向 {seen} 不得带条件"), element=node.label, seen=chosen.id)


def _always_open(node: Node, exits: tuple[Flow, ...]) -> Iterator[Message]:
    """A split must have a way for every case: a default, or conditions that cannot all be false."""
    if len(exits) > 1:
        for flow in exits:
            if flow.condition is None and flow.id != node.default:
                yield message(N_("{element}：去向 {seen} 既无条件，也不是默认"), element=node.label, seen=flow.id)
    conditions = [flow.condition for flow in exits if flow.condition is not None]
    if conditions and not node.default and not _exhaustive(conditions):
        yield message(N_("{element}：各条件可能都不成立；请设一条默认去向"), element=node.label)


def _exhaustive(conditions: list[str]) -> bool:
    """True when one condition is plainly the negation of another: ``not x`` against ``x``, ``a == b`` against ``a != b``."""
    trees = []
    for text in conditions:
        try:
            trees.append(ast.parse(compile_expression(text).plain, mode="eval").body)
        except ExpressionRefused:
            return True  # this refusal is reported for itself
    return any(_negates(one, other) for one in trees for other in trees)


def _negates(one: ast.expr, other: ast.expr) -> bool:
    if isinstance(one, ast.UnaryOp) and isinstance(one.op, ast.Not):
        return ast.dump(one.operand) == ast.dump(other)
    if not (isinstance(one, ast.Compare) and isinstance(other, ast.Compare) and len(one.ops) == len(other.ops) == 1):
        return False
    operands = [ast.dump(ast.Tuple([c.left, c.comparators[0]], ast.Load())) for c in (one, other)]
    return operands[0] == operands[1] and (type(one.ops[0]), type(other.ops[0])) in _OPPOSITES


def _awaits(drawing: Drawing, node: Node, exits: tuple[Flow, ...]) -> Iterator[Message]:
    for flow in exits:
        target = drawing.nodes.get(flow.target)
        if target and target.kind != "intermediateCatchEvent":
            yield message(
                N_("{element}：事件网关之后只能是捕获事件，而不是 {seen}"), element=node.label, seen=target.label
            )
