"""A case may be returned a thousand times: its state stays as small as on the first day.

The library's tree grows with every round; at a depth of 1,000 its walks return nothing, and the case hangs without an
error (engine.md §1.2).
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.flow import definition, stepping
from tests.engine.flow.drawing import Draw, document
from tests.engine.flow.world import World, tree_size


def _plain(p: Draw) -> None:
    p.user("a")
    p.user("b")
    p.chain("merge", "a", "b", "g")


def _timed(p: Draw) -> None:
    """The clock on `a` marks lateness every round, and a reminder opens a task beside that somebody closes."""
    _plain(p)
    p.late("late_a", "a")
    p.end("late_end")
    p.chain("late_a", "late_end")
    p.late("remind", "b")
    p.user("phone")
    p.end("phoned")
    p.chain("remind", "phone", "phoned")


def _inside(p: Draw) -> None:
    inner = p.inside("sub")
    inner.start("s2")
    inner.gate("parallel", "split", "join")
    inner.user("a")
    inner.user("b")
    inner.end("e2")
    inner.chain("s2", "split", "a", "join", "e2")
    inner.chain("split", "b", "join")
    p.chain("merge", "sub", "g")


def _several(p: Draw) -> None:
    p.user("a")
    p.many("a", over="people")
    p.user("b")
    p.chain("merge", "a", "b", "g")


def _ways(p: Draw) -> None:
    p.gate("inclusive", "split", "join")
    p.user("a")
    p.user("b")
    p.chain("merge", "split")
    p.flow("split", "a", "more")
    p.flow("split", "b", default=True)
    p.chain("a", "join", "g")
    p.chain("b", "join")


def drawn(middle: Callable[[Draw], None]) -> definition.ParsedDefinition:
    p = Draw()
    p.start()
    p.gate("exclusive", "merge", "g")
    p.end("end")
    p.chain("start", "merge")
    middle(p)
    p.flow("g", "merge", "more")
    p.flow("g", "end", default=True)
    return definition.parse("p", document(p))


def one_round(d: definition.ParsedDefinition, step: stepping.Step, *, more: bool) -> stepping.Step:
    """Every clock that runs is fired once, and everybody answers once."""
    world = World()
    for element in ("a", "phone", "b"):
        for timer in step.timers:
            step = stepping.fire(d, step.state, timer.id, world)
        for task in step.tasks:
            if task.element == element:
                step = stepping.complete(d, step.state, task.id, {"more": more, "x_a": 1}, world)
    return step


@pytest.mark.parametrize("middle", [_plain, _timed, _inside, _several, _ways], ids=lambda fn: fn.__name__.strip("_"))
def test_a_thousand_rounds_leave_the_state_as_it_was_after_the_third(middle: Callable[[Draw], None]) -> None:
    d = drawn(middle)
    step = stepping.start(d, {"people": ["no0", "no1", "no2"], "more": True}, World())
    sizes = []
    for _ in range(1_000):
        step = one_round(d, step, more=True)
        sizes.append((tree_size(d, step.state), len(step.state)))
    # Bytes may differ by the width of the running numbers only.
    assert {tree for tree, _ in sizes[2:]} == {sizes[2][0]}
    assert max(size for _, size in sizes) - sizes[2][1] <= 3 * (sizes[2][0] * 2 + 1)
    while step.ended is None:
        step = one_round(d, step, more=False)
    assert step.ended == "end"


def test_a_thousand_automatic_elements_within_one_step_break_no_recursion() -> None:
    """The library looks for ancestors recursively; a sub-process with a clock on it makes it climb to the root."""
    p = Draw()
    p.start()
    inner = p.inside("sub")
    inner.start("s2")
    inner.perform("work", "count")
    inner.end("e2")
    inner.chain("s2", "work", "e2")
    p.late("remind", "sub")
    p.end("late_end")
    p.chain("remind", "late_end")
    p.gate("exclusive", "merge", "g")
    p.end("end")
    p.chain("start", "merge", "sub", "g")
    p.flow("g", "merge", "rounds < 300")
    p.flow("g", "end", default=True)
    world = World({"count": lambda f: {"rounds": f["rounds"] + 1}})
    step = stepping.start(definition.parse("p", document(p)), {"rounds": 0}, world)
    assert (step.ended, step.facts["rounds"], step.timers) == ("end", 300, ())
    assert len(step.passed) > 1_000
