"""Can it always end? Explores every way a case can take through a drawing and says what is wrong with the drawing.

Found by exploring: ways that cannot end, joins that wait for ever, steps that can never be reached, the same step open
twice. Found by looking: user tasks without form, lane or clock, loops without a person, splits that never join, conditions
on facts that nobody supplies. The exploration is bounded; a report says whether it was complete.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container
from dataclasses import dataclass

from engine.flow.drawing import MAX_NODES, Drawing, bpmn, read_drawing
from engine.flow.hardened_xml import RefusedXml, read_xml
from engine.flow.marking import Exhausted, Marking, TokenGame
from engine.flow.soundness_drawing import Finding, look_at
from engine.messages import N_, Message, message

__all__ = ["Finding", "Report", "examine", "report_lines"]

MAX_STATES = 20_000
NAMED = 8  # ids listed in one message


@dataclass(frozen=True)
class Report:
    """What is wrong (nothing: `findings` is empty) and how far the exploration came.

    `can_always_end`: from every reachable state the end can be reached, proven (False when not `complete`).
    `unreachable`: ids of nodes no case can enter. `states`: markings visited.
    """

    findings: tuple[Finding, ...]
    can_always_end: bool
    unreachable: tuple[str, ...]
    states: int
    complete: bool

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that must be mended before the drawing is used."""
        return tuple(finding for finding in self.findings if finding.level == "error")


def examine(xml: bytes, *, forms: Container[str] | None = None, supplied: Container[str] | None = None) -> Report:
    """Explore the drawing `xml`; never raises for what it contains.

    `forms`: the form keys that exist. `supplied`: the facts that some form, decision or operation answers. When one of them
    is None its check is left out.
    """
    try:
        root = read_xml(xml)
    except RefusedXml as refused:
        return Report((Finding("error", "—", refused.why),), False, (), 0, False)
    drawing = read_drawing(root)
    if bpmn(root) != "definitions" or not any(drawing.starts[process] for process in drawing.mains):
        nothing = message(N_("文件中没有可启动的流程（须可执行，并有开始事件）"))
        return Report((Finding("error", root.get("id") or "—", nothing),), False, (), 0, False)
    size = max(len(drawing.nodes), len(drawing.flows))
    if size > MAX_NODES:
        large = message(N_("图中有 {seen} 个步骤或顺序流，超过上限 {limit}"), seen=size, limit=MAX_NODES)
        return Report((Finding("error", drawing.mains[0], large),), False, (), 0, False)
    findings = look_at(drawing, forms, supplied)
    explored = _Exploration(drawing)
    findings += explored.findings()
    ordered = sorted(findings, key=lambda finding: finding.level)
    sound = explored.complete and not explored.stuck and not explored.endless
    return Report(tuple(ordered), sound, explored.unreachable, len(explored.seen), explored.complete)


def always_ends(drawing: Drawing, marking: Marking) -> bool:
    """Whether a case that stands on `marking` can come to an end whatever happens; True as well when that was not explored."""
    explored = _Exploration(drawing, marking)
    return not explored.complete or not (explored.stuck or explored.endless)


def startable(xml: bytes) -> tuple[str, ...]:
    """Ids of the processes of a drawing that can be started; empty when it cannot be read."""
    try:
        return read_drawing(read_xml(xml)).mains
    except RefusedXml:
        return ()


class _Exploration:
    """All reachable markings, and from which of them the end can be reached."""

    def __init__(self, drawing: Drawing, begin_at: Marking | None = None) -> None:
        self.drawing = drawing
        self.begin_at = begin_at
        self.game = TokenGame(drawing)
        self.seen: dict[Marking, set[Marking]] = {}  # marking → the markings before it
        self.stuck: list[Marking] = []  # nothing can happen any more, and the case has not ended
        self.complete = True
        self._explore()
        ending = self._leading_to([()] if () in self.seen else [])
        hopeless = [marking for marking in self.seen if marking not in ending]
        before_stuck = self._leading_to(self.stuck)
        self.endless = [marking for marking in hopeless if marking not in before_stuck] if self.complete else []
        self.unreachable = tuple(node for node in drawing.nodes if node not in self.game.entered)

    def _explore(self) -> None:
        waiting: deque[Marking] = deque()
        try:
            for marking in self._first():
                self.seen.setdefault(marking, set())
                waiting.append(marking)
            while waiting:
                marking = waiting.popleft()
                after = self.game.successors(marking)
                # Where the game declined to go on, nothing is known; that is not being stuck.
                if marking and not after and not self.game.partial:
                    self.stuck.append(marking)
                waiting += [following for following in after if following not in self.seen]
                for following in after:
                    self.seen.setdefault(following, set()).add(marking)
                if len(self.seen) > MAX_STATES:
                    self.complete = False
                    break
        except Exhausted:
            self.complete = False
        self.complete = self.complete and not self.game.partial

    def _first(self) -> set[Marking]:
        if self.begin_at is not None:
            return {self.begin_at}
        return {marking for process in self.drawing.mains for marking in self.game.begin(process)}

    def _leading_to(self, goals: list[Marking]) -> set[Marking]:
        reached = set(goals)
        waiting = list(goals)
        while waiting:
            for before in self.seen[waiting.pop()] - reached:
                reached.add(before)
                waiting.append(before)
        return reached

    def findings(self) -> list[Finding]:
        """What the exploration shows, one finding for each element."""
        return [*self._waits(), *self._endless(), *self._unreached(), *self._twice(), *self._incomplete()]

    def _waits(self) -> list[Finding]:
        found: dict[str, Finding] = {}
        for marking in self.stuck:
            for token in marking:
                if token.flow and token.node not in found:
                    filled = {t.flow for t in marking if t.node == token.node and t.path == token.path}
                    missing = [f.id for f in self.drawing.incoming[token.node] if f.id not in filled]
                    waits = N_("汇合处可能永远等不到 {missing}：有的路径不会从那里来")
                    why = message(waits, missing="、".join(missing))
                    found[token.node] = Finding("error", token.node, why)
        return list(found.values())

    def _endless(self) -> list[Finding]:
        nodes = sorted({token.node for marking in self.endless for token in marking})
        if not nodes:
            return []
        why = message(N_("从这里起没有通向结束的路径：{nodes}"), nodes="、".join(nodes[:NAMED]))
        return [Finding("error", nodes[0], why)]

    def _unreached(self) -> list[Finding]:
        if not self.complete:
            return []
        return [Finding("error", node, message(N_("任何案件都到不了这里"))) for node in self.unreachable]

    def _twice(self) -> list[Finding]:
        found = []
        for node in sorted(self.game.doubled | self.game.unbounded):
            if node in self.game.unbounded:
                found.append(Finding("error", node, message(N_("这里可能同时出现没有上限的多份：分支没有汇合"))))
            elif node in self.game.aside:
                found.append(Finding("warning", node, message(N_("定时器引出的这一步可能同时有多份"))))
            else:
                found.append(Finding("error", node, message(N_("这一步可能同时有两份：并行分支未汇合就到达"))))
        return found

    def _incomplete(self) -> list[Finding]:
        if self.complete:
            return []
        why = message(N_("可能的状态太多或没有上限，只查了 {states} 个，未能证明总能结束"), states=len(self.seen))
        return [Finding("warning", self.drawing.mains[0], why)]


def report_lines(report: Report, translate: Callable[[str], str] = str) -> list[str]:
    """The report for a terminal: one line for each finding, errors first, and a last line that sums up."""
    levels = {"error": translate(_ERROR), "warning": translate(_WARNING)}
    lines = [f"{levels[f.level]} {f.element}: {f.message.render(translate)}" for f in report.findings]
    ends: Message = message(_ENDS if report.can_always_end else _MAY_NOT_END, states=report.states)
    return [*lines, ends.render(translate)]


_ERROR = N_("错误")
_WARNING = N_("提醒")
_ENDS = N_("查遍 {states} 个状态，每条路径都能结束。")
_MAY_NOT_END = N_("查了 {states} 个状态，不能证明每条路径都能结束。")
