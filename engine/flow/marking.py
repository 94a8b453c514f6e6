"""How tokens move through a drawing, for exploring it (never for running a case): every choice and every timeout is taken.

A token rests where somebody or something is waited for: on an activity of a person, a timer, a sub-process, or before a
join. Automatic steps and gateways are passed at once. Exclusive gateways may choose any way, inclusive ones any ways that a
set of conditions could open, timers may go off at any time while they are armed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.flow.drawing import Drawing, Flow, Node

#: the plain task and the manual task wait as well: the library takes them for work of a person
RESTING = frozenset({"userTask", "manualTask", "task", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})
SCOPED = frozenset({"subProcess", "callActivity", "transaction", "adHocSubProcess"})
MAX_SAME = 2  # tokens of one kind; a third means that nothing bounds them
MAX_PENDING = 60
MAX_WORK = 100_000  # moves of one exploration
MAX_NESTING = 8  # sub-processes and calls inside each other
MAX_WAYS = 6  # exits of an inclusive split whose combinations are all tried


class Token(NamedTuple):
    """A resting token. `path` is the chain of sub-processes around it; `flow` is set when it waits before a join.

    `armed` holds the non-interrupting timers of its activity that have not gone off yet.
    """

    path: tuple[str, ...]
    node: str
    flow: str = ""
    armed: tuple[str, ...] = ()


Marking = tuple[Token, ...]
Pending = tuple[tuple[tuple[str, ...], str], ...]  # (path, flow id) still to be followed


class Exhausted(Exception):
    """The exploration has used up its moves; what was found so far is true but not all."""


class TokenGame:
    """The moves of one drawing, and what was noticed on the way: nodes entered, doubled or without bound."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.entered: set[str] = set()
        self.doubled: set[str] = set()
        self.unbounded: set[str] = set()
        self.partial = False
        #: nodes that only a non-interrupting timer leads to: reminders, which run beside the case
        self.aside = frozenset(drawing.nodes) - _mainstream(drawing)
        self._flows = {flow.id: flow for flow in drawing.flows}
        self._work = 0
        self._upstream: dict[tuple[str, str], frozenset[str]] = {}

    def begin(self, process: str) -> set[Marking]:
        """The markings right after the start of `process`."""
        return self._settle((), self._opened((), process))

    def successors(self, marking: Marking) -> set[Marking]:
        """Every marking one act, answer or timeout later."""
        found: set[Marking] = set()
        for token in dict.fromkeys(marking):
            if not token.flow:
                rest = _without(marking, token)
                for kept, exits in self._moves(token, rest):
                    found |= self._settle(kept, exits)
        return found

    def _moves(self, token: Token, rest: Marking) -> Iterator[tuple[Marking, Pending]]:
        node = self.drawing.nodes[token.node]
        if node.kind == "eventBasedGateway":
            for flow in self.drawing.outgoing[node.id]:
                self.entered.add(flow.target)
                yield rest, self._exits(token.path, flow.target)
        elif node.kind not in SCOPED:
            yield rest, self._exits(token.path, node.id)
        inside = (*token.path, node.id)
        for event in self.drawing.boundary[node.id]:
            if event.interrupting:
                self.entered.add(event.id)
                outside = tuple(t for t in rest if not _within(t.path, inside))
                yield outside, self._exits(token.path, event.id)
            elif event.id in token.armed:
                self.entered.add(event.id)
                again = token._replace(armed=tuple(a for a in token.armed if a != event.id))
                yield _with(rest, again), self._exits(token.path, event.id)

    def _settle(self, marking: Marking, pending: Pending) -> set[Marking]:
        """Follow all `pending` flows until every token rests; one marking for each combination of choices."""
        results: set[Marking] = set()
        seen: set[tuple[Marking, Pending]] = set()
        waiting = [(marking, pending)]
        while waiting:
            state = waiting.pop()
            if state in seen:
                continue
            seen.add(state)
            self._work += 1
            if self._work > MAX_WORK:
                raise Exhausted
            now, todo = state
            if len(todo) > MAX_PENDING:
                self.unbounded.add(self._flows[todo[0][1]].target)
                self.partial = True
            elif todo:
                waiting += self._arrive(now, todo[1:], *todo[0])
            else:
                more = self._released(now)
                waiting += more
                results |= set() if more else {now}
        return results

    def _arrive(
        self, marking: Marking, rest: Pending, path: tuple[str, ...], flow_id: str
    ) -> list[tuple[Marking, Pending]]:
        """One token reaches the end of a flow: the alternatives it leads to."""
        flow = self._flows[flow_id]
        node = self.drawing.nodes.get(flow.target)
        if node is None:
            return [(marking, rest)]
        self.entered.add(node.id)
        if node.kind == "endEvent":
            return [self._ended(marking, rest, path, node)]
        if node.kind in RESTING or node.kind in SCOPED:
            return self._rested(marking, rest, path, node)
        if node.kind in {"parallelGateway", "inclusiveGateway"} and len(self.drawing.incoming[node.id]) > 1:
            return self._joined(marking, rest, path, flow, node)
        return [(marking, rest + chosen) for chosen in self._choices(path, node)]

    def _choices(self, path: tuple[str, ...], node: Node) -> list[Pending]:
        exits = self._exits(path, node.id)
        if node.kind == "exclusiveGateway":
            return [(one,) for one in exits]
        if node.kind != "inclusiveGateway" or len(exits) < 2:
            return [exits]
        conditional = tuple(one for one in exits if one[1] != node.default)
        sizes = range(1, len(conditional) + 1) if len(conditional) <= MAX_WAYS else (1, len(conditional))
        chosen = [some for size in sizes for some in combinations(conditional, size)]
        return chosen + [(one,) for one in exits if one[1] == node.default]

    def _ended(self, marking: Marking, rest: Pending, path: tuple[str, ...], node: Node) -> tuple[Marking, Pending]:
        if node.event != "terminate":
            return marking, rest
        kept = tuple(token for token in marking if not _within(token.path, path))
        return kept, tuple(one for one in rest if not _within(one[0], path))

    def _rested(
        self, marking: Marking, rest: Pending, path: tuple[str, ...], node: Node
    ) -> list[tuple[Marking, Pending]]:
        same = sum(token.path == path and token.node == node.id for token in marking)
        if same:
            self.doubled.add(node.id)
        scoped = node.kind in SCOPED
        if same >= MAX_SAME and node.id in self.aside and not scoped:
            # Reminders of a loop may pile up; a third copy does what the second does.
            return [(marking, rest)]
        if same >= MAX_SAME or (same and scoped) or (scoped and len(path) >= MAX_NESTING):
            # Two runs of one sub-process would share their inside here, so they are noticed and not followed.
            self.partial = True
            self.unbounded |= {node.id} if same >= MAX_SAME else set()
            return []
        armed = tuple(event.id for event in self.drawing.boundary[node.id] if self._matters(event))
        inner = (*path, node.id)
        scope = node.called if node.kind == "callActivity" else node.id
        opened = self._opened(inner, scope) if scoped else ()
        return [(_with(marking, Token(path, node.id, "", armed)), rest + opened)]

    def _matters(self, event: Node) -> bool:
        """Whether a non-interrupting timer changes the marking; one that runs straight into a plain end does not."""
        if event.interrupting:
            return False
        targets = [self.drawing.nodes.get(flow.target) for flow in self.drawing.outgoing[event.id]]
        if any(target is None or target.kind != "endEvent" or target.event for target in targets):
            return True
        self.entered |= {event.id, *(target.id for target in targets if target)}
        return False

    def _joined(
        self, marking: Marking, rest: Pending, path: tuple[str, ...], flow: Flow, node: Node
    ) -> list[tuple[Marking, Pending]]:
        token = Token(path, node.id, flow.id)
        if marking.count(token) >= MAX_SAME:
            self.unbounded.add(node.id)
            self.partial = True
            return []
        arrived = _with(marking, token)
        if node.kind == "inclusiveGateway":  # decided when everything else rests
            return [(arrived, rest)]
        needed = [Token(path, node.id, incoming.id) for incoming in self.drawing.incoming[node.id]]
        if not all(one in arrived for one in needed):
            return [(arrived, rest)]
        for one in needed:
            arrived = _without(arrived, one)
        return [(arrived, rest + self._exits(path, node.id))]

    def _released(self, marking: Marking) -> list[tuple[Marking, Pending]]:
        """What happens by itself once all tokens rest: a sub-process is done, or an inclusive join need wait no more."""
        for token in marking:
            node = self.drawing.nodes[token.node]
            inside = (*token.path, node.id)
            if node.kind in SCOPED and not any(_within(other.path, inside) for other in marking):
                return [(_without(marking, token), self._exits(token.path, node.id))]
            if node.kind == "inclusiveGateway" and not self._awaited(marking, token):
                arrived = {t for t in marking if t.path == token.path and t.node == node.id}
                kept = marking
                for one in arrived:
                    kept = _without(kept, one)
                return [(kept, rest) for rest in self._choices(token.path, node)]
        return []

    def _awaited(self, marking: Marking, token: Token) -> bool:
        """Whether another token of the same scope can still reach an empty way into the inclusive join of `token`."""
        filled = {t.flow for t in marking if t.path == token.path and t.node == token.node}
        empty = [flow for flow in self.drawing.incoming[token.node] if flow.id not in filled]
        full = [flow for flow in self.drawing.incoming[token.node] if flow.id in filled]
        others = {t.node for t in marking if t.path == token.path and t.node != token.node}
        late = frozenset().union(*(self._before(token.node, flow) for flow in empty))
        early = frozenset().union(*(self._before(token.node, flow) for flow in full))
        return bool(others & (late - early))

    def _before(self, join: str, flow: Flow) -> frozenset[str]:
        """Nodes from which a token can come along `flow` without passing `join`."""
        if (join, flow.id) not in self._upstream:
            reached: set[str] = set()
            waiting = [flow.source]
            while waiting:
                node = waiting.pop()
                if node in reached or node == join or node not in self.drawing.nodes:
                    continue
                reached.add(node)
                waiting += [before.source for before in self.drawing.incoming[node]]
                waiting += [self.drawing.nodes[node].attached_to]
            self._upstream[join, flow.id] = frozenset(reached)
        return self._upstream[join, flow.id]

    def _opened(self, path: tuple[str, ...], scope: str) -> Pending:
        starts = self.drawing.starts.get(scope, ())
        self.entered |= {start.id for start in starts}
        return tuple(one for start in starts for one in self._exits(path, start.id))

    def _exits(self, path: tuple[str, ...], node: str) -> Pending:
        return tuple((path, flow.id) for flow in self.drawing.outgoing.get(node, ()))


def _mainstream(drawing: Drawing) -> set[str]:
    """Nodes that a case can reach without any non-interrupting timer."""
    reached: set[str] = set()
    waiting = [start.id for process in drawing.mains for start in drawing.starts[process]]
    while waiting:
        node = waiting.pop()
        if node in reached or node not in drawing.nodes:
            continue
        reached.add(node)
        waiting += [flow.target for flow in drawing.outgoing[node]]
        waiting += [event.id for event in drawing.boundary[node] if event.interrupting]
        waiting += [start.id for start in drawing.starts.get(drawing.nodes[node].called or node, ())]
    return reached


def _within(path: tuple[str, ...], scope: tuple[str, ...]) -> bool:
    return path[: len(scope)] == scope


def _with(marking: Marking, token: Token) -> Marking:
    return tuple(sorted((*marking, token)))


def _without(marking: Marking, token: Token) -> Marking:
    place = marking.index(token)
    return marking[:place] + marking[place + 1 :]
