"""What a case may have passed already: for telling which new or changed elements it would never see.

A new element is behind a case when one can come to it from the start without meeting the case's tokens, and from it on to one of
them: by ways of which the case has done every step. Elements only ahead of the tokens will still be met; so will everything
behind that a return leads through again, and then no harm is done.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from engine.flow.comparing import conditions_of, loop_of

if TYPE_CHECKING:
    from engine.flow.drawing import Drawing, Node

_STEPS = frozenset({"userTask", "manualTask", "task"})
_WORK = _STEPS | {"serviceTask", "sendTask", "businessRuleTask", "subProcess", "callActivity", "intermediateCatchEvent"}
_CHOICES = frozenset({"exclusiveGateway", "inclusiveGateway"})
_SCOPED = frozenset({"subProcess", "callActivity"})
#: what of a step concerns a case that has done it: what was asked, who was asked, how it was answered
_CONCERNS = ("kind", "form", "lane", "decision", "operation", "called", "signing")


class Passed:
    """Two drawings, and the ways of the new one."""

    def __init__(self, before: Drawing, after: Drawing, renamed: Mapping[str, str]) -> None:
        self.before, self.after = before, after
        self.back = {new: old for old, new in renamed.items()}
        self.renamed = renamed

    @cached_property
    def news(self) -> frozenset[str]:
        """Elements of the new drawing at which something would be done, or decided, that was not done or decided before."""
        return frozenset(node.id for node in self.after.nodes.values() if self._is_news(node))

    def _is_news(self, node: Node) -> bool:
        old = self.before.nodes.get(self.back.get(node.id, node.id))
        if old is None or (node.id not in self.back and old.id in self.renamed):
            return node.kind in _WORK or (node.kind in _CHOICES and len(self.after.outgoing.get(node.id, ())) > 1)
        if node.kind in _CHOICES:
            return conditions_of(self.before, old) != conditions_of(self.after, node)
        if node.kind not in _WORK:
            return False
        return any(getattr(old, name) != getattr(node, name) for name in _CONCERNS) or loop_of(old) != loop_of(node)

    @cached_property
    def ways(self) -> Mapping[str, frozenset[str]]:
        """Node → the nodes right after it, into and out of sub-processes and called processes, and by boundary events."""
        drawing = self.after
        found: dict[str, set[str]] = {key: set() for key in drawing.nodes}
        for node in drawing.nodes.values():
            targets = {flow.target for flow in drawing.outgoing.get(node.id, ())}
            found[node.id] |= {event.id for event in drawing.boundary.get(node.id, ())}
            scope = node.called if node.kind == "callActivity" else node.id
            if node.kind not in _SCOPED:
                found[node.id] |= targets
                continue
            found[node.id] |= {start.id for start in drawing.starts.get(scope, ())}
            for end in drawing.nodes.values():
                if end.kind == "endEvent" and end.scope == scope:
                    found[end.id] |= targets
        return {key: frozenset(after & drawing.nodes.keys()) for key, after in found.items()}

    def skipped(self, here: Collection[str], visited: Collection[str]) -> tuple[str, ...]:
        """The news behind tokens that stand on `here`, for a case that has had the steps `visited` (old ids)."""
        if not self.news:
            return ()
        had = {self.renamed.get(step, step) for step in visited}
        steps = {node.id for node in self.after.nodes.values() if node.kind in _STEPS}
        closed = steps - had - self.news
        known = {self.renamed.get(key, key) for key in self.before.nodes}
        closed |= {key for key in self.news & steps if key in known and key not in had}
        starts = [start.id for process in self.after.mains for start in self.after.starts[process]]
        reached = self._walk(starts, set(here) | closed)
        before_here = self._back_from(here, closed)
        return tuple(sorted((self.news & reached & before_here) - set(here)))

    def _walk(self, starts: Collection[str], stop: Collection[str]) -> set[str]:
        seen: set[str] = set()
        work = [start for start in starts if start not in stop]
        while work:
            node = work.pop()
            if node not in seen:
                seen.add(node)
                work += [after for after in self.ways[node] if after not in stop]
        return seen

    def _back_from(self, here: Collection[str], closed: Collection[str]) -> set[str]:
        """Nodes from which a token of `here` can be come to without doing a step of `closed` and without passing `here`."""
        before: dict[str, set[str]] = {key: set() for key in self.ways}
        for key, targets in self.ways.items():
            for target in targets:
                before[target].add(key)
        seen: set[str] = set()
        work = [key for stand in here for key in before.get(stand, ())]
        while work:
            node = work.pop()
            if node not in seen and node not in closed and node not in here:
                seen.add(node)
                work += before[node]
        return seen

    def only_way(self, source: str, inputs: Collection[str], join: str) -> str | None:
        """Which of the `inputs` of a join a branch that came by `source` would come by now; None unless exactly one."""
        if source not in self.ways:
            return None
        reached = self._walk([source], {join})
        found = [each for each in inputs if each in reached]
        return found[0] if len(found) == 1 else None
