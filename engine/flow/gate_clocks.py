"""Gate, part 4: timers. A clock is either ``due('key')`` from policy or a quoted ISO duration; and it never decides.

到期不得自动作出决定: when time runs out a person acts, or somebody is told. The way from a timer may therefore lead only to a
user task, or, when the timer does not interrupt, straight to a plain end event. A step that only waits for a day may be followed
by anything but the end of the case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.flow.drawing import Drawing, Flow, Node
from engine.flow.expression import ExpressionRefused, compile_expression, printable
from engine.messages import N_, Message, message

_DURATION = re.compile(
    r"P(?=\d|T\d)(?:\d{1,2}Y)?(?:\d{1,3}M)?(?:\d{1,4}W)?(?:\d{1,4}D)?(?:T(?=\d)(?:\d{1,4}H)?(?:\d{1,4}M)?(?:\d{1,4}S)?)?"
)
_KEY = re.compile(r"[a-z][A-Za-z0-9_]*(\.[a-z][A-Za-z0-9_]*)*")
_JOINS = frozenset({"parallelGateway", "inclusiveGateway"})
_PASSED = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "intermediateCatchEvent"}
)
_HUMAN = frozenset({"userTask"})
#: gateways behind which one way alone is taken
_ONE_WAY = frozenset({"exclusiveGateway", "eventBasedGateway"})


def check_clocks(drawing: Drawing) -> Iterator[Message]:
    """Bad or unquoted durations, clocks that are no clocks, and timeouts that end or decide by themselves."""
    for node in drawing.nodes.values():
        if node.event != "timer":
            continue
        yield from _definition(node)
        if node.kind == "boundaryEvent" or _raced(drawing, node):
            yield from _timeout(drawing, node)
        elif node.kind == "intermediateCatchEvent":
            yield from _wait(drawing, node)


def clock_key(node: Node) -> str | None:
    """The policy key of a timer drawn as ``due('key')``, None for a fixed duration or no timer."""
    if node.timer is None or node.timer[0] != "timeDate":
        return None
    try:
        expression = compile_expression(node.timer[1])
    except ExpressionRefused:
        return None
    key = expression.clocks[0] if len(expression.clocks) == 1 else ""
    return key if expression.plain in {f"due ( '{key}' )", f'due ( "{key}" )'} else None


def _definition(node: Node) -> Iterator[Message]:
    kind, text = node.timer or ("", "")
    if kind == "timeDate":
        key = clock_key(node)
        if key is None or not _KEY.fullmatch(key):
            wanted = N_("{element}：timeDate 须写作 due('期限名')；见到“{seen}”")
            yield message(wanted, element=node.label, seen=printable(text))
    elif kind == "timeDuration":
        quoted = re.fullmatch(r"([\"'])(.*)\1", text, re.DOTALL)
        if quoted is None:
            wanted = N_('{element}：时长须加引号，如 "P3D"；见到“{seen}”')
            yield message(wanted, element=node.label, seen=printable(text))
        elif not _DURATION.fullmatch(quoted[2]) or not re.search(r"[1-9]", quoted[2]):
            wanted = N_('{element}：时长须为大于零的 ISO 8601 时长，如 "P3D"、"PT2H"；见到“{seen}”')
            yield message(wanted, element=node.label, seen=printable(text))
    elif kind != "timeCycle":  # a cycle is refused as an element
        yield message(N_("{element}：定时器须有 timeDate 或 timeDuration"), element=node.label)


def _raced(drawing: Drawing, node: Node) -> bool:
    """Whether a catching timer stands behind an event gateway, where it can win against an answer."""
    sources = (drawing.nodes.get(flow.source) for flow in drawing.incoming[node.id])
    return any(source is not None and source.kind == "eventBasedGateway" for source in sources)


def _timeout(drawing: Drawing, timer: Node) -> Iterator[Message]:
    """One message for every step by which `timer` would act without a person."""
    aside = timer.kind == "boundaryEvent" and not timer.interrupting
    exits = drawing.outgoing[timer.id]
    if aside and len(exits) == 1:
        target = drawing.nodes.get(exits[0].target)
        if target and target.kind == "endEvent" and not target.event:
            return
    waiting: list[Flow] = list(exits)
    seen: set[str] = set()
    while waiting:
        node = drawing.nodes.get(waiting.pop(0).target)
        if node is None or node.id in seen or node.kind in _HUMAN:
            continue
        seen.add(node.id)
        joins = aside and node.kind in _JOINS and len(drawing.incoming[node.id]) > 1
        inside = _inside(drawing, node)
        if inside:
            waiting += [flow for start in inside for flow in drawing.outgoing[start.id]]
        elif node.kind in _PASSED and not joins:
            waiting += drawing.outgoing[node.id]
        else:
            decides = N_("{element}：到期不得自动作出决定：定时器 {timer} 不经人工任务就到达此处（{kind}）")
            yield message(decides, element=node.label, timer=timer.label, kind=node.kind)


def _inside(drawing: Drawing, node: Node) -> tuple[Node, ...]:
    """The start events of a sub-process or called process; a person must come first in there as well."""
    if node.kind == "subProcess":
        return drawing.starts.get(node.id, ())
    return drawing.starts.get(node.called, ()) if node.kind == "callActivity" else ()


def _wait(drawing: Drawing, timer: Node) -> Iterator[Message]:
    """One message for every end event by which the case would be closed because a day has come, no person acting."""
    waiting: list[Flow] = list(drawing.outgoing[timer.id])
    seen: set[str] = set()
    while waiting:
        node = drawing.nodes.get(waiting.pop(0).target)
        if node is None or node.id in seen or node.kind in _HUMAN:
            continue
        seen.add(node.id)
        waiting += drawing.outgoing[node.id]
        waiting += [flow for start in _inside(drawing, node) for flow in drawing.outgoing[start.id]]
        if node.kind != "endEvent":
            continue
        around = _around(drawing, node.scope)
        waiting += [flow for outer in around for flow in drawing.outgoing[outer.id]]
        if not around and (node.event == "terminate" or not _forked(drawing)):
            closes = N_("{element}：定时器 {timer} 一到，不经人工任务就会办结此件；到期后须先由人办理")
            yield message(closes, element=node.label, timer=timer.label)


def _around(drawing: Drawing, scope: str) -> tuple[Node, ...]:
    """The sub-process, or the calls of the process, that go on when `scope` ends; none for the case's own process."""
    nodes = drawing.nodes.values()
    return tuple(n for n in nodes if n.id == scope or (n.kind == "callActivity" and n.called == scope))


def _forked(drawing: Drawing) -> bool:
    """Whether several steps can be open at once, so that a plain end may end no more than its own branch."""
    return any(
        (node.kind not in _ONE_WAY and len(drawing.outgoing[node.id]) > 1)
        or (node.kind == "boundaryEvent" and not node.interrupting)
        for node in drawing.nodes.values()
    )
