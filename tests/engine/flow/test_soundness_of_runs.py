"""The explorer against real runs: whatever a case can be seen doing, the soundness check has thought of."""

from __future__ import annotations

from collections import Counter, deque
from random import Random

import pytest

from engine.flow import stepping
from engine.flow.drawing import Drawing, read_drawing
from engine.flow.hardened_xml import read_xml
from engine.flow.marking import MAX_SAME, Marking, TokenGame
from engine.flow.soundness import examine
from tests.engine.flow.drawings import MODELS
from tests.engine.flow.world import World

WALKS = 15
LONGEST = 20
Picture = frozenset[tuple[str, int]]


def pictures(drawing: Drawing) -> set[Picture]:
    """The open user tasks of every marking, as element and number."""
    game = TokenGame(drawing)
    seen: set[Marking] = set()
    waiting = deque(marking for process in drawing.mains for marking in game.begin(process))
    while waiting:
        marking = waiting.popleft()
        if marking not in seen:
            seen.add(marking)
            waiting += game.successors(marking)
    users = {node.id for node in drawing.nodes.values() if node.kind in {"userTask", "manualTask", "task"}}
    return {frozenset(Counter(t.node for t in marking if t.node in users).items()) for marking in seen}


@pytest.mark.parametrize("name", MODELS)
def test_every_state_of_a_real_case_was_explored(name: str) -> None:
    model = MODELS[name]
    drawing = read_drawing(read_xml(model.bpmn))
    known = {_without(picture, model.instances) for picture in pictures(drawing)}
    d = model.parse()
    for seed in range(WALKS):
        rnd = Random(seed)
        world = World(model.answers)
        step = stepping.start(d, model.first(rnd), world)
        for _ in range(LONGEST):
            assert _without(_picture(step), model.instances) in known
            if step.ended is not None:
                break
            if step.timers and (not step.tasks or rnd.random() < 0.3):
                step = stepping.fire(d, step.state, rnd.choice(step.timers).id, world)
            else:
                task = rnd.choice(step.tasks)
                facts = {f"x_{task.element}": rnd.randint(0, 99), **model.choices.get(task.element, lambda _: {})(rnd)}
                step = stepping.complete(d, step.state, task.id, facts, world)


def _picture(step: stepping.Step) -> Picture:
    """The explorer counts reminders that pile up only so far."""
    counted = Counter(task.element for task in step.tasks)
    return frozenset((element, min(number, MAX_SAME)) for element, number in counted.items())


def _without(picture: Picture, instances: frozenset[str]) -> Picture:
    """The explorer takes a multi-instance step for one step, so its instances are left out of both sides."""
    return frozenset((element, number) for element, number in picture if element not in instances)


@pytest.mark.parametrize("name", MODELS)
def test_every_proven_drawing_can_end_and_has_no_dead_step(name: str) -> None:
    report = examine(MODELS[name].bpmn)
    assert report.can_always_end
    assert report.unreachable == ()
